#!/bin/sh
# Lines put in order line by line (--plain): by their numbers, judged by building and running them.
set -u
. tests/screen.sh
command -v cc > /dev/null || skip_all "no C compiler here"
cp -r tests/fixtures/puzzles/lessons/. "$T/lessons/"
cp tests/fixtures/puzzles/bin/* "$T/build/lessons/"
cp "$T/build/lessons/demo" "$T/build/lessons/order"
mkdir "$T/tmp"
export TMPDIR="$T/tmp" TERM=dumb
plain() { # plain < ANSWERS
	(cd "$T" && build/lockstep --plain order > "$T/out" 2> "$T/err")
}
# The numbers that the lines have in the list, by their texts.
number() { sed -n "s/^  \([0-9]*\)\. *$1\$/\1/p" "$T/list" | head -1; }
plain < /dev/null
cp "$T/out" "$T/list"
lock=$(number 'pthread_mutex_lock(&lock);') zero=$(number 'is(0);') one=$(number 'is(1);')
unlock=$(number 'pthread_mutex_unlock(&lock);') bad=$(number 'pthread_mutex_unlock(lock);') again=$(number 'for (;;) puts("again");')
abort=$(number 'abort();')
[ -n "$lock" ] && [ -n "$zero" ] && [ -n "$one" ] && [ -n "$unlock" ]
ok $? "the lines are listed"
bad_count=$bad; bad=0
printf '%s\n' "$lock $lock" "1 99" "$lock $bad_count" "$again" "$abort" "$lock $one $zero $unlock" "$lock, $zero $one $unlock" '' | plain
ok $? "orders are tried"
has "$T/out" "each once, please" "numbers are checked"
has "$T/out" "The compiler does not take it." "what does not build is told"
has "$T/out" "It says too much" "what says too much is stopped"
has "$T/out" "Killed by signal" "what is killed is told"
has "$T/out" "Not so." "what is wrong is told"
has "$T/out" "Right." "and what is right"
has "$T/out" "The lock is taken once" "and why"
[ "$(wc -c < "$T/out")" -lt 20000 ]
ok $? "an endless program does not fill the page"
has "$T/state/lockstep/progress" "mark order 1 = done" "the step is done"
[ -z "$(ls -A "$T/tmp")" ]
ok $? "no work file is left"
mkdir "$T/nothing"
printf '%s\n' "$lock $one $zero $unlock" '' | (PATH=$T/nothing; cd "$T" && build/lockstep --plain order > "$T/out" 2> "$T/err")
has "$T/out" "There is no C compiler here" "without a compiler that is told, instead of blaming the lines"
printf '%s\n' "$lock $zero $one $unlock" '' | plain
printf '\n\n' | plain
has "$T/out" "You had it right before." "and known the next time"
finish
