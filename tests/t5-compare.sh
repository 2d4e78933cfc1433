#!/bin/sh
# lockstep compare: a class and several machines beside each other, figures that are known; files that are hostile, torn or no files
# at all are named and skipped; charts whole or not there.
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
root=$(cd "$(dirname "$0")/.." && pwd)
compare=$B/lockstep-compare
n=0 failed=0
LC_ALL=C.UTF-8 LOCKSTEP_HOME=$root
export LC_ALL LOCKSTEP_HOME
unset COLUMNS LINES NO_COLOR GNUTERM LANGUAGE

T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-compare-XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
trap 'exit 1' INT TERM HUP

ok() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
		sed 's/^/# out: /' "$T/out" | head -40
		sed 's/^/# err: /' "$T/err" | head -20
	fi
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
run() { # ARGUMENTS: into $T/out, $T/err, $status
	timeout 60 "$compare" "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
}
exits() { [ "$status" -eq "$1" ]; ok $? "$2 (exit $1)"; }
one_line() { [ "$(wc -l <"$T/err")" -eq 1 ]; ok $? "$1"; }
prints() { grep -qE -- "$1" "$T/out"; ok $? "$2"; }
says() { grep -qF -- "$1" "$T/err"; ok $? "$2"; }

[ -x "$compare" ] || { echo "Bail out! lockstep-compare is not built"; exit 1; }

# person NAME MACHINE SPEEDUP GUESS [BUSY]: with 1, 2 and 4 workers; four are as fast as two.
person() {
	busy=${5:-false}
	printf '{"lockstep":1,"t":"machine","machine":"%s","line":"machine %s","time":"2025-06-11T09:05:00Z","cpu":"cpu of %s","cores":4,"usable":4}\n' "$2" "$2" "$2"
	printf '{"t":"run","run":"r-%s","lesson":"amdahl","kernel":"tunable","title":"t","command":"c","time":"2025-06-11T09:05:12Z","size":1000000,"size_unit":"units","args":{"size":1000000,"serial":0.1,"fixed":0},"sweep":null,"weak":false,"workers":[1,2,4],"usable":4,"variants":[{"name":"serial","kind":"serial"},{"name":"threads","kind":"threads"},{"name":"racy","kind":"threads","wrong":"loses"}],"baseline":"serial"}\n' "$1"
	for w in 4 1 2; do # in no order
		s=$3
		[ $w = 1 ] && s=1
		for v in threads racy; do
			printf '{"t":"point","run":"r-%s","variant":"%s","workers":%d,"final":true,"tried":11,"kept":11,"seconds":[1,0.9,1.1],"speedup":[%s,%s,%s],"self":[%s,%s,%s],"capacity":[%d,%d,%d],"busy":%s,"right":true}\n' "$1" $v $w $s $s $s $s $s $s $w $w $w "$busy"
		done
	done
	printf '{"t":"predict","lesson":"amdahl","step":3,"run":"r-%s","ask":"How fast with 2?","guess":%s,"compare":"speedup","variant":"threads","workers":2,"unit":"x"}\n' "$1" "$4"
	printf '{"t":"predict","lesson":"race","step":1,"run":null,"ask":"Twice the same?","guess":"%s","compare":"observed","variant":"again","workers":2,"unit":""}\n' "$([ "$3" = 1.2 ] && echo yes || echo no)"
	printf '{"t":"end","run":null,"status":0,"partial":false,"seconds":1}\n'
}
mkdir -p "$T/class/eve" "$T/class/.hidden"
person ada m1 1.2 2 >"$T/class/ada.ndjson"
person ben m2 1.4 2 >"$T/class/ben.ndjson"
person cem m1 1.6 1.65 >"$T/class/cem.ndjson"
person dan m3 1.8 1.2 >"$T/class/dan.ndjson"
person eve m1 2.0 2 >"$T/class/eve/records.ndjson"
person fay m1 3.9 2 true >"$T/class/fay.ndjson"

