#!/bin/sh
# Every Python twin runs alone with --quick, from another folder, ends with 0 within its time, and needs no more than the
# standard library.
root=$(cd "$(dirname "$0")/.." && pwd)
set -- "$root"/lessons/*/*/twin.py
n=0 failed=0

verdict() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi
}

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
	echo "1..0 # SKIP no python3 (3.9 or later)"
	exit 0
fi
if [ ! -e "$1" ]; then
	echo "Bail out! no twin was found below lessons/"
	exit 255
fi
out=$(mktemp -d) || exit 255
trap 'rm -rf "$out"' EXIT

for twin; do
	name=${twin#"$root"/lessons/}
	# -I: nothing from the environment or the current folder; -W error: nothing that is on its way out of Python.
	(cd "$out" && timeout -k 5 60 python3 -I -B -W error::SyntaxWarning "$twin" --quick >out 2>err </dev/null)
	status=$?
	verdict $status "$name --quick ends with 0"
	[ $status = 0 ] || { echo "# exit $status"; sed 's/^/# /' "$out/err" "$out/out"; }
	[ -s "$out/out" ] && [ ! -s "$out/err" ]
	status=$?
	verdict $status "$name prints what it shows, and no complaint"
	[ $status = 0 ] || sed 's/^/# /' "$out/err"
	# Imports at the left margin must be in the standard library; others stand in a try.
	python3 -I -B - "$twin" >"$out/imports" 2>&1 <<-'PY'
		import ast, sys
		tree = ast.parse(open(sys.argv[1], encoding="utf-8").read())
		known = getattr(sys, "stdlib_module_names", None)
		names = [a.name for s in tree.body if isinstance(s, ast.Import) for a in s.names]
		names += [s.module for s in tree.body if isinstance(s, ast.ImportFrom)]
		odd = [m for m in names if known and m.split(".")[0] not in known]
		sys.exit(f"outside the standard library: {odd}" if odd else 0)
	PY
	status=$?
	verdict $status "$name needs the standard library only"
	[ $status = 0 ] || sed 's/^/# /' "$out/imports"
done
echo "1..$n"
exit $failed
