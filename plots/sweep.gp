# Seconds against a swept parameter. Columns: series, value, seconds, low, high, what.
set xlabel XLABEL noenhanced
set ylabel YLABEL noenhanced
if (LOG) { set logscale x 2 }
eval 'set xtics '.TICKS
set xrange [XMIN:XMAX]
set yrange [0:YMAX]

do for [F in FORMATS] {
	eval begin(F)
	plot for [k in LEVEL] DATA skip 1 using (x(k)):($3/UNIT) with lines ls 5 title name(k), \
	     for [k in OTHER_BARS] DATA skip 1 using (x(k)):($3/UNIT):(low(k)/UNIT):(high(k)/UNIT) with yerrorbars ls style_of(k) pt 0 ps 0.1 notitle, \
	     for [k in OTHER] DATA skip 1 using (x(k)):($3/UNIT) with linespoints ls style_of(k) title name(k), \
	     for [k in MEASURED_BARS] DATA skip 1 using (x(k)):($3/UNIT):(low(k)/UNIT):(high(k)/UNIT) with yerrorbars ls 1 pt 0 ps 0.1 notitle, \
	     for [k in MEASURED] DATA skip 1 using (x(k)):($3/UNIT) with linespoints ls 1 title name(k), \
	     for [k in (DUMB ? HOLLOW : '')] DATA skip 1 using (x(k)):($3/UNIT) with points ls 2 title name(k), \
	     for [k in (DUMB ? '' : HOLLOW)] DATA skip 1 using (x(k)):($3/UNIT) with points pt 7 ps 0.45 lc rgb PAPER notitle, \
	     for [k in (DUMB ? '' : HOLLOW)] NaN with points ls 2 title name(k), \
	     for [k in WRONG] DATA skip 1 using (x(k)):($3/UNIT) with points ls 10 title name(k)
	unset output
}
