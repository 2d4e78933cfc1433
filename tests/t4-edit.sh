#!/bin/sh
# e: a copy of the lesson's program in the learner's editor, built at once, the compiler's messages in place, runs of it beside
# the lesson's, and thrown away again.
set -u
. tests/screen.sh
cp -r tests/fixtures/code/1-start/3-mine "$T/lessons/1-start/"
cp "$T/build/lessons/demo" "$T/build/lessons/mine"
cp "$B/lockstep-build" "$B/compile" "$T/build/"
for lib in course kernels base; do ln -s "$B/lib$lib.a" "$T/build/"; done
ln -s "$here/kernels" "$T/kernels"
ln -s "$here/lessons/lesson.h" "$T/lessons/"
export XDG_DATA_HOME="$T/data" HOME="$T"
unset VISUAL
mine=$T/data/lockstep/mine
ran() { # ran STATUS NAME
	ok "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$T/err"
}
golden() { # golden NAME: what was saved under that name
	want=$here/tests/golden/edit-$1.txt
	[ -n "${UPDATE:-}" ] && cp "$T/$1.txt" "$want"
	if cmp -s "$want" "$T/$1.txt"; then ok 0 "screen $1"; else
		ok 1 "screen $1"
		diff -u "$want" "$T/$1.txt" | sed 's/^/# /' | head -60
	fi
}
# editor NAME SED-SCRIPT: an editor that makes one change, and notes how it was called
editor() {
	printf '#!/bin/sh\necho "$@" >> %s/called\nfor file; do :; done\nsed -i "%s" "$file"\n' "$T" "$2" > "$T/$1"
	chmod +x "$T/$1"
}
editor good 's/i < 7/i < 9/'
editor bad 's/i < 7/i < xyzzy/'
editor better 's/i < xyzzy/i < 8/'
editor unused 's/long total = 0;/long total = 0; int nobody_asks_for_this;/'
editor linker 's/return total;/extern int nobody_wrote_this(int); return nobody_wrote_this(7);/'
printf '#!/bin/sh\necho "$@" >> %s/called\n' "$T" > "$T/vi"
chmod +x "$T/vi"

# ---- a good change ----
EDITOR=$T/good script mine <<'END'
expect e edit
key e
expect building your mine
wait-run 60
expect Built: runs are of your program now
expect your lesson.c
expect i < 9
expect (yours)
save-display built.txt
key r
expect $ lockstep run --mine mine
wait-run 20
expect done · 11 of 12 rounds kept
expect (yours)
key 6
expect the program says 9
key y
expect Runs are of the lesson's program again
expect (yours)
refute --mine
key 5
expect i < 7
key r
wait-run 20
refute (yours)
key 6
expect demo: done
refute the program says
key y
expect Runs are of your program now
key r
wait-run 20
expect (yours)
key 6
expect the program says 9
END
ran $? "a good change is built, and runs are of it until y goes back"
golden built
cmp -s "$mine/original.c" "$T/lessons/1-start/3-mine/lesson.c"
ok $? "what it was copied from is kept"
[ "$(stat -c %a "$T/data/lockstep")$(stat -c %a "$mine")" = 700700 ]
ok $? "in a folder that is the learner's alone"
(cd "$T" && build/lockstep run --mine mine) > "$T/out" 2> "$T/err" && grep -q "the program says 9" "$T/out"
ok $? "the command line shown can be typed"
(cd "$T" && build/lockstep run --mine other) > "$T/out" 2> "$T/err"
[ $? -eq 2 ] && grep -q "no program of yours for other" "$T/err"
ok $? "for a lesson without a copy: exit 2 and what makes one"
EDITOR=$T/vi script mine <<'END'
refute (yours)
key e
expect Nothing was changed: y runs your program
key y
expect (yours)
END
ran $? "the next time it is there, unchanged and built"
has "$T/called" "+25 $mine/lesson.c" "vi is told the line of the excerpt"

# ---- errors ----
rm -r "$mine"
EDITOR=$T/bad script mine <<'END'
key e
wait-run 60
expect 1 error: e opens your copy again, 6 shows all
expect ▲ error: 'xyzzy'
save-display errors.txt
refute (yours)
key 6
expect error:
key 5
key z
save-display errors-wide.txt
key z
resize 60 16
key Tab
expect ▲ error: 'xyzzy'
save-display errors-60x16.txt
resize 44 10
expect ▲ error: 'xyzzy'
resize 1 1
resize 200 60
expect ▲ error: 'xyzzy'
expect twin.py
resize 80 24
key y
wait-run 60
expect 1 error
key r
wait-run 20
refute (yours)
END
ran $? "an error stands under its line"
golden errors; golden errors-wide; golden errors-60x16

