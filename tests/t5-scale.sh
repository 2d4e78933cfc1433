#!/bin/sh
# Charts of a record file of any length: memory is bounded, time is in proportion, and what is thinned out keeps its extremes.
# SCALE=10000000 for the file of 10 million spans (about 2 GB).
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
root=$(cd "$(dirname "$0")/.." && pwd)
spans=${SCALE:-200000}
n=0 failed=0
LC_ALL=C.UTF-8 LOCKSTEP_HOME=$root
export LC_ALL LOCKSTEP_HOME
T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-scale-XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
trap 'exit 1' INT TERM HUP

ok() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
		sed 's/^/# /' "$T/err" | head -20
	fi
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
[ -x "$B/lockstep-plot" ] || { echo "Bail out! lockstep-plot is not built"; exit 1; }

# make SPANS FILE: two workers that run and wait in turn; one long wait in the middle, and lines of a torn kind between.
make() {
	grep '"t":"machine"\|"t":"run"\|"t":"point"\|"t":"budget"' "$root/tests/fixtures/speedup.ndjson" >"$2"
	id=$(sed -n 's/.*"t":"run","run":"\([^"]*\)".*/\1/p' "$2" | head -1)
	awk -v n="$1" -v id="$id" 'BEGIN {
		for (i = 0; i < n / 2; i++) {
			w = i % 2; b = int(i / 2) * 1e-4; e = i == int(n / 4) ? 4e-1 : 1e-5
			printf "{\"t\":\"span\",\"run\":\"%s\",\"variant\":\"threads\",\"workers\":2,\"final\":true,\"round\":3,\"worker\":%d,\"core\":%d,\"kind\":\"run\",\"begin_seconds\":%.7f,\"end_seconds\":%.7f}\n", id, w, w, b, b + 9e-5
			printf "{\"t\":\"span\",\"run\":\"%s\",\"variant\":\"threads\",\"workers\":2,\"final\":true,\"round\":3,\"worker\":%d,\"core\":%d,\"kind\":\"wait\",\"begin_seconds\":%.7f,\"end_seconds\":%.7f}\n", id, w, w, b + 9e-5, b + 9e-5 + e
			if (i % 100000 == 99999) print "{\"t\":\"sample\",\"run\":\"" id "\",\"rou"
		}
	}' >>"$2"
}
make "$spans" "$T/large.ndjson"
make $((spans / 4)) "$T/small.ndjson"

cat >"$T/measure.py" <<'PY'
import os, resource, subprocess, sys, time
begin = time.monotonic()
quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ, PATH=sys.argv[1]))
status = subprocess.run(sys.argv[2:], **quiet).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, round(time.monotonic() - begin, 1))
PY
mkdir "$T/nothing"
if command -v python3 >/dev/null && ! grep -q __asan_init "$B/lockstep-plot" && ! grep -q __tsan_init "$B/lockstep-plot"; then
	for size in small large; do
		python3 "$T/measure.py" "$T/nothing" "$B/lockstep-plot" "$T/$size.ndjson" --kind timeline,cores -o "$T/$size" >"$T/$size.said" 2>"$T/err"
		read -r status rss seconds <"$T/$size.said"
		echo "# $size: $(($(wc -c <"$T/$size.ndjson") / 1000000)) MB, $rss MB of memory, $seconds s"
	done
	[ "$status" -eq 4 ] && [ "$rss" -le 100 ]; ok $? "at most 100 MB of memory for $spans spans ($rss)"
	[ "$rss" -le 60 ]; ok $? "and far less, in fact"
else
	skip "memory" "needs python3 and a build without a sanitizer"
	PATH=$T/nothing "$B/lockstep-plot" "$T/large.ndjson" --kind timeline,cores -o "$T/large" >/dev/null 2>"$T/err"
fi
csv=$T/large/amdahl-timeline.csv
[ "$(wc -l <"$csv")" -lt 12000 ]; ok $? "what is drawn is thinned out ($(wc -l <"$csv") rows)"
awk -F, '$8 ~ /wait/ && $10 - $9 > 0.3 { long += $4 - $3 } END { exit !(long > 0.3) }' "$csv"; ok $? "the one long wait is there"
awk -F, '$8 ~ /wait/ && $10 - $9 < 0.12 { short += $4 - $3 } $8 ~ /run/ && $10 - $9 > 0.6 { run += $4 - $3 } END { exit !(short > 8 && run > 8) }' "$csv"
ok $? "elsewhere waiting is as high as its tenth of the time, running as its nine"
awk -F, 'NR > 1 && $3 == 0 && $6 == 0 { found = 1 } END { exit !found }' "$csv"; ok $? "so is the first span"
end=$(awk -v n="$spans" 'BEGIN { printf "%.7g", int((n / 2 - 1) / 2) * 1e-4 + 1e-4 }')
awk -F, -v end="$end" '$4 >= end * 0.99999 { found = 1 } END { exit !found }' "$csv"; ok $? "so is the last ($end s)"
for worker in 0 1; do
	for kind in run wait; do
		awk -F, -v w=$worker -v k="\"$kind\"" -v end="$end" '$6 == w && $8 == k { for (i = int($3 / end * 50); i <= $4 / end * 50 - 0.01; i++) seen[i] = 1 } END { for (i = 0; i < 50; i++) bad += !seen[i]; exit bad > 0 }' "$csv"
		ok $? "worker $worker, $kind: spans in every part of the time"
	done
done
grep -q "Of $spans spans many share a pixel" "$T/large/amdahl-timeline.gp"; ok $? "the chart says how many of how many"
PATH=$T/nothing "$B/lockstep-plot" "$T/large.ndjson" --list >/dev/null 2>"$T/err"
[ "$spans" -lt 200000 ] || grep -q "of .* lines skipped (line .*torn\|of .* lines skipped (line .*not JSON" "$T/err"; ok $? "lines that are torn are counted on the way"
if command -v gnuplot >/dev/null; then
	"$B/lockstep-plot" "$T/large.ndjson" --kind timeline --format svg -o "$T/drawn" >/dev/null 2>"$T/err"
	[ "$(wc -c <"$T/drawn/amdahl-timeline.svg")" -lt 6000000 ]; ok $? "the picture is of a size to be opened ($(wc -c <"$T/drawn/amdahl-timeline.svg") bytes)"
else
	skip "the picture" "gnuplot is not on the PATH"
fi
echo "1..$n"
exit $failed
