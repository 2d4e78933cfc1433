#!/bin/sh
# An editor in a real terminal (tmux): it has the terminal to itself, and whatever it leaves behind, the screen comes back.
set -u
command -v tmux > /dev/null || { echo "1..0 # SKIP tmux is not installed"; exit 0; }
. tests/screen.sh
cp -r tests/fixtures/code/1-start/3-mine "$T/lessons/1-start/"
cp "$T/build/lessons/demo" "$T/build/lessons/mine"
export XDG_DATA_HOME="$T/data" HOME="$T" ASAN_OPTIONS=detect_leaks=0:allow_user_segv_handler=1
TMUX_SOCKET=lockstep-editor-$$

t() { tmux -L "$TMUX_SOCKET" "$@"; }
keys() { t send-keys -t s "$@"; }
t new-session -d -s keep -x 80 -y 24 # a server without a session would end between two of them
shows() { # shows TEXT: within some seconds
	tries=0
	while [ $tries -lt 300 ]; do
		t capture-pane -p -t s > "$T/seen" 2>/dev/null
		grep -qF -- "$1" "$T/seen" && return 0
		sleep 0.1
		tries=$((tries + 1))
	done
	sed 's/^/# /' "$T/seen"
	return 1
}
expect() { shows "$1"; ok $? "$2"; }
stopped() { # the screen is stopped, within some seconds: the shell has the terminal
	tries=0
	until grep -q '^State:.*stopped' "/proc/$(cat "$T/pid")/status" 2> /dev/null || [ $tries -ge 300 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
}
start() { # start EDITOR: a shell, and the screen in it
	t kill-session -t s 2>/dev/null
	rm -rf "$T/state" "$T/data" "$T/pid"
	t new-session -d -s s -x 80 -y 24 "env ENV= PS1='$ ' sh -i" || return 1
	keys "cd $T; stty -g > before; clear; echo BEFORE" Enter
	shows BEFORE > /dev/null
	keys "VISUAL= EDITOR='$1' sh -c 'echo \$\$ > pid; exec build/lockstep mine'" Enter
	shows "Step 1 of 1" > /dev/null
}
back() { # back NAME: keys reach the screen, then the shell, and the terminal is as it was
	keys t
	expect "twin.py" "$1: the screen is back, and keys reach it"
	[ "$(t display-message -p -t s '#{alternate_on}#{mouse_any_flag}')" = 10 ] || [ "$(t display-message -p -t s '#{alternate_on}')" = 1 ]
	ok $? "$1: on its own page"
	keys q
	for i in $(seq 150); do [ -d "/proc/$(cat "$T/pid")" ] && sleep 0.2; done
	keys "echo BA''CK" Enter
	expect "BACK" "$1: then the shell"
	flags=$(t display-message -p -t s '#{alternate_on}#{cursor_flag}#{keypad_cursor_flag}#{keypad_flag}#{mouse_any_flag}')
	[ "$flags" = 01000 ]
	ok $? "$1: the terminal is as the shell left it ($flags)"
	keys "stty -g > $T/after; echo WRIT''TEN" Enter
	shows WRITTEN > /dev/null
	cmp -s "$T/before" "$T/after"
	ok $? "$1: stty too"
}

# A rude one: full screen, raw, deaf, mouse on, no cursor, and then it kills itself.
cat > "$T/rude" <<'END'
#!/bin/sh
tput smcup; tput civis; tput smkx; stty raw -echo
printf '\033[?1000h\033[?1006h\033[?2004h\033[3;10r\033[31mRUDE EDITOR'
dd bs=1 count=1 2>/dev/null >/dev/null
kill -KILL $$
END
# One that tells what it hears, and ends by itself.
cat > "$T/calm" <<'END'
#!/bin/sh
trap 'echo HEARD INT' INT
tput smcup; tput clear; echo "CALM EDITOR"
read answer || read answer
echo "$answer" > heard
tput rmcup
END
chmod +x "$T/rude" "$T/calm"
start "$T/rude"
keys e
expect "RUDE EDITOR" "an editor has the whole screen"
keys x
expect "The editor was killed by signal 9" "it is killed: said so"
back "killed"

start "$T/calm"
keys e
expect "CALM EDITOR" "another one"
keys C-c
expect "HEARD INT" "^C goes to the editor"
t resize-window -t s -x 100 -y 30
keys "some words" Enter
expect "Your copy is as the lesson has it" "and not to the screen"
has "$T/heard" "some words" "nor what is typed"
[ "$(t capture-pane -p -t s | wc -l)" -eq 30 ] && t capture-pane -p -t s | tail -1 | grep -q "q quit"
ok $? "a size changed meanwhile is taken up"
back "ended"

start "$T/calm"
keys e
shows "CALM EDITOR" > /dev/null
keys C-z
stopped
keys "echo STOP''PED" Enter
expect "STOPPED" "^Z in the editor: the shell is there"
keys fg Enter
sleep 0.5
keys "more" Enter
expect "Your copy is as the lesson has it" "fg: the editor goes on, then the screen"
back "stopped"

start "$T/calm"
keys e
shows "CALM EDITOR" > /dev/null
kill -TERM "$(cat "$T/pid")"
for i in $(seq 150); do [ -d "/proc/$(cat "$T/pid")" ] && sleep 0.2; done
[ ! -d "/proc/$(cat "$T/pid")" ]
ok $? "TERM while it edits ends the screen"
gone "/bin/sh $T/calm $T/data/lockstep/mine/lesson.c" "and the editor with it"
has "$T/state/lockstep/progress" "where = mine 1" "the progress is saved"

for editor in vi nano; do
	command -v $editor > /dev/null || { ok 0 "# SKIP $editor is not installed"; continue; }
	start $editor
	keys e
	expect "static long loop" "$editor: the program is open"
	if [ $editor = vi ]; then keys Escape ":q!" Enter; else keys C-x; fi
	expect "Your copy is as the lesson has it" "$editor: left"
	back $editor
done
finish
