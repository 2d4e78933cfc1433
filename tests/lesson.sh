# For the shell tests of one lesson: TAP, a folder that is removed at the end, and what was printed where something failed. Source it
# first. "$dir/out" and "$dir/err" are where a test puts what a command printed.
B=${B:-build}
export LC_ALL=C.UTF-8
count=0
failed=0
dir=$(mktemp -d) || exit 255
trap 'rm -rf "$dir"' EXIT

ok() { # STATUS NAME
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2${seed:+ (seed $seed)}"
		failed=1
		sed 's/^/# /' "$dir/out" "$dir/err" | head -n 30
	fi
}

skip() { # NAME REASON
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}
