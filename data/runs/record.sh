#!/bin/sh
# record.sh PACK OUT: on a machine with a GPU (and only there: run from the repository's root), what the lessons of chapter 7 and all
# kernels on its processor measure, as OUT/LESSON-GPU-DATE.ndjson, with machine and exact command in each, and the text beside it.
# PACK is what pack.sh made; BUDGET is the seconds for all kernels on the processor (150).
set -u
pack=$1 out=$2
gpu=$(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | head -n 1 | tr 'A-Z ' 'a-z-' | cut -d- -f1-2)
name=${gpu:-cpu}-$(date -u +%Y%m%d)
cublas=$(timeout 20 find /usr/local /opt /usr/lib -name 'libcublas.so.1?' 2>/dev/null | head -n 1)
export LD_LIBRARY_PATH="$pack/lib${cublas:+:$(dirname "$cublas")}" LC_ALL=C.UTF-8 XDG_CACHE_HOME="$out/cache"
mkdir -p "$out"
record() { # LESSON OPTIONS...: as a person types it
	lesson=$1
	shift
	[ -x "$pack/lessons/$lesson" ] || return
	timeout 120 "$pack/lessons/$lesson" "$@" -o "$out/$lesson-$name.ndjson" >>"$out/$lesson-$name.txt" 2>&1
	echo "$lesson $*: exit $?"
}
# The last run of each is the one that the lesson shows.
record gpu-sum --size 100M --reps 11 --budget 20
record gpu-sum --size 10M --reps 11 --budget 12
# OpenCL on a processor would take minutes at this size.
record gpu-matmul --variant blocked,openmp,cuda-naive,cuda-tiled,cuda-blocked,cuda-cublas,cuda-tensor,cuda-no-barrier --threads max --size 4096 --reps 7 --budget 45
record gpu-arrays --demo fusion
record gpu-arrays --demo queues
record gpu-arrays --kernel copies --size 64M --chunks 16 --work 500 --reps 7 --budget 25
record gpu-arrays --size 100M --reps 7 --budget 25
record heterogeneous --demo shares
record heterogeneous --variant split --threads max --size 1024 --iterations 1000 --split 0,0.5,0.8,0.9,0.95,0.98,1 --reps 6 --budget 30
record heterogeneous --threads max --size 1024 --iterations 1000 --split 0.9 --reps 6 --budget 30
most=$(nproc)
list=1
for p in 2 4 8 16 32 64; do
	[ "$p" -gt "$most" ] || list=$list,$p
done
timeout 300 "$pack/lockstep-bench" all -t "$list" --budget "${BUDGET:-150}" -o "$out/all-$name.ndjson" >"$out/all-$name.txt" 2>&1
echo "all -t $list: exit $?"
rm -rf "$out/cache"
