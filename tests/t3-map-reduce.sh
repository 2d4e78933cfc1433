#!/bin/sh
# The lesson map-reduce: words are counted right whatever the blocks, files and workers, also where the file is larger than the memory allowed;
# both mistakes are caught and named; the demonstrations say what they must. ThreadSanitizer reports the shared total, and only that.
. tests/lesson.sh
L=$B/lessons/map-reduce

run() { # ARGUMENTS
	timeout -k 5 60 "$L" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/flat" # sentences may be wrapped
}
short="--reps 1 --budget 0.2 --counters off --seed $$"

# ---- words: every border of a block, words longer than a block, bytes that are no text ----
awk -v seed=$$ 'BEGIN {
	srand(seed)
	for (i = 0; i < 800; i++) {
		n = rand() < 0.02 ? 900 + int(rand() * 300) : 1 + int(rand() * rand() * 40)
		for (w = ""; n > 0; n--)
			w = w substr("aab中ß", 1 + int(rand() * 5), 1)
		printf "%s%s", w, substr(" \n\t ", 1 + int(rand() * 4), 1)
	}
	printf "the end"
}' >"$dir/a"
printf 'one two\0two \377\376' >"$dir/b"
: >"$dir/empty"
for block in 1 7 1000 1M; do
	run --kernel words --file "$dir/a,$dir/empty,$dir/b" --variant all --block $block --threads 1,3,8 $short
	[ $status = 0 ] && ! grep -q ✗ "$dir/out"
	ok $? "words: all variants agree with the count without blocks, blocks of $block (exit $status, seed $$)"
done
run --demo top --file "$dir/a,$dir/b" --json
tr '\000-\040' '\n' <"$dir/a" >"$dir/list"
printf '\n' >>"$dir/list"
tr '\000-\040' '\n' <"$dir/b" >>"$dir/list"
different=$(grep -av '^$' "$dir/list" | LC_ALL=C cut -b1-1024 | LC_ALL=C sort -u | wc -l)
[ $status = 0 ] && [ "$(jq -r 'select(.t == "verdict") | .observed' "$dir/out")" = "$different" ]
ok $? "top: as many different words as sort -u finds ($different, seed $$)"
run --demo top --file "$dir/empty"
[ $status = 0 ] && grep -q '✓ 0 different words' "$dir/out"
ok $? "top: an empty file has no words"

yes "the same words again and again, in a file that is larger than what is allowed" | head -c 120000000 >"$dir/large"
if (ulimit -v 115000 2>/dev/null && "$L" --list) >/dev/null 2>&1; then
	(ulimit -v 115000 && MALLOC_ARENA_MAX=1 exec timeout -k 5 60 "$L" --demo top --file "$dir/large") >"$dir/out" 2>"$dir/err"
	status=$?
	[ $status = 0 ] && grep -q '✓ 1[0-9] different words' "$dir/out"
	ok $? "a file of 120 MB is counted within 118 MB of address space (exit $status)"
else
	skip "a file larger than the memory" "the program does not start within that limit"
fi
rm "$dir/large"

for bad in /no/such/file "$dir" "$dir/a," /dev/zero ""; do
	run --file "$bad"
	case $bad in *,) continue ;; esac
	[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -q -- '--file .*a file that can be read' "$dir/err"
	ok $? "--file '$bad': one line, exit 2 (exit $status)"
done

# ---- numbers ----
run --kernel sums --variant serial,locked,threads,tree,openmp --threads 1,2,5 --size 10007 $short
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "sums: right in all right variants (exit $status)"
for try in 1 2 3 4 5 6; do
	run --kernel sums --variant shared --threads 2,4 --reps 6 --budget 1 --counters off
	grep -q '✗ shared is wrong, as announced' "$dir/flat" && break
done
[ $status = 0 ] && grep -q '✗ shared is wrong, as announced' "$dir/flat"
ok $? "shared: caught and named"
run --kernel mean --variant mean-of-means,pairs --threads 3,4 $short
[ $status = 0 ] && grep -q '✗ mean-of-means is wrong, as announced' "$dir/flat" && grep -q '✓ right in all [0-9]* runs: serial, pairs' "$dir/flat"
ok $? "mean-of-means: caught and named with 3 and 4 workers; pairs are right"
run --kernel mean --variant mean-of-means --threads 2 $short
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "mean-of-means: two equal shares hide it"

run --demo brackets --json
[ $status = 0 ] && [ "$(jq -r 'select(.t == "verdict") | .observed' "$dir/out")" = 4 ]
ok $? "brackets: four workers, four results of subtraction"
run --demo travel --json
[ $status = 0 ] && [ "$(jq -r 'select(.t == "verdict") | .observed > 1 and .observed < 20' "$dir/out")" = true ]
ok $? "travel: combine leaves few of a hundred pairs"
! ps -o comm= --ppid $$ | grep -q map-reduce
ok $? "nothing is left running"

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/tsan" "$dir/empty.c" 2>/dev/null || ! "$dir/tsan"; then
	skip "ThreadSanitizer reports the wrong variant" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/map-reduce" >"$dir/out" 2>"$dir/err"
ok $? "map-reduce builds with SAN=thread"
L=$T/lessons/map-reduce
export TSAN_OPTIONS=exitcode=0
for pair in sums/shared sums/locked sums/tree words/threads words/tree words/processes; do
	run --kernel ${pair%/*} --variant ${pair#*/} --threads 5 --size 20k $short
	case $pair in
	sums/shared)
		[ $status = 0 ] && grep -q 'WARNING: ThreadSanitizer: data race' "$dir/err" && grep -q map_shared "$dir/err"
		ok $? "ThreadSanitizer reports the data race of $pair, in its own function"
		;;
	*)
		[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
		ok $? "ThreadSanitizer has nothing to say about $pair"
		;;
	esac
done
echo "1..$count"
exit $failed
