#!/bin/sh
# lockstep report: a page from a learner's records and from files; well-formed, whole, nothing of a record obeyed; what is wrong is
# named and left out; and what may go wrong on the way. The page in a browser is tested in t5-report-browser.sh.
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
root=$(cd "$(dirname "$0")/.." && pwd)
fixtures=$root/tests/fixtures
report=$B/lockstep-report
n=0 failed=0
T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-report-XXXXXX") || exit 1
mounted=
cleanup() {
	[ -n "$mounted" ] && umount "$mounted" 2>/dev/null
	rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP
LC_ALL=C.UTF-8
export LC_ALL
unset LANGUAGE GNUTERM NO_COLOR

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
	"$report" "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
}
exits() { [ "$status" -eq "$1" ]; ok $? "$2 (exit $1)"; }
says() { grep -qF -- "$1" "$T/err"; ok $? "$2"; }
one_line() { [ "$(wc -l <"$T/err")" -eq 1 ]; ok $? "$1"; }
holds() { grep -qF -- "$2" "$1"; ok $? "$3"; }
lacks() { ! grep -qF -- "$2" "$1"; ok $? "$3"; }

[ -x "$report" ] || { echo "Bail out! lockstep-report is not built"; exit 1; }
command -v python3 >/dev/null || { echo "1..0 # SKIP python3 is not on the PATH"; exit 0; }
have_gnuplot=0
command -v gnuplot >/dev/null && have_gnuplot=1

# A course of fixtures, with the scripts of the charts; and a learner's folders.
mkdir -p "$T/build/lessons" "$T/state/lockstep" "$T/data/lockstep/demo"
cp "$report" "$T/build/"
[ ! -d "$B/locale" ] || cp -r "$B/locale" "$T/build/"
cp -r "$fixtures/course/lessons" "$T/lessons"
cp "$fixtures/course/bin/"* "$T/build/lessons/"
cp "$T/build/lessons/demo" "$T/build/lessons/other"
ln -s "$root/plots" "$T/plots"
report=$T/build/lockstep-report
export LOCKSTEP_HOME="$T" XDG_STATE_HOME="$T/state" XDG_DATA_HOME="$T/data" TMPDIR="$T"
id=amdahl-20250611T090512Z-4711

# What a page must be, whatever it tells: prints "LACK: ..." for each thing that is not so; with a second file, whether both have
# the same sections.
cat >"$T/page.py" <<'PY'
import re, sys
from html.parser import HTMLParser
VOID = {"meta", "link", "br", "img", "input", "hr"}
class Page(HTMLParser):
    def __init__(self, path):
        super().__init__(convert_charrefs=True)
        self.stack, self.bad, self.ids, self.uses, self.tags = [], [], {}, [], {}
        self.texts, self.svgs, self.figures, self.sections, self.words = {}, [], [], [], ""
        raw = open(path, "rb").read()
        text = raw.decode("utf-8") # dies when it is not
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text):
            self.bad.append("control characters")
        if not text.startswith("<!DOCTYPE html>") or not text.endswith("</html>\n"):
            self.bad.append("no whole page")
        self.feed(text); self.close()
        if self.stack: self.bad.append("not closed: %s" % self.stack)
        for use in self.uses:
            if use not in self.ids: self.bad.append("no id " + use)
        for names in self.svgs:
            for name in names:
                if len(self.texts.get(name, "").strip()) < 5: self.bad.append("a figure without a name: " + name)
        for number, (svgs, tables) in enumerate(self.figures):
            if not tables: self.bad.append("a figure without a table")
        if len(self.svgs) and any(s == 1 for s, t in self.figures): self.bad.append("a figure in one width only")
    def handle_starttag(self, tag, attrs, closed=False):
        attrs = dict(attrs)
        self.tags[tag] = self.tags.get(tag, 0) + 1
        if tag in ("script", "iframe", "object", "embed", "form", "base", "img", "foreignobject", "animate", "set"):
            self.bad.append("element " + tag)
        for name, value in attrs.items():
            if name.startswith("on"): self.bad.append("attribute " + name)
            if name in ("href", "src", "xlink:href", "action", "data", "poster", "srcset"):
                if value.startswith("#"): self.uses.append(value[1:])
                elif value != "data:,": self.bad.append("link to " + value)
            for use in re.findall(r"url\((.*?)\)", value or ""):
                if use.startswith("#"): self.uses.append(use[1:])
                else: self.bad.append("link to " + use)
        if "id" in attrs:
            if attrs["id"] in self.ids: self.bad.append("two of " + attrs["id"])
            self.ids[attrs["id"]] = tag
        if tag == "svg":
            if attrs.get("role") != "img": self.bad.append("svg without a role")
            self.svgs.append(attrs.get("aria-labelledby", "none").split())
            self.uses += self.svgs[-1]
            if self.figures: self.figures[-1][0] += 1
        if tag == "figure": self.figures.append([0, 0])
        if tag == "table" and "figure" in self.stack: self.figures[-1][1] += 1
        if tag in ("section", "article", "figure"): self.sections.append((tag, attrs.get("id"), attrs.get("class")))
        if tag == "html": self.language = attrs.get("lang")
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy": self.csp = attrs["content"]
        if tag not in VOID and not closed:
            self.stack.append(tag)
            self.last = attrs.get("id")
    def handle_startendtag(self, tag, attrs): self.handle_starttag(tag, attrs, True)
    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag: self.bad.append("</%s> closes nothing" % tag)
    def handle_data(self, data):
        if self.stack and self.stack[-1] in ("title", "desc") and self.last:
            self.texts[self.last] = self.texts.get(self.last, "") + data
        if "style" not in self.stack: self.words += data
    def handle_comment(self, data): self.bad.append("a comment")
