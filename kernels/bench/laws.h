/* Writes the `fit` records of a finished session. Not for use outside kernels/bench. */
#ifndef LOCKSTEP_LAWS_H
#define LOCKSTEP_LAWS_H

struct session;
void laws_write(struct session *s);

#endif
