#!/bin/sh
# The lesson task-graph: the factorisation is right whatever the tiles and workers; the graph that forgets needs is caught by the check, by the order
# of its tasks and by ThreadSanitizer; work, span and bound are those of the formulas.
. tests/lesson.sh
L=$B/lessons/task-graph

run() { # ARGUMENTS
	timeout -k 5 60 "$L" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/flat" # sentences may be wrapped
}
short="--reps 1 --budget 0.1 --counters off --seed $$"

for size in 15 16 17 100 129; do
	run --size $size --tile 16 --variant serial,loops,openmp,futures --threads 1,2,5 $short
	[ $status = 0 ] && ! grep -q ✗ "$dir/out"
	ok $? "right in all right variants, $size rows (exit $status, seed $$)"
done
run --size 64 --tile 16 --variant forgetful --threads 1,2,4 $short
[ $status = 0 ] && grep -q '✗ forgetful is wrong, as announced.*differs from A' "$dir/flat" &&
	! grep -q 'forgetful *[124]* *[0-9.]* [mµ]s' "$dir/out"
ok $? "forgetful: caught with 1, 2 and 4 workers, and named"

for tiles in 1 2 3 8 16; do
	run --tiles $tiles --json
	figure=$(jq -r 'select(.t == "verdict") | .observed' "$dir/out")
	[ $status = 0 ] && awk -v n=$tiles -v got="$figure" 'BEGIN { d = got - n * (n + 1) * (n + 2) / 6 / (3 * n - 2); exit d * d > 1e-12 }'
	ok $? "graph: T1 / T∞ of $tiles by $tiles tiles is that of the formulas ($figure)"
done
run --demo graph
[ $status = 0 ] && grep -q 'work T1 = 20$' "$dir/out" && grep -q 'span T∞ = 10$' "$dir/out" && [ "$(grep -c ' [0-9]*: [FSU]' "$dir/out")" = 10 ] &&
	grep -q ' 1    20  1.00 of 1.00' "$dir/out" && grep -q ' 8    10  2.00 of 2.00' "$dir/out"
ok $? "graph: ten rows, and never more than the bound"
for try in 1 2 3 4 5; do
	run --demo order
	[ $status = 0 ] && ! grep -q needs "$dir/out" && grep -q '✓ 0 began too soon' "$dir/out" || break
done
ok $? "order: five runs, nobody begins too soon"
run --demo forgotten
[ $status = 0 ] && grep -q 'U.*  needs S' "$dir/out" && grep -q '✗ [1-9][0-9]* began too soon' "$dir/out" && grep -q 'wrong, as announced' "$dir/flat"
ok $? "forgotten: who began too soon is told"

for bad in 0 17 2.5 x ""; do
	run --tiles "$bad"
	[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -q -- '--tiles .*a whole number from 1 to 16' "$dir/err"
	ok $? "--tiles '$bad': one line, exit 2 (exit $status)"
done

# No threads to be had: exit 3 and one line, nothing left running.
(ulimit -v 150000 2>/dev/null && "$L" --variant futures --threads 900 --size 64 --tile 16 $short) >"$dir/out" 2>"$dir/err"
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
	skip "ThreadSanitizer reports the wrong variant" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/task-graph" >"$dir/out" 2>"$dir/err"
ok $? "task-graph builds with SAN=thread"
L=$T/lessons/task-graph
export TSAN_OPTIONS=exitcode=0
run --variant futures --threads 4 --size 128 --tile 16 $short
[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
ok $? "ThreadSanitizer has nothing to say about futures"
for try in 1 2 3 4 5; do
	run --variant forgetful --threads 4 --size 256 --tile 32 $short
	grep -q 'WARNING: ThreadSanitizer: data race' "$dir/err" && break
done
[ $status = 0 ] && grep -q 'WARNING: ThreadSanitizer: data race' "$dir/err" && grep -q ' update ' "$dir/err"
ok $? "ThreadSanitizer reports the data race of forgetful, in the update"
for demo in graph order; do
	run --demo $demo
	[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
	ok $? "nor has it about the demonstration $demo"
done
echo "1..$count"
exit $failed
