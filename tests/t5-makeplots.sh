#!/bin/sh
# What `make plots` does, with programs that take no time: every kind that is recorded is drawn, and what could not be measured or drawn
# is said, and why.
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
root=$(cd "$(dirname "$0")/.." && pwd)
n=0 failed=0
LC_ALL=C.UTF-8 LOCKSTEP_HOME=$root
export LC_ALL LOCKSTEP_HOME
unset LANGUAGE
T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-makeplots-XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
trap 'exit 1' INT TERM HUP

ok() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
		sed 's/^/# /' "$T/out" | tail -30
	fi
}
says() { grep -qF -- "$1" "$T/out"; ok $? "${2:-$1}"; }
[ -x "$B/lockstep-plot" ] || { echo "Bail out! lockstep-plot is not built"; exit 1; }
command -v gnuplot >/dev/null || { echo "1..0 # SKIP gnuplot is not on the PATH: install gnuplot-nox"; exit 0; }

mkdir -p "$T/b/lessons" "$T/pictures"
ln -s "$B/lockstep-plot" "$T/b/lockstep-plot"
program() { # NAME BODY: its records go where -o says
	printf '#!/bin/sh\nfor a; do [ "$o" = -o ] && out=$a; o=$a; done\n%s\n' "$2" >"$T/b/$1"
	chmod +x "$T/b/$1"
}
program lockstep-bench "cat '$root/tests/fixtures/kinds.ndjson' >>\"\$out\""
program lessons/amdahl "cat '$root/tests/fixtures/speedup.ndjson' >>\"\$out\"; case \"\$*\" in *--weak*) echo 'x: no verdict. 0 of 9 rounds were quiet' ;; esac"
program lessons/parallel-loop "echo 'parallel-loop: out of a resource' >&2; exit 3"
program lessons/overhead "echo 'overhead: cannot run here' >&2; exit 4"
sh "$root/.make/plots.sh" "$T/b" 10 "$T/pictures" >"$T/out" 2>&1
ok $? "it ends well"
says "not measured: break-even: overhead: cannot run here"
says "not measured: chunk sizes: parallel-loop: out of a resource"
says "no verdict: scaled speedup: too few quiet rounds (drawn hollow)"
says "not drawn: sweep: no such run is recorded"
says "not drawn: ranking: no comparison with peers yet"
! grep -q "not drawn: \(speedup\|roofline\|latency\|gpu\|loss\)" "$T/out"; ok $? "what is drawn is not said to be missing"
[ "$(wc -l <"$T/b/plots/missing.txt")" -eq "$(grep -c '^no[t ]\|chart.png stays' "$T/out")" ]; ok $? "the same stands in plots/missing.txt"
[ -s "$T/b/plots/records.ndjson" ] && [ -s "$T/b/plots/roofline.svg" ] && [ -s "$T/b/plots/amdahl-speedup.png" ]; ok $? "records and charts are there"
[ -z "$(find "$T/b/plots" -name '*.new' -o -name '*.said' -o -name '*.begun' -o -name '*.tmp*')" ]; ok $? "nothing half-done stays"
says "chart.png stays" "a picture of the README that can't be made anew stays"

cp "$T/b/plots/records.ndjson" "$T/before"
program lockstep-bench "exit 1"
program lessons/amdahl "exit 1"
sh "$root/.make/plots.sh" "$T/b" 10 >"$T/out" 2>&1
[ $? -ne 0 ]; ok $? "nothing measured: it fails"
cmp -s "$T/before" "$T/b/plots/records.ndjson"; ok $? "and the records of before stay"
echo "1..$n"
exit $failed
