#!/bin/sh
# The screen in a real terminal (tmux): it starts, resizes, runs a lesson, idles, and gives the terminal back on every way out.
set -u
command -v tmux > /dev/null || { echo "1..0 # SKIP tmux is not installed"; exit 0; }
. tests/screen.sh
TMUX_SOCKET=lockstep-$$
SLOW=32$$
export ASAN_OPTIONS=detect_leaks=0:allow_user_segv_handler=1

t() { tmux -L "$TMUX_SOCKET" "$@"; }
keys() { t send-keys -t s "$@"; }
t new-session -d -s keep -x 80 -y 24 # a server without a session would end between two of them
look() { t capture-pane -p -t s > "$T/seen" 2>/dev/null; }
shows() { # shows TEXT: within some seconds
	tries=0
	while [ $tries -lt 300 ]; do
		look
		grep -qF -- "$1" "$T/seen" && return 0
		sleep 0.1
		tries=$((tries + 1))
	done
	sed 's/^/# /' "$T/seen"
	return 1
}
expect() { shows "$1"; ok $? "$2"; }
# The terminal is as a program should leave it: main screen, cursor shown, keypad and mouse off, line settings as before.
restored() {
	for i in $(seq 150); do [ -d "/proc/$pid" ] && sleep 0.2; done
	keys "echo BA''CK" C-j
	expect "BACK" "$1: the shell is back"
	flags=$(t display-message -p -t s '#{alternate_on}#{cursor_flag}#{keypad_cursor_flag}#{keypad_flag}')
	[ "$flags" = 0100 ]
	ok $? "$1: the terminal shows the shell's screen and a cursor ($flags)"
	keys "stty -g > $T/after; echo WRIT''TEN" Enter
	shows WRITTEN > /dev/null
	cmp -s "$T/before" "$T/after"
	ok $? "$1: stty is as it was"
}
# page WANT: within some seconds the terminal shows the screen's page (1) or the shell's (0)
page() {
	tries=0
	until [ "$(t display-message -p -t s '#{alternate_on}' 2> /dev/null)" = "$1" ] || [ $tries -ge 300 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
}
start() { # start [SLOW [DEAF]]: a shell of its own, then the screen in it
	t kill-session -t s 2>/dev/null
	rm -rf "$T/state" "$T/pid"
	t new-session -d -s s -x 80 -y 24 "env ENV= PS1='$ ' sh -i" || return 1
	keys "cd $T; stty -g > before; clear; echo BEFORE" Enter
	shows BEFORE > /dev/null
	keys "LOCKSTEP_TEST_SLOW=${1:-} LOCKSTEP_TEST_DEAF=${2:-} sh -c 'echo \$\$ > pid; exec build/lockstep'" Enter
	shows "Course:" > /dev/null || return 1
	pid=$(cat "$T/pid")
}

start
ok $? "it starts"
expect "1.1 Many hands" "with the course map"
calm() { grep voluntary "/proc/$pid/status"; awk '{print $14, $15}' "/proc/$pid/stat"; }
for i in 1 2 3 4 5; do # what it began with may still be going on, on a busy machine
	calm > "$T/calm1"
	sleep 1
	calm > "$T/calm2"
	cmp -s "$T/calm1" "$T/calm2" && break
done
cmp -s "$T/calm1" "$T/calm2"
ok $? "idle, it does nothing at all"
for size in "20 5" "1 1" "200 60" "44 10" "60 16" "80 24"; do
	t resize-window -t s -x "${size% *}" -y "${size#* }"
	sleep 0.2
	[ "$size" = "20 5" ] && expect "this is 20x5" "a tiny window says what is needed"
done
expect "1.1 Many hands" "the course map is back after six sizes"
keys Enter
expect "Step 1 of 5" "Enter opens the lesson"
keys Enter
expect "my guess" "Enter goes on"
keys Enter
keys "1.8" Enter
expect "my guess: 1.8 x" "a guess is typed"
keys Enter
expect "You said 1.8 x, measured 1.76" "Enter runs the lesson and compares"
keys Escape
expect "Course:" "Esc goes to the map"
keys Down PageDown Up Home End F1
expect "Keys" "F1 opens the help: keys with escape sequences arrive whole"
keys F10
expect "Course:" "F10 closes it"
keys q
restored "q"
expect "BEFORE" "what stood there before stands there again"

for signal in INT TERM HUP HUP-TWICE QUIT QUIT-BY-KEY SEGV ABRT USR1; do
	deaf=
	[ $signal = HUP-TWICE ] && deaf=1 # ending takes a second then
	start "$SLOW" $deaf > /dev/null
	keys Enter
	keys n
	shows "Step 2 of 5" > /dev/null
	keys r
	shows "First your guess" > /dev/null
	keys Escape
	keys r
	expect "running" "$signal: a run is live"
	if [ $signal = QUIT-BY-KEY ]; then
		keys q
		expect "Stop it and quit?" "q asks when a run is live"
		keys n
		keys q y
	elif [ $signal = QUIT ]; then
		keys 'C-\'
	elif [ $signal = HUP-TWICE ]; then
		kill -s HUP "$pid"
		sleep 0.02
		kill -s HUP "$pid"
	else
		kill -s $signal "$pid"
	fi
	restored $signal
	gone "sleep $SLOW" "$signal: no process of the run is left"
	case $signal in SEGV | ABRT | USR1) continue ;; esac
	has "$T/state/lockstep/progress" "where = demo 2" "$signal: the progress is saved"
	has "$T/state/lockstep/records.ndjson" '"t":"run"' "$signal: the records of the run are kept"
done

start > /dev/null
keys C-z
page 0
keys "echo STOP''PED" Enter
expect "STOPPED" "^Z: the shell is there"
[ "$(t display-message -p -t s '#{alternate_on}')" = 0 ]
ok $? "^Z: on its own screen"
keys "stty -g > $T/after; fg" Enter
expect "1.1 Many hands" "fg: the course is back"
cmp -s "$T/before" "$T/after"
ok $? "^Z: stty was as before meanwhile"
keys Enter
expect "Step 1 of 5" "fg: keys work"
kill -s STOP "$pid"
tries=0
until grep -q '^State:.*stopped' "/proc/$pid/status" 2> /dev/null || [ $tries -ge 300 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
kill -s CONT "$pid"
sleep 0.3
# An interactive shell takes the terminal back when its job is stopped from outside.
keys C-j "fg" C-j
sleep 0.3
keys Enter
expect "Step 2 of 5" "STOP and CONT from outside"
keys q
restored "after all that"

start "$SLOW" > /dev/null
keys Enter n
shows "Step 2" > /dev/null
keys a Escape r
shows "running" > /dev/null
t kill-session -t s
gone "sleep $SLOW" "the terminal hangs up: no process of the run is left"
for i in $(seq 150); do [ -d "/proc/$pid" ] && sleep 0.3; done
[ ! -d "/proc/$pid" ]
ok $? "nor the screen itself"
has "$T/state/lockstep/progress" "where = demo 2" "and the progress is saved"

t new-session -d -s s -x 80 -y 24 "env ENV= PS1='$ ' sh -i"
keys "cd $T; TERM=no-such build/lockstep; echo rc=\$?" Enter
expect "TERM=no-such is not known here" "an unknown terminal: a sentence"
expect "rc=2" "and exit 2"
keys "clear; TERM=dumb build/lockstep; echo rc=\$?" Enter
expect "can't move its cursor" "a dumb terminal: a sentence"
finish
