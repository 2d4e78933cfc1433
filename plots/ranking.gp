# Our kernels beside what people would use instead. Columns: row, ratio (theirs / ours), low, high, look (which worker count), hollow,
# kernel, work, workers, peer, library.
set xlabel XLABEL noenhanced
set logscale x
set xtics (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000, 10000)
set xrange [XMIN:XMAX]
set yrange [0.4:ROWS + (SMALL ? 0.9 : 0.6)]
unset ytics
set border 1 lc rgb GREY
unset grid
set grid xtics ls 99
set lmargin SMALL ? 3 : LANE_WIDTH
if (SMALL) { set xtics (0.01, 0.1, 1, 10, 100, 1000, 10000) }
tiny = TEXT ? '' : ROWS > 20 ? ',8' : ',9'
do for [i=1:|ROW|] {
	if (SMALL) { set label 50+i ROW[i] at graph 0, first i offset 0, character 0.8 left font tiny noenhanced } else { set label 50+i ROW[i] at graph 0, first i offset character -1, 0 right font tiny noenhanced }
}
set arrow 1 from 1, graph 0 to 1, graph 1 nohead lc rgb BLACK lw 1.2
is(k, hollow) = column(5) == num(k) && column(6) == hollow ? column(2) : NaN

do for [F in FORMATS] {
	eval begin(F)
	plot for [k in LOOKS] DATA skip 1 using (is(k, 0)):1:3:4 with xerrorbars ls style_of(k) dt solid title name(k), \
	     for [k in LOOKS] DATA skip 1 using (is(k, 1)):1 with points ls hollow_of(k) notitle
	unset output
}
