#!/bin/sh
# Ranks on several hosts: two network name spaces of this machine, each with an address of its own, and a launch agent in ssh's place. Where
# the delay and the rate of the wire are set (tc netem where the kernel has it, else tests/wire.py), alpha and beta move as they were set.
B=${B:-build}
export LC_ALL=C.UTF-8
root=$(cd "$(dirname "$0")/.." && pwd)
count=0
failed=0

ok() { # STATUS NAME
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
		sed 's/^/# /' "$dir/out" "$dir/err" | tail -n 30
	fi
}

if ! "$B/lessons/messages" --describe | jq -e '[.kernels[].variants[] | select(.kind == "mpi")][0].unavailable == null' >/dev/null 2>&1; then
	echo "1..0 # SKIP no MPI here"
	exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v ip >/dev/null || ! command -v unshare >/dev/null; then
	echo "1..0 # SKIP needs root, ip and unshare to make hosts"
	exit 0
fi

dir=$(mktemp -d) || exit 255
one=lk${$}a two=lk${$}b wire=
clean() {
	[ -z "$wire" ] || kill "$wire" 2>/dev/null
	for host in $one $two; do
		for pid in $(ip netns pids "$host" 2>/dev/null); do kill -KILL "$pid" 2>/dev/null; done
		ip netns del "$host" 2>/dev/null
		ip link del "v$host" 2>/dev/null
	done
	ip link del "br$$" 2>/dev/null
	rm -rf "$dir"
}
trap clean EXIT
trap 'exit 130' INT TERM HUP

# Two hosts on one bridge; mpirun lives on the bridge itself. Each has two wires: eth0 for mpirun's own talk, eth1 for messages.
net=10.$((128 + $$ % 100)).$((1 + $$ / 100 % 250))
if ! { ip link add "br$$" type bridge && ip addr add "$net.254/24" dev "br$$" && ip link set "br$$" up; } 2>"$dir/err"; then
	echo "1..0 # SKIP no bridge can be made here: $(head -n 1 "$dir/err")"
	exit 0
fi
n=0
for host in $one $two; do
	n=$((n + 1))
	if ! { ip netns add "$host" && ip link add "v$host" type veth peer name eth0 netns "$host" &&
		ip link set "v$host" master "br$$" up && ip -n "$host" addr add "$net.$n/24" dev eth0 &&
		ip -n "$host" link set eth0 up && ip -n "$host" link set lo up; } 2>"$dir/err"; then
		echo "1..0 # SKIP no network name spaces here: $(head -n 1 "$dir/err")"
		exit 0
	fi
	echo "$host slots=2" >>"$dir/hosts"
done

cat >"$dir/agent" <<-'END'
	#!/bin/sh
	host=$1
	shift
	exec ip netns exec "$host" unshare --uts sh -c "hostname $host; $*"
END
chmod +x "$dir/agent"
export LOCKSTEP_LAUNCH="$dir/agent" OMPI_MCA_btl=tcp,self OMPI_MCA_oob_tcp_if_include=$net.0/24 OMPI_MCA_btl_tcp_if_include=$net.0/24

