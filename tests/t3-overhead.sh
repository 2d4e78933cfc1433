#!/bin/sh
# overhead: every way of sharing is right at any size, also with more workers than numbers; a sweep of the size tells a break-even or that
# it cannot; below the cutoff no thread is started; requests wait and compute; nothing is left behind.
. tests/lesson.sh
L=$B/lessons/overhead

quick="--reps 1 --budget 0.2 --counters off --seed $$"
for size in 2 9 100003; do
	"$L" --kernel sum --variant all --threads 1,2,5 --size $size $quick >"$dir/out" 2>"$dir/err" && ! grep -q ✗ "$dir/out"
	ok $? "sum, $size numbers: all variants are right"
done
"$L" --kernel requests --variant all --threads 1,3,20 --size 16 --work 10k --wait 300 $quick >"$dir/out" 2>"$dir/err" && ! grep -q ✗ "$dir/out"
ok $? "requests: computed right, and waited their whole time"

# A sweep of the size: at least six quiet rounds tell a break-even, fewer say why there is no verdict.
"$L" --variant threads --threads 2 --size 100,1k,20M --reps 7 --budget 3 --counters off --json >"$dir/out" 2>"$dir/err"
status=$?
usable=$(jq -r 'select(.t == "machine") | .usable' "$dir/out")
kept=$(jq -r 'select(.t == "point") | .kept' "$dir/out" | tail -n 1)
says=$(jq -r 'select(.t == "say" and .about == "breakeven") | .text' "$dir/out")
busy=$(jq -r 'select(.t == "say" and .about == "busy") | .text' "$dir/out")
if [ "${kept:-0}" -ge 6 ] && [ "$usable" -ge 2 ]; then
	[ $status = 0 ] && echo "$says" | grep -q "^threads, 2 workers: " && [ "$(echo "$says" | wc -l)" = 1 ]
	ok $? "a sweep of the size tells where sharing begins to pay: $says"
else
	[ $status = 0 ] && [ -z "$says" ] && { [ "$usable" -lt 2 ] || [ -n "$busy" ]; }
	ok $? "too few quiet rounds, or one core: nothing is said of a break-even ($busy)"
fi
"$L" --variant guarded --threads 2 --size 1000 --cutoff 10,100k --reps 7 --budget 1 --counters off --json >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] && ! jq -r 'select(.t == "say") | .about' "$dir/out" | grep -q breakeven
ok $? "a sweep of something else says nothing of it"

if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	starts() { # CUTOFF: threads started
		strace -f -e trace=clone,clone3 -o "$dir/trace" "$L" --variant guarded --threads 4 --size 1000 --cutoff "$1" $quick >"$dir/out" 2>"$dir/err"
		grep -c 'clone' "$dir/trace"
	}
	below=$(starts 1001)
	above=$(starts 1000)
	[ "$below" -lt "$above" ]
	ok $? "guarded: fewer threads are started below the cutoff ($below) than from it on ($above)"
fi

"$L" --kernel requests --wait -1 >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "a wait below 0: one line, exit 2 (exit $status)"

echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	count=$((count + 1))
	echo "ok $count - ThreadSanitizer # SKIP no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/overhead" >"$dir/out" 2>"$dir/err"
ok $? "overhead builds with SAN=thread"
for kernel in sum:threads sum:processes sum:guarded requests:one-core; do
	[ $kernel = requests:one-core ] && size="--size 8 --work 1000 --wait 100" || size="--size 20k --cutoff 1"
	TSAN_OPTIONS=exitcode=0 timeout -k 5 60 "$T/lessons/overhead" --kernel ${kernel%:*} --variant ${kernel#*:} --threads 2,4 $size $quick \
		>"$dir/out" 2>"$dir/err"
	status=$?
	[ $status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err" && ! grep -q ✗ "$dir/out"
	ok $? "ThreadSanitizer has nothing to say about ${kernel#*:} (exit $status)"
done
echo "1..$count"
exit $failed