# ---- the command line ----
run; exits 2 "no file"; one_line "in one line"
run --nonsense; exits 2 "an unknown option"; says "--nonsense" "it is named"
run --size 5 "$T/class"; exits 2 "a size that is none"
run --help; exits 0 "help"; prints "FILE\|DIR" "it tells of folders"
run "$T/absent"; exits 2 "nothing there"; says "absent" "it is named"
mkdir "$T/empty"
run "$T/empty"; exits 2 "an empty folder"

# ---- figures ----
run "$T/class"; exits 0 "a class"
[ ! -s "$T/err" ]; ok $? "without a complaint"
prints '^6 files, 6 names$' "how many"
prints '^Speedup of tunable \(lesson amdahl\): threads, size 1.* M, serial 0.1$' "what is compared, and by which parameters"
prints '^  median +1\.00 +1\.60 +1\.60$' "the median"
prints '^  upper quarter +1\.00 +1\.80 +1\.80$' "the upper quarter"
prints '^  lower quarter +1\.00 +1\.40 +1\.40$' "the lower quarter"
prints '^6 curves, 1 without a verdict' "a busy machine is no part of it"
prints '^  eve +1\.00 +2\.00 +2\.00   2\.00 with 2 workers, 100 % of the cores$' "who reached what; the folder's name where the file tells none"
prints '^  fay +- +- +-   no verdict$' "no verdict is shown as none"
[ "$(grep -nE '^  (eve|dan|cem|ben|ada|fay) ' "$T/out" | cut -d: -f2 | awk '{ printf "%s ", $1 }')" = "eve dan cem ben ada fay " ]; ok $? "the best first"
! grep -q 'racy' "$T/out"; ok $? "what is wrong on purpose is not compared"
prints '6 guesses: median 2 x, middle half 1\.737 to 2; measured: median 1\.6, middle half 1\.4 to 1\.8' "guesses beside what was measured"
prints '^  too low +1 #' "one too low"
prints '^  near \(within a tenth\) +2 #' "two near"
prints '^  too high +2 #' "two too high; the busy one has nothing to stand beside"
prints '^  yes +1 #' "choices are counted"
prints '^  no +5 #' "all of them"
run --variant racy "$T/class/ada.ndjson"; prints 'racy' "unless it is asked for"
run --kernel nothing "$T/class/ada.ndjson"; ! grep -q '^Speedup' "$T/out"; ok $? "only one kernel"
cat "$T/class/ada.ndjson" "$T/class/ben.ndjson" >"$T/both.ndjson"
run "$T/both.ndjson"; prints '^  both: cpu of m1 ' "machines in one file are told apart"; prints '^  both: cpu of m2 ' "both"
person ada m1 1.9 2 | sed 's/r-ada/later/' >>"$T/class/ada.ndjson"
run "$T/class"; prints '^  ada +1\.00 +1\.90 ' "a later run of somebody replaces the earlier one"
prints '6 guesses' "the first guess stays"

# ---- hostile ----
mkdir "$T/bad"
cp "$T/class/ben.ndjson" "$T/bad"
head -c 700 "$T/class/dan.ndjson" >"$T/bad/torn.ndjson"
printf '{"lockstep":1,"t":"mach' >"$T/bad/stump.ndjson"
printf 'nothing\n' >"$T/bad/text.ndjson"
: >"$T/bad/void.ndjson"
awk 'BEGIN { srand(7); for (i = 0; i < 20000; i++) printf "%c", int(rand() * 256) }' >"$T/bad/noise.ndjson"
echo '{"lockstep":99,"t":"machine","machine":"x"}' >"$T/bad/later.ndjson"
mkfifo "$T/bad/pipe.ndjson"
ln -s loop "$T/bad/loop"
ln -s . "$T/bad/round"
ln -s /dev/zero "$T/bad/zero.ndjson"
escape=$(printf '\033[31m')
cp "$T/class/ben.ndjson" "$T/bad/${escape}red';touch owned;'.ndjson"
run "$T/bad" -o "$T/charts"
for name in stump text void noise later pipe zero; do says "$name.ndjson: skipped: " "$name is named and skipped"; done
says "torn.ndjson: 1 of 3 lines skipped" "a torn end: what is before it is taken"
! grep -qF "$escape" "$T/out" && ! grep -qF "$escape" "$T/err" && ! grep -rqF "$escape" "$T/charts"; ok $? "control characters of a name stay out of the terminal and of the charts"
[ ! -e owned ] && [ ! -e "$T/charts/owned" ]; ok $? "and nothing of it is run"
prints ', 7 skipped' "how many were skipped is told, a pipe and a device too"
run "$T/bad/stump.ndjson"; exits 2 "nothing else: an error"

