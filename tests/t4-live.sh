#!/bin/sh
# A run while it is live: its views filled from half a recorded run, held, stopped, killed, and ended when it goes beyond what
# it was allowed.
set -u
. tests/screen.sh

# A lesson that never ends, once for each word.
dir=$T/lessons/2-more/2-endless
mkdir -p "$dir"
cat > "$dir/en.md" <<'END'
# A run that never ends

```run half
endless half
```

---

```run budget
endless budget
```

---

```run quiet
endless quiet
```

---

```run deaf
endless deaf
```

---

```run killed
endless killed
```

---

```run slow
endless slow
```
END
cp "$dir/en.md" "$dir/zh.md"
echo '{"id":"endless","title":"A run that never ends","chapter":2,"level":1,"needs":"","minutes":[1,2],"experiments":[],"unavailable":null}' \
	> "$T/build/lessons/endless.json"
cat > "$T/build/lessons/endless" <<'END'
#!/bin/sh
here=$(dirname "$0")
for word; do :; done
opening() { head -n "$1" "$here/speedup.ndjson" | sed "s/\"budget_seconds\":[^,}]*/\"budget_seconds\":$2/" >&3; }
id=$(sed -n 's/.*"t":"run","run":"\([^"]*\)".*/\1/p' "$here/speedup.ndjson" | head -1)
echo "endless $word"
case $word in
half)
	last=$(grep -n '"final":true' "$here/speedup.ndjson" | head -1 | cut -d: -f1)
	opening $((last - 1)) null
	for w in 0 1; do
		printf '{"t":"span","run":"%s","variant":"threads","workers":2,"final":false,"round":4,"worker":%d,"core":%d,"kind":"run","begin_seconds":0.01,"end_seconds":0.05}\n' "$id" $w $w >&3
	done
	printf '{"t":"progress","run":"%s","phase":"measuring","done":4,"planned":11,"kept":3,"foreign_cores":0.02,"eta_seconds":900,"variant":"threads","workers":2,"voluntary_switches":10,"involuntary_switches":20}\n' "$id" >&3 ;;
budget) opening 12 1 ;;
deaf) trap "" TERM; opening 5 null ;;
slow) # its first round takes longer than the whole budget, and it says so
	opening 5 1
	for i in 1 2 3 4 5 6 7 8; do
		printf '{"t":"progress","run":"%s","phase":"calibrating","done":%d,"planned":9,"kept":0}\n' "$id" $i >&3
		sleep 1
	done
	exit 0 ;;
killed) opening 5 null; kill -9 $$ ;;
esac
sleep 322 & wait
sleep 322
END
chmod +x "$T/build/lessons/endless"
ran() { # ran STATUS NAME
	ok "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$T/err"
}

script endless <<'END'
key Enter
wait-for measuring ▮▯▯▯ 4/11  kept 3
expect threads over serial
expect so far
expect running
expect measuring ▮▯▯▯ 4/11  kept 3
expect  live ─
key 2
wait-for threads, 2 workers · round 4
key 3
wait-for So far this program used
key 4
wait-for this run
expect measuring round 5 of 11
expect now: threads, 2 workers
expect core
expect this run
expect memory
expect about 14:5
save-display live.txt
key p
expect Held: p lets it go on
expect held: p lets it go on
expect  held ─
expect p go on
wait 1.2
key 4
save-display held.txt
wait 1.2
key 4
save-display held2.txt
key p
expect  live ─
expect p pause
key Enter
expect The run is live: p holds it
wait 5
refute The run is live: p holds it
expect kept 3
key Enter
expect The run is live: p holds it
key c
expect ● a run is live
key G
key Enter
expect Step 1 of 6
key s
wait-run 20
refute The run is live
refute live
expect stopped · 6 of 7 rounds kept
END
ran $? "half a run: every view tells what it knows; held, let go, stopped"
cmp -s "$T/held.txt" "$T/held2.txt"
ok $? "time stands still while it is held"
gone "sleep 322" "nothing of it is left"
grep -q '"final":false' "$T/state/lockstep/records.ndjson"
ok $((1 - $?)) "what was told on the way is not kept"
has "$T/state/lockstep/records.ndjson" '"t":"sample"' "but its samples are"

script endless <<'END'
key n
key Enter
wait-for running
wait-run 30
expect it ran past its budget of 1 s and was ended
END
ran $? "a run that goes beyond its budget is ended and says so"
gone "sleep 322" "and nothing of it is left"

script endless <<'END'
key n
key n
key n
key n
key n
key Enter
wait-for calibrating
wait-run 30
refute past its budget
expect done, but its records end early
END
ran $? "but not while it is at its first round, and says so"

LOCKSTEP_RUN_LIMIT=1 script endless <<'END'
key n
key n
key Enter
wait-run 20
expect it ran for 1 s without an end and was ended
END
ran $? "one without a budget has a limit too"

LOCKSTEP_RUN_LIMIT=1 script endless <<'END'
key n
key n
key n
key Enter
wait-run 20
expect it ran for 1 s without an end
END
ran $? "even if it does not listen"
gone "sleep 322" "and nothing of that is left"

script endless <<'END'
key n
key n
key n
key n
key Enter
wait-run 20
expect killed by signal 9
key 1
refute speedup of
expect no speedup was measured
END
ran $? "a run that was killed before its first round has no chart's title"

printf 'key Enter\nkey 4\nwait-for this run\nsave-display live.txt\nkey s\nwait-run 20\n' > "$T/narrow"
script endless --ascii < "$T/narrow"
ran $? "--ascii"
LC_ALL=C grep -q '[^ -~]' "$T/live.txt"
ok $((1 - $?)) "nothing but ASCII is drawn"
for size in 60x16 44x10 200x60; do
	script endless --size $size < "$T/narrow"
	ran $? "at $size"
done
finish
