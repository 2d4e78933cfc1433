# Speedup of many: each curve thin (or by name while they are few), their median and their middle half. Columns: series,
# workers, speedup, low, high, name.
set xlabel XLABEL noenhanced
set ylabel YLABEL noenhanced
set logscale x 2
eval 'set xtics '.TICKS
set xrange [XMIN:XMAX]
set yrange [0:YMAX]
set key invert

do for [F in FORMATS] {
	eval begin(F)
	plot for [k in (DUMB ? '' : BAND)] DATA skip 1 using (x(k)):(low(k)):(high(k)) with filledcurves lc rgb 0xf7dfaf fs solid noborder title name(k), \
	     for [k in IDEAL] DATA skip 1 using (x(k)):3 with lines ls 5 title name(k), \
	     for [k in EACH] DATA skip 1 using (x(k)):3 with lines lc rgb 0xa0a0a0 lw 0.7 dt solid notitle, \
	     for [k in EACH_HOLLOW] DATA skip 1 using (x(k)):3 with points lc rgb 0xa0a0a0 lw 0.7 pt 6 ps 0.6 notitle, \
	     for [k in OTHER_BARS] DATA skip 1 using (x(k)):3:(low(k)):(high(k)) with yerrorbars ls style_of(k) pt 0 ps 0.1 dt solid notitle, \
	     for [k in OTHER] DATA skip 1 using (x(k)):3 with linespoints ls style_of(k) title name(k), \
	     for [k in OTHER_HOLLOW] DATA skip 1 using (x(k)):3 with points ls hollow_of(k) title name(k), \
	     for [k in MEDIAN] DATA skip 1 using (x(k)):3 with linespoints ls 1 lw 2.6 title name(k)
	unset output
}
