#!/bin/sh
# Guesses, hints, explanations and questions; results kept until the next time; the summary. The lesson replays a recorded
# run, so that no figure on the screen is measured here.
set -u
. tests/screen.sh

ran() { # ran STATUS NAME
	ok "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$T/err"
}
# again OPTIONS… < COMMANDS: as script, with the state that is there.
again() {
	cat > "$T/script"
	(cd "$T" && build/lockstep-tui --script "$T/script" "$@" > "$T/out" 2> "$T/err")
}

lesson=$T/lessons/1-start/3-steps
mkdir -p "$lesson"
cp "$T/lessons/1-start/1-demo/lesson.c" "$T/lessons/1-start/1-demo/twin.py" "$lesson"
cp "$T/build/lessons/demo" "$T/build/lessons/steps"
sed 's/"demo"/"steps"/' "$T/build/lessons/demo.json" > "$T/build/lessons/steps.json"
cat > "$lesson/en.md" <<'END'
# Steps

Guess, run, compare.

```predict
ask: How fast are 4 workers?
unit: x
run: first
```

```hint
Think of the part that *one* does alone.
```

```hint
Count the cores.
```

```run first
steps --serial 0.1 --threads 1,2,4
```

```explain
Only two cores work, and a tenth is **serial**.

That makes 1.8 at best.
```

---

The share of one alone.

```predict
ask: How much is serial?
unit: %
run: second
compare: serial
```

```predict
ask: Which share of the cores is used?
unit: %
run: second
compare: efficiency
```

```predict
ask: How long does it take?
unit: ms
run: second
compare: seconds
```

```run second
steps --serial 0.2
```

---

```quiz
ask: Why does the fourth worker not help?
- [ ] threads cost too much
  run: steps --variant openmp
  why: Start and join took less than a hundredth.
- [ ] the lock is slow
  why: There is no lock.
- [x] there are two cores
  why: More workers than cores take turns.
- [ ] it is Monday
  run: steps --variant racy
  why: It is the same on any day.
```

```hint
Look at the ideal line.
```

```explain
Workers beyond the cores only take turns.
```
END
sed 's/^Guess, run, compare\.$/猜测，运行，比较。/; s/^# Steps/# 步骤/; s/^Only two.*/只有两个核。/' "$lesson/en.md" > "$lesson/zh.md"

open='
key G
key k
key /
type steps
key Enter
key Enter
expect Step 1 of 3
'

# ---- hints and the explanation ----
{ echo "$open"; cat <<'END'; } | script
expect H hint 1 of 2
expect H hint
key x
expect your guess is missing
key H
expect hint 1 of 2
expect Think of the part
expect H hint 2 of 2
refute Count the cores
key H
expect Count the cores
key H
expect That is the last hint
key Enter
type 3.5
key Enter
key x
expect the run is missing
refute x explanation
key Enter
wait-run 20
expect x explain
key G
expect x explanation
key x
expect Explanation of step 1
expect Only two cores work, and a tenth is serial
key /
type best
key Enter
key Esc
expect Step 1 of 3
key L
key x
expect 只有两个核
key L
key q
key n
key H
expect This step has no hints
key x
expect This step has no explanation
END
ran $? "hints one after another; the explanation once the step is done"
has "$T/state/lockstep/progress" "hints steps 1 = 2" "the hints shown are kept"

