#!/bin/sh
# lockstep peers: the protocol from the side of the driver (peers that are broken, lie, hang or die are named and left out), the table of
# recorded comparisons, and peers that can't be built or run here. No test asserts a duration.
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
root=$(cd "$(dirname "$0")/.." && pwd)
T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-peers-XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
export LC_ALL=C.UTF-8 XDG_CACHE_HOME="$T/cache"
unset LOCKSTEP_PYTHON LOCKSTEP_PEERS
peers() { LOCKSTEP_PEERS="$T/peers" timeout 120 "$B/lockstep-peers" "$@" >"$T/out" 2>"$T/err"; }
marked() { grep -lzF "LOCKSTEP_PEERS=$T/peers" /proc/[0-9]*/environ 2>/dev/null | wc -l; } # processes that were started with it
n=0 bad=0
ok() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else
		echo "not ok $n - $2"
		bad=1
		for f in out err; do sed "s/^/# $f: /" "$T/$f" 2>/dev/null | head -20; done
	fi
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
says() { grep -qE -- "$1" "$T/out" "$T/err"; ok $? "${2:-says: $1}"; }

# A peer in shell: its list, and what it does once it is ready.
mkdir "$T/peers" "$T/cache"
peer() { # NAME LIST; the script on stdin
	{
		echo '#!/bin/sh'
		echo "if [ \"\$1\" = --list ]; then echo '$2'; exit 0; fi"
		cat
	} >"$T/peers/$1"
	chmod +x "$T/peers/$1"
}
serves() { echo "{\"peer\":\"$1\",\"kernel\":\"sum_squares\",\"library\":\"shell\",\"workers\":\"${2:-any}\",\"params\":{}}"; }
answer() { # the right figure of sum_squares at this size and seed, by the kernel's own words
	"$B/lockstep-bench" sum_squares -v serial -t 1 -n 1000 --reps 1 --counters off --json 2>/dev/null |
		jq -r 'select(.t == "verdict" and .variant == "serial") | .observed' | head -1
}
right=$(answer)
[ -n "$right" ] || { echo "Bail out! no answer of the kernel's own"; exit 1; }

loop() { # SECONDS CHECK
	echo 'echo "{\"ready\":true}"'
	echo "while read -r line; do sleep 0.002; echo '{\"seconds\":$1,\"check\":$2}'; done"
}
loop 0.001 "$right" | peer good "$(serves good)"
loop 0.001 "$right" | peer single "$(serves single one)"
loop 0.001 12345 | peer liar "$(serves liar)"
loop 0.001 null | peer mute-figure "$(serves mute-figure)"
loop 1000 "$right" | peer boaster "$(serves boaster)"
loop 0 "$right" | peer timeless "$(serves timeless)"
echo 'echo "{\"ready\":true}"; read -r line; echo "out of luck" >&2; exit 7' | peer dies "$(serves dies)"
echo 'echo "{\"ready\":true}"; read -r line; kill -SEGV $$' | peer crashes "$(serves crashes)"
echo 'echo "cannot begin" >&2; exit 3' | peer never-ready "$(serves never-ready)"
echo 'echo "{\"ready\":true}"; read -r line; echo "hello there"' | peer babbles "$(serves babbles)"
echo 'exit 0' | peer nonsense 'this is no list'
echo 'exit 0' | peer half-list '{"peer":"half"'
echo 'exit 0' | peer absent '{"peer":"absent way","kernel":"sum_squares","unavailable":"libabsent is not installed (package libabsent-dev)"}'
echo "not built: absent.h is not here (package libabsent-dev)" >"$T/peers/unbuilt.why"
printf '#!/bin/sh\nkill -9 $$\n' >"$T/peers/killed" && chmod +x "$T/peers/killed"

peers --list
ok $? "--list"
says "^sum_squares +good +shell"
says "nonsense.*broken: --list says nothing that is understood" "no list: said"
says "half-list.*broken: --list says" "half a list: said"
says "killed.*broken: --list ended by signal 9" "a list that is killed: said"
says "absent way.*cannot run here: libabsent is not installed \(package libabsent-dev\)" "what cannot run here stays in the list, with the package"
says "unbuilt.*not built: absent.h is not here \(package libabsent-dev\)" "what was not built, too"

peers sum_squares -n 1000 -t 1,2 -r 2 --budget 20 -o "$T/records"
ok $? "a comparison with all of them ends well"
for words in "liar .*left out: its answer is wrong: 12345, ours" "mute-figure .*left out: its answer is wrong: nan" \
	"boaster .*left out: it claims 1000 s" "timeless .*left out: its answer holds no time" \
	"dies .*left out: it ended by itself \(exit 7\): out of luck" "crashes .*left out: it was ended by signal 11" \
	"never-ready .*left out: it ended by itself \(exit 3\): cannot begin" "babbles .*left out: it says what is no answer: hello there" \
	"absent way .*left out: libabsent is not installed" "peer nonsense left out: broken"; do
	says "$words"
