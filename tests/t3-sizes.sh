#!/bin/sh
# Every kernel of every lesson, all variants, at size 0 by itself and at sizes 1 and 7 in one sweep, with fewer and more workers than items:
# right, or wrong as announced. As many at a time as there are processors.
B=${B:-build}
export B
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export XDG_CACHE_HOME="$tmp/cache"
count=0
failed=0

for description in "$B"/lessons/*.json; do
	id=$(jq -r .id "$description")
	for kernel in $(jq -r '.kernels[].name' "$description"); do
		for sizes in 0 1,7; do
			echo "$id $kernel $sizes"
		done
	done
done >"$tmp/runs"
xargs -P "$(nproc)" -L 1 sh -c '"$B/lessons/$2" --kernel "$3" --variant all --size $4 --threads 1,3 --reps 1 --budget 0.1 --counters off -q \
	--seed $1 >"$0/$2.$3.$4.out" 2>&1; echo $? >"$0/$2.$3.$4.status"' "$tmp" $$ <"$tmp/runs"
while read -r id kernel sizes; do
	count=$((count + 1))
	status=$(cat "$tmp/$id.$kernel.$sizes.status")
	if [ "$status" = 0 ]; then
		echo "ok $count - $id, $kernel, size $sizes"
	else
		echo "not ok $count - $id, $kernel, size $sizes (exit $status, seed $$)"
		failed=1
		tail -n 5 "$tmp/$id.$kernel.$sizes.out" | sed 's/^/# /'
	fi
done <"$tmp/runs"
[ $count -gt 0 ] || failed=1
echo "1..$count"
exit $failed