page = Page(sys.argv[1])
for want in ("default-src 'none'", "style-src 'unsafe-inline'"):
    if want not in getattr(page, "csp", ""): page.bad.append("policy without " + want)
for bad in sorted(set(page.bad)): print("LACK:", bad)
if len(sys.argv) > 2 and sys.argv[2] == "words": print(page.words)
elif len(sys.argv) > 2:
    other = Page(sys.argv[2])
    if other.sections != page.sections: print("LACK: other sections")
    if (page.language, other.language) != ("en", "zh-Hans"): print("LACK: languages", page.language, other.language)
print("svg", page.tags.get("svg", 0), "tables", page.tags.get("table", 0))
PY
page() { # FILE NAME: it is as a page must be
	python3 "$T/page.py" "$1" >"$T/said" 2>&1 && ! grep -q LACK "$T/said"
	good=$?
	cp "$T/said" "$T/err"
	ok $good "$2"
}
words() { python3 "$T/page.py" "$1" words >"$T/words" 2>&1; }

# ---- the command line ----
run --nonsense; exits 2 "unknown option"; says "--nonsense" "it is named"; one_line "in one line"
run --lang xx; exits 2 "unknown language"; says "en and zh" "those that there are"
run --kind pie; exits 2 "unknown kind"; says "pie" "it is named"
run --output; exits 2 "an option without its value"; one_line "in one line"
run -o ''; exits 2 "an empty folder's name"
run nonsense -o "$T/no"; exits 2 "neither lesson nor file"; says "nonsense" "it is named"
run "$T/absent.ndjson" -o "$T/no"; exits 2 "absent file"; says "absent.ndjson" "it is named"
run "$T" -o "$T/no"; exits 2 "a folder"
run -o "$T/no"; exits 1 "nothing recorded"; says "nothing is recorded yet" "said so"; one_line "in one line"
run demo -o "$T/no"; exits 1 "nothing recorded of a lesson"
echo 'no record' >"$T/bad.ndjson"
run "$T/bad.ndjson" -o "$T/no"; exits 2 "no records"; says "bad.ndjson" "the file is named"
[ ! -e "$T/no" ]; ok $? "nothing is written then"
run --help; exits 0 "help"; grep -q -- --pdf "$T/out"; ok $? "help names the options"
: >"$T/file"
run "$fixtures/speedup.ndjson" -o "$T/file"; exits 2 "a file where the folder should be"

