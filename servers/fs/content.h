/* The bytes of one file, copied on write over bytes that nobody may change (the archive's).
 *
 *      0              shared_length        size
 *      |  shared bytes     |  zeros          |
 *      |  [own block]      |     [own block] |        own blocks lie over both
 *
 * Own blocks stand in a list in the order of their numbers, so a hole costs nothing, however long.
 *
 * Invariants: shared_length <= size; no two own blocks have one number, none begins at or beyond
 * size; the bytes of an own block that lie beyond size are zero. So growing a file never brings old
 * bytes back. */
#ifndef FS_CONTENT_H
#define FS_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "servers/fs/budget.h"

enum { CONTENT_BLOCK = 4096 };

/* The longest file, as ext4 has it with such blocks: sums of places and counts are far from what a
 * word holds. */
#define CONTENT_SIZE_MAX (1ull << 44)

struct own_block {
        uint64_t number;
        uint8_t *bytes;
};

struct content {
        const uint8_t *shared;
        uint64_t shared_length;
        uint64_t size;
        struct own_block *blocks;         /* NULL: there is no room yet */
        uint32_t block_count, block_room; /* a budget is far less than so many blocks */
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
