#!/bin/sh
# plots.sh BUILD SECONDS [DIR]: measures kernels and lessons within about SECONDS, draws every kind of chart into BUILD/plots,
# and says what could not be measured here, and why. DIR: where the pictures of the README go, too (data/pictures).
B=$1 seconds=$2 pictures=$3
records=$B/plots/records
part() { awk "BEGIN { s = $seconds * $1 / 100; print s < 2 ? 2 : s }"; } # PERCENT of the time
mkdir -p "$B/plots" && rm -f "$records.new" || exit 1

# run PERCENT WHAT PROGRAM...: what fails is told; the rest goes on.
run() {
	share=$1 what=$2
	shift 2
	if ! "$@" --budget "$(part "$share")" -q -o "$records.new" >"$records.said" 2>&1; then
		echo "not measured: $what: $(tail -1 "$records.said")" | tee -a "$records.missing"
	fi
	if grep -q "no verdict" "$records.said"; then
		echo "no verdict: $what: too few quiet rounds (drawn hollow)" | tee -a "$records.missing"
	fi
}
lesson() { # PERCENT WHAT LESSON ARGUMENTS...
	share=$1 what=$2 id=$3
	shift 3
	run "$share" "$what" "$B/lessons/$id" "$@"
}
: >"$records.missing" && : >"$records.begun" || exit 1
run 50 "all kernels" "$B/lockstep-bench" all
lesson 8 "speedup, efficiency, budget, timeline" amdahl --serial 0.1 --variant threads,openmp --threads 1,2,max
lesson 6 "scaled speedup" amdahl --weak --variant threads --serial 0 --fixed 8000 --threads 1,2,max
lesson 8 "break-even" overhead --variant threads,openmp,processes --threads max --size 1000,10k,100k,1M,10M --reps 7
lesson 6 "chunk sizes" parallel-loop --chunk 1,4,16,64,256 --threads 1,max --reps 7
run 8 "latency" "$B/lockstep-bench" ipc --bytes 64,1024,16384,65536,262144,1048576 -n 200 -t 1 --reps 7
run 8 "throughput" "$B/lockstep-bench" ipc --stream 1 --bytes 64,1024,16384,65536,262144,1048576 -n 200 -t 1 --reps 7
run 6 "contention" "$B/lockstep-bench" lock -t 1,2,max
if [ -x "$B/lessons/messages" ]; then
	lesson 6 "messages between ranks" messages --kernel ping-pong --bytes 8,512,4096,32768,262144,1048576 --reps 7
fi
if [ -x "$B/lessons/gpu-sum" ]; then
	lesson 6 "a device" gpu-sum
fi
[ -s "$records.new" ] || { echo "nothing was measured"; exit 1; }
mv "$records.new" "$records.ndjson"
set -- "$records.ndjson"
if [ -s "$B/bench.ndjson" ]; then # make bench: beside the peers
	set -- "$@" "$B/bench.ndjson"
fi
"$B/lockstep-plot" "$@" -o "$B/plots" 2>"$records.said"
status=$?
grep -v ": skipped: " "$records.said" >&2

for kind in $("$B/lockstep-plot" --list | cut -d' ' -f1); do
	found=0
	for file in "$B/plots"/*-"$kind".csv "$B/plots/$kind".csv; do
		[ ! -s "$file" ] || [ "$file" -ot "$records.begun" ] || found=1
	done
	[ "$found" = 0 ] || continue
	case $kind in
	ranking) why="no comparison with peers yet (make bench makes them)" ;;
	gpu) why="no run on a device is recorded ($B/lockstep doctor says what this machine has)" ;;
	roofline) why="the ceilings were not measured (kernels fma and stream)" ;;
	*) why=$(sed -n "s/.*-$kind: skipped: //p" "$records.said" | head -1) ;;
	esac
	echo "not drawn: $kind: ${why:-no such run is recorded}" | tee -a "$records.missing"
done
if [ -n "$pictures" ] && [ "$status" = 0 ]; then
	if [ -s "$B/plots/amdahl-tunable-speedup.png" ] && ! grep -q "no verdict: speedup" "$records.missing"; then
		cp "$B/plots/amdahl-tunable-speedup.png" "$pictures/chart.png" && echo "$pictures/chart.png"
	else
		echo "$pictures/chart.png stays: no verdict on speedup here" | tee -a "$records.missing"
	fi
fi
rm -f "$records.said" "$records.begun"
mv "$records.missing" "$B/plots/missing.txt"
[ -s "$B/plots/missing.txt" ] || echo "everything was measured and drawn"
exit $status
