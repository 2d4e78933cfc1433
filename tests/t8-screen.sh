#!/bin/sh
# The screen when things go wrong: runs that are killed, deaf, silent, hostile or endless; no room, no home; any keys at all.
set -u
. tests/screen.sh
SLOW=33$$

ran() { # ran STATUS NAME
	ok "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$T/err" | head -40
}
# Opens the lesson of troubles, goes N steps on and runs what stands there; more commands from stdin.
trouble() {
	steps=$1
	{
		printf 'key Down\nkey Down\nkey Enter\n'
		for i in 1 2 3 4 5 6; do [ "$i" -le "$steps" ] && echo 'key n'; done
		echo 'key Enter'
		cat
	} | script
}

trouble 0 <<'END'
wait-run 20
expect killed by signal 9 (Killed)
key 6
expect about to be killed
expect Enter run
END
ran $? "a killed run is said plainly, with its signal"
trouble 1 <<'END'
wait-run 20
expect its records end early
key 6
expect went on without records
END
ran $? "a status pipe that vanishes"
has "$T/state/lockstep/records.ndjson" '"t":"run"' "what had come is kept"
trouble 2 <<'END'
wait-run 20
expect bad record lines skipped
save-display hostile.txt
key 6
expect output with  and colour, a bell and
save-display output.txt
key 1
key 2
key 3
key 4
END
ran $? "hostile records are counted and skipped"
LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$T/hostile.txt" "$T/output.txt"
ok $((1 - $?)) "and nothing of them reaches the terminal"
LC_ALL=C grep -q "$(printf '\033')\|not json" "$T/state/lockstep/records.ndjson"
ok $((1 - $?)) "nor the file of records"
trouble 3 <<'END'
key 6
wait-for not listening
expect running
key s
expect Stopping
wait-run 20
expect it did not listen and was killed
END
ran $? "a run that does not listen is killed"
trouble 4 <<'END'
wait-run 20
expect this can't run here: trouble:
END
ran $? "a run that can't run here says why"
trouble 5 <<'END'
wait-run 30
expect it told no records
key 6
key Tab
key G
expect end of the flood
END
ran $? "five megabytes of output in one line"

LOCKSTEP_TEST_SLOW=$SLOW
export LOCKSTEP_TEST_SLOW
trouble 6 <<'END'
wait-run 20
expect it told no records
END
ran $? "a run that leaves a worker behind"
gone "sleep $SLOW" "which is gone with it"
unset LOCKSTEP_TEST_SLOW

# A live run: paused, let go, stopped; its workers too.
LOCKSTEP_TEST_SLOW=$SLOW script <<'END'
key Enter
key n
key Enter
key Esc
key Enter
key 6
wait-for demo: waiting
expect running
key p
expect held
key p
refute held
key p
key s
wait-run 20
expect stopped
END
ran $? "hold, go on, stop"
gone "sleep $SLOW" "the worker of a stopped run is gone"

# Signals while a run is live, without a terminal.
for signal in TERM HUP; do
	printf 'key Enter\nkey n\nkey Enter\nkey Esc\nkey Enter\nwait 30\n' > "$T/script"
	rm -rf "$T/state"
	(cd "$T" && LOCKSTEP_TEST_SLOW=$SLOW exec build/lockstep-tui --script script > out 2> err) &
	pid=$!
	for i in $(seq 150); do alive "sleep $SLOW" && break || sleep 0.2; done
	alive "sleep $SLOW"
	ok $? "$signal: a run is live"
	kill -s $signal $pid
	wait $pid 2> /dev/null
	status=$?
	[ $status -gt 128 ]
	ok $? "$signal: it dies of it ($status)"
	gone "sleep $SLOW" "$signal: no process of the run is left"
	has "$T/state/lockstep/records.ndjson" '"t":"run"' "$signal: the records that came are kept"
done

# No place for what is to be kept: said, and the lesson goes on.
steps='key Enter
key Enter
key Enter
type 2
key Enter
key Enter
wait-run 20
expect You said 2 x, measured
save-display full.txt
key Enter
expect Step 3 of 5'
printf '%s\n' "$steps" > "$T/script"
(cd "$T" && XDG_STATE_HOME=/proc/nowhere build/lockstep-tui --script script > out 2> err)
ran $? "no state folder: the lesson goes on"
has "$T/full.txt" "not kept" "and says what is not kept"
has "$T/err" "Progress is not kept" "at the end, too"
(cd "$T" && env -u XDG_STATE_HOME HOME=/proc/nowhere build/lockstep-tui --script script > out 2> err)
ran $? "no home: the lesson goes on"
rm -rf "$T/small"
mkdir "$T/small"
if mount -t tmpfs -o size=16k none "$T/small" 2> /dev/null; then
	mkdir -p "$T/small/lockstep"
	printf 'lockstep-progress 1\nmark demo 1 = done\n' > "$T/small/lockstep/progress"
	dd if=/dev/zero of="$T/small/fill" bs=1k count=64 2> /dev/null
	(cd "$T" && XDG_STATE_HOME=$T/small build/lockstep-tui --script script > out 2> err)
	ran $? "a full disk: the lesson goes on"
	has "$T/full.txt" "could not be saved" "and says so"
	has "$T/small/lockstep/progress" "mark demo 1 = done" "the old progress is whole"
	umount "$T/small"
