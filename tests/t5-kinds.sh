#!/bin/sh
# Every kind of chart by records whose answer is known: what goes into gnuplot, figures, curves, words, ranges that hold the data,
# in two sizes and two languages; records that are hostile. UPDATE=1 writes the golden inputs anew.
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
root=$(cd "$(dirname "$0")/.." && pwd)
records=$root/tests/fixtures/kinds.ndjson
plot=$B/lockstep-plot
n=0 failed=0
LC_ALL=C.UTF-8 LOCKSTEP_HOME=$root
export LC_ALL LOCKSTEP_HOME
unset COLUMNS LINES NO_COLOR GNUTERM LANGUAGE

T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-kinds-XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
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
holds() { grep -qF -- "$2" "$1"; ok $? "$3"; }
drops() { ! grep -qF -- "$2" "$1"; ok $? "$3"; }

[ -x "$plot" ] || { echo "Bail out! lockstep-plot is not built"; exit 1; }

# ---- the command line ----
for bad in 10x10 900 900x 900x562x1 x 99999x99999 -5x500; do
	run --size "$bad" "$records" -o "$T/none"
	[ "$status" -eq 2 ] && [ "$(wc -l <"$T/err")" -eq 1 ] && grep -qF -- "--size $bad" "$T/err" && [ ! -e "$T/none" ]
	ok $? "--size $bad: one line, and nothing is written"
done
run --lang xx "$records"; exits 2 "an unknown language"; holds "$T/err" "there are en" "those that there are, are named"

