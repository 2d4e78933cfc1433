#!/bin/sh
# The page of lockstep report in a browser: it loads without a word in the console, asks for nothing outside, has its figures in view
# at the width of a telephone and of a screen, light and dark, named for those who don't see them; and it prints.
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
root=$(cd "$(dirname "$0")/.." && pwd)
for browser in chromium chromium-browser google-chrome-stable google-chrome ''; do
	command -v "$browser" >/dev/null && break
done
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
[ -n "$browser" ] || skip_all "no browser is on the PATH: install chromium"
command -v gnuplot >/dev/null || skip_all "gnuplot is not on the PATH: install gnuplot-nox"
command -v python3 >/dev/null || skip_all "python3 is not on the PATH"
n=0 failed=0
T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-page-XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
trap 'exit 1' INT TERM HUP
export LC_ALL=C.UTF-8 LOCKSTEP_HOME="$root"
ok() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
		tail -20 "$T/said" | cut -c1-300 | sed 's/^/# /'
	fi
}
sandbox=
[ "$(id -u)" != 0 ] || sandbox=--no-sandbox
# browse WIDTH FILE [OPTIONS]: the page as it is after its scripts into $T/dom, what the console said into $T/console, the addresses
# that were asked for into $T/asked. What the browser asks for its own sake, at its maker's, is not the page's.
browse() {
	width=$1 file=$2
	shift 2
	timeout -k 5 240 "$browser" --headless $sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-extensions --disable-sync \
		--disable-background-networking --disable-component-update --host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir="$T/profile" \
		--enable-blink-features=ComputedAccessibilityInfo --enable-logging=stderr --log-net-log="$T/net.json" \
		--window-size="$width,800" --virtual-time-budget=2000 "$@" --dump-dom "file://$file" >"$T/dom" 2>"$T/log"
	grep CONSOLE "$T/log" >"$T/console"
	grep -o '"url":"[^"]*"' "$T/net.json" | grep -v '"url":"\(file\|data\|chrome\|about\):' |
		grep -v '://[a-z0-9.-]*\.\(google\|googleapis\|gstatic\)\.com/' | sort -u >"$T/asked"
}

echo '{"t":"predict","lesson":"amdahl","step":3,"run":"amdahl-20250611T090512Z-4711","ask":"How fast?","guess":1.9,"compare":"speedup","variant":"threads","workers":2,"unit":"x","time":"2025-06-11T09:05:00Z"}' |
	cat "$root/tests/fixtures/speedup.ndjson" - >"$T/records.ndjson"
"$B/lockstep-report" "$T/records.ndjson" "$root/tests/fixtures/kinds.ndjson" -o "$T/en" --lang en >"$T/said" 2>&1 &&
	"$B/lockstep-report" "$T/records.ndjson" "$root/tests/fixtures/sweep.ndjson" --kind speedup,budget,timeline,sweep -o "$T/zh" --lang zh >>"$T/said" 2>&1
ok $? "pages to look at"

# A page of frames, each with a copy of a page at some width: without the policy that forbids scripts, with one that looks at it and
# tells this page, which writes it down. (A browser's own window may have a least width.) Arguments: the file to write, then for
# each frame its name, width, page, and what is added to it; "dark" in the name: as it is at night.
cat >"$T/look.py" <<'PY'
import html, re, sys
script = """<script>
addEventListener("load", () => {
	const lack = [], wide = innerWidth, root = document.documentElement;
	if (root.scrollWidth > root.clientWidth) lack.push("the page is " + root.scrollWidth + " wide in " + root.clientWidth); // beside its scroll bar
	const light = c => { const m = getComputedStyle(c).color.match(/[0-9.]+/g).map(Number); return m[0] + m[1] + m[2]; };
	const seen = [];
	for (const f of document.querySelectorAll("figure")) {
		const shown = [...f.querySelectorAll("svg")].filter(s => s.getBoundingClientRect().width > 0);
		if (shown.length != 1) { lack.push(f.id + " shows " + shown.length + " pictures"); continue; }
		const s = shown[0], r = s.getBoundingClientRect();
		seen.push(Math.round(r.width) + "x" + Math.round(r.height));
		if (r.left < 0 || r.right > wide || r.height < 100 || r.width < Math.min(250, wide * 0.7)) lack.push(f.id + " is out of view");
		const name = "computedName" in s ? s.computedName : document.getElementById(s.getAttribute("aria-labelledby").split(" ")[0]).textContent;
		const role = "computedRole" in s ? s.computedRole : s.getAttribute("role");
		if (name.length < 8) lack.push(f.id + " has no name");
		if (role != "image" && role != "img" && role != "graphics-document") lack.push(f.id + " is a " + role);
		const words = [...s.querySelectorAll("text")];
		if (words.length < 3) lack.push(f.id + " has no words");
		if (words.some(w => { const b = w.getBoundingClientRect(); return b.width && b.height && Math.max(b.width, b.height) < 5; })) lack.push(f.id + " has words too small to see");
		const drawn = [...s.querySelectorAll("path,polygon,use,rect,circle")].filter(p => p.getBoundingClientRect().width > 0);
		if (drawn.length < 5) lack.push(f.id + " is empty");
		const dark = light(document.body) > 380;
		for (const w of words) { const m = getComputedStyle(w.parentElement).fill.match(/[0-9.]+/g).map(Number); if (dark && m[0] + m[1] + m[2] < 200) { lack.push(f.id + " is dark in the dark"); break; } }
	}
	if (!seen.length) lack.push("no figures");
	parent.postMessage("FOUND " + NAME + " " + wide + " " + seen.join(" ") + (lack.length ? " LACK " + lack.join("; ") : " ALL WELL"), "*");
});
</script></body>"""
out = """<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,"><pre></pre>
<script>addEventListener("message", m => document.querySelector("pre").append(m.data + "\\n"))</script>"""
for name, width, path, more in zip(*[iter(sys.argv[2:])] * 4):
	page = re.sub(r"<meta http-equiv=[^>]*>", "", open(path, encoding="utf-8").read())
	if "dark" in name: page = page.replace("@media screen and (prefers-color-scheme: dark)", "@media screen")
	page = page.replace("</body>", more + script.replace("NAME", '"' + name + '"'))
	out += '<iframe width="%s" height="700" style="border:0" srcdoc="%s"></iframe>' % (width, html.escape(page))
