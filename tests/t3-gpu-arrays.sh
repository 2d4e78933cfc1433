#!/bin/sh
# The lesson gpu-arrays: right at any size and seed, the wrong ones caught and named, what its demonstrations say, and a machine without
# a device. On OpenCL; make gpu-check tries the same on CUDA.
. tests/lesson.sh
lesson=$B/lessons/gpu-arrays

run() { # OPTIONS...
	timeout -k 5 60 "$lesson" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/line"
}

run --demo bytes
[ $status = 0 ] && grep -q 'saxpy *8.0 MB + 4.0 MB' "$dir/out" && grep -q 'fused: x and y are read, nothing is written: *8.0 MB' "$dir/out"
ok $? "bytes: what each operation reads and writes (exit $status)"
run --demo bytes --json
jq -es 'map(select(.t == "verdict"))[0] | .right and .observed > 3.9 and .observed < 4.1' "$dir/out" >"$dir/line"
ok $? "bytes: about four times the bytes, as half of the numbers are kept"

run --variant loops,one-loop,threads --threads 1,2,3 --size 10007 --seed $$ --reps 1 --budget 0.3
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "loops, one-loop, threads are right (seed $$, exit $status)"

why=$("$lesson" --list | sed -n '/opencl-fused .*cannot run/{n;s/^ *//;p;}')
if [ -n "$why" ]; then
	skip "the variants on OpenCL" "$why"
else
	# around a tile of 4096 numbers, and with fewer numbers than work-items
	run --variant opencl-unfused,opencl-fused --size 2,255,257,4095,4096,4097,8193,100003 --seed $$ --reps 1 --budget 0.3
	[ $status = 0 ] && ! grep -q '✗' "$dir/out"
	ok $? "opencl-unfused, opencl-fused: 2 to 100003 numbers (seed $$, exit $status)"
	run --kernel copies --variant opencl-one-queue,opencl-queues --size 10007 --chunks 1,5,64 --work 3 --seed $$ --reps 1 --budget 0.3
	[ $status = 0 ] && ! grep -q '✗' "$dir/out"
	ok $? "copies: 1, 5 and 64 chunks (seed $$, exit $status)"
	run --variant opencl-no-barrier --size 100k --reps 2 --budget 0.5
	[ $status = 0 ] && grep -q 'opencl-no-barrier is wrong, as announced (no barrier' "$dir/line"
	ok $? "opencl-no-barrier is caught and named (exit $status)"
	sed -n 's/.*kept \([0-9]*\), expected \([0-9]*\); total \([0-9]*\), expected \([0-9]*\); sum of running totals \([0-9]*\), expected \([0-9]*\).*/\1 \2 \3 \4 \5 \6/p' \
		"$dir/line" >"$dir/figures"
	read -r kept want_kept total want_total sum want_sum <"$dir/figures"
	[ "$kept" -gt 0 ] && [ "$kept" = "$want_kept" ] && [ "$total" = "$want_total" ] && [ "$sum" != "$want_sum" ]
	ok $? "… by the scan alone: count and total are right, the running totals are not"
	run --kernel copies --variant opencl-no-wait --size 1M --reps 2 --budget 0.5
	[ $status = 0 ] && grep -q 'opencl-no-wait is wrong, as announced (reads a chunk before' "$dir/line" && grep -q '1000000 of 1000000 numbers are right' "$dir/line"
	ok $? "opencl-no-wait is caught, though all numbers are right in the end (exit $status)"
	run --demo fusion
	[ $status = 0 ] && grep -q 'ten launches' "$dir/out" && grep -q 'one launch is [0-9.]* times as fast' "$dir/out" && grep -q '✓ 10 of 10 runs' "$dir/out"
	ok $? "fusion: what each moves, and how fast; all right (exit $status)"
	run --demo queues
	[ $status = 0 ] && grep -q '1 queue:' "$dir/out" && grep -q '3 queues:' "$dir/out" && [ "$(grep -c '✓ 8 of 8 chunks' "$dir/out")" = 2 ]
	ok $? "queues: both timelines, both right (exit $status)"
	[ "$(grep -c 'in   *0.*7' "$dir/out")" -ge 1 ]
	ok $? "queues: the first chunk and the last one are drawn"
fi

LOCKSTEP_OPENCL=nosuch run --variant opencl-fused
[ $status = 4 ] && [ "$(wc -l <"$dir/err")" = 1 ] && [ -s "$dir/err" ]
ok $? "no device of that name: one line, exit 4 (exit $status)"
run --device nosuch
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "--device nosuch: one line, exit 2 (exit $status)"
run --chunks 0 --kernel copies
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "--chunks 0: one line, exit 2 (exit $status)"
run --size 1T
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "--size 1T: one line, exit 2 (exit $status)"

# ---- the order puzzle's right answer, and its four wrong ones ----
order() { # LINES: builds the frame with them
	awk -v lines="$1" '/\/\/@/ {print lines; next} {print}' lessons/7-gpu/3-gpu-arrays/order-scan.c >"$dir/order.c"
	${CC:-cc} -std=gnu17 -w -pthread -o "$dir/order" "$dir/order.c" 2>"$dir/err" && timeout 5 "$dir/order" >"$dir/out"
}
R='long left = read_left(me, by);' W='pthread_barrier_wait(&all);' A='add_to(me, left);' O='pthread_barrier_wait(&own[me]);'
order "$R $W $A $W"
ok $? "order: read, meet, add, meet is right"
for wrong in "$R $A $W" "$R $W $A" "$R $O $A $W" "$R $A $W $W"; do
	order "$wrong"
	[ $? = 1 ] && grep -q 'its running total is' "$dir/out"
	ok $? "order: $wrong is refused"
done

# ---- ThreadSanitizer: it cannot see into OpenCL, but sees our threads ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
T=$B/tsan
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer" "no libtsan for ${CC:-cc} here"
else
	make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/gpu-arrays" >"$dir/out" 2>"$dir/err"
	ok $? "gpu-arrays builds with SAN=thread"
	TSAN_OPTIONS=exitcode=0 timeout -k 5 60 "$T/lessons/gpu-arrays" --variant threads --threads 3 --size 10k --reps 1 --budget 1 >"$dir/out" 2>"$dir/err"
	status=$?
	[ $status = 0 ] && ! grep -q 'gpu-arrays/' "$dir/err"
	ok $? "ThreadSanitizer has nothing to say about threads (exit $status)"
fi
echo "1..$count"
exit $failed
