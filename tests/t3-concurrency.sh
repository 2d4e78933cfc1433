#!/bin/sh
# concurrency: what its text says can be seen in the time slices that a run records: threads tied to one core take turns on it, free ones
# are on several, and waits lie side by side on one core. Right also with fewer tasks than threads, and with none.
. tests/lesson.sh
L=$B/lessons/concurrency
command -v jq >/dev/null || { echo "1..0 # SKIP no jq"; exit 0; }

skip() { count=$((count + 1)); echo "ok $count # SKIP $1"; }
slices() { # OPTIONS...: the slices of the variant's last round with 4 threads, as one array
	"$L" "$@" --threads 4 --reps 1 --budget 2 --counters off --json >"$dir/json" 2>"$dir/err" &&
		jq -cs '[.[] | select(.t == "span" and .final and .worker >= 0 and .workers == 4)] | (map(.round) | max) as $last | map(select(.round == $last))' \
			"$dir/json" >"$dir/out"
}

for size in 0 1 3 9; do
	for kernel in compute waiting; do
		[ $kernel = compute ] && small="--work 20k" || small="--wait 200"
		"$L" --kernel $kernel --variant all --threads 1,2,5 --size $size $small --reps 1 --budget 0.2 --counters off >"$dir/out" 2>"$dir/err" &&
			! grep -q ✗ "$dir/out"
		ok $? "$kernel: $size tasks"
	done
done

slices --kernel compute --variant interleaved --work 8M && jq -e '[.[] | select(.kind == "run")] | length > 4 and (map(.core) | unique | length == 1) and
	(map(.worker) | unique | length == 4)' "$dir/out" >/dev/null
ok $? "tied to one core: slices of all four threads, all on that core"
# Together they ran no longer than the time that passed; the slack is for slices that are joined over a very short gap.
jq -e '[.[] | select(.kind == "run")] | (map(.end_seconds - .begin_seconds) | add) < 1.1 * (map(.end_seconds) | max)' "$dir/out" >/dev/null
ok $? "one at a time"
jq -e 'def whole(w): [.[] | select(.worker == w and .kind == "run")] | {from: map(.begin_seconds) | min, to: map(.end_seconds) | max};
	[whole(0), whole(1), whole(2), whole(3)] | (map(.from) | max) < (map(.to) | min)' "$dir/out" >/dev/null
ok $? "and all of them in progress"

if [ "$(nproc)" -gt 1 ]; then
	for try in 1 2 3 4 5 6 7 8 9 10; do # where others take the other core, the system may leave them all on one
		slices --kernel compute --variant parallel --work 8M && jq -e '[.[] | select(.kind == "run")] | map(.core) | unique | length > 1' "$dir/out" >/dev/null
		status=$?
		[ $status != 0 ] || break
	done
	ok $status "free: on several cores"
else
	skip "one core only"
fi

slices --kernel waiting --variant wait-interleaved --wait 500000 && jq -e '[.[] | select(.kind == "wait")] |
	(map(.worker) | unique | length == 4) and (map(.core) | unique | length == 1) and (map(.begin_seconds) | max) < (map(.end_seconds) | min)' \
	"$dir/out" >/dev/null
ok $? "tasks that wait: side by side on one core"

echo "1..$count"
exit $failed
