#!/bin/sh
# lockstep plot: files from records, gnuplot clean, pictures that hold what they should, hostile names, and everything that
# may go wrong on the way. UPDATE=1 writes the golden CSV and settings anew.
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
root=$(cd "$(dirname "$0")/.." && pwd)
fixtures=$root/tests/fixtures
golden=$root/tests/golden
plot=$B/lockstep-plot
n=0 failed=0
LC_ALL=C.UTF-8 LOCKSTEP_HOME=$root
export LC_ALL LOCKSTEP_HOME
unset COLUMNS LINES NO_COLOR GNUTERM

T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-plots-XXXXXX") || exit 1
cleanup() {
	[ -n "$mounted" ] && umount "$mounted" 2>/dev/null
	rm -rf "$T"
}
mounted=
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

ok() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
		sed 's/^/# out: /' "$T/out" | head -20
		sed 's/^/# err: /' "$T/err" | head -20
	fi
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
run() { # ARGUMENTS: into $T/out, $T/err, $status
	"$plot" "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
}
exits() { [ "$status" -eq "$1" ]; ok $? "$2 (exit $1)"; }
says() { grep -qF -- "$1" "$T/err"; ok $? "$2"; }
one_line() { [ "$(wc -l <"$T/err")" -eq 1 ]; ok $? "$1"; }
holds() { grep -qF -- "$2" "$1"; ok $? "$3"; }

[ -x "$plot" ] || { echo "Bail out! lockstep-plot is not built"; exit 1; }
have_gnuplot=0
command -v gnuplot >/dev/null && have_gnuplot=1

# ---- the command line ----
run; exits 2 "no file"; one_line "no file: one line"
run --kind pie "$fixtures/speedup.ndjson"; exits 2 "unknown kind"; says "pie" "unknown kind is named"
run --format gif "$fixtures/speedup.ndjson"; exits 2 "unknown format"; says "svg, png, pdf" "what is allowed is named"
run --term '; rm' "$fixtures/speedup.ndjson"; exits 2 "a terminal that is no name"
run --nonsense; exits 2 "unknown option"; says "--nonsense" "unknown option is named"
run --list; exits 0 "list of kinds"
[ "$(grep -c . "$T/out")" -eq "$(sed -n 's/\\$//; /^#define PLOT_KINDS/,/^$/p' "$root/plots/plot.h" | grep -o "X([a-z]*)" | grep -vc "X(X)")" ]; ok $? "every kind is listed"
run --list "$fixtures/speedup.ndjson"; exits 0 "list of charts"; grep -qx amdahl-speedup "$T/out"; ok $? "a chart is listed"
run --help; exits 0 "help"; holds "$T/out" "--term" "help names the options"

# ---- bad files ----
run "$T/absent.ndjson"; exits 2 "absent file"; says "absent.ndjson" "absent file is named"; one_line "absent file: one line"
run "$T"; exits 2 "a folder"
echo 'no record' >"$T/bad.ndjson"
run "$T/bad.ndjson" -o "$T/bad"; exits 2 "no records"; says "bad.ndjson" "a file without records is named"
[ ! -e "$T/bad" ]; ok $? "nothing is written then"
echo '{"lockstep":99,"t":"machine","machine":"x"}' >"$T/new.ndjson"
run "$T/new.ndjson"; exits 2 "another major version"
head -1 "$fixtures/speedup.ndjson" >"$T/machine.ndjson"
run "$T/machine.ndjson" -o "$T/machine"; exits 1 "nothing to draw"; says "nothing in these records" "nothing to draw: said"
: >"$T/file"
run "$fixtures/speedup.ndjson" -o "$T/file"; exits 2 "a file where the folder should be"

