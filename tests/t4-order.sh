#!/bin/sh
# Lines put in order, judged by building and running them. UPDATE=1 takes the screens shown now as right.
set -u
. tests/screen.sh
command -v cc > /dev/null || skip_all "no C compiler here"
cp -r tests/fixtures/puzzles/lessons/. "$T/lessons/"
cp tests/fixtures/puzzles/bin/* "$T/build/lessons/"
cp "$T/build/lessons/demo" "$T/build/lessons/order"
mkdir "$T/tmp" "$T/none"
export TMPDIR="$T/tmp"
unset CC

golden() { # golden NAME FILE
	want=$here/tests/golden/screen-$1.txt
	[ -n "${UPDATE:-}" ] && cp "$2" "$want"
	if cmp -s "$want" "$2"; then ok 0 "screen $1"; else
		ok 1 "screen $1"
		diff -u "$want" "$2" | sed 's/^/# /' | head -60
	fi
}
ran() { # ran STATUS NAME
	ok "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$T/err"
	tidy "$2"
}
# No work file, no process in them.
tidy() { # tidy NAME
	for p in /proc/[0-9]*/cwd; do
		case $(readlink "$p" 2> /dev/null) in "$T/tmp"/*) echo "# ${p%/cwd} is left"; ok 1 "$1: no process is left" ;; esac
	done
	[ -z "$(ls -A "$T/tmp")" ]
	ok $? "$1: no work file is left"
}
# tried NUMBERS [OPTIONS…] < COMMANDS: begins with the lines in that order.
tried() {
	rm -rf "$T/state"
	mkdir -p "$T/state/lockstep"
	printf 'lockstep-progress 1\nanswer order 1 2 = tried %s\n' "$1" > "$T/state/lockstep/progress"
	cp "$T/state/lockstep/progress" "$T/before"
	shift
	cat > "$T/script"
	(cd "$T" && build/lockstep-tui --script "$T/script" "$@" order > out 2> err)
}
# The lines: 1 lock, 2 and 3 the steps, 4 unlock; 5 locks again, 6 does not compile, 7 prints for ever, 8 aborts, 9 writes a file.

script order <<'END'
expect Enter put in order
key Enter
expect Space grabs a line
save-display shuffled.txt
key Space
key Down
key Down
expect Space drops it
expect ≡ │
save-display held.txt
key Enter
key x
expect ── not used ──
key x
key q
expect works on
key ?
expect On lines being put in order
expect take the line under the cursor
key q
expect r builds and runs
resize 44 10
key Space
expect Space drops
key Space
expect Space grabs
key Down
resize 20 5
resize 300 100
key Up
resize 80 24
expect r builds and runs
key L
expect 用锁把两步包起来
key L
expect Enter put in order
END
ran $? "lines are grabbed, moved, laid aside"
golden 80x24-order "$T/shuffled.txt"
golden 80x24-order-held "$T/held.txt"

cat > "$T/right" <<'END'
key Enter
key r
expect building your program
wait-run 60
expect Right: built, run
expect The lock is taken once
expect Step 1 of 1 ✓ done
expect Enter summary
save-display right.txt
key a
expect r builds and runs
key Esc
expect Right: built
END
tried "1 2 3 4 / 5 6 7 8 9" < "$T/right"
ran $? "the right order is built, run, and found right"
has "$T/state/lockstep/progress" "answer order 1 2 = right 1 2 3 4 / 5 6 7 8 9" "it is kept"
golden 80x24-order-right "$T/right.txt"
(cd "$T" && printf 'expect Right: built\nexpect Enter summary\n' > script && build/lockstep-tui --script script order > out 2> err)
ran $? "and known the next time"
printf '#!/bin/sh\necho "$@" > "%s"\nexec cc "$@"\n' "$T/words" > "$T/none/mycc"
chmod +x "$T/none/mycc"
CC="$T/none/mycc -DMINE" tried "1 2 3 9 4 / 5 6 7 8" < "$T/right"
ran $? "\$CC is taken, with its options; what the program writes is removed"
has "$T/words" "-DMINE" "so it was"
rm "$T/none/mycc"

tried "1 3 2 4 / 5 6 7 8 9" <<'END'
key Enter
key r
wait-run 60
expect Not so. It says:
expect step 1 came as number 0
expect Not yet: Enter moves
expect Enter put in order
save-display wrong.txt
key Enter
key Down
key Space
key Down
refute Not so
key Space
key r
wait-run 60
expect Right: built
END
ran $? "a wrong order: what the program says is shown; moved and run again it is right"
golden 80x24-order-wrong "$T/wrong.txt"

LOCKSTEP_ORDER_SECONDS=1 tried "1 5 2 3 4 / 6 7 8 9" <<'END'
key Enter
key F5
wait-run 60
expect It never ended: somebody waits
expect Enter put in order
END
ran $? "a deadlock is an answer, too"
tried "1 2 3 6 / 4 5 7 8 9" <<'END'
key r
wait-run 60
expect The compiler does not take it
expect ✗ incompatible
expect see the marked lines
save-display error.txt
key Enter
key x
refute The compiler
END
ran $? "errors of the compiler stand at their lines"
tried "1 2 3 7 4 / 5 6 8 9" <<'END'
key r
wait-run 60
expect It printed without end
END
ran $? "a program that prints for ever is stopped"
tried "1 2 8 3 4 / 5 6 7 9" <<'END'
key r
wait-run 60
expect killed by signal 6
END
ran $? "a program that dies of a signal"
tried "/ 1 2 3 4 5 6 7 8 9" <<'END'
key r
wait-run 60
expect not all was done
END
ran $? "no line at all"

cat > "$T/script" <<'END'
key r
expect There is no C compiler here: install the package gcc
expect Enter summary
END
rm -rf "$T/state"
(cd "$T" && PATH="$T/none" "$T/build/lockstep-tui" --script script order > out 2> err)
ran $? "without a compiler its package is named, and the puzzle passed over"
has "$T/state/lockstep/progress" "answer order 1 2 = -" "which is kept"

tried "1 5 2 3 4 / 6 7 8 9" <<'END'
key r
key s
wait-run 60
expect Stopped before it could tell
key r
wait 1
key p
key p
key s
wait-run 60
expect Stopped before it could tell
END
ran $? "s stops it"
tried "1 5 2 3 4 / 6 7 8 9" <<'END'
key r
wait 1
key n
key q
expect Stop it and quit
key y
END
ran $? "leaving while it runs"
tried "1 5 2 3 4 / 6 7 8 9" <<'END'
key r
key c
expect Course
quit
END
ran $? "even while it is built"

for answer in "1 2 3 4" "1 1 2 3 4 5 6 7 8" "rubbish"; do
	tried "$answer" <<'END'
expect Enter put in order
key Enter
expect r builds and runs
END
	ok $? "damaged order \"$answer\" counts as none"
done
tried "1 2 3 4 / 5 6 7 8 9" --size 60x16 <<'END'
key Enter
save-display small.txt
key r
wait-run 60
expect Right: built
expect The lock is taken once
END
ran $? "60x16"
golden 60x16-order "$T/small.txt"
tried "1 2 3 6 / 4 5 7 8 9" --ascii <<'END'
key Enter
key Space
save-display ascii.txt
key r
wait-run 60
expect  x incompatible
END
ran $? "--ascii"
golden 80x24-order-ascii "$T/ascii.txt"
LC_ALL=C grep -q '[^ -~]' "$T/ascii.txt"
ok $((1 - $?)) "nothing but ASCII is drawn"
finish
