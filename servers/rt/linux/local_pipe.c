/* See local_pipe.h, and pipe(7). Readers and writers wait as at a futex, all at the address of
 * the pipe: whoever is woken looks again. */
#include "servers/rt/linux/local_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>

#include "servers/proto/stream.h"
#include "servers/proto/tty.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/futex.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/ring.h"
#include "servers/rt/task/held.h"
#include "servers/rt/task/memory.h"

struct local_pipe {
        unsigned open[2];    /* open files that read, that write */
        unsigned users;      /* calls that are under way */
        bool promoted;       /* nothing is done here any more */
        uint64_t taken, put; /* running counts: put - taken bytes are there */
        uint8_t ring[LOCAL_PIPE_BYTES];
};

_Static_assert(sizeof(struct local_pipe) <= 16384, "whole pages");

/* Gives it back if nobody has it open or uses it. Context: `state`, which is given back. */
static void local_pipe_leave(struct local_pipe *pipe)
{
        bool last = !pipe->open[false] && !pipe->open[true] && !pipe->users;
        state_unlock();
        if (last)
                rt_memory_free(pipe, sizeof *pipe);
}

/* Waits for a change. */
static int64_t local_pipe_wait(const struct local_pipe *pipe, bool waits)
{
        int64_t error = waits ? futex_wait_here((uint64_t)pipe, TIME_NEVER) : -EAGAIN;
        return pipe->promoted ? -PROMOTED : error;
}

void local_pipe_use(struct local_pipe *pipe)
{
        state_lock();
        pipe->users++;
        state_unlock();
}

int64_t local_pipe_read(struct local_pipe *pipe, void *to, uint64_t count, bool waits)
{
        state_lock();
        int64_t error = pipe->promoted ? -PROMOTED : 0;
        while (count && pipe->put == pipe->taken && pipe->open[true] && !error)
                error = local_pipe_wait(pipe, waits);
        uint64_t part = error ? 0 : least(count, pipe->put - pipe->taken);
        ring_copy_out(pipe->ring, LOCAL_PIPE_BYTES, pipe->taken, to, part);
        pipe->taken += part;
        if (part)
                futex_changed(pipe);
        pipe->users--;
        local_pipe_leave(pipe);
        return error ? error : (int64_t)part;
}

/* At most PIPE_BUF bytes are written at once, or not at all. */
int64_t local_pipe_write(struct local_pipe *pipe, const void *from, uint64_t count, bool waits)
{
        uint64_t done = 0;
        state_lock();
        int64_t error = pipe->promoted ? -PROMOTED : 0;
        while (done < count && !error) {
                uint64_t room = LOCAL_PIPE_BYTES - (pipe->put - pipe->taken), left = count - done;
                if (!pipe->open[false]) {
                        error = -EPIPE;
                } else if (room < (count <= PIPE_BUF ? count : 1)) {
                        error = local_pipe_wait(pipe, waits);
                } else {
                        uint64_t part = least(left, room);
                        ring_copy_in(pipe->ring, LOCAL_PIPE_BYTES, pipe->put,
                                     (const uint8_t *)from + done, part);
                        pipe->put += part;
                        done += part;
                        futex_changed(pipe);
                }
        }
        pipe->users--;
        local_pipe_leave(pipe);
        if (error == -EPIPE)
                linux_tgkill(linux_getpid(), linux_gettid(), SIGPIPE);
        return done ? (int64_t)done : error;
}

int local_pipe_ready(const struct local_pipe *pipe, bool writes)
{
        if (writes)
                return (LOCAL_PIPE_BYTES - (pipe->put - pipe->taken) >= PIPE_BUF ? POLLOUT : 0) |
                       (pipe->open[false] ? 0 : POLLERR);
        return (pipe->put != pipe->taken ? POLLIN : 0) | (pipe->open[true] ? 0 : POLLHUP);
}

uint64_t local_pipe_available(const struct local_pipe *pipe)
{
        state_lock();
        const uint64_t available = pipe->put - pipe->taken;
        state_unlock();
        return available;
}

uint64_t local_pipe_progress(const struct local_pipe *pipe, bool writes)
{
        return writes ? pipe->taken + !pipe->open[false] : pipe->put + !pipe->open[true];
}