else
	n=$((n + 1))
	echo "ok $n - a full disk # SKIP can't mount a small file system"
fi
rm -rf "$T/state"
mkdir -p "$T/state/lockstep"
printf 'lockstep-progress 1\nmark demo 1 = done\nmark demo 2 = do' > "$T/state/lockstep/progress"
printf 'expect The progress file was damaged\nkey Enter\nexpect Step 2\n' > "$T/script"
(cd "$T" && build/lockstep-tui --script script > out 2> err)
ran $? "a damaged progress file is said and survived"
[ -f "$T/state/lockstep/progress.damaged" ]
ok $? "and kept aside"

# Lessons that are not there, texts that can't be read, a course that can't be found.
rm "$T/build/lessons/other"
printf 'key Down\nexpect is not built\nkey Enter\nexpect Another\n' | script
ran $? "a lesson without its program can be read"
mv "$T/lessons" "$T/lessons-away"
printf 'expect there is no lesson\nkey Enter\nkey G\nkey /\ntype x\nkey Enter\n' | script
ran $? "no course: a sentence"
mv "$T/lessons-away" "$T/lessons"
: > "$T/lessons/1-start/1-demo/en.md"
printf 'key Enter\nexpect Course\n' | script
ran $? "an empty text"
rm "$T/lessons/1-start/1-demo/en.md"
printf 'key Enter\nexpect The text of demo\n' | script
ran $? "a text that is not there"
cp tests/fixtures/course/lessons/1-start/1-demo/en.md "$T/lessons/1-start/1-demo/"

# Any keys, at any size.
awk 'BEGIN {
	srand(7)
	split("Enter Enter Enter Tab Up Down Left Right Home End PgUp PgDn Esc F1 F3 F5 F9 Backspace Del ^L", key, " ")
	letters = "abcdefghijklmnoprstuvwxyzABGLNS0123456789/?+-=,.ü漢"
	for (i = 0; i < 4000; i++) {
		r = rand()
		if (r < 0.03) printf "resize %d %d\n", 1 + rand() * 150, 1 + rand() * 50
		else if (r < 0.05) printf "wait 0.01\n"
		else if (r < 0.45) printf "key %s\n", key[1 + int(rand() * 20)]
		else printf "type %s\n", substr(letters, 1 + int(rand() * length(letters)), 1)
		if (i % 40 == 0) print "refute zzz-never-there"
	}
	print "wait 0.1"
}' | script
ran $? "four thousand keys at random"
ls "$T/state/lockstep" > "$T/kept" 2> /dev/null
[ ! -f "$T/state/lockstep/progress.damaged" ]
ok $? "leave a whole progress file"

# The dispatcher.
lockstep() { (cd "$T" && build/lockstep "$@" > out 2> err < /dev/null); }
one_line() { # one_line STATUS TEXT NAME: exit 2, one line on stderr with the text
	[ "$1" -eq 2 ] && [ "$(wc -l < "$T/err")" -eq 1 ] && grep -qF -- "$2" "$T/err"
	ok $? "$3"
}
lockstep bnech; one_line $? "did you mean bench" "an unknown command: the nearest name"
lockstep run dmeo; one_line $? "did you mean demo" "an unknown lesson: the nearest name"
lockstep run xyzzy-nothing; one_line $? "lockstep list" "nothing near: where the names are"
lockstep run; one_line $? "run which lesson" "run without a lesson"
lockstep run ../../bin/sh; one_line $? "there is no lesson" "no way out of the folder"
lockstep plot x.ndjson; one_line $? "lockstep-plot is not built" "a command that is not built"
lockstep run demo --threads 1; status=$?
ok $status "run starts the lesson's program"
has "$T/out" "replaying" "with its output"
lockstep run trouble cannot; [ $? -eq 4 ]
ok $? "and its exit code"
lockstep --version; status=$?
ok $status "--version"
lockstep help; has "$T/out" "doctor" "help lists the commands"

# A step with two run blocks: what the status row shows, o changes and r runs is the one that Enter would run next.
sed -i '/^```run first/,/^```$/{/^```$/a\
\
```run second\
demo --twice 2\
```
}' "$T/lessons/1-start/1-demo/en.md"
script <<'END'
key Enter
key n
expect $ lockstep run demo --serial
key a
key Esc
key r
wait-run 20
expect $ lockstep run demo --twice 2
key o
expect $ lockstep run demo --twice 2
END
ran $? "of two run blocks, the next one is shown and edited"
finish