# ---- without gnuplot: CSV and scripts, the same wherever the test runs ----
mkdir "$T/nothing"
PATH=$T/nothing run "$fixtures/speedup.ndjson" -o "$T/csv"
exits 4 "gnuplot is missing"; says "gnuplot-nox" "the package is named"
[ "$(grep -c gnuplot "$T/err")" -eq 1 ]; ok $? "once, in one line"
[ -s "$T/csv/amdahl-speedup.csv" ] && [ -s "$T/csv/amdahl-speedup.gp" ] && [ ! -e "$T/csv/amdahl-speedup.svg" ]
ok $? "CSV and script are written, no picture"
PATH=$T/nothing run "$fixtures/sweep.ndjson" "$fixtures/sixteen.ndjson" -o "$T/csv"
sed '/^# ---- style/,$d' "$T/csv/amdahl-speedup.gp" >"$T/plot-speedup.gp"
cp "$T/csv/amdahl-speedup.csv" "$T/plot-speedup.csv"
cp "$T/csv/amdahl-budget.csv" "$T/plot-budget.csv"
cp "$T/csv/parallel-loop-mandelbrot-sweep.csv" "$T/plot-sweep.csv"
cp "$T/csv/roofline.csv" "$T/plot-roofline.csv"
for f in plot-speedup.gp plot-speedup.csv plot-budget.csv plot-sweep.csv plot-roofline.csv; do
	[ -n "$UPDATE" ] && cp "$T/$f" "$golden/$f"
	diff "$golden/$f" "$T/$f" >"$T/out" 2>"$T/err"
	ok $? "golden $f"
done

if [ "$have_gnuplot" = 0 ]; then
	skip "pictures" "gnuplot is not on the PATH: install gnuplot-nox"
	echo "1..$n"
	exit $failed
fi

# ---- pictures ----
cp "$fixtures/speedup.ndjson" "$T/guess.ndjson"
echo '{"t":"predict","lesson":"amdahl","step":2,"run":"amdahl-20250611T090512Z-4711","ask":"?","guess":1.9,"compare":"speedup","variant":"threads","workers":2,"unit":"x","time":"2025-06-11T09:05:00Z"}' >>"$T/guess.ndjson"
run "$T/guess.ndjson" -o "$T/p"
exits 0 "speedup fixture"
! grep -q "failed\|warning of" "$T/err"; ok $? "gnuplot had nothing to say"
for kind in speedup efficiency budget timeline counters; do
	for end in svg png csv gp; do [ -s "$T/p/amdahl-$kind.$end" ] || echo "amdahl-$kind.$end" >>"$T/lacking"; done
done
[ ! -e "$T/lacking" ]; ok $? "four files for each of five kinds"
[ -z "$(find "$T/p" -name '*.tmp*')" ]; ok $? "nothing else is left behind"
run "$fixtures/sixteen.ndjson" "$fixtures/sweep.ndjson" "$fixtures/busy.ndjson" "$fixtures/partial.ndjson" --format svg,pdf,png -o "$T/q"
exits 0 "other fixtures, all formats"
! grep -q "failed\|warning of" "$T/err"; ok $? "gnuplot had nothing to say there either"
says "partial.ndjson: 1 of 41 lines skipped" "a torn line is said and skipped"
[ -s "$T/q/roofline.pdf" ] && [ -s "$T/q/parallel-loop-mandelbrot-sweep.svg" ]; ok $? "roofline and sweep are drawn"

svg=$T/p/amdahl-speedup.svg
for words in "Speedup of amdahl: threads" "your guess" "Amdahl fitted, 10.7 % serial" "Amdahl predicted, 9.84 % serial" \
	"ideal: capacity measured" "projected from work and span" "threads: oversubscribed" "racy: wrong result" \
	"2 cores, AMD EPYC 7763 (VM), Debian 12, gcc 12.2 -O3" "amdahl --serial 0.1 --threads 1,2,4" \
	"8.8 % of the core-seconds went to waiting for the serial part." "workers" "speedup over serial (times as fast)"; do
	holds "$svg" "$words" "speedup says: $words"