run() { # WORDS...: a lesson; its text and its exit status
	timeout -k 5 100 "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}

left() { # how many processes of ours are still on the hosts
	sleep 0.3
	{ ip netns pids $one; ip netns pids $two; } | wc -l
}

run "$B/lessons/scatter-gather" --hosts "$dir/hosts" --variant scatterv,by-hand,reduce --threads 2,3 --size 1001 --reps 1 --budget 0.2 -q
[ $status = 0 ] && grep -q '✓ .*right in all' "$dir/out"
ok $? "scatter-gather is right with 2 and 3 ranks on two hosts (exit $status)"
run "$B/lessons/messages" --kernel allreduce --hosts "$dir/hosts" --variant allreduce,ring,naive --threads 2,3 --size 1001 --reps 1 --budget 0.2 -q
[ $status = 0 ] && grep -q '✓ .*right in all' "$dir/out"
ok $? "allreduce, ring and naive are right with 2 and 3 ranks on two hosts (exit $status)"
run "$B/lessons/scatter-gather" --hosts "$dir/hosts" --demo deadlock
[ $status = 0 ] && grep -q 'rank 0 waits in MPI_Send for rank 1, rank 1 waits in MPI_Send for rank 0' "$dir/out"
ok $? "a deadlock across hosts is found and named (exit $status)"
[ "$(left)" = 0 ]
ok $? "no process is left on the hosts"

"$B/lessons/scatter-gather" --hosts "$dir/hosts" --threads 2 --budget 20 >"$dir/out" 2>"$dir/err" &
pid=$!
sleep 2
there=$({ ip netns pids $one; ip netns pids $two; } | wc -l)
kill -KILL $pid
wait $pid 2>/dev/null
for try in 1 2 3 4 5 6 7 8 9 10; do [ "$(left)" = 0 ] && break; done
[ "$there" -ge 4 ] && [ "$(left)" = 0 ]
ok $? "killed by SIGKILL in the middle of a run ($there processes there), no process is left on the hosts"

echo "nohost slots=1" >"$dir/bad"
run "$B/lessons/scatter-gather" --hosts "$dir/bad" --threads 2 --reps 1 --budget 0.2
[ $status = 3 ] && [ -s "$dir/err" ]
ok $? "a host that isn't there: exit 3 and a line that says so (exit $status)"
run "$B/lessons/scatter-gather" --hosts "$dir/nofile" --threads 2
[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
ok $? "a file of hosts that isn't there: one line, exit 2"

# ---- the wire: netem on both sides, or frames carried by a program ----
way=netem
if ! ip netns exec $one tc qdisc add dev eth0 root netem delay 1ms 2>/dev/null; then
	way=wire
	echo "0 0" >"$dir/settings"
	if ! [ -c /dev/net/tun ] || ! python3 -c 'import fcntl' 2>/dev/null; then
		echo "ok $((count + 1)) - alpha and beta move as set # SKIP neither netem nor /dev/net/tun here"
		echo "1..$((count + 1))"
		exit $failed
	fi
	nice -n -15 python3 "$root/tests/wire.py" "ta$$" "tb$$" "$dir/settings" >"$dir/wire" 2>&1 &
	wire=$!
	for try in $(seq 100); do grep -q ready "$dir/wire" && break; sleep 0.05; done
	n=0
	for host in $one $two; do
		n=$((n + 1))
		tap=$(echo "ta$$ tb$$" | cut -d' ' -f$n)
		ip link set "$tap" netns "$host" && ip -n "$host" link set "$tap" name eth1 && ip -n "$host" addr add "172.29.$(($$ % 250)).$n/24" dev eth1 &&
			ip -n "$host" link set eth1 up
	done
	export OMPI_MCA_btl_tcp_if_include="172.29.$(($$ % 250)).0/24"
else
	ip netns exec $two tc qdisc add dev eth0 root netem delay 1ms
fi
echo "# the wire is made by $way"

set_wire() { # DELAY_MS RATE_MBIT
	if [ $way = netem ]; then
		for host in $one $two; do ip netns exec $host tc qdisc replace dev eth0 root netem delay "$1ms" rate "$2mbit"; done
	else
		echo "$1 $2" >"$dir/settings"
		kill -USR1 $wire
	fi
}

# alpha in us and beta in MB/s of the fit over the whole
fit() {
	run "$B/lessons/messages" --demo fit --launches 1 --hosts "$dir/hosts"
	sed -n 's/.*alpha \([0-9.]*\) us.* beta \([0-9]*\) MB.*/\1 \2/p' "$dir/out" | tail -n 1
}

within() { # VALUE LEAST MOST
	echo "$1 $2 $3" | awk '{ exit !($1 >= $2 && $1 <= $3) }'
}

set_wire 4 1000
fast=$(fit)
[ -n "$fast" ]
ok $? "the fit runs over a wire of 4 ms"
within "${fast% *}" 3800 8000
ok $? "4 ms of delay are set, alpha is ${fast% *} us"
set_wire 12 1000
slow=$(fit)
within "${slow% *}" 11500 24000
ok $? "12 ms of delay are set, alpha is ${slow% *} us"
within "${slow% *}" "$(echo "${fast% *}" | awk '{print $1 * 1.4}')" 1e9
ok $? "the longer delay has the larger alpha"

set_wire 1 200
wide=$(fit)
within "${wide#* }" 10 27
ok $? "200 Mbit/s are set (25 MB/s), beta is ${wide#* } MB/s"
set_wire 1 50
narrow=$(fit)
within "${narrow#* }" 3 7
ok $? "50 Mbit/s are set (6.2 MB/s), beta is ${narrow#* } MB/s"

[ "$(left)" = 0 ]
ok $? "no process is left on the hosts"
echo "1..$count"
exit $failed
