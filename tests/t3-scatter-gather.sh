#!/bin/sh
# The lesson scatter-gather: what is right, what is wrong and caught, and that the same holds for 1 to 4 ranks and uneven parts.
B=${B:-build}
export LC_ALL=C.UTF-8
count=0
failed=0
dir=$(mktemp -d) || exit 255
trap 'rm -rf "$dir"' EXIT
L=$B/lessons/scatter-gather

ok() { # STATUS NAME
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
		sed 's/^/# /' "$dir/out" "$dir/err" | tail -n 30
	fi
}

run() { # WORDS...
	timeout -k 5 60 "$L" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/line"
}

if ! "$L" --describe | jq -e '[.kernels[].variants[] | select(.kind == "mpi")][0].unavailable == null' >/dev/null 2>&1; then
	run --threads 2
	[ $status = 4 ] && grep -q openmpi-bin "$dir/err"
	ok $? "without MPI: exit 4 and the package (exit $status)"
	echo "1..$count"
	exit $failed
fi

run --variant scatterv,by-hand,reduce --threads 1,2,3,4 --size 1003 --times 7 --reps 1 --budget 0.2 --seed $$ -q
[ $status = 0 ] && grep -q '✓ .*right in all' "$dir/line"
ok $? "scatterv, by-hand and reduce are right with 1 to 4 ranks and uneven parts (seed $$, exit $status)"
run --variant even-parts --threads 3 --size 1000 --reps 1 --budget 0.2 -q
[ $status = 0 ] && grep -q '✗ .*even-parts is wrong, as announced.* 999 of 1000 results came back' "$dir/line"
ok $? "even-parts loses what is left over, and is caught (exit $status)"
run --variant even-parts --threads 3 --size 999 --reps 1 --budget 0.2 -q
[ $status = 0 ] && ! grep -q '✗' "$dir/line"
ok $? "even-parts is right where the parts are even"

run --kernel ring --variant sendrecv,order,isend --threads 1,2,3,4 --size 100001 --reps 1 --budget 0.2 -q
[ $status = 0 ] && grep -q '✓ .*right in all' "$dir/line"
ok $? "sendrecv, order and isend are right with 1 to 4 ranks (exit $status)"
run --kernel ring --variant send-first --threads 3 --size 300000 --reps 1 --budget 0.2 -q
[ $status = 0 ] && grep -q '✗ .*send-first is wrong, as announced.* rank 0 waits in MPI_Send for rank 1, rank 1 waits in MPI_Send for rank 2, rank 2 waits in MPI_Send for rank 0' "$dir/line"
ok $? "send-first: the circle is found, told and ended (exit $status)"
run --kernel ring --variant send-first --threads 2 --size 20 --reps 1 --budget 0.2 -q
[ $status = 0 ] && ! grep -q '✗' "$dir/line"
ok $? "send-first goes well with short messages: that is why it is dangerous"

run --demo who
[ $status = 0 ] && [ "$(grep -c 'rank [0-3] of 4: process' "$dir/out")" = 4 ] && grep -q '✓ rank 0 wrote 42; in rank 3 it is 0' "$dir/out"
ok $? "who: four ranks, each with memory of its own (exit $status)"
run --demo eager
[ $status = 0 ] && grep -q '✓ 256 bytes each: arrived' "$dir/out" && grep -q '✗ [0-9]* bytes each: rank 0 waits in MPI_Send for rank 1' "$dir/out"
ok $? "eager: short ones arrive, a longer one is stuck (exit $status)"
run --demo deadlock
[ $status = 0 ] && grep -q 'rank 0 waits in MPI_Send for rank 1, rank 1 waits in MPI_Send for rank 0' "$dir/out" &&
	[ "$(grep -c '✓ \(sendrecv\|order\|isend\): arrived' "$dir/out")" = 3 ]
ok $? "deadlock: who waits for whom, and three cures that arrive (exit $status)"
run --demo receive-first
[ $status = 0 ] && grep -q 'rank 0 waits in MPI_Recv for rank 1, rank 1 waits in MPI_Recv for rank 0' "$dir/out"
ok $? "receive-first: both are stuck (exit $status)"

for bad in "--hosts /nowhere/hosts" "--times -1" "--size 1e9"; do
	run $bad
	[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
	ok $? "$bad: one line, exit 2 (exit $status)"
done
echo "1..$count"
exit $failed
