#!/bin/sh
# The lesson http: all clients get every page as the seed says, whatever fails; the client without a time-out and the one without a limit
# are caught and named; the demonstrations say what they must; a small limit of files is told; nothing is left behind, however it ends.
. tests/lesson.sh
L=$B/lessons/http

run() { # ARGUMENTS
	timeout -k 5 60 "$L" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	tr -s '\n ' '  ' <"$dir/out" >"$dir/flat" # sentences may be wrapped
}

run --demo exchange
if [ $status = 4 ]; then
	grep -q libmicrohttpd-dev "$dir/err" && [ "$(wc -l <"$dir/err")" = 1 ]
	ok $? "without libmicrohttpd: exit 4, and one line names the package"
	echo "1..$count"
	exit $failed
fi
[ $status = 0 ] && grep -q '< HTTP/1.1 200 OK' "$dir/out" && grep -q '< page 7: ' "$dir/out" && grep -q '✓ the page came' "$dir/out"
ok $? "exchange: a request and its answer are shown"

right=thread-per-request,thread-pool,curl-multi,event-loop,io-uring
run --variant $right --threads 1,3 --size 60 --delay 1 --flight 20 --reps 1 --budget 0.1 --seed $$
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "all clients are right (exit $status, seed $$)"
http_proxy=http://127.0.0.1:9 ALL_PROXY=http://127.0.0.1:9 timeout 60 "$L" --variant curl-multi --size 5 --threads 1 --reps 1 --budget 0.1 >"$dir/out" 2>"$dir/err"
ok $? "a proxy of the environment is not asked for this machine's pages"
run --variant $right --threads 2 --size 30 --delay 1 --flight 15 --failures 0.3 --silent 0.02 --trickle 2 --bytes 3000 --patience 100 --reps 1 \
	--budget 0.1 --seed $$
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "… and with failures, silence and pages that come in pieces (exit $status, seed $$)"

