#!/bin/sh
# Everything under Address- and UBSanitizer; what is concurrent under ThreadSanitizer too (the variants that are wrong on
# purpose are told apart by t3-wrong). Builds of their own beside the normal one.
B=${B:-build}
count=0
failed=0

# A test program in a sanitized build: all of its own tests must pass and the sanitizer must stay silent.
sanitized() { # BUILD NAME
	count=$((count + 1))
	if "$1/tests/$2" >"$1/$2.out" 2>&1; then
		echo "ok $count - $2 in $1"
	else
		echo "not ok $count - $2 in $1"
		failed=1
		grep -nE '^not ok|ERROR|WARNING|runtime error' "$1/$2.out" | head -n 20 | sed 's/^/# /'
		tail -n 15 "$1/$2.out" | sed 's/^/# /'
	fi
}

build() { # BUILD SANITIZER
	mkdir -p "$1"
	if ! make -s -j2 B="$1" SAN="$2" OPT=-O1 all tests-built >"$1/log" 2>&1; then
		count=$((count + 1))
		echo "not ok $count - build with SAN=$2"
		failed=1
		tail -n 5 "$1/log" | sed 's/^/# /'
		return 1
	fi
}

export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
if build "$B/asan" address,undefined; then
	for t in tests/t*.c; do
		sanitized "$B/asan" "$(basename "$t" .c)"
	done
	count=$((count + 1))
	if B="$B/asan" tests/t3-sizes.sh >"$B/asan/sizes.out" 2>&1; then
		echo "ok $count - the lessons in $B/asan"
	else
		echo "not ok $count - the lessons in $B/asan"
		failed=1
		grep -A5 '^not ok' "$B/asan/sizes.out" | head -n 20 | sed 's/^/# /'
	fi
fi
if build "$B/tsan" thread; then
	for t in tests/t1-*.c tests/t2-probe.c tests/t2-bench.c; do
		sanitized "$B/tsan" "$(basename "$t" .c)"
	done
fi
echo "1..$count"
exit $failed
