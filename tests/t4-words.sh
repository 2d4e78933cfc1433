#!/bin/sh
# Translations: every text that people see is marked and in every catalogue, none is left untranslated, formats match, and what
# records say is found again.
set -u
B=${B:-build}
n=0 bad=0
T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-words-XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
export LC_ALL=C.UTF-8
command -v xgettext >/dev/null || { echo "1..0 # SKIP no xgettext (package gettext)"; exit 0; }
command -v jq >/dev/null || { echo "1..0 # SKIP no jq"; exit 0; }

ok() { # ok STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; bad=$((bad + 1)); fi
}
ok_empty() { # ok_empty FILE NAME
	[ ! -s "$1" ]
	ok $? "$2"
	sed 's/^/# /' "$1" | head -40
}

mkdir -p "$T/lessons" && cp "$B"/lessons/*.json "$T/lessons/"
sh .make/words.sh "$T" 2>"$T/log" && [ ! -s "$T/log" ]
ok $? "texts are collected without a complaint"
sed 's/^/# /' "$T/log"
python3 tests/unmarked.py >"$T/unmarked" 2>&1
ok_empty "$T/unmarked" "every text of the screen is marked for translation"

for po in tui/po/*.po; do
	name=${po##*/}
	msgcmp --use-untranslated "$po" "$T/lockstep.pot" >"$T/missing" 2>&1
	ok_empty "$T/missing" "$name has every text (make words adds what is new)"
	msgattrib --untranslated --no-obsolete "$po" | sed -n 's/^msgid "\(.\)/msgid "\1/p' >"$T/untranslated"
	msgattrib --only-fuzzy --no-obsolete "$po" | sed -n 's/^msgid "\(.\)/fuzzy: "\1/p' >>"$T/untranslated"
	ok_empty "$T/untranslated" "$name: all are translated, none is a guess"
	msgfmt -c -o "$T/lockstep.mo" "$po" >"$T/log" 2>&1
	ok_empty "$T/log" "$name: formats take the same values"
	# A blank before a figure or a name; Chinese has none behind its wide marks.
	python3 - "$po" >"$T/blanks" <<'END'
import re, sys
for block in open(sys.argv[1], encoding="utf-8").read().split("\n\n"):
    def text(kind):
        m = re.search(rf'^{kind} ((?:".*"\n?)+)', block, re.M)
        return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', m.group(1))) if m else ""
    a, b = text("msgid"), text("msgstr") or text(r"msgstr\[0\]")
    if a and b and (b[-1] not in " ：" if a[-1] == " " else b[-1] == " "):
        print(f'a blank at the end of "{a}" or of "{b}", but not of both')
    if a and a.endswith(r"\n") != b.endswith(r"\n"):
        print(f'the end of the line of "{a}"')
END
	ok_empty "$T/blanks" "$name: blanks and ends of lines are kept"
done

# Each format of words_said.c stands in the source as it is there, or a sentence of that kind would stay English.
all() { xgettext -L C --from-code=UTF-8 -a -o - "$@" 2>/dev/null; }
xgettext -L C --from-code=UTF-8 -k -kN_ -o "$T/said.pot" kernels/bench/words_said.c
all $(ls kernels/bench/*.c kernels/*.c kernels/runtime/*.c kernels/bench/*.h lessons/*.c lessons/*/*/*.[ch] | grep -v words_said.c) >"$T/all.pot"
msgcmp --use-untranslated "$T/all.pot" "$T/said.pot" 2>&1 | grep 'used but not defined' >"$T/gone"
ok_empty "$T/gone" "each sentence of records that is translated is one that is written"
echo "1..$n"
[ $bad -eq 0 ]
