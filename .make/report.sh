#!/bin/sh
# report.sh BUILD: the sample report, BUILD/report/lockstep-report.html: a learner's way through some steps of four lessons, with
# guesses, answers and a changed program, really run on this machine (about two minutes) in folders of its own.
set -e
B=$(cd "$1" && pwd)
out=$B/report
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM HUP
export XDG_STATE_HOME="$tmp/state" XDG_DATA_HOME="$tmp/data" XDG_CACHE_HOME="$tmp/cache" LC_ALL=C.UTF-8
unset LOCKSTEP_HOME VISUAL

# learn LESSON: keystrokes from stdin
learn() {
	cat >"$tmp/script"
	echo "  $1" >&2
	(cd "$tmp" && "$B/lockstep-tui" --lang en --size 110x30 --script script "$1")
}
pages() { i=0; while [ $i -lt "$1" ]; do echo "key n"; i=$((i + 1)); done; }
guess() { printf 'key Enter\ntype %s\nkey Enter\nkey Enter\nwait-run 120\n' "$1"; } # NUMBER, and the run after it
chosen() { echo "key Enter"; i=1; while [ $i -lt "$1" ]; do echo "key Down"; i=$((i + 1)); done; printf 'key Enter\nkey Enter\nwait-run 120\n'; }

{ pages 2; guess 2; guess 1.8; pages 1; guess 1; pages 2; printf 'key Enter\nkey Down\nkey Enter\n'; } | learn concurrency
{ pages 1; printf 'key Enter\nwait-run 120\n'; pages 1; guess 1.9; pages 3; guess 1.3; } | learn amdahl
{ chosen 2; pages 3; guess 2; } | learn race
{ pages 1; chosen 1; pages 2; guess 2; } | learn mutex

# A change of one's own: the lock is taken once, not for each addition.
printf '#!/bin/sh\nfor file; do :; done\nsed -i "s|own->counter + 1;|own->counter + 1; /* my own */|" "$file"\n' >"$tmp/editor"
chmod +x "$tmp/editor"
{ echo "key e"; printf 'wait-run 120\nkey r\nwait-run 120\n'; } | EDITOR=$tmp/editor learn mutex

for l in en zh; do
	"$B/lockstep" report --lang $l -o "$out"
done
