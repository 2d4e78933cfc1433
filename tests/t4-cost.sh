#!/bin/sh
# What the screen costs: time to the first drawing, memory, and processor time when idle and while a real lesson is measured.
# The figures are told; only memory and idleness, which do not depend on how busy the machine is, are judged.
set -u
command -v tmux >/dev/null || { echo "1..0 # SKIP tmux is not installed"; exit 0; }
B=${B:-build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-cost-XXXXXX") || exit 1
socket=lockstep-cost-$$
trap 'tmux -L $socket kill-server 2>/dev/null; rm -rf "$T"' EXIT
export XDG_STATE_HOME="$T" XDG_DATA_HOME="$T" LC_ALL=C.UTF-8
unset LOCKSTEP_HOME
n=0 bad=0
ok() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; bad=1; fi
}
t() { tmux -L $socket "$@"; }
shows() {
	tries=0
	until t capture-pane -p -t s | grep -qF -- "$1"; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || { t capture-pane -p -t s | sed 's/^/# /'; return 1; }
		sleep 0.1
	done
}
ticks() { awk '{print $14 + $15}' "/proc/$pid/stat"; }   # of 10 ms, its children apart
switches() { awk '/ctxt/ {n += $2} END {print n}' "/proc/$pid/status"; }
memory() { awk '/VmRSS/ {print $2}' "/proc/$pid/status"; } # kB

# Start: a script that draws once and ends, against one that never reaches the drawing.
printf 'save-display %s/first.txt\nquit\n' "$T" >"$T/script"
for i in 1 2 3 4 5; do
	from=$(date +%s%N)
	"$B/lockstep-tui" --script "$T/script"
	to=$(date +%s%N)
	echo $(((to - from) / 100000))
done | sort -n | sed -n 3p | sed 's/^\(.*\)\(.\)$/# start, draw, end: \1.\2 ms (median of 5)/'
[ -s "$T/first.txt" ]
ok $? "it draws its first screen"

t new-session -d -s s -x 120 -y 40 "sh -c 'echo \$\$ >$T/pid; exec $B/lockstep amdahl'"
shows "Step 1" || { ok 1 "it starts"; exit 1; }
pid=$(cat "$T/pid")
for i in 1 2 3 4 5; do # what it began with may still be going on, on a busy machine
	sleep 1
	before=$(ticks) calm=$(switches)
	sleep 3
	after=$(ticks) still=$(switches)
	[ "$before" = "$after" ] && [ "$calm" = "$still" ] && break
done
echo "# idle for 3 s: $((after - before)) ticks of 10 ms, $((still - calm)) context switches; resident $(memory) kB"
ok $([ "$before" = "$after" ] && [ "$calm" = "$still" ]; echo $?) "idle, it does nothing at all"

# Each key is seen to have done its work before the next: an Escape and a letter that come together are another key.
press() { # press KEY... TEXT: until TEXT is on the screen
	while [ $# -gt 1 ]; do
		t send-keys -t s "$1"
		shift
	done
	shows "$1"
}
lives() { pgrep -P "$pid" >/dev/null; }
press n n "Enter guess" && press Enter "Enter take it" && press Escape "No guess this time" && press r "measuring"
ok $? "a run is begun"
# For 8 s, or as long as it lasts: only what was seen before it ended counts.
from=$(date +%s%N) before=$(ticks) to= looks=0
while [ $looks -lt 16 ]; do
	sleep 0.5
	now=$(date +%s%N) so_far=$(ticks) kb=$(memory)
	lives || break
	to=$now after=$so_far resident=$kb looks=$((looks + 1))
done
[ -n "$to" ]
ok $? "it was live while it was looked at"
[ -n "$to" ] && awk -v ticks=$((after - before)) -v ns=$((to - from)) -v kb="$resident" 'BEGIN {
	printf "# a run live for %.1f s: %d ticks of 10 ms, %.2f %% of one core; resident %d kB\n", ns / 1e9, ticks, ticks * 1e9 / ns, kb}'
ok $([ "${resident:-99999}" -lt 30720 ]; echo $?) "resident memory is below 30 MB while a run is live"
echo "1..$n"
exit $bad
