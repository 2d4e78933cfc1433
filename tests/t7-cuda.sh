#!/bin/sh
# CUDA: it compiles for two generations and with PTX; the programs start without a driver and say why they can't use CUDA; on a machine
# with a device everything is run (the same as `make gpu-check`).
. tests/lesson.sh

if "$B/lessons/gpu-sum" --list | grep -A1 cuda-tree | grep -q 'built without CUDA'; then
	echo "1..0 # SKIP built without CUDA (package nvidia-cuda-toolkit)"
	exit 0
fi
for source in kernels/*.cu lessons/*/*/*.cu; do
	make -n -W "$source" B="$B" "$B/obj/$source.o" >"$dir/out" 2>"$dir/err"
	grep -q 'code=\[sm_80,compute_80\].*code=\[sm_90,compute_90\]' "$dir/out" && [ -s "$B/obj/$source.o" ]
	ok $? "$source: compiled to machine code for 8.0 and 9.0, and PTX"
done
ldd "$B/lessons/gpu-sum" >"$dir/out" 2>"$dir/err"
! grep -E 'libcuda|libcudart|libcublas' "$dir/out"
ok $? "the program needs no library of CUDA to start"

"$B/lessons/gpu-sum" --list >"$dir/out" 2>"$dir/err"
if grep -A1 cuda-tree "$dir/out" | grep -q 'cannot run here'; then
	grep -A1 cuda-tree "$dir/out" | grep -Eq 'no NVIDIA driver is here|no CUDA device|driver knows|older than'
	ok $? "without a device the reason is told"
	"$B/lessons/gpu-sum" --variant cuda-tree >"$dir/out" 2>"$dir/err"
	status=$?
	[ $status = 4 ] && [ "$(wc -l <"$dir/err")" = 1 ]
	ok $? "asked for all the same: one line, exit 4 (exit $status)"
	count=$((count + 1))
	echo "ok $count - every variant on the device # SKIP no CUDA device here"
else
	make -s B="$B" gpu-check >"$dir/out" 2>"$dir/err"
	ok $? "every variant on the device (make gpu-check)"
	grep '^# ' "$dir/out"
fi
echo "1..$count"
exit $failed
