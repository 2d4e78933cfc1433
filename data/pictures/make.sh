#!/bin/sh
# Makes the pictures of README.md and of this folder's README.md anew, by real runs on this machine (about three minutes). Needs a
# quiet machine: a run without a verdict makes no picture.
#     data/pictures/make.sh
set -e # a take that fails ends it all: pictures are of one day
cd "$(dirname "$0")" || exit 1
B=$(cd "../../${B:-build}" && pwd) || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
here=$PWD
export XDG_STATE_HOME="$tmp/state" XDG_DATA_HOME="$tmp/data" LC_ALL=C.UTF-8
unset LOCKSTEP_HOME NO_COLOR
cd "$tmp" || exit 1

# take NAME [OPTIONS]: keystrokes from stdin; each save-display becomes a picture.
take() {
	name=$1
	shift
	cat >"$name.script"
	echo "$name"
	"$B/lockstep-tui" "$@" --size "${size:-110x28}" --scheme "${scheme:-dark}" --script "$name.script" || exit 1
}
pages() { # COUNT: that many steps on
	i=0
	while [ $i -lt "$1" ]; do echo "key n"; i=$((i + 1)); done
}

take map <<END
save-display map.svg
key /
type core
save-display search.svg
key Esc
key ?
save-display help.svg
END

# The third step of the lesson on Amdahl's law: guess, run, compare; then each view of that run.
{
	pages 2
	cat <<END
key Enter
type 1.9
key Enter
key Enter
wait 6
key 4
wait 1
save-display live.svg
key 1
wait-run 120
refute no verdict
save-display screen.svg
key 2
save-display timeline.svg
key 3
save-display budget.svg
key 4
save-display counters.svg
key 5
key z
save-display code.svg
key z
key 6
save-display output.svg
key 1
key o
save-display options.svg
END
} | take run amdahl

{ # it opens at the step where it was left
	pages 2
	cat <<END
key Enter
key Right
key Up
key Up
key Right
key Up
key Up
key Up
save-display curve.svg
key Esc
key C
save-display compare.svg
key Esc
key u
save-display summary.svg
END
} | take curve amdahl

{
	pages 5
	cat <<END
key Enter
key Down
key Space
save-display order.svg
key Esc
END
	pages 6
	cat <<END
key Enter
save-display quiz.svg
key Esc
key L
save-display chinese.svg
END
} | take order mutex

# An editor that makes one mistake.
printf '#!/bin/sh\nfor file; do :; done\nsed -i "s/own->counter + 1;/own->conter + 1;/" "$file"\n' >editor
chmod +x editor
EDITOR=$tmp/editor take errors --lang en mutex <<END
key b
key e
wait-run 120
expect error
save-display errors.svg
END

# For a bright projector, and in a small window without any drawing but ASCII.
scheme=light take light --lang en mutex <<END
key z
save-display light.svg
END
size=60x16 take small --ascii --lang en concurrency <<END
save-display small.svg
END

XDG_CACHE_HOME="$tmp/cache" take machine --lang en <<END
key m
wait-run
save-display machine.svg
END

# A lecture, and its notes in another terminal.
export XDG_RUNTIME_DIR="$tmp"
(
	until [ -e voted ]; do sleep 0.1; done
	"$B/lockstep-notes" --lang en --scheme dark --save notes.svg
	touch noted
) &
take present --lang en --present mutex <<END
key k
type 12
key Enter
key n
key n
type aaaaabbbbbbbbbbbbcccd
save-display vote.svg
save-display voted
wait-file noted
END
[ -s notes.svg ] # the notes were there

# What is told once, as it happens; what is behind a step when it is done; colours for everybody.
{
	pages 3
	cat <<END
key Enter
type 4
key Enter
key Enter
wait-run
save-display demo.svg
END
} | take demo --lang en race
{
	pages 3
	cat <<END
key x
save-display explained.svg
END
} | scheme=safe take explained --lang en race

mv ./*.svg "$here" || exit 1

"$B/lockstep" run amdahl --serial 0.1 --variant threads --threads 1,2,max -q -o records.ndjson | tee said
if grep -q "no verdict" said; then
	exit 1
fi
"$B/lockstep" plot records.ndjson --kind speedup --format png -o plots && mv plots/*speedup.png "$here/chart.png"
