#!/bin/sh
# Makes the pictures of the README anew, by real runs on this machine (about a minute). A run without a verdict makes no picture:
#     data/pictures/make.sh
cd "$(dirname "$0")" || exit 1
B=$(cd "../../${B:-build}" && pwd) || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
here=$PWD
export XDG_STATE_HOME="$tmp/state" LC_ALL=C.UTF-8
cd "$tmp" || exit 1

# The third step of the lesson on Amdahl's law: guess, run, compare.
cat >screen <<END
key n
key n
key Enter
type 1.9
key Enter
key Enter
wait-run 120
refute no verdict
save-display screen.svg
key 3
save-display budget.svg
END
"$B/lockstep" amdahl --size 110x28 --scheme dark --script screen && mv screen.svg budget.svg "$here" || exit 1

"$B/lockstep" run amdahl --serial 0.1 --variant threads --threads 1,2,max -q -o records.ndjson | tee said
if grep -q "no verdict" said; then
	exit 1
fi
"$B/lockstep" plot records.ndjson --kind speedup --format png -o plots && mv plots/*speedup.png "$here/chart.png"
