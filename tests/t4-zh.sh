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
finish
