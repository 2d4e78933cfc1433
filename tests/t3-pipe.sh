#!/bin/sh
# The lesson `pipe`: its demonstrations hold what they claim, messages without frames and a forgotten close are caught and
# named, no run hangs, and nothing stays behind.
. tests/lesson.sh
export XDG_CACHE_HOME="$dir/cache"

demo() { # NAME
	timeout -k 5 30 "$P/lessons/pipe" --demo "$1" >"$dir/out" 2>"$dir/err"
}
observed() { # NAME of a demonstration
	timeout -k 5 30 "$P/lessons/pipe" --demo "$1" --json 2>"$dir/err" | jq -r 'select(.t == "verdict") | .observed'
}
run() {
	timeout -k 5 60 "$P/lessons/pipe" --kernel messages --budget 1 --reps 2 --counters off --seed $$ "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/line"
	return $status
}

P=$B
for name in borders end no-reader; do
	demo $name
	[ $? = 0 ] && grep -q '✓' "$dir/out" && ! grep -q '✗' "$dir/out" && ! [ -s "$dir/err" ]
	ok $? "$name: all that it claims holds"
done
demo hang
[ $? = 0 ] && grep -q '✗ /proc/[0-9]*/fd/[0-9]* is a writing end' "$dir/out" && grep -q 'hang is wrong, as announced' "$dir/out"
ok $? "hang: who holds the writing end is found, and it ends"
[ "$(observed borders)" = 11 ] && [ "$(observed end)" = 0 ] && [ "$(observed hang)" = 1 ]
ok $? "their figures can be compared with a prediction"

run --variant framed,framed-socket --threads 1,2,5 --size 3k --most 1k
[ $? = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "framed: right through pipes and sockets, with 1, 2 and 5 children (seed $$)"
run --variant framed,framed-socket --threads 2 --size 6 --most 300k
[ $? = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "framed: right for messages that a pipe has no room for"
run --variant one-read --threads 1 --size 4 --most 1M
[ $? = 0 ] && grep -q 'one-read is wrong, as announced' "$dir/out"
ok $? "one-read: a message in parts is caught (exit $status)"
for try in 1 2 3 4 5 6; do # where the reader keeps pace, luck makes it right
	run --variant one-read --threads 2 --size 20k
	grep -q 'one-read is wrong, as announced' "$dir/out" && break
done
[ $status = 0 ] && grep -q 'sent 20000 messages, [0-9]* were read, and their bytes do not agree' "$dir/line"
ok $? "one-read: messages glued together are caught"
run --variant forgotten-close --threads 1,3 --size 50
[ $? = 0 ] && grep -q 'forgotten-close is wrong, as announced' "$dir/line"
ok $? "forgotten-close: caught and named"
sed -n 's/.*process \([0-9]*\) read the pipe, and process \([0-9]*\) (itself) held its writing end, descriptor \([0-9]*\).*/\1 \2 \3/p' \
	"$dir/line" >"$dir/figures"
read -r reader holder fd <"$dir/figures"
[ -n "$reader" ] && [ "$reader" = "$holder" ] && [ "${fd:-0}" -gt 2 ]
ok $? "forgotten-close: says who holds the end ($holder, descriptor $fd)"

# A copy of the lesson with a mistake of the learner's own: nobody announced it, so it is a wrong result, and no hang.
mistake() { # SED-EXPRESSION
	sed "$1" lessons/2-processes/2-pipe/lesson.c >"$dir/mine.c"
	! cmp -s "$dir/mine.c" lessons/2-processes/2-pipe/lesson.c &&
		"$B/lockstep" build pipe "$dir/mine.c" -o "$dir/mine" >"$dir/out" 2>"$dir/err" || return
	timeout -k 5 60 "$dir/mine" --kernel messages --variant framed --threads 2 --size 50 --budget 0.2 --reps 1 >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/line"
}
mistake 's/ \&\& !way->forgets//; s/close(d->end\[v\]\[1\])/(void)v/'
[ "$status" = 1 ] && grep -q '(itself) held its writing end' "$dir/line"
ok $? "a copy whose child closes nothing is found out (exit $status)"
mistake 's/close(d->end\[w\]\[1\]); .. nothing more/; \/* nothing more/'
[ "$status" = 1 ] && grep -q '(another) held its writing end' "$dir/line"
ok $? "a copy whose parent does not close is found out, too (exit $status)"

! pgrep -P 1 -f "$B/lessons/pipe " >"$dir/out"
ok $? "no process stays behind"

# ---- the puzzle: right as it stands in the text, wrong otherwise, and it never hangs ----
puzzle() { # LINES
	awk -v lines="$1" '/\/\/@/ { print lines; next } { print }' lessons/2-processes/2-pipe/order-end.c >"$dir/order.c"
	${CC:-cc} -w -o "$dir/order" "$dir/order.c" 2>"$dir/err" && timeout -k 5 20 "$dir/order" >"$dir/out"
}
loop='while ((n = read(end[0], buffer, sizeof buffer)) > 0) total += n;'
puzzle "close(end[1]); $loop close(end[0]);"
ok $? "puzzle: the lines of the text are right"
puzzle "$loop close(end[1]);"
[ $? = 1 ] && grep -q 'waits for an end' "$dir/out"
ok $? "puzzle: closing after the loop hangs, is ended and explained"
puzzle "close(end[1]); n = read(end[0], buffer, sizeof buffer); total += n;"
[ $? = 1 ] && grep -q 'bytes were read' "$dir/out"
ok $? "puzzle: one read is not all"

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	count=$((count + 1))
	echo "ok $count - under ThreadSanitizer # SKIP no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
P=$B/tsan
make -s -j2 B="$P" SAN=thread OPT=-O1 "$P/lessons/pipe" >"$dir/out" 2>"$dir/err"
ok $? "pipe builds with SAN=thread"
for name in borders end no-reader hang; do
	demo $name
	[ $? = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
	ok $? "ThreadSanitizer has nothing to say about $name"
done
run --variant all --threads 1,3 --size 300
[ $? = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
ok $? "nor about the kernel's variants"
echo "1..$count"
exit $failed
