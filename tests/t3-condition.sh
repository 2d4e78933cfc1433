#!/bin/sh
# The lesson `condition`: every right way hands over each item once, with any capacity; `if` and the missing notice are caught and
# named with real threads, and all three mistakes along explored schedules; nobody hangs; nothing here is a data race.
. tests/lesson.sh
seed=$$

run() { # PROGRAM ARGUMENT…
	"$@" --reps 1 --budget 0.2 --counters off --seed $seed >"$dir/raw" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/raw" >"$dir/out"
}

for capacity in 1 3 1000; do
	run "$B/lessons/condition" --variant serial,condition,semaphores,polling,spinning --threads 1,5 --capacity $capacity --size 200 --work 50
	[ $status = 0 ] && ! grep -q '✗' "$dir/out"
	ok $? "capacity $capacity: condition, semaphores, polling, spinning are right with 1 and 5 consumers (exit $status)"
done
# Bad luck is arranged: the first item comes when all consumers sleep.
run "$B/lessons/condition" --variant if --threads 2,3 --size 50 --work 50
[ $status = 0 ] && grep -q '✗ if is wrong, as announced.* [1-9][0-9]* takes from an empty buffer' "$dir/out"
ok $? "if: takes from an empty buffer, which is caught and named (exit $status)"
run "$B/lessons/condition" --variant if --threads 1 --size 50 --work 50
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "if: a single consumer finds what it was woken for (exit $status)"
run "$B/lessons/condition" --variant no-notify --threads 1,3 --size 50 --work 50
[ $status = 0 ] && grep -q '✗ no-notify is wrong, as announced.* [1-9][0-9]* times somebody slept too long' "$dir/out"
ok $? "no-notify: somebody sleeps beside an item, which is caught, named and ended (exit $status)"

demo() { # NAME
	"$1/lessons/condition" --demo "explore-$2" >"$dir/out" 2>"$dir/err"
	status=$?
}
demo "$B" while
[ $status = 0 ] && grep -q '✓ [0-9]* schedules tried, that is all there are: 0 of them fail' "$dir/out"
ok $? "explore-while: right in all schedules (exit $status)"
for mistake in if early silent; do
	demo "$B" $mistake
	case $mistake in
	if) sentence='takes from an empty buffer' ;;
	*) sentence='nobody can go on; .* without a signal' ;;
	esac
	[ $status = 0 ] && grep -q '✗ [0-9]* schedules tried, that is all there are: [1-9]' "$dir/out" && grep -q "$sentence" "$dir/out" &&
		grep -q ' 1: .*put.* .[1-2]' "$dir/out"
	ok $? "explore-$mistake: a schedule that breaks it is found and told (exit $status)"
done
"$B/lessons/condition" --capacity 0 >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "--capacity 0: one line, exit 2 (exit $status)"

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer has nothing to say" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/condition" >"$dir/out" 2>"$dir/err"
ok $? "condition builds with SAN=thread"
export TSAN_OPTIONS=exitcode=0
run timeout -k 5 60 "$T/lessons/condition" --variant all --threads 3 --size 20 --work 50
[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
ok $? "ThreadSanitizer has nothing to say about any variant: these mistakes are no data races (exit $status)"
demo "$T" if
[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
ok $? "… nor about the explored schedules (exit $status)"
echo "1..$count"
exit $failed
