/* Randomness of a device of this node, for who makes keys. */
#ifndef RT_ENTROPY_H
#define RT_ENTROPY_H

#include <stdbool.h>

/* Whether there is secret randomness (servers/rt/task/random.h). Where neither the processor nor
 * the spawner has given any, the service `entropy` of this node is asked, which the caller's
 * manifest must allow (`asks entropy`), and what it gives is mixed in. Waits some seconds at most,
 * and only then. */
bool rt_entropy(void);

#endif
