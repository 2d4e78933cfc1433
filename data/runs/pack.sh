#!/bin/sh
# pack.sh [BUILD]: BUILD/pack with what record.sh needs on another machine: programs of BUILD and their libraries, without the C library
# and without drivers; gpu_check goes along for a machine without make. Small enough to be carried.
set -eu
build=${1:-build}
pack=$build/pack
rm -rf "$pack"
mkdir -p "$pack/lib" "$pack/lessons"
for program in "$build/lockstep-bench" "$build/tests/gpu_check" "$build/lessons/gpu-sum" "$build/lessons/gpu-matmul" "$build/lessons/gpu-arrays" "$build/lessons/heterogeneous"; do
	[ -x "$program" ] || continue
	case $program in */lessons/*) to=$pack/lessons ;; *) to=$pack ;; esac
	strip -o "$to/$(basename "$program")" "$program"
	ldd "$program" | sed -n 's,.*=> \(/[^ ]*\) .*,\1,p'
done | sort -u | grep -Ev '/(libc|libm|libdl|libresolv|libstdc..|libgcc_s|librt|libpthread|ld-linux[^/]*|libcuda|libnvidia[^/]*)\.so' | xargs -I{} cp -L {} "$pack/lib/"
du -sh "$pack"
