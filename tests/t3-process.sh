#!/bin/sh
# The lesson `process`: what its demonstrations must show, its wrong ways are caught and named, and nothing stays behind.
. tests/lesson.sh
export XDG_CACHE_HOME="$dir/cache"

demo() { # NAME
	timeout -k 5 20 "$P/lessons/process" --demo "$1" >"$dir/out" 2>"$dir/err"
}
field() { # FIELD of the verdict of demonstration NAME
	timeout -k 5 20 "$P/lessons/process" --demo "$2" --json 2>"$dir/err" | jq -r "select(.t == \"verdict\") | .$1"
}

P=$B
for name in memory endings zombie orphan copy-on-write; do
	demo $name
	[ $? = 0 ] && grep -q '✓' "$dir/out" && ! grep -q '✗' "$dir/out" && ! [ -s "$dir/err" ]
	ok $? "$name: all that it claims holds"
done
demo memory && [ "$(grep -c 'number is 1' "$dir/out")" = 2 ] && [ "$(sed -n 's/.*number is ., at \(0x[0-9a-f]*\).*/\1/p' "$dir/out" | sort -u | wc -l)" = 1 ]
ok $? "memory: one address, the parent reads 1 before and after"
demo endings && grep -q 'exit status 44' "$dir/out" && grep -q 'killed by signal 9' "$dir/out" && grep -q "exit 3' *exit status 3" "$dir/out" && grep -q 'exit status 127' "$dir/out"
ok $? "endings: eight bits, a signal, another program, none"
[ "$(field observed memory)" = 1 ] && [ "$(field observed endings)" = 44 ]
ok $? "their figures can be compared with a prediction"
faults=$(field observed copy-on-write)
[ "${faults%.*}" -ge 100 ] && [ "${faults%.*}" -le 105 ]
ok $? "copy-on-write: 100 pages written, $faults page faults"

demo twice
[ $? = 0 ] && grep -q '✗ lines in the file: 2' "$dir/out" && grep -q 'is wrong, as announced' "$dir/out"
ok $? "twice: the text is there twice, as announced"

run() { "$P/lessons/process" --kernel answer --budget 1 --reps 2 --counters off --seed $$ "$@" >"$dir/out" 2>"$dir/err"; }
for variant in own-variable exit-status; do
	run --variant $variant --threads 1,3 --size 30k
	[ $? = 0 ] && grep -q "✗ $variant is wrong, as announced" "$dir/out"
	ok $? "$variant: goes wrong, is caught and named (seed $$)"
done
tr -s '\n ' '  ' <"$dir/out" | sed -n 's/.*knows of \([0-9]*\) multiples of 3, there are \([0-9]*\).*/\1 \2/p' >"$dir/figures"
read -r told there <"$dir/figures"
[ "${told:-99999}" -lt 768 ] && [ "${there:-0}" -gt 9000 ]
ok $? "exit-status: what arrives from three children are 3 x 8 bits ($told of $there)"
run --variant pipe --threads 1,2,5 --size 12345
[ $? = 0 ] && ! grep -q '✗' "$dir/out"
ok $? "pipe: right with 1, 2 and 5 children"

timeout 120 "$B/lessons/process" --demo nothing >"$dir/out" 2>"$dir/err"
[ $? = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "a demonstration that is none: one line, exit 2"
ps -eo ppid,stat,comm | awk -v me=$$ '$1 == me && $2 ~ /^Z/ || $3 == "process" && $2 ~ /^[SRT]/ && $1 == 1' >"$dir/out"
! [ -s "$dir/out" ]
ok $? "no process stays behind"

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	count=$((count + 1))
	echo "ok $count - under ThreadSanitizer # SKIP no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
P=$B/tsan
make -s -j2 B="$P" SAN=thread OPT=-O1 "$P/lessons/process" >"$dir/out" 2>"$dir/err"
ok $? "process builds with SAN=thread"
for name in memory endings zombie orphan twice; do
	demo $name
	[ $? = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
	ok $? "ThreadSanitizer has nothing to say about $name"
done
demo copy-on-write
[ $? = 4 ] && grep -q sanitizer "$dir/err"
ok $? "copy-on-write says why it cannot count there, exit 4"
run --variant all --threads 1,3 --size 3k
[ $? = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
ok $? "nor about the kernel's variants: processes share nothing here"
echo "1..$count"
exit $failed
