/* Signals of real time that wait, each with what was sent with it: those of one number come in the
 * order in which they were sent (signal(7)). Of all others one waits at most, and a bit says so
 * (signals.c), which is set here, too, as long as there is one of that number.
 *
 *      add ──> │ oldest │ … │ newest │ ──take──> the oldest of a number
 *
 * There is room for SIGNALS_QUEUED of the whole program. Who sends one more to it himself is told
 * (EAGAIN); what others send waits at the process server meanwhile, for which one place is kept.
 *
 * Pure. Context: `state` (threads.h). */
#ifndef RT_LINUX_QUEUE_H
#define RT_LINUX_QUEUE_H

#include "servers/rt/linux/signals.h"

enum { SIGNALS_QUEUED = 256, SIGNAL_REAL_TIME = 32 /* and all above it */ };

/* How many more can be added. */
unsigned queued_room(void);

/* There is room. to: NULL: the process. */
void queued_add(const struct thread *to, int signal, const struct signal_sent *sent);

/* Whether one waits that was sent so: its code and sender are these. */
bool queued_has(const struct thread *to, int signal, const struct signal_sent *sent);

/* Takes the oldest of that number; `sent` stays as it is if there is none. True: there is another.
 */
bool queued_take(const struct thread *to, int signal, struct signal_sent *sent);

/* The thread ends, and what waits for it. */
void queued_drop(const struct thread *to);

/* In a child of fork: nothing waits. */
void queued_forked(void);

#endif