open(sys.argv[1], "w", encoding="utf-8").write(out)
PY

# ---- the test sees what it looks for ----
python3 "$T/look.py" "$T/spoilt.html" spoilt 900 "$T/zh/lockstep-report.html" '<img src="http://example.invalid/x.png"><div style="width:3000px">x</div><script>nonsense(</script>'
browse 1280 "$T/spoilt.html"
if ! grep -q FOUND "$T/dom"; then
	cat "$T/log" >"$T/said"
	tail -3 "$T/log" | sed 's/^/# /'
	echo "ok 2 - a look at the page # SKIP this browser does not run here"
	echo "1..2"
	exit $failed
fi
cp "$T/log" "$T/said"
grep -q "example.invalid" "$T/asked"; ok $? "a page that asks outside is noticed"
[ -s "$T/console" ]; ok $? "so is an error in the console"
grep -q "FOUND spoilt 900 .*LACK the page is" "$T/dom"; ok $? "so is one that is too wide"

# ---- the page as it is ----
set --
for l in en zh; do
	browse 1280 "$T/$l/lockstep-report.html"
	cp "$T/console" "$T/said"; [ ! -s "$T/console" ] && grep -q "</html>" "$T/dom"; ok $? "$l: no word in the console"
	cp "$T/asked" "$T/said"; [ ! -s "$T/asked" ]; ok $? "$l: nothing is asked for outside"
	for width in 360 1280; do set -- "$@" $l $width "$T/$l/lockstep-report.html" ""; done
done
"$B/lockstep" report data/runs/gpu-sum-*.ndjson tests/fixtures/speedup.ndjson -o "$T/device" --lang en >/dev/null 2>&1 # its tables are the widest
python3 "$T/look.py" "$T/look.html" "$@" device 1280 "$T/device/lockstep-report.html" "" zh 768 "$T/zh/lockstep-report.html" "" dark 1280 "$T/zh/lockstep-report.html" ""
browse 1280 "$T/look.html"
grep "^FOUND\|^<.*FOUND" "$T/dom" >"$T/said"
for frame in "en 360" "en 1280" "zh 360" "zh 768" "zh 1280" "dark 1280" "device 1280"; do
	grep -q "FOUND $frame .* ALL WELL" "$T/said"; ok $? "figures in view, with names: $frame pixels"
done

# A script in the page would not run: the policy is obeyed.
sed 's#</body>#<script>document.title = "owned"; console.log("owned")</script><img src="http://example.invalid/x.png"></body>#' "$T/zh/lockstep-report.html" >"$T/evil.html"
browse 1280 "$T/evil.html"
cp "$T/log" "$T/said"; ! grep -q "<title>owned" "$T/dom" && ! grep -q example.invalid "$T/asked"; ok $? "the page's policy keeps scripts and outside pictures off"

# ---- on paper ----
"$B/lockstep-report" "$T/records.ndjson" -o "$T/pdf" --lang en --pdf >"$T/said" 2>&1
ok $? "a PDF is printed"
[ "$(head -c 5 "$T/pdf/lockstep-report.pdf")" = "%PDF-" ] && [ "$(wc -l <"$T/said")" -eq 2 ]; ok $? "it is one, and named"
[ "$(find "$T/pdf" -type f | wc -l)" -eq 2 ]; ok $? "nothing else is left beside it"
if command -v pdftotext >/dev/null; then
	pdftotext -layout "$T/pdf/lockstep-report.pdf" "$T/said"
	grep -q "Why it fell short" "$T/said" && grep -q "34.4 ms" "$T/said"; ok $? "it has the words and figures of the page"
else
	n=$((n + 1)); echo "ok $n - the words of the PDF # SKIP pdftotext is not on the PATH: install poppler-utils"
fi
echo "1..$n"
exit $failed
