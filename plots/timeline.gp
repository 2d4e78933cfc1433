# Who ran when, in one kept round: a lane for each worker, above it the owner's serial part; or a lane for each core, and a
# colour for each worker. Columns: lane, colour, begin, end (seconds), core (-1: not known, or several), worker, variant, kind's name, low and high end of the box in
# its lane.
set xlabel XLABEL noenhanced
eval 'set ytics '.LANES.' scale 0'
set xrange [0:XMAX]
set yrange [0.3:YMAX]
unset grid
set grid xtics ls 99
set border 1 lc rgb GREY
set lmargin LANE_WIDTH
if (SMALL) { LABEL_LEAST = 3 * LABEL_LEAST }
do for [g=1:|GROUP|] {
	set label 10+g GROUP[g] at graph 0, first GROUP_Y[g] offset character 0.5, 0 noenhanced
}

array COLOUR[8] = [GREEN, ORANGE, VERMILLION, BLUE, SKY, PURPLE, YELLOW, GREY]
array PATTERN[8] = [3, 5, 2, 3, 1, 4, 6, 7]
if (BY_CORE) {
	array COLOUR[8] = [SKY, ORANGE, GREEN, YELLOW, VERMILLION, PURPLE, BLUE, BLACK]
	array PATTERN[8] = [3, 3, 3, 3, 3, 3, 3, 3]
}
kind(k) = column(2) == num(k) ? $3 / UNIT : NaN

do for [F in FORMATS] {
	eval begin(F)
	do for [g=1:|GROUP|] { set label 10+g font bold(F, 10) }
	plot for [k in KINDS] DATA skip 1 using (kind(k)):1:($3/UNIT):($4/UNIT):($1+$9):($1+$10) \
	         with boxxyerror lc rgb COLOUR[num(k)] fs pattern PATTERN[num(k)] border lc rgb COLOUR[num(k)] title name(k), \
	     for [k in (DUMB ? '' : LABELLED)] DATA skip 1 using (kind(k) + ($4-$3)/2/UNIT):1:($4 - $3 < LABEL_LEAST || $10 - $9 < 0.7 ? ' ' : BY_CORE ? $6 < 0 ? ' ' : sprintf(LABEL, $6) : $5 >= 0 ? sprintf(LABEL, $5) : ' ') \
	         with labels font small textcolor rgb ((BY_CORE ? num(k) > 6 : k eq '4') ? PAPER : BLACK) notitle
	unset output
}
