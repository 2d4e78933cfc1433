#!/bin/sh
# Everything under Address- and UBSanitizer; what is concurrent under ThreadSanitizer too (the variants that are wrong on
# purpose are told apart by t3-wrong). Builds of their own beside the normal one.
B=${B:-build}
count=0
failed=0

# Test programs in a sanitized build, two at a time, told in their order: all of their own tests must pass and the sanitizer
# must stay silent.
sanitized() { # BUILD NAME...
	build=$1
	shift
	for t; do echo "$t"; done | xargs -P2 -I{} sh -c '"$0/tests/$1" >"$0/$1.out" 2>&1; echo $? >"$0/$1.status"' "$build" {}
	for t; do
		count=$((count + 1))
		if [ "$(cat "$build/$t.status")" = 0 ]; then
			echo "ok $count - $t in $build"
		else
			echo "not ok $count - $t in $build"
			failed=1
			grep -nE '^not ok|ERROR|WARNING|runtime error' "$build/$t.out" | head -n 20 | sed 's/^/# /'
			tail -n 15 "$build/$t.out" | sed 's/^/# /'
		fi
	done
}

build() { # BUILD SANITIZER TARGET...
	mkdir -p "$1"
	b=$1 san=$2
	shift 2
	if ! make -s -j2 B="$b" SAN="$san" OPT=-O1 "$@" >"$b/log" 2>&1; then
		count=$((count + 1))
		echo "not ok $count - build with SAN=$san"
		failed=1
		tail -n 5 "$b/log" | sed 's/^/# /'
		return 1
	fi
}

names() { # FILE...
	for f; do basename "$f" .c; done
}

# A small quarantine: each fork copies the page tables of all that is in it.
export ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=16 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
mkdir -p "$B/asan"
# leaks of others: gcc 12's tasks with depend; PoCL, when it compiles a kernel that its cache does not hold
printf 'leak:%s\n' libgomp.so libpocl.so libLLVM libclang libOpenCL.so >"$B/asan/suppressed"
export LSAN_OPTIONS="suppressions=$(cd "$B/asan" && pwd)/suppressed:print_suppressions=0"
if build "$B/asan" address,undefined all tests-built; then
	sanitized "$B/asan" $(names tests/t*.c)
	count=$((count + 1))
	if B="$B/asan" tests/t3-sizes.sh >"$B/asan/sizes.out" 2>&1; then
		echo "ok $count - the lessons in $B/asan"
	else
		echo "not ok $count - the lessons in $B/asan"
		failed=1
		grep -A5 '^not ok' "$B/asan/sizes.out" | head -n 20 | sed 's/^/# /'
	fi
fi
tests=$(names tests/t1-*.c tests/t2-probe.c tests/t2-bench.c)
if build "$B/tsan" thread $(for t in $tests; do echo "$B/tsan/tests/$t"; done); then
	sanitized "$B/tsan" $tests
fi
echo "1..$count"
exit $failed
