#!/bin/sh
# The lesson pools: both pools give right results, the pointer into another process's memory is caught, a crash costs one worker process or
# the whole program of threads, a hanging task is ended, and no process is left.
. tests/lesson.sh
L=$B/lessons/pools

run() { # ARGUMENTS
	timeout -k 5 60 "$L" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/flat" # sentences may be wrapped
}

# Any process of this very program (the path tells it from those of other tests).
left() { # PATH
	for exe in /proc/[0-9]*/exe; do
		[ "$exe" -ef "$1" ] && return 0
	done 2>/dev/null
	return 1
}

# A copy of its own, so that nobody else's run of the lesson is taken for ours.
mkdir -p "$dir/build/lessons"
cp "$L" "$dir/build/lessons/pools" && L=$dir/build/lessons/pools

run --threads 1,2,5 --size 60 --reps 6 --budget 1 --seed $$
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "empty tasks: right in pools of 1, 2 and 5 (exit $status)"
run --kernel work --variant serial,work-threads,work-processes --threads 1,2,5 --size 30 --work 1k --reps 6 --budget 1 --seed $$
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "tasks that compute: right in both pools (exit $status)"
run --kernel work --variant by-pointer --threads 1,2 --size 30 --work 1k --reps 6 --budget 0.5 --seed $$
[ $status = 0 ] && grep -q '✗ by-pointer is wrong, as announced.* 0 of 30 results' "$dir/flat"
ok $? "by-pointer: nothing comes back, and it is told"

run --demo crash
[ $status = 0 ] && grep -q 'task 2: killed by signal 11' "$dir/out" && grep -q '✓ 7 of 8 results came; 1 worker died and was replaced' "$dir/out"
ok $? "crash: one worker process, one result"
first=$(sed -n 's/.*two worker processes: \([0-9 and]*\);.*/\1/p' "$dir/out")
then=$(sed -n 's/.*the worker processes now: \([0-9 and]*\)$/\1/p' "$dir/out")
[ -n "$first" ] && [ -n "$then" ] && [ "$first" != "$then" ]
ok $? "crash: another process took its place ($first; $then)"
run --demo crash-threads
[ $status = 0 ] && grep -q '✗ the program does not outlive the crash: killed by signal 11' "$dir/out" && grep -q 'wrong, as announced' "$dir/out"
ok $? "crash-threads: all of it ends"
run --demo crash-threads --json
[ "$(jq -r 'select(.t == "verdict") | .observed' "$dir/out")" = 0 ]
ok $? "crash-threads: the figure says that it did not live"
run --demo hang
[ $status = 0 ] && grep -q 'still running' "$dir/out" && grep -q '✓ its process was ended by force: killed by signal 9' "$dir/out" &&
	grep -q '✓ the next task, in a new process: 49' "$dir/out"
ok $? "hang: asked in vain, ended by force, the next task goes on"
run --demo own-memory
[ $status = 0 ] && grep -q 'task 2 counted to 3' "$dir/out" && grep -q '✓ our counter says 0' "$dir/out"
ok $? "own-memory: theirs and ours"
left "$L"
[ $? = 1 ]
ok $? "no process is left"

# Stopped in the middle: children and all.
"$L" --kernel work --variant work-processes --threads 3 --size 1k --work 100M --reps 6 --budget 60 >"$dir/out" 2>"$dir/err" &
pid=$!
for try in $(seq 1200); do
	[ "$(for exe in /proc/[0-9]*/exe; do [ "$exe" -ef "$L" ] && echo; done 2>/dev/null | wc -l)" -ge 5 ] && break
	sleep 0.05
done
kill -TERM $pid
wait $pid
status=$?
for try in $(seq 1200); do
	left "$L" || break
	sleep 0.05
done
[ $status = 143 ] && ! left "$L"
ok $? "ended by SIGTERM while its workers compute: exit 143, no process is left (exit $status)"

# No descriptors to be had: exit 3 and one line.
(ulimit -n 30 && "$L" --variant processes --threads 40 --size 40 --reps 1 --budget 0.1 --counters off) >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 3 ] && [ -s "$dir/err" ] && ! left "$L"
ok $? "too few descriptors: exit 3, and no process is left (exit $status)"

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer has nothing to say" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/pools" >"$dir/out" 2>"$dir/err"
ok $? "pools builds with SAN=thread"
L=$T/lessons/pools
export TSAN_OPTIONS=exitcode=0
run --threads 2 --size 100 --reps 1 --budget 0.5
[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
ok $? "ThreadSanitizer has nothing to say about empty tasks"
run --kernel work --variant all --threads 2 --size 20 --work 1k --reps 1 --budget 0.5
[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
ok $? "nor about those that compute"
for demo in crash crash-threads hang own-memory; do
	run --demo $demo
	[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
	ok $? "nor about the demonstration $demo"
done
echo "1..$count"
exit $failed
