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

# ---- saved runs ---------------------------------------------------------------------------------------------------------------
mkdir -p "$T/data/runs" "$T/home"
cp tests/fixtures/sixteen.ndjson "$T/data/runs/"
# the same program on another machine with more cores
sed -e 's/"kernel":"stream"/"kernel":"amdahl"/;s/stream-/amdahl-/g' tests/fixtures/sixteen.ndjson > "$T/home/other.ndjson"
pick='
key C
expect 1 saved run
expect bigbox
save-display list.txt
key f
type ~/other.ndjson
key Enter
expect 1 run added
save-display file.txt
key Enter
expect bigbox
save-display laid.txt
'
{ printf '%s' "$again"; printf '%s' "$pick"; cat <<'END'; } | sed '/expect 1 saved run/s/1/3/;s/saved run$/saved runs/' | HOME=$T/home script tune
key j
expect [ ] 06-11 09:05
key Space
expect This is the run that is shown
key j
key Space
expect lab-07 06-11
refute before
save-display both.txt
key Esc
expect ▷ bigbox
key C
expect 4 saved runs
key k
expect 2 of 4 runs laid over
key G
key Enter
expect stream is another program
key X
refute ▷ bigbox
expect 0 of 4 runs laid over
key /
type nothing like this
expect Nothing fits this filter
key Esc
key /
type lab
key Enter
expect filter "lab"
save-display filter.txt
key Esc
key f
key ^U
type ~/nowhere.ndjson
key Enter
expect nowhere.ndjson: No such file or directory
key f
key ^U
type /dev/zero
key Enter
expect /dev/zero: not a file of records
key f
key ^U
type ~
key Enter
expect not a file of records
key q
expect Step 1 of 4
END
ran $? "saved runs are listed, laid over, filtered; files that are none are refused"
for name in list file laid both filter; do golden "80x24-saved-$name" "$T/$name.txt"; done
for size in 60x16 44x10; do
	{ printf '%s' "$pick" | sed '/expect/d'; printf 'save-display picked.txt\nkey q\nkey Tab\nsave-display laid.txt\n'; } |
		HOME=$T/home script --size $size tune
	ran $? "at $size"
	golden "$size-saved" "$T/picked.txt"
	golden "$size-saved-laid" "$T/laid.txt"
done
printf '%s' "$pick" | HOME=$T/home script --ascii tune
ran $? "in ASCII, before anything was run"
golden 80x24-saved-ascii "$T/laid.txt"
LC_ALL=C grep -q '[^ -~]' "$T/laid.txt"
ok $((1 - $?)) "nothing but ASCII is drawn"

rm -r "$T/data"
printf 'key C\nexpect No runs are saved yet\nsave-display none.txt\nkey Enter\nkey Space\nkey G\nkey Esc\nexpect Step 1\n' | script tune
ran $? "no saved runs"

# torn, foreign and hostile files
{ head -c 40000 tests/fixtures/speedup.ndjson; printf '\n{"t":"run","run":7}\n\377\376\n[[[[\n{"t":"machine"}\n\033[2J\n'
	tail -n 3 tests/fixtures/sixteen.ndjson; head -c 2000000 /dev/zero; printf '\n{"t":"point","run":"x'; } > "$T/home/hostile.ndjson"
head -c 300000 /dev/urandom > "$T/home/noise"
mkfifo "$T/home/pipe"
for file in hostile.ndjson noise pipe; do
	printf 'key C\nkey f\ntype ~/%s\nkey Enter\nsave-display said.txt\nkey Enter\nkey q\nexpect Step 1\n' $file | HOME=$T/home script tune
	ran $? "a file like $file"
	grep -qE "can't be read|no runs in it|not a file of records" "$T/said.txt"
	ok $? "is told in one line"
done
LC_ALL=C grep -q "$(printf '\033')" "$T/said.txt"
ok $((1 - $?)) "no escape reaches the screen"
finish
