#!/bin/sh
# report.sh BUILD: the sample report, BUILD/report/{en,zh}/lockstep-report.html: a learner's way through some steps of four lessons,
# with guesses, answers and a changed program, all really run on this machine (two minutes) in folders of their own. Then what could
# not be measured here.
set -eu
B=$(cd "$1" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM HUP
export XDG_STATE_HOME="$tmp/state" XDG_DATA_HOME="$tmp/data" XDG_CACHE_HOME="$tmp/cache" LC_ALL=C.UTF-8
unset LOCKSTEP_HOME VISUAL EDITOR LANGUAGE

# learn LESSON: keystrokes from stdin
learn() {
	cat >"$tmp/script"
	echo "  $1" >&2
	(cd "$tmp" && "$B/lockstep-tui" --lang en --size 110x30 --script script "$1")
}
key() { for k; do echo "key $k"; done; }
run() { printf 'key Enter\nwait-run 120\n'; }
pages() { i=0; while [ $i -lt "$1" ]; do key n; i=$((i + 1)); done; }
downs() { i=1; while [ $i -lt "$1" ]; do key Down; i=$((i + 1)); done; }
guess() { key Enter; echo "type $1"; key Enter; run; }  # a number, and the run after it
choose() { key Enter; downs "$1"; key Enter; run; }     # one of several answers, and the run
answer() { key Enter; downs "$1"; key Enter; }          # of a question
echo "a learner's way through four lessons:" >&2
{ pages 2; choose 1; pages 2; guess 1.9; pages 3; answer 4; answer 2; } | learn concurrency
{ pages 1; run; pages 1; guess 1.9; pages 4; guess 0.2; } | learn amdahl
{ choose 2; pages 3; guess 2; } | learn race
{ pages 1; choose 2; pages 2; guess 2; } | learn mutex

# A program of the learner's own: the lock is taken once for all, not for each addition.
cat >"$tmp/editor" <<'END'
#!/bin/sh
for file; do :; done
sed -i '/^static void count_mutex/,/^}/{
	/pthread_mutex_/d
	s|^\tfor .*|\tpthread_mutex_lock(\&s->mutex); /* once for all: is it faster? */\n&|
	s|^\t}|&\n\tpthread_mutex_unlock(\&s->mutex);|
}' "$file"
END
chmod +x "$tmp/editor"
printf 'key e\nwait-run 120\nkey r\nwait-run 120\n' | EDITOR=$tmp/editor learn mutex

for l in en zh; do
	"$B/lockstep-report" --lang $l --name "$([ $l = en ] && echo "A sample" || echo 示例)" -o "$B/report/$l"
done
records=$tmp/state/lockstep/records.ndjson
echo "not measured here:"
jq -r 'select(.t == "machine") | .counters.why_not_hw // empty | "  hardware counters: " + .' "$records" | sort -u
jq -rs '(map(select(.t == "run") | {key: .run, value: .command}) | from_entries) as $c | .[] | select(.t == "say" and .about == "busy") | "  \($c[.run]): \(.text)"' "$records"
jq -rs '[.[] | select(.t == "machine")][0] | .usable | "  more than \(.) workers with a core each"' "$records"
command -v chromium >/dev/null || echo "  the page on paper: no browser (make deps-check installs one)"
