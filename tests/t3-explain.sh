#!/bin/sh
# --explain prints a lesson's text: hints behind the questions, explanations at the end of their step.
set -u
B=${B:-build}
n=0 bad=0
T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-explain-XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
trap 'exit 1' INT TERM HUP
ok() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; bad=$((bad + 1)); fi
}
dir=lessons/3-threads/3-mutex
mkdir -p "$T/$dir"
cat > "$T/$dir/en.md" <<'END'
# Title

```hint
The *first* hint.
```

```explain
The explanation.
```

Words.

```predict
ask: Draw it?
curve: 1,2,4
```

```order lock
ask: Which order?
file: order-lock.c
- lock();
-     add();
- unlock();
- [extra] init();
why: So it is.
```

```hint
The second hint.
```

```run
mutex --threads 1,2,4
```
END
LOCKSTEP_HOME="$T" "$B/lessons/mutex" --explain --lang en > "$T/out" 2>&1
ok $? "a text with all blocks is explained"
order=$(grep -n -o 'Words\|1: ____\|4: ____\|Which order\|    add();\|mutex --threads\|Hint 1 of 2\|The first hint\|Hint 2 of 2\|^Explanation\|The explanation' "$T/out" |
	cut -d: -f2- | tr '\n' ';')
[ "$order" = "Words;1: ____;4: ____;Which order;    add();;mutex --threads;Hint 1 of 2;The first hint;Hint 2 of 2;Explanation;The explanation;" ]
ok $? "questions, then the run, then hints, then the explanation"
[ "$(grep -c '\[extra\]\|So it is' "$T/out")" -eq 0 ]
ok $? "what belongs into the order is not told"
[ "$(grep -n 'lock();\|init();' "$T/out" | sed 's/.*    //' | tr '\n' ' ')" != "lock(); unlock(); init(); " ]
ok $? "the lines are not in the order that is right"
for lesson in concurrency amdahl mutex parallel-loop; do
	for lang in en zh; do
		"$B/lessons/$lesson" --explain --lang $lang > "$T/out" 2>&1 && grep -q '^Hint 2 of' "$T/out" && grep -q '^Explanation' "$T/out"
		ok $? "$lesson has hints and an explanation ($lang)"
	done
done
echo "1..$n"
[ $bad -eq 0 ]
