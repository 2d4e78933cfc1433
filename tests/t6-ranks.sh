#!/bin/sh
# Companies of ranks (kernels/runtime/ranks.h): started, kept, right with 1 to 4 ranks; and nothing of them is left, however the program
# ends. Each lesson here runs in a session of its own; its processes are found by its own executable, a copy that nobody else runs.
B=${B:-build}
export LC_ALL=C.UTF-8
count=0
failed=0
dir=$(mktemp -d) || exit 255
dir=$(cd "$dir" && pwd -P)
trap 'rm -rf "$dir"' EXIT

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

if ! "$B/lessons/scatter-gather" --describe | jq -e '[.kernels[].variants[] | select(.kind == "mpi")][0].unavailable == null' >/dev/null 2>&1; then
	echo "1..0 # SKIP no MPI here"
	exit 0
fi
home=$(cd "$(dirname "$0")/.." && pwd)
export LOCKSTEP_HOME=${LOCKSTEP_HOME:-$home}
cp "$B/lessons/scatter-gather" "$dir/ranks-of-$$"
lesson=$dir/ranks-of-$$

# Processes that run the lesson or an mpirun that started it; zombies, which somebody else has to bury, don't count.
left() {
	ps -eo stat=,args= | grep -F "$lesson" | grep -v -e '^Z' -e grep | wc -l
}

gone() { # nothing is left, within five seconds
	for try in $(seq 50); do
		[ "$(left)" = 0 ] && return 0
		sleep 0.1
	done
	ps -eo pid=,ppid=,stat=,args= | grep -F "$lesson" | grep -v grep >>"$dir/err"
	return 1
}

# Their folders stand in the arguments of mpirun.
folders_of() {
	ps -eo args= | grep -F "$lesson" | grep -o '/dev/shm/lockstep-ranks-[A-Za-z0-9]*\|/tmp/lockstep-ranks-[A-Za-z0-9]*' | sort -u
}

"$lesson" --variant scatterv,by-hand,reduce --threads 1,2,3,4 --size 1003 --reps 1 --budget 0.3 -q --seed $$ >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] && grep -q '✓ .*right in all' "$dir/out" && [ ! -s "$dir/err" ]
ok $? "right with 1, 2, 3 and 4 ranks (seed $$, exit $status)"
gone
ok $? "after the end no process is left"

"$lesson" --threads 2 --variant scatterv --reps 2 --budget 2 --json >"$dir/out" 2>"$dir/err"
jq -e -s '[.[] | select(.t == "span" and .variant == "scatterv" and .workers == 2)] | ([.[].worker] | unique) == [0, 1] and all(.begin_seconds >= 0 and .end_seconds > .begin_seconds)' "$dir/out" >/dev/null
ok $? "both ranks have spans in the timeline"
jq -e -s '[.[] | select(.t == "sample" and .variant == "scatterv" and .workers == 2)] | length > 0 and all(.seconds > 0 and .seconds < 0.5 and .right)' "$dir/out" >/dev/null
ok $? "what is timed is the run, not the start of mpirun"
jq -e -s '[.[] | select(.t == "counters" and .variant == "scatterv" and .workers == 2 and .worker >= 0)] | ([.[].worker] | sort) == [0, 1] and all(.values.task_clock_seconds > 0 or (.absent.task_clock_seconds | test("ran") | not))' "$dir/out" >/dev/null
ok $? "both ranks have counters"
pin=$(PATH=/nowhere "$lesson" --threads 2 2>&1)
[ $? = 4 ] && echo "$pin" | grep -q 'openmpi-bin'
ok $? "without mpirun on the PATH: exit 4 and the package"
[ "$(PATH=/nowhere "$lesson" --list | grep -c 'openmpi-bin')" -ge 4 ]
ok $? "… and the variants are still listed, each with the reason"

# A signal at different moments: while companies start, and while they run; in the middle of a deadlock, too.
ends_by() { # SIGNAL SECONDS STATUS WORDS...
	signal=$1 after=$2 want=$3
	shift 3
	setsid "$lesson" --budget 20 "$@" >"$dir/out" 2>"$dir/err" </dev/null &
	pid=$!
	sleep "$after"
	folders_of >"$dir/folders"
	had=$(left)
	begin=$(date +%s%N)
	kill "-$signal" $pid
	wait $pid 2>/dev/null
	status=$?
	took=$((($(date +%s%N) - begin) / 1000000))
	gone && [ $status = "$want" ]
	good=$?
	while read -r folder; do
		for try in $(seq 40); do [ -e "$folder" ] && sleep 0.1; done
		[ ! -e "$folder" ] || good=1
	done <"$dir/folders"
	ok $good "SIG$signal after $after s, $* ($had processes): none left, no file left (exit $status, $took ms)"
}
for after in 0.3 1.5; do
	ends_by INT $after 130 --threads 1,2,3 --variant scatterv
	ends_by TERM $after 143 --threads 1,2,3 --variant scatterv
	ends_by KILL $after 137 --threads 1,2,3 --variant scatterv
done
ends_by HUP 1 129 --threads 4 --variant by-hand
ends_by TERM 0.8 143 --kernel ring --variant send-first --threads 3
ends_by KILL 0.8 137 --kernel ring --variant send-first --threads 3

# Who kills mpirun, or a rank: a message, exit 3, nothing left.
for whom in mpirun rank; do
	setsid "$lesson" --budget 20 --threads 2 --variant scatterv >"$dir/out" 2>"$dir/err" </dev/null &
	pid=$!
	for try in $(seq 60); do
		sleep 0.1
		[ $whom = mpirun ] && victim=$(pgrep -P $pid -x mpirun | head -n 1)
		[ $whom = rank ] && victim=$(pgrep -P "$(pgrep -P $pid -x mpirun | tail -n 1)" 2>/dev/null | tail -n 1)
		[ -n "$victim" ] && [ "$try" -gt 12 ] && break
	done
	kill -KILL $victim
	wait $pid
	status=$?
	gone && [ $status = 3 ] && [ -s "$dir/err" ]
	ok $? "a killed $whom: exit 3 and a line, none left (exit $status)"
done

# A closed terminal output, and a pipe nobody reads, end it, too.
setsid sh -c "\"$lesson\" --budget 2 --threads 2 --json | head -n 3" >"$dir/out" 2>"$dir/err" </dev/null &
wait $!
gone
ok $? "records that nobody reads any more: none left"

"$lesson" --demo deadlock >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] && grep -q 'rank 0 waits in MPI_Send for rank 1, rank 1 waits in MPI_Send for rank 0' "$dir/out"
ok $? "a deadlock is found and named (exit $status)"
gone
ok $? "… and ended: no process is left"
echo "1..$count"
exit $failed
