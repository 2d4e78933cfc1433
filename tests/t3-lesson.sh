#!/bin/sh
# The command line of a lesson, as a person and as a program would use it: output, records, exit codes, complaints, Ctrl-C.
B=${B:-build}
mutex=$B/lessons/mutex
amdahl=$B/lessons/amdahl
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export XDG_CACHE_HOME="$tmp/cache" XDG_STATE_HOME="$tmp/state"
count=0
failed=0

ok() { # STATUS NAME
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
	fi
}

# Exit 2 and one line on stderr that names what was given; nothing on stdout.
refused() { # WORD COMMAND...
	word=$1
	shift
	"$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	[ $status = 2 ] && [ "$(wc -l <"$tmp/err")" = 1 ] && grep -qF -e "$word" "$tmp/err" && [ ! -s "$tmp/out" ]
	ok $? "refused: ${*##*/}: $(head -c 150 "$tmp/err")"
}

quick="--size 20k --reps 1 --budget 5"

refused "--threads 0" "$mutex" --threads 0
refused "--threads abc" "$mutex" --threads abc
refused "--threads" "$mutex" --threads ''
refused "--threads 4000" "$mutex" --threads 4000
refused "--size 99999999999999" "$mutex" --size 99999999999999
refused "--size -1" "$mutex" --size -1
refused "--size 1.5" "$mutex" --size 1.5
refused "nobody" "$mutex" --variant nobody
refused "--reps 0" "$mutex" --reps 0
refused "--budget nan" "$mutex" --budget nan
refused "--pin hard" "$mutex" --pin hard
refused "--counters all" "$mutex" --counters all
refused "--status-fd 77" "$mutex" $quick --status-fd 77
refused "--no-such" "$mutex" --no-such
refused "--size" "$mutex" --size
refused "stray" "$mutex" stray
refused "--variant" "$mutex" --variant serial,
refused "--status-fd" "$mutex" --json --status-fd 1
refused "--kernel other" "$mutex" --kernel other
refused "--serial 2" "$amdahl" --serial 2
refused "--serial" "$amdahl" --kernel picture --serial 0.5
refused "only one" "$amdahl" --size 100,200 --serial 0.1,0.2
refused "no/such" "$mutex" $quick --output "$tmp/no/such/file"
refused "$tmp" "$mutex" $quick --output "$tmp"
refused 'x\x1b[31m' "$mutex" --variant "$(printf 'x\033[31m')"

for option in --help --version --list --describe --explain; do
	"$mutex" $option >"$tmp/out" 2>"$tmp/err"
	ok $? "mutex $option"
	[ -s "$tmp/out" ] && [ ! -s "$tmp/err" ]
	ok $? "mutex $option prints on stdout only"
done
"$mutex" --describe | jq -e '.id == "mutex" and .chapter == 3 and .number == 3 and (.kernels[0].variants | length) > 5' >/dev/null
ok $? "--describe is JSON that says what the lesson is"
"$mutex" --explain --lang zh | grep -q 互斥锁
ok $? "--explain --lang zh"

"$mutex" $quick --threads 1,2 -o "$tmp/a.ndjson" >"$tmp/out" 2>"$tmp/err"
ok $? "a small run exits 0"
grep -q "^variant" "$tmp/out" && grep -q "mutex" "$tmp/out"
ok $? "and prints a table"
"$mutex" $quick --threads 1,2 -q -o "$tmp/a.ndjson" >"$tmp/out"
[ "$(grep -c '"t": *"machine"' "$tmp/a.ndjson")" = 2 ]
ok $? "a second run is appended"
jq -e . "$tmp/a.ndjson" >/dev/null
ok $? "every line of the file is JSON"
[ "$(wc -l <"$tmp/out")" -le 8 ]
ok $? "--quiet prints verdicts only"
! grep -q '"progress"' "$tmp/a.ndjson"
ok $? "no progress lines in the file"

"$mutex" $quick --threads 1,2 --json >"$tmp/json" 2>"$tmp/err"
ok $? "--json exits 0"
jq -e . "$tmp/json" >"$tmp/parsed"
ok $? "jq accepts every line of --json"
jq -se '[.[].t] | (.[0] == "machine") and (.[-1] == "end") and (contains(["run", "sample", "point", "verdict"]))' "$tmp/json" >/dev/null
ok $? "--json goes from machine to end"
jq -se '[.[] | select(.t == "budget")] | length > 0 and all(.[]; (.parts_ns | add) == .total_ns)' "$tmp/json" >/dev/null ||
	jq -se '[.[] | select(.t == "budget")] | length == 0 and true' "$tmp/json" >/dev/null
