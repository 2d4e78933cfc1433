#!/bin/sh
# data-task: every right variant is right, also with more workers than tasks, stages and blocks; sorting in place is caught by the check
# and by ThreadSanitizer, which has nothing to say about the others; three of six workers find a task.
. tests/lesson.sh
L=$B/lessons/data-task

quick="--reps 1 --budget 0.2 --counters off --seed $$"
for block in 1 1000 16384 99999999; do
	[ $block = 1 ] && size=300 || size=30k
	"$L" --kernel stages --variant all --threads 1,2,3,5 --size $size --block $block $quick >"$dir/out" 2>"$dir/err" && ! grep -q ✗ "$dir/out"
	ok $? "stages and blocks, blocks of $block words: right"
done
"$L" --kernel tasks --variant tasks --threads 1,2,3,6 --size 30k $quick >"$dir/out" 2>"$dir/err" && ! grep -q ✗ "$dir/out"
ok $? "tasks: right"

# They must meet: a busy machine gets some tries.
for try in 1 2 3 4 5 6 7 8; do
	"$L" --kernel tasks --variant in-place --threads 2,4 --reps 3 --budget 1 --counters off >"$dir/out" 2>"$dir/err"
	status=$?
	grep -q "✗ in-place is wrong, as announced" "$dir/out" && break
	[ $status = 0 ] || break
done
[ "$status" = 0 ] && grep -q "✗ in-place is wrong, as announced" "$dir/out"
ok $? "in-place: caught and named, and no failure of the lesson (exit $status)"
"$L" --kernel tasks --variant in-place --threads 1 --size 30k $quick >"$dir/out" 2>"$dir/err" && ! grep -q ✗ "$dir/out"
ok $? "in-place: one worker counts right"

good=0
for try in 1 2 3 4 5; do
	"$L" --demo hands >"$dir/out" 2>"$dir/err" && [ "$(grep -c 'no task is left' "$dir/out")" = 3 ] &&
		grep -q "✓ 3 of 6 workers" "$dir/out" || break
	good=$try
done
[ $good = 5 ]
ok $? "hands: six workers, three of them find a task, five times of five ($good)"

"$L" --kernel stages --block 0 >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "a block of no words: one line, exit 2 (exit $status)"

echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	count=$((count + 1))
	echo "ok $count - ThreadSanitizer # SKIP no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/data-task" >"$dir/out" 2>"$dir/err"
ok $? "data-task builds with SAN=thread"
TSAN_OPTIONS=exitcode=0 timeout -k 5 60 "$T/lessons/data-task" --kernel tasks --variant in-place --threads 3 --size 20k $quick >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] && grep -q 'WARNING: ThreadSanitizer: data race' "$dir/err" && grep -q sort_list "$dir/err"
ok $? "ThreadSanitizer reports the data race of in-place, in its own function (exit $status)"
for kernel in tasks:tasks stages:stages stages:blocks; do
	TSAN_OPTIONS=exitcode=0 timeout -k 5 60 "$T/lessons/data-task" --kernel ${kernel%:*} --variant ${kernel#*:} --threads 2,4 --size 20k $quick \
		>"$dir/out" 2>"$dir/err"
	status=$?
	[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
	ok $? "ThreadSanitizer has nothing to say about ${kernel#*:} (exit $status)"
done
echo "1..$count"
exit $failed