done
holds "$T/q/amdahl-speedup.svg" "machine busy: no verdict" "busy: no verdict, in words"
holds "$T/q/amdahl-speedup.svg" "threads: no verdict" "and in the legend"
! grep -q "Amdahl fitted" "$T/q/amdahl-speedup.svg"; ok $? "busy: no law is drawn"
holds "$T/q/stream-speedup.svg" "ceiling of memory" "the ceiling of memory is there"
holds "$T/p/amdahl-timeline.svg" "worker 3" "timeline names its lanes"
holds "$T/p/amdahl-timeline.svg" "core 1" "timeline names the cores"
holds "$T/p/amdahl-counters.svg" "Not counted: clock cycles" "counters name what is absent"
holds "$T/q/roofline.svg" "the least a run must read and write" "roofline states how bytes are counted"
holds "$T/q/parallel-loop-mandelbrot-sweep.svg" "simd (best serial)" "sweep names its level"

# Curves by colour, boxes by colour; every picture decodes and is not blank.
cat >"$T/look.py" <<'PY'
import re, struct, sys, zlib
import xml.dom.minidom
def curves(path):
    return len(set(re.findall(r"stroke='(?:rgb\(([^)]*)\))'[^>]*d='M[^']*L", open(path, encoding="utf-8").read())))
