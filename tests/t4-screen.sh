#!/bin/sh
# Golden screens: scripted keystrokes over a course of fixtures whose lessons replay a recorded run, so that no figure on
# the screen is measured here. UPDATE=1 takes what is shown now as right.
set -u
. tests/screen.sh

golden() { # golden NAME FILE
	want=$here/tests/golden/screen-$1.txt
	[ -n "${UPDATE:-}" ] && cp "$2" "$want"
	if cmp -s "$want" "$2"; then ok 0 "screen $1"; else
		ok 1 "screen $1"
		diff -u "$want" "$2" | sed 's/^/# /' | head -60
	fi
}
ran() { # ran STATUS NAME
	ok "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$T/err"
}

# The whole way, Enter after Enter, as the footer says.
way='
expect Course
save-display map.txt
key Enter
expect Step 1 of 5
expect Enter next step
save-display read.txt
key Enter
expect Enter guess
key r
expect First your guess
key Esc
expect my guess: none
key a
type q,
key Enter
expect A number, please
key ^U
type 1.8
save-display guess.txt
key Enter
expect my guess: 1.8 x
refute You said
expect Enter run
key Enter
wait-run 20
expect You said 1.8 x, measured 1.76
expect Why:
save-display result.txt
save-display result.svg
key 2
save-display timeline.txt
key >
expect + stretches it
key +
expect + - zoom
save-display closer.txt
key >
key >
key >
key >
save-display later.txt
key -
refute + - zoom
key 3
save-display budget.txt
key +
expect Only the timeline
key 4
save-display counters.txt
key v
expect Looking at
key w
expect Looking at 1 worker
key 6
expect demo: done
save-display output.txt
key 1
key Enter
expect Step 3 of 5
expect Enter answer
'
way=$(printf '%s' "$way" | sed 's/^expect Enter answer$/expect Enter guess/')
rest='
key Enter
save-display choose.txt
key Down
key Enter
key Enter
wait-run 20
expect The machine says
save-display missed.txt
key Enter
key Enter
key Enter
expect Not so.
expect Enter run the experiment
key Enter
wait-run 20
expect done
save-display refuted.txt
key Enter
key Down
key Enter
expect Right.
key i
expect Notes, 3
save-display notes.txt
key Enter
expect Step 5 of 5
save-display code.txt
key t
expect twin.py
save-display twin.txt
key ?
save-display help.txt
key /
type zoom
key Enter
key q
key Enter
expect Summary
key Enter
expect 5/5 done
key /
type other
key Enter
expect 1.2 Another
refute 1.1 Many
save-display filter.txt
key n
key Esc
expect 1.1 Many
'
{ echo "$way"; echo "$rest"; } | script
ran $? "Enter, Enter, … leads through a lesson"
if [ "${UPDATE:-}" ]; then mkdir -p tests/golden; fi
for name in map read guess result timeline closer later budget counters output choose missed refuted notes code twin help filter; do
	golden "80x24-$name" "$T/$name.txt"
done
has "$T/state/lockstep/progress" "mark demo 5 = done" "the progress is kept"
has "$T/state/lockstep/progress" "answer demo 2 2 = 1.8" "the guess is kept"
has "$T/state/lockstep/records.ndjson" '"t":"predict","lesson":"demo","step":2' "and recorded beside the run"
has "$T/state/lockstep/records.ndjson" '"t":"end"' "whose records are kept"
grep -q '"t":"progress"\|"final":false' "$T/state/lockstep/records.ndjson"
ok $((1 - $?)) "but not what was for the eye only"
has "$T/result.svg" "<svg" "a picture is saved"

# The next time the cursor is where the learner was.
script <<'END'
key Enter
key n
key n
expect Step 3 of 5
END
cat > "$T/script" <<'END'
expect ▸ 1.1
expect 1/5
key Enter
expect Step 3 of 5
END
(cd "$T" && build/lockstep-tui --script script > out 2> err)
ran $? "the next start knows where the learner was"

printf '%s' "$way" | sed 's/^save-display timeline.txt/save-display view.txt/' | script --size 60x16
ran $? "one pane at 60x16"
golden 60x16-map "$T/map.txt"
golden 60x16-guess "$T/guess.txt"
golden 60x16-result "$T/result.txt"
golden 60x16-view "$T/view.txt"

script --size 40x10 <<'END'
expect Lockstep needs 44x10
expect this is 40x10
expect q quits
save-display small.txt
resize 44 10
expect Course
resize 20 5
expect q quits
resize 1 1
resize 300 100
expect Course
resize 40 10
key q
expect the script ended before this
END
ran $? "too small: a message, and q works"
golden 40x10 "$T/small.txt"

printf '%s' "$way" | script --ascii
ran $? "--ascii"
golden 80x24-ascii "$T/result.txt"
LC_ALL=C grep -q '[^ -~]' "$T/result.txt"
ok $((1 - $?)) "nothing but ASCII is drawn"

printf '%s' "$way" | LC_ALL=C script
ran $? "a locale without UTF-8"
cmp -s "$T/result.txt" tests/golden/screen-80x24-ascii.txt
ok $? "is drawn in ASCII by itself"

printf '%s' "$way" | script
cp "$T/result.svg" "$T/colour.svg"
printf '%s' "$way" | NO_COLOR=1 script
ran $? "NO_COLOR"
golden 80x24-no-color "$T/result.txt"
cp "$T/result.svg" "$T/mono.svg"
printf '%s' "$way" | script --scheme mono
cmp -s "$T/result.svg" "$T/mono.svg"
ok $? "NO_COLOR is the scheme mono"
cmp -s "$T/colour.svg" "$T/mono.svg"
ok $((1 - $?)) "the default scheme has colours"

script <<'END'
key A
expect + Course -
key A
expect ┌ Course
key S
expect Colours: light
key S
key S
expect Colours: safe
key S
expect Colours: mono
END
ran $? "A and S change the screen while it is open"

script <<'END'
expect no such words
END
ok $((1 - $?)) "a script that expects what is not there fails"
has "$T/err" "script:1: not on the screen: no such words" "and says where"
(cd "$T" && build/lockstep-tui --script /dev/null/no > out 2> err)
[ $? -eq 2 ]
ok $? "a script that can't be read: exit 2"
for bad_option in "--lang fr" "--size 0x5" "--size big" "--scheme pink" "--nonsense" "a b"; do
	# shellcheck disable=SC2086
	(cd "$T" && build/lockstep-tui $bad_option > out 2> err < /dev/null)
	[ $? -eq 2 ] && [ "$(wc -l < "$T/err")" -eq 1 ]
	ok $? "$bad_option: one line, exit 2"
done
(cd "$T" && build/lockstep > out 2> err < /dev/null)
[ $? -eq 2 ]
ok $? "without a terminal: exit 2"
has "$T/err" "lockstep run LESSON" "and the way that works"
finish
