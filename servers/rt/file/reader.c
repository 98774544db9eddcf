/* See reader.h. A newer version than the one that is kept makes all that is kept void. */
#include "servers/rt/file/ahead.h"

#include "servers/proto/file.h"
#include "servers/proto/fs.h"
#include "servers/rt/file/wait.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/task/memory.h"

/* ---- first bytes ---- */

static struct {
        struct {
                uint8_t *bytes; /* NULL: not allocated yet */
                bool used;
        } list[READER_HEADS];
} heads;

/* Memory for the first bytes of a file; NULL: all is in use, or there is none. */
static uint8_t *head_take(void)
{
        for (unsigned i = 0; i < READER_HEADS; i++) {
                if (heads.list[i].used)
                        continue;
                if (!heads.list[i].bytes &&
                    rt_memory_allocate(READER_HEAD, (void **)&heads.list[i].bytes) != OUTCOME_OK)
                        return NULL;
                heads.list[i].used = true;
                return heads.list[i].bytes;
        }
        return NULL;
}

static void head_drop(struct reader *reader)
{
        for (unsigned i = 0; i < READER_HEADS && reader->head; i++)
                if (heads.list[i].bytes == reader->head)
                        heads.list[i].used = false;
        reader->head = NULL;
        reader->head_length = 0;
}

/* ---- what answers say ---- */

void reader_answered(struct reader *reader, uint64_t asked, uint64_t size, uint64_t version,
                     uint64_t lease)
{
        if (version < reader->version)
                return;
        lease = lease < FS_LEASE_MOST ? lease : FS_LEASE_MOST;
        uint64_t until = lease ? asked + fs_lease_relied_on(lease) : 0;
        if (version > reader->version) {
                reader->relied_until = 0;
                head_drop(reader);
        }
        reader->version = version;
        reader->size = size;
        if (reader->relied_until < until)
                reader->relied_until = until;
}

outcome_t reader_open(struct reader *reader, handle_t service, const char *path, size_t length,
                      uint64_t flags, uint64_t mode, handle_t *file, uint64_t *kind)
{
        *reader = (struct reader){0};
        uint64_t asked = rt_now(), lease = flags & FS_OPEN_WRITE ? 0 : FS_LEASE_MOST;
        uint64_t size, version, granted, identity, attributes;
        uint8_t *head = lease ? head_take() : NULL;
        size_t head_length = 0, most = head ? READER_HEAD : 0;
        outcome_t outcome = fs_open(service, rt_after(RT_DEFAULT_WAIT), path, length, flags, most,
                                    lease, mode, file, &size, kind, &identity, NULL, &version,
                                    &granted, &attributes, head, most, &head_length);
        if (outcome == OUTCOME_OK) {
                reader_answered(reader, asked, size, version, granted);
                reader->identity = identity;
                reader->attributes = attributes;
        }
        reader->head = head;
        reader->head_length = head_length;
        if (outcome != OUTCOME_OK || head_length == 0)
                head_drop(reader);
        return outcome;
}

bool reader_knows_size(const struct reader *reader)
{
        return rt_now() < reader->relied_until;
}

/* ---- reading ---- */

/* A file is read ahead if a call for a part of it takes as long as this: mostly the way, not the
 * copying. */
#define WORTH_READING_AHEAD (400 * RT_MICROSECOND)

/* *took: how long that was, in ns. */
static outcome_t read_by_call(struct reader *reader, handle_t file, uint64_t offset, uint8_t *to,
                              size_t count, size_t *length, uint64_t *took)
{
        uint64_t asked = rt_now(), size, version, lease;
        outcome_t outcome = file_read(file, rt_after(RT_DEFAULT_WAIT), offset, count, FS_LEASE_MOST,
                                      &size, &version, &lease, to, count, length);
        if (outcome == OUTCOME_OK)
                reader_answered(reader, asked, size, version, lease);
        *took = rt_now() - asked;
        return outcome;
}

/* Whether what is kept is the newest for a read that began then; asks if no lease says it. */
static bool is_newest(struct reader *reader, handle_t file, uint64_t begin)
{
        uint64_t version = reader->version, took;
        size_t nothing;
        return begin < reader->relied_until ||
               (read_by_call(reader, file, 0, NULL, 0, &nothing, &took) == OUTCOME_OK &&
                reader->version == version && begin < reader->relied_until);
}

static size_t copy_part(uint8_t *to, size_t count, const uint8_t *from, size_t length)
{
        size_t part = length < count ? length : count;
        bytes_copy(to, from, part);
        return part;
}

/* Copies what is here of the bytes at `offset`; how much. */
static size_t read_kept(struct reader *reader, handle_t file, uint64_t begin, uint64_t offset,
                        uint8_t *to, size_t count)
{
        if (begin < reader->relied_until && offset < reader->head_length)
                return copy_part(to, count, reader->head + offset, reader->head_length - offset);
        struct ahead_view view = ahead_view(reader, offset);
        if (!view.bytes)
                return 0;
        if (!is_newest(reader, file, begin)) {
                ahead_end(reader);
                return 0;
        }
        size_t part = copy_part(to, count, view.bytes, view.length);
        ahead_passed(reader, file, offset + part);
        return part;
}

outcome_t reader_read(struct reader *reader, handle_t file, uint64_t offset, void *to, size_t count,
                      size_t *done)
{
        uint64_t begin = rt_now(), took;
        bool follows = offset > 0 && offset == reader->next;
        uint8_t *at = to;
        outcome_t outcome = OUTCOME_OK;
        for (*done = 0; *done < count;) {
                uint64_t place = offset + *done;
                size_t left = count - *done, length;
                if (begin < reader->relied_until && place >= reader->size)
                        break;
                length = read_kept(reader, file, begin, place, at + *done, left);
                *done += length;
                if (length > 0)
                        continue;
                size_t part = left < FS_CHUNK_MAX ? left : FS_CHUNK_MAX;
                outcome = read_by_call(reader, file, place, at + *done, part, &length, &took);
                if (outcome != OUTCOME_OK)
                        break;
                *done += length;
                if (length < part)
                        break;
                if ((follows || left > part) && took > WORTH_READING_AHEAD &&
                    begin < reader->relied_until)
                        ahead_begin(reader, file, place + length);
        }
        reader->next = offset + *done;
        return *done ? OUTCOME_OK : outcome;
}

void reader_renew(void)
{
        ahead_renew();
        reader_wait_renew();
}

void reader_close(struct reader *reader)
{
        ahead_end(reader);
        head_drop(reader);
        *reader = (struct reader){0};
}
