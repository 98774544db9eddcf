/* Random bytes: a ChaCha20 generator that erases its key after each use. Its key comes of what the
 * spawner gave in the startup page, of RDRAND where the processor has it, and of what it is told;
 * each is mixed in, so that none has to be good alone.
 *
 * What is known to others, such as a seed on the kernel's command line, makes numbers that differ
 * from node to node and from start to start, and nothing more: keys are made of secret randomness
 * only.
 *
 * A machine that is restored from a snapshot goes on with the key that it had, as often as it is
 * restored: only what RDRAND adds makes a difference then.
 *
 * Context: any thread, also the handler of Linux system calls; not from two threads at once. */
#ifndef RT_RANDOM_H
#define RT_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum random_quality {
        RANDOM_NONE,   /* nothing is there */
        RANDOM_PUBLIC, /* differs from other nodes' and starts', but others can know it */
        RANDOM_SECRET, /* for keys */
};

/* What the generator has been given so far. */
enum random_quality random_quality(void);

/* Mixes bytes of that quality in. */
void random_stir(const void *from, size_t count, enum random_quality quality);

/* In a child of fork: what comes from now on differs from what its parent gets. */
void random_forked(uint64_t process);

/* Bytes that nobody can guess. False, with nothing written, if there is no secret source. */
bool random_bytes(void *to, size_t count);

/* Bytes that only have to differ from others, as numbers of lives and sessions do. False, with
 * nothing written, if there is no source at all. */
bool random_distinct(void *to, size_t count);

#endif
