# For the shell tests of the screen: a small tree with the programs as built, a course of fixtures, and lessons that replay a
# recorded run; TAP; nothing is left behind. Source it after `set -u`.
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
here=$PWD
n=0 bad=0
T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-screen-XXXXXX") || exit 1
cleanup() {
	[ -n "${TMUX_SOCKET:-}" ] && tmux -L "$TMUX_SOCKET" kill-server 2>/dev/null
	rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

ok() { # ok STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; bad=$((bad + 1)); fi
}
has() { # has FILE TEXT NAME
	grep -qF -- "$2" "$1"
	status=$?
	ok $status "$3"
	[ $status -eq 0 ] || { echo "# no \"$2\" in:"; sed 's/^/# /' "$1" | head -40; }
}
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
finish() { echo "1..$n"; [ $bad -eq 0 ]; exit $?; }

mkdir -p "$T/build/lessons" "$T/state"
cp "$B/lockstep" "$B/lockstep-tui" "$T/build/" || { echo "Bail out! lockstep-tui is not built"; exit 1; }
if [ -d "$B/locale" ]; then cp -r "$B/locale" "$T/build/"; fi
cp -r tests/fixtures/course/lessons "$T/lessons"
cp tests/fixtures/course/bin/* tests/fixtures/speedup.ndjson "$T/build/lessons/"
cp "$T/build/lessons/demo" "$T/build/lessons/other"
export LOCKSTEP_HOME="$T" XDG_STATE_HOME="$T/state" LC_ALL=C.UTF-8
unset NO_COLOR ESCDELAY LINES COLUMNS

# script OPTIONS… < COMMANDS: fresh state, commands from stdin; displays land in $T.
script() {
	rm -rf "$T/state"
	cat > "$T/script"
	(cd "$T" && build/lockstep-tui --script "$T/script" "$@" > "$T/out" 2> "$T/err")
}

# Is a process with exactly this command line alive?
alive() {
	for p in /proc/[0-9]*/cmdline; do
		[ "$({ tr '\0' ' ' < "$p"; } 2> /dev/null)" = "$1 " ] && return 0
	done
	return 1
}
# gone COMMAND NAME: it ends within some seconds
gone() {
	for i in $(seq 150); do
		alive "$1" || { ok 0 "$2"; return; }
		sleep 0.2
	done
	ok 1 "$2"
}
