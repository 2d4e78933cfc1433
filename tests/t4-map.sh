#!/bin/sh
# The course map for everyone: the words of the texts are found, what is not done, where one was; forgetting asks first; the
# cursor sits on what is chosen; what one likes is remembered.
set -u
. tests/screen.sh
ran() {
	ok "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$T/err"
}
again() { # like script, but with the state as it is
	cat > "$T/script"
	(cd "$T" && build/lockstep-tui --script "$T/script" "$@" > "$T/out" 2> "$T/err")
}

script <<'END'
key /
expect todo: only what is not done
type additions
expect 1.1 Many
expect text: …
expect lose additions
refute 1.2 Another
key Enter
expect filter "additions"
save-display found.txt
key n
expect 1.1 Many
key Esc
expect 1.2 Another
key /
type 可运行
expect 1.2 Another
refute 1.1 Many
key ^U
type more
expect by its chapter
expect 2.1 Runs
key Esc
key /
type explain it
expect No lesson fits
key Esc
key n
expect / looks for a lesson first
END
ran $? "/ finds words of the texts, in both languages, and says where; not in the notes"
for size in 60x16 44x10 200x60; do
	printf 'key /\ntype additions\nexpect 1.1 Many\nkey Enter\nsave-display found.txt\n' | script --size $size
	ran $? "at $size too"
done
printf 'key /\ntype additions\nexpect 1.1 \nkey Enter\nsave-display found.txt\n' | script --ascii
ran $? "and in ASCII"
LC_ALL=C grep -q '[^ -~]' "$T/found.txt"
ok $((1 - $?)) "drawn with ASCII only"

script <<'END'
key w
expect No lesson was opened yet
key Down
key Enter
expect Step 1 of 1
key Enter
key q
key c
expect 1/1 done
key Up
key Enter
key n
expect Step 2 of 5
key Esc
key c
key Down
expect $ lockstep run other
key w
expect Step 2 of 5
key c
key /
type todo:
expect 1.1 Many
expect 2.1 Runs
refute 1.2 Another
key ^U
type todo:killed
expect 2.1 Runs
refute 1.1 Many
key Esc
expect 1.2 Another
END
ran $? "w opens the last lesson at its step; todo: lists what is not done"
has "$T/state/lockstep/progress" "where = demo 2" "the place is kept"
printf 'key G\nkey w\nexpect Step 2 of 5\n' | again
ran $? "by the next start too"

script <<'END'
key R
expect Nothing was done in demo yet
key Enter
key n
type 1
key a
type 1.8
key Enter
key r
wait-run 20
expect You said 1.8
key c
expect 2/5
key R
expect Forget steps, answers, results of demo?
key n
expect 2/5
refute forgotten
key R
key y
expect demo is forgotten
expect records
refute 2/5
key Enter
expect Step 1 of 5
key n
expect my guess: [
refute done
END
ran $? "R asks, and forgets one lesson"
[ -f "$T/state/lockstep/records.ndjson" ] && grep -q '"t":"end"' "$T/state/lockstep/records.ndjson"
ok $? "records are kept"
[ -z "$(ls "$T/state/lockstep/runs" 2> /dev/null)" ]
ok $? "kept results are gone"
grep -q "answer demo" "$T/state/lockstep/progress"
ok $((1 - $?)) "so are answers, in the file"

script <<'END'
key Down
key Enter
key Enter
key q
key c
key S
expect 1/1 done
key X
expect ALL
key Esc
expect 1/1 done
key X
key y
expect All is forgotten
refute 1/1 done
expect 0 of 3 lessons done
END
ran $? "X asks, and forgets them all"
has "$T/state/lockstep/progress" "option scheme = light" "but not what one likes"

LOCKSTEP_TEST_SLOW=5 script <<'END'
key Enter
key n
key r
key Esc
key r
expect running
key c
key R
expect A run of demo is live
key X
expect A run of demo is live
END
ran $? "not under a live run"

# What one likes.
script <<'END'
key B
expect braille dots
key S
key S
key S
expect Colours: safe
key A
key B
expect no braille in ASCII
END
ran $? "choices"
printf '%s\n' 'key Enter' 'key n' 'key r' 'key Esc' 'key r' 'wait-run 20' 'expect ⠒⠒ fitted' 'key B' 'expect ── fitted' 'key B' 'resize 60 16' 'key Tab' \
	'expect ⠒⠒' 'key A' 'refute ⠒⠒' | LC_ALL=C.UTF-8 script --braille
ran $? "--braille, and B beside a run"
script <<'END'
key B
key S
key S
key S
key A
END
printf 'expect + Course\nkey A\nkey B\nexpect Curves are drawn with lines\nkey S\nexpect Colours: mono\nkey S\nexpect Colours: default\n' | again
ran $? "ASCII, braille and colours are remembered"
printf 'key S\nkey S\nkey S\nexpect safe\nkey A\n' | again
printf 'key S\nexpect Colours: mono\n' | again --scheme safe
printf 'key S\nexpect Colours: dark\n' | again --scheme light
ran $? "the command line decides where it tells"
printf 'key S\nexpect Colours: default\n' | NO_COLOR=1 again
ran $? "so does NO_COLOR"
printf 'key B\nexpect locale that shows ASCII only\nkey A\nexpect shows ASCII only\n' | LC_ALL=C script
ran $? "a locale without UTF-8 has neither braille nor lines"

script <<'END'
key ?
save-display map-help.txt
key q
key Enter
key ?
save-display lesson-help.txt
END
grep -m1 "On " "$T/map-help.txt" | grep -q "On the course map" && grep -m1 "On " "$T/lesson-help.txt" | grep -q "On a lesson"
ok $? "help begins with the keys of where it was asked for"
finish