void local_pipe_close(struct local_pipe *pipe, bool writes)
{
        state_lock();
        pipe->open[writes]--;
        futex_changed(pipe);
        local_pipe_leave(pipe);
}

int64_t linux_pipe(int32_t ends[2], int flags)
{
        struct open_file *open[2];
        int64_t files[2];
        void *memory;
        if (flags & ~(O_CLOEXEC | O_NONBLOCK))
                return -EINVAL;
        if (rt_memory_allocate(sizeof(struct local_pipe), &memory) != OUTCOME_OK)
                return -ENOMEM;
        struct local_pipe *pipe = memory;
        for (int i = 0; i < 2; i++) {
                files[i] = open_file_new(OPEN_PIPE, &open[i]);
                if (files[i] < 0) {
                        if (i == 0)
                                rt_memory_free(pipe, sizeof *pipe);
                        else
                                linux_close((int)files[0]);
                        return files[i];
                }
                pipe->open[i] = 1;
                open[i]->ring = pipe;
                open[i]->flags = (i ? O_WRONLY : O_RDONLY) | (flags & O_NONBLOCK);
                descriptor_close_on_exec((int)files[i], flags & O_CLOEXEC);
        }
        ends[0] = (int32_t)files[0];
        ends[1] = (int32_t)files[1];
        return 0;
}

/* ---- promotion ------------------------------------------------------------------------------- */

static outcome_t stream_make(handle_t ends[2])
{
        handle_t streams;
        outcome_t outcome = service_get(&rt_held.streams, RT_DEADLINE, &streams);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = stream_pipe(streams, RT_DEADLINE, &ends[false], &ends[true]);
        service_result(&rt_held.streams, outcome);
        return outcome;
}

/* What is in the ring goes into the stream, which has room for it. */
static outcome_t stream_fill(const struct local_pipe *pipe, handle_t end)
{
        enum { PART = 4096 };
        uint8_t bytes[PART];
        for (uint64_t at = pipe->taken; at != pipe->put;) {
                uint64_t part = least(PART, pipe->put - at), written = 0;
                ring_copy_out(pipe->ring, LOCAL_PIPE_BYTES, at, bytes, part);
                outcome_t outcome = tty_write(end, RT_DEADLINE, bytes, part, &written);
                if (outcome != OUTCOME_OK || written == 0 || written > part)
                        return outcome == OUTCOME_OK ? not_executed(REASON_NO_SPACE) : outcome;
                at += written;
        }
        return OUTCOME_OK;
}

/* From now on, or no longer, whoever comes or waits is told that it has been promoted. */
static void promoted_set(struct local_pipe *pipe, bool promoted)
{
        state_lock();
        pipe->promoted = promoted;
        futex_changed(pipe);
        state_unlock();
}

/* The open files of the pipe are those of the stream. */
static void ends_pass(struct local_pipe *pipe, handle_t ends[2])
{
        for (unsigned i = 0; i < OPEN_FILES; i++) {
                struct open_file *open = open_file_at(i);
                if (!open || open->ring != pipe)
                        continue;
                const bool writes = (open->flags & O_ACCMODE) == O_WRONLY;
                open->kind = OPEN_CONSOLE;
                open->pipe = true;
                open->ring = NULL;
                open->right = ends[writes];
                ends[writes] = 0;
                local_pipe_close(pipe, writes);
        }
}

static outcome_t promote(struct local_pipe *pipe)
{
        handle_t ends[2] = {0, 0};
        outcome_t outcome = stream_make(ends);
        if (outcome != OUTCOME_OK)
                return outcome;
        promoted_set(pipe, true);
        outcome = stream_fill(pipe, ends[true]);
        if (outcome == OUTCOME_OK)
                ends_pass(pipe, ends);
        else
                promoted_set(pipe, false);
        for (int i = 0; i < 2; i++)
                if (ends[i])
                        sys_handle_close(ends[i]);
        return outcome;
}

outcome_t local_pipes_promote(void)
{
        for (unsigned i = 0; i < OPEN_FILES; i++) {
                const struct open_file *open = open_file_at(i);
                outcome_t outcome = open && open->ring ? promote(open->ring) : OUTCOME_OK;
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        return OUTCOME_OK;
}
