#!/bin/sh
# The lesson on deadlocks: the naive way gets stuck, is caught, named and ended; the cures are right; nothing is left behind;
# ThreadSanitizer warns of the order of locks where there is one to warn of.
. tests/lesson.sh

deadlock() { # OPTIONS: status, and in steps what was told without the milliseconds
	timeout -k 5 60 "$B/lessons/deadlock" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	sed 's/^ *[0-9.]* ms  //' "$dir/out" >"$dir/steps"
}

has() { # TEXT NAME
	[ $status = 0 ] && grep -qF -- "$1" "$dir/steps"
	ok $? "$2"
}

# Whether they meet is chance: some tries. It must end in any case.
for try in 1 2 3 4 5 6 7 8; do
	deadlock --variant naive --threads 2,5 --reps 6 --budget 2 --seed $try
	grep -q "✗ naive is wrong, as announced" "$dir/out" && break
	[ $status = 0 ] || break
done
has "✗ naive is wrong, as announced" "naive: gets stuck, is ended, named, no failure"
tr -s '\n ' '  ' <"$dir/out" | grep -Eq 'ate [0-9]+ of 20000 meals, used forks [0-9]+ times; deadlock, each waits for the next: [0-9](>[0-9])+,'
ok $? "naive: how far it came, and who waited for whom"
deadlock --variant serial,ordered,trylock,waiter --threads 1,2,3,7 --size 1k --bite 100 --reps 6 --budget 2 --seed $$
[ $status = 0 ] && ! grep -q "✗" "$dir/out"
ok $? "ordered, trylock, waiter: all meals eaten by 1, 2, 3, 7 philosophers"

deadlock --demo circle
cat >"$dir/table" <<END
1 has f1, wants f2 of 2
2 has f2, wants f3 of 3
3 has f3, wants f4 of 4
4 has f4, wants f5 of 5
5 has f5, wants f1 of 1
✗ 0 meals: 1>2>3>4>5>1
END
head -n 6 "$dir/steps" | cmp -s - "$dir/table" && [ $status = 0 ]
ok $? "circle: all five hold one fork, nobody eats, the graph is drawn"
same=0
for i in 1 2 3 4 5 6 7 8 9 10; do
	deadlock --demo circle
	head -n 6 "$dir/steps" | cmp -s - "$dir/table" && same=$((same + 1))
done
[ $same = 10 ]
ok $? "circle: the same every time"
deadlock --demo circle --json
jq -es 'any(.[]; .t == "verdict" and .observed == 0 and .wrong_runs == 1)' "$dir/out" >/dev/null
ok $? "circle: the figure is the meals: 0"

deadlock --demo asleep
has "✗ it would sleep for ever" "asleep: it does not end by itself"
has "CPU time since: 0 ms" "asleep: no CPU time"
grep -Eq '^([0-9]+) threads, \1 asleep$' "$dir/steps"
ok $? "asleep: every thread sleeps"
grep -q "killed, and collected" "$dir/steps"
ok $? "asleep: the process is killed and collected"
# Killed itself in the midst of it: the process that hangs goes with it.
"$B/lessons/deadlock" --demo asleep >"$dir/out" 2>"$dir/err" &
pid=$!
child=
for i in $(seq 3000); do
	child=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
	[ -n "$child" ] && break
	sleep 0.01
done
kill -KILL $pid
wait $pid 2>/dev/null
gone=1
for i in $(seq 1500); do
	# shellcheck disable=SC2086
	[ -n "$child" ] && ! kill -0 $child 2>/dev/null && gone=0 && break
	sleep 0.02
done
if [ -e "/proc/$$/task/$$/children" ]; then
	ok $gone "asleep: killed, it leaves no process behind"
else
	count=$((count + 1))
	echo "ok $count - asleep: killed, it leaves no process behind # SKIP this system does not list the children of a process"
fi

deadlock --demo fair
[ $status = 0 ] && [ "$(grep -Ec '^✓ (ordered|trylock|waiter)( [0-9]+){5}$' "$dir/steps")" = 3 ]
ok $? "fair: each cure serves all meals, seat by seat"
deadlock --demo all-orders
has "naive: 6 of 30 stuck" "all-orders: naive, 6 of 30 schedules are stuck"
has "ordered: 0 of 20 stuck" "all-orders: ordered, none of 20"
has "thread 1 waits for f2, which thread 2 holds; thread 2 waits for f3, which thread 3 holds; thread 3 waits for f1, which thread 1 holds" \
	"all-orders: who waits for whom"

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	count=$((count + 1))
	echo "ok $count - ThreadSanitizer warns of the naive way # SKIP no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/deadlock" >"$dir/out" 2>"$dir/err"
ok $? "builds with SAN=thread"
for try in 1 2 3 4 5 6 7 8; do # stuck at the very first meal, it has taken no second fork
	TSAN_OPTIONS=exitcode=0 timeout -k 5 60 "$T/lessons/deadlock" --variant naive --threads 3 --size 300 --bite 10 --reps 1 --budget 1 \
		--seed $try >"$dir/out" 2>"$dir/err"
	status=$?
	grep -q 'lock-order-inversion' "$dir/err" && break
done
[ $status = 0 ] && grep -q 'lock-order-inversion' "$dir/err" && grep -q take_naive "$dir/err"
ok $? "ThreadSanitizer warns of the order of locks in naive, in its own function"
for what in naive ordered trylock waiter all-orders circle; do
	set -- --variant $what --threads 3 --size 300 --bite 10 --reps 1 --budget 1
	detect=1
	case $what in
	all-orders | circle) set -- --demo $what ;;
	waiter) detect=0 ;; # a circle of lock orders that the chairs make harmless: a false alarm, and the notes of the text say so
	esac
	TSAN_OPTIONS=exitcode=0:detect_deadlocks=$detect timeout -k 5 60 "$T/lessons/deadlock" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer: data race' "$dir/err"
	ok $? "ThreadSanitizer sees no data race in $what"
	case $what in
	ordered | trylock | waiter | all-orders)
		! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
		ok $? "ThreadSanitizer has nothing to say about $what"
		;;
	esac
done
echo "1..$count"
exit $failed
