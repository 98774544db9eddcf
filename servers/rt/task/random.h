/* Random bytes for keys: a ChaCha20 generator that erases its key after each use, keyed by what the
 * spawner gave in the startup page and by RDRAND where the processor has it.
 *
 * Context: any thread, also the handler of Linux system calls; not from two threads at once. */
#ifndef RT_RANDOM_H
#define RT_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/* False, with nothing written, if there is no source of randomness at all. */
bool random_bytes(void *to, size_t count);

#endif
