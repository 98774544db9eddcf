/* The files of programs that were read last, so that the next start of one reads nothing, wherever
 * its file is.
 *
 * A file is known by the digest of its content, not by where it is: what was read is taken in only
 * under the digest that it really has, so no file server can have another program run in the place
 * of its own, and who does not know a file's content cannot name it. Servers know their files'
 * digests (file.digest); asking for that is the look at the file which a start needs anyway.
 *
 * Programs run what they cannot write to from here, without a copy: that memory is there until the
 * last of them has ended.
 *
 * Bounded: CACHE_FILES and CACHE_BYTES, of this server's account; the one that was used longest ago
 * goes first, and all of them when a program needs the memory. */
#ifndef PROCESS_CACHE_H
#define PROCESS_CACHE_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/abi/message.h"
#include "servers/proto/files.h"

enum { CACHE_FILES = 8, CACHE_BYTES = 6 << 20 };

/* The bytes of a file, and the memory object that they are, until the next cache_put or
 * cache_shrink; NULL: it is not here. */
uint8_t *cache_find(const uint8_t digest[FS_DIGEST], uint64_t size, handle_t *memory);

/* Whether bytes of a memory object, which is mapped (task/memory.h), have that digest: takes both
 * then, if they are not too many (*taken). */
bool cache_put(const uint8_t digest[FS_DIGEST], uint8_t *bytes, uint64_t size, handle_t memory,
               bool *taken);

/* Gives back all but these bytes; false: there was nothing else. */
bool cache_shrink(const uint8_t *but);

#endif
