/* The played server; see world.h. An answer is made when its call is, and handed out when its time
 * has come. */
#include "tests/unit/reader/world.h"

#include <stdlib.h>
#include "servers/proto/file.h"
#include "servers/proto/fs.h"
#include "servers/rt/file/wait.h"
#include "servers/rt/task/memory.h"

enum { CALLS = 2 * AHEAD_CHUNKS * AHEAD_FILES };

struct answer {
        uint64_t size, version, lease, length;
};

struct world world;

static struct {
        uint64_t version, leased_until, way_free;
        bool writable; /* the file was opened to be written, too */
        unsigned call_count;
        struct {
                bool started;
                uint64_t done;
                uint8_t *to;
                outcome_t outcome;
                struct answer answer;
                uint8_t data[AHEAD_CHUNK];
        } calls[CALLS + 1];
} own = {.version = 1};

static void calls_end(void)
{
        uint64_t size, version, lease;
        size_t length;
        world.now += 10 * RT_SECOND;
        for (handle_t call = 1; call <= own.call_count; call++)
                if (own.calls[call].started)
                        file_read_finish(call, own.calls[call].to, AHEAD_CHUNK, &size, &version,
                                         &lease, &length);
}

void world_begin(size_t size)
{
        ck_assert_uint_le(size, WORLD_MOST);
        calls_end();
        world.way = RT_MILLISECOND;
        world.byte_time = 100; /* 10 MB/s */
        world.lease_most = FS_LEASE_MOST;
        world.failure = OUTCOME_OK;
        world.size = size;
        world.calls = world.under_way = world.most_under_way = 0;
        world.bytes_asked = 0;
        for (size_t i = 0; i < WORLD_MOST; i++)
                world.content[i] = (uint8_t)(i * 7 + i / 251);
        own.version++;
}

static void changed(void)
{
        own.version++;
        if (world.now < own.leased_until)
                world.now = own.leased_until;
}

void world_write(size_t offset, uint8_t byte)
{
        world.content[offset] = byte;
        if (world.size < offset + 1)
                world.size = offset + 1;
        changed();
}

void world_truncate(size_t size)
{
        if (size < world.size)
                memset(world.content + size, 0, world.size - size);
        world.size = size;
        changed();
}

/* ---- the server ---- */

static struct answer execute(uint64_t offset, uint64_t count, uint64_t lease, void *to)
{
        struct answer answer = {.size = world.size, .version = own.version};
        if (offset < world.size)
                answer.length = world.size - offset < count ? world.size - offset : count;
        answer.lease = lease < world.lease_most ? lease : world.lease_most;
        if (own.writable)
                answer.lease = 0;
        if (own.leased_until < world.now + answer.lease)
                own.leased_until = world.now + answer.lease;
        if (answer.length > 0)
                memcpy(to, world.content + offset, answer.length);
        world.calls++;
        world.bytes_asked += count;
        return answer;
}

/* When an answer of so many bytes comes that is asked for now, behind those that are under way. */
static uint64_t arrives(uint64_t bytes)
{
        uint64_t begin = world.now + world.way;
        own.way_free = (own.way_free > begin ? own.way_free : begin) + bytes * world.byte_time;
        return own.way_free;
}

/* ---- what the reader calls ---- */

outcome_t fs_open(handle_t to, uint64_t deadline, const void *path, size_t path_length,
                  uint64_t flags, uint64_t count, uint64_t lease, uint64_t mode, handle_t *file,
                  uint64_t *size, uint64_t *kind, uint64_t *identity, uint64_t *modified,
                  uint64_t *version, uint64_t *granted, uint64_t *attributes, void *data,
                  size_t capacity, size_t *length)
{
        (void)to, (void)deadline, (void)path, (void)path_length, (void)mode, (void)modified;
        ck_assert_uint_le(count, capacity);
        if (world.failure != OUTCOME_OK)
                return world.failure;
        own.writable = flags & FS_OPEN_WRITE;
        struct answer answer = execute(0, count, lease, data);
        world.now += world.way + answer.length * world.byte_time;
        *file = WORLD_FILE;
        *kind = FS_FILE;
        *identity = *attributes = 1;
        *size = answer.size;
        *version = answer.version;
        *granted = answer.lease;
        *length = answer.length;
        return OUTCOME_OK;
}

outcome_t file_read(handle_t to, uint64_t deadline, uint64_t offset, uint64_t count, uint64_t lease,
                    uint64_t *size, uint64_t *version, uint64_t *granted, void *data,
                    size_t capacity, size_t *length)
{
        (void)deadline;
        ck_assert_uint_eq(to, WORLD_FILE);
        ck_assert_uint_le(count, capacity);
        if (world.failure != OUTCOME_OK)
                return world.failure;
        struct answer answer = execute(offset, count, lease, data);
        world.now += world.way + answer.length * world.byte_time;
        *size = answer.size;
        *version = answer.version;
        *granted = answer.lease;
        *length = answer.length;
        return OUTCOME_OK;
}

outcome_t file_read_start(handle_t to, handle_t call, uint64_t deadline, uint64_t offset,
                          uint64_t count, uint64_t lease, void *data, size_t capacity)
{
        (void)deadline;
        ck_assert_uint_eq(to, WORLD_FILE);
        ck_assert_uint_eq(capacity, AHEAD_CHUNK);
        ck_assert_uint_le(offset + count, world.size);
        ck_assert(!own.calls[call].started);
        own.calls[call].started = true;
        own.calls[call].to = data;
        own.calls[call].outcome = world.failure;
        own.calls[call].answer = execute(offset, count, lease, own.calls[call].data);
        own.calls[call].done = arrives(own.calls[call].answer.length);
        world.under_way++;
        if (world.most_under_way < world.under_way)
                world.most_under_way = world.under_way;
        return OUTCOME_OK;
}

outcome_t file_read_finish(handle_t call, void *data, size_t capacity, uint64_t *size,
                           uint64_t *version, uint64_t *granted, size_t *length)
{
        ck_assert(own.calls[call].started && own.calls[call].to == data);
        ck_assert_uint_eq(capacity, AHEAD_CHUNK);
        if (world.now < own.calls[call].done)
                return not_executed(REASON_BUSY);
        const struct answer *answer = &own.calls[call].answer;
        own.calls[call].started = false;
        world.under_way--;
        if (own.calls[call].outcome != OUTCOME_OK)
                return own.calls[call].outcome;
        memcpy(data, own.calls[call].data, answer->length);
        if (size)
                *size = answer->size;
        if (version)
                *version = answer->version;
        if (granted)
                *granted = answer->lease;
        if (length)
                *length = answer->length;
        return OUTCOME_OK;
}

outcome_t reader_call(handle_t *call)
{
        ck_assert_uint_lt(own.call_count, CALLS);
        *call = ++own.call_count;
        return OUTCOME_OK;
}

/* Until the next call ends. */
void reader_wait_renew(void)
{
}

outcome_t reader_wait(uint64_t deadline)
{
        uint64_t next = deadline;
        for (handle_t call = 1; call <= own.call_count; call++)
                if (own.calls[call].started && own.calls[call].done > world.now &&
                    own.calls[call].done < next)
                        next = own.calls[call].done;
        world.now = next;
        return OUTCOME_OK;
}

outcome_t rt_memory_allocate(size_t bytes, void **address)
{
        *address = malloc(bytes);
        return *address ? OUTCOME_OK : not_executed(REASON_NO_MEMORY);
}

uint64_t rt_now(void)
{
        return world.now;
}
