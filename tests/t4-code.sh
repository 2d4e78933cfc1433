#!/bin/sh
# Code beside the text: C and Python, at any width, and the Python twin as a child of the screen.
set -u
. tests/screen.sh
cp -r tests/fixtures/code/1-start/3-mine "$T/lessons/1-start/"
cp "$T/build/lessons/demo" "$T/build/lessons/mine"
SLOW=33$$
ran() { # ran STATUS NAME
	ok "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$T/err"
}

golden() { # golden NAME: what was saved under that name
	want=$here/tests/golden/code-$1.txt
	[ -n "${UPDATE:-}" ] && cp "$T/$1.txt" "$want"
	if cmp -s "$want" "$T/$1.txt"; then ok 0 "screen $1"; else
		ok 1 "screen $1"
		diff -u "$want" "$T/$1.txt" | sed 's/^/# /' | head -60
	fi
}

# ---- C and Python, the whole width, sideways ----
script mine <<'END'
save-display pair.txt
key >
key >
save-display sideways.txt
key <
key <
key <
expect static long loop(void)
key z
save-display wide.txt
key t
expect twin.py
key t
key Tab
expect Step 1 of 1
refute static long loop
key Tab
key z
expect Step 1 of 1
expect static long loop
key Tab
key Right
refute z full width
key Left
expect z full width
END
ran $? "z widens, < and > move, t changes"
golden pair; golden sideways; golden wide
script mine --size 200x60 <<'END'
save-display beside.txt
key t
key t
resize 130 30
key z
save-display beside-wide.txt
resize 80 24
resize 44 10
expect lesson.c
key >
save-display beside-small.txt
END
ran $? "C and Python stand side by side where there is room"
golden beside; golden beside-wide; golden beside-small
script mine --ascii --lang zh <<'END'
key z
key >
save-display ascii.txt
END
ran $? "in Chinese, in ASCII"
golden ascii

# ---- the twin runs ----
if command -v python3 > /dev/null; then
	script mine <<'END'
key T
expect $ python3 lessons/1-start/3-mine/twin.py
wait-run 30
expect Python is done
expect the twin says 7
key r
wait-run 20
expect done · 11 of 12 rounds kept
expect ● measured
key 6
expect demo: done
refute the twin says
END
	ran $? "T runs the twin: its output is shown, until something else runs"
	LOCKSTEP_TEST_SLOW=$SLOW script mine <<'END'
key T
expect s stops it
key r
expect A run is live already
key T
expect Something is running already
key c
expect Course:
key g
key Enter
expect A run of
END
	ran $? "one thing at a time"
	gone "sleep $SLOW" "leaving ends it"
	LOCKSTEP_TEST_SLOW=$SLOW script mine <<'END'
key T
expect s stops it
key p
expect held: p lets it go on
key p
expect s stops it
key s
wait-run 10
expect Stopped
refute Python is done
key T
expect s stops it
key q
expect Stop it and quit?
key n
key q
key y
END
	ran $? "p holds it, s stops it, q asks"
	gone "sleep $SLOW" "and nothing of it is left"
else
	ok 0 "# SKIP python3 is not installed"
fi
mkdir "$T/empty"
(PATH=$T/empty; export PATH; cd "$T" && printf 'key T\nexpect install the package python3\n' > none && build/lockstep-tui mine --script none) > "$T/out" 2> "$T/err"
ran $? "without python3: which package has it"
finish
