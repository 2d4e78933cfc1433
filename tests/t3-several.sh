#!/bin/sh
# Several kernels in one command of lockstep bench, each measured in a process of its own: one output, one end, nothing left.
set -u
B=${B:-build}
count=0 failed=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-several-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
ok() { # ok STATUS NAME
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failed=1; fi
}
quick="--size 100 --reps 1 --threads 1 --variant serial --counters off"

# shellcheck disable=SC2086
{
"$B/lockstep-bench" fma scan spin $quick -o "$tmp/a" >"$tmp/out" 2>"$tmp/err"
ok $? "three kernels are measured"
[ ! -s "$tmp/err" ] && [ "$(grep -c '^variant ' "$tmp/out")" = 3 ]
ok $? "three tables, no complaint"
[ "$(jq -r 'select(.t == "machine" or .t == "run" or .t == "end") | .kernel // .t' "$tmp/a" | tr '\n' ' ')" = "$(head -n 1 "$tmp/a" | jq -r .kernel) fma scan spin end " ]
ok $? "one machine line, the runs in their order, one end"
[ "$(jq -r 'select(.t == "run") | .run' "$tmp/a" | sort -u | wc -l)" = 3 ]
ok $? "each run has a name of its own"
"$B/lockstep-bench" fma scan $quick --json >"$tmp/json" 2>/dev/null && tail -n 1 "$tmp/json" | jq -e '.t == "end"' >/dev/null &&
	[ "$(head -n 1 "$tmp/json" | jq -r .t)" = machine ]
ok $? "--json: from the machine's line to the end"
"$B/lockstep-bench" fma scan $quick --csv >"$tmp/csv" && [ "$(grep -c '^run,' "$tmp/csv")" = 1 ] && grep -q ',scan,' "$tmp/csv"
ok $? "--csv: one header, both kernels"
"$B/lockstep-bench" fma scan $quick --status-fd 5 5>"$tmp/fd" >"$tmp/out" && grep -q '"progress"' "$tmp/fd" && ! grep -q '"t"' "$tmp/out"
ok $? "--status-fd: records there, text here"
if [ -w /dev/full ]; then
	"$B/lockstep-bench" fma scan $quick -o /dev/full >"$tmp/out" 2>"$tmp/err"
	[ $? = 3 ] && [ "$(wc -l <"$tmp/err")" = 1 ]
	ok $? "a full disk: exit 3, said once"
fi
"$B/lockstep-bench" fma scan --size 100 --variant radix -o "$tmp/no" >"$tmp/out" 2>"$tmp/err"
[ $? = 2 ] && [ "$(wc -l <"$tmp/err")" = 1 ] && [ ! -e "$tmp/no" ]
ok $? "what one of them does not know is said before any is measured"
}

for how in "INT -" "TERM " "KILL "; do
	rm -f "$tmp/i"
	setsid "$B/lockstep-bench" fma stream scan --threads 1,2 --reps 1000 -o "$tmp/i" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	for i in $(seq 120); do
		grep -q '"sample"' "$tmp/i" 2>/dev/null && break
		sleep 1
	done
	kill -"${how% *}" "${how#* }$pid"
	wait $pid
	status=$?
	if [ "${how% *}" = KILL ]; then
		for i in $(seq 30); do
			kill -0 -$pid 2>/dev/null || break
			sleep 0.2
		done
	else
		[ "$status" -gt 128 ] && [ ! -s "$tmp/err" ] && [ "$(grep -c '"t":"end"' "$tmp/i")" = 1 ] &&
			tail -n 1 "$tmp/i" | jq -e ".t == \"end\" and .partial and .status == $status" >/dev/null
		ok $? "${how% *}: exit $status, one end, marked partial"
	fi
	! kill -0 -$pid 2>/dev/null
	ok $? "${how% *}: nobody is left"
done
echo "1..$count"
exit $failed