# ---- what goes into gnuplot ----
mkdir "$T/nothing"
PATH=$T/nothing run "$records" -o "$T/in"
exits 4 "without gnuplot"
for name in ipc-latency ipc-throughput ipc-alphabeta sum-breakeven amdahl-tunable-scaled lock-contention matmul-ladder matmul-loss \
	matmul-cores matmul-timeline gpu-sum-sum-gpu roofline; do
	golden=$root/tests/golden/kind-${name##*-}.txt
	{ sed '/^# ---- style/,$d' "$T/in/$name.gp"; cat "$T/in/$name.csv"; } >"$T/input" 2>"$T/err"
	[ -n "$UPDATE" ] && cp "$T/input" "$golden"
	diff "$golden" "$T/input" >"$T/out" 2>"$T/err"
	ok $? "golden input of ${name##*-}"
done
for name in ipc-breakeven ipc-sweep sum-sweep amdahl-tunable-speedup lock-scaled lock-ladder matmul-gpu sum-contention; do
	[ ! -e "$T/in/$name.csv" ] || echo "$name" >>"$T/senseless"
done
[ ! -e "$T/senseless" ]; ok $? "no chart of what a run says nothing about"
PATH=$T/nothing run "$records" --kind sweep -o "$T/asked"
[ -s "$T/asked/sum-sweep.csv" ]; ok $? "unless it is asked for"
PATH=$T/nothing run "$records" --kind gpu -o "$T/asked"
holds "$T/err" "nothing was measured on a device" "and where it can't be, why"

# ---- answers that are known ----
holds "$T/in/ipc-alphabeta.gp" "ring: 2 µs + n/5 GB/s" "alpha-beta: 2 µs and 5 GB/s are found again"
holds "$T/in/ipc-alphabeta.gp" "pipe: 8 µs + n/2 GB/s" "8 µs and 2 GB/s, too"
holds "$T/in/ipc-alphabeta.gp" "from 10 kB on" "where the bytes begin to cost more"
holds "$T/in/sum-breakeven.gp" "ZONE_FROM = 10000" "break-even: not below 10 k"
holds "$T/in/sum-breakeven.gp" "ZONE_TO = 100000" "not above 100 k"
holds "$T/in/amdahl-tunable-scaled.gp" "Gustafson fitted, 5 % serial" "scaled: 5 % serial"
holds "$T/in/lock-contention.gp" "sharded takes 0.5 ns for each addition, spin 160 ns" "contention: best and worst with cores of their own"
holds "$T/in/matmul-ladder.gp" "From naive to openmp: 110 times as fast. That is 55 % of the peak" "ladder: the first to the best, under the roof"
drops "$T/in/matmul-ladder.csv" "swapped" "a wrong variant is no rung"
holds "$T/in/gpu-sum-sum-gpu.gp" "With the copies counted shuffle is 1.25 times as fast as threads, without them 15.0 times." "device: with the copies, and without"
awk -F, '$7 == "" { next } $5 ~ /2.4 ms/ { found = 1 } END { exit !found }' "$T/in/gpu-sum-sum-gpu.csv"; ok $? "device: the whole time stands at the bar"
holds "$T/in/matmul-loss.gp" "15.0 % of the core-seconds were lost" "loss: the sum of the causes"
[ "$(grep -c ',"run",' "$T/in/matmul-cores.csv")" -eq 4 ]; ok $? "cores: what waits is on no core"

# ---- ranges hold the data ----
cat >"$T/ranges.py" <<'PY'
import csv, re, sys
bad = []
for path in sys.argv[1:]:
    head = open(path + ".gp", encoding="utf-8").read().split("# ---- style")[0]
    get = lambda k: float(m.group(1)) if (m := re.search(r"(?m)^%s = (\S+)$" % k, head)) and m.group(1) != "NaN" else None
    unit = get("UNIT") or 1
    lo, hi, x0, x1 = get("YMIN"), get("YMAX"), get("XMIN"), get("XMAX")
    rows = list(csv.DictReader(open(path + ".csv", encoding="utf-8")))
    names = list(rows[0])
    assert len(rows) > 1
    for r in rows:
        if names[0] == "series" and r[names[2]]:
            x, y = float(r[names[1]]), float(r[names[2]])
            if not (x0 <= x <= x1 and (lo is None or lo <= y) and (y <= hi or r["what"] in ("memory ceiling",))):
                bad.append((path, r))
        if names[0] == "row" and "to" in names and not float(r["to"]) / unit <= x1:
            bad.append((path, r))
        if names[0] == "lane" and not (float(r["end_seconds"]) / unit <= x1 and 0 < float(r["lane"]) <= hi):
            bad.append((path, r))
print(bad[:5])
sys.exit(bool(bad))
PY
have_python=0
command -v python3 >/dev/null && have_python=1
if [ $have_python = 1 ]; then
	python3 "$T/ranges.py" $(for f in "$T"/in/*.csv; do echo "${f%.csv}"; done) >"$T/out" 2>"$T/err"
	ok $? "the axes hold every point of every chart"
else
	skip "ranges" "no python3"
fi

if ! command -v gnuplot >/dev/null || [ $have_python = 0 ]; then
	skip "pictures" "needs gnuplot and python3"
	echo "1..$n"
	exit $failed
fi

# ---- pictures, wide and narrow ----
run "$records" -o "$T/wide" --size 1200x800; exits 0 "drawn for print"
! grep -q "gnuplot failed\|warning of" "$T/err"; ok $? "gnuplot had nothing to say"
run "$records" -o "$T/narrow" --size 360x480; exits 0 "drawn 360 wide"
! grep -q "gnuplot failed\|warning of" "$T/err"; ok $? "and nothing here"
cat >"$T/look.py" <<'PY'
import html, re, struct, sys, zlib
import xml.dom.minidom
def text(path):
    return [(float(m.group(1)), m.group(4), float(m.group(3)), m.group(5)) for m in
            re.finditer(r'<g transform="translate\(([-0-9.]+),[-0-9.]+\)( rotate\([^)]*\))?"[^>]*font-size="([0-9.]+)"\s+text-anchor="(\w+)">\s*<text>(.*?)</text>',
                        open(path, encoding="utf-8").read(), re.S) if not m.group(2)]
def png(path):
    b = open(path, "rb").read()
    assert b[:8] == b"\x89PNG\r\n\x1a\n"
    at, data, head = 8, b"", None
    while at < len(b):
        size, kind = struct.unpack(">I4s", b[at:at+8])
        head = struct.unpack(">IIBBBBB", b[at+8:at+8+size]) if kind == b"IHDR" else head
        data += b[at+8:at+8+size] if kind == b"IDAT" else b""
        at += 12 + size
    w, h, depth, colour = head[:4]
    raw = zlib.decompress(data)
    wide = w * {2: 3, 6: 4, 3: 1, 0: 1}[colour] + 1
    assert len(raw) == wide * h
    return w, h, len({raw[y * wide:(y + 1) * wide] for y in range(h)})
bad = []
width, height = int(sys.argv[1]), int(sys.argv[2])
for path in sys.argv[3:]:
    xml.dom.minidom.parse(path + ".svg")
    source = open(path + ".svg", encoding="utf-8").read()
    if 'viewBox="0 0 %d %d"' % (width, height) not in source:
        bad.append((path, "size"))
    w, h, rows = png(path + ".png")
    if (w, h) != (2 * width, 2 * height) or rows < 100:
        bad.append((path, w, h, rows))
    seen = text(path + ".svg")
    if len(seen) < 8:
        bad.append((path, "words", len(seen)))
    for x, anchor, size, words in seen:
        words = html.unescape(re.sub("<[^>]*>", "", words)).strip()
        long = sum(1.0 if ord(c) >= 0x3000 else 0.52 for c in words) * size
        left = {"start": x, "middle": x - long / 2, "end": x - long}[anchor]
        if left + long > width * 1.03 or left < -0.03 * width:
            bad.append((path, "runs out", words, left, left + long))
print(*bad[:8], sep="\n")
sys.exit(bool(bad))
PY
python3 "$T/look.py" 1200 800 $(for f in "$T"/wide/*.svg; do echo "${f%.svg}"; done) >"$T/out" 2>"$T/err"
ok $? "wide: each is whole, not blank, of its size, and no word runs out of it"
python3 "$T/look.py" 360 480 $(for f in "$T"/narrow/*.svg; do echo "${f%.svg}"; done) >"$T/out" 2>"$T/err"
ok $? "narrow: the same"

# Curves by colour: each line is one colour; points do not count.
curves() { # FILE: colours of lines with at least two pieces, axes and grid apart
	python3 - "$1" <<'PY'
import re, sys
source = open(sys.argv[1], encoding="utf-8").read()
plots = [p.split('\n</g>\n\t</g>')[0] for p in source.split('<g id="gnuplot_plot_')[1:]]
print(len({re.search(r"stroke='([^']*)'", p[m.start():]).group(1) for p in plots for m in [re.search(r"<path stroke='[^']*'[^>]*d='M[^']*L[^']*'", p)] if m}))
PY
}
drawn() { # NAME COUNT WHAT
	count=$(curves "$T/wide/$1.svg")
	[ "$count" -eq "$2" ]; ok $? "$3: $2 colours of lines ($count)"
}
drawn ipc-latency 3 "latency"
drawn ipc-throughput 3 "throughput"
drawn ipc-alphabeta 3 "alpha-beta"
drawn sum-breakeven 2 "break-even"
drawn lock-contention 4 "contention"
drawn matmul-loss 4 "loss"
for pair in "ipc-latency:time until a message is back" "ipc-latency:16 KiB" "ipc-latency:100 µs" "ipc-throughput:bytes a second that arrive" \
	"ipc-throughput:1 GB/s" "sum-breakeven:break-even of threads" "sum-breakeven:faster than serial" "sum-breakeven:100k" \
	"amdahl-tunable-scaled:work per second over one worker (times)" "lock-contention:wall time / additions" "matmul-ladder:roof of arithmetic, 4 workers" \
	"gpu-sum-sum-gpu:copying to the device" "gpu-sum-sum-gpu:processor, serial" "matmul-cores:core 3" "matmul-cores:worker 0" \
	"matmul-loss:share of the core-seconds (%)" "matmul-loss:imbalance: out of work" "roofline:openmp (4)"; do
	holds "$T/wide/${pair%%:*}.svg" "${pair#*:}" "${pair%%:*} says: ${pair#*:}"
	holds "$T/wide/${pair%%:*}.svg" "4 cores, made up for tests" "and the machine"
	holds "$T/wide/${pair%%:*}.svg" "2025-06-11 09:05 UTC" "and the time"
done

# ---- in Chinese ----
if [ -s "$B/locale/zh/LC_MESSAGES/lockstep.mo" ]; then
	run "$records" --lang zh --kind speedup,ladder,latency --format svg -o "$T/zh"; exits 0 "in Chinese"
	grep -q '[一-龥]' "$T/zh/lock-speedup.svg" 2>"$T/err" || python3 -c 'import re,sys; sys.exit(not re.search("[\u4e00-\u9fa5]", open(sys.argv[1], encoding="utf-8").read()))' "$T/zh/lock-speedup.svg"
	ok $? "there are Chinese words in the picture"
	! grep -q "gnuplot failed" "$T/err"; ok $? "gnuplot takes them"
else
	skip "in Chinese" "no catalogue is built (msgfmt)"
fi

# ---- terminals ----
for kind in latency alphabeta breakeven contention ladder gpu cores loss scaled; do
	case $kind in
	latency | alphabeta) only='"latency"' ;;
	breakeven) only='"sizes"' ;;
	contention) only='"lock"' ;;
	gpu) only='"device"' ;;
	scaled) only='"weak"' ;;
	*) only='"matmul"' ;;
	esac
	grep "\"t\":\"machine\"\|\"t\":\"ceiling\"\|\"run\":$only" "$records" >"$T/one.ndjson"
	COLUMNS=90 LINES=28 run "$T/one.ndjson" --term dumb --kind $kind
	[ "$status" -eq 0 ] && [ ! -s "$T/err" ] && grep -q "4 cores, made up" "$T/out"; ok $? "$kind in a terminal of characters"
done

COLUMNS=90 LINES=28 run "$records" --term dumb --kind latency
[ "$status" -eq 0 ] && grep -q "Latency of ipc" "$T/out"; ok $? "of many runs the last one that the kind says something about"
run "$records" --term sixel --kind ladder
[ "$status" -eq 0 ] && [ "$(head -c 3 "$T/out" | od -An -c | tr -d ' ')" = "033Pq" ]; ok $? "sixels"

# ---- hostile numbers ----
cat >"$T/spoil.py" <<'PY'
import random, re, sys
random.seed(int(sys.argv[2]))
wild = ["0", "-1", "1e308", "1e-308", "null", "9007199254740993", "1e15", "[1,2,3]", '"x"', "0.5", "3"]
for line in open(sys.argv[1]):
    if '"t":"machine"' not in line:
        parts = re.split(r"(?<=[:,\[])(-?[0-9][0-9.e+-]*)(?=[,\]}])", line)
        for i in range(1, len(parts), 2):
            if random.random() < 0.03:
                parts[i] = random.choice(wild)
        line = "".join(parts)
    sys.stdout.write(line)
PY
crashed=0
for seed in 1 2 3 4 5 6 7 8 9 10 11 12; do
	python3 "$T/spoil.py" "$records" $seed >"$T/wild.ndjson"
	PATH=$T/nothing run "$T/wild.ndjson" -o "$T/wild"
	[ "$status" -eq 4 ] || { crashed=1; break; }
	run --list "$T/wild.ndjson"
	[ "$status" -le 1 ] || { crashed=1; break; }
done
ok $crashed "spoilt numbers of $seed seeds: no crash"
run "$T/wild.ndjson" --format svg -o "$T/wild"
! grep -q "gnuplot failed" "$T/err"; ok $? "and gnuplot draws what is left"

echo "1..$n"
exit $failed
