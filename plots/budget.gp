# Where the core-seconds went: a bar for each configuration, as high as workers times wall time, split into its parts.
# Columns: bar, part, from, to (seconds), percent, workers, at, part's name, variant. What took less CPU time than with one
# worker (super-linear) hangs below the axis.
set xlabel XLABEL noenhanced
set ylabel YLABEL noenhanced
eval 'set xtics '.TICKS.' scale 0'
set xrange [XMIN:XMAX]
set yrange [YMIN:YMAX]
# Names of groups that stand close take turns between two rows.
TURNS = SMALL && |GROUP| > 2
set bmargin BELOW + 1 + TURNS
set xlabel offset 0, (DUMB ? -1 : -0.6) - TURNS
if (YMIN < 0) { set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead lc rgb GREY lw 1 front }
do for [g=1:|GROUP|] {
	set label 10+g GROUP[g] at first GROUP_X[g], graph 0 offset 0, character (DUMB ? -2 : -2.1) - (TURNS && g % 2 == 0) center font small noenhanced
}

# In the order of the parts; what is useful is filled, what is lost is filled too but told apart by the pattern as well.
array COLOUR[8] = [BLUE, GREEN, ORANGE, YELLOW, VERMILLION, PURPLE, SKY, BLACK]
array PATTERN[8] = [3, 3, 5, 1, 4, 2, 6, 7]
part(k) = column(2) == num(k) ? column(1) : NaN

do for [F in FORMATS] {
	eval begin(F)
	plot for [i=words(PARTS):1:-1] DATA skip 1 using (part(word(PARTS, i))):(($3+$4)/2/UNIT):($1-0.38):($1+0.38):($3/UNIT):($4/UNIT) \
	         with boxxyerror lc rgb COLOUR[num(word(PARTS, i))] fs pattern PATTERN[num(word(PARTS, i))] border lc rgb COLOUR[num(word(PARTS, i))] \
	         title name(word(PARTS, i)), \
	     for [k in (DUMB ? '' : PARTS)] DATA skip 1 using (abs($4-$3) >= LABEL_LEAST ? part(k) : NaN):(($3+$4)/2/UNIT):(sprintf(LABEL, $5)) \
	         with labels font small textcolor rgb (k eq '1' ? PAPER : BLACK) notitle
	unset output
}