# ---- charts ----
mkdir "$T/nothing"
real=$PATH
PATH=$T/nothing
"$compare" "$T/class" -o "$T/csv" >"$T/out" 2>"$T/err"
status=$?
PATH=$real
exits 4 "without gnuplot"; says "gnuplot-nox" "the package is named"
csv=$T/csv/compare-amdahl-tunable-threads.csv
[ -s "$csv" ] && [ -s "$T/csv/compare-predictions.csv" ]; ok $? "the figures are there"
grep -qE '^[0-9]+,2,1\.8,1\.6,1\.9,"middle half"$' "$csv"; ok $? "the middle half in figures"
grep -qE '^[0-9]+,2,1\.8,,,"median"$' "$csv"; ok $? "the median"
grep -q "median of 6" "$T/csv/compare-amdahl-tunable-threads.gp"; ok $? "of how many"
[ "$(grep -c '^1,.*,0,"amdahl",3$' "$T/csv/compare-predictions.csv")" -eq 5 ]; ok $? "five guesses stand beside a measurement"
if command -v gnuplot >/dev/null; then
	run "$T/class" -o "$T/drawn"; exits 0 "drawn"; [ ! -s "$T/err" ]; ok $? "gnuplot had nothing to say"
	svg=$T/drawn/compare-amdahl-tunable-threads.svg
	for words in "Speedup of tunable (lesson amdahl): threads" "median of 6" "middle half" "ideal: median of the capacities" "eve" "fay" "6 files, 3 machines" \
		"lockstep compare" "2025-06-11 09:05 UTC" "With 4 workers: median 1.80, from 1.40 to 2.00; 5 of 6 have a verdict there."; do
		grep -qF "$words" "$svg"; ok $? "the chart says: $words"
	done
	for words in "guess / measured: 1 is right" "amdahl 3: How fast with 2?" "within a tenth"; do
		grep -qF "$words" "$T/drawn/compare-predictions.svg"; ok $? "the guesses say: $words"
	done
	i=0
	while [ $i -lt 120 ]; do
		person p$i m$((i % 3)) 1.$((i % 10))5 2 >"$T/empty/p$i.ndjson"
		i=$((i + 1))
	done
	run "$T/empty" -o "$T/many" --format svg --size 360x480; exits 0 "120 people"
	prints '^120 curves$' "all of them"
	grep -q "median of 120" "$T/many/compare-amdahl-tunable-threads.svg"; ok $? "in one chart"
	[ "$(grep -c '^0,' "$T/many/compare-amdahl-tunable-threads.csv")" -eq 240 ]; ok $? "each with a line of its own"
	COLUMNS=80 LINES=24 run "$T/class" --term dumb; exits 0 "in a terminal"; prints 'median of 6' "it says so"
	# gnuplot that fails half-way
	mkdir "$T/fake"
	printf '#!/bin/sh\n%s\n' 'for a; do case $a in FORMATS*) o=${a##*OUT=}; o=$(echo "$o" | tr -d "\047");; esac; done; echo "<svg>" > "$o.svg"; exit 1' >"$T/fake/gnuplot"
	chmod +x "$T/fake/gnuplot"
	PATH=$T/fake:$PATH
	run "$T/class" -o "$T/half"
	PATH=$real
	exits 1 "gnuplot fails half-way"
	[ -z "$(find "$T/half" -name '*.svg' -o -name '*.png' -o -name '*.tmp*')" ]; ok $? "no half picture is left"
else
	skip "pictures" "gnuplot is not on the PATH"
fi
echo "1..$n"
exit $failed
