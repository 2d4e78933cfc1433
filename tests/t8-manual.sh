#!/bin/sh
# The man pages and completions say what --help and ? say, and nothing in them breaks the program that reads them.
set -u
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
tmp=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-manual-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C.UTF-8
n=0 bad=0
ok() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; bad=1; fi
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }

for page in lockstep.1 lockstep-lesson.1 lockstep-record.5 bash zsh fish; do
	"$B/lockstep" manual $page >"$tmp/$page" 2>"$tmp/err" && [ -s "$tmp/$page" ] && [ ! -s "$tmp/err" ]
	ok $? "lockstep manual $page"
done

# ---- man pages
for page in lockstep.1 lockstep-lesson.1 lockstep-record.5; do
	if command -v groff >/dev/null; then
		[ -z "$(groff -man -Tutf8 -ww -z "$tmp/$page" 2>&1)" ]
		ok $? "$page: groff has no complaint"
	else
		skip "$page: groff has no complaint" "groff is not here (package groff)"
	fi
	! LC_ALL=C grep -q '[^ -~]' "$tmp/$page"
	ok $? "$page is ASCII, whatever it says"
done
missing=$("$B/lockstep" --usage | jq -r '.commands[].name' | while read -r c; do grep -q "lockstep $(echo "$c" | sed 's/-/\\\\-/g')\"" "$tmp/lockstep.1" || echo "$c"; done)
ok $([ -z "$missing" ]; echo $?) "lockstep.1 has every command $missing"
missing=$("$B/lockstep-tui" --usage | jq -r '.options[].name' | sed 's/-/\\-/g' | while read -r o; do grep -qF "\\-\\-$o" "$tmp/lockstep.1" || echo "$o"; done)
ok $([ -z "$missing" ]; echo $?) "lockstep.1 has every option of the screen $missing"
missing=$("$B/lockstep" list --json | jq -r .id | sed 's/-/\\-/g' | while read -r id; do grep -qF " $id\"" "$tmp/lockstep-lesson.1" || echo "$id"; done)
ok $([ -z "$missing" ]; echo $?) "lockstep-lesson.1 has every lesson $missing"
missing=$(sed -n 's/^| `\([a-z]*\)`.*/\1/p' data/record.md | while read -r t; do grep -qF "fB$t" "$tmp/lockstep-record.5" || echo "$t"; done)
ok $([ -z "$missing" ]; echo $?) "lockstep-record.5 has every kind of record $missing"

# ---- completion
cat >"$tmp/try.bash" <<'EOF'
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_lockstep
printf '%s\n' "${COMPREPLY[@]}"
EOF
offers() { # offers WORD NAME: WORDS of the command line
	want=$1 name=$2
	shift 2
	bash "$tmp/try.bash" "$tmp/bash" "$@" 2>&1 | grep -qxF -- "$want"
	ok $? "bash: $name"
}
if command -v bash >/dev/null; then
	offers doctor "a command" lockstep doc
	offers mutex "a lesson, where a command can stand" lockstep mu
	offers mutex "a lesson of run" lockstep run ""
	offers --serial "a parameter of the lesson" lockstep run amdahl --s
	offers ticket "a variant of the lesson" lockstep run mutex --variant t
	offers racy,mutex "the next of a list" lockstep run mutex -v racy,mu
	offers speedup "a kind of plot" lockstep plot --kind spe
	offers sum_squares "a kernel" lockstep bench sum
	offers Makefile "a file" lockstep plot Makef
	: >"$tmp/two words.ndjson"
	offers "$tmp/two words.ndjson" "a file with a blank in its name" lockstep plot "$tmp/two"
	offers spread "a value behind =" lockstep run mutex --pin = spr
	! bash "$tmp/try.bash" "$tmp/bash" lockstep run mutex --serial 2>&1 | grep -q .
	ok $? "bash: no parameter of another lesson"
else
	skip "bash" "bash is not here"
fi
for shell in zsh fish; do
	if command -v $shell >/dev/null; then
		$shell -n "$tmp/$shell" 2>"$tmp/err" && [ ! -s "$tmp/err" ]
		ok $? "$shell reads its completion"
	else
		skip "$shell reads its completion" "$shell is not here"
	fi
done
if command -v fish >/dev/null; then
	HOME=$tmp fish --no-config -c "source $tmp/fish; complete -C 'lockstep run mutex --variant ti'" 2>&1 | grep -q '^ticket'
	ok $? "fish: a variant of the lesson"
else
	skip "fish: a variant of the lesson" "fish is not here"
fi

"$B/lockstep" manual nonsense >"$tmp/out" 2>"$tmp/err"
ok $([ $? -eq 2 ] && [ "$(wc -l <"$tmp/err")" = 1 ] && [ ! -s "$tmp/out" ]; echo $?) "an unknown page: one line, exit 2"
if [ -w /dev/full ]; then
	"$B/lockstep" manual bash >/dev/full 2>"$tmp/err"
	ok $([ $? -eq 3 ]; echo $?) "a full disk: exit 3"
fi
echo "1..$n"
exit $bad
