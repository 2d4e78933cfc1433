#!/bin/sh
# The lesson `semaphore`: never more users than slots, all slots back at the end; a crowd and a leak are caught and named, and a
# leak ends by itself; the turnstile lets all through after one post; nothing here is a data race.
. tests/lesson.sh
seed=$$

run() { # PROGRAM ARGUMENT…
	"$@" --reps 1 --budget 0.2 --counters off --seed $seed >"$dir/raw" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/raw" >"$dir/out"
}

for slots in 1 2 5; do
	run "$B/lessons/semaphore" --variant semaphore,mutex --threads 1,8 --slots $slots --size 20
	[ $status = 0 ] && ! grep -q '✗' "$dir/out"
	ok $? "$slots slots: semaphore and mutex are right with 1 and 8 threads (exit $status)"
done
run "$B/lessons/semaphore" --variant unlimited --threads 8 --wait 20k --size 16
[ $status = 0 ] && grep -q '✗ unlimited is wrong, as announced.* never more than [4-8] users at once in 3 slots' "$dir/out"
ok $? "unlimited: a crowd is caught and named (exit $status)"
run "$B/lessons/semaphore" --variant no-post --threads 4 --size 60 --wait 500
[ $status = 0 ] && grep -q '✗ no-post is wrong, as announced.* 0 free at the end' "$dir/out"
ok $? "no-post: all slots leak, which is caught, named, and ended (exit $status)"

"$B/lessons/semaphore" --demo turnstile >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] && grep -q '✓ 4 threads were started, 0 are through' "$dir/out" && grep -q '✓ 4 are through' "$dir/out"
ok $? "turnstile: closed, opened once, all four are through (exit $status)"
"$B/lessons/semaphore" --slots 0 >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "--slots 0: one line, exit 2 (exit $status)"

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer has nothing to say" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/semaphore" >"$dir/out" 2>"$dir/err"
ok $? "semaphore builds with SAN=thread"
export TSAN_OPTIONS=exitcode=0
run timeout -k 5 60 "$T/lessons/semaphore" --variant all --threads 3 --size 9
[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
ok $? "ThreadSanitizer has nothing to say about any variant: a leak and a crowd are no data races"
timeout -k 5 60 "$T/lessons/semaphore" --demo turnstile >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
ok $? "… nor about the turnstile (exit $status)"
echo "1..$count"
exit $failed
