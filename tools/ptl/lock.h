/* The lock of a run directory: whoever holds it owns what is in there. The keeper inherits it from
 * the ptl that starts it and holds it to its end, however it ends. */
#ifndef PTL_LOCK_H
#define PTL_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Takes the lock, waiting until the deadline (clock.h) if another process has it. Returns a
 * descriptor that holds it, or -1: with *holder that process's id (0 if unknown), or with a
 * complaint and *holder -1 if the file cannot be used. */
int lock_take(int64_t deadline, pid_t *holder);

#endif
