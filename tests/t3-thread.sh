#!/bin/sh
# The lesson `thread`: all ways to start threads count the same points; the two wrong arguments are caught by the check and by
# ThreadSanitizer, each in its own function.
. tests/lesson.sh
seed=$$

run() { # PROGRAM ARGUMENT…
	"$@" --reps 1 --budget 0.3 --counters off --seed $seed >"$dir/out" 2>"$dir/err"
	status=$?
}

run "$B/lessons/thread" --variant serial,pthreads,one-by-one,c11-threads,openmp --threads 1,3,16 --size 500
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "serial, pthreads, one-by-one, c11-threads, openmp: right with 1, 3 and 16 threads (exit $status)"

# Threads that begin late are no luck here: it goes wrong at once.
run "$B/lessons/thread" --variant loop-variable --threads 2,4 --size 500
[ $status = 0 ] && tr -s '\n ' '  ' <"$dir/out" | grep -q '✗ loop-variable is wrong, as announced.* counted 0 points'
ok $? "loop-variable: no thread sees its own number, which is caught and named (exit $status)"
run "$B/lessons/thread" --variant dead-slot --threads 2,4 --size 500
[ $status = 0 ] && { grep -q '✗ dead-slot is wrong, as announced' "$dir/out" || grep -q AddressSanitizer "$dir/out"; }
ok $? "dead-slot: caught and named (exit $status)"

run "$B/lessons/thread" --kernel spawn --variant call,thread,fork --threads 1,2 --size 20
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "spawn: the cost of a start can be measured here (exit $status)"

for demo in main-returns main-leaves; do
	timeout -k 5 20 "$B/lessons/thread" --demo $demo >"$dir/out" 2>"$dir/err"
	status=$?
	[ $status = 0 ] && grep -q '✓' "$dir/out" && ! grep -q '✗' "$dir/out"
	ok $? "$demo: the thread ends with the process, not with main (exit $status)"
done

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer reports the wrong variants" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/thread" >"$dir/out" 2>"$dir/err"
ok $? "thread builds with SAN=thread"
export TSAN_OPTIONS=exitcode=0
run timeout -k 5 60 "$T/lessons/thread" --variant pthreads,one-by-one --threads 3 --size 100
[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
ok $? "ThreadSanitizer has nothing to say about pthreads and one-by-one"
run timeout -k 5 60 "$T/lessons/thread" --variant loop-variable --threads 2 --size 100
[ $status = 0 ] && grep -q 'WARNING: ThreadSanitizer: data race' "$dir/err" && grep -q work_by_number "$dir/err"
ok $? "ThreadSanitizer reports the data race of loop-variable, in its own function"
run timeout -k 5 60 "$T/lessons/thread" --variant dead-slot --threads 2 --size 100
[ $status = 0 ] && grep -q 'WARNING: ThreadSanitizer: data race' "$dir/err" && grep -q work_from_slot "$dir/err"
ok $? "ThreadSanitizer reports the data race of dead-slot, in its own function"
echo "1..$count"
exit $failed
