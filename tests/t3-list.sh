#!/bin/sh
# lockstep list: the map of a made-up course beside a copy of the program, and of the real one.
root=$(cd "$(dirname "$0")/.." && pwd)
list=$(cd "${B:-build}" 2>/dev/null && pwd)/lockstep-list
n=0 failed=0
LC_ALL=C.UTF-8
export LC_ALL
unset LOCKSTEP_HOME

verdict() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
		sed 's/^/# out: /' "$tmp/out"
		sed 's/^/# err: /' "$tmp/err"
	fi
}
run() { # ARGUMENTS: into $tmp/out, $tmp/err, $status
	"$program" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}
exits() { # STATUS NAME
	[ "$status" = "$1" ]
	verdict $? "$2: exit $1 (was $status)"
}
says() { # TEXT NAME
	grep -qF -- "$1" "$tmp/out"
	verdict $? "$2"
}
complains() { # ARGUMENTS...: one line on stderr that names the last argument, exit 2, nothing on stdout
	run "$@"
	for last; do :; done
	[ "$status" = 2 ] && [ ! -s "$tmp/out" ] && [ "$(wc -l <"$tmp/err")" = 1 ] && grep -qF -- "$last" "$tmp/err"
	verdict $? "\`$*\` is refused in one line"
}

if [ ! -x "$list" ]; then
	echo "Bail out! $list is not built"
	exit 255
fi
tmp=$(mktemp -d) || exit 255
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/build/lessons" "$tmp/kernels" "$tmp/lessons/3-threads/2-first" "$tmp/lessons/3-threads/10-second" "$tmp/lessons/3-threads/11-third"
cp "$list" "$tmp/build/lockstep-list"
program=$tmp/build/lockstep-list
: >"$tmp/kernels/kernel.h"
printf '# Threads\n' >"$tmp/lessons/3-threads/en.md"
printf '# 线程\n' >"$tmp/lessons/3-threads/zh.md"
printf '# The first one\n' >"$tmp/lessons/3-threads/2-first/en.md"
printf '# 第一课\n' >"$tmp/lessons/3-threads/2-first/zh.md"
printf '# The second\n' >"$tmp/lessons/3-threads/10-second/en.md"
printf '# The third\n' >"$tmp/lessons/3-threads/11-third/en.md"
for id in first second third; do
	printf '#!/bin/sh\n' >"$tmp/build/lessons/$id"
	chmod +x "$tmp/build/lessons/$id"
done
printf '%s\n' '{"id":"first","level":2,"minutes":[25,40],"needs":["a","b"],"unavailable":null,"kernels":[{"name":"k","variants":[{"name":"plain","unavailable":null},{"name":"gpu","unavailable":"no device; package xyz"}]}]}' >"$tmp/build/lessons/first.json"
printf '%s\n' '{"id":"second","level":1,"minutes":[5,9],"needs":[],"unavailable":"MPI is missing; package openmpi-bin"}' >"$tmp/build/lessons/second.json"
printf '%s\n' '{"id":"third","le' >"$tmp/build/lessons/third.json"

run
exits 0 "the map"
says "3 Threads" "a chapter with its number"
grep -Eq '^  3\.2 +first +The first one +★★☆  25-40 min$' "$tmp/out"
verdict $? "a lesson: number, id, title, stars, minutes"
[ "$(grep -nE '^  3\.(2|10|11) ' "$tmp/out" | cut -d. -f2 | cut -d' ' -f1 | tr '\n' ' ')" = "2 10 11 " ]
verdict $? "in the order of the numbers"
says "gpu can't run here: no device; package xyz" "a variant that can't run, with its reason"
says "can't run here: MPI is missing; package openmpi-bin" "a lesson that can't run, with its reason"
says "can't run here: its description is damaged" "a torn description is said"
run --lang zh
exits 0 "in Chinese"
grep -Eq '^  3\.2 +first +第一课 +★★☆  25-40 分钟$' "$tmp/out"
verdict $? "Chinese title and words"
says "3 线程" "Chinese chapter"
LC_ALL=C run
grep -Eq '^  3\.2 +first +The first one +\*\*\.  25-40 min$' "$tmp/out"
verdict $? "plain stars in the locale C"
! LC_ALL=C grep -q '[^ -~]' "$tmp/out"
verdict $? "… and nothing but ASCII there"

if command -v python3 >/dev/null; then
	run --json
	python3 - "$tmp/out" <<-'PY'
		import json, sys
		a = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
		assert [x["id"] for x in a] == ["first", "second", "third"], a
		x = a[0]
		assert (x["chapter"], x["number"], x["level"], x["minutes"], x["needs"]) == (3, 2, 2, [25, 40], ["a", "b"]), x
		assert x["title"] == {"en": "The first one", "zh": "第一课"} and x["chapter_title"]["zh"] == "线程", x
		assert x["unavailable"] is None and x["unavailable_variants"] == {"k/gpu": "no device; package xyz"}, x
		assert x["dir"] == "lessons/3-threads/2-first" and x["program"].endswith("/lessons/first"), x
		assert a[1]["unavailable"].startswith("MPI") and a[1]["title"]["zh"] == "The second", a[1]
		assert a[2]["level"] == 0 and a[2]["needs"] == [], a[2]
	PY
	verdict $? "--json: one object a line, complete"
else
	n=$((n + 1))
	echo "ok $n - --json: one object a line, complete # SKIP no python3"
fi

complains --lang fr
complains --lang
complains --nonsense
complains surplus
complains -q
run --help
exits 0 "--help"
says "--json" "--help names the options"
run --version
exits 0 "--version"
LOCKSTEP_HOME=$tmp/kernels run
exits 4 "no course there"
[ "$(wc -l <"$tmp/err")" = 1 ]
verdict $? "… said in one line"
if [ -w /dev/full ]; then
	"$program" >/dev/full 2>"$tmp/err"
	status=$?
	: >"$tmp/out"
	exits 3 "a full disk"
	[ "$(wc -l <"$tmp/err")" = 1 ]
	verdict $? "… said in one line"
fi

program=$list
cd "$root" || exit 255
run
exits 0 "the real course"
for id in lessons/*/*/lesson.c; do
	id=${id%/lesson.c} id=${id##*/} id=${id#*-}
	grep -Eq "^  [0-9]+\.[0-9]+ +$id  " "$tmp/out"
	verdict $? "$id is on the map"
done
echo "1..$n"
exit $failed
