#!/bin/sh
# The lesson halo: every exchange gives the bits of the serial plate, whatever the size and the ranks, also more ranks than rows; a stale
# halo is caught, and spreads by one row in a sweep; nothing is left running.
. tests/lesson.sh
L=$B/lessons/halo

run() { # ARGUMENTS
	timeout -k 5 60 "$L" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/flat" # sentences may be wrapped
}
short="--reps 1 --budget 0.1 --counters off --seed $$"

run --demo cut --json
[ $status = 0 ] && jq -es 'map(select(.t == "verdict")) | .[0].right and .[0].observed == 12000' "$dir/out" >/dev/null
ok $? "cut: 12 000 numbers cross the borders of 4 by 4 blocks"
run --demo spread
[ $status = 0 ] && grep -q 'sweep  1:  2 rows' "$dir/out" && grep -q 'sweep  3:  6 rows are wrong, from row 97 to row 102' "$dir/out"
ok $? "spread: two rows are wrong after a sweep, six after three"

why=$("$L" --describe | jq -r '.kernels[0].variants[] | select(.name == "overlap") | .unavailable // empty')
if [ "$why" ]; then
	echo "ok 3 - ranks # SKIP $why"
	echo "1..3"
	exit $failed
fi

run --size 1,5,66 --sweeps 9 --variant serial,sendrecv,overlap,blocks --threads 3 $short
[ $status = 0 ] && ! grep -q ✗ "$dir/out" && grep -q '✓ right in all' "$dir/out"
ok $? "every exchange is right, 1 to 66 rows on 3 ranks (exit $status, seed $$)"
run --size 2,33 --sweeps 9 --variant single,overlap --threads 2 $short
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "… and on 2 ranks, also cell by cell (exit $status, seed $$)"
run --size 3,100 --sweeps 30 --variant overlap,blocks --threads 6 $short
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "more ranks than rows, and grids of ranks that are not square (exit $status, seed $$)"
run --weak --size 40 --variant blocks --threads 1,2 $short
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "plates that grow with the ranks"

# One rank may come so late that its neighbour's row is there already; not both.
run --size 64 --sweeps 1 --variant stale --threads 2 $short
[ $status = 0 ] && grep -q '✗ stale is wrong, as announced.*: [12] of 64 rows differ from the serial plate, from row 3[12] to row 3[12]' "$dir/flat"
ok $? "stale: caught after one sweep, at the border"
run --size 64 --sweeps 5 --variant stale --threads 2 $short --json
jq -es 'map(select(.t == "verdict" and .variant == "stale")) | all(.wrong_runs > 0 and .observed > 2 and .observed <= 10)' "$dir/out" >/dev/null
ok $? "stale: after five sweeps in at most ten"
run --size 64 --variant stale --threads 1 $short
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "stale: one rank has no halo to wait for"

run --hosts "$dir/none" --variant overlap
[ $status = 2 ] && [ ! -s "$dir/out" ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -q 'hosts' "$dir/err"
ok $? "hosts: a file that is not there: one line, exit 2"

"$L" --variant overlap --threads 2 --budget 60 >"$dir/out" 2>"$dir/err" &
lesson=$!
sleep 2
kill -INT $lesson
for _ in 1 2 3 4 5 6 7 8 9 10; do
	sleep 0.3
	kill -0 $lesson 2>/dev/null || break
done
! kill -0 $lesson 2>/dev/null
ok $? "an interrupt ends it"
kill -KILL $lesson 2>/dev/null
wait $lesson 2>/dev/null
left=
for p in /proc/[0-9]*; do
	[ "$(readlink "$p/exe" 2>/dev/null)" = "$(readlink -f "$L")" ] && tr '\0' ' ' <"$p/cmdline" | grep -q '@ranks' && left="$left ${p#/proc/}"
done
[ -z "$left" ]
ok $? "no rank is left ($left)"

python3 - "$(dirname "$0")/../lessons/6-distributed/3-halo/order-overlap.c" "$dir" <<'PY'
import sys
source = open(sys.argv[1], encoding="utf-8").read()
line = {"R": "MPI_Irecv(halo, 1, MPI_DOUBLE, other, 0, MPI_COMM_WORLD, &ask[0]);",
        "S": "MPI_Isend(edge, 1, MPI_DOUBLE, other, 0, MPI_COMM_WORLD, &ask[1]);",
        "I": "renew_inner();", "W": "MPI_Waitall(2, ask, MPI_STATUSES_IGNORE);", "E": "renew_edge();"}
for name, order in {"good": "RSIWE", "late": "RSIEW", "none": "RSWIE"}.items():
    with open(f"{sys.argv[2]}/{name}.c", "w", encoding="utf-8") as f:
        f.write(source.replace("//@", "\n".join(line[c] for c in order)))
PY
for name in good late none; do
	${CC:-cc} -DHAVE_MPI=1 $(pkg-config --cflags ompi-c) -o "$dir/$name" "$dir/$name.c" $(pkg-config --libs ompi-c) 2>"$dir/err" &&
		"$dir/$name" >"$dir/out" 2>>"$dir/err"
	status=$?
	case $name in
	good) [ $status = 0 ] ;;
	late) [ $status != 0 ] && grep -q 'of 32 cells are right' "$dir/out" ;;
	none) [ $status != 0 ] && grep -q 'nothing was renewed' "$dir/out" ;;
	esac
	ok $? "the puzzle's frame: $name (exit $status)"
done
echo "1..$count"
exit $failed