# ---- what no machine can answer ----
{ echo "$open"; cat <<'END'; } | script
key Enter
type -2
key Enter
expect A speedup is more than 0
key ^U
type 0
key Enter
expect A speedup is more than 0
key ^U
type 1e300
key Enter
expect No machine will measure such a number
key ^U
key Enter
expect A number, please
type 1.8
key Enter
expect my guess: 1.8 x
key a
expect (was 1.8)
expect You said 1.8 x: Enter alone stays with it
key Enter
expect my guess: 1.8 x
refute (was
key a
type 2
key Enter
expect my guess: 2 x
key a
type 7
key Esc
expect my guess: 2 x
key n
key Enter
type 101
key Enter
expect A share lies between 0 and 100 %
key ^U
type -1
key Enter
expect A share lies between 0 and 100 %
key ^U
type 10
key Enter
key Enter
type 0
key Enter
expect An efficiency is more than 0
key ^U
type 50
key Enter
key Enter
type -5
key Enter
expect A time is more than 0
key ^U
type 1e12
key Enter
expect Nobody waits that long
key ^U
type 100
key Enter
expect Enter run
END
ran $? "guesses that no machine can answer are refused; answering again begins with an empty field"
has "$T/state/lockstep/progress" "answer steps 1 2 = 2" "the last answer is kept"
sed -i 's/^answer steps 1 2 = 2$/answer steps 1 2 = -3/' "$T/state/lockstep/progress"
{ echo "$open" | sed 's/Step 1/Step 2/'; cat <<'END'; } | again
key b
expect Enter guess
END
ran $? "an impossible guess in the progress file counts as none"

# ---- a question: the experiment, then another answer ----
{ echo "$open"; cat <<'END'; } | script
key n
key n
expect Step 3 of 3
key x
expect your answer is missing
key Enter
key Enter
expect Not so.
expect Enter runs the experiment that tells
key x
expect the right answer is missing
key Enter
wait-run 20
expect Why:
expect Enter answers again (H gives a hint)
key Enter
expect (✗) threads cost
save-display quiz.txt
key Up
key Enter
expect You tried that one
expect Enter choose
key Down
key Enter
expect There is no lock.
expect Enter answers again
key Enter
key Enter
expect Right.
expect x explanation
refute answers again
expect (✗) the lock is slow
expect Enter summary
END
ran $? "a wrong answer leads to the experiment, then to the options that are left"
grep -q '▸ done\|> done' "$T/quiz.txt"
{ echo "$open" | sed 's/Step 1/Step 3/'; cat <<'END'; } | again
expect (✗) threads cost
END
ran $? "refuted options stay marked the next time"

printf '%s' "$open" > "$T/small"
cat >> "$T/small" <<'END'
key n
key n
key Enter
key Enter
expect Enter runs the experiment
key Enter
wait-run 20
expect Why:
expect Enter answers again
END
script --size 60x16 < "$T/small"
ran $? "what the experiment brought is in view at 60x16, too"

# ---- kept results ----
{ echo "$open"; cat <<'END'; } | script
key Enter
type 3.5
key Enter
key Enter
wait-run 20
expect You said 3.5 x, measured 1.76
key n
key n
key Enter
key Enter
key Enter
wait-run 20
key b
key b
END
ran $? "a lesson is left with results"
runs=$T/state/lockstep/runs
for file in steps-1-5 steps-3-1-1; do
	[ -s "$runs/$file.ndjson" ] && [ -s "$runs/$file.txt" ]
	ok $? "$file.ndjson and .txt are there"
done
cp -r "$T/state" "$T/saved"
{ echo "$open"; cat <<'END'; } | again
expect You said 3.5 x, measured 1.76
expect rounds kept
expect 1.79
expect x explanation
key 6
expect demo: done
key L
key L
expect rounds kept
key n
key n
key Tab
expect Step 3 of 3
expect Enter answer again
END
ran $? "the chart, the output and what came of the guess are there the next time"
{ echo "$open" | sed 's/Step 1/Step 3/'; cat <<'END'; } | again
key b
key b
key a
type 1.8
key Enter
expect within 5 %
key u
expect You said so after the result was seen.
expect 1 said after the result
refute 1 right
END
ran $? "a new answer is set beside the kept result"

for torn in "steps-1-5.ndjson" "steps-1-5.txt"; do
	for how in "truncate -s 700" "cp /dev/null" "printf 'x\033[2J\n' | tee"; do
		rm -rf "$T/state"
		cp -r "$T/saved" "$T/state"
		sh -c "$how $runs/$torn" > /dev/null
		{ echo "$open"; cat <<'END'; } | again
expect was damaged and is put aside
expect Enter run
refute You said 3.5 x, measured
END
		ran $? "$torn after ${how%% *}: said, and the lesson works"
		{ echo "$open"; cat <<'END'; } | again
refute damaged
expect Enter run
key Enter
wait-run 20
expect You said 3.5 x, measured 1.76
END
		ran $? "… said once, and the next run is kept again"
	done
done
rm -rf "$T/state"
cp -r "$T/saved" "$T/state"
mv "$lesson/en.md" "$T/en.md"
sed 's/--serial 0.1/--serial 0.15/' "$T/en.md" > "$lesson/en.md"
{ echo "$open"; cat <<'END'; } | again
expect Enter run
refute damaged
END
ran $? "a result of another command line is not shown as this one's"
printf '\n---\n\nMore.\n\n```run\nsteps --size 3\n```\n' | cat "$T/en.md" - > "$lesson/en.md"
{ echo "$open" | sed "s/of 3/of 4/"; cat <<'END'; } | again
expect You said 3.5 x, measured 1.76
key u
key G
expect $ steps --size 3
expect Not run.
END
ran $? "a run without a guess is told in the summary, too"
sed 's/^exit = 0/later = more\nexit = 0/' "$T/saved/lockstep/runs/steps-1-5.txt" > "$runs/steps-1-5.txt"
{ echo "$open" | sed "s/of 3/of 4/"; cat <<'END'; } | again
refute damaged
expect You said 3.5 x, measured 1.76
END
ran $? "a result kept by a later version, with more keys, is read"
mv "$T/en.md" "$lesson/en.md"
chmod a-w "$runs"
if [ "$(id -u)" -ne 0 ]; then
	{ echo "$open"; printf 'key r\nwait-run 20\nexpect be kept\n'; } | again
	ran $? "a folder that can't be written: said"
fi
chmod u+w "$runs"

# ---- the summary ----
summary='
key u
expect Summary
expect Predictions: 1 off · 1 without a guess · 2 still open
expect Also: 1 run not made yet · 1 of 3 hints shown
expect Questions: 1 right
expect Step 1, threads with 4 workers
expect You said 3.5 x, measured 1.76
expect off by 2x
save-display summary.txt
key G
expect Right after 1 other try.
expect there are two cores
expect Next: 2.1 Runs that go wrong
key Esc
expect Step 3 of 3
expect Enter summary
key Enter
expect Summary
expect Enter next lesson
key Enter
expect Course
expect $ lockstep run trouble
key Enter
expect 2.1 Runs that go wrong
'
{ echo "$open"; cat <<'END'; echo "$summary"; } | script
key u
expect 4 still open
expect No guess yet.
expect Also: 2 runs not made yet
expect Enter back
key Enter
expect Step 1 of 3
key H
key Enter
type 3.5
key Enter
key Enter
wait-run 20
key Enter
key Enter
type 10
key Enter
key Enter
key Esc
key n
key Enter
key Enter
key Enter
wait-run 20
key Enter
key Down
key Enter
END
ran $? "the summary tells guesses, questions, and what was left out"
finish
