# What could be counted: a row for each configuration, a column for each counter, bars on a scale of their own in each
# column. Columns: column, row, share of the column's largest, value, text, counter's name, variant,
# workers.
unset border
BAR = DUMB ? 0 : SMALL ? 0.2 : COLUMNS > 8 ? 0.26 : 0.42
unset grid
unset key
set rmargin 3
set lmargin LANE_WIDTH
unset ytics
do for [i=1:|ROW|] {
	set label 50+i ROW[i] at graph 0, first i offset character -1, 0 right font (SMALL ? small : "") noenhanced
}
set xrange [1:COLUMNS + 1]
set yrange [0.4:ROWS + 0.6]
unset xtics
set tmargin ABOVE + HEADING_LINES * (DUMB ? 1 : 0.85)
set bmargin BELOW - 2 + ABSENT_LINES
do for [i=1:|HEADING|] {
	set label 20+i HEADING[i] at first i, graph 1 offset 0, character HEADING_LINES * (DUMB ? 1 : 0.85) - (DUMB ? 0 : 0.2) noenhanced
}
set label 5 ABSENT at screen 0, screen 0 offset character 2, character (DUMB ? 1 : BELOW - 3.9) + ABSENT_LINES font small noenhanced

do for [F in FORMATS] {
	eval begin(F)
	do for [i=1:|HEADING|] { set label 20+i font bold(F, SMALL ? 7 : COLUMNS > 8 ? 8 : 9) }
	plot DATA skip 1 using (BAR * $3 > 0 ? $1 : NaN):2:1:($1 + BAR * $3):($2 - 0.22):($2 + 0.22) with boxxyerror lc rgb BLUE fs solid border lc rgb BLUE, \
	     DATA skip 1 using ($1 + BAR * $3):2:(stringcolumn(5)) with labels left offset character (DUMB ? 0 : 0.6), 0 font small
	unset output
}
