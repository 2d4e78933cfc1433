#!/bin/sh
# A lesson line by line (--plain): from a pipe, on a dumb terminal, and typed; the same progress as on the screen.
set -u
. tests/screen.sh
export TERM=dumb
plain() { # plain OPTIONS… < ANSWERS
	rm -rf "$T/state"
	(cd "$T" && build/lockstep --plain "$@" > "$T/out" 2> "$T/err")
}
order() { # order NAME TEXT…: they come in this order
	name=$1
	shift
	line=0 good=0
	for text in "$@"; do
		at=$(grep -nF -- "$text" "$T/out" | cut -d: -f1 | awk -v n="$line" '$1 > n' | head -1)
		[ -n "$at" ] || { good=1; echo "# \"$text\" does not come after line $line"; sed 's/^/# /' "$T/out"; break; }
		line=$at
	done
	ok $good "$name"
}

# Steps 1, 2 (a guess, a run), 3 (a choice, a run), 4 (wrong, its experiment, right), 5.
printf '%s\n' '' 1,8 '' '' 2 y '' 1 '' 2 '' '' | plain demo
ok $? "a whole lesson from a pipe"
[ ! -s "$T/err" ]
ok $? "with nothing to complain about"
order "read, guess, run, compare, why" "Step 1 of 5" "A loop adds numbers" "Step 2 of 5" "How fast will 4 workers be" \
	"My guess in x" '$ lockstep run demo --serial 0.1' "Run it?" "demo: done" "Done." "You said 1.8 x, measured 1.76" "Why: " "Step 3"
order "choices and questions" "1. it loses additions" "Which one, 1 to 2?" "The machine says: it loses additions" "Step 4 of 5" \
	"Which one, 1 to 2?" "Not so." "The experiment that tells:" "demo: done" "Right." "Step 5 of 5" "lesson.c:" "sum += x[i]" \
	"in Python" "total = " "5 of 5 steps are done"
LC_ALL=C grep -q "$(printf '[\033\r\007]')" "$T/out"
ok $((1 - $?)) "no escape sequence, no carriage return"
grep -q '[│─┌┐└┘█░▁]' "$T/out"
ok $((1 - $?)) "no box is drawn"
grep -q "explain it" "$T/out"
ok $((1 - $?)) "the instructor's notes are not told"
has "$T/state/lockstep/progress" "mark demo 5 = done" "progress is kept"
has "$T/state/lockstep/progress" "answer demo 2 2 = 1,8" "so are answers"
has "$T/state/lockstep/records.ndjson" '"t":"end"' "and records"
cat > "$T/script" <<'END'
expect 5/5 done
key Enter
key n
expect my guess: 1,8 x
END
(cd "$T" && TERM=xterm build/lockstep-tui --script script > out2 2>&1)
ok $? "the screen goes on where the lines ended"

plain demo < /dev/null
ok $? "no answers at all: a clean end"
grep -q "Step 1 of 5" "$T/out" && ! grep -q "Step 2 of 5" "$T/out"
ok $? "at the first question"
printf '\n1.8\n' | plain demo
ok $? "an end in the middle is clean too"
grep -q "demo: done" "$T/out"
ok $((1 - $?)) "and nobody's yes is taken for one"
has "$T/state/lockstep/progress" "where = demo 2" "the place is kept"
printf '%s\n' n b n abc 1e99 -3 '' n '?' h s x q | plain demo
ok $? "the commands"
order "n and b go, numbers are checked, h and ? tell" "Step 1" "Step 2" "Step 1" "Step 2" "A number, please" "No machine will" "A speedup is more than 0" \
	"Run it?" "Step 3" "Enter: what the question says" "no hints" "Nothing is running." "A number from 1 to 2"
printf '%s\n' n r '' n n 7 q | plain demo
order "r at a guess asks for the guess first" "Step 2" "First your guess" "Run it?" "Step 3" "Step 4" "A number from 1 to 2"
grep -q "demo: done" "$T/out"
ok $((1 - $?)) "and n runs nothing"

printf '%s\n' 99 nothing 2 '' q | plain
ok $? "without a lesson: a list"
order "numbered, and asked for" "Chapter 1: The start" "1. Many hands make light work (demo)" "3. Runs that go wrong (trouble)" "Which lesson" \
	'no lesson "99"' 'no lesson "nothing"' "Lesson 1.2: Another lesson" "1 of 1 step is done" "Another lesson (other), 1 of 1" "where you were"
printf 'q\n' | plain --lang zh demo
has "$T/out" "循环" "--lang zh"
printf '%s\n' '' '' '' q | LC_ALL=C plain --lang en demo
LC_ALL=C grep -q '[^ -~]' "$T/out"
ok $((1 - $?)) "a locale without UTF-8 gets ASCII"
plain no-such < /dev/null
[ $? -eq 2 ] && grep -q 'no lesson "no-such"' "$T/err"
ok $? "an unknown lesson: exit 2, named"

# A run that goes wrong is told.
printf '%s\n' '' '' '' '' '' n n '' '' q | plain trouble
order "runs that go wrong are told" "Killed by signal" "Step 2"
printf '%s\n' '' | LOCKSTEP_TEST_SLOW=1 plain demo > /dev/null
(cd "$T" && printf '%s\n' n '' '' | build/lockstep --plain demo | head -3 > "$T/out")
ok $? "a reader that goes away is no trouble"

command -v tmux > /dev/null || finish
TMUX_SOCKET=lockstep-plain-$$
SLOW=31$$
t() { tmux -L "$TMUX_SOCKET" "$@"; }
keys() { t send-keys -t s "$@"; }
shows() {
	tries=0
	while [ $tries -lt 300 ]; do
		t capture-pane -p -S - -t s > "$T/seen" 2> /dev/null
		grep -qF -- "$1" "$T/seen" && return 0
		sleep 0.1
		tries=$((tries + 1))
	done
	sed 's/^/# /' "$T/seen"
	return 1
}
expect() { shows "$1"; ok $? "$2"; }
rm -rf "$T/state"
t new-session -d -s s -x 80 -y 40 "env ENV= PS1='$ ' TERM=dumb sh -i"
keys "cd $T; clear; LOCKSTEP_TEST_SLOW=$SLOW build/lockstep --plain demo" Enter
expect "next step, ? for help" "typed: the first step"
keys n Enter
expect "My guess in x" "n"
keys 1.8 Enter
expect "Run it?" "a guess"
keys Enter
expect "demo: waiting" "Enter runs it; its words are told as they come"
keys x Enter
expect "s or Ctrl-C stops it" "what is typed meanwhile is answered"
keys C-c
expect "Stopped." "Ctrl-C stops the run"
gone "sleep $SLOW" "and its processes"
expect "for help]" "and the lesson goes on"
keys r Enter
tries=0
until alive "sleep $SLOW" || [ $tries -ge 300 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
sleep 2.5 # an impatient second ^C is one for the same thing only
keys s Enter
sleep 0.5
shows "Stopped." > /dev/null
gone "sleep $SLOW" "s stops it too"
keys C-c
sleep 0.5
keys "echo rc=\$?" Enter
expect "rc=130" "Ctrl-C at a question leaves: 130"
has "$T/state/lockstep/progress" "where = demo 2" "and the place is kept"
keys "clear; build/lockstep; echo rc=\$?" Enter
expect "lockstep --plain" "the screen on a dumb terminal names the way that works"
finish
