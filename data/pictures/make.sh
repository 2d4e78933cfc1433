#!/bin/sh
# Makes the pictures of the README anew, by real runs on this machine (about a minute; best with nothing else running):
#     data/pictures/make.sh
cd "$(dirname "$0")" || exit 1
B=$(cd "../../${B:-build}" && pwd) || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export XDG_STATE_HOME="$tmp/state" LC_ALL=C.UTF-8

# The third step of the lesson on Amdahl's law: guess, run, compare.
cat >"$tmp/screen" <<END
key n
key n
key Enter
type 1.9
key Enter
key Enter
wait-run 120
save-display screen.svg
key 3
save-display budget.svg
END
"$B/lockstep" amdahl --size 110x28 --scheme dark --script "$tmp/screen" || exit 1

(cd "$tmp" && "$B/lockstep" run amdahl --serial 0.1 --variant threads --threads 1,2,max -q -o records.ndjson) || exit 1
"$B/lockstep" plot "$tmp/records.ndjson" --kind speedup --format png -o "$tmp/plots" || exit 1
cp "$tmp"/plots/*speedup.png chart.png
