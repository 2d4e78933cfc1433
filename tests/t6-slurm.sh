#!/bin/sh
# One job through a real Slurm with two nodes, both on this machine: lessons/6-distributed/job.slurm makes one record file of all
# rank counts, and the answers are right. munged, slurmctld and two slurmd are started here, with everything they write in one
# folder, and are gone at the end. Only where root and these programs are.
B=${B:-build}
export LC_ALL=C.UTF-8
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

[ "$(id -u)" = 0 ] || skip_all "needs root, to start the daemons of a batch system"
for program in munged slurmctld slurmd sbatch sinfo mpirun jq; do
	PATH=$PATH:/usr/sbin command -v $program >/dev/null || skip_all "no $program here (packages slurmctld slurmd slurm-client munge openmpi-bin jq)"
done
[ -x "$B/lessons/halo" ] && [ -x "$B/lockstep" ] || skip_all "$B/lessons/halo is not built"
"$B/lessons/halo" --describe | jq -e '.kernels[0].variants[] | select(.name == "overlap") | .unavailable == null' >/dev/null ||
	skip_all "built without MPI"
PATH=$PATH:/usr/sbin

root=$(cd "$(dirname "$0")/.." && pwd)
B=$(cd "$B" && pwd)
dir=$(mktemp -d) || exit 255
daemons=

# What runs in a job is nobody's child in the end. Everything that was started here, and only that, has this SLURM_CONF.
ours() {
	for p in /proc/[0-9]*; do
		tr '\0' '\n' 2>/dev/null <"$p/environ" | grep -qxF "SLURM_CONF=$dir/slurm.conf" && echo "${p#/proc/}"
	done 2>/dev/null
}
stop() {
	trap - EXIT
	[ -z "$daemons" ] || timeout 5 scancel --quiet --user=root 2>/dev/null
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -z "$(timeout 2 squeue -h 2>/dev/null)" ] && break
		sleep 0.3
	done
	for p in $daemons; do kill "$p" 2>/dev/null; done
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		left=$(ours)
		[ -z "$left" ] && break
		sleep 0.2
	done
	for p in $left; do kill -KILL "$p" 2>/dev/null; done
	for p in $daemons; do wait "$p" 2>/dev/null; done
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 255' INT TERM HUP

count=0
failed=0
ok() { # STATUS NAME
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		[ $failed = 1 ] || tail -n 6 "$dir"/*.txt "$dir"/*.log "$dir/said" 2>/dev/null | sed 's/^/# /'
		failed=1
	fi
}

# ---- a batch system with two nodes ----
host=$(hostname -s)
port=$((20000 + $$ % 20000))
mkdir "$dir/munge" "$dir/state" "$dir/n1" "$dir/n2"
chmod 755 "$dir" "$dir/munge"
(umask 077 && head -c 1024 /dev/urandom >"$dir/munge.key")
cat >"$dir/slurm.conf" <<-CONF
	ClusterName=lockstep
	SlurmctldHost=$host(127.0.0.1)
	SlurmctldPort=$port
	SlurmUser=root
	SlurmdUser=root
	AuthInfo=socket=$dir/munge/socket
	MpiDefault=none
	ProctrackType=proctrack/linuxproc
	TaskPlugin=task/none
	JobAcctGatherType=jobacct_gather/none
	SelectType=select/linear
	SchedulerType=sched/builtin
	SchedulerParameters=sched_interval=1,batch_sched_delay=0
	ReturnToService=2
	KillWait=2
	PlugStackConfig=/dev/null
	StateSaveLocation=$dir/state
	SlurmdSpoolDir=$dir/%n
	SlurmctldPidFile=$dir/slurmctld.pid
	SlurmdPidFile=$dir/%n.pid
	SlurmctldLogFile=$dir/slurmctld.log
	SlurmdLogFile=$dir/%n.log
	SlurmdDebug=verbose
	NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=2
	NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=2
	PartitionName=all Nodes=n1,n2 Default=YES State=UP MaxTime=60
CONF
export SLURM_CONF="$dir/slurm.conf"
munged --foreground --force --socket="$dir/munge/socket" --key-file="$dir/munge.key" --pid-file="$dir/munge/pid" \
	--seed-file="$dir/munge/seed" --log-file="$dir/munge/log" >"$dir/munged.log" 2>&1 &
daemons="$!"
slurmctld -D -i -f "$SLURM_CONF" >/dev/null 2>&1 &
daemons="$! $daemons"
for node in n1 n2; do
	slurmd -D -N $node -f "$SLURM_CONF" >/dev/null 2>&1 &
	daemons="$! $daemons"
done
for _ in $(seq 150); do
	nodes=$(sinfo -h -o %t%D 2>/dev/null)
	[ "$nodes" = idle2 ] && break
	sleep 0.1
done
[ "$nodes" = idle2 ]
ok $? "slurmctld and two slurmd on this machine: two nodes are idle"

# ---- the job ----
export LOCKSTEP="$B/lockstep"
export OMPI_MCA_btl=tcp,self # both nodes have one name here: their files for shared memory would be the same
(cd "$dir" && timeout -k 5 100 sbatch --wait --nodes=2 --ntasks-per-node=2 "$root/lessons/6-distributed/job.slurm" \
	halo --variant sendrecv,blocks --size 300 --reps 2 --budget 3 --counters off --seed $$ >said 2>&1)
status=$?
[ $status = 0 ]
ok $? "sbatch --wait --nodes=2 job.slurm halo … ends with 0 (exit $status, seed $$)"

set -- "$dir"/*.ndjson
[ $# = 1 ] && [ -s "$1" ] && [ "$(basename "$1")" = "lockstep-$(sed -n 's/.*job \([0-9]*\).*/\1/p' "$dir/said" | head -n 1).ndjson" ]
ok $? "one record file, named after the job"
jq -es 'map(select(.t == "run")) | length == 1 and .[0].lesson == "halo" and .[0].workers == [1, 2, 4]' "$1" >"$dir/jq.txt" 2>&1
ok $? "in it one run, with 1, 2 and 4 ranks"
jq -es '[.[] | select(.t == "sample") | select(.variant != "serial") | .workers] | unique == [1, 2, 4]' "$1" >"$dir/jq.txt" 2>&1
ok $? "samples of ranks with each of these counts"
jq -es 'map(select(.t == "verdict")) | length >= 2 and all(.right and .wrong_runs == 0)' "$1" >"$dir/jq.txt" 2>&1
ok $? "every answer was right"
grep -q 'launch task' "$dir/n2.log"
ok $? "the second node took part"
grep -q '^job [0-9]* on n\[1-2\]: halo' "$dir"/lockstep-*.txt
ok $? "what the lesson said stands in lockstep-JOB.txt"

# ---- and its end ----
stop
left=$(ours)
[ -z "$left" ] && [ ! -e "$dir" ]
ok $? "nothing is left of it"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
env -u SLURM_JOB_ID sh "$root/lessons/6-distributed/job.slurm" halo >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -q '^usage: sbatch' "$dir/err"
ok $? "outside of a job: one line, exit 2"

echo "1..$count"
exit $failed
