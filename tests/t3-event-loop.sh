#!/bin/sh
# The lesson event-loop: all waits overlap on one thread and are checked, both mistakes are caught and named, the demonstrations say what they
# must, in an order that is known beforehand; ThreadSanitizer, which is told of every switch, has nothing to say; nothing is left behind.
. tests/lesson.sh
L=$B/lessons/event-loop

run() { # ARGUMENTS
	timeout -k 5 60 "$L" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/flat" # sentences may be wrapped
}

run --variant in-turn,threads,loop,loop-thread --threads 1,3,20 --size 13 --wait 1000 --work 1k --reps 2 --budget 1 --seed $$
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "in-turn, threads, loop, loop-thread: right with fewer and more workers than tasks (exit $status)"
run --variant loop --threads 1000 --size 2000 --wait 1000 --reps 1 --budget 0.5
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "loop: a thousand coroutines, two tasks each (exit $status)"

run --variant loop-blocking --threads 3,4 --size 8 --wait 2000 --reps 6 --budget 0.5
[ $status = 0 ] && grep -q '✗ loop-blocking is wrong, as announced.* at most 1 of [34] tasks waited at the same moment; coroutine [1-4] held up the loop for' "$dir/flat"
ok $? "loop-blocking: caught, and told who held up the loop"
run --variant loop-blocking --threads 1 --size 8 --wait 100 --reps 2 --budget 0.5
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "loop-blocking: a single worker freezes nobody else"
run --variant loop-forgotten --threads 4 --size 8 --wait 2000 --reps 6 --budget 0.5
[ $status = 0 ] && grep -q '✗ loop-forgotten is wrong, as announced.* 0 of 8 tasks waited their whole time' "$dir/flat"
ok $? "loop-forgotten: caught and named"

run --demo thousand
[ $status = 0 ] && grep -q '✓ nobody came back too early' "$dir/out"
ok $? "thousand: all have waited"
run --demo order
sed 's/^ *[0-9.]* ms  //' "$dir/out" >"$dir/said"
cat >"$dir/want" <<EOF
first: A and B are spawned
first: now I await them
A: turn 1 of 3
B: turn 1 of 3
A: turn 2 of 3
B: turn 2 of 3
A: turn 3 of 3
B: turn 3 of 3
✓ first: both have ended; the turns: ABABAB
EOF
[ $status = 0 ] && cmp -s "$dir/said" "$dir/want"
ok $? "order: word by word"
run --demo gather
[ $status = 0 ] && grep -q '✓ result 1 is that of A' "$dir/out" && grep -q '✓ result 2 is an error (EDOM)' "$dir/out" &&
	grep -q '✓ result 3 is that of C' "$dir/out" && grep -q '✓ gather reports the first error (EDOM)' "$dir/out"
ok $? "gather: two results and an error, in their order"
run --demo freeze --json
[ $status = 0 ] && [ "$(jq -r 'select(.t == "verdict") | "\(.observed) \(.right)"' "$dir/out")" = "0 false" ] &&
	grep -q 'the loop says: task 2 has held me up for' "$dir/out"
ok $? "freeze: not a tick during the call; the loop names who held it up"
run --demo thaw --json
[ $status = 0 ] && [ "$(jq -r 'select(.t == "verdict") | .observed > 0' "$dir/out")" = true ]
ok $? "thaw: it ticks during the call"
run --demo cancel
[ $status = 0 ] && grep -q 'A: clean$' "$dir/out" && ! grep -q 'B: begins' "$dir/out" && grep -q '✓ B has ended: cancelled (ECANCELED)' "$dir/out" &&
	grep -q '✓ cancel A once more: too late' "$dir/out"
ok $? "cancel: one cleans up, one never begins, then it is too late"
run --demo limit
[ $status = 0 ] && grep -q '✓ first: the time is over (ETIMEDOUT)' "$dir/out" && grep -q '✓ and A has ended: cancelled' "$dir/out"
ok $? "limit: the coroutine is told, cleans up and ends"
run --demo between
[ $status = 0 ] && grep -q '✓ no await in between: counted 200 of 200' "$dir/out" &&
	grep -q '✗ an await between reading and writing: counted 100 of 200' "$dir/out" && grep -q 'between is wrong, as announced' "$dir/out"
ok $? "between: every second update is lost, the same each time"

# The puzzle: the text's order is right; what is read before the await is old after it; an await before the write lets the other one in.
puzzle() { # NUMBERS OF LINES
	sed -n '/^```order/,/^```$/s/^- //p' lessons/5-async/1-event-loop/en.md | sed 's/^\[extra\] //' >"$dir/lines"
	for n; do sed -n "${n}p" "$dir/lines"; done >"$dir/chosen"
	sed -e "/^\t\t\/\/@$/{r $dir/chosen" -e 'd}' lessons/5-async/1-event-loop/order-price.c >"$dir/order.c"
	${CC:-cc} -std=gnu17 -Wall -Werror -o "$dir/order" "$dir/order.c" >"$dir/out" 2>"$dir/err" && timeout 60 "$dir/order" >>"$dir/out"
	status=$?
}
puzzle 1 2 3
ok $status "puzzle: ask, then read and write"
puzzle 2 1 3
[ $status = 1 ] && grep -q '^the balance is' "$dir/out"
ok $? "puzzle: read, ask, write"
puzzle 1 2 4 3
[ $status = 1 ]
ok $? "puzzle: an await before the write"
puzzle 4
[ $status = 1 ] && grep -q 'nobody asked' "$dir/out"
ok $? "puzzle: nobody asks"

# No memory to be had: exit 3 and one line.
(ulimit -v 50000 2>/dev/null && "$L" --demo thousand) >"$dir/out" 2>"$dir/err"
status=$?
if [ $status = 0 ]; then
	skip "no memory" "1000 stacks fit into this limit"
else
	[ $status = 3 ] && [ "$(wc -l <"$dir/err")" = 1 ]
	ok $? "no memory: exit 3 and one line (exit $status)"
fi
run --variant loop --wait -1
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "a wait below 0: exit 2 and one line (exit $status)"

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer has nothing to say" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/event-loop" >"$dir/out" 2>"$dir/err"
ok $? "event-loop builds with SAN=thread"
L=$T/lessons/event-loop
export TSAN_OPTIONS=exitcode=0
run --variant threads,loop,loop-thread,loop-blocking,loop-forgotten --threads 3 --size 8 --wait 1000 --reps 1 --budget 0.5
[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
ok $? "ThreadSanitizer has nothing to say about the variants"
for demo in order gather thaw cancel between; do
	run --demo $demo
	[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
	ok $? "nor about the demonstration $demo"
done
echo "1..$count"
exit $failed
