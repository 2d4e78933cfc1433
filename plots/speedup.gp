# Speedup against workers, and the laws. Columns: series, workers, speedup, low, high, what. The words IDEAL, FITTED, …
# hold the numbers of the series that play that part.
set xlabel XLABEL noenhanced
set ylabel YLABEL noenhanced
set logscale x 2
eval 'set xtics '.TICKS
set xrange [XMIN:XMAX]
set yrange [0:YMAX]
set key invert
if (SPLIT > 0) {
	set object 1 rectangle from first SPLIT, graph 0 to graph 1, graph 1 behind fillcolor rgb 0xf4f4f4 fillstyle solid noborder
	if (SMALL) { set label 5 BEYOND at graph 1, graph 0 right offset character -0.3, character 1.1 font small textcolor rgb GREY noenhanced } else { set label 5 (DUMB ? '' : BEYOND) at first SPLIT, graph 0 offset character 0.6, character 1.1 font small textcolor rgb GREY noenhanced }
}

do for [F in FORMATS] {
	eval begin(F)
	plot for [k in (DUMB ? '' : BAND)] DATA skip 1 using (x(k)):(low(k)):(high(k)) with filledcurves lc rgb 0xf7dfaf fs solid noborder title name(k), \
	     for [k in IDEAL] DATA skip 1 using (x(k)):3 with lines ls 5 title name(k), \
	     for [k in IDEAL_BEYOND] DATA skip 1 using (x(k)):3 with lines ls 15 title name(k), \
	     for [k in MEMORY] DATA skip 1 using (x(k)):3 with lines ls 6 title name(k), \
	     for [k in PROJECTED] DATA skip 1 using (x(k)):3 with lines ls 7 title name(k), \
	     for [k in USL] DATA skip 1 using (x(k)):3 with lines ls 8 title name(k), \
	     for [k in FITTED_BEYOND] DATA skip 1 using (x(k)):3 with lines ls 13 title name(k), \
	     for [k in PREDICTED_BEYOND] DATA skip 1 using (x(k)):3 with lines ls 14 title name(k), \
	     for [k in FITTED] DATA skip 1 using (x(k)):3 with lines ls 3 title name(k), \
	     for [k in PREDICTED] DATA skip 1 using (x(k)):3 with lines ls 4 title name(k), \
	     for [k in OTHER] DATA skip 1 using (x(k)):3 with linespoints ls style_of(k) title name(k), \
	     for [k in OTHER_HOLLOW] DATA skip 1 using (x(k)):3 with points ls hollow_of(k) title name(k), \
	     for [k in WRONG] DATA skip 1 using (x(k)):3 with points ls 10 title name(k), \
	     for [k in MEASURED_BARS] DATA skip 1 using (x(k)):3:(low(k)):(high(k)) with yerrorbars ls 1 pt 0 ps 0.1 notitle, \
	     for [k in HOLLOW_BARS] DATA skip 1 using (x(k)):3:(low(k)):(high(k)) with yerrorbars ls 2 pt 0 ps 0.1 notitle, \
	     for [k in MEASURED] DATA skip 1 using (x(k)):3 with points ls 1 title name(k), \
	     for [k in HOLLOW] DATA skip 1 using (x(k)):3 with points ls 2 title name(k), \
	     for [k in GUESS] DATA skip 1 using (x(k)):3 with points ls 9 title name(k)
	unset output
}
