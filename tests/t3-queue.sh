#!/bin/sh
# The lesson `queue`: too few sentinels leave workers waiting, which is found, told and ended; its demonstrations say what they
# must; a system without message queues is told of; nothing is left behind; ThreadSanitizer is silent.
. tests/lesson.sh
queue=$B/lessons/queue

# Processes of this test's own that are still there: workers have the same name as their parent.
left_behind() {
	pgrep -s 0 -x queue | wc -l
}

for p in 2 4 7; do
	timeout -k 5 60 "$queue" --variant one-sentinel --threads $p --size 50 --work 2k --reps 6 --budget 0.3 --seed $$ --json \
		>"$dir/out" 2>"$dir/err"
	status=$?
	jq -es 'map(select(.t == "verdict" and .variant == "one-sentinel"))[-1] | .wrong_runs > 0 and .observed == '$((p - 1)) \
		"$dir/out" >/dev/null
	found=$?
	[ $status = 0 ] && [ $found = 0 ]
	ok $? "one-sentinel, $p workers: $((p - 1)) wait for ever, which is no failure of the lesson (exit $status)"
done
tr -s '\n ' '  ' <"$dir/out" | grep -q 'items are done, but 6 of 7 workers wait for ever: w[0-6]'
ok $? "it is told who waits, and that the work is done"
[ "$(left_behind)" = 0 ]
ok $? "those that would wait for ever are ended"

timeout -k 5 60 "$queue" --variant one-sentinel --threads 1 --size 50 --work 2k --reps 1 --budget 0.2 >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "one-sentinel: one worker needs no more than one"

for args in "--slots 1 --threads 1,3" "--slots 1k --threads 8" "--size 3 --threads 9"; do
	timeout -k 5 60 "$queue" --variant queue,mq --size 60 --work 1k $args --reps 2 --budget 0.3 --seed $$ >"$dir/out" 2>"$dir/err"
	status=$?
	[ $status = 0 ] && ! grep -q '✗' "$dir/out"
	ok $? "queue and mq are right: $args (exit $status)"
done

timeout -k 5 30 "$queue" --demo back-pressure >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] && [ "$(grep -c 'put' "$dir/out")" = 16 ] && ! grep -q 'depth [5-9]' "$dir/out" && grep -q 'depth [0-4], waited' "$dir/out" &&
	[ "$(grep -c '✓' "$dir/out")" = 2 ] && ! grep -q '✗' "$dir/out"
ok $? "back-pressure: 16 items, never more than 4 in the queue, the producer waits"

timeout -k 5 30 "$queue" --demo shares --json >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] && jq -es 'map(select(.t == "verdict"))[-1] | .variant == "shares" and .observed >= 1 and .observed < 15' "$dir/out" >/dev/null
ok $? "shares: the worker with the long item gets fewer than its share"
sum=$(grep -o 'w[0-3]: *[0-9]* items' "$dir/out" | awk '{ sum += $2 } END { print sum }')
[ "$sum" = 61 ]
ok $? "shares: 61 items in all ($sum)"

# A limit of no message queue at all, where this user may have one.
if "$queue" --list | grep -q 'mq .*cannot run here' || ! prlimit --msgqueue=0 true 2>/dev/null; then
	skip "mq: a limit is told of" "no message queues here, or no prlimit (package util-linux)"
else
	prlimit --msgqueue=0 "$queue" --list >"$dir/out" 2>"$dir/err"
	grep -A1 'mq .*(cannot run here)' "$dir/out" | grep -q 'ulimit -q'
	ok $? "mq: without room for a queue it says why, and which limit"
	prlimit --msgqueue=0 "$queue" --variant all --threads 2 --size 20 --work 1k --reps 1 --budget 0.1 >"$dir/out" 2>"$dir/err"
	ok $? "… and the other queue does not mind"
fi

# Killed in the middle: its workers go with it, and no name of a queue stays.
"$queue" --variant queue,mq --threads 3 --size 2k --work 100k --reps 50 --budget 20 >/dev/null 2>&1 &
pid=$!
sleep 0.7
kill -KILL $pid
wait $pid 2>/dev/null
for try in $(seq 150); do
	[ "$(left_behind)" = 0 ] && break
	sleep 0.2
done
: >"$dir/out"
pgrep -s 0 -a -x queue >"$dir/err"
[ "$(left_behind)" = 0 ]
ok $? "killed: its workers end too"
names=$(ls /dev/mqueue 2>/dev/null | grep -c '^lockstep-queue')
[ "${names:-0}" = 0 ]
ok $? "no message queue is left"

# ---- the puzzle ----
answer() { # FILE: the lines on stdin in the place of //@
	awk 'FNR == NR { lines = lines $0 "\n"; next } /\/\/@/ { printf "%s", lines; next } { print }' - \
		lessons/2-processes/3-queue/order-pool.c >"$dir/$1.c" && ${CC:-cc} -O1 -pthread -o "$dir/$1" "$dir/$1.c" 2>"$dir/err"
}
printf '%s\n' 'start_workers();' 'for (int i = 0; i < ITEMS; i++) put(i);' 'for (int w = 0; w < WORKERS; w++) put(END);' \
	'join_workers();' | answer right
timeout 120 "$dir/right" >"$dir/out"
ok $? "puzzle: the right order ends"
{
	printf '%s\n' 'start_workers();' 'for (int i = 0; i < ITEMS; i++) put(i);' 'put(END);' 'join_workers();' | answer one
	timeout 120 "$dir/one" >"$dir/out"
	[ $? = 1 ] && grep -q 'for ever' "$dir/out"
	echo $? >"$dir/one.status"
} &
printf '%s\n' 'for (int i = 0; i < ITEMS; i++) put(i);' 'start_workers();' | answer late
timeout 120 "$dir/late" >"$dir/out.late"
[ $? = 1 ] && grep -q 'the queue is full' "$dir/out.late"
ok $? "puzzle: no workers, no room: told"
wait
ok "$(cat "$dir/one.status")" "puzzle: one sentinel: told who waits"

# ---- ThreadSanitizer ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer is silent" "no libtsan for ${CC:-cc} here"
else
	T=$B/tsan
	make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/queue" >"$dir/out" 2>"$dir/err"
	ok $? "queue builds with SAN=thread"
	for variant in queue mq one-sentinel; do
		timeout -k 5 60 "$T/lessons/queue" --variant $variant --threads 3 --size 30 --work 1k --reps 1 --budget 0.2 >"$dir/out" 2>"$dir/err"
		status=$?
		[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
		ok $? "ThreadSanitizer has nothing to say about $variant (exit $status)"
	done
fi
echo "1..$count"
exit $failed
