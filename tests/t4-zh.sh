#!/bin/sh
# The screen in Chinese: chosen by option, by locale and by key, wide characters in every column.
set -u
. tests/screen.sh
[ -f "$B/locale/zh_CN/LC_MESSAGES/lockstep.mo" ] || skip_all "no catalogues are built (msgfmt, package gettext)"

ran() { # ran STATUS NAME
	ok "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$T/err"
}

# The language changes in the middle of a lesson, with all that was said and done.
script --lang zh <<'END'
expect 课程：完成 0/3 课
expect Enter 打开
key Enter
expect 第 1/5 步
key Enter
key Enter
type 2
key Enter
key Enter
wait-run 20
expect 你猜 2 x，测得 1.76 [1.75–1.77]
expect 完成 · 保留 11/12 轮
expect 2 个核心 · 软件计数器
key L
expect English
expect Step 2 of 5
expect You said 2 x, measured 1.76
expect done · 11 of 12 rounds kept
expect 2 cores · software counters
refute 课程
key L
expect 中文
expect 你猜 2 x
END
ran $? "in Chinese, and back, in the middle of a lesson"

LC_ALL=zh_CN.UTF-8 script <<'END'
expect 课程：完成
key L
expect Course: 0 of 3
END
ran $? "the language comes from the locale, also from one that is not installed here"
LC_ALL=C.UTF-8 LANGUAGE=zh_CN:en script <<'END'
expect 课程：完成
END
ran $? "or from LANGUAGE"
LC_ALL=C LANGUAGE=zh_CN script --lang zh <<'END'
expect Course: 0 of 3
key L
expect This locale shows ASCII only
END
ran $? "where only ASCII can be shown, all stays English"
(cd "$T" && build/lockstep-tui --lang fr > out 2> err < /dev/null)
[ $? -eq 2 ] && grep -q 'en, zh$' "$T/err"
ok $? "a language that is not there: the list of those that are, exit 2"
LC_ALL=C.UTF-8 LANGUAGE=zh_CN "$B/lessons/process" --demo memory >"$T/out" 2>"$T/err" && grep -q '父进程 [0-9]*：number 是 1' "$T/out"
ok $? "a demonstration speaks Chinese"
LC_ALL=C.UTF-8 LANGUAGE=zh_CN "$B/lessons/process" --demo memory --json >"$T/out" 2>"$T/err" && grep -q '"text":"parent [0-9]*: number is 1' "$T/out"
ok $? "its records are English"
# Every screen and view, at a size for two panes and at one for one: read the difference before UPDATE=1.
golden() { # golden NAME FILE
	want=$here/tests/golden/zh-$1.txt
	[ -n "${UPDATE:-}" ] && cp "$2" "$want"
	if cmp -s "$want" "$2"; then ok 0 "screen in Chinese: $1"; else
		ok 1 "screen in Chinese: $1"
		diff -u "$want" "$2" | sed 's/^/# /' | head -60
	fi
}
screens="map read guess speedup timeline budget counters code output choose refuted options saved summary present help"
for size in 80x24 60x16; do
	script --lang zh --size $size <<'END'
save-display map.txt
key Enter
expect 第 1/5 步
save-display read.txt
key Enter
key Enter
type 2
save-display guess.txt
key Enter
key Enter
wait-run 20
expect 测得 1.76
key 1
save-display speedup.txt
key 2
save-display timeline.txt
key 3
expect 核心时间
save-display budget.txt
key 4
expect 缺页
save-display counters.txt
key 6
expect demo: done
save-display output.txt
key o
expect 选项
save-display options.txt
key Esc
key C
expect 保存的运行
save-display saved.txt
key Esc
key n
key n
expect 第 4/5 步
key Tab
key Enter
save-display choose.txt
key Enter
expect 不对
save-display refuted.txt
key n
expect 第 5/5 步
key 5
save-display code.txt
key u
expect 小结
save-display summary.txt
key q
key P
save-display present.txt
key q
key ?
expect 按键
save-display help.txt
END
	ran $? "the way through a lesson in Chinese at $size"
	for name in $screens; do
		golden "$size-$name" "$T/$name.txt"
	done
done
# A translation with other blocks: what is kept of one text would not fit the other.
printf '\n```hint\nNur hier\n```\n' >> "$T/lessons/1-start/1-demo/zh.md"
script demo <<'END'
expect Step 1 of 5
key L
expect 这一课没有那种语言的课文
expect A loop adds numbers
END
ran $? "a lesson whose translation has other blocks stays as it is"
finish
