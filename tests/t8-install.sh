#!/bin/sh
# make install puts everything where it belongs, works from there, and make uninstall leaves nothing behind. A build with every
# optional part switched off works too.
B=${B:-build}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export XDG_CACHE_HOME="$tmp/cache" XDG_STATE_HOME="$tmp/state" LC_ALL=C.UTF-8
unset LOCKSTEP_HOME
count=0
failed=0

ok() { # STATUS NAME
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
		tail -n 5 "$tmp/log" | sed 's/^/# /'
	fi
}

quick="--size 20k --reps 1 --budget 3 --threads 1,2"

make -s install B="$B" DESTDIR="$tmp/stage" PREFIX=/usr >"$tmp/log" 2>&1
ok $? "make install DESTDIR= PREFIX="
mv "$tmp/stage/usr" "$tmp/elsewhere" # nothing may depend on where it was built or staged
bin=$tmp/elsewhere/bin
(cd / && "$bin/lockstep" list) >"$tmp/log" 2>&1 && grep -q "Amdahl" "$tmp/log"
ok $? "installed: lockstep list knows the lessons"
(cd / && "$bin/lockstep" run amdahl --explain) >"$tmp/log" 2>&1 && [ "$(wc -l <"$tmp/log")" -gt 50 ]
ok $? "installed: a lesson finds its text"
(cd / && "$bin/lockstep" run mutex $quick -o "$tmp/records.ndjson") >"$tmp/log" 2>&1
ok $? "installed: a lesson runs"
(cd / && "$bin/lockstep" doctor) >"$tmp/log" 2>&1
ok $? "installed: lockstep doctor"
if command -v gnuplot >/dev/null; then
	(cd / && "$bin/lockstep" plot "$tmp/records.ndjson" -o "$tmp/plots") >"$tmp/log" 2>&1 && ls "$tmp"/plots/*.svg >/dev/null
	ok $? "installed: lockstep plot finds its scripts"
fi
printf 'save-display map.txt\nkey Enter\nkey Enter\nsave-display step.txt\nquit\n' >"$tmp/script"
(cd "$tmp" && "$bin/lockstep" --script "$tmp/script" --size 80x24) >"$tmp/log" 2>&1 && grep -q "Amdahl" "$tmp/map.txt" && grep -q "Step 2" "$tmp/step.txt"
ok $? "installed: the screen shows the course and a lesson"
[ -s "$tmp/elsewhere/share/man/man1/lockstep.1" ] && [ -s "$tmp/elsewhere/share/man/man5/lockstep-record.5" ] &&
	[ -s "$tmp/elsewhere/share/bash-completion/completions/lockstep" ] && grep -q mutex "$tmp/elsewhere/share/zsh/site-functions/_lockstep" &&
	grep -q mutex "$tmp/elsewhere/share/fish/vendor_completions.d/lockstep.fish"
ok $? "installed: man pages and completions"
(cd / && "$bin/lockstep" manual lockstep-lesson.1) >"$tmp/log" 2>&1 && grep -q mutex "$tmp/log"
ok $? "installed: lockstep manual asks the programs there"
mkdir -p "$tmp/stage/usr" && cp -r "$tmp/elsewhere/." "$tmp/stage/usr"
make -s uninstall B="$B" DESTDIR="$tmp/stage" PREFIX=/usr >"$tmp/log" 2>&1
[ "$(find "$tmp/stage" -type f | wc -l)" = 0 ]
ok $? "make uninstall leaves no file"

bare=$B/bare
make -s -j2 all B="$bare" OPT="-O1 -g0" HAVE_PAPI=0 HAVE_MPI=0 HAVE_CUDA=0 HAVE_OPENCL=0 HAVE_CURL=0 HAVE_MICROHTTPD=0 HAVE_URING=0 >"$tmp/log" 2>&1
ok $? "a build with every optional part off"
"$bare/lessons/mutex" $quick --json >"$tmp/json" 2>"$tmp/log"
ok $? "it measures"
jq -se '.[0].parts | to_entries | all(.[]; .value == false)' "$tmp/json" >"$tmp/log"
ok $? "it says which parts are missing"
jq -se '[.[] | select(.t == "counters" and .worker == -1)] | length > 0 and all(.[]; .values.context_switches >= 0 and (.absent.cycles | length) > 0)' \
	"$tmp/json" >"$tmp/log"
ok $? "without PAPI the system's own figures are there, the others have a reason"
! ldd "$bare/lockstep-bench" | grep -q papi
ok $? "and PAPI is not linked"

"$bare/lessons/gpu-sum" --variant opencl-tree >"$tmp/log" 2>&1
[ $? = 4 ] && grep -q 'built without OpenCL (packages ocl-icd-opencl-dev' "$tmp/log"
ok $? "without OpenCL: exit 4 with the packages"
"$bare/lessons/gpu-sum" --size 10k --reps 1 --budget 0.3 --counters off >"$tmp/log" 2>&1 && grep -q 'cannot run here: built without CUDA' "$tmp/log"
ok $? "without CUDA: its variants stay listed with the reason, the others are measured"

echo "1..$count"
exit $failed
