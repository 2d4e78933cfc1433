#!/bin/sh
# words.sh BUILD [update]: BUILD/lockstep.pot with every text that people see: what the source marks with _() and N_(), what
# lessons and kernels tell of themselves, and what the demonstrations of the lessons say. update: taken into the catalogues
# tui/po/*.po, where new texts stand untranslated.
B=$1
export LC_ALL=C.UTF-8
for f in "$B"/lessons/*.json; do
	jq -r '(.kernels[]? | .title, .params[].about, (.variants[] | .about, .wrong)), (.demos[]?, .options[]? | .about, .wrong?) | strings | select(. != "") | "N_(" + tojson + ")"' "$f"
done | sort -u >"$B/lessons.c" || exit
# shellcheck disable=SC2046
xgettext -L C --from-code=UTF-8 -k_ -kN_ -kwords_of -ktell:2 -ktell_check:3 --add-comments=Translators --add-location=file --sort-by-file --package-name=Lockstep \
	-o "$B/lockstep.new" $(ls kernels/bench/*.c lessons/*.c lessons/[1-9]*/*/*.[ch] plots/*.c tui/*.c | LC_ALL=C sort) "$B/lessons.c" || exit
sed '/^"POT-Creation-Date/d; s|#: .*/lessons\.c$|#: lessons|' "$B/lockstep.new" >"$B/lockstep.pot" && rm "$B/lockstep.new"
[ "${2:-}" = update ] || exit 0
for po in tui/po/*.po; do
	msgmerge -q -U --no-wrap --backup=none --no-fuzzy-matching --add-location=file "$po" "$B/lockstep.pot"
done
