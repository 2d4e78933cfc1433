#!/bin/sh
# The same walk through every screen and view of a lesson at the sizes at which it must be right; one golden file a size holds
# all of its screens. UPDATE=1 takes what is shown now as right.
set -u
. tests/screen.sh

walk='save map
key ?
save help
key q
key Enter
key n
key r
key Esc
key o
save options
key Esc
key Enter
wait-run 20
save result
key Tab
key 2
save timeline
key +
save timeline-closer
key 3
save budget
key 4
save counters
key 5
save code
key t
save python
key z
save whole-width
key z
key 6
save output
key 1
key Tab
key C
save compare
key Esc
key n
key Enter
save question
key Esc
key u
save summary
key Esc
key A
save ascii
key A
key B
key 1
save braille
key B
key L
save chinese
key L
key Esc
key /
type other
save filter
key Esc
key P
save present
key n
save present-next
'
for size in 200x60 80x24 60x16 44x10; do
	rm -f "$T"/at-*.txt
	printf '%s' "$walk" | sed 's/^save \(.*\)/save-display at-\1.txt/' | script --size $size
	ok $? "$size: the walk goes through"
	for screen in $(printf '%s' "$walk" | sed -n 's/^save //p'); do
		echo "== $screen"
		cat "$T/at-$screen.txt"
	done > "$T/all"
	want=$here/tests/golden/sizes-$size.txt
	[ -n "${UPDATE:-}" ] && cp "$T/all" "$want"
	cmp -s "$want" "$T/all"
	status=$?
	ok $status "$size: all screens as they should be"
	[ $status -eq 0 ] || diff -u "$want" "$T/all" | sed 's/^/# /' | head -60
done
finish
