#!/bin/sh
# The lesson messages: all bytes arrive, all sums are right on all ranks; the wrong reduce is caught; the fit says what it must.
B=${B:-build}
export LC_ALL=C.UTF-8
count=0
failed=0
dir=$(mktemp -d) || exit 255
trap 'rm -rf "$dir"' EXIT
L=$B/lessons/messages

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

for bytes in 0 7 8 100003; do
	run --variant ping-pong,stream --threads 1,2,3 --size 37 --bytes $bytes --reps 1 --budget 0.1 --seed $$ -q
	[ $status = 0 ] && grep -q '✓ .*right in all' "$dir/line"
	ok $? "37 messages of $bytes bytes arrive as they were sent, with 1, 2 and 3 ranks (seed $$, exit $status)"
done
run --kernel allreduce --variant allreduce,ring,naive --threads 1,2,3,4 --size 1001 --vectors 5 --reps 1 --budget 0.2 --seed $$ -q
[ $status = 0 ] && grep -q '✓ .*right in all' "$dir/line"
ok $? "allreduce, ring and naive: every sum right on 1 to 4 ranks (seed $$, exit $status)"
run --kernel allreduce --variant ring --threads 3 --size 2 --vectors 1 --reps 1 --budget 0.1 -q
[ $status = 0 ] && grep -q '✓ .*right in all' "$dir/line"
ok $? "ring: fewer numbers than ranks, fewer vectors, too (exit $status)"
run --kernel allreduce --variant only-root --threads 3 --size 1000 --reps 1 --budget 0.1 -q
[ $status = 0 ] && grep -q '✗ .*only-root is wrong, as announced.* 10[0-9][0-9] of 3000 sums are right' "$dir/line"
ok $? "only-root: right on one rank of three, and caught (exit $status)"

run --demo fit --launches 2
[ $status = 0 ] && [ "$(grep -c 'launch [12] of 2' "$dir/out")" = 2 ] && [ "$(grep -c '^ .* us  *[0-9.-]* us$' "$dir/out")" = 9 ] &&
	grep -q '1 MiB one way: [0-9.]* us' "$dir/out" && [ "$(grep -c 'alpha [0-9.-]* us' "$dir/out")" = 3 ]
ok $? "fit: two launches, nine lengths, a line for each launch and for all (exit $status)"
run --demo fit --launches 1 --json
jq -e -s '[.[] | select(.t == "verdict")][0] | .right and .observed > 0' "$dir/out" >/dev/null
ok $? "fit: the figure for 1 MiB is in the verdict"
run --demo many
[ $status = 0 ] && grep -q 'the same bytes, [0-9]* times as long' "$dir/out"
ok $? "many: a thousand short ones against a long one (exit $status)"

for bad in "--launches 0" "--launches 21" "--hosts /nowhere/hosts" "--bytes 1e9"; do
	run $bad
	[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
	ok $? "$bad: one line, exit 2 (exit $status)"
done
echo "1..$count"
exit $failed
