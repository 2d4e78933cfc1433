#!/bin/sh
# The lesson on races: its wrong variants are caught; schedules are tried, saved, replayed and refused; ThreadSanitizer reports the data
# race and nothing else.
. tests/lesson.sh

race() { # OPTIONS: status, and in steps what was told without the milliseconds
	"$B/lessons/race" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	sed 's/^ *[0-9.]* ms  //' "$dir/out" >"$dir/steps"
}

has() { # TEXT NAME
	[ $status = 0 ] && grep -qF -- "$1" "$dir/steps"
	ok $? "$2"
}

# Two threads lose updates when they meet. On a busy machine a run may come out right by luck, so it gets some tries.
for variant in racy atomic-steps; do
	for try in 1 2 3 4 5 6 7 8; do
		race --variant $variant --threads 2,4 --size 4M --reps 6 --budget 2
		grep -q "✗ $variant is wrong, as announced" "$dir/out" && break
		[ $status = 0 ] || break
	done
	has "✗ $variant is wrong, as announced" "$variant: wrong as announced, named, no failure"
done
race --variant serial,one-step --threads 2,3 --size 20k --reps 6 --budget 1
[ $status = 0 ] && ! grep -q "✗" "$dir/out"
ok $? "serial and one-step are right"

race --explore 100
has "6 tried, all there are" "explore: all six schedules of 2 + 2 steps"
has "4 lose an update" "explore: four of them lose an update"
cat >"$dir/table" <<END
 #|thread 1|thread 2|sum
 1|read 0  |        |0
 2|        |read 0  |0
 3|        |write 1 |1
 4|write 1 |        |1
counted 1 of 2
END
head -n 6 "$dir/steps" | cmp -s - "$dir/table"
ok $? "explore: the shortest one, step by step"
race --explore 3
has "3 tried, there are more" "explore: no more than asked for"
race --explore 1000 --program counter-2x3
has "924 tried, all there are" "counter-2x3: 12! / (6! 6!) schedules"
has "ended at 2 to 6" "counter-2x3: 2 is the lowest end"
race --explore 1000 --program locked-2x3
has "20 tried, all there are" "locked-2x3: 6! / (3! 3!) schedules"
has "✓ 0 lose an update" "locked-2x3: none loses an update"

for program in counter-2x1 counter-2x2 counter-3x1; do
	race --explore 100 --program $program --save "$dir/found"
	grep -v -e tried -e ended -e saved -e ✓ "$dir/steps" >"$dir/first"
	race --schedule "$dir/found"
	grep -v ✓ "$dir/steps" | cmp -s - "$dir/first"
	ok $? "$program: what was found is saved, and replayed step by step"
done
race --schedule worst.schedule
has "counted 2 of 6" "a schedule that ships is found by its name: the worst one"
cp "$dir/steps" "$dir/first"
race --schedule worst.schedule
cmp -s "$dir/steps" "$dir/first"
ok $? "and it is the same every time"
race --demo schedule --json
[ $status = 0 ] && jq -es 'any(.[]; .t == "verdict" and .observed == 1 and .expected == 2)' "$dir/out" >/dev/null
ok $? "replay tells the figure: 1, not 2"
race --explore 10 --json
jq -es 'any(.[]; .t == "verdict" and .observed == 4)' "$dir/out" >/dev/null
ok $? "explore tells the figure: 4"
race --demo again
has "10 runs, " "again: ten runs, let loose"

sed 's/^1  .*/2/' lessons/3-threads/2-race/lost-update.schedule >"$dir/impossible"
race --schedule "$dir/impossible"
[ $status = 1 ] && grep -q "step 3 of the schedule can't be done: thread 2 is done" "$dir/out"
ok $? "a schedule that can't be followed: refused, with the step and the reason"

refused() { # OPTION VALUE TEXT
	race "$1" "$2"
	[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ] && [ ! -s "$dir/out" ] && grep -qF -- "$3" "$dir/err"
	ok $? "$1 $2: one line, exit 2"
}
printf 'lockstep-schedule 9\n' >"$dir/other"
printf 'lockstep-schedule 1\nprogram philosophers\nthreads 2\n' >"$dir/philosophers"
refused --explore 0 "1 to 1000000"
refused --explore many "1 to 1000000"
refused --explore 1e9 "1 to 1000000"
refused --program nothing counter-2x1
refused --schedule "$dir/missing" "No such file"
refused --schedule /dev/zero "not a file with text"
refused --schedule "$dir/other" "lockstep-schedule 1"
refused --schedule "$dir/philosophers" counter-2x1
race --explore 10 --save "$dir/no/such/folder"
[ $status = 3 ] && grep -q "No such file" "$dir/err"
ok $? "a schedule that can't be saved: exit 3"

# The frame of the puzzle, with an order that ends at 1, one that does not, and some that can't be.
puzzle() { # LINES EXPECTED NAME
	sed "s#//@#$1#" lessons/3-threads/2-race/order-steps.c >"$dir/order.c"
	${CC:-cc} -pthread -o "$dir/order" "$dir/order.c" 2>"$dir/err" && timeout 60 "$dir/order" >"$dir/out" 2>&1
	[ $? = "$2" ]
	ok $? "puzzle: $3"
}
puzzle 'reads(\&two);reads(\&one);writes(\&two);reads(\&two);writes(\&two);writes(\&one);' 0 "another order that ends at 1 is right, too"
puzzle 'reads(\&one);reads(\&two);writes(\&two);writes(\&one);reads(\&two);writes(\&two);' 1 "it ends at 2: wrong"
puzzle 'writes(\&one);reads(\&one);reads(\&two);writes(\&two);reads(\&two);writes(\&two);' 1 "to write before it has read: wrong"
puzzle 'reads(\&one);reads(\&two);writes(\&two);writes(\&one);' 1 "steps are missing: wrong"

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	count=$((count + 1))
	echo "ok $count - ThreadSanitizer reports the data race # SKIP no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/race" >"$dir/out" 2>"$dir/err"
ok $? "builds with SAN=thread"
for what in racy atomic-steps one-step explore; do
	set -- --variant $what --threads 2 --size 20k --reps 1 --budget 1
	[ $what != explore ] || set -- --explore 100 --program counter-2x2
	TSAN_OPTIONS=exitcode=0 timeout -k 5 60 "$T/lessons/race" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	if [ $what = racy ]; then
		[ $status = 0 ] && grep -q 'WARNING: ThreadSanitizer: data race' "$dir/err" && grep -q count_racy "$dir/err"
		ok $? "ThreadSanitizer reports the data race of racy, in its own function"
	else
		[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
		ok $? "ThreadSanitizer has nothing to say about $what"
	fi
done
echo "1..$count"
exit $failed
