#!/bin/sh
# The hardware cursor sits on what is chosen, so that screen readers tell it: rows, options, tabs, fields, questions, pages.
set -u
. tests/screen.sh
for options in "--size 80x24" "--size 60x16" "--size 44x10" "--size 200x60" "--size 80x24 --ascii" "--size 80x24 --lang zh"; do
	# shellcheck disable=SC2086
	script $options <<END
expect-cursor 1.1
key Down
expect-cursor 1.2
key G
expect-cursor 2.1
key g
expect-cursor 1.1
key /
type e
key Left
expect-cursor e
key Esc
key Enter
key n
key Tab
key 3
key Tab
key n
key Enter
expect-cursor ( )
key Down
expect-cursor ( )
key Esc
key ?
expect-cursor Enter
key Esc
key Esc
key X
END
	status=$?
	ok $status "$options: map, field, options, page"
	[ $status -eq 0 ] || sed 's/^/# /' "$T/err"
done
script <<'END'
key Enter
expect-cursor Step 1 of 5
key n
expect-cursor Step 2 of 5
key Tab
expect-cursor 1 Speedup
key 3
expect-cursor 3 Budget
key Tab
expect-cursor Step 2
key a
type 17
key Home
expect-cursor 17
key Esc
key n
key a
expect-cursor ( ) it loses
key j
expect-cursor ( ) it is right
key c
END
status=$?
ok $status "the text's title, the chosen tab, the guess, the option"
[ $status -eq 0 ] || sed 's/^/# /' "$T/err"
script --size 200x60 <<'END'
key Enter
key Tab
key 4
expect-cursor Counters
key ?
key /
type zoom
key Enter
refute find:
END
status=$?
ok $status "a tab by its name where there is room"
[ $status -eq 0 ] || sed 's/^/# /' "$T/err"
echo "expect-cursor nothing like this" | script
[ $? -ne 0 ] && grep -q "not at the cursor" "$T/err"
ok $? "a cursor elsewhere is told"
finish
