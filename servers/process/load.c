/* Reading a program's file: its size and digest first, then chunks, if the file is not known, some
 * at a time, each by a call object that starts the next one when it is done. The server never waits
 * for the file's server. A program that came in memory is all there. */
#include <assert.h>
#include <string.h>

#include "servers/process/cache.h"
#include "servers/process/process.h"
#include "servers/proto/file.h"
#include "servers/proto/files.h"
#include "servers/rt/pure/format.h"
#include "servers/rt/task/memory.h"

/* How long a file server may take for one chunk. */
#define CHUNK_WAIT (30 * RT_SECOND)

static const char too_long[] =
    "its file is longer than 64 MiB: strip it of what it does not need to run (strip)";

static uint64_t chunk_bytes(const struct load *load, uint64_t offset)
{
        uint64_t left = load->size - offset;
        return left < FS_CHUNK_MAX ? left : FS_CHUNK_MAX;
}

static void load_failed(struct process *process, const char *what, outcome_t outcome)
{
        char wrong[PROGRAM_WRONG];
        format_line(wrong, sizeof wrong, "%s: %s%s; try it again", what, outcome_prefix(outcome),
                    reason_text(outcome_reason(outcome)));
        process_refuse(process,
                       outcome_reason(outcome) == REASON_NO_MEMORY ? REASON_NO_MEMORY : REASON_IO,
                       wrong);
}

static outcome_t chunk_begin(struct process *process, unsigned call)
{
        struct load *load = &process->load;
        uint64_t offset = load->next, bytes = chunk_bytes(load, offset);
        outcome_t outcome = file_read_start(process->file, load->calls[call], rt_after(CHUNK_WAIT),
                                            offset, bytes, 0, load->bytes + offset, bytes);
        if (outcome != OUTCOME_OK)
                return outcome;
        load->offsets[call] = offset;
        load->next += bytes;
        load->under_way++;
        return OUTCOME_OK;
}

/* The memory for all of it. */
static outcome_t memory_make(struct load *load)
{
        outcome_t outcome =
            sys_memory_create(0, page_up(load->size), MEMORY_ANONYMOUS, 0, &load->memory);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome =
            rt_memory_map(load->memory, 0, load->size, MAP_READ | MAP_WRITE, (void **)&load->bytes);
        if (outcome == OUTCOME_OK)
                return outcome;
        sys_handle_close(load->memory);
        load->memory = 0;
        return outcome;
}

/* The size is known. */
static void chunks_begin(struct process *process)
{
        struct load *load = &process->load;
        outcome_t outcome = memory_make(load);
        if (outcome_reason(outcome) == REASON_NO_MEMORY && cache_shrink(NULL))
                outcome = memory_make(load);
        for (unsigned i = 0; i < LOAD_CALLS && load->next < load->size && outcome == OUTCOME_OK;
             i++)
                outcome = chunk_begin(process, i);
        if (outcome != OUTCOME_OK)
                load_failed(process, "loading it", outcome);
}

static void sized(struct process *process)
{
        struct load *load = &process->load;
        uint64_t kind = 0;
        size_t digest_length = 0;
        outcome_t outcome = file_digest_finish(load->calls[0], load->digest, sizeof load->digest,
                                               &kind, &load->size, &digest_length);
        load->sized = true;
        load->has_digest = digest_length == sizeof load->digest;
        if (outcome != OUTCOME_OK)
                load_failed(process, "its file cannot be looked at", outcome);
        else if (kind != FS_FILE)
                process_refuse(process, REASON_REFUSED, "it is a folder, not a program");
        else if (load->size == 0)
                process_refuse(process, REASON_INVALID, "its file is empty");
        else if (load->size > LOAD_MOST)
                process_refuse(process, REASON_NO_MEMORY, too_long);
        else if (load->has_digest &&
                 (load->bytes = cache_find(load->digest, load->size, &load->memory))) {
                load->cached = true;
                launch(process);
        } else
                chunks_begin(process);
}

/* All of it was read. */
static void loaded(struct process *process)
{
        struct load *load = &process->load;
        if (load->has_digest &&
            !cache_put(load->digest, load->bytes, load->size, load->memory, &load->cached))
                process_refuse(process, REASON_BUSY,
                               "its file was changed while it was read: try it again");
        else
                launch(process);
}

static void chunk_read(struct process *process, unsigned call)
{
        struct load *load = &process->load;
        uint64_t offset = load->offsets[call], bytes = chunk_bytes(load, offset);
        size_t length = 0;
        outcome_t outcome = file_read_finish(load->calls[call], load->bytes + offset, bytes, NULL,
                                             NULL, NULL, &length);
        load->under_way--;
        if (outcome == OUTCOME_OK && length == bytes && load->next < load->size)
                outcome = chunk_begin(process, call);
        if (outcome != OUTCOME_OK)
                load_failed(process, "its file cannot be read", outcome);
        else if (length < bytes)
                process_refuse(process, REASON_BUSY,
                               "its file became shorter while it was read: try it again");
        else if (load->under_way == 0)
                loaded(process);
}

void load_completed(struct process *process, unsigned call)
{
        assert(call < LOAD_CALLS);
        if (process->stage != PROCESS_STAGE_LOADING || !process->load.calls[call])
                return;
        if (process->load.sized)
                chunk_read(process, call);
        else
                sized(process);
}

/* Nobody else has the memory, so it stays as it is. */
static void given_take(struct process *process)
{
        struct load *load = &process->load;
        if (process->given > LOAD_MOST) {
                process_refuse(process, REASON_NO_MEMORY, too_long);
                return;
        }
        outcome_t outcome =
            rt_memory_map(process->file, 0, process->given, MAP_READ, (void **)&load->bytes);
        if (outcome != OUTCOME_OK) {
                load_failed(process, "loading it", outcome);
                return;
        }
        load->size = process->given;
        load->memory = process->file;
        process->file = 0;
        launch(process);
}

void load_begin(struct process *process)
{
        struct load *load = &process->load;
        outcome_t outcome = OUTCOME_OK;
        process->stage = PROCESS_STAGE_LOADING;
        if (process->given) {
                given_take(process);
                return;
        }
        for (unsigned i = 0; i < LOAD_CALLS && outcome == OUTCOME_OK; i++)
                outcome = rt_server_call(&processes.server, process->id << KEY_CALL_BITS | i,
                                         &load->calls[i]);
        if (outcome == OUTCOME_OK)
                outcome = file_digest_start(process->file, load->calls[0], rt_after(CHUNK_WAIT),
                                            load->digest, sizeof load->digest);
        if (outcome != OUTCOME_OK)
                load_failed(process, "loading it", outcome);
}

/* The kernel writes nothing for a call object that is gone. */
void load_drop(struct process *process)
{
        struct load *load = &process->load;
        for (unsigned i = 0; i < LOAD_CALLS; i++) {
                if (!load->calls[i])
                        continue;
                sys_object_destroy(load->calls[i]);
                sys_handle_close(load->calls[i]);
        }
        if (load->bytes && !load->cached) {
                rt_memory_free(load->bytes, load->size);
                sys_handle_close(load->memory);
        }
        if (process->file)
                sys_handle_close(process->file);
        process->file = 0;
        process->given = 0;
        *load = (struct load){0};
}
