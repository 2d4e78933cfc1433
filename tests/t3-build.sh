#!/bin/sh
# lockstep build: a changed copy of a lesson's program, its errors, a machine without a compiler, and the installed tree.
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
root=$PWD
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export XDG_CACHE_HOME="$tmp/cache" XDG_STATE_HOME="$tmp/state" LC_ALL=C.UTF-8
unset LOCKSTEP_HOME
count=0 failed=0

ok() { # STATUS NAME
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
		tail -n 8 "$tmp/log" | sed 's/^/# /'
	fi
}
build() { (cd "$tmp" && "$B/lockstep" build "$@") >"$tmp/out" 2>"$tmp/log"; }

for lesson in "$root"/lessons/*/*/lesson.c; do
	id=$(basename "$(dirname "$lesson")" | sed 's/^[0-9]*-//')
	build "$id" "$lesson" -o "$tmp/$id"
	ok $? "$id: its own text compiles"
	"$tmp/$id" --list >"$tmp/mine" 2>"$tmp/log" && "$B/lessons/$id" --list >"$tmp/theirs" && cmp -s "$tmp/mine" "$tmp/theirs"
	ok $? "$id: and that is the lesson's program"
done
! [ -s "$tmp/out" ] && ! [ -s "$tmp/log" ]
ok $? "without a word"
(cd / && "$tmp/mutex" --explain) >"$tmp/log" 2>&1
ok $? "that knows its text"

my=$tmp/my\ copy.c
sed 's/{ return lesson_main/{ if (argc == 2 \&\& !argv[1][0]) return 42; return lesson_main/' \
	"$root/lessons/3-threads/3-mutex/lesson.c" >"$my"
build mutex "$my" -o "$tmp/my program"
ok $? "a changed copy, in a file with a blank in its name"
"$tmp/my program" ""
[ $? -eq 42 ]
ok $? "is what runs"
"$tmp/my program" --reps 1 --size 1000 -t 1 --json >"$tmp/json" 2>"$tmp/log" && grep -q '"lessons/3-threads/3-mutex/lesson.c"' "$tmp/json" &&
	! grep -q "my copy" "$tmp/json"
ok $? "its records name the lesson's source, not where the copy lies"

cp "$my" "$tmp/@mine.c"
build mutex @mine.c -o -mine
ok $? "names that a compiler would take for options"
"$tmp/-mine" ""
[ $? -eq 42 ]
ok $? "are names"

awk '/^int main/ { print "int wrong = no_such_thing;" } { print }' "$my" >"$tmp/bad.c"
line=$(grep -n no_such_thing "$tmp/bad.c" | cut -d: -f1)
build mutex "$tmp/bad.c" -o "$tmp/my program"
[ $? -eq 1 ]
ok $? "an error: exit 1"
grep -q "^$tmp/bad.c:$line:[0-9]*: error: .*no_such_thing" "$tmp/log"
ok $? "the compiler names file, line and what is wrong"
"$tmp/my program" ""
[ $? -eq 42 ]
ok $? "the program of before is kept"
LC_ALL=zh_CN.UTF-8 LANGUAGE=zh_CN build mutex "$tmp/bad.c" -o "$tmp/my program"
grep -q ": error: " "$tmp/log"
ok $? "in any language the compiler's own words"
[ -z "$(find "$tmp" -name 'my program.*')" ]
ok $? "nothing is left behind"

mkdir "$tmp/none"
(PATH=$tmp/none; export PATH; build mutex "$my" -o "$tmp/other")
[ $? -eq 4 ]
ok $? "no compiler: exit 4"
[ "$(wc -l <"$tmp/log")" -eq 1 ] && grep -q "build-essential" "$tmp/log"
ok $? "and the package that has one"

usage() { # usage WHAT-IT-SAYS ARGUMENTS...
	words=$1
	shift
	build "$@"
	[ $? -eq 2 ] && grep -q -- "$words" "$tmp/log" && [ "$(wc -l <"$tmp/log")" -eq 1 ]
	ok $? "$*: exit 2 and a line"
}
usage "-o PROGRAM" mutex "$my"
usage "no lesson \"nonsense\"" nonsense "$my" -o "$tmp/other"
usage "No such file" mutex "$tmp/nowhere.c" -o "$tmp/other"
usage "-o PROGRAM" mutex -o "$tmp/other"
usage "nosuch" --nosuch
build --help && grep -q "usage: lockstep build" "$tmp/out"
ok $? "--help"
build mutex "$my" -o "$tmp/no/such/folder/program"
[ $? -eq 1 ]
ok $? "a folder that is not there: exit 1"

cd "$root" && make -s install B="$B" DESTDIR="$tmp/stage" PREFIX=/usr >"$tmp/log" 2>&1
ok $? "make install"
mv "$tmp/stage/usr" "$tmp/elsewhere"
grep -q "$root" "$tmp/elsewhere/libexec/lockstep/compile"
ok $((1 - $?)) "no path of the build tree is in how it compiles"
(cd / && "$tmp/elsewhere/bin/lockstep" build mutex "$my" -o "$tmp/installed") >"$tmp/log" 2>&1
ok $? "installed: it builds with the build tree out of sight"
(cd / && "$tmp/installed" --explain) >"$tmp/log" 2>&1
ok $? "installed: it knows its text"
"$tmp/installed" ""
[ $? -eq 42 ]
ok $? "installed: and it runs"
echo "1..$count"
exit $failed
