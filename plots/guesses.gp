# Guesses divided by what was measured: a lane for each question. Columns: row, ratio, height in the lane, guess, measured, 1 for the
# median, lesson, step.
set xlabel XLABEL noenhanced
set logscale x
set xtics (0.033, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30)
set xrange [XMIN:XMAX]
set yrange [0.4:ROWS + 0.6]
unset ytics
set border 1 lc rgb GREY
unset grid
set grid xtics ls 99
set lmargin SMALL ? LANE_WIDTH : LANE_WIDTH
do for [i=1:|ROW|] {
	set label 50+i ROW[i] at graph 0, first i offset character -1, 0 right font small noenhanced
}
set object 1 rectangle from first 1 / 1.1, graph 0 to first 1.1, graph 1 behind fillcolor rgb 0xdcefe6 fillstyle solid noborder
set arrow 1 from first 1, graph 0 to first 1, graph 1 nohead lc rgb BLACK lw 1.4
is(m) = column(6) == m ? column(2) : NaN

do for [F in FORMATS] {
	eval begin(F)
	plot DATA skip 1 using (is(0)):($1+$3) with points lc rgb PURPLE lw 1.4 pt 12 ps 0.9 title GUESS, \
	     DATA skip 1 using (is(1)):1:(0):(0.4) with vectors nohead lc rgb ORANGE lw 3.5 notitle, \
	     DATA skip 1 using (is(1)):1:(0):(-0.4) with vectors nohead lc rgb ORANGE lw 3.5 title MEDIAN, \
	     NaN with boxes lc rgb 0xdcefe6 fs solid noborder title NEAR
	unset output
}
