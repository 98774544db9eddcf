/* Open files whose offset several processes share: it lives with the file's server, and what reads
 * or writes there is one step, wherever those processes run.
 *
 *      open ──> offset here, read ahead ──another process is given it──> offset with the server
 *
 * It never comes back. The server holds one offset for each right that `open` gave, so dup(2) and
 * fork(2) share it, and a second open(2) does not. A call whose answer is lost has perhaps moved
 * it: the server's successor tells by the call's number (reopen.h). */
#include <errno.h>
#include <fcntl.h>

#include "servers/proto/file.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/reopen.h"
#include "servers/rt/task/random.h"

/* Numbers of calls: from anywhere on, so that no two processes have the same. 0: none yet. */
static struct {
        uint64_t last;
} requests;

void shared_forked(void)
{
        requests.last = 0;
}

static struct shared_call call_begin(void)
{
        if (!requests.last && !random_distinct(&requests.last, sizeof requests.last))
                return (struct shared_call){0};
        return (struct shared_call){.request = ++requests.last};
}

int64_t open_file_share(struct open_file *open)
{
        unsigned tries = 0;
        outcome_t outcome;
        if (open->kind == OPEN_FOLDER)
                open->locked = false; /* its locks end with the last who has it */
        if (open->kind != OPEN_FILE)
                return 0;
        reader_close(&open->reader);
        if (open->shared)
                return 0;
        do
                outcome = file_share(open->right, RT_DEADLINE, open->offset, &open->token);
        while (file_again(open, outcome, &tries));
        open->shared = outcome == OUTCOME_OK;
        return file_error(outcome);
}

static outcome_t part_read(struct open_file *open, void *to, uint64_t part, size_t *length)
{
        struct shared_call call = call_begin();
        outcome_t outcome;
        do
                outcome = call.executed ? file_read(open->right, RT_DEADLINE, call.at, part, 0,
                                                    NULL, NULL, NULL, to, part, length)
                                        : file_read_next(open->right, RT_DEADLINE, part,
                                                         call.request, to, part, length);
        while (shared_again(open, outcome, &call));
        return outcome;
}

int64_t shared_read(struct open_file *open, void *to, uint64_t count)
{
        uint64_t done = 0;
        while (done < count) {
                uint64_t part = count - done < FS_CHUNK_MAX ? count - done : FS_CHUNK_MAX;
                size_t length;
                outcome_t outcome = part_read(open, (uint8_t *)to + done, part, &length);
                if (outcome != OUTCOME_OK)
                        return done ? (int64_t)done : file_error(outcome);
                done += length;
                if (length < part)
                        break;
        }
        return (int64_t)done;
}

/* One that was executed is lost with the server, and so is the file (EIO). */
static outcome_t part_write(struct open_file *open, const void *from, uint64_t part)
{
        const bool appends = open->flags & O_APPEND;
        struct shared_call call = call_begin();
        uint64_t written;
        outcome_t outcome;
        do
                outcome = file_write_next(open->right, RT_DEADLINE, from, part, appends,
                                          call.request, &written);
        while (shared_again(open, outcome, &call));
        return outcome;
}

int64_t shared_write(struct open_file *open, const void *from, uint64_t count)
{
        uint64_t done = 0;
        while (done < count) {
                uint64_t part = count - done < FS_CHUNK_MAX ? count - done : FS_CHUNK_MAX;
                outcome_t outcome = part_write(open, (const uint8_t *)from + done, part);
                if (outcome != OUTCOME_OK)
                        return done ? (int64_t)done : write_error(outcome);
                done += part;
        }
        return (int64_t)done;
}

int64_t shared_seek(struct open_file *open, int64_t by, int whence)
{
        static const enum file_whence known[] = {
            [SEEK_SET] = FILE_WHENCE_START,
            [SEEK_CUR] = FILE_WHENCE_CURRENT,
            [SEEK_END] = FILE_WHENCE_END,
        };
        struct shared_call call = call_begin();
        uint64_t offset = 0;
        outcome_t outcome;
        if (whence < SEEK_SET || whence > SEEK_END)
                return -EINVAL;
        do
                outcome = file_seek(open->right, RT_DEADLINE, (uint64_t)by, known[whence],
                                    call.request, &offset);
        while (shared_again(open, outcome, &call) && !call.executed);
        if (call.executed)
                return (int64_t)call.at;
        return outcome == OUTCOME_OK ? (int64_t)offset : file_error(outcome);
}
