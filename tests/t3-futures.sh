#!/bin/sh
# The lesson futures: results are right in the right variants, both mistakes are caught and told, the demonstrations say what they must;
# ThreadSanitizer reports the result that is read too soon, and has nothing to say about the others.
. tests/lesson.sh
L=$B/lessons/futures

run() { # ARGUMENTS
	timeout -k 5 60 "$L" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/flat" # sentences may be wrapped
}

run --variant serial,in-order,as-completed --threads 1,2,5 --size 30 --work 1k --reps 6 --budget 1 --seed $$
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "in-order and as-completed: right with 1, 2 and 5 threads (exit $status)"

run --variant too-soon --threads 1,2 --size 30 --work 10k --reps 6 --budget 0.5 --seed $$
[ $status = 0 ] && grep -q '✗ too-soon is wrong, as announced' "$dir/flat"
ok $? "too-soon: caught and named"

# One worker: certain. With two it needs that both have taken a task that waits, which may fail by luck.
run --variant wait-inside --threads 1 --size 30 --work 1k --reps 6 --budget 0.5 --seed $$
[ $status = 0 ] && grep -q '✗ wait-inside is wrong, as announced.* 0 of 30 results.*a task was told: deadlock' "$dir/flat"
ok $? "wait-inside: one worker waits for itself, is told, and all ends"
for try in 1 2 3 4 5; do
	run --variant wait-inside --threads 2 --size 30 --work 1k --reps 6 --budget 0.5
	grep -q 'wait-inside is wrong' "$dir/flat" && break
done
[ $status = 0 ] && grep -q 'a task was told: deadlock' "$dir/flat"
ok $? "wait-inside: so with two"

run --demo order
[ $status = 0 ] && [ "$(grep -c 'is done$' "$dir/out")" = 4 ] && grep -q '✓ each of the four came once' "$dir/out"
ok $? "order: four arrive"
run --demo order --json
[ "$(jq -r 'select(.t == "verdict") | .observed' "$dir/out" | grep -c '^[1-4]')" = 1 ]
ok $? "order: the figure is the place of D"
run --demo cancel
[ $status = 0 ] && [ "$(grep -c 'it was queued: it will never begin' "$dir/out")" = 3 ] && grep -q 'cancel A: it runs: it is asked to stop' "$dir/out" &&
	grep -q '✓ cancel A once more: too late' "$dir/out"
ok $? "cancel: three never begin, one is asked, then it is too late"
run --demo error
[ $status = 0 ] && grep -q '✓ B: error 33' "$dir/out" && [ "$(grep -c ': done$' "$dir/out")" = 3 ]
ok $? "error: three results and one error"
run --demo limit
[ $status = 0 ] && grep -q 'not done yet, and the task goes on' "$dir/out" && grep -q '✓ the result of A came' "$dir/out"
ok $? "limit: the wait ends, the task does not"

# The puzzle: the text's order is right; one result waited for before the second task is submitted is not, nor is a place read too soon.
puzzle() { # LINES-AS-SED-RANGE…
	sed -n '/^```order/,/^```$/s/^- //p' lessons/4-executors/1-futures/en.md | sed 's/^\[extra\] //' >"$dir/lines"
	for n; do sed -n "${n}p" "$dir/lines"; done >"$dir/chosen"
	sed -e "/^\t\/\/@$/{r $dir/chosen" -e 'd}' lessons/4-executors/1-futures/order-both.c >"$dir/order.c"
	${CC:-cc} -std=gnu17 -Wall -Werror -pthread -o "$dir/order" "$dir/order.c" >"$dir/out" 2>"$dir/err" && timeout 120 "$dir/order" >>"$dir/out"
	status=$?
}
puzzle 1 2 3 4 5
ok $status "puzzle: both submitted, then both waited for"
puzzle 1 3 2 4 5
[ $status = 1 ] && grep -q 'did not run at the same time' "$dir/out"
ok $? "puzzle: the first is waited for before the second is submitted"
puzzle 1 2 6
[ $status = 1 ]
ok $? "puzzle: a place is read too soon"

# No threads to be had: exit 3 and one line, from the variant and from the demonstration.
(ulimit -v 120000 2>/dev/null && "$L" --variant as-completed --threads 900 --size 900 --work 10 --reps 1 --budget 0.1 --counters off) >"$dir/out" 2>"$dir/err"
status=$?
if [ $status = 0 ]; then
	skip "too few threads" "900 threads fit into this limit"
else
	[ $status = 3 ] && [ -s "$dir/err" ]
	ok $? "too few threads: exit 3 (exit $status)"
fi

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer reports the wrong variants" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/futures" >"$dir/out" 2>"$dir/err"
ok $? "futures builds with SAN=thread"
L=$T/lessons/futures
export TSAN_OPTIONS=exitcode=0
for variant in too-soon in-order as-completed wait-inside; do
	run --variant $variant --threads 2 --size 30 --work 20k --reps 1 --budget 0.5
	case $variant in
	too-soon)
		[ $status = 0 ] && grep -q 'WARNING: ThreadSanitizer: data race' "$dir/err" && grep -q run_too_soon "$dir/err"
		ok $? "ThreadSanitizer reports the data race of $variant, in its own function"
		;;
	*)
		[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
		ok $? "ThreadSanitizer has nothing to say about $variant"
		;;
	esac
done
for demo in order cancel error limit; do
	run --demo $demo
	[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
	ok $? "nor about the demonstration $demo"
done
echo "1..$count"
exit $failed
