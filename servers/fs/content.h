/* The bytes of one file, copied on write over bytes that nobody may change (the archive's).
 *
 *      0              shared_length        size
 *      |  shared bytes     |  zeros          |
 *      |  [own block]      |     [own block] |        own blocks lie over both
 *
 * Invariants: shared_length <= size; no own block begins at or beyond size; the bytes of an own
 * block that lie beyond size are zero. So growing a file never brings old bytes back. */
#ifndef FS_CONTENT_H
#define FS_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "servers/fs/budget.h"

enum { CONTENT_BLOCK = 4096 };

/* The largest file: bounds the table of own blocks of a file that is mostly hole. */
#define CONTENT_SIZE_MAX (1ull << 32)

struct content {
        const uint8_t *shared;
        uint64_t shared_length;
        uint64_t size;
        uint8_t **blocks; /* by number; NULL: not written to */
        size_t block_count;
};

/* Copies bytes from `offset` on to `out`: as many as there are, at most `count`. Never fails. */
size_t content_read(const struct content *content, uint64_t offset, void *out, size_t count);

/* The same bytes in place, without a copy, where all of them are shared ones: *length is how many.
 * NULL: some are not, or there are none. */
const void *content_view(const struct content *content, uint64_t offset, size_t count,
                         size_t *length);

/* Writes `count` bytes (at most FS_CHUNK_MAX) at `offset`, with zeros before them if the file ends
 * earlier. All or nothing: NO_SPACE (answered), INVALID beyond CONTENT_SIZE_MAX. */
outcome_t content_write(struct content *content, struct budget *budget, uint64_t offset,
                        const void *data, size_t count);

/* Sets the size, with zeros if it grows: INVALID beyond CONTENT_SIZE_MAX. Shrinking never fails. */
outcome_t content_truncate(struct content *content, struct budget *budget, uint64_t size);

/* Gives all own blocks back; the content is empty then. */
void content_release(struct content *content, struct budget *budget);

/* Whether the invariants above hold. */
bool content_check(const struct content *content);

#endif
