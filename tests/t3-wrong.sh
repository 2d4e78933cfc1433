#!/bin/sh
# The variants that are wrong on purpose go wrong, are caught by the check and named, and are no failure of the lesson;
# ThreadSanitizer reports them, and reports none of those that are right.
. tests/lesson.sh

# Two threads lose updates when they meet. On a busy machine a run may come out right by luck, so a lesson gets some tries.
goes_wrong() { # VARIANT
	for try in 1 2 3 4 5 6 7 8; do
		"$B/lessons/mutex" --variant "$1" --threads 2,4 --size 4M --reps 6 --budget 2 >"$dir/out" 2>"$dir/err"
		status=$?
		grep -q "✗ $1 is wrong, as announced" "$dir/out" && return
		[ $status = 0 ] || return
	done
}

for variant in racy lock-per-thread; do
	goes_wrong $variant
	[ $status = 0 ]
	ok $? "$variant: going wrong as announced is no failure (exit $status)"
	grep -q "✗ $variant is wrong, as announced" "$dir/out"
	ok $? "$variant: named as wrong"
	# the sentence may be wrapped: one line of it, then the figures "counted A of B, C lost"
	tr -s '\n ' '  ' <"$dir/out" | sed -n 's/.*counted \([0-9]*\) of \([0-9]*\), \([0-9]*\) lost, in \([0-9]*\) of \([0-9]*\) runs.*/\1 \2 \3 \4 \5/p' >"$dir/figures"
	read -r counted expected lost wrong runs <"$dir/figures"
	[ "${expected:-0}" = 4000000 ] && [ "$counted" -lt "$expected" ] && [ $((counted + lost)) = "$expected" ]
	ok $? "$variant: counted, expected and lost are told and agree ($counted of $expected, $lost lost)"
	[ "${wrong:-0}" -gt 0 ] && [ "$wrong" -le "${runs:-0}" ]
	ok $? "$variant: told in how many runs ($wrong of $runs)"
done

"$B/lessons/mutex" --variant racy --threads 1 --size 100k --reps 6 --budget 1 >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] && ! grep -q "racy is wrong" "$dir/out"
ok $? "racy: one thread loses nothing"

"$B/lessons/mutex" --variant mutex,spin,ticket,atomic,sharded --threads 2,3 --size 20k --reps 6 --budget 2 >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] && ! grep -q "✗" "$dir/out"
ok $? "mutex, spin, ticket, atomic, sharded: right with 2 and 3 threads (exit $status)"

# Transfers between accounts: one lock, a lock for each, and the lock of the wrong account.
"$B/lessons/mutex" --kernel accounts --variant no-lock,one-lock,lock-each --threads 2,5 --size 3k --accounts 3 --work 20 --reps 2 --budget 1 >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] && ! grep -q "✗" "$dir/out"
ok $? "accounts: one-lock and lock-each are right with few accounts and many threads (exit $status)"
for try in 1 2 3 4 5 6 7 8; do
	"$B/lessons/mutex" --kernel accounts --variant wrong-lock --threads 2,4 --size 20k --accounts 8 --reps 2 --budget 1 >"$dir/out" 2>"$dir/err"
	status=$?
	grep -q "✗ wrong-lock is wrong, as announced" "$dir/out" && break
done
[ $status = 0 ] && tr -s '\n ' '  ' <"$dir/out" | grep -q '✗ wrong-lock is wrong, as announced.* of 8 balances are right; the sum of all should be 0 and is'
ok $? "accounts: the lock of the wrong account is caught and named (exit $status)"

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer reports the wrong variants" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/mutex" >"$dir/out" 2>"$dir/err"
ok $? "mutex builds with SAN=thread"

for variant in racy lock-per-thread mutex spin ticket atomic sharded; do
	TSAN_OPTIONS=exitcode=0 timeout -k 5 60 "$T/lessons/mutex" --variant $variant --threads 2 --size 20k --reps 1 --budget 1 \
		>"$dir/out" 2>"$dir/err"
	status=$?
	reports=$(grep -c 'WARNING: ThreadSanitizer: data race' "$dir/err")
	case $variant in
	racy | lock-per-thread)
		[ $status = 0 ] && [ "$reports" -gt 0 ] && grep -q "count_$(echo $variant | tr - _)" "$dir/err"
		ok $? "ThreadSanitizer reports the data race of $variant, in its own function"
		;;
	*)
		[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
		ok $? "ThreadSanitizer has nothing to say about $variant"
		;;
	esac
done
for variant in one-lock lock-each wrong-lock; do
	TSAN_OPTIONS=exitcode=0 timeout -k 5 60 "$T/lessons/mutex" --kernel accounts --variant $variant --threads 2 --size 2k --accounts 4 --reps 1 --budget 1 \
		>"$dir/out" 2>"$dir/err"
	status=$?
	case $variant in
	wrong-lock) [ $status = 0 ] && grep -q 'WARNING: ThreadSanitizer: data race' "$dir/err" && grep -q ' move ' "$dir/err" ;;
	*) [ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err" ;;
	esac
	ok $? "ThreadSanitizer: accounts, $variant"
done
echo "1..$count"
exit $failed
