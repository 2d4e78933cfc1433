#!/bin/sh
# The mouse, by scripts and in a real terminal: rows, tabs, footer, options, panes and the wheel; off when it is not wanted,
# and never left on.
set -u
. tests/screen.sh
ran() {
	ok "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$T/err"
}

# Map of the fixtures: row 3 is the first chapter, 4 and 5 its lessons, 7 the only one of the next.
script <<'END'
expect $ lockstep run demo
click 20 5
expect $ lockstep run other
expect Course:
wheel up 20 10
expect $ lockstep run demo
wheel down 20 10
expect $ lockstep run other
click 20 3
expect $ lockstep run other
click 20 20
expect $ lockstep run other
click 200 200
click 0 0
click -5 3
click 20 5
expect Another lesson
expect Step 1 of 1
END
ran $? "a click selects a row of the map, a second one opens it; the wheel moves"

script <<'END'
key Enter
expect Enter next step
click 3 24
expect Step 2 of 5
click 1 24
expect Step 2 of 5
click 3 24
expect my guess
type 2
click 3 24
expect my guess: 2 x
click 60 10
expect Nothing was measured yet
click 55 2
expect Timeline
save-display timeline.txt
click 3 24
wait-run 20
expect You said 2 x
END
ran $? "clicks in the footer do what the key does"

script --size 160x30 <<'END'
key Enter
key n
key r
key Esc
key r
wait-run 20
key 6
expect demo: done
click 90 2
refute demo: done
resize 44 10
expect Before you run it
wheel down 10 5
expect above
refute Before you run it
wheel up 10 5
expect Before you run it
key 4
save-display first.txt
wheel down 10 5
save-display second.txt
END
status=$?
cmp -s "$T/first.txt" "$T/second.txt" && status=1
# Which view a tab of that column belongs to depends on the names; what matters: another one than Output was shown.
ok $status "a click on a tab shows its view; the wheel scrolls the view under it"
[ $status -eq 0 ] || sed 's/^/# /' "$T/err"

script <<'END'
key Enter
key n
key n
expect What will the
click 5 9
save-display a.txt
END
ran $? "a click on an option of a prediction"
row=$(grep -n "it loses additions" "$T/a.txt" | head -1 | cut -d: -f1)
script <<END
key Enter
key n
key n
click 8 $row
expect Enter or a second click takes it
click 8 $((row + 1))
refute (•)
click 8 $((row + 1))
expect (•) it is right, but slow
END
ran $? "the first click marks an option, the second takes it"

script <<'END'
key Enter
key n
key a
expect my guess
click 55 2
expect A field is open
expect my guess
key Esc
key ?
expect Keys
wheel down 10 10
refute Enter always does
wheel up 10 10
expect Enter always does
END
ran $? "a click is no letter in a field; the wheel turns pages"

script <<'END'
key Enter
key n
key r
key Esc
click 60 10
expect Step 2
key j
save-display view.txt
click 5 5
key n
expect Step 3
key b
resize 60 16
click 20 5
click 3 16
resize 44 10
click 20 5
wheel down 20 5
resize 20 5
click 3 3
wheel up 3 3
resize 1 1
click 1 1
resize 300 100
click 250 50
wheel down 250 50
expect Step
END
ran $? "a click in a pane gives it the keys; no size is a trap"

script --no-mouse <<'END'
click 20 5
expect $ lockstep run demo
key M
expect Mouse: click and wheel
click 20 5
expect $ lockstep run other
key M
expect left to the terminal
click 20 4
key ^L
expect $ lockstep run other
END
ran $? "--no-mouse, and M while it is open"
has "$T/state/lockstep/progress" "option mouse = off" "M is remembered"
printf 'click 20 5\nexpect lockstep run demo\n' > "$T/script"
(cd "$T" && build/lockstep-tui --script script > out 2> err)
ran $? "by the next start too"

for wrong in "click 5" "click a b" "wheel left 3 3" "wheel up 3"; do
	echo "$wrong" | script
	[ $? -ne 0 ] && grep -q "script:1: not" "$T/err"
	ok $? "\"$wrong\" in a script is told as wrong"
