#!/bin/sh
# A lecture from a script: thoughts, votes, the lock, a blank screen; and its notes in another process. UPDATE=1 takes the
# screens as they are now for right.
set -u
. tests/screen.sh
export XDG_RUNTIME_DIR="$T/run"
mkdir -p "$T/run"

golden() { # golden NAME FILE
	want=$here/tests/golden/present-$1.txt
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
votes() { grep '"t":"vote"' "$T/state/lockstep/records.ndjson" 2> /dev/null; }

lecture='
save-display prose.txt
key n
key n
expect How fast will 4 workers
key n
expect No guess yet
key n
expect How fast will 4 workers
key v
expect numbers, like 1.8 2 3:
type 1.8 2 3 many
key Enter
expect Numbers, please
key ^U
type 1.8 2 3 3.5 4 4 2
key Enter
expect 7 guesses: least 1.8, median 3, most 4 x
save-display numbers.txt
key n
expect F5 runs it
save-display run.txt
key F5
wait-run 20
expect You said 3 x, measured 1.76
save-display chart.txt
key n
expect You said 3 x
save-display result.txt
key 4
key Enter
expect Why does the fourth worker
refute two cores.
save-display quiz.txt
expect a-b count hands, v types counts
key n
key n
expect Not answered yet
expect Why does the fourth worker
type aaabA
key v
expect hands, like 5 12 3 1:
type 5 4 3
key Enter
expect A count for each option
key Esc
save-display vote.txt
key V
expect Second vote
key v
type 1, 9
key Enter
save-display revote.txt
refute take turns
key x
expect More workers than cores take turns
save-display revealed.txt
key n
expect 2 of 3 said so, then 1 of 10
expect less than a hundredth
save-display refuted.txt
key r
wait-run 20
expect Speedup
save-display refuting.txt
key n
key n
expect The taught lines
key n
save-display code.txt
key n
key n
expect end of the lesson
'
# golden_lecture NAME OPTIONS…
golden_lecture() {
	name=$1
	shift
	printf '%s' "$lecture" | script --present "$@" demo
	ran $? "$name: a whole lecture"
	for file in "$T"/*.txt; do
		[ -f "$file" ] && golden "$name-$(basename "$file" .txt)" "$file"
	done
	rm -f "$T"/*.txt
}
golden_lecture 80x24
votes > "$T/votes"
[ "$(wc -l < "$T/votes")" -eq 3 ]
ok $? "the votes are in the records: of the first round, and with the second and the answer"
has "$T/votes" '"numbers":[1.8,2.0,2.0,3.0,3.5,4.0,4.0]' "with the numbers called out"
has "$T/votes" '"counts":[[2,1],[1,9]]' "and the counts of both votes"
has "$T/votes" '"revealed":true' "the last tells that the answer was shown"
golden_lecture 120x40 --size 120x40
golden_lecture ascii --ascii --size 60x20

script --present --lang zh demo << 'X'
key 4
key Enter
type aabb
key x
save-display zh.txt
resize 44x10
save-display zh-small.txt
key PgDn
save-display zh-small-2.txt
resize 43x9
expect Lockstep
X
ran $? "in Chinese, and as small as it gets"
# The last row holds words of the catalogue, which may be said better some day.
for size in zh zh-small zh-small-2; do
	sed -i '$d' "$T/$size.txt"
	golden $size "$T/$size.txt"
done
rm -f "$T"/*.txt

script --present demo << 'X'
key PgDn
key PgDn
expect Before you run it
wait 0.4
key PgDn
expect How fast
key b
refute How fast
refute keys
key q
expect How fast
key .
refute How fast
key PgDn
expect How fast
key k
expect Unlocked
key Enter
expect F5 runs it
key Backspace
expect How fast
key Home
expect Four workers
key r
expect Four workers
key End
expect share
key 9
key Enter
expect There is no step 9
key 2
key Esc
expect share
key 4
key Enter
key ?
expect On a vote
expect count one raised hand
key PgDn
expect empty the screen
key q
expect Why does
X
ran $? "clicker: no thought is skipped by a double click, blank wakes with any key, jumps"

script demo << 'X'
key n
key P
expect Before you run it
key n
key x
expect no guess
key n
key n
expect F5 runs it; once more goes on
expect $ demo
key F5
wait-run 20
key q
expect Step 2 of 5
refute guess: none
key c
key P
expect Before you run it
key 5
key Enter
key q
key q
X
ran $? "P presents the open lesson, from the map too; q leads back"
has "$T/state/lockstep/progress" "where = demo 2" "the learner is where he was"
[ "$(grep -c "^answer demo" "$T/state/lockstep/progress")" -eq 0 ]
ok $? "and has no answers of the class"

# A lesson with hints, an explanation and lines to be put in order.
mkdir -p "$T/lessons/2-more/2-hinted"
cp "$T/build/lessons/demo" "$T/build/lessons/hinted"
sed 's/"demo"/"hinted"/; s/"chapter":1/"chapter":2/' "$T/build/lessons/demo.json" > "$T/build/lessons/hinted.json"
cat > "$T/lessons/2-more/2-hinted/en.md" << 'X'
# A hinted lesson

```quiz
ask: Which one?
- [ ] this
  why: No.
- [x] that
  why: Because of it.
```

```hint
Think of a lock.
```

```hint
Think again.
```

```explain
The whole story.
```

A closing word.

---

```order
ask: Put them in order
file: order.c
- alpha();
- beta();
- gamma();
- [extra] delta();
why: Alphabetically.
```
X
script --present hinted << 'X'
expect Which one?
key H
expect Think of a lock.
key H
expect Think again.
key H
expect That was the last hint
key n
expect Which one?
key n
expect Not answered yet
key H
key PgUp
expect Which one?
key F5
expect Because of it.
key n
expect No.
key n
expect A closing word.
key n
expect The whole story.
key n
expect Put them in order
expect delta();
refute Alphabetically.
save-display puzzle.txt
key n
expect Not answered yet
key x
expect Alphabetically.
key n
expect end of the lesson
X
ran $? "hints lead back to their question; the explanation ends the step; a puzzle is solved on request"
grep -A 9 'Put them' "$T/puzzle.txt" | grep -o '[a-z]*();' | tr '\n' ' ' > "$T/order"
[ -s "$T/order" ] && [ "$(cat "$T/order")" != "alpha(); beta(); gamma(); delta(); " ]
ok $? "the lines of a puzzle are not shown in their order"
rm -f "$T"/*.txt

LOCKSTEP_TEST_SLOW=41$$ script --present demo << 'X'
key 2
key Enter
key n
key F5
wait-for threads over serial
expect running
key n
expect The run is live
expect Speedup
key q
expect y/n
key n
expect Speedup
key s
wait-run 20
expect stopped
key n
key n
expect Threads that add
key q
X
ran $? "a live run holds back, is asked about and can be stopped"
gone "sleep 41$$" "and nothing of it is left"

# ---- the notes ----
NOTES=$B/lockstep-notes
cp "$NOTES" "$T/build/" || { echo "Bail out! lockstep-notes is not built"; exit 1; }
# within FILE TEXT: some seconds, more on a busy machine
within() {
	tries=0
	while [ $tries -lt 300 ]; do
		grep -qF -- "$2" "$1" 2> /dev/null && return 0
		tries=$((tries + 1))
		sleep 0.2
	done
	sed 's/^/# /' "$1"
	return 1
}
notes() { within "$T/notes" "$1"; ok $? "notes: $2"; }
"$T/build/lockstep" notes --plain < /dev/null > "$T/notes" 2>&1 &
notes_pid=$!
notes "No presentation is going on" "they wait for a presentation"
present() { # present NAME: a script from stdin, in the background; its pid in $presenter
	cat > "$T/script-$1"
	(cd "$T" && exec build/lockstep-tui --script "$T/script-$1" --present demo > "$T/out-$1" 2>&1) &
	presenter=$!
}
present first << 'X'
expect Four workers
wait-file first-noted
key 4
key Enter
expect Why
type aab
expect 2
key V
type bbb
expect 3
wait-file vote-noted
key x
expect take turns
wait 600
X
# Each state is there to be seen until the notes have told it: they tell what is, not all that was in between.
notes "[step 1/5, thought 1/1]" "the first thought"
: > "$T/first-noted"
notes "[step 4/5, thought 1/2]" "they follow"
notes "Answer (hidden: x shows it)" "the answer, which the class does not see"
notes "More workers than cores take turns." "and why"
notes "Let somebody explain it before the answer." "the author's notes"
notes "Notes, 3–5 min" "with their minutes"
notes "next: The taught lines:" "what comes next"
notes "votes: a 2 b 1; second vote: a 0 b 3" "votes as they come"
: > "$T/vote-noted"
notes "the answer is shown" "the answer is shown now"
[ "$(stat -c %a "$T"/run/lockstep/present-*.json)" = 600 ]
ok $? "what the presentation tells is for its user only"
voluntary() { grep -h ctxt "/proc/$notes_pid/status"; }
for i in 1 2 3 4 5; do # what came last may still be on its way
	voluntary > "$T/calm1"
	sleep 1.2
	voluntary > "$T/calm2"
	cmp -s "$T/calm1" "$T/calm2" && break
done
cmp -s "$T/calm1" "$T/calm2"
ok $? "notes: nothing is done while nothing happens"
present second << 'X'
expect Four workers
key 5
key Enter
expect The taught lines
wait 600
X
notes "2 presentations are going on" "of two presentations the newest"
kill $presenter
wait $presenter 2> /dev/null
first=$(cd "$T/run/lockstep" && ls)
first=${first#present-}
first=${first%.json}
kill -9 "$first"
notes "has ended without a word: its process $first is gone" "a presentation that was killed"
present third << 'X'
expect Four workers
X
wait $presenter
[ -z "$(ls "$T/run/lockstep")" ]
ok $? "the next one removes what the killed one left, and its own"
echo garbage > "$T/run/lockstep/present-1.json"
mv "$T/run/lockstep/present-1.json" "$T/run/lockstep/present-2.json"
present fourth << 'X'
expect Four workers
wait 2
X
wait $presenter
kill -0 $notes_pid
ok $? "notes: a damaged file does no harm"
kill $notes_pid
wait $notes_pid 2> /dev/null
[ $? -eq 143 ]
ok $? "notes: TERM ends them"
"$T/build/lockstep" notes > "$T/out" 2> "$T/err" < /dev/null
[ $? -eq 2 ]
ok $? "without a terminal and --plain: exit 2"
has "$T/err" "--plain" "and a word about it"
XDG_RUNTIME_DIR=$T/none "$T/build/lockstep-notes" --plain < /dev/null > "$T/notes2" 2>&1 &
other=$!
within "$T/notes2" "No presentation"
ok $? "without a runtime folder the state folder does"
[ -d "$T/state/lockstep/present" ]
ok $? "… in a place of its own"
kill $other
"$T/build/lockstep" notes --scheme pink 2> "$T/err"
[ $? -eq 2 ]
ok $? "a bad argument is refused"
has "$T/err" "default, light, dark, safe, mono" "with what is allowed"

if command -v tmux > /dev/null; then
	TMUX_SOCKET=lockstep-present-$$
	t() { tmux -L "$TMUX_SOCKET" "$@"; }
	shows() { # shows WINDOW TEXT
		tries=0
		while [ $tries -lt 300 ]; do
			t capture-pane -p -t "$1" > "$T/seen" 2> /dev/null
			grep -qF -- "$2" "$T/seen" && return 0
			tries=$((tries + 1))
			sleep 0.2
		done
		sed 's/^/# /' "$T/seen"
		return 1
	}
	rm -rf "$T/run/lockstep" "$T/state"
	t new-session -d -s a -x 80 -y 24 "cd $T && exec build/lockstep --present demo"
	t new-session -d -s b -x 40 -y 10 "cd $T; stty -g > before; build/lockstep notes; stty -g > after; echo CLO''SED; sleep 600"
	shows b "step 0:0"
	ok $? "notes on a screen of 40x10: with a clock"
	t send-keys -t a 4 Enter
	shows b "Question: Why"
	ok $? "they follow the presentation's keys"
	t send-keys -t b G
	shows b "Let somebody"
	ok $? "and scroll"
	t resize-window -t b -x 100 -y 40
	shows b "Notes, 3–5 min"
	ok $? "and take any size"
	t send-keys -t a q
	shows b "No presentation is going on"
	ok $? "the presentation has ended"
	t send-keys -t b q
	shows b CLOSED
	ok $? "q leaves"
	cmp -s "$T/before" "$T/after"
	ok $? "and the terminal is as it was"
fi
finish
