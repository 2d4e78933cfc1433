# One style for all charts: colours, line and point styles by role, where the words stand. The colours are those of Okabe
# and Ito in the order that gnuplot calls podo, as on the screen; shapes and dashes tell the same without them.
if (!exists("FORMATS")) FORMATS = PRESET
if (!exists("OUT")) OUT = BASE
TEXT = exists("TERMINAL")   # a terminal that draws with characters or sixels: see lockstep plot --term
DUMB = TEXT && strstrt(TERMINAL, "dumb") > 0
SMALL = !TEXT && WIDTH < 600   # narrow, as on a telephone: the legend stands above the chart

BLACK = 0x000000; ORANGE = 0xe69f00; SKY = 0x56b4e9; GREEN = 0x009e73; YELLOW = 0xf0e442; BLUE = 0x0072b2
VERMILLION = 0xd55e00; PURPLE = 0xcc79a7; GREY = 0x707070; PALE = 0xd8d8d8; PAPER = 0xffffff

canvas(F) = F eq "svg" ? sprintf('set terminal svg size %d,%d noenhanced font "sans-serif,12" linewidth 1.2 background "#ffffff"', WIDTH, HEIGHT) : \
            F eq "png" ? sprintf('set terminal pngcairo size %d,%d noenhanced font "DejaVu Sans,11" fontscale 1.66 linewidth 2.4 pointscale 2 background "#ffffff"', 2 * WIDTH, 2 * HEIGHT) : \
            F eq "pdf" ? sprintf('set terminal pdfcairo size %.2fcm,%.2fcm noenhanced font "DejaVu Sans,11" linewidth 1.6 background "#ffffff"', WIDTH / 37.5, HEIGHT / 37.5) : TERMINAL

# Headings are bold, in SVG (where gnuplot knows no bold face) a little larger; they are set after the terminal.
bold(F, size) = F eq "terminal" ? '' : F eq "svg" ? sprintf("sans-serif,%g", size < 10 ? size : size + 2) : sprintf("DejaVu Sans:Bold,%g", size)
begin(F) = canvas(F).(F eq "terminal" ? '' : '; set output OUT.".'.F.'"; set label 1 font "'.bold(F, 14).'"')

set encoding utf8
set datafile separator comma
set key noenhanced
set border 3 lc rgb GREY
set tics nomirror textcolor rgb BLACK
set style line 99 lc rgb PALE lw 0.8 dt 1
set grid ytics ls 99
set style fill solid 0.85 border lc rgb PAPER
set errorbars 1.2

# Lines by role.
set style line 1 lc rgb BLACK lw 1.8 dt solid pt 7 ps 0.9             # measured
set style line 2 lc rgb BLACK lw 1.4 dt solid pt 6 ps 1.0             # measured, hollow: no verdict, or no core of its own
set style line 3 lc rgb ORANGE lw 2.4 dt solid                        # fitted
set style line 4 lc rgb SKY lw 2.4 dt (12,5)                          # predicted
set style line 5 lc rgb GREY lw 1.8 dt (2,4)                          # ideal
set style line 6 lc rgb BLUE lw 1.8 dt (2,3,8,3)                      # memory
set style line 7 lc rgb GREEN lw 2.0 dt (10,4,2,4)                    # projected
set style line 8 lc rgb PURPLE lw 2.0 dt (6,3,2,3,2,3)                # USL
set style line 9 lc rgb PURPLE lw 2.2 pt 12 ps 1.5                       # guess
set style line 10 lc rgb VERMILLION lw 2.4 pt 2 ps 1.2                # wrong
set style line 13 lc rgb 0xf3cf80 lw 1.6 dt (5,5)                     # fitted, beyond the cores
set style line 14 lc rgb 0xaad9f4 lw 1.6 dt (3,5)                     # predicted, beyond the cores
set style line 15 lc rgb 0xb0b0b0 lw 1.4 dt (1,5)                     # ideal, beyond the cores

# Other variants and further lines: colour, shape (filled and hollow) and dash.
array SERIES_COLOUR[7] = [SKY, GREEN, VERMILLION, PURPLE, BLUE, ORANGE, 0x9a9000]
array SERIES_SHAPE[7] = [9, 5, 11, 13, 15, 7, 3]
array SERIES_HOLLOW[7] = [8, 4, 10, 12, 14, 6, 3]
do for [i=1:7] {
	set style line 20+i lc rgb SERIES_COLOUR[i] lw 1.1 dt i+1 pt SERIES_SHAPE[i] ps 0.9
	set style line 30+i lc rgb SERIES_COLOUR[i] lw 1.1 dt i+1 pt SERIES_HOLLOW[i] ps 0.9
}
style_of(k) = strlen(k) ? 21 + (LOOK[int(k)] + 6) % 7 : 21
hollow_of(k) = strlen(k) ? 31 + (LOOK[int(k)] + 6) % 7 : 31

if (!exists("LEGEND_ROWS")) LEGEND_ROWS = 0
TITLE_ROOM = DUMB ? 1 : 1.3 * TITLE_LINES
# The words around a chart, in units of a character, so that they fit any terminal.
small = TEXT ? '' : ',9'
set label 1 TITLE at screen 0, screen 1 offset character 2, character (DUMB ? -1 : -1.4) noenhanced
set label 2 SUBTITLE at screen 0, screen 1 offset character 2, character (DUMB ? -1 : -1.7) - TITLE_ROOM font (TEXT ? '' : ',11') noenhanced
set label 3 MACHINE at screen 0, screen 0 offset character 2, character (DUMB ? 1 : 0.8 + 0.95 * COMMAND_LINES + 0.95 * (MACHINE_LINES - 1) + 0.15) font small textcolor rgb GREY noenhanced
set label 4 COMMAND at screen 0, screen 0 offset character 2, character (DUMB ? 0 : 0.8 + 0.95 * (COMMAND_LINES - 1)) font small textcolor rgb GREY noenhanced
# Room above and below the chart; a script that needs more adds to it.
ABOVE = (DUMB ? 1 : 1.7) + TITLE_ROOM + SUBTITLE_LINES + (SMALL ? 1.02 * LEGEND_ROWS + 0.3 : 0)
BELOW = DUMB ? 5 : 4.1 + 0.95 * (MACHINE_LINES + COMMAND_LINES)
set tmargin ABOVE
set bmargin BELOW
set lmargin DUMB ? 8 : SMALL ? 9 : 10
if (SMALL) { set rmargin 2; set xtics font small; set ytics font small; set xlabel font small; set ylabel font small }
if (SMALL) { set key at graph 0, graph 1.02 left bottom vertical maxcols 1 Left reverse samplen 2 spacing 1.0 width 0 } else { set key outside right top vertical Left reverse samplen (DUMB ? 2 : 3) spacing 1.15 width 0 }
set xlabel offset 0, (DUMB ? 0 : 0.2)

# Series are named by words that may be missing: gnuplot looks at what an empty list would give as well.
num(k) = strlen(k) ? int(k) : 1
name(k) = strlen(k) ? NAME[num(k)] : ''
# Rows of one series of a chart with many: their x, else nothing.
x(k) = strlen(k) && column(1) == num(k) ? column(2) : NaN
low(k) = strlen(k) ? column(4) : 0
high(k) = strlen(k) ? column(5) : 0