ok $? "core-seconds sum exactly in every budget"
jq -se '[.[] | select(.t == "counters") | .absent[]] | all(.[]; length > 0)' "$tmp/json" >/dev/null
ok $? "what can't be counted has a reason"
jq -se '[.[] | select(.t == "counters") | (.values | keys) - ((.values | keys) - (.absent | keys))] | all(.[]; length == 0)' "$tmp/json" >/dev/null
ok $? "no counter is both a value and absent"

"$mutex" $quick --threads 1 --status-fd 3 3>"$tmp/status" >"$tmp/out"
ok $? "--status-fd exits 0"
jq -e . "$tmp/status" >/dev/null && grep -q '"progress"' "$tmp/status" && grep -q "^variant" "$tmp/out"
ok $? "--status-fd: records there, text on stdout"
"$mutex" $quick --threads 1,2 --csv >"$tmp/csv"
ok $? "--csv exits 0"
[ "$(awk -F, 'NR == 1 { n = NF } NF != n { bad++ } END { print bad + 0 }' "$tmp/csv")" = 0 ] && [ "$(wc -l <"$tmp/csv")" -gt 5 ]
ok $? "--csv has as many columns in every line"

printf '{"lockstep":1,"t":"mach' >"$tmp/torn"
"$mutex" $quick --threads 1 -q -o "$tmp/torn" >"$tmp/out"
[ "$(sed -n 2p "$tmp/torn" | jq -r .t)" = machine ]
ok $? "a torn line of before stays alone"

if [ -w /dev/full ]; then
	"$mutex" $quick --threads 1 -o /dev/full >"$tmp/out" 2>"$tmp/err"
	[ $? = 3 ] && [ "$(wc -l <"$tmp/err")" = 1 ] && grep -q "^variant" "$tmp/out"
	ok $? "a full disk: exit 3, one line, and the table is still printed"
	"$mutex" $quick --threads 1 >/dev/full 2>"$tmp/err"
	[ $? = 3 ] && [ "$(wc -l <"$tmp/err")" = 1 ]
	ok $? "a full standard output: exit 3, one line"
fi

"$B/lockstep-bench" fma --variant serial --size 4 --reps 1 -q >"$tmp/out"
ok $? "lockstep bench measures a kernel"
LOCKSTEP_SIMD=base "$B/lockstep-bench" stream --variant simd-nontemporal --size 1000 >"$tmp/out" 2>"$tmp/err"
status=$?
if [ $status = 0 ]; then
	echo "ok $((count += 1)) - a variant that can't run here # SKIP this machine's base level has non-temporal stores"
else
	[ $status = 4 ] && grep -q "cannot run here" "$tmp/err"
	ok $? "a variant that can't run here: exit 4 with the reason"
fi
(
	ulimit -v 600000
	"$B/lockstep-bench" matmul --size 8000 --variant ikj --counters off >"$tmp/out" 2>"$tmp/err"
	[ $? = 3 ] && [ "$(grep -c . "$tmp/err")" = 1 ]
)
ok $? "no memory: exit 3, one line: $(head -c 100 "$tmp/err")"

# Ctrl-C, for threads and for a pool of processes
for lesson in "amdahl --threads 1,2" "parallel-loop --variant pool --threads 2"; do
	set -- $lesson
	name=$1
	shift
	setsid "$B/lessons/$name" "$@" --reps 1000 -o "$tmp/int.ndjson" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	for i in $(seq 120); do
		grep -q '"sample"' "$tmp/int.ndjson" 2>/dev/null && break
		sleep 1
	done
	kill -INT -$pid # the whole group, as a terminal does
	wait $pid
	[ $? = 130 ] && [ ! -s "$tmp/err" ]
	ok $? "$name: Ctrl-C exits 130 and complains of nothing"
	jq -e . "$tmp/int.ndjson" >/dev/null && tail -n 1 "$tmp/int.ndjson" | jq -e '.t == "end" and .partial and .status == 130' >/dev/null
	ok $? "$name: the records so far are kept and marked partial"
	! kill -0 -$pid 2>/dev/null
	ok $? "$name: no worker is left"
	rm -f "$tmp/int.ndjson"
done

echo "1..$count"
exit $failed