# ---- a learner's work ----
sed 's/"lesson":"amdahl"/"lesson":"demo"/; s/"amdahl --serial/"demo --serial/' "$fixtures/speedup.ndjson" >"$T/state/lockstep/records.ndjson"
cat >>"$T/state/lockstep/records.ndjson" <<END
{"t":"predict","lesson":"demo","step":2,"run":"$id","ask":"How fast will 4 workers be, against 1?","guess":3.9,"compare":"speedup","variant":"threads","workers":4,"unit":"x","time":"2025-06-11T09:05:00Z"}
{"t":"predict","lesson":"demo","step":3,"run":"$id","ask":"What will the \`racy\` variant do?","guess":"it loses additions","compare":"wrong_runs","variant":"racy","workers":2,"unit":"","time":"2025-06-11T09:07:00Z"}
{"t":"predict","lesson":"gone","step":1,"run":null,"ask":"A lesson of another day","guess":7,"compare":"speedup","variant":null,"workers":0,"unit":"x","time":"2025-06-11T09:08:00Z"}
END
cat >"$T/state/lockstep/progress" <<'END'
lockstep-progress 1
steps demo = 5
mark demo 1 = done
mark demo 2 = done
answer demo 2 2 = 3.9
answer demo 3 2 = 1
late demo 3 2 = yes
answer demo 4 1 = 2
tries demo 4 1 = 1 2
END
printf 'int main(void)\n{\n\tint a = 1;\n\treturn a;\n}\n' >"$T/data/lockstep/demo/original.c"
printf 'int main(void)\n{\n\tint a = 2; /* <b>mine</b> */\n\treturn a;\n}\n' >"$T/data/lockstep/demo/lesson.c"
cp -r "$T/state" "$T/state.before"
if [ "$have_gnuplot" = 1 ]; then
	run -o "$T/en" --name 'Ada "the first" <L>'
	exits 0 "a report of all that was done"
	html=$T/en/lockstep-report.html
	[ "$(cat "$T/out")" = "$html" ] && [ ! -s "$T/err" ]; ok $? "its name on stdout, nothing on stderr"
	[ "$(ls -A "$T/en")" = lockstep-report.html ] && [ -z "$(find "$T" -maxdepth 1 -name 'lockstep-plot-*')" ]
	ok $? "one file, nothing left behind"
	diff -r "$T/state" "$T/state.before" >"$T/out"; ok $? "the learner's state is as it was"
	page "$html" "a page: closed, no script, no link outward, each figure named and in numbers"
	[ "$(grep -o '<figure class="fig [a-z]*' "$html" | sed "s/.* //" | tr "\n" " ")" = "speedup ladder budget timeline " ]; ok $? "speedup, ladder, core-seconds, timeline"
	words "$html"
	for text in 'Ada "the first" <L>' "AMD EPYC 7763 64-Core Processor" "You said 3.9 x, measured 1.76 [1.75" \
		"it loses additions" "You said so after the result was seen." "2025-06-11 09:05 UTC" "A lesson of another day" "Right after 1 other try." \
		"there are two cores" "34.4 ms" "[34.2–34.6]" "8.8 % of the core-seconds went to waiting for the serial part." \
		"racy: counted" "Not counted: clock cycles" "no performance monitoring unit" "int a = 2; /* <b>mine</b> */" "1 line added" \
		"lockstep run demo --serial 0.1 --threads 1,2,4 -o again.ndjson" "lockstep plot again.ndjson --kind budget" \
		"lockstep run --mine demo"; do
		holds "$T/words" "$text" "it tells: $text"
	done
	run -o "$T/zh" --lang zh; exits 0 "the same in Chinese"
	page "$T/zh/lockstep-report.html" "that is a page, too"
	python3 "$T/page.py" "$html" "$T/zh/lockstep-report.html" >"$T/err" 2>&1; ! grep -q LACK "$T/err"
	ok $? "both languages have the same sections and figures"
	words "$T/zh/lockstep-report.html"
	holds "$T/words" "四个工人比一个快多少" "questions are asked in Chinese, though they were answered in English"
	LC_ALL=zh_CN.UTF-8 run -o "$T/zh2"; holds "$T/zh2/lockstep-report.html" '<html lang="zh-Hans">' "the locale's language is the preset"
	run demo -o "$T/one"; exits 0 "one lesson"; words "$T/one/lockstep-report.html"
	lacks "$T/words" "another day" "nothing of the others"
	run --kind budget -o "$T/kind"; [ "$(grep -o '<svg class="at-wide"' "$T/kind/lockstep-report.html" | wc -l)" -eq 1 ]
	ok $? "one kind of chart"
else
	skip "the pages of a learner" "gnuplot is not on the PATH: install gnuplot-nox"
fi
head -c 100 /dev/urandom >"$T/state/lockstep/progress"
cp "$T/state/lockstep/progress" "$T/damaged"
run demo -o "$T/damage"; says "progress" "damaged progress is told"
cmp -s "$T/state/lockstep/progress" "$T/damaged" && [ -z "$(find "$T/state" -name '*.damaged')" ]; ok $? "and stays where it is"
[ -s "$T/damage/lockstep-report.html" ]; ok $? "the page is written all the same"
cp "$T/state.before/lockstep/progress" "$T/state/lockstep/progress"

# ---- files ----
run "$fixtures/speedup.ndjson" "$T/bad.ndjson" "$fixtures/partial.ndjson" "$T/absent.ndjson" "$fixtures/busy.ndjson" -o "$T/files"
[ "$status" -eq 0 ] || [ "$have_gnuplot" = 0 ]; ok $? "good files among bad ones"
for name in bad.ndjson absent.ndjson partial.ndjson; do
	says "$name" "$name is named"
	holds "$T/files/lockstep-report.html" "$name" "on the page, too"
done
page "$T/files/lockstep-report.html" "a page of files"
# Many words in a legend: they stand below the chart and what is written under its axis, in either language.
cat >"$T/legend.py" <<'PY'
import re, sys
seen = 0
for svg in re.findall(r'<svg class="at-wide".*?</svg>', open(sys.argv[1]).read(), re.S):
    at = {text: float(y) for y, text in re.findall(r"translate\([\d.]+,([\d.]+)\)[^>]*>\s*<text>(.*?)</text>", svg, re.S)}
    axis, legend = [y for t, y in at.items() if t == sys.argv[2]], [y for t, y in at.items() if t.endswith(sys.argv[3])]
    if axis and legend:
        seen += 1
        assert min(legend) > max(axis), at
    assert 'color="white"' not in svg, "a hollow point is white, whatever the paper is"
assert seen
PY
run "$fixtures/speedup.ndjson" --kind speedup --lang en -o "$T/legend-en"
run "$fixtures/speedup.ndjson" --kind speedup --lang zh -o "$T/legend"
if [ "$have_gnuplot" = 1 ]; then
	python3 "$T/legend.py" "$T/legend-en/lockstep-report.html" workers ", measured" 2>"$T/err"; ok $? "a legend does not lie on the chart"
	[ ! -d "$B/locale" ] || python3 "$T/legend.py" "$T/legend/lockstep-report.html" 工作者 测得 2>"$T/err"; ok $? "nor in Chinese"
fi
words "$T/files/lockstep-report.html"
holds "$T/words" "machine busy: no verdict" "a busy machine: no verdict"
lacks "$T/words" "int a = 2" "what the learner did besides is not in it"
run "$fixtures/sixteen.ndjson" "$fixtures/sweep.ndjson" "$fixtures/peers.ndjson" "$fixtures/kinds.ndjson" -o "$T/other"
page "$T/other/lockstep-report.html" "kernels, sweeps, peers, every kind"
words "$T/other/lockstep-report.html"
if [ "$have_gnuplot" = 1 ]; then
	for kind in scaled breakeven latency throughput alphabeta contention ladder gpu; do
		grep -q "<figure class=\"fig $kind\"" "$T/other/lockstep-report.html" && continue
		echo "no $kind" >>"$T/lacking"
	done
	[ ! -e "$T/lacking" ]; ok $? "each kind of chart, of the runs that it suits"
fi
holds "$T/words" "Machine 2:" "two machines are told apart"
holds "$T/words" "lockstep bench stream -t 1-16 -o again.ndjson" "how a kernel is measured again"

# ---- hostile records ----
cat >"$T/hostile.py" <<'PY'
import json, sys
evil = ["<script>alert(1)</script>", "\"><img src=http://evil.invalid/ onerror=alert(1)>", "' onload='alert(1)", "</style></title></svg></textarea>",
        "\x1b[2J\x07-\u202egnp.exe", "&lt;b&gt; &amp;amp;", "]]><!-- -->", "url(http://evil.invalid/)"]
out = sys.stdout.buffer
names = {"threads": evil[0] + evil[1], "openmp": evil[4] + evil[6]}
for line in open(sys.argv[1]):
    o = json.loads(line)
    if "variant" in o: o["variant"] = names.get(o["variant"], o["variant"])
    for v in o.get("variants", []):
        v["name"] = names.get(v["name"], v["name"])
        v["about"] = evil[3]
    if o["t"] == "run":
        o.update(kernel=evil[1], lesson="../../" + evil[0], title=evil[0] + evil[3], command=evil[2] + evil[5], time=evil[1], size_unit=evil[3], baseline=names["threads"])
    if o["t"] == "machine":
        for key in ("line", "cpu", "host", "compiler", "flags", "commit", "vm", "os"): o[key] = evil[1] + evil[4]
        o["counters"]["why_not_hw"] = evil[0]
    for key in ("sentence", "text", "wrong"):
        if o.get(key): o[key] = evil[0] + " " + evil[3] + evil[4]
    if o["t"] == "counters": o["absent"] = {k: evil[1] for k in o.get("absent", {})}
    out.write(json.dumps(o).encode() + b"\n")
for lesson in ("../../" + evil[0], "demo"):
    out.write(json.dumps({"t": "predict", "lesson": lesson, "step": 2, "run": "amdahl-20250611T090512Z-4711", "ask": evil[0] + "`" + evil[1] + "`**" + evil[6],
        "guess": evil[1], "compare": evil[2], "variant": evil[3], "workers": -5, "unit": evil[0], "time": "2025-06-11T" + evil[1]}).encode() + b"\n")
out.write(b'{"t":"predict","lesson":"demo","step":1e99,"guess":NaN}\n{"t":"predict","lesson":"demo","step":1,"ask":"\xff\xfe bytes","guess":"\xc3("}\n')
out.write(b'{"t":"predict","lesson":"demo","step":3,"ask":"a curve","guess":null,"curve":[[1,1],["x"],[1e300,-1],7]}\n')
PY
python3 "$T/hostile.py" "$fixtures/speedup.ndjson" >"$T/<hostile>.ndjson"
run "$T/<hostile>.ndjson" -o "$T/h" --name '</title><script>alert(1)</script>'
[ "$status" -eq 0 ] || [ "$have_gnuplot" = 0 ]; ok $? "hostile records: a report"
page "$T/h/lockstep-report.html" "nothing in them is markup, link or script"
words "$T/h/lockstep-report.html"
holds "$T/words" "<script>alert(1)</script>" "they are shown as they are"
holds "$T/words" '\x1b[2J' "control characters are shown"
lacks "$T/h/lockstep-report.html" "$(printf '\342\200\256')" "nothing turns the direction of writing"
run ../../etc/passwd -o "$T/no"; exits 2 "a file that holds no records"

# ---- gnuplot that is missing, fails, or writes something else ----
mkdir "$T/nothing" "$T/fake"
PATH=$T/nothing run "$fixtures/speedup.ndjson" -o "$T/ng"
exits 4 "gnuplot is missing"; says "gnuplot-nox" "the package is named"; one_line "in one line"
page "$T/ng/lockstep-report.html" "the page is there"
grep -q '<details open>' "$T/ng/lockstep-report.html" && ! grep -q '<svg' "$T/ng/lockstep-report.html"; ok $? "numbers in place of pictures"
fake() { printf '#!/bin/sh\n%s\n' "$1" >"$T/fake/gnuplot"; chmod +x "$T/fake/gnuplot"; }
fake "echo 'broken pipe dream' >&2; exit 1"
PATH=$T/fake:$PATH run "$fixtures/speedup.ndjson" -o "$T/gf"
exits 1 "gnuplot fails"; says "broken pipe dream" "its words are passed on"
page "$T/gf/lockstep-report.html" "the page is there"; holds "$T/gf/lockstep-report.html" "broken pipe dream" "and tells"
svg='for a; do case $a in FORMATS*) o=${a##*OUT=}; o=$(echo "$o" | tr -d "\047");; esac; done'
for evil in '<script>alert(1)</script>' '<g onload="alert(1)"></g>' '<use xlink:href="http://evil.invalid/#x"/>' '<g style="fill:url(http://evil.invalid/)"></g>' \
	'<foreignObject></foreignObject>' '<g><path d="M0,0"></g>' '<style>*{}</style>' '<image href="x"/>'; do
	fake "$svg; echo '<svg viewBox=\"0 0 9 9\"><g>$evil</g></svg>' > \"\$o.svg\""
	PATH=$T/fake:$PATH run "$fixtures/speedup.ndjson" -o "$T/ge"
	[ "$status" -eq 1 ] && ! grep -q "<svg" "$T/ge/lockstep-report.html"; ok $? "a picture with $evil is not let in"
done
fake "sleep 20"
PATH=$T/fake:$PATH "$report" "$fixtures/speedup.ndjson" -o "$T/stop" >"$T/out" 2>"$T/err" &
child=$!
i=0
until [ -n "$(find "$T" -maxdepth 2 -path '*lockstep-plot-*' -name 'chart.gp')" ] || [ $i -gt 100 ]; do sleep 0.1; i=$((i + 1)); done
kill "$child"
wait "$child" 2>/dev/null
[ $? -gt 128 ] && [ -z "$(find "$T" -maxdepth 1 -name 'lockstep-plot-*')" ] && [ -z "$(ls -A "$T/stop")" ]
ok $? "stopped in the middle: nothing is left"

# ---- a full disk ----
mkdir "$T/full"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=64k tmpfs "$T/full" 2>/dev/null; then
	mounted=$T/full
	run "$fixtures/speedup.ndjson" -o "$T/full"; exits 3 "the disk is full"; says "No space left on device" "said so"
	[ -z "$(ls -A "$T/full")" ]; ok $? "no half page is left"
	echo old >"$T/full/lockstep-report.html"
	run "$fixtures/speedup.ndjson" -o "$T/full"; [ "$(cat "$T/full/lockstep-report.html")" = old ]; ok $? "an older page stays"
	TMPDIR=$T/full run "$fixtures/speedup.ndjson" -o "$T/tmpfull"
	{ [ "$status" -eq 3 ] && [ ! -e "$T/tmpfull/lockstep-report.html" ]; } || [ "$status" -eq 0 ]; ok $? "no room for pictures in the making: all or nothing"
	umount "$T/full" && mounted=
else
	skip "a full disk" "needs root and tmpfs"
fi

# ---- paper, without a browser ----
ln -s "$(command -v gnuplot || echo /nothing)" "$T/nothing/gnuplot" 2>/dev/null
PATH=$T/nothing run "$fixtures/speedup.ndjson" --pdf -o "$T/pdf"
exits 4 "no browser for --pdf"; says "chromium" "the package is named"
[ -s "$T/pdf/lockstep-report.html" ] && [ ! -e "$T/pdf/lockstep-report.pdf" ]; ok $? "the page is there, no PDF"
printf '#!/bin/sh\nexit 1\n' >"$T/fake/chromium"; chmod +x "$T/fake/chromium"; rm "$T/fake/gnuplot"
PATH=$T/fake:$PATH run "$fixtures/speedup.ndjson" --pdf -o "$T/pdf"
[ "$status" -eq 1 ] || [ "$have_gnuplot" = 0 ]; ok $? "a browser that fails"; says "no PDF" "is told"
[ -z "$(find "$T/pdf" -name '*.pdf*')" ] && [ -z "$(find "$T" -maxdepth 1 -name 'lockstep-pdf-*')" ]; ok $? "no half PDF is left"

echo "1..$n"
exit $failed
