/* See ahead.h. A call object is started only when its last call was collected; its answer goes to
 * its own chunk of memory, which stays. */
#include "servers/rt/file/ahead.h"

#include "servers/proto/file.h"
#include "servers/rt/file/wait.h"
#include "servers/rt/task/memory.h"

struct chunk {
        handle_t call;  /* 0: not made yet */
        uint8_t *bytes; /* AHEAD_CHUNK of them; NULL: not allocated yet */
        bool under_way; /* the call was started, and is not collected */
        uint64_t asked; /* when */
        uint64_t offset, version;
        size_t length;
};

struct ahead {
        bool used;
        struct chunk chunks[AHEAD_CHUNKS];
        unsigned first, count; /* the ring */
        unsigned depth;        /* how long it may be */
        uint64_t next;         /* offset of what is asked for next */
};

static struct {
        struct ahead list[AHEAD_FILES];
} aheads;

static struct chunk *chunk_at(struct ahead *ahead, unsigned place)
{
        return &ahead->chunks[(ahead->first + place) % AHEAD_CHUNKS];
}

/* ---- asking ---- */

/* Takes the answer of a chunk's call. BUSY: it is still under way. */
static outcome_t chunk_finish(struct chunk *chunk, uint64_t *size, uint64_t *lease, size_t *length)
{
        outcome_t outcome = file_read_finish(chunk->call, chunk->bytes, AHEAD_CHUNK, size,
                                             &chunk->version, lease, length);
        chunk->under_way = outcome == not_executed(REASON_BUSY);
        return outcome;
}

/* Whether a chunk can be asked for in this place. */
static bool chunk_usable(struct chunk *chunk)
{
        if (chunk->under_way)
                chunk_finish(chunk, NULL, NULL, NULL);
        if (!chunk->call)
                reader_call(&chunk->call);
        if (!chunk->bytes)
                rt_memory_allocate(AHEAD_CHUNK, (void **)&chunk->bytes);
        return !chunk->under_way && chunk->call && chunk->bytes;
}

/* Asks for the next one; false: there is none, or no place for it now. */
static bool chunk_ask(struct ahead *ahead, handle_t file, uint64_t size)
{
        struct chunk *chunk = chunk_at(ahead, ahead->count);
        if (ahead->next >= size || ahead->count >= ahead->depth || !chunk_usable(chunk))
                return false;
        uint64_t left = size - ahead->next;
        chunk->length = left < AHEAD_CHUNK ? left : AHEAD_CHUNK;
        chunk->offset = ahead->next;
        chunk->asked = rt_now();
        if (file_read_start(file, chunk->call, rt_after(RT_DEFAULT_WAIT), chunk->offset,
                            chunk->length, FS_LEASE_MOST, chunk->bytes, AHEAD_CHUNK) != OUTCOME_OK)
                return false;
        chunk->under_way = true;
        ahead->next += chunk->length;
        ahead->count++;
        return true;
}

static void chunk_pass(struct ahead *ahead)
{
        struct chunk *chunk = chunk_at(ahead, 0);
        if (chunk->under_way)
                rt_call_cancel(chunk->call);
        ahead->first = (ahead->first + 1) % AHEAD_CHUNKS;
        ahead->count--;
}

void ahead_begin(struct reader *reader, handle_t file, uint64_t offset)
{
        for (unsigned i = 0; i < AHEAD_FILES && !reader->ahead; i++)
                if (!aheads.list[i].used)
                        reader->ahead = &aheads.list[i];
        struct ahead *ahead = reader->ahead;
        if (!ahead)
                return;
        ahead->used = true;
        ahead->next = offset;
        ahead->depth = AHEAD_FIRST;
        while (chunk_ask(ahead, file, reader->size))
                ;
}

void ahead_renew(void)
{
        for (unsigned i = 0; i < AHEAD_FILES; i++)
                for (unsigned k = 0; k < AHEAD_CHUNKS; k++) {
                        aheads.list[i].chunks[k].call = 0;
                        aheads.list[i].chunks[k].under_way = false;
                }
}

void ahead_end(struct reader *reader)
{
        if (!reader->ahead)
                return;
        while (reader->ahead->count)
                chunk_pass(reader->ahead);
        reader->ahead->used = false;
        reader->ahead = NULL;
}

/* ---- reading ---- */

/* Waits for a chunk. False: it is not what was asked for. */
static bool chunk_collect(struct reader *reader, struct chunk *chunk)
{
        struct ahead *ahead = reader->ahead;
        uint64_t size, lease, begin = rt_now();
        size_t length;
        outcome_t outcome = chunk_finish(chunk, &size, &lease, &length);
        if (chunk->under_way && ahead->depth < AHEAD_CHUNKS &&
            begin < chunk->asked + FS_LEASE_MOST / 2)
                ahead->depth++;
        while (chunk->under_way) {
                if (reader_wait(rt_after(RT_DEFAULT_WAIT)) != OUTCOME_OK)
                        return false;
                outcome = chunk_finish(chunk, &size, &lease, &length);
        }
        if (outcome != OUTCOME_OK || length != chunk->length)
                return false;
        reader_answered(reader, chunk->asked, size, chunk->version, lease);
        return true;
}

struct ahead_view ahead_view(struct reader *reader, uint64_t offset)
{
        struct ahead *ahead = reader->ahead;
        if (!ahead)
                return (struct ahead_view){0};
        while (ahead->count && offset >= chunk_at(ahead, 0)->offset + chunk_at(ahead, 0)->length)
                chunk_pass(ahead);
        struct chunk *chunk = chunk_at(ahead, 0);
        if (!ahead->count || offset < chunk->offset ||
            (chunk->under_way && !chunk_collect(reader, chunk)) ||
            chunk->version != reader->version) {
                ahead_end(reader);
                return (struct ahead_view){0};
        }
        uint64_t within = offset - chunk->offset;
        return (struct ahead_view){chunk->bytes + within, chunk->length - within};
}

void ahead_passed(struct reader *reader, handle_t file, uint64_t offset)
{
        struct ahead *ahead = reader->ahead;
        while (ahead->count && !chunk_at(ahead, 0)->under_way &&
               offset >= chunk_at(ahead, 0)->offset + chunk_at(ahead, 0)->length)
                chunk_pass(ahead);
        while (chunk_ask(ahead, file, reader->size))
                ;
}
