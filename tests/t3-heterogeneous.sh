#!/bin/sh
# The lesson heterogeneous: whoever gets the rows, the picture is the same; a share of 0 and of 1, odd sizes, more threads than rows; the
# lost row caught and named; what the demonstration says; a machine without a device. On OpenCL; make gpu-check tries the same on CUDA.
. tests/lesson.sh
lesson=$B/lessons/heterogeneous

run() { # OPTIONS...
	timeout -k 5 60 "$lesson" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/line"
}

run --variant serial,cpu --threads 1,3 --size 61 --iterations 100 --seed $$ --reps 1 --budget 0.3
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "serial and cpu: every pixel is right (seed $$, exit $status)"

why=$("$lesson" --list | sed -n '/^  split .*cannot run/{n;s/^ *//;p;}')
if [ -n "$why" ]; then
	skip "the variants with a device" "$why"
else
	run --on opencl --variant split --split 0,0.01,0.37,0.5,1 --threads 1,3 --size 53 --iterations 200 --seed $$ --reps 1 --budget 0.3
	[ $status = 0 ] && ! grep -q '✗' "$dir/out"
	ok $? "split from 0 to 1: every pixel is right (seed $$, exit $status)"
	run --variant opencl,measured,dynamic --threads 3 --chunk 3 --size 2,5,16,17,100 --iterations 300 --seed $$ --reps 1 --budget 0.2
	[ $status = 0 ] && ! grep -q '✗' "$dir/out"
	ok $? "opencl, measured, dynamic: 2 to 100 rows (seed $$, exit $status)"
	run --variant lost-row --split 0.5 --size 101 --threads 2 --reps 1 --budget 0.3
	[ $status = 0 ] && grep -q 'lost-row is wrong, as announced .*: 100 of 101 rows are right to the last pixel (exact), 1 computed by nobody' "$dir/line"
	ok $? "lost-row is caught and named (exit $status)"
	run --variant lost-row --split 0.5 --size 100 --threads 2 --reps 1 --budget 0.3
	[ $status = 0 ] && ! grep -q '✗' "$dir/out" && grep -q 'was expected to go wrong' "$dir/line"
	ok $? "… and is right by luck with an even number of rows (exit $status)"
	run --demo shares
	[ $status = 0 ] && [ "$(grep -c '✓ .* 512 rows are right' "$dir/out")" = 3 ] && grep -q 'on demand it took [0-9]* percent' "$dir/out"
	ok $? "shares: three right pictures, and who took how many (exit $status)"
	if grep -q 'by OpenCL on the CPU' "$dir/out"; then
		grep -q "it is this machine's own processor" "$dir/out"
		ok $? "shares: says that the device is the processor itself"
	fi
	run --demo shares --json
	jq -es 'map(select(.t == "verdict"))[0] | .right and .observed >= 0 and .observed <= 100' "$dir/out" >"$dir/line"
	ok $? "shares: the figure is a percentage"
fi

run --device nosuch
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "--device nosuch: one line, exit 2 (exit $status)"
run --on nosuch
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -q 'cuda or opencl' "$dir/err"
ok $? "--on nosuch: one line, exit 2 (exit $status)"
run --split 1.5
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "--split 1.5: one line, exit 2 (exit $status)"
LOCKSTEP_OPENCL=nosuch run --on opencl --variant split
[ $status = 4 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "no device of that name: one line, exit 4 (exit $status)"
LOCKSTEP_OPENCL=nosuch run --on opencl --size 31 --reps 1 --budget 0.2
[ $status = 0 ] && grep -q 'split.* cannot run here' "$dir/line"
ok $? "… and the processor's variants run without it (exit $status)"
[ -z "$(pgrep -P $$ -f heterogeneous)" ]
ok $? "nothing is left running"
echo "1..$count"
exit $failed
