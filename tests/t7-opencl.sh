#!/bin/sh
# OpenCL for real, on PoCL where there is no GPU: devices named for what they are, the cache where it belongs, and nothing left behind.
. tests/lesson.sh

why=$("$B/lessons/gpu-sum" --describe | jq -r '.kernels[0].variants[] | select(.name == "opencl-tree") | .unavailable // ""')
if [ -n "$why" ]; then
	echo "1..0 # SKIP $why"
	exit 0
fi

"$B/lessons/gpu-sum" --demo devices >"$dir/out" 2>"$dir/err"
ok $? "there is a device, and its ceilings are measured"
grep -Eo '[0-9.]+e?\+?[0-9]* (GB|Gflop)/s' "$dir/out" | awk '$1 <= 0 { bad = 1 } END { exit bad || NR < 2 }'
ok $? "they are positive figures"

# PoCL keeps what it compiled: in the user's cache or where POCL_CACHE_DIR says, and nowhere else.
mkdir "$dir/cache"
POCL_CACHE_DIR="$dir/cache" HOME="$dir/home" XDG_CACHE_HOME="$dir/xdg" "$B/lessons/gpu-sum" --demo who >"$dir/out" 2>"$dir/err"
ok $? "it runs with a cache of its own"
if grep -q PoCL "$dir/out" || "$B/lessons/gpu-sum" --demo devices 2>/dev/null | grep -q PoCL; then
	[ -n "$(ls "$dir/cache")" ] && [ ! -e "$dir/home" ] && [ ! -e "$dir/xdg/pocl" ]
	ok $? "what was compiled lies in POCL_CACHE_DIR, nothing in the home"
fi

# Two kernels in one process share the device: padding of one must not be spoilt by the other's data.
"$B/lockstep-bench" gpu_matmul gpu_sum -n 65 --reps 2 --budget 3 --counters off -q >"$dir/out" 2>"$dir/err"
ok $? "two kernels in one process, each right"

# Ctrl-C in the middle ends it at once.
"$B/lessons/gpu-matmul" --variant opencl-naive --size 400 --budget 30 >"$dir/out" 2>"$dir/err" &
child=$!
sleep 1.5
kill -INT $child
wait $child
status=$?
[ $status = 130 ]
ok $? "an interrupt ends it, exit 130 (exit $status)"

"$B/lessons/heterogeneous" --variant dynamic --size 600 --iterations 3000 --budget 30 >"$dir/out" 2>"$dir/err" &
child=$!
sleep 1.5
kill -INT $child
wait $child
status=$?
[ $status = 130 ]
ok $? "an interrupt ends it where threads and device work together, exit 130 (exit $status)"

# Out of memory on the device, or none for the inputs: an error in one sentence, exit 3.
(ulimit -v 600000 && "$B/lessons/gpu-sum" --variant opencl-tree --size 200M --reps 1 --budget 1) >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 3 ] || [ $status = 4 ]
ok $? "no memory: exit 3, or 4 when not even the device fits (exit $status)"
(ulimit -v 1500000 && "$B/lessons/gpu-arrays" --variant opencl-unfused --size 128M --reps 1 --budget 1) >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 3 ] || [ $status = 4 ]
ok $? "no memory for the arrays in between: the same (exit $status)"

echo "1..$count"
exit $failed
