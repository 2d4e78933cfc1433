#!/bin/sh
# The lesson on atomics: right variants are right, two atomic halves lose updates, the litmus test shows the store buffer, a plain
# flag is never seen, and a relaxed one is reported by ThreadSanitizer.
. tests/lesson.sh

lesson() { # ARGUMENTS; the words of the output on one line in $dir/line
	timeout -k 5 60 "$B/lessons/atomics" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/line"
}

lesson --variant relaxed,acq-rel,seq-cst,cas,one-line,padded,padded-seq-cst --threads 2,3 --size 20k --reps 3 --budget 1 --counters off
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "count: all that are right are, with 2 and 3 threads (exit $status)"

lesson --kernel message --variant release,message-seq-cst --threads 1,2,3 --size 2k --reps 3 --budget 1 --counters off --seed $$
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "message: right with 1, 2 and 3 threads (exit $status, seed $$)"

# Both halves of a pair must run at once; on a busy machine they may not, so these get some tries.
goes_wrong() { # VARIANT ARGUMENTS
	for try in 1 2 3 4 5 6 7 8; do
		lesson --variant "$@" --threads 2 --reps 6 --budget 1 --counters off
		grep -q "✗ $1 is wrong, as announced" "$dir/out" && return
		[ $status = 0 ] || return
	done
}
goes_wrong load-store
[ $status = 0 ] && grep -q '✗ load-store is wrong, as announced' "$dir/out" && grep -Eq 'counted [0-9]+ of 4000000, [1-9][0-9]* lost' "$dir/line"
ok $? "load-store: two atomic halves lose updates, and it is told"

if [ "$(nproc)" -lt 2 ]; then
	skip "litmus: both miss" "two processors are needed"
else
	for variant in both-relaxed both-release; do
		goes_wrong $variant --kernel litmus --size 200k
		[ $status = 0 ] && grep -q "✗ $variant is wrong, as announced" "$dir/out" && grep -Eq 'in [1-9][0-9]* of 200000 rounds both read' "$dir/line"
		ok $? "litmus, $variant: both read the old value in some rounds"
	done
fi
lesson --kernel litmus --variant both-seq-cst --threads 2,3 --size 200k --reps 6 --budget 1 --counters off
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "litmus, both-seq-cst: never"

lesson --demo orders
[ $status = 0 ] && grep -q 'relaxed, relaxed: 24 executions, 6 of them' "$dir/out" && grep -q 'release, relaxed: 12 executions, 1 of them' "$dir/out" &&
	grep -q 'relaxed, acquire: 12 executions, 1 of them' "$dir/out" && grep -q 'release, acquire: 6 executions, 0 of them' "$dir/out"
ok $? "demo orders: every execution of the four pairs of promises, counted by hand"
lesson --demo orders --json
[ "$(jq -r 'select(.t == "verdict") | .observed' "$dir/out")" = 6 ]
ok $? "demo orders: the figure for the prediction"

lesson --demo plain-flag
[ $status = 0 ] && grep -q '✓ it saw the atomic flag' "$dir/out" && grep -q '✗ 300 ms later it still did not see it (ended)' "$dir/out"
ok $? "demo plain-flag: the atomic one is seen, the plain one is not, and it ends"
for try in $(seq 300); do
	pgrep -f "$B/lessons/atomics --demo" >"$dir/out" || break
	sleep 0.1
done
! pgrep -f "$B/lessons/atomics --demo" >"$dir/out"
ok $? "demo plain-flag: no process is left"

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer reports the wrong variants" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/atomics" >"$dir/out" 2>"$dir/err"
ok $? "atomics builds with SAN=thread"

for case in message:relaxed-flag message:release message:message-seq-cst count:relaxed count:cas count:one-line count:padded \
	count:load-store litmus:both-relaxed litmus:both-seq-cst; do
	kernel=${case%%:*} variant=${case#*:}
	TSAN_OPTIONS=exitcode=0 timeout -k 5 60 "$T/lessons/atomics" --kernel $kernel --variant $variant --threads 2 --size 1k \
		--reps 1 --budget 0.3 --counters off >"$dir/out" 2>"$dir/err"
	status=$?
	if [ $variant = relaxed-flag ]; then
		[ $status = 0 ] && grep -q 'WARNING: ThreadSanitizer: data race' "$dir/err" && grep -q '#0 take ' "$dir/err" && grep -q '#0 put ' "$dir/err"
		ok $? "ThreadSanitizer reports the data race of $variant, in put and take, as the text shows it"
	else
		[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
		ok $? "ThreadSanitizer has nothing to say about $variant"
	fi
done
echo "1..$count"
exit $failed
