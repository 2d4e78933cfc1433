#!/bin/sh
# install.sh BUILD PREFIX "PROGRAMS" "LESSONS": puts what was built into BUILD, and what it reads, where they belong below PREFIX.
# With the word "remove" for the programs it takes all of that away.
set -eu
build=$1 prefix=$2 programs=$3 lessons=${4:-}
manual="lockstep.1 lockstep-lesson.1 lockstep-record.5 bash zsh fish"
libexec=$prefix/libexec/lockstep share=$prefix/share

if [ "$programs" = remove ]; then
	[ ! -x "$libexec/lockstep-manual" ] || for page in $manual; do
		rm -f "$share/$("$libexec/lockstep-manual" --where "$page")"
	done
	rm -rf "$prefix/bin/lockstep" "$libexec" "$share/lockstep" "$share"/locale/*/LC_MESSAGES/lockstep.mo
	exit
fi

install -d "$prefix/bin" "$libexec/lessons"
for program in $programs; do
	case $program in */lockstep) install "$program" "$prefix/bin" ;; *) install "$program" "$libexec" ;; esac
done
for lesson in $lessons; do
	install "$lesson" "$libexec/lessons"
	install -m 644 "$lesson.json" "$libexec/lessons"
done
# What a changed copy of a lesson is built with.
for file in compile libcourse.a libkernels.a libbase.a; do
	install -m 644 "$build/$file" "$libexec"
done
for page in $manual; do
	"$build/lockstep-manual" "$page" >"$build/$page"
	install -D -m 644 "$build/$page" "$share/$("$build/lockstep-manual" --where "$page")"
done
for file in lessons/*/*.md lessons/*/*/* lessons/*.h kernels/*.[ch] kernels/*.c[ul] kernels/*/*.h plots/*.gp plots/*.css data/* data/runs/*.ndjson; do
	[ ! -f "$file" ] || install -D -m 644 "$file" "$share/lockstep/$file"
done
for file in "$build"/locale/*/LC_MESSAGES/lockstep.mo; do
	[ ! -f "$file" ] || install -D -m 644 "$file" "$share/${file#"$build"/}"
done
