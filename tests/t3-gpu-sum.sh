#!/bin/sh
# Lesson gpu-sum: every variant right or caught on OpenCL, the device's table and its sentence, demonstrations, own options.
. tests/lesson.sh

run() { # ARGUMENTS...
	"$B/lessons/gpu-sum" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}

run --describe
why=$(jq -r '.kernels[0].variants[] | select(.name == "opencl-tree") | .unavailable // ""' "$dir/out")
jq -e '[.kernels[0].variants[] | select(.kind == "cuda") | .name] | length == 6' "$dir/out" >/dev/null
ok $? "the variants on CUDA are in the list, here or not"
jq -e '[.kernels[0].variants[] | select(.unavailable != null) | .unavailable | test("package|driver|device|built")] | all' "$dir/out" >/dev/null
ok $? "each that cannot run says what is missing"

if [ -n "$why" ]; then
	for what in "right or caught" "the device's table" "records" "who is who"; do
		skip "OpenCL: $what" "$why"
	done
else
	run --variant opencl-atomics,opencl-tree,opencl-vector --size 100k --seed $$ --reps 2 --budget 2 --counters off
	[ $status = 0 ] && ! grep -q '✗' "$dir/out"
	ok $? "opencl: atomics, tree and vector give the exact sum (exit $status, seed $$)"
	grep -Eq '^on the device +total +copy in +compute +copy out +computes +share +held' "$dir/out" && grep -Eq '^opencl-vector +[0-9.]+ .s +[0-9.]+ .s' "$dir/out"
	ok $? "a table tells total, copy in, compute and copy out of each"
	grep -q 'OpenCL' "$dir/out" && grep -q 'its ceilings, measured' "$dir/out"
	ok $? "the device is named, with its ceilings"

	run --variant opencl-tree,openmp --threads 1,2 --size 50k --reps 2 --budget 1 --counters off --json
	jq -se 'map(select(.t == "device")) | length == 1 and .[0].kind == "opencl" and .[0].copy_bytes_per_second > 0' "$dir/out" >/dev/null
	ok $? "records: one device with its ceilings"
	jq -se '[.[] | select(.t == "point" and .final and .variant == "opencl-tree")] | length == 1 and .[0].workers == 1 and
		.[0].compute_seconds[0] > 0 and .[0].compute_seconds[0] <= .[0].seconds[0] * 1.5' "$dir/out" >/dev/null
	ok $? "records: the device has no worker axis, and its compute part is in the point"
	jq -se '[.[] | select(.t == "point" and .variant == "openmp") | has("compute_seconds") | not] | all' "$dir/out" >/dev/null
	ok $? "records: what runs on the processor has no such part"

	for try in 1 2 3 4 5; do
		run --variant opencl-no-barrier --size 200k --seed $try --reps 2 --budget 1 --counters off
		grep -q '✗ opencl-no-barrier is wrong, as announced' "$dir/out" && break
	done
	[ $status = 0 ] && grep -q '✗ opencl-no-barrier is wrong, as announced' "$dir/out"
	ok $? "opencl-no-barrier is caught and named, and no failure (exit $status)"

	run --demo who
	[ $status = 0 ] && grep -q 'group 2 item 1 is 9' "$dir/out"
	ok $? "--demo who: item 1 of group 2 has index 9"
	run --demo devices
	[ $status = 0 ] && grep -q 'GB/s' "$dir/out" && { ! grep -q PoCL "$dir/out" || grep -q 'the processor itself' "$dir/out"; }
	ok $? "--demo devices: ceilings; a processor that passes for a device is called one"

	run --device 'no such thing' --list
	[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -q OpenCL "$dir/err"
	ok $? "--device of none: one line that names those there are, exit 2 (exit $status)"
	LOCKSTEP_OPENCL=nothing run --variant opencl-tree
	[ $status = 4 ] && grep -q 'no OpenCL device is called "nothing"' "$dir/err"
	ok $? "LOCKSTEP_OPENCL of none: cannot run, and says why, exit 4 (exit $status)"
	OCL_ICD_VENDORS="$dir/none" run --variant opencl-tree
	[ $status = 4 ] && grep -q 'package pocl-opencl-icd' "$dir/err"
	ok $? "no OpenCL device at all: exit 4 with the package (exit $status)"
fi

# A recorded run: found by the name of its file, labelled as recorded, of a real device only.
mkdir -p "$dir/home/data/runs" "$dir/home/lessons" "$dir/home/kernels"
cp kernels/kernel.h "$dir/home/kernels/"
run --demo recorded
if [ $status = 4 ]; then
	grep -q 'no recorded run' "$dir/err"
	ok $? "--demo recorded: says that there is none"
else
	grep -q 'RECORDED' "$dir/out" && grep -q 'ms  \$ ' "$dir/out"
	ok $? "--demo recorded: labelled, with its command"
fi
cat >"$dir/home/data/runs/gpu-sum-test.ndjson" <<'EOF'
{"lockstep":1,"t":"machine","machine":"m","line":"16 cores, Testing One","time":"2026-01-01T00:00:00Z","usable":16,"cores":16}
{"t":"run","run":"r1","lesson":"gpu-sum","kernel":"gpu_sum","title":"Sum","command":"gpu-sum --size 10M","time":"2026-01-01T00:00:00Z","size":1e7,"size_unit":"numbers","args":{"size":1e7},"seed":1,"weak":false,"workers":[1],"usable":16,"variants":[{"name":"simd","kind":"serial"},{"name":"cuda-vector","kind":"cuda"}],"measures":["simd","cuda-vector"],"baseline":"simd","rounds":6,"flops":2e7,"bytes":8e7}
{"t":"device","run":"r1","kind":"cuda","name":"Test Device 9000","via":"CUDA 99.1","cpu":false,"copy_bytes_per_second":3e12,"f32_flops_per_second":6e13,"f64_flops_per_second":3e13}
{"t":"point","run":"r1","variant":"cuda-vector","workers":1,"final":true,"tried":6,"kept":6,"seconds":[0.008,0.007,0.009],"speedup":[0.5,0.4,0.6],"right":true,"copy_in_seconds":[0.0079,0.007,0.009],"compute_seconds":[0.00003,0.00002,0.00004],"copy_out_seconds":[0.00001,0.00001,0.00001],"of_ceiling":0.89,"occupancy":1}
{"t":"end","run":null,"status":0,"partial":false,"seconds":1}
EOF
LOCKSTEP_HOME="$dir/home" run --demo recorded
[ $status = 0 ] && grep -q 'RECORDED on another machine' "$dir/out" && grep -q 'Test Device 9000' "$dir/out" && grep -q '2026-01-01' "$dir/out" &&
	grep -q 'gpu-sum --size 10M' "$dir/out" && grep -q 'cuda-vector .*8 ms .* 0.5 .*7.9 ms .*30 .s .*89 % .*100 %' "$dir/out" &&
	grep -q '0.5 times as fast as simd' "$dir/out"
ok $? "--demo recorded: machine, date, command and table come from the records (exit $status)"
LOCKSTEP_HOME="$dir/home" "$B/lessons/gpu-sum" --demo recorded --json | jq -se 'map(select(.t == "verdict")) | .[0].observed == 0.5' >/dev/null
ok $? "--demo recorded: the figure to compare with is the speedup, all counted"
echo "1..$count"
exit $failed
