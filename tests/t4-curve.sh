#!/bin/sh
# A curve drawn with the keys on the chart, before its run. UPDATE=1 takes what is shown now as right.
set -u
. tests/screen.sh
cp -r tests/fixtures/puzzles/lessons/. "$T/lessons/"
cp tests/fixtures/puzzles/bin/* "$T/build/lessons/"
cp "$T/build/lessons/demo" "$T/build/lessons/curve"

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
}

way='
expect [    ]
expect Nothing was measured yet.
refute each worker counts in full
key r
expect First your guess
key Left
expect 1 worker: 1 x
key Right
expect 2 workers: 1 x
key Up
key Up
key Up
key Up
expect 2 workers: 1.8 x
key l
key PgUp
key k
expect 4 workers: 2.2 x
key j
expect 4 workers: 2 x
key End
type 2.6
expect 8 workers: 2.6
key Enter
expect 8 workers: 2.6 x
save-display drawn.txt
key Backspace
expect 8 workers: 1 x
key -
expect 8 workers: 0 x
type 2
key Esc
expect 8 workers: 0 x
type 2x
key Enter
expect A number, please
key ^U
type 2,6
key Enter
key Enter
refute 8 workers: 2.6 x
expect you 2.6
expect each worker counts in full
key Enter
wait-run 20
expect Your curve
'
printf '%s' "$way" | script curve
ran $? "a curve is drawn with the arrows and typed values, and compared"
golden 80x24-curve "$T/drawn.txt"
has "$T/state/lockstep/progress" "answer curve 1 2 = 1:1 2:1.8 4:2 8:2.6" "it is kept"
has "$T/state/lockstep/records.ndjson" '"curve":[[1.0,1.0],[2.0,1.8],[4.0,2.0],[8.0,2.6]]' "and recorded beside its run"

printf '%s' "$way" | sed '/^expect Nothing/d; /^key r/,/^expect First/c\key Enter' | sed '/^expect you 2.6/d; /^expect each/d; /expect Your curve/d' | script --size 60x16 curve
ran $? "60x16: the chart is shown while it is drawn, the text afterwards"
golden 60x16-curve "$T/drawn.txt"
printf '%s' "$way" | script --ascii curve
ran $? "--ascii"
golden 80x24-curve-ascii "$T/drawn.txt"
LC_ALL=C grep -q '[^ -~]' "$T/drawn.txt"
ok $((1 - $?)) "nothing but ASCII is drawn"

script curve <<'END'
key Enter
key Enter
expect A flat curve
key Right
key Enter
expect A flat curve
key Enter
refute A flat curve
expect Enter run
key a
expect 2 workers: 1 x
key Esc
expect Enter run
END
ran $? "a flat curve is asked about; Esc leaves a taken one as it is"
script curve <<'END'
key Enter
key Up
key Esc
expect No guess this time
expect my curve: none
key a
expect 2 workers: 1 x
key q
expect works on
key ?
key /
type raise the cur
key Enter
expect raise the curve at this point
key q
resize 44 10
expect 2 workers
key Up
expect 2 workers: 1.2 x
resize 200 60
resize 20 5
key Up
resize 80 24
key Down
key Up
expect 2 workers: 1.2 x
key Enter
expect Enter run
END
ran $? "Esc skips it; a asks again; any size while drawing"

mkdir -p "$T/keep/lockstep"
{ sed -n 1p "$T/state/lockstep/progress"; echo 'answer curve 1 2 = 1:1 2:two 4:3 8:4'; } > "$T/keep/lockstep/progress"
cat > "$T/script" <<'END'
expect [    ]
expect Enter guess
key Enter
expect 2 workers: 1 x
END
(cd "$T" && XDG_STATE_HOME=$T/keep build/lockstep-tui --script "$T/script" curve > out 2> err)
ran $? "a damaged curve counts as none"
finish
