/* The lock of a run directory: one cluster has it, and owns what is in there. All of its processes
 * hold it, since they inherit the descriptor, and each holds it to its end, however it ends. So
 * whoever gets it knows that nothing of an earlier cluster runs any more. */
#ifndef PTL_LOCK_H
#define PTL_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Takes the lock, waiting until the deadline (clock.h) if others have it. Returns a descriptor that
 * holds it, or -1 with errno: EWOULDBLOCK if others have it still. */
int lock_take(int64_t deadline);

/* Writes into the file who has the lock, for messages and scripts: this process. */
void lock_sign(int lock);

/* Who signed last; 0: nobody. */
pid_t lock_signer(void);

/* Whether that file is still the lock that we hold. It is not once somebody has removed or renamed
 * it, or a folder that it lies in; where that cannot be told, it is. */
bool lock_is_at(int lock, const char *file);

#endif
