/* Copy-on-write bytes of a file; see content.h for the model. Space is taken before the first byte
 * changes, so that a write that fails has changed nothing. */
#include "servers/fs/content.h"

#include "servers/common/least.h"
#include "servers/proto/files.h"

#include <assert.h>
#include <string.h>

enum { WRITE_BLOCKS = FS_CHUNK_MAX / CONTENT_BLOCK + 1 };

/* Where in the list the first own block stands that has this number or a greater one. */
static uint32_t block_place(const struct content *content, uint64_t number)
{
        uint32_t from = 0, to = content->block_count;
        while (from < to) {
                const uint32_t middle = from + (to - from) / 2;
                if (content->blocks[middle].number < number)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
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
        uint32_t next = block_place(content, offset / CONTENT_BLOCK);
        for (size_t done = 0; done < count;) {
                uint64_t at = offset + done;
                size_t within = at % CONTENT_BLOCK;
                size_t part = least(count - done, CONTENT_BLOCK - within);
                if (next < content->block_count &&
                    content->blocks[next].number == at / CONTENT_BLOCK)
                        memcpy(to + done, content->blocks[next++].bytes + within, part);
                else
                        shared_read(content, at, to + done, part);
                done += part;
        }
        return count;
}

/* Makes room in the list for so many more: half as much again, so that appending costs a constant
 * time a block; the exact number if only that still fits. */
static bool blocks_room(struct content *content, struct budget *budget, uint32_t more)
{
        const size_t entry = sizeof *content->blocks;
        const uint32_t exact = content->block_count + more;
        const uint32_t rooms[] = {exact + exact / 2, exact};
        for (unsigned i = 0; i < 2 && content->block_room < exact; i++) {
                struct own_block *blocks = budget_resize(
                    budget, content->blocks, content->block_room * entry, rooms[i] * entry);
                if (!blocks)
                        continue;
                content->blocks = blocks;
                content->block_room = rooms[i];
        }
        return content->block_room >= exact;
}

/* So many blocks, or none. */
static bool blocks_make(struct budget *budget, uint8_t *made[WRITE_BLOCKS], uint32_t wanted)
{
        uint32_t count = 0;
        while (count < wanted && (made[count] = budget_allocate(budget, CONTENT_BLOCK)))
                count++;
        if (count == wanted)
                return true;
        while (count-- > 0)
                budget_release(budget, made[count], CONTENT_BLOCK);
        return false;
}

/* Makes blocks first to last (WRITE_BLOCKS at most) the file's own, with what the file shows there.
 * All or nothing. */
static bool blocks_own(struct content *content, struct budget *budget, uint64_t first,
                       uint64_t last)
{
        uint8_t *made[WRITE_BLOCKS];
        const uint32_t at = block_place(content, first), behind = block_place(content, last + 1);
        const uint32_t missing = (uint32_t)(last - first + 1) - (behind - at);
        if (missing == 0)
                return true;
        if (!blocks_room(content, budget, missing) || !blocks_make(budget, made, missing))
                return false;

        /* From here on nothing fails. From the last one on, since those that are there move up. */
        struct own_block *blocks = content->blocks;
        memmove(blocks + behind + missing, blocks + behind,
                (content->block_count - behind) * sizeof *blocks);
        content->block_count += missing;
        uint32_t from = behind, to = behind + missing;
        for (uint64_t number = last + 1; number-- > first;) {
                if (from > at && blocks[from - 1].number == number) {
                        blocks[--to] = blocks[--from];
                        continue;
                }
                uint8_t *block = made[to - from - 1];
                shared_read(content, number * CONTENT_BLOCK, block, CONTENT_BLOCK);
                blocks[--to] = (struct own_block){number, block};
        }
        assert(from == at && to == at);
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
        if (!blocks_own(content, budget, first, last))
                return answered(REASON_NO_SPACE);

        /* From here on nothing fails. */
        const struct own_block *block = content->blocks + block_place(content, first);
        const uint8_t *from = data;
        for (size_t done = 0; done < count;) {
                uint64_t at = offset + done;
                size_t within = at % CONTENT_BLOCK;
                size_t part = least(count - done, CONTENT_BLOCK - within);
                memcpy(block++->bytes + within, from + done, part);
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
        const uint32_t keep = block_place(content, (size + CONTENT_BLOCK - 1) / CONTENT_BLOCK);
        while (content->block_count > keep)
                budget_release(budget, content->blocks[--content->block_count].bytes,
                               CONTENT_BLOCK);
        size_t within = size % CONTENT_BLOCK;
        if (within > 0 && keep > 0 && content->blocks[keep - 1].number == size / CONTENT_BLOCK)
                memset(content->blocks[keep - 1].bytes + within, 0, CONTENT_BLOCK - within);
        content->shared_length = least(content->shared_length, size);
        content->size = size;
        return OUTCOME_OK;
}

void content_release(struct content *content, struct budget *budget)
{
        (void)content_truncate(content, budget, 0);
        budget_release(budget, content->blocks, content->block_room * sizeof *content->blocks);
        *content = (struct content){0};
}

bool content_check(const struct content *content)
{
        if (content->shared_length > content->size)
                return false;
        for (uint32_t place = 0; place < content->block_count; place++) {
                const struct own_block *block = &content->blocks[place];
                const uint64_t begin = block->number * CONTENT_BLOCK;
                if (begin >= content->size || (place > 0 && block[-1].number >= block->number))
                        return false;
                for (size_t i = 0; i < CONTENT_BLOCK; i++) {
                        if (begin + i >= content->size && block->bytes[i] != 0)
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
        if (block_place(content, first) != block_place(content, last + 1))
                return NULL;
        *length = count;
        return content->shared + offset;
}
