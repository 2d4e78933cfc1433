#!/bin/sh
# Killed without warning (kill -9): the screen leaves no run behind, a lesson no worker process, and what was saved can be read.
set -u
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-kill-XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
export XDG_STATE_HOME="$T/state" XDG_DATA_HOME="$T/data" XDG_CACHE_HOME="$T/cache" LC_ALL=C.UTF-8
unset LOCKSTEP_HOME
n=0 bad=0
ok() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; bad=1; fi
}
marked() { # how many processes carry the mark in their environment; this shell does not
	grep -lzF "LOCKSTEP_KILL_TEST=$1" /proc/[0-9]*/environ 2>/dev/null | wc -l
}
until_it_is() { # until_it_is MARK TEST...: within some seconds the number of marked processes passes the test
	mark=$1
	shift
	for i in $(seq 300); do
		[ "$(marked "$mark")" "$@" ] && return 0
		sleep 0.2
	done
	echo "# $(marked "$mark") processes of $mark"
	return 1
}

# The screen, with a lesson that works in processes of its own.
steps=$(grep -c '^---$' lessons/4-executors/3-parallel-loop/en.md)
at=$(awk '/^---$/ {step++} /^```run/ {getline; print step; exit}' lessons/4-executors/3-parallel-loop/en.md)
{
	i=0
	while [ $i -lt "$at" ]; do echo "key n"; i=$((i + 1)); done
	printf 'key r\nkey Esc\nkey r\nwait 60\n'
} >"$T/script"
[ "$steps" -ge "$at" ]
ok $? "the lesson has a step with a run"
env LOCKSTEP_KILL_TEST=screen$$ "$B/lockstep-tui" parallel-loop --script "$T/script" >"$T/out" 2>"$T/err" &
screen=$!
until_it_is screen$$ -ge 2
ok $? "a run is live under the screen"
kill -9 $screen
wait $screen 2>/dev/null
until_it_is screen$$ -eq 0
ok $? "the screen is killed: its run ends, too"
printf 'expect Step\nquit\n' >"$T/script"
"$B/lockstep-tui" parallel-loop --script "$T/script" >"$T/out" 2>&1
ok $? "the next screen goes on from what was saved"

# A lesson, with forked workers.
for variant in pool; do
	env LOCKSTEP_KILL_TEST=lesson$$ "$B/lessons/parallel-loop" --variant $variant --threads 4 --size 4096 --budget 60 -q >"$T/out" 2>&1 &
	lesson=$!
	until_it_is lesson$$ -ge 3
	ok $? "$variant: workers are there"
	kill -9 $lesson
	wait $lesson 2>/dev/null
	until_it_is lesson$$ -eq 0
	ok $? "$variant: the lesson is killed: its workers end, too"
done
echo "1..$n"
exit $bad
