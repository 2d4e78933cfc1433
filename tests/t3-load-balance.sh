#!/bin/sh
# The lesson on uneven work: every schedule gives the right answer, the demonstrations tell who works how long, and who steals.
. tests/lesson.sh

lesson() {
	timeout -k 5 60 "$B/lessons/load-balance" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}

for kernel in triangle picture; do
	lesson --kernel $kernel --variant all --threads 1,2,5 --size 301 --seed $$ --reps 2 --budget 1 --counters off
	[ $status = 0 ] && ! grep -q '✗' "$dir/out"
	ok $? "$kernel: all schedules are right with 1, 2 and 5 workers (exit $status, seed $$)"
done

lesson --demo last
[ $status = 0 ] && [ "$(grep -c 'worker [0-3]: busy .* ms, done after' "$dir/out")" = 4 ] && grep -q '✓ worker 3 has the most to do' "$dir/out"
ok $? "demo last: each of four workers, and the last slice is the heaviest"

lesson --demo picture-last
[ $status = 0 ] && grep -q '✓ worker 2 has the most to do' "$dir/out"
ok $? "demo picture-last: the third quarter is the heaviest"

lesson --demo steals --json
[ $status = 0 ] && [ "$(jq -r 'select(.t == "verdict") | .observed > 0 and .observed <= 100' "$dir/out")" = true ]
ok $? "demo steals: some chunks are stolen, and the figure is told"
stolen=$(jq -r 'select(.t == "say") | .text' "$dir/out" | sed -n 's/.*, stole \([0-9]*\)$/\1/p' | awk '{ n += $1 } END { print n + 0 }')
[ "$stolen" -gt 0 ]
ok $? "demo steals: told for each worker ($stolen in all)"

lesson --kernel triangle --size 65537
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -q size "$dir/err"
ok $? "--size 65537: one line, exit 2"

# ---- ThreadSanitizer, which does not know OpenMP: the variants that are ours ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/load-balance" >"$dir/out" 2>"$dir/err"
ok $? "load-balance builds with SAN=thread"
for variant in stealing executor; do
	TSAN_OPTIONS=exitcode=0 timeout -k 5 60 "$T/lessons/load-balance" --variant $variant --threads 3 --size 500 --seed $$ --reps 2 \
		--budget 0.5 --counters off >"$dir/out" 2>"$dir/err"
	status=$?
	[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
	ok $? "ThreadSanitizer has nothing to say about $variant (seed $$)"
done
echo "1..$count"
exit $failed