done

script <<'END'
key Enter
key n
key o
expect Options
wheel down 10 5
wheel down 10 5
save-display options.txt
click 10 3
save-display clicked.txt
click 10 3
save-display changed.txt
END
ran $? "the options of a run: the wheel moves"
cmp -s "$T/options.txt" "$T/clicked.txt"
ok $((1 - $?)) "a click chooses a row"
cmp -s "$T/clicked.txt" "$T/changed.txt"
ok $((1 - $?)) "and a second one changes it"

# ---- a real terminal ----
if ! command -v tmux > /dev/null; then
	finish
fi
TMUX_SOCKET=lockstep-mouse-$$
t() { tmux -L "$TMUX_SOCKET" "$@"; }
t new-session -d -s keep -x 80 -y 24 # a server without a session would end between two of them
keys() { t send-keys -t s "$@"; }
shows() {
	tries=0
	while [ $tries -lt 300 ]; do
		t capture-pane -p -t s > "$T/seen" 2> /dev/null
		grep -qF -- "$1" "$T/seen" && return 0
		sleep 0.1
		tries=$((tries + 1))
	done
	sed 's/^/# /' "$T/seen"
	return 1
}
# mouse WANT: within some seconds the terminal reports the mouse (1) or does not (0)
mouse() {
	for i in $(seq 300); do
		flag=$(t display-message -p -t s '#{mouse_any_flag}')
		[ "$flag" = "$1" ] && return 0
		sleep 0.1
	done
	return 1
}
start() {
	t kill-session -t s 2> /dev/null
	rm -rf "$T/state" "$T/pid"
	t new-session -d -s s -x 80 -y 24 "env ENV= PS1='$ ' TERM=$1 sh -i" || return 1
	keys "cd $T; clear; sh -c 'echo \$\$ > pid; exec build/lockstep $2'" Enter
	shows "Course:" > /dev/null || return 1
	pid=$(cat "$T/pid")
}
back() {
	for i in $(seq 150); do [ -d "/proc/$pid" ] && sleep 0.2; done
	keys "echo BA''CK" C-j
	shows BACK > /dev/null
}
export ASAN_OPTIONS=detect_leaks=0:allow_user_segv_handler=1
for term in xterm-256color screen-256color; do
	infocmp "$term" > /dev/null 2>&1 || continue
	start $term ""
	mouse 1
	ok $? "$term: the terminal reports the mouse"
	# What a terminal sends for a press of button 1 at column 20, row 5, then the release.
	if [ $term = xterm-256color ]; then
		keys -H 1b 5b 3c 30 3b 32 30 3b 35 4d 1b 5b 3c 30 3b 32 30 3b 35 6d
	else
		keys -H 1b 5b 4d 20 34 25 1b 5b 4d 23 34 25
	fi
	shows "lockstep run other"
	ok $? "$term: a click arrives"
	if [ $term = xterm-256color ]; then
		keys -H 1b 5b 3c 36 34 3b 32 30 3b 35 4d
	else
		keys -H 1b 5b 4d 60 34 25
	fi
	shows "lockstep run demo"
	ok $? "$term: so does the wheel"
	keys M
	mouse 0
	ok $? "$term: M leaves it to the terminal"
	keys M
	mouse 1
	ok $? "$term: and takes it again"
	keys q
	back
	mouse 0
	ok $? "$term: q gives it back"
	for signal in SEGV TERM ABRT HUP; do
		start $term ""
		mouse 1 || ok 1 "$term: $signal: the mouse was never taken"
		kill -s $signal "$pid"
		back
		mouse 0
		ok $? "$term: $signal gives it back"
	done
done
start xterm-256color ""
mouse 1
keys C-z
mouse 0
keys "echo STOP''PED" Enter
shows STOPPED > /dev/null
mouse 0
ok $? "^Z gives it back"
keys fg Enter
shows "Course:" > /dev/null
mouse 1
ok $? "fg takes it again"
keys q
back
start xterm-256color --no-mouse
mouse 0
ok $? "--no-mouse never takes it"
keys q
back
finish
