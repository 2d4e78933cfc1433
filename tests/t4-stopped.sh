#!/bin/sh
# A run that the learner stops is not done: it is offered again, nobody is blamed for it, and the map shows the lesson that was left.
set -u
. tests/screen.sh
ran() { ok "$1" "$2"; [ "$1" -eq 0 ] || sed 's/^/# /' "$T/err"; }

LOCKSTEP_TEST_SLOW=30 script demo <<'END'
key n
key Enter
key Esc
key r
wait-for threads over serial
expect running
key s
wait-run 20
expect stopped
expect Enter run
refute busy
refute done
refute measuring
key n
expect from step 2
key Esc
expect Course
END
ran $? "stopped: the run is offered again, the step is not done, its chart says whose it is"

LOCKSTEP_TEST_SLOW=30 script other <<'END'
key Esc
expect-cursor ▸ 1.2
save-display map.txt
END
ran $? "the cursor of the map is on the lesson that was left"
has "$T/map.txt" "lockstep run other" "and its command is shown"
finish
