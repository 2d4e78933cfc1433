/* What a program of ordered lines needs to be built, and what it may use. */
#ifndef LOCKSTEP_ORDER_BUILD_H
#define LOCKSTEP_ORDER_BUILD_H

/* Words for the compiler, behind the source. A program that asks for HAVE_MPI gets what this suite was built with: the words
 * -DHAVE_…, -I, -L and -l of the file `compile` (see lockstep-build.c); any other program, or without that file, nothing.
 * NULL-ended; to be freed by program_words_free. */
char **order_build_words(const char *program);

/* How many blocks of 512 bytes the program may write to one file, for `ulimit -f`: MPI's shared memory consists of files. */
const char *order_file_blocks(const char *program);

#endif
