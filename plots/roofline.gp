# Roofline: how fast a kernel runs against how much arithmetic it does for each byte, under the measured ceilings of memory
# and arithmetic. Columns: series, flops for each byte, Gflop/s, low, high, what.
set xlabel XLABEL noenhanced
set ylabel YLABEL noenhanced
set logscale xy
set format '%g'
set grid xtics ytics ls 99
set xrange [XMIN:XMAX]
set yrange [YMIN:YMAX]
do for [i=1:|POINT_TEXT|] {
	if (strlen(POINT_TEXT[i])) {
		if (log(POINT_X[i] / XMIN) > log(XMAX / XMIN) * (SMALL ? 0.55 : 0.8)) { set label 20+i POINT_TEXT[i] at first POINT_X[i], first POINT_Y[i] right offset character -1.2, 0 font small noenhanced } else { set label 20+i POINT_TEXT[i] at first POINT_X[i], first POINT_Y[i] offset character 1.2, 0 font small noenhanced }
	}
}

do for [F in FORMATS] {
	eval begin(F)
	plot for [k in ROOF] DATA skip 1 using (x(k)):3 with lines lc rgb BLACK lw 2 dt solid title name(k), \
	     for [k in ROOF_F32] DATA skip 1 using (x(k)):3 with lines lc rgb BLACK lw 1.6 dt (12,3,2,3) title name(k), \
	     for [k in ROOF_ONE] DATA skip 1 using (x(k)):3 with lines lc rgb GREY lw 1.6 dt (8,4) title name(k), \
	     for [k in KERNEL] DATA skip 1 using (x(k)):3 with lines ls style_of(k) lw 0.7 dt solid notitle, \
	     for [k in KERNEL] DATA skip 1 using (x(k)):3 with points ls style_of(k) ps 1.1 title name(k), \
	     for [k in KERNEL_HOLLOW] DATA skip 1 using (x(k)):3 with points ls hollow_of(k) ps 1.1 title name(k)
	unset output
}
