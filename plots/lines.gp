# Lines of many variants over logarithmic axes (losses: over workers, in percent). Columns: series, x, y, low, high, what.
if (!exists("LEVEL_Y")) LEVEL_Y = NaN
if (!exists("ZONE_FROM")) ZONE_FROM = NaN
known(v) = v == v   # not NaN
set xlabel XLABEL noenhanced
set ylabel YLABEL noenhanced
if (LOGX) { set logscale x 2 }
if (LOGY) { set logscale y }
eval 'set xtics '.XTICKS
if (LOGY) { eval 'set ytics '.YTICKS }
set xrange [XMIN:XMAX]
set yrange [YMIN:YMAX]
if (!DUMB) { set lmargin SMALL ? 9.5 : 12 }
if (known(ZONE_FROM)) {
	set object 1 rectangle from first ZONE_FROM, graph 0 to first ZONE_TO, graph 1 behind fillcolor rgb 0xe4eef6 fillstyle solid noborder
	set label 5 (DUMB ? '' : ZONE) at first sqrt(ZONE_FROM * ZONE_TO), graph 0 offset 0, character 0.9 center font small textcolor rgb GREY noenhanced
}
if (known(LEVEL_Y)) {
	set arrow 1 from graph 0, first LEVEL_Y to graph 1, first LEVEL_Y nohead lc rgb GREY lw 1.6
	if (exists("LEVEL_ABOVE") && !DUMB) {
		set label 6 LEVEL_ABOVE at graph 0, first LEVEL_Y offset character 0.5, character 0.6 font small textcolor rgb GREY noenhanced
		set label 7 LEVEL_BELOW at graph 0, first LEVEL_Y offset character 0.5, character -0.6 font small textcolor rgb GREY noenhanced
	}
}

do for [F in FORMATS] {
	eval begin(F)
	plot for [k in FIT] DATA skip 1 using (x(k)):3 with lines ls style_of(k) dt (10,5) lw 1.1 notitle, \
	     for [k in FIT_MINE] DATA skip 1 using (x(k)):3 with lines ls 1 dt (10,5) lw 1.1 notitle, \
	     for [k in FIT_SERIAL] DATA skip 1 using (x(k)):3 with lines ls 5 notitle, \
	     for [k in LEVEL] DATA skip 1 using (x(k)):3 with lines ls 5 title name(k), \
	     for [k in (FITTED ? '' : SERIAL)] DATA skip 1 using (x(k)):3 with linespoints ls 5 pt 7 ps 0.7 title name(k), \
	     for [k in (FITTED ? SERIAL : '')] DATA skip 1 using (x(k)):3 with points ls 5 pt 7 ps 0.7 title name(k), \
	     for [k in OTHER_BARS] DATA skip 1 using (x(k)):3:(low(k)):(high(k)) with yerrorbars ls style_of(k) pt 0 ps 0.1 dt solid notitle, \
	     for [k in (FITTED ? '' : OTHER)] DATA skip 1 using (x(k)):3 with linespoints ls style_of(k) lw 1.4 title name(k), \
	     for [k in (FITTED ? OTHER : '')] DATA skip 1 using (x(k)):3 with points ls style_of(k) title name(k), \
	     for [k in (DUMB ? '' : OTHER_HOLLOW)] DATA skip 1 using (x(k)):3 with points pt 7 ps 0.45 lc rgb PAPER notitle, \
	     for [k in WRONG] DATA skip 1 using (x(k)):3 with points ls 10 title name(k), \
	     for [k in MEASURED_BARS] DATA skip 1 using (x(k)):3:(low(k)):(high(k)) with yerrorbars ls 1 pt 0 ps 0.1 notitle, \
	     for [k in (FITTED ? '' : MEASURED)] DATA skip 1 using (x(k)):3 with linespoints ls 1 title name(k), \
	     for [k in (FITTED ? MEASURED : '')] DATA skip 1 using (x(k)):3 with points ls 1 title name(k), \
	     for [k in (DUMB ? '' : HOLLOW)] DATA skip 1 using (x(k)):3 with points pt 7 ps 0.45 lc rgb PAPER notitle
	unset output
}
