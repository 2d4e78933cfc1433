#!/bin/sh
# peers.sh BUILD CC CXX: builds kernels/peers/* into BUILD/peers, each file a program of its own, as far as what it needs is here.
# A file that can't be built leaves NAME.why, one line, which `lockstep peers` shows; nothing here ever fails a build.
# The head comment of a file may say  needs: PACKAGES   flags: FLAGS   libs: LIBRARIES   (see kernels/peers/README.md).
to=$1/peers
cc=$2
cxx=$3
mkdir -p "$to" || exit 1

head_line() { sed -n "s,^[/ *]*$2: *,,p; /\*\//q" "$1" | sed 's/ *\*\/$//' | head -1; }

# The reason in one line: a compiler or a header that is missing is what `needs` would cure; anything else is the compiler's word.
why_not() {
	missing=$(sed -n "s/.*fatal error: \([^ ]*\): No such file.*/\1/p; s/.*cannot find -l\([^ :]*\).*/lib\1/p" "$to/log" | head -1)
	if [ -n "$missing" ]; then
		echo "not built: $missing is not here (package $(head_line "$1" needs))"
	else
		echo "not built: $(grep -m1 -E 'error|not found' "$to/log" || head -1 "$to/log")"
	fi
}

build() { # FILE COMPILER
	[ -e "$1" ] || return
	name=$(basename "$1")
	name=${name%.*}
	out=$to/$name
	[ -x "$out" ] && [ -z "$(find "$1" kernels/peers/*.h kernels/*.h .make/peers.sh -newer "$out" | head -1)" ] && return
	rm -f "$out" "$out.why"
	if $2 -I. -D_GNU_SOURCE -O3 -march=native -pthread $(head_line "$1" flags) -o "$out.new" "$1" $(head_line "$1" libs) -lm >"$to/log" 2>&1; then
		mv "$out.new" "$out"
		echo "  PEER $name"
	else
		why_not "$1" >"$out.why"
		echo "  PEER $name $(cat "$out.why")"
	fi
}

for old in "$to"/*; do # of a source that is gone
	name=$(basename "${old%.why}")
	[ -e "kernels/peers/$name" ] || ls kernels/peers/"$name".c* >/dev/null 2>&1 || rm -rf "$old"
done
for source in kernels/peers/*.c; do
	build "$source" "$cc -std=gnu17"
done
for source in kernels/peers/*.cpp; do
	build "$source" "$cxx -std=gnu++20"
done
for source in kernels/peers/*.py; do # those that call peer.main are programs
	[ -e "$source" ] || continue
	cp "$source" "$to/"
	grep -q '^peer\.main(' "$source" && chmod +x "$to/$(basename "$source")" || chmod -x "$to/$(basename "$source")"
done
rm -f "$to/log"