done
[ "$(jq -s '[.[] | select(.t == "peer" and .who == "good" and .why == null and .ratio != null)] | length' "$T/records")" = 2 ]
ok $? "a good peer has a ratio for either worker count"
[ "$(jq -s '[.[] | select(.t == "peer" and .who == "single")] | length' "$T/records")" = 1 ]
ok $? "one that has one thread only is compared at one worker"
[ "$(jq -s '[.[] | select(.t == "peer" and .ours and .right != false)] | length' "$T/records")" = 2 ]
ok $? "ours is there for either"
[ "$(marked)" -eq 0 ]
ok $? "no process is left"

# One that hangs
rm -rf "$T/peers" && mkdir "$T/peers"
echo 'echo "{\"ready\":true}"; read -r line; sleep 1000' | peer hangs "$(serves hangs)"
peers sum_squares -n 1000 -t 1 -r 2 --budget 2
ok $? "a peer that hangs does not hang us"
says "hangs .*left out: no answer within [0-9]+ s" "it is named and left out"
[ "$(marked)" -eq 0 ]; ok $? "and it is gone with its children"
env LOCKSTEP_PEERS="$T/peers" "$B/lockstep-peers" sum_squares -n 1000 -t 1 --budget 60 >"$T/out" 2>"$T/err" &
pid=$!
i=0
while [ "$(marked)" -lt 2 ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done
kill -INT $pid
wait $pid
[ $? -eq 130 ]; ok $? "Ctrl-C while a peer hangs: exit 130"
i=0
while [ "$(marked)" -gt 0 ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done
[ "$(marked)" -eq 0 ]; ok $? "and no process is left"

# ---- arguments
for args in "--reps 0" "--budget x" "nokernel" "--size x" "--from /nonexistent" "--threads 0"; do
	"$B/lockstep-peers" $args >"$T/out" 2>"$T/err"
	[ $? -eq 2 ] && [ "$(wc -l <"$T/err")" -eq 1 ]
	ok $? "$args: exit 2 and one line"
done

# ---- the table and the chart of recorded comparisons
"$B/lockstep-peers" --from "$root/tests/fixtures/peers.ndjson" --no-color >"$T/out" 2>"$T/err"
ok $? "--from"
[ -n "$UPDATE" ] && cp "$T/out" "$root/tests/golden/peers.txt"
cmp -s "$T/out" "$root/tests/golden/peers.txt"
ok $? "the table (UPDATE=1 writes it anew)"
if command -v gnuplot >/dev/null; then
	LOCKSTEP_HOME=$root "$B/lockstep-plot" --kind ranking "$root/tests/fixtures/peers.ndjson" --format svg -o "$T/plots" >"$T/out" 2>"$T/err"
	ok $? "lockstep plot --kind ranking"
	[ ! -s "$T/err" ] && grep -q "OpenBLAS ddot" "$T/plots/ranking.svg"
	ok $? "gnuplot has no complaint, the peers stand in the chart"
else
	skip "lockstep plot --kind ranking" "gnuplot is not here (package gnuplot-nox)"
fi

# ---- building: what a peer needs and is not here
mkdir -p "$T/src/kernels/peers" "$T/src/.make"
cp "$root"/kernels/*.h "$T/src/kernels/" && cp "$root"/kernels/peers/peer.* "$T/src/kernels/peers/" && cp "$root/.make/peers.sh" "$T/src/.make/"
cat >"$T/src/kernels/peers/lacks.c" <<'END'
/* needs: libnowhere-dev */
#include <nowhere/nothing.h>
int main(void) { return 0; }
END
cat >"$T/src/kernels/peers/unlinked.c" <<'END'
/* needs: libnolib-dev
 * libs: -lnolib_at_all */
int main(void) { return 0; }
END
cat >"$T/src/kernels/peers/wrong.c" <<'END'
int main(void) { return nonsense; }
END
cat >"$T/src/kernels/peers/fine.c" <<'END'
int main(void) { return 0; }
END
printf 'import peer\n\n\nclass Way(peer.Peer):\n    name, kernel = "way", "sum_squares"\n    needs = {"no_such_module": "python3-nowhere"}\n\n\npeer.main(Way)\n' >"$T/src/kernels/peers/py_way.py"
(cd "$T/src" && sh .make/peers.sh built "${CC:-cc}" "${CXX:-c++}") >"$T/out" 2>"$T/err"
ok $? "building peers never fails"
[ -x "$T/src/built/peers/fine" ]; ok $? "what can be built is"
grep -qx "not built: nowhere/nothing.h is not here (package libnowhere-dev)" "$T/src/built/peers/lacks.why"; ok $? "a missing header: the package"
grep -qx "not built: libnolib_at_all is not here (package libnolib-dev)" "$T/src/built/peers/unlinked.why"; ok $? "a missing library: the package"
grep -q "not built: .*error.*nonsense" "$T/src/built/peers/wrong.why"; ok $? "a mistake: the compiler's words"
if command -v python3 >/dev/null; then
	LOCKSTEP_PEERS=$T/src/built/peers "$B/lockstep-peers" --list >"$T/out" 2>"$T/err"
	says "way .*cannot run here: Python module no_such_module is not installed \(package python3-nowhere\)" "a missing module: the package"
fi
rm "$T/src/kernels/peers/fine.c"
(cd "$T/src" && sh .make/peers.sh built "${CC:-cc}" /nonexistent/c++) >"$T/out" 2>"$T/err"
[ ! -e "$T/src/built/peers/fine" ]; ok $? "what has no source any more goes"
echo 'int main() { return 0; }' >"$T/src/kernels/peers/plus.cpp"
(cd "$T/src" && sh .make/peers.sh built "${CC:-cc}" /nonexistent/c++) >"$T/out" 2>"$T/err"
ok $? "without a C++ compiler"
grep -q "^not built: .*not found" "$T/src/built/peers/plus.why"; ok $? "it is said"
mkdir -p "$T/empty"
LOCKSTEP_PEERS=$T/empty "$B/lockstep-peers" sum_squares -n 1000 -t 1 -r 1 --budget 3 >"$T/out" 2>"$T/err"
ok $? "no peers at all: ours alone"
says "make peers builds them" "and what to do"

# ---- a match that is too long for its share of the time waits for what others leave, and stands with its like in the table
mkdir "$T/slow"
cat >"$T/slow/one" <<END
#!/bin/sh
if [ "\$1" = --list ]; then echo '$(serves slow one)'; exit 0; fi
echo '{"ready":true}'
while read -r line; do sleep 1.2; echo '{"seconds":1.2,"check":$right}'; done
END
chmod +x "$T/slow/one"
LOCKSTEP_PEERS=$T/slow timeout 120 "$B/lockstep-peers" sum_squares scan -n 1000 -t 1,2 -r 1 --budget 20 -o "$T/waited" >"$T/out" 2>"$T/err"
ok $? "a slow peer"
[ "$(jq -r 'select(.t == "peer" and .ours) | .kernel + (.workers | tostring)' "$T/waited" | tr '\n' ' ')" = "sum_squares2 scan1 scan2 sum_squares1 " ]; ok $? "its match came last"
[ "$(grep -c '^sum_squares' "$T/out")" -eq 1 ] && [ "$(sed -n 's/^ *\([12]\) ours.*/\1/p' "$T/out" | tr '\n' ' ')" = "1 2 1 2 " ]
ok $? "and stands in its place"

# ---- the frames speak the protocol themselves
cat >"$T/src/kernels/peers/frame.c" <<'END'
#include "kernels/peers/peer.h"
static bool prepare(struct peer_job *job) { return job->size < 100; }
static void run(struct peer_job *job) { (void)job; }
static double check(const struct peer_job *job) { return (double)job->size + job->threads + (double)job->seed + peer_param(job, "extra", 0.5); }
static const struct peer peers[] = {
	{.name = "frame", .kernel = "k", .library = "l", .workers = "any", .prepare = prepare, .run = run, .check = check}, {0}};
int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
END
(cd "$T/src" && sh .make/peers.sh built "${CC:-cc}" "${CXX:-c++}") >"$T/out" 2>"$T/err"
f=$T/src/built/peers/frame
printf 'run\nwhat\nrun\n' | "$f" k frame --size 5 --threads 2 --seed 3 --extra 7 >"$T/out" 2>"$T/err"
ok $? "the frame in C ends at the end of its input"
[ "$(jq -s -c '[.[0].ready, (.[1:][] | .check)]' "$T/out")" = "[true,17,17]" ]; ok $? "ready, then an answer for each run"
"$f" k frame --size 100 --threads 1 --seed 1 </dev/null >"$T/out" 2>"$T/err"; [ $? -eq 3 ]; ok $? "no memory: exit 3"
"$f" k other </dev/null >"$T/out" 2>"$T/err"; [ $? -eq 2 ]; ok $? "an unknown way: exit 2"
"$f" --list | jq -e '.peer == "frame" and .workers == "any"' >"$T/out"; ok $? "its list"

echo "1..$n"
exit $bad
