#!/bin/sh
# The lesson on barriers: what is right is right, the wrong variants are caught and named, a hang is ended and told, and the puzzle
# judges.
. tests/lesson.sh

lesson() { # ARGUMENTS; the words of the output on one line in $dir/line
	timeout -k 5 60 "$B/lessons/barrier" "$@" --seed $$ --counters off >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/line"
}

lesson --variant pthread,sense,openmp --threads 1,2,5 --size 4099 --phases 37 --reps 6 --budget 1
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "pthread, sense, openmp: right with 1, 2 and 5 threads (exit $status, seed $$)"

lesson --kernel table --variant mutex,rwlock --threads 1,2,5 --size 2k --writers 30 --entries 100 --reps 6 --budget 1
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "mutex, rwlock: right with 1, 2 and 5 threads (exit $status, seed $$)"

lesson --variant no-barrier --threads 2,3 --reps 3 --budget 1
[ $status = 0 ] && grep -q '✗ no-barrier is wrong, as announced' "$dir/out" && grep -Eq '[0-9]+ of 131072 cells are right' "$dir/line"
ok $? "no-barrier: caught, with the cells that are right"

lesson --variant no-barrier --threads 1 --size 1k --reps 3 --budget 0.5
[ $status = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "no-barrier: one thread needs none"

for team in 1 3; do
	lesson --variant wrong-count --threads $team --reps 2 --budget 0.5
	[ $status = 0 ] && grep -q '✗ wrong-count is wrong, as announced' "$dir/out" &&
		grep -q "all $team workers waited at a barrier for $((team + 1)); number $((team + 1)) does not exist" "$dir/line"
	ok $? "wrong-count: the hang of $team workers is found, told and ended"
done

# Two threads must meet for it; on a busy machine they may take turns, so it gets some tries.
for try in 1 2 3 4 5; do
	lesson --kernel table --variant write-as-reader --threads 2,4 --writers 20 --reps 6 --budget 1
	grep -q '✗ write-as-reader is wrong, as announced' "$dir/out" && break
done
[ $status = 0 ] && grep -Eq '[0-9]+ reads saw a change half done; [0-9]+ of 4096 entries are right' "$dir/line"
ok $? "write-as-reader: caught by readers who see a change half done"

lesson --writers 101 --kernel table
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -q writers "$dir/err"
ok $? "--writers 101: one line, exit 2"

# ---- the puzzle ----
puzzle() { # NAME EXIT LINES
	awk -v lines="$3" 'index($0, "//@") { print lines; next } { print }' lessons/3-threads/6-barrier/order-swap.c >"$dir/puzzle.c"
	${CC:-cc} -std=gnu17 -O1 -pthread -o "$dir/puzzle" "$dir/puzzle.c" 2>"$dir/err" && timeout 60 "$dir/puzzle" >"$dir/out" 2>>"$dir/err"
	status=$?
	[ $status = "$2" ]
	ok $? "puzzle, $1: exit $status"
}
meet='pthread_barrier_wait(&meet);' swap='if (me == 0) swap_copies();'
puzzle "both barriers" 0 "step(me); $meet $swap $meet"
puzzle "the other way round" 0 "$meet step(me); $meet $swap"
puzzle "no barrier before the swap" 1 "step(me); $swap $meet"
puzzle "no barrier after the swap" 1 "step(me); $meet $swap"
puzzle "none at all" 1 "step(me); $swap"

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer reports the wrong variants" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/barrier" >"$dir/out" 2>"$dir/err"
ok $? "barrier builds with SAN=thread"

for case in stencil:no-barrier:step table:write-as-reader:change stencil:pthread: stencil:sense: stencil:wrong-count: table:mutex: table:rwlock:; do
	kernel=${case%%:*} rest=${case#*:}
	variant=${rest%%:*} function=${rest#*:}
	TSAN_OPTIONS=exitcode=0 timeout -k 5 60 "$T/lessons/barrier" --kernel $kernel --variant $variant --threads 2 --size 2k \
		--reps 1 --budget 0.5 --counters off >"$dir/out" 2>"$dir/err"
	status=$?
	reports=$(grep -c 'WARNING: ThreadSanitizer: data race' "$dir/err")
	if [ -n "$function" ]; then
		[ $status = 0 ] && [ "$reports" -gt 0 ] && grep -q "$function" "$dir/err"
		ok $? "ThreadSanitizer reports the data race of $variant, in its own function"
	else
		[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
		ok $? "ThreadSanitizer has nothing to say about $variant"
	fi
done
echo "1..$count"
exit $failed
