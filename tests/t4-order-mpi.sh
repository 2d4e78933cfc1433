#!/bin/sh
# Puzzles whose lines call MPI: on the screen they are built with what the suite was built with, and their ranks really run.
set -u
B=${B:-build}
command -v mpirun > /dev/null && command -v cc > /dev/null && grep -q -e '-DHAVE_MPI=1' "$B/compile" || { echo "1..0 # SKIP no MPI, or no C compiler"; exit 0; }
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
mkdir "$T/tmp"
export TMPDIR="$T/tmp" LC_ALL=C.UTF-8
unset CC
count=0 failed=0
ok() { # ok STATUS NAME
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failed=1; sed 's/^/# /' "$T/err"; fi
}
# solve LESSON STEP ANSWER SENTENCE: the order is there, and is built and run.
solve() {
	rm -rf "$T/state"
	mkdir -p "$T/state/lockstep"
	printf 'lockstep-progress 1\nanswer %s %d 2 = tried %s\nwhere = %s %d\n' "$1" "$2" "$3" "$1" "$2" > "$T/state/lockstep/progress"
	printf '%s\n' 'expect put in order' 'key r' 'wait-run 60' "expect $4" > "$T/script"
	XDG_STATE_HOME="$T/state" "$B/lockstep-tui" --script "$T/script" "$1" > "$T/out" 2> "$T/err"
}
solve halo 5 '1 2 3 4 5 / 6 7' 'Right: built'
ok $? "halo: the right order is right"
solve halo 5 '1 2 4 3 5 / 6 7' 'nothing was renewed'
ok $? "halo: what does not overlap is told by the ranks"
solve scatter-gather 11 '1 2 3 4 / 5 6' 'Right: built'
ok $? "scatter-gather: the right order is right"
[ -z "$(ls -A "$T/tmp")" ]
ok $? "no work file is left"
for p in /proc/[0-9]*/exe; do
	case $(readlink "$p" 2> /dev/null) in "$T/tmp"/*) echo "# ${p%/exe} is left"; false; break ;; esac
done
ok $? "no rank is left"
echo "1..$count"
exit $failed
