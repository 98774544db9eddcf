/* See reader.h. A version that differs from the one that is kept makes all that is kept void. */
#include "servers/rt/file/reader.h"

#include "servers/proto/file.h"
#include "servers/proto/files.h"
#include "servers/proto/fs.h"
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

/* An answer to what was asked at `asked`. */
static void answer_note(struct reader *reader, uint64_t asked, uint64_t size, uint64_t version,
                        uint64_t lease)
{
        lease = lease < FS_LEASE_MOST ? lease : FS_LEASE_MOST;
        uint64_t until = lease ? asked + fs_lease_relied_on(lease) : 0;
        if (version != reader->version) {
                reader->described = false;
                reader->relied_until = 0;
                head_drop(reader);
        }
        reader->version = version;
        reader->size = size;
        if (reader->relied_until < until)
                reader->relied_until = until;
}

outcome_t reader_open(struct reader *reader, handle_t service, const char *path, size_t length,
                      uint64_t flags, handle_t *file, uint64_t *kind)
{
        *reader = (struct reader){0};
        uint64_t asked = rt_now(), lease = flags & FS_OPEN_WRITE ? 0 : FS_LEASE_MOST;
        uint64_t size, version, granted, identity, modified;
        uint8_t *head = lease ? head_take() : NULL;
        size_t head_length = 0, most = head ? READER_HEAD : 0;
        outcome_t outcome = fs_open(service, rt_after(RT_DEFAULT_WAIT), path, length, flags, most,
                                    lease, file, &size, kind, &identity, &modified, &version,
                                    &granted, head, most, &head_length);
        if (outcome == OUTCOME_OK) {
                answer_note(reader, asked, size, version, granted);
                reader->identity = identity;
                reader->modified = modified;
                reader->described = true;
        }
        reader->head = head;
        reader->head_length = head_length;
        if (outcome != OUTCOME_OK || head_length == 0)
                head_drop(reader);
        return outcome;
}

bool reader_describes(const struct reader *reader)
{
        return reader->described && rt_now() < reader->relied_until;
}

/* ---- reading ---- */

/* Copies what is kept from `offset` on; how much. */
static size_t head_read(const struct reader *reader, uint64_t offset, uint8_t *to, size_t count)
{
        if (offset >= reader->head_length)
                return 0;
        size_t part = reader->head_length - offset;
        part = part < count ? part : count;
        bytes_copy(to, reader->head + offset, part);
        return part;
}

static outcome_t read_by_call(struct reader *reader, handle_t file, uint64_t offset, uint8_t *to,
                              size_t count, size_t *length)
{
        uint64_t asked = rt_now(), size, version, lease;
        outcome_t outcome = file_read(file, rt_after(RT_DEFAULT_WAIT), offset, count, FS_LEASE_MOST,
                                      &size, &version, &lease, to, count, length);
        if (outcome == OUTCOME_OK)
                answer_note(reader, asked, size, version, lease);
        return outcome;
}

outcome_t reader_read(struct reader *reader, handle_t file, uint64_t offset, void *to, size_t count,
                      size_t *done)
{
        uint64_t begin = rt_now();
        uint8_t *at = to;
        *done = 0;
        while (*done < count) {
                size_t left = count - *done, part = left < FS_CHUNK_MAX ? left : FS_CHUNK_MAX;
                size_t length = 0;
                if (begin < reader->relied_until) {
                        if (offset + *done >= reader->size)
                                break;
                        length = head_read(reader, offset + *done, at + *done, left);
                        *done += length;
                        if (length > 0)
                                continue;
                }
                outcome_t outcome =
                    read_by_call(reader, file, offset + *done, at + *done, part, &length);
                if (outcome != OUTCOME_OK)
                        return *done ? OUTCOME_OK : outcome;
                *done += length;
                if (length < part)
                        break;
        }
        return OUTCOME_OK;
}

void reader_close(struct reader *reader)
{
        head_drop(reader);
        *reader = (struct reader){0};
}
