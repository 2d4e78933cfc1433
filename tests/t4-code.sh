#!/bin/sh
# What stands beside a run: the Python twin as a child of the screen.
set -u
. tests/screen.sh
cp -r tests/fixtures/code/1-start/3-mine "$T/lessons/1-start/"
cp "$T/build/lessons/demo" "$T/build/lessons/mine"
SLOW=33$$
ran() { # ran STATUS NAME
	ok "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$T/err"
}

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
