/* Copy-on-write bytes of a file; see content.h for the model. Space is taken before the first byte
 * changes, so that a write that fails has changed nothing. */
#include "servers/fs/content.h"

#include "servers/common/least.h"
#include "servers/proto/files.h"

#include <string.h>

static const uint8_t *content_block(const struct content *content, uint64_t number)
{
        return number < content->block_count ? content->blocks[number] : NULL;
}

/* What the file shows at `offset` where no own block lies. */
static void shared_read(const struct content *content, uint64_t offset, uint8_t *out, size_t count)
{
        size_t shared = 0;
        if (offset < content->shared_length)
                shared = least(count, content->shared_length - offset);
        if (shared > 0)
                memcpy(out, content->shared + offset, shared);
        memset(out + shared, 0, count - shared);
}

size_t content_read(const struct content *content, uint64_t offset, void *out, size_t count)
{
        if (offset >= content->size)
                return 0;
        count = least(count, content->size - offset);
        uint8_t *to = out;
        for (size_t done = 0; done < count;) {
                uint64_t at = offset + done;
                size_t within = at % CONTENT_BLOCK;
                size_t part = least(count - done, CONTENT_BLOCK - within);
                const uint8_t *own = content_block(content, at / CONTENT_BLOCK);
                if (own)
                        memcpy(to + done, own + within, part);
                else
                        shared_read(content, at, to + done, part);
                done += part;
        }
        return count;
}

/* Makes the table of blocks reach block `last`. */
static bool blocks_reach(struct content *content, struct budget *budget, uint64_t last)
{
        size_t entry = sizeof *content->blocks;
        if (last < content->block_count)
                return true;
        /* Half as much again, so that appending costs a constant time a block; the exact number if
         * only that still fits. */
        size_t exact = last + 1;
        size_t count = exact + exact / 2;
        uint8_t **blocks =
            budget_resize(budget, content->blocks, content->block_count * entry, count * entry);
        if (!blocks) {
                count = exact;
                blocks = budget_resize(budget, content->blocks, content->block_count * entry,
                                       count * entry);
        }
        if (!blocks)
                return false;
        memset(blocks + content->block_count, 0, (count - content->block_count) * entry);
        content->blocks = blocks;
        content->block_count = count;
        return true;
}

/* Gives back those of the blocks from `first` on that the set says (bit 0: the first). */
static void blocks_disown(struct content *content, struct budget *budget, uint64_t first,
                          uint32_t made)
{
        for (; made != 0; made >>= 1, first++) {
                if (made & 1) {
                        budget_release(budget, content->blocks[first], CONTENT_BLOCK);
                        content->blocks[first] = NULL;
                }
        }
}

/* Makes blocks first to last (at most 32) the file's own, with what the file shows there. All or
 * nothing. */
static bool blocks_own(struct content *content, struct budget *budget, uint64_t first,
                       uint64_t last)
{
        uint32_t made = 0;
        for (uint64_t number = first; number <= last; number++) {
                if (content->blocks[number])
                        continue;
                uint8_t *block = budget_allocate(budget, CONTENT_BLOCK);
                if (!block) {
                        blocks_disown(content, budget, first, made);
                        return false;
                }
                shared_read(content, number * CONTENT_BLOCK, block, CONTENT_BLOCK);
                content->blocks[number] = block;
                made |= 1u << (number - first);
        }
        return true;
}

outcome_t content_write(struct content *content, struct budget *budget, uint64_t offset,
                        const void *data, size_t count)
{
        if (count > FS_CHUNK_MAX || offset > CONTENT_SIZE_MAX || count > CONTENT_SIZE_MAX - offset)
                return answered(REASON_INVALID);
        if (count == 0)
                return OUTCOME_OK;
        uint64_t first = offset / CONTENT_BLOCK, last = (offset + count - 1) / CONTENT_BLOCK;
        if (!blocks_reach(content, budget, last) || !blocks_own(content, budget, first, last))
                return answered(REASON_NO_SPACE);

        /* From here on nothing fails. */
        const uint8_t *from = data;
        for (size_t done = 0; done < count;) {
                uint64_t at = offset + done;
                size_t within = at % CONTENT_BLOCK;
                size_t part = least(count - done, CONTENT_BLOCK - within);
                memcpy(content->blocks[at / CONTENT_BLOCK] + within, from + done, part);
                done += part;
        }
        if (content->size < offset + count)
                content->size = offset + count;
        return OUTCOME_OK;
}

outcome_t content_truncate(struct content *content, struct budget *budget, uint64_t size)
{
        if (size > CONTENT_SIZE_MAX)
                return answered(REASON_INVALID);
        uint64_t keep = (size + CONTENT_BLOCK - 1) / CONTENT_BLOCK;
        for (uint64_t number = keep; number < content->block_count; number++) {
                budget_release(budget, content->blocks[number], CONTENT_BLOCK);
                content->blocks[number] = NULL;
        }
        size_t within = size % CONTENT_BLOCK;
        if (within > 0 && content_block(content, keep - 1))
                memset(content->blocks[keep - 1] + within, 0, CONTENT_BLOCK - within);
        content->shared_length = least(content->shared_length, size);
        content->size = size;
        return OUTCOME_OK;
}

void content_release(struct content *content, struct budget *budget)
{
        (void)content_truncate(content, budget, 0);
        budget_release(budget, content->blocks, content->block_count * sizeof *content->blocks);
        *content = (struct content){0};
}

bool content_check(const struct content *content)
{
        if (content->shared_length > content->size)
                return false;
        for (uint64_t number = 0; number < content->block_count; number++) {
                const uint8_t *block = content->blocks[number];
                uint64_t begin = number * CONTENT_BLOCK;
                if (block && begin >= content->size)
                        return false;
                for (size_t i = 0; block && i < CONTENT_BLOCK; i++) {
                        if (begin + i >= content->size && block[i] != 0)
                                return false;
                }
        }
        return true;
}

const void *content_view(const struct content *content, uint64_t offset, size_t count,
                         size_t *length)
{
        if (offset >= content->size || count == 0)
                return NULL;
        count = least(count, content->size - offset);
        if (offset + count > content->shared_length)
                return NULL;
        uint64_t first = offset / CONTENT_BLOCK, last = (offset + count - 1) / CONTENT_BLOCK;
        for (uint64_t number = first; number <= last; number++) {
                if (content_block(content, number))
                        return NULL;
        }
        *length = count;
        return content->shared + offset;
}
