/* See local_pipe.h, and pipe(7). Readers and writers wait as at a futex, all at the address of
 * the pipe: whoever is woken looks again. */
#include "servers/rt/linux/local_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>

#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/futex.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/ring.h"
#include "servers/rt/task/memory.h"

enum { RING = 61440 }; /* with the rest of struct local_pipe within 64 KiB */

struct local_pipe {
        unsigned open[2];    /* open files that read, that write */
        uint64_t taken, put; /* running counts: put - taken bytes are there */
        uint8_t ring[RING];
};

/* Waits for a change. */
static int64_t local_pipe_wait(const struct local_pipe *pipe, bool waits)
{
        return waits ? futex_wait_here((uint64_t)pipe, TIME_NEVER) : -EAGAIN;
}

int64_t local_pipe_read(struct local_pipe *pipe, void *to, uint64_t count, bool waits)
{
        int64_t error = 0;
        state_lock();
        while (count && pipe->put == pipe->taken && pipe->open[true] && !error)
                error = local_pipe_wait(pipe, waits);
        uint64_t part = error ? 0 : least(count, pipe->put - pipe->taken);
        ring_copy_out(pipe->ring, RING, pipe->taken, to, part);
        pipe->taken += part;
        if (part)
                futex_changed(pipe);
        state_unlock();
        return error ? error : (int64_t)part;
}

/* At most PIPE_BUF bytes are written at once, or not at all. */
int64_t local_pipe_write(struct local_pipe *pipe, const void *from, uint64_t count, bool waits)
{
        uint64_t done = 0;
        int64_t error = 0;
        state_lock();
        while (done < count && !error) {
                uint64_t room = RING - (pipe->put - pipe->taken), left = count - done;
                if (!pipe->open[false]) {
                        error = -EPIPE;
                } else if (room < (count <= PIPE_BUF ? count : 1)) {
                        error = local_pipe_wait(pipe, waits);
                } else {
                        uint64_t part = least(left, room);
                        ring_copy_in(pipe->ring, RING, pipe->put, (const uint8_t *)from + done,
                                     part);
                        pipe->put += part;
                        done += part;
                        futex_changed(pipe);
                }
        }
        state_unlock();
        if (error == -EPIPE)
                linux_tgkill(linux_getpid(), linux_gettid(), SIGPIPE);
        return done ? (int64_t)done : error;
}

int local_pipe_ready(const struct local_pipe *pipe, bool writes)
{
        if (writes)
                return (RING - (pipe->put - pipe->taken) >= PIPE_BUF ? POLLOUT : 0) |
                       (pipe->open[false] ? 0 : POLLERR);
        return (pipe->put != pipe->taken ? POLLIN : 0) | (pipe->open[true] ? 0 : POLLHUP);
}

uint64_t local_pipe_progress(const struct local_pipe *pipe, bool writes)
{
        return writes ? pipe->taken + !pipe->open[false] : pipe->put + !pipe->open[true];
}

void local_pipe_close(struct local_pipe *pipe, bool writes)
{
        state_lock();
        pipe->open[writes]--;
        bool last = !pipe->open[false] && !pipe->open[true];
        futex_changed(pipe);
        state_unlock();
        if (last)
                rt_memory_free(pipe, sizeof *pipe);
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