# On a step whose code is that of a puzzle.
rm -r "$mine"
cp "$T/lessons/1-start/3-mine/en.md" "$T/en.md"
printf '\n---\n\nSome lines.\n\n```order\nask: Put them in order\nfile: frame.c\n- int a;\n- int b;\n```\n' >> "$T/lessons/1-start/3-mine/en.md"
printf '/* A frame. */\nint main(void)\n{\n\t//@\n\treturn 0;\n}\n' > "$T/lessons/1-start/3-mine/frame.c"
EDITOR=$T/bad script mine <<'END'
key n
key 5
expect frame.c
key e
wait-run 60
expect 1 error: e opens your copy again
expect ▲ error: 'xyzzy'
key Enter
expect frame.c
key o
expect o (options) works once you have left this question (Esc)
key Esc
expect ▲ error: 'xyzzy'
END
ran $? "on the step of a puzzle, too"
mv "$T/en.md" "$T/lessons/1-start/3-mine/en.md"
rm -r "$mine" "$T/lessons/1-start/3-mine/frame.c"
EDITOR=$T/bad script mine <<'END'
key e
wait-run 60
expect 1 error
END
ran $? "once more, without it"
: > "$T/called"
EDITOR=$T/vi script mine --ascii <<'END'
key e
wait-run 60
expect 1 error
expect ^ error: 'xyzzy'
key e
wait-run 60
expect 1 error
END
ran $? "the editor left without a change: still an error"
[ "$(tail -1 "$T/called")" = "+28 $mine/lesson.c" ]
ok $? "and is told the line of the first error"
EDITOR=$T/better script mine <<'END'
key e
wait-run 60
expect Built: runs are of your program now
refute ▲
key r
wait-run 20
key 6
expect the program says 8
END
ran $? "mended"
EDITOR=$T/unused script mine <<'END'
key e
wait-run 60
expect Built, with 1 warning
expect ▲ warning: unused variable
expect (yours)
END
ran $? "a warning is shown in place, and the program is built"
rm -r "$mine"
EDITOR=$T/linker script mine <<'END'
key e
wait-run 60
expect 1 error
expect ▲ undefined reference to
END
ran $? "what the linker misses is shown in place"

# ---- throwing it away ----
EDITOR=true script mine <<'END'
key X
expect Throw your changed copy of this program away?
key n
key 5
key e
wait-run 60
expect 1 error
key X
key y
expect Your copy is thrown away
expect i < 7
refute your lesson.c
key X
expect There is no copy of yours
key y
expect You have no program of your own yet
key e
expect Your copy is as the lesson has it
END
ran $? "X asks, and n keeps it"
[ ! -e "$mine/mine" ] && cmp -s "$mine/lesson.c" "$mine/original.c"
ok $? "nothing of the old one is left"

# ---- the lesson's program changes ----
EDITOR=$T/good script mine <<'END'
key e
wait-run 60
expect Built
END
sed -i 's/a comment that/a remark that/' "$T/lessons/1-start/3-mine/lesson.c"
EDITOR=true script mine <<'END'
key y
expect older than the lesson's: your
END
ran $? "a copy of an older program says so"
cp "$mine/original.c" "$mine/lesson.c"
EDITOR=$T/good script mine <<'END'
key e
wait-run 60
expect Built
refute older than
key z
expect a remark
END
ran $? "one that was never changed is copied afresh"
printf '\n' >> "$mine/lesson.c"
touch -d '+5 seconds' "$mine/lesson.c"
EDITOR=true script mine <<'END'
key y
wait-run 60
expect Built
END
ran $? "one that was changed from elsewhere is built by y"

# ---- what is not there ----
EDITOR=$T/nowhere script mine <<'END'
key e
expect there is no such editor here
END
ran $? "an editor that is not there is named"
EDITOR=$T script mine <<'END'
key e
expect there is no such editor here
END
ran $? "nor is a folder an editor"
mkdir "$T/empty"
(unset EDITOR; PATH=$T/empty; export PATH; cd "$T" && printf 'key e\nexpect install the package nano\n' > none && build/lockstep-tui mine --script none) > "$T/out" 2> "$T/err"
ran $? "no editor at all: which package has one"
ln -s "$T/vi" "$T/empty/nano"
touch -d '+99 seconds' "$mine/lesson.c"
(unset EDITOR; PATH=$T/empty; export PATH; cd "$T" && printf 'key e\nwait-run 60\nexpect install build-essential\n' > none && build/lockstep-tui mine --script none) > "$T/out" 2> "$T/err"
ran $? "nano when nothing was chosen; without a compiler: which package has it"
EDITOR=false script mine <<'END'
key X
key y
key e
expect The editor ended with status 1
END
ran $? "an editor that fails is named"
EDITOR=$T/vi script other <<'END'
key e
expect no program text to change
key X
expect There is no copy of yours
END
ran $? "a lesson without a text of its own"
rm -r "$T/data"
echo file > "$T/data"
EDITOR=$T/good script mine <<'END'
key e
expect Your copy can't be made
END
ran $? "no place for a copy: said so"
rm "$T/data"
if command -v python3 > /dev/null; then
	LOCKSTEP_TEST_SLOW=7$$ EDITOR=$T/good script mine <<'END'
key T
key e
expect A run is live: s stops it first
key y
expect Something is running
key X
expect Something is running
END
	ran $? "not while something runs"
	gone "sleep 7$$" "which is ended with the screen"
fi

# ---- a copy that is there, but can't be read ----
rm -rf "$T/data"
mkdir -p "$mine"
ln -s lesson.c "$mine/lesson.c"
EDITOR=$T/good script mine <<'END'
key e
expect can't be read
END
[ $? -eq 0 ] && [ -L "$mine/lesson.c" ]
ran $? "it is left as it is"
finish
