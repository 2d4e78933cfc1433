# A chart by Lockstep (lockstep plot), drawn by: gnuplot amdahl-speedup.gp
# For one format: gnuplot -e "FORMATS='pdf'" amdahl-speedup.gp (svg, png, pdf)
BASE = 'amdahl-speedup'
DATA = BASE.'.csv'
PRESET = 'svg png'
WIDTH = 900
HEIGHT = 562
TITLE = 'Speedup of amdahl: threads'
TITLE_LINES = 1
SUBTITLE = '1.79 times as fast with 2 workers [1.78–1.80]. 8.8 % of the core-seconds went to waiting for the serial part.'
SUBTITLE_LINES = 1
MACHINE = '2 cores, AMD EPYC 7763 (VM), Debian 12, gcc 12.2 -O3'
MACHINE_LINES = 1
COMMAND = '2025-06-11 09:05 UTC · $ amdahl --serial 0.1 --threads 1,2,4'
COMMAND_LINES = 1
TICKS = '("1" 1, "2" 2, "4" 4)'
XMIN = 0.946057647
XMAX = 4.34693945
BEYOND = 'beyond the 2 cores here'
XLABEL = 'workers'
SPLIT = 2.82842712
array NAME[13]
array LOOK[13]
NAME[1] = 'ideal: capacity measured'; LOOK[1] = 0
NAME[2] = 'Amdahl predicted, 9.84 % serial'; LOOK[2] = 0
NAME[3] = 'predicted, with more such cores'; LOOK[3] = 0
NAME[4] = 'interval of the fit, 95 %'; LOOK[4] = 0
NAME[5] = 'Amdahl fitted, 10.7 % serial'; LOOK[5] = 0
NAME[6] = 'fitted, with more such cores'; LOOK[6] = 0
NAME[7] = 'projected from work and span'; LOOK[7] = 0
NAME[8] = 'threads, measured'; LOOK[8] = 0
NAME[9] = 'threads: oversubscribed'; LOOK[9] = 0
NAME[10] = 'openmp'; LOOK[10] = 1
NAME[11] = ''; LOOK[11] = 1
NAME[12] = 'racy (wrong)'; LOOK[12] = 2
NAME[13] = 'racy: wrong result'; LOOK[13] = 0
BAND = '4'
BAND_BARS = '4'
IDEAL = '1'
IDEAL_BARS = ''
IDEAL_BEYOND = ''
IDEAL_BEYOND_BARS = ''
MEMORY = ''
MEMORY_BARS = ''
PROJECTED = '7'
PROJECTED_BARS = ''
USL = ''
USL_BARS = ''
FITTED = '5'
FITTED_BARS = '5'
FITTED_BEYOND = '6'
FITTED_BEYOND_BARS = '6'
PREDICTED = '2'
PREDICTED_BARS = '2'
PREDICTED_BEYOND = '3'
PREDICTED_BEYOND_BARS = '3'
OTHER = '10 12'
OTHER_BARS = '10 12'
OTHER_HOLLOW = '11'
OTHER_HOLLOW_BARS = '11'
WRONG = '13'
WRONG_BARS = '13'
MEASURED = '8'
MEASURED_BARS = '8'
HOLLOW = '9'
HOLLOW_BARS = '9'
GUESS = ''
GUESS_BARS = ''
LEGEND_ROWS = 12
YMAX = 4.3038
YLABEL = 'speedup over serial (times as fast)'

