#!/bin/sh
# The lesson task-farm: right whatever the chunks and workers, with children that are killed and a worker that falls silent; a master that
# forgets what was lost, or counts a result twice, is caught; a rank's own death ends all ranks; nothing is left running.
. tests/lesson.sh
L=$B/lessons/task-farm

run() { # ARGUMENTS
	timeout -k 5 60 "$L" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/flat" # sentences may be wrapped
}
verdict() { # FILTER
	jq -es "map(select(.t == \"verdict\")) | length > 0 and all($1)" "$dir/out" >/dev/null
}
short="--reps 1 --budget 0.1 --counters off --seed $$"

why=$("$L" --describe | jq -r '.kernels[0].variants[] | select(.name == "dynamic") | .unavailable // empty')
if [ "$why" ]; then
	echo "1..0 # SKIP $why"
	exit 0
fi

run --size 5000 --variant serial,dealt,dynamic,children --chunks 1,2,3,33 --threads 1,2,4 $short
[ $status = 0 ] && ! grep -q ✗ "$dir/out" && grep -q '✓ right in all' "$dir/out"
ok $? "right in 1 to 33 chunks, with 1 to 4 workers (exit $status, seed $$)"
run --size 1,2,50 --variant dynamic,children --chunks 5 --threads 1,2 $short
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "right with fewer numbers than chunks (exit $status, seed $$)"
run --size 20k --variant silent --patience 15 --threads 1,3 $short
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "silent: right though a worker was given up (exit $status, seed $$)"
run --size 20k --variant silent --patience 1 --chunks 5 --threads 2 $short
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "silent: right with no patience at all"

run --size 20k --variant forgets --threads 1,2 $short --json
[ $status = 0 ] && verdict 'if .variant == "forgets" then .wrong_runs == .tried and .observed > 1.2 * .expected and (.text | test("lost 8,")) else .right end'
ok $? "forgets: caught in every run, too many numbers above a mean that is too low (seed $$)"
run --size 20k --variant twice --patience 15 --threads 2,3 $short --json
[ $status = 0 ] && verdict 'if .variant == "twice" then .wrong_runs > 0 and .observed > .expected and (.text | test("too late [1-9]")) else .right end'
ok $? "twice: caught, a late result is added (seed $$)"
run --size 20k --variant forgets,twice --patience 15 --threads 2 $short
[ $status = 0 ] && grep -q '✗ forgets is wrong, as announced' "$dir/flat" && grep -q '✗ twice is wrong, as announced' "$dir/flat"
ok $? "both are named"

run --demo deal --json
[ $status = 0 ] && verdict '.right and .observed == 25'
ok $? "deal: half of the chunks are a fourth of the numbers"
run --demo lost
[ $status = 0 ] && [ "$(grep -c 'was killed, signal 9' "$dir/out")" = 4 ] && grep -q '✓ each chunk was made all the same' "$dir/out"
ok $? "lost: four children are killed, all chunks are there"
run --demo late
[ $status = 0 ] && grep -q 'silent for too long' "$dir/out" && grep -q 'too late$' "$dir/out" && [ "$(grep -c ✓ "$dir/out")" = 2 ]
ok $? "late: given to another, and the late result is left out"
run --demo death
[ $status = 0 ] && grep -q 'rank 1 .*signal 9' "$dir/out" && [ "$(grep -c ✓ "$dir/out")" = 3 ]
ok $? "death: mpirun names the rank and ends the others"

# The fourth fork on a rank fails.
cat >"$dir/few.c" <<'END'
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
pid_t fork(void)
{
	static int had;
	pid_t (*real)(void);
	*(void **)&real = dlsym(RTLD_NEXT, "fork");
	return getenv("OMPI_COMM_WORLD_RANK") && ++had > 3 ? (errno = EAGAIN, -1) : real();
}
END
if ${CC:-cc} -D_GNU_SOURCE -shared -fPIC -o "$dir/few.so" "$dir/few.c" -ldl 2>"$dir/err"; then
	LD_PRELOAD=$dir/few.so timeout -k 5 60 "$L" --size 20k --variant children --threads 2 $short >"$dir/out" 2>"$dir/err"
	status=$?
	[ $status = 3 ] && grep -q 'Resource temporarily unavailable' "$dir/err"
	ok $? "children: none to be had any more: all stop, exit 3 (exit $status)"
fi

run --chunks 0
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -q chunks "$dir/err"
ok $? "no chunks at all: one line, exit 2"

left=
for p in /proc/[0-9]*; do
	[ "$(readlink "$p/exe" 2>/dev/null)" = "$(readlink -f "$L")" ] && tr '\0' ' ' <"$p/cmdline" | grep -q '@ranks\|@die' && left="$left ${p#/proc/}"
done
[ -z "$left" ]
ok $? "no rank and no child of one is left ($left)"
echo "1..$count"
exit $failed
