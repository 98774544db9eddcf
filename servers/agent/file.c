/* A program's file on its way; see file.h. */
#include "servers/agent/file.h"

#include <assert.h>
#include <string.h>
#include "servers/proto/file.h"
#include "servers/rt/serve/serve.h"
#include "servers/rt/task/memory.h"

enum { PLACES_BYTES = FILE_CHUNKS * FS_CHUNK_MAX };

outcome_t file_begin(struct file *file, uint64_t size)
{
        *file = (struct file){0};
        outcome_t outcome = rt_memory_allocate(PLACES_BYTES, (void **)&file->places);
        if (outcome == OUTCOME_OK)
                file->size = size;
        return outcome;
}

void file_end(struct file *file)
{
        for (unsigned i = 0; i < FILE_READS; i++)
                if (file->requests[i].reply)
                        rt_reply_outcome(file->requests[i].reply, answered(REASON_CANCELLED));
        if (file->places)
                rt_memory_free(file->places, PLACES_BYTES);
        *file = (struct file){0};
}

static uint64_t chunk_begin(uint64_t chunk)
{
        return chunk * FS_CHUNK_MAX;
}

static uint64_t chunk_end(const struct file *file, uint64_t chunk)
{
        uint64_t end = chunk_begin(chunk + 1);
        return end < file->size ? end : file->size;
}

static uint8_t *chunk_place(const struct file *file, uint64_t chunk)
{
        return file->places + chunk % FILE_CHUNKS * FS_CHUNK_MAX;
}

size_t file_room(const struct file *file)
{
        uint64_t end = chunk_end(file, file->chunk + FILE_CHUNKS - 1);
        return end - file->come;
}

static struct file_request *request_find(struct file *file, uint64_t chunk)
{
        for (unsigned i = 0; i < FILE_READS; i++)
                if (file->requests[i].reply && file->requests[i].chunk == chunk)
                        return &file->requests[i];
        return NULL;
}

static void answer(struct file *file)
{
        struct file_request *request;
        while (chunk_begin(file->chunk) < file->size &&
               file->come >= chunk_end(file, file->chunk) &&
               (request = request_find(file, file->chunk))) {
                handle_t reply = request->reply;
                request->reply = 0;
                file_read_reply(reply, file->size, 1, 0, chunk_place(file, file->chunk),
                                chunk_end(file, file->chunk) - chunk_begin(file->chunk));
                file->chunk++;
        }
}

void file_add(struct file *file, const uint8_t *bytes, size_t count)
{
        assert(count <= file_room(file));
        while (count > 0) {
                uint64_t chunk = file->come / FS_CHUNK_MAX;
                uint64_t part = chunk_end(file, chunk) - file->come;
                part = part < count ? part : count;
                memcpy(chunk_place(file, chunk) + file->come % FS_CHUNK_MAX, bytes, part);
                file->come += part;
                bytes += part;
                count -= part;
        }
        answer(file);
}

outcome_t file_ask(struct file *file, uint64_t offset, uint64_t count, handle_t reply)
{
        uint64_t chunk = offset / FS_CHUNK_MAX;
        unsigned free = 0;
        if (offset >= file->size || chunk < file->chunk || offset != chunk_begin(chunk) ||
            count < chunk_end(file, chunk) - offset || request_find(file, chunk))
                return answered(REASON_INVALID);
        while (free < FILE_READS && file->requests[free].reply)
                free++;
        if (free == FILE_READS)
                return answered(REASON_OVERLOADED);
        file->requests[free] = (struct file_request){reply, chunk};
        answer(file);
        return OUTCOME_OK;
}

bool file_forget(struct file *file, handle_t reply)
{
        for (unsigned i = 0; i < FILE_READS; i++) {
                if (file->requests[i].reply != reply)
                        continue;
                file->requests[i].reply = 0;
                return true;
        }
        return false;
}
