#!/bin/sh
# Every kernel of every lesson, all variants, at sizes 0, 1 and 7 with fewer and more workers than items: right, or wrong as announced.
B=${B:-build}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export XDG_CACHE_HOME="$tmp/cache"
count=0
failed=0

for description in "$B"/lessons/*.json; do
	id=$(jq -r .id "$description")
	for kernel in $(jq -r '.kernels[].name' "$description"); do
		for size in 0 1 7; do
			count=$((count + 1))
			if "$B/lessons/$id" --kernel "$kernel" --variant all --size $size --threads 1,3 --reps 1 --budget 0.1 --counters off -q \
				--seed $$ >"$tmp/out" 2>&1; then
				echo "ok $count - $id, $kernel, size $size"
			else
				echo "not ok $count - $id, $kernel, size $size (exit $?, seed $$)"
				failed=1
				tail -n 5 "$tmp/out" | sed 's/^/# /'
			fi
		done
	done
done
[ $count -gt 0 ] || failed=1
echo "1..$count"
exit $failed
