# Variants as bars, the first one on top. Columns: row, look, from, to, text at its end, variant, workers, busy.
set xlabel XLABEL noenhanced
set xrange [0:XMAX]
set yrange [0.4:ROWS + (ROOFS > 0 ? 0.5 + 0.45 * ROOFS : 0.6)]
unset ytics
if (SMALL) { set xtics XSTEP }
set border 1 lc rgb GREY
unset grid
set grid xtics ls 99
set lmargin SMALL ? LANE_WIDTH * 0.95 : LANE_WIDTH
do for [i=1:|ROW|] {
	set label 50+i ROW[i] at graph 0, first i offset character -1, 0 right font small noenhanced
}
do for [i=1:ROOFS] {
	if (ROOF[i] < XMAX) {
		set arrow 10+i from ROOF[i], graph 0 to ROOF[i], first ROWS + 0.55 + 0.45 * (i - 1) nohead lc rgb BLACK lw 1.6 dt i
		if (ROOF[i] > (SMALL ? 0.3 : 0.5) * XMAX) { set label 100+i ROOF_NAME[i] at first ROOF[i], first ROWS + 0.7 + 0.45 * (i - 1) offset character -0.5, 0 right font small noenhanced } else { set label 100+i ROOF_NAME[i] at first ROOF[i], first ROWS + 0.7 + 0.45 * (i - 1) offset character 0.5, 0 left font small noenhanced }
	}
}
array COLOUR[6] = [ORANGE, BLUE, YELLOW, GREY, SKY, GREEN]
array PATTERN[6] = [5, 3, 4, 7, 3, 3]
array PALER[6] = [0xf6dca0, 0xa3cbe4, 0xf8f3b0, 0xd0d0d0, 0xc4e3f5, 0xa0d8c8]
bar(k, busy) = column(2) == num(k) && column(8) == busy ? $3 / UNIT : NaN

set style textbox opaque noborder fillcolor rgb PAPER margins 0.6, 0.6 # no line of a roof through a number

do for [F in FORMATS] {
	eval begin(F)
	plot for [k in LOOKS] DATA skip 1 using (bar(k, 0)):1:($3/UNIT):($4/UNIT):($1-0.34):($1+0.34) \
	         with boxxyerror lc rgb COLOUR[num(k)] fs pattern PATTERN[num(k)] border lc rgb COLOUR[num(k)] title name(k), \
	     for [k in LOOKS] DATA skip 1 using (bar(k, 1)):1:($3/UNIT):($4/UNIT):($1-0.34):($1+0.34) \
	         with boxxyerror lc rgb PALER[num(k)] fs pattern PATTERN[num(k)] border lc rgb COLOUR[num(k)] notitle, \
	     for [k in (exists("UNBOXED") ? '' : '1')] DATA skip 1 using (stringcolumn(5) ne "-" ? $4/UNIT : NaN):1:(stringcolumn(5)) with labels left offset character 0.6, 0 font small boxed notitle, \
	     for [k in (exists("UNBOXED") ? '1' : '')] DATA skip 1 using (stringcolumn(5) ne "-" ? $4/UNIT : NaN):1:(stringcolumn(5)) with labels left offset character 0.6, 0 font small notitle
	unset output
}
