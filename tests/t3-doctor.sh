#!/bin/sh
# The doctor: findings on any machine, in text, ASCII and JSON; a hanging helper does not hang it; wrong options.
doctor=${B:-build}/lockstep-doctor
n=0
failed=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
XDG_STATE_HOME=$dir/state XDG_CACHE_HOME=$dir/cache
export XDG_STATE_HOME XDG_CACHE_HOME

ok() { # STATUS NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        failed=1
    fi
}
has() { # FILE REGEX NAME
    grep -Eq "$2" "$1"
    ok $? "$3"
}

LC_ALL=C.UTF-8 TERM=xterm-256color "$doctor" >"$dir/text" 2>"$dir/err"
ok $? "exit 0"
[ ! -s "$dir/err" ]
ok $? "nothing on stderr"
for area in noise cores machine clock counters compiler gnuplot python3 "Open MPI" CUDA NVIDIA OpenCL terminal characters progress cache; do
    has "$dir/text" "^(✓|–|✗) $area  *[^ ]" "a finding on $area"
done
! grep -Evq '^(✓|–|✗) ' "$dir/text"
ok $? "every line is a finding with its mark"
has "$dir/text" "^. cores .*[0-9]+ usable of [0-9]+" "cores with figures"
has "$dir/text" "^. terminal .*256 colours" "colours from terminfo"
! grep -E '^✗ (gnuplot|python3|Open MPI|OpenCL)' "$dir/text" | grep -Evq '→|crashes|does not answer'
ok $? "what is missing has a cure"

"$doctor" --json >"$dir/json"
ok $? "--json: exit 0"
shape='^\{"t":"finding","area":"[^"]+","state":"(ok|no|limited)","text":".+","cure":(null|".+")\}$'
! grep -Evq "$shape" "$dir/json"
ok $? "--json: every line is a finding"
if command -v jq >/dev/null; then
    [ "$(jq -s 'length' "$dir/json")" = "$(wc -l <"$dir/json")" ]
    ok $? "--json: jq reads every line"
    [ "$(jq -rs 'map(.area) | unique | length' "$dir/json")" -ge 16 ]
    ok $? "--json: the same areas"
fi

LC_ALL=C TERM=xterm "$doctor" >"$dir/ascii"
! LC_ALL=C grep -q '[^ -~]' "$dir/ascii"
ok $? "without UTF-8: plain ASCII"
! grep -Evq '^(ok|--|no) ' "$dir/ascii"
ok $? "without UTF-8: marks in words"
has "$dir/ascii" "^-- characters .*ASCII" "and it says so"

TERM='' "$doctor" >"$dir/term"
has "$dir/term" "(✗|no) terminal .*not set" "no TERM"
TERM=no-such-terminal "$doctor" >"$dir/term"
has "$dir/term" "(✗|no) terminal .*no-such-terminal" "an unknown TERM"

XDG_STATE_HOME=/dev/null/x XDG_CACHE_HOME=/dev/null/y "$doctor" >"$dir/folders"
ok $? "folders that can't be written: still exit 0"
has "$dir/folders" "(✗|no) progress .*XDG_STATE_HOME" "and a cure for progress"
has "$dir/folders" "(✗|no) cache " "and for the cache"

# helpers that hang, fail, and do not exist
mkdir "$dir/bin"
cat >"$dir/bin/python3" <<EOF
#!/bin/sh
echo \$\$ >"$dir/pid"
exec sleep 600
EOF
printf '#!/bin/sh\nexit 3\n' >"$dir/bin/gnuplot"
chmod +x "$dir/bin/python3" "$dir/bin/gnuplot"
PATH=$dir/bin:/usr/bin:/bin timeout 60 "$doctor" >"$dir/hang"
ok $? "a python3 that hangs does not hang the doctor"
has "$dir/hang" "(✗|no) python3 .*does not answer" "and is reported"
has "$dir/hang" "(✗|no) gnuplot .*apt install gnuplot-nox" "a gnuplot that fails is reported with its package"
! kill -0 "$(cat "$dir/pid")" 2>/dev/null
ok $? "no child is left behind"

"$doctor" --foo >"$dir/out" 2>"$dir/err"
[ $? = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -q -- '--foo' "$dir/err"
ok $? "an unknown option: exit 2, one line that names it"
"$doctor" extra >"$dir/out" 2>"$dir/err"
[ $? = 2 ] && grep -q extra "$dir/err"
ok $? "an argument too many: exit 2"
"$doctor" -h >"$dir/out"
[ $? = 0 ] && grep -q -- '--json' "$dir/out"
ok $? "-h: help, exit 0"
echo "1..$n"
exit $failed
