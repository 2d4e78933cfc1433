/* What the doctor's parts share: how a finding is told. */
#ifndef LOCKSTEP_DOCTOR_H
#define LOCKSTEP_DOCTOR_H

enum finding { FINDING_OK, FINDING_LIMITED, FINDING_NO };

/* One finding: a line for people or an object for programs. cure: what to do, or NULL. */
void doctor_say(enum finding state, const char *area, const char *cure, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The programs and devices that are asked by starting something, all side by side, within 1.9 s. */
void doctor_outside(void);

#endif
