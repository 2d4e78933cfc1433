#!/bin/sh
# The help page: keys stand in a column of their own, what they do in another, at each size.
set -u
. tests/screen.sh

# All rows of the page at a size, without its box, in $T/page.
page() {
	{
		echo "key ?"
		for i in 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50; do
			echo "save-display page-$i.txt"
			echo "key PgDn"
		done
	} | script --size "$1" demo
	ok $? "$1: the page is read to its end"
	cat "$T"/page-*.txt | sed -n 's/^│ \(.*\)│$/\1/p' | sed 's/ *$//' > "$T/page"
	rm -f "$T"/page-*.txt
}
# column FILE: where the words stand, by the key Enter
column() { sed -n 's/^\(  Enter  *\)do.*/\1/p' "$1" | head -1 | wc -c; }

for size in 44x10 60x16 80x24 120x40; do
	page $size
	at=$(column "$T/page")
	[ "$at" -gt 6 ]
	ok $? "$size: a column for the words (at $at)"
	# Rows of keys begin with two blanks: two blanks end the keys too, or only names of keys are in it.
	awk -v at="$at" '/^  [^ ]/ && substr($0, at - 2, 2) != "  " && / [a-z][a-z]/' "$T/page" | sort -u > "$T/broken"
	[ ! -s "$T/broken" ]
	ok $? "$size: no keys run into the words"
	sed 's/^/# /' "$T/broken"
	# What goes on in the next row stands under the words.
	awk -v at="$at" '/^   +[^ ]/ { match($0, /[^ ]/); if (RSTART != at) print }' "$T/page" | sort -u > "$T/broken"
	[ ! -s "$T/broken" ]
	ok $? "$size: words go on under words"
	sed 's/^/# /' "$T/broken"
	grep -q 'Tab Shift-Tab' "$T/page"
	ok $? "$size: long keys are told whole"
done
finish
