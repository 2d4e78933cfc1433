#!/bin/sh
# The options panel, the result before laid over the new one, and saved runs laid over both. UPDATE=1 takes what is shown now
# as right.
set -u
. tests/screen.sh

mkdir -p "$T/lessons/3-tune/1-tune"
cp tests/fixtures/tune/*.md "$T/lessons/3-tune/1-tune/"
cp tests/fixtures/tune/tune tests/fixtures/tune/tune.json "$T/build/lessons/"
printf '# Tune\n' > "$T/lessons/3-tune/en.md"
printf '# 调整\n' > "$T/lessons/3-tune/zh.md"

golden() { # golden NAME FILE
	want=$here/tests/golden/screen-$1.txt
	[ -n "${UPDATE:-}" ] && cp "$2" "$want"
	if cmp -s "$want" "$2"; then ok 0 "screen $1"; else
		ok 1 "screen $1"
		diff -u "$want" "$2" | sed 's/^/# /' | head -60
	fi
}
ran() { # ran STATUS NAME
	ok "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$T/err"
}

# ---- the panel --------------------------------------------------------------------------------------------------------------
panel='
expect o options
key o
expect run 1 of 2: tune --serial 0.1
expect $ lockstep run tune --serial 0.1
save-display first.txt
key Down
key Down
key Down
key Down
key Space
expect serial,threads,openmp
save-display variant.txt
key Down
expect wrong on purpose
key Down
key Space
expect mpi can'"'"'t run here: built without MPI
save-display mpi.txt
key G
expect e changes it
key k
key Right
'
{ printf '%s' "$panel"; cat <<'END'; } | script tune
expect --counters hw
key ?
expect On the options of a run
expect take the next smaller value
key q
key g
key Right
expect run 2 of 2: tune --variant racy
expect [✓] racy
key Left
expect --serial 0.1
key l
key h
# a value by steps, typed, and out of its range
key j
key j
key j
key j
key j
key j
key j
key Right
expect --threads 1,max
key j
key Right
expect --size 80000000
key 5
type M
key Enter
expect --size 5M
key j
key 7
key Enter
expect --serial 7: a number from 0 to 1
key Esc
expect --serial 0.1
key e
key ^U
type 0.5
save-display field.txt
key Enter
expect --serial 0.5
key j
key 1
type ,4,16
key Enter
expect --chunk 1,4,16
key R
refute --chunk 1,4,16
expect The command line of the text again
# the line as text, refused and taken
key G
key e
key Space
type --chunk 0
key Enter
expect --chunk 0: a whole number from 1 to 65536 steps
key ^U
type nobody --threads 1
key Enter
expect There is no lesson "nobody"
key Esc
expect lockstep run tune --serial 0.1
key e
key Space
type --chunk 32 -q
key Enter
expect --chunk 32 -q
save-display command.txt
key Enter
wait-run 20
expect Step 1 of 4
expect $ tune --serial 0.1 --threads
expect --chunk 32 -q
END
ran $? "rows are stepped, typed, refused, written as text, and run"
for name in first variant mpi field command; do golden "80x24-options-$name" "$T/$name.txt"; done
has "$T/state/lockstep/records.ndjson" '"command":"tune --serial 0.1 --threads 1,2,4 --chunk 32 -q"' "the run had these options"

script tune <<'END'
key n
key o
key e
key Esc
key G
key e
key Space
type --chunk 16
key Enter
key Enter
expect First your guess
type 2
key Enter
expect tune --threads 1,2,4 --chunk 8 --chunk 16
key Enter
wait-run 20
expect measured
key n
expect Does a larger chunk help?
key Enter
key Enter
expect Not so.
key o
expect tune --chunk 1,16,256
key Esc
key n
key o
expect This step has nothing to run
END
ran $? "the guess comes first; an experiment has options too"

for size in 60x16 44x10 200x60; do
	printf '%s' "$panel" | sed '/expect/d' | script --size $size tune
	ran $? "the panel at $size"
	golden "$size-options" "$T/variant.txt"
done
printf '%s' "$panel" | sed 's/\[✓\]/[x]/' | script --ascii tune
ran $? "the panel in ASCII"
golden 80x24-options-ascii "$T/mpi.txt"
LC_ALL=C grep -q '[^ -~]' "$T/mpi.txt"
ok $((1 - $?)) "nothing but ASCII is drawn"

# ---- the result before --------------------------------------------------------------------------------------------------------
again='
key Enter
wait-run 20
refute before
key o
key Left
key G
key e
key ^U
type tune --serial 0.5 --threads 1,2,4
key Enter
key Enter
wait-run 20
expect before
save-display before.txt
'
printf '%s' "$again" | script tune
ran $? "the result before is laid over the new one"
golden 80x24-before "$T/before.txt"
printf '%s' "$again" | script --ascii tune
golden 80x24-before-ascii "$T/before.txt"
finish