run --variant no-timeout --silent 0.02 --failures 0.1 --patience 100 --size 60 --threads 2 --reps 1 --budget 0.1 --seed 1
[ $status = 0 ] && grep -q '✗ no-timeout is wrong, as announced.*hangs: [1-9][0-9]* requests wait for an answer that never comes' "$dir/flat"
ok $? "no-timeout: the hang is found and named (exit $status)"
run --variant retry-at-once --failures 0.2 --size 60 --threads 2 --reps 1 --budget 0.1 --seed 1
[ $status = 0 ] && grep -q '✗ retry-at-once is wrong, as announced.*tried 60 times, 4 are allowed' "$dir/flat"
ok $? "retry-at-once: the storm is found and named (exit $status)"
run --variant no-timeout,retry-at-once --size 40 --threads 1 --reps 1 --budget 0.5
[ $status = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "both are right where nothing fails"

run --demo clients
[ $status = 0 ] && ! grep -q ✗ "$dir/out" && [ "$(grep -cE '^ .*(one-by-one|thread-pool|thread-per-request|event-loop) +[0-9]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ ' "$dir/out")" = 4 ]
ok $? "clients: pages a second, three percentiles and the memory of each"
run --demo latency
[ $status = 0 ] && grep -q 'P50 .* P95 .* P99' "$dir/out" && [ "$(grep -c '#' "$dir/out")" -ge 3 ]
ok $? "latency: a histogram"
run --demo retries
[ $status = 0 ] && grep -q '503, 503, 503, 503: given up' "$dir/out" && grep -q 'time-out, the page' "$dir/out" &&
	grep -q '✓ every try ended as the seed says: 24 tries, 11 pages, 1 given up' "$dir/out"
ok $? "retries: a page is given up after four tries, a silent one is got by the second"
run --demo silence
[ $status = 0 ] && grep -q '✓ recv gave up' "$dir/out"
ok $? "silence: a time-out ends the wait"

# ---- limits ----
run --demo many
[ $status = 0 ] && grep -qE '✓ ([0-9]+) of \1 pages came' "$dir/out"
ok $? "many: ten thousand pages at once, or as many as may be"
(ulimit -n 300 && timeout 60 "$L" --demo many) >"$dir/out" 2>"$dir/err"
[ $? = 0 ] && [ "$(grep -c 'may have 300 open files' "$dir/out")" = 1 ] && grep -q 'ulimit -Hn' "$dir/out" && grep -q '✓ 200 of 200' "$dir/out"
ok $? "with 300 open files: fewer at once, and a line says the limit and the cure"
(ulimit -n 300 && timeout 60 "$L" --variant $right --flight 1000 --size 250 --delay 0 --threads 1 --reps 1 --budget 0.1) >"$dir/out" 2>"$dir/err"
[ $? = 0 ] && ! grep -q ✗ "$dir/out"
ok $? "… and all clients keep to it"

# ---- a server of one's own ----
if python3 -c '' 2>/dev/null; then
	echo hello >"$dir/page"
	(cd "$dir" && exec python3 -u -m http.server --bind 127.0.0.1 0 >"$dir/port" 2>/dev/null) &
	server=$!
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
		grep -q 'port [1-9]' "$dir/port" && break
		sleep 0.2
	done
	port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' "$dir/port")
	run --url "http://127.0.0.1:$port/page" --url-requests 9 --url-flight 3
	if [ $status = 4 ]; then
		skip "--url" "$(cat "$dir/err")"
	else
		[ $status = 0 ] && grep -q '9 times, at most 3 at once' "$dir/out" && grep -q '✓ 9 of 9 requests were answered' "$dir/out"
		ok $? "--url: asks the server that it is told, as often as it is told"
		run --url "http://127.0.0.1:$port/nothing" --url-requests 2
		[ $status = 1 ] && grep -q 'status 404' "$dir/out"
		ok $? "--url: a page that is not there is told, exit 1"
	fi
	kill $server
	wait $server 2>/dev/null
fi
for bad in "--url ftp://127.0.0.1/" "--url-requests 1001" "--url-requests x" "--url-flight 33" "--url-flight 0" "--failures 0.6" "--flight 10001" "--patience 1"; do
	run $bad
	[ $status = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
	ok $? "$bad: one line, exit 2"
done

# ---- the puzzle ----
puzzle() { # LINES
	awk -v lines="$1" '/\/\/@/ { print lines; next } { print }' lessons/5-async/2-http/order-retry.c >"$dir/order.c"
	${CC:-cc} -w -o "$dir/order" "$dir/order.c" 2>"$dir/err" && timeout -k 5 20 "$dir/order" >"$dir/out"
}
loop='for (int try = 0; try < TRIES; try++) { int fd = connect_to();'
puzzle "$loop set_timeout(fd); bool came = ask(fd); close(fd); if (came) return true; pause_a_little(try); }"
ok $? "puzzle: the right order"
puzzle "$loop bool came = ask(fd); set_timeout(fd); close(fd); if (came) return true; pause_a_little(try); }"
[ $? = 1 ] && grep -q 'never comes' "$dir/out"
ok $? "puzzle: without a time-out it waits for ever, and that is told"
puzzle "$loop set_timeout(fd); bool came = ask(fd); if (came) return true; close(fd); pause_a_little(try); }"
[ $? = 1 ] && grep -q 'left open' "$dir/out"
ok $? "puzzle: a connection that stays open is told"
puzzle "for (int try = 0; true; try++) { int fd = connect_to(); set_timeout(fd); bool came = ask(fd); close(fd); if (came) return true; pause_a_little(try); }"
[ $? = 1 ] && grep -q '4 are allowed' "$dir/out"
ok $? "puzzle: tries without a limit are told"
puzzle "$loop set_timeout(fd); bool came = ask(fd); close(fd); pause_a_little(try); if (came) return true; }"
ok $? "puzzle: a pause too many is no mistake"

# ---- nothing is left behind: a session of its own, in which nobody may be left ----
if command -v setsid >/dev/null && command -v pgrep >/dev/null; then
	for signal in INT TERM KILL; do
		setsid "$L" --variant thread-per-request --size 3000 --delay 50 --flight 20 --threads 1 --budget 60 >"$dir/out" 2>"$dir/err" &
		pid=$!
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do # it, and its server
			[ "$(pgrep -s $pid | wc -l)" -ge 2 ] && break
			sleep 0.1
		done
		[ "$(pgrep -s $pid | wc -l)" -ge 2 ]
		seen=$?
		sleep 0.2
		kill -$signal $pid
		wait $pid 2>/dev/null
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			pgrep -s $pid >/dev/null || break
			sleep 0.1
		done
		[ $seen = 0 ] && ! pgrep -s $pid >"$dir/err"
		ok $? "ended by SIG$signal: the server is gone, too"
	done
fi

# ---- ThreadSanitizer: the same options as in t8-sanitizers, so that one build serves both ----
echo 'int main(void) { return 0; }' >"$dir/empty.c"
if ! ${CC:-cc} -fsanitize=thread -o "$dir/empty" "$dir/empty.c" 2>/dev/null || ! "$dir/empty"; then
	skip "ThreadSanitizer" "no libtsan for ${CC:-cc} here"
	echo "1..$count"
	exit $failed
fi
T=$B/tsan
make -s -j2 B="$T" SAN=thread OPT=-O1 "$T/lessons/http" >"$dir/out" 2>"$dir/err"
ok $? "http builds with SAN=thread"
TSAN_OPTIONS=exitcode=0 timeout -k 5 60 "$T/lessons/http" --variant $right,retry-at-once --threads 2 --size 40 --failures 0.2 --reps 1 --budget 0.1 \
	>"$dir/out" 2>"$dir/err"
[ $? = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$dir/err"
ok $? "ThreadSanitizer has nothing to say about the clients"
echo "1..$count"
exit $failed