def colours(path):
    b = open(path, "rb").read()
    assert b[:8] == b"\x89PNG\r\n\x1a\n"
    at, data, head = 8, b"", None
    while at < len(b):
        size, kind = struct.unpack(">I4s", b[at:at+8])
        body = b[at+8:at+8+size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", b[at+8+size:at+12+size])[0]
        head = struct.unpack(">IIBBBBB", body) if kind == b"IHDR" else head
        data += body if kind == b"IDAT" else b""
        at += 12 + size
    w, h, depth, colour = head[:4]
    raw = zlib.decompress(data)
    wide = w * {2: 3, 6: 4, 3: 1, 0: 1}[colour] + 1
    assert depth == 8 and len(raw) == wide * h
    return w, h, len({raw[y * wide:(y + 1) * wide] for y in range(h)})
what, path = sys.argv[1:3]
if what == "xml":
    xml.dom.minidom.parse(path)
    assert "scale(0.00)" not in open(path, encoding="utf-8").read()
elif what == "curves":
    print(curves(path))
else:
    w, h, rows = colours(path)
    assert w >= 1600 and h >= 1000, (w, h)
    assert rows > 100, rows
PY
if python3 -c 'import zlib' 2>/dev/null; then
	for f in "$T"/p/*.png "$T"/q/*.png; do
		python3 "$T/look.py" png "$f" >>"$T/bad" 2>&1 || echo "$f" >>"$T/blank"
	done
	[ ! -e "$T/blank" ]; ok $? "every PNG decodes, is large, and is not blank"
	for f in "$T"/p/*.svg "$T"/q/*.svg; do python3 "$T/look.py" xml "$f" >>"$T/bad" 2>&1 || echo "$f" >>"$T/torn"; done
	[ ! -e "$T/torn" ]; ok $? "every SVG is well-formed"
	count=$(python3 "$T/look.py" curves "$svg")
	[ "$count" -ge 6 ]; ok $? "the speedup chart has lines in six colours or more ($count)"
	fewer=$(python3 "$T/look.py" curves "$T/q/amdahl-speedup.svg")
	[ "$fewer" -lt "$count" ]; ok $? "and fewer on a busy machine ($fewer)"
else
	skip "pictures decoded" "no python3"
fi

# ---- the script draws the same picture again, alone with its CSV ----
mkdir "$T/again" && cp "$T/p/amdahl-speedup.gp" "$T/p/amdahl-speedup.csv" "$T/again"
(cd "$T/again" && gnuplot amdahl-speedup.gp) >"$T/out" 2>"$T/err"
[ ! -s "$T/err" ] && cmp -s "$T/again/amdahl-speedup.svg" "$svg"; ok $? "gnuplot NAME.gp draws the same SVG"
[ -s "$T/again/amdahl-speedup.png" ]; ok $? "and the PNG"
! grep -q "$T\|$root" "$T/p/amdahl-speedup.gp"; ok $? "no path in the script"

# ---- terminals ----
COLUMNS=100 LINES=30 run "$T/guess.ndjson" --term dumb
exits 0 "a terminal of characters"; holds "$T/out" "Speedup of amdahl: threads" "it has the title"
tr -d '\200-\277' <"$T/out" | awk 'length($0) > 101 { exit 1 }'; ok $? "no line is wider than the window"
[ ! -s "$T/err" ]; ok $? "and nothing else"
run "$T/guess.ndjson" --term dumb --kind budget; exits 0 "another kind"; holds "$T/out" "core-seconds of amdahl" "it is the budget"
run "$T/guess.ndjson" --term nosuchterminal; exits 1 "a terminal that gnuplot does not know"; one_line "said in one line"

run "$fixtures/speedup.ndjson" --kind speedup,speedup --format svg -o "$T/twice"
[ -s "$T/twice/amdahl-speedup.svg" ] && [ ! -e "$T/twice/amdahl-speedup-2.svg" ]; ok $? "a kind named twice is drawn once"

# ---- two runs of one kernel, both kept ----
sed 's/amdahl-20250611T090512Z-4711/later-run/' "$fixtures/speedup.ndjson" >"$T/later.ndjson"
run "$fixtures/speedup.ndjson" "$T/later.ndjson" --kind speedup --format svg -o "$T/two"
[ -s "$T/two/amdahl-speedup.svg" ] && [ -s "$T/two/amdahl-speedup-2.svg" ]; ok $? "two runs of one kernel: two charts"

# ---- a device has no axis of workers ----
run "$root/data/runs/gpu-arrays-nvidia-h200-20261126.ndjson" --kind speedup --format svg -o "$T/d"
exits 0 "a run with a device"; holds "$T/d/gpu-arrays-arrays-speedup.svg" "threads, measured" "its workers are drawn"
! grep -q "cuda\|opencl" "$T/d/gpu-arrays-arrays-speedup.svg"; ok $? "what ran on the device is not among them"
# its processor's variants are left out
grep -v '"variant":"\(blocked\|openmp\)"' "$root/data/runs/gpu-matmul-nvidia-h200-20261126.ndjson" >"$T/device.ndjson"
run "$T/device.ndjson" --kind speedup --format svg -o "$T/d"
exits 1 "nothing but a device"; says "a device has no workers to count (--kind gpu)" "it says so"
run "$T/device.ndjson" --format svg -o "$T/d"
exits 0 "unless asked for"; [ -s "$T/d/gpu-matmul-gpu_matmul-gpu.svg" ] && [ ! -e "$T/d/gpu-matmul-gpu_matmul-efficiency.svg" ]
ok $? "it has the chart of devices alone"
run "$root/data/runs/heterogeneous-nvidia-h200-20261126.ndjson" --kind speedup,efficiency,sweep,cores --format svg -o "$T/d"
exits 0 "workers with a device"; ! grep -q Amdahl "$T/d/heterogeneous-rows-speedup.svg"; ok $? "no law of cores where a device helps"
says "heterogeneous-rows-efficiency: skipped: one worker is faster than a core can be" "nor a share of the cores"
[ "$(grep -c '^TICKS = .*"0\.9".*"1" 1)' "$T/d/heterogeneous-rows-sweep.gp")" -eq 1 ] && ! grep -q '^TICKS.*0\.95' "$T/d/heterogeneous-rows-sweep.gp"
ok $? "values of a sweep that have no room have no label"
holds "$T/d/heterogeneous-rows-cores.svg" "worker 0, 7, 14" "workers that share a colour are all in the legend"

# ---- two workers that take turns on one core: both are seen ----
sed 's/"core":[0-9]*/"core":0/g' "$fixtures/speedup.ndjson" >"$T/onecore.ndjson"
run "$T/onecore.ndjson" --kind cores --format svg -o "$T/one"
exits 0 "all on one core"
awk -F, '$6 >= 0 && $9 == -0.36 { low++ } $6 >= 0 && $10 == 0.36 { high++ } $6 >= 0 && $9 == -0.36 && $10 == 0.36 && $8 ~ /run/ { full++ } END { exit !(low && high && !full) }' "$T/one/amdahl-cores.csv"
ok $? "they share the height of its lane"

# ---- hostile names ----
cat >"$T/hostile.py" <<'PY'
import json, sys
where = sys.argv[2] + "/owned"
kernel = "';system('touch " + where + "');'\n!touch " + where
names = {"threads": "`touch " + where + "`\\ @x {/Bold ^_& \" '", "openmp": "} ; ! touch " + where + " #,\",,\\"}
for line in open(sys.argv[1]):
    o = json.loads(line)
    if "variant" in o:
        o["variant"] = names.get(o["variant"], o["variant"])
    for v in o.get("variants", []):
        v["name"] = names.get(v["name"], v["name"])
    if "kernel" in o:
        o["kernel"], o["lesson"], o["command"] = kernel, "../../`" + where + "`", "$(touch " + where + ") `touch owned` \\"
    if o["t"] == "machine":
        o["line"] = "\"; system('touch " + where + "') # ' \\"
    print(json.dumps(o))
PY
python3 "$T/hostile.py" "$fixtures/speedup.ndjson" "$T" >"$T/hostile.ndjson"
run "$T/hostile.ndjson" -o "$T/h"
exits 0 "hostile names are drawn"
! grep -q "failed\|warning of\|skipped (" "$T/err"; ok $? "without a word from gnuplot"
[ -z "$(find "$T" -name 'owned*')" ] && [ ! -e owned ]; ok $? "no command of theirs ran"
[ -z "$(ls -A "$T/h" | grep -v '^[A-Za-z0-9_][A-Za-z0-9._-]*$')" ]; ok $? "their file names are plain"
grep -qF 'touch' "$T/h/"*-speedup.svg; ok $? "their names are shown as they are"

# ---- gnuplot that fails, or lies ----
mkdir "$T/fake"
fake() { printf '#!/bin/sh\n%s\n' "$1" >"$T/fake/gnuplot"; chmod +x "$T/fake/gnuplot"; }
half='for a; do case $a in FORMATS*) o=${a##*OUT=}; o=$(echo "$o" | tr -d "\047");; esac; done; echo "<svg>" > "$o.svg"; echo half > "$o.png"'
fake "$half; echo 'broken pipe dream' >&2; exit 1"
PATH=$T/fake:$PATH run "$fixtures/speedup.ndjson" --kind speedup -o "$T/f"
exits 1 "gnuplot fails half-way"; says "broken pipe dream" "its words are passed on"
[ -z "$(find "$T/f" -name '*.svg' -o -name '*.png' -o -name '*.tmp*')" ] && [ -s "$T/f/amdahl-speedup.csv" ]
ok $? "no half picture, the figures are there"
fake "$half; exit 0"
PATH=$T/fake:$PATH run "$fixtures/speedup.ndjson" --kind speedup -o "$T/f"
exits 1 "half a picture, but exit 0"; [ -z "$(find "$T/f" -name '*.svg' -o -name '*.tmp*')" ]; ok $? "it is not kept"
run "$fixtures/speedup.ndjson" --kind speedup --format svg -o "$T/f"
cp "$T/f/amdahl-speedup.svg" "$T/before.svg"
PATH=$T/fake:$PATH run "$fixtures/speedup.ndjson" --kind speedup --format svg -o "$T/f"
cmp -s "$T/before.svg" "$T/f/amdahl-speedup.svg"; ok $? "an older picture stays when the new one fails"

fake "exit 1"
mkdir -p "$T/f" && echo mine >"$T/f/.room"
PATH=$T/fake:$PATH run "$fixtures/speedup.ndjson" --kind speedup -o "$T/f"
exits 1 "no picture at all"; [ "$(cat "$T/f/.room")" = mine ] && [ "$(ls -A "$T/f" | grep -c '^\.')" -eq 1 ]
ok $? "looking for room leaves the user's files alone, and none behind"

# ---- a warning on the way ----
real=$(command -v gnuplot)
fake "echo 'Fontconfig warning: no such setting' >&2; exec '$real' \"\$@\""
PATH=$T/fake:$PATH run "$fixtures/speedup.ndjson" --kind speedup -o "$T/w"
exits 0 "a warning, and whole pictures"; [ -s "$T/w/amdahl-speedup.svg" ] && [ -s "$T/w/amdahl-speedup.png" ]
ok $? "they are kept"
says "amdahl-speedup: warning of gnuplot: Fontconfig warning: no such setting" "the warning is passed on"
one_line "in one line"

# ---- ended by a signal ----
until_it_runs() { # the fake gnuplot, however slow the machine is
	i=0
	while [ ! -s "$T/pid" ] && [ $i -lt 600 ]; do i=$((i + 1)); sleep 0.1; done
}
fake "$half; echo \$\$ >$T/pid; exec sleep 600"
PATH=$T/fake:$PATH "$plot" "$fixtures/speedup.ndjson" --kind speedup -o "$T/s" >"$T/out" 2>"$T/err" &
pid=$!
until_it_runs
kill -TERM "$pid"
wait "$pid" 2>/dev/null
status=$?
exits 143 "ended by TERM"
gone=1
i=0
while [ $i -lt 600 ]; do
	grep -q '^State:[^Z]*$' "/proc/$(cat "$T/pid")/status" 2>/dev/null || { gone=0; break; }
	i=$((i + 1))
	sleep 0.1
done
ok $gone "gnuplot ends with it"
[ -z "$(find "$T/s" -name '*.tmp*' -o -name '*.svg')" ]; ok $? "nothing half-done stays"

rm -f "$T/pid"
mkdir "$T/tmp"
fake "echo \$\$ >$T/pid; exec sleep 600"
TMPDIR=$T/tmp PATH=$T/fake:$PATH "$plot" "$fixtures/speedup.ndjson" --term dumb >"$T/out" 2>"$T/err" &
pid=$!
until_it_runs
[ -n "$(ls -A "$T/tmp")" ]; ok $? "a terminal needs a folder"
kill -HUP "$pid"
wait "$pid" 2>/dev/null
status=$?
exits 129 "ended by HUP"
[ -z "$(ls -A "$T/tmp")" ]; ok $? "the folder goes with it"
rm -f "$T/pid"
fake "echo \$\$ >$T/pid; sleep 1; exec '$real' \"\$@\""
(trap '' HUP; PATH=$T/fake:$PATH exec "$plot" "$fixtures/speedup.ndjson" --kind speedup -o "$T/hup") >"$T/out" 2>"$T/err" &
pid=$!
until_it_runs
kill -HUP "$pid"
wait "$pid" 2>/dev/null
status=$?
exits 0 "HUP that was ignored from the start (nohup) stays so"
[ -s "$T/hup/amdahl-speedup.svg" ]; ok $? "and the picture is drawn"

# ---- a full disk ----
mkdir "$T/full"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=64k tmpfs "$T/full" 2>/dev/null; then
	mounted=$T/full
	run "$T/guess.ndjson" -o "$T/full"
	exits 3 "the disk is full"; says "No space left on device" "said so"
	[ -z "$(find "$T/full" -name '*.tmp*')" ]; ok $? "no half file is left"
	for f in "$T/full"/*.svg; do
		[ ! -e "$f" ] || tail -c 20 "$f" | grep -q '</svg>' || echo "$f" >>"$T/halves"
	done
	[ ! -e "$T/halves" ]; ok $? "what is there is whole"
else
	skip "a full disk" "needs root and tmpfs"
fi

echo "1..$n"
exit $failed
