#!/bin/sh
# Lesson gpu-matmul: every variant right or caught on OpenCL, at sizes around its tiles; demonstrations; the unit of its rate.
. tests/lesson.sh

run() { # ARGUMENTS...
	"$B/lessons/gpu-matmul" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}

for level in base avx2 avx512; do
	LOCKSTEP_SIMD=$level run --variant blocked,openmp --threads 3 --size 77 --seed $$ --reps 1 --budget 0.5 --counters off -q
	ok $status "the processor's product is right with vectors of $level (exit $status, seed $$)"
done

why=$("$B/lessons/gpu-matmul" --describe | jq -r '.kernels[0].variants[] | select(.name == "opencl-tiled") | .unavailable // ""')
if [ -n "$why" ]; then
	count=$((count + 1))
	echo "ok $count - OpenCL # SKIP $why"
else
	for size in 15 16 17 63 64 65 129; do # around the tiles of 16 and the blocks of 64
		run --variant opencl-naive,opencl-tiled,opencl-blocked,opencl-wide --size $size --seed $$ --reps 1 --budget 0.2 --counters off -q
		ok $status "opencl: right at size $size (exit $status, seed $$)"
	done
	run --variant opencl-tiled,opencl-no-barrier --size 96 --seed $$ --reps 2 --budget 1 --counters off
	[ $status = 0 ] && grep -q '✗ opencl-no-barrier is wrong, as announced' "$dir/out" && grep -q 'right in all .*opencl-tiled' "$dir/out"
	ok $? "opencl-no-barrier is caught and named, opencl-tiled is right (exit $status)"
	grep -Eq '^opencl-tiled .*[0-9] [kMGT]?flop/s' "$dir/out"
	ok $? "the device's rate is told in operations"
fi

run --demo fetches
[ $status = 0 ] && grep -q 'tiles of 32 x 32 fetch 32 times less than naive' "$dir/out"
ok $? "--demo fetches: tiles of 32 fetch 32 times less (exit $status)"
run --variant opencl-naive,nonsense
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "an unknown variant: one line, exit 2 (exit $status)"
echo "1..$count"
exit $failed
