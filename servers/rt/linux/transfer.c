/* Reading and writing what is open, whatever it is: each kind in its own way.
 *
 *      read, write      at the open file's own offset, or at the one that is shared (shared.c)
 *      pread, pwrite    at an offset that is given
 *
 * A write to a file, also of several vectors, is one step as far as one message carries it,
 * FS_CHUNK_MAX bytes; more are several. What is done to an open file goes to its own right. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/uio.h>

#include "servers/common/least.h"
#include "servers/proto/file.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/console.h"
#include "servers/rt/linux/count.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/foreground.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/local_pipe.h"
#include "servers/rt/linux/made.h"
#include "servers/rt/linux/poll.h"
#include "servers/rt/linux/reopen.h"
#include "servers/rt/linux/signal_file.h"
#include "servers/rt/linux/sockets.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/linux/timer_file.h"
#include "servers/rt/linux/user.h"
#include "servers/rt/task/memory.h"

/* ---- files ---------------------------------------------------------------------------------- */

/* One part: at a place as often as need be, at the end once. */
static outcome_t part_write(struct open_file *open, const uint8_t *from, uint64_t part,
                            uint64_t *offset, uint64_t *written)
{
        const bool appends = open->flags & O_APPEND;
        unsigned tries = 0;
        outcome_t outcome;
        do {
                *written = part;
                outcome = appends
                              ? file_append(open->right, RT_DEADLINE, from, part, offset)
                              : file_write(open->right, RT_DEADLINE, *offset, from, part, written);
                open->changed |= outcome == OUTCOME_OK ||
                                 (appends && outcome_class(outcome) == OUTCOME_PERHAPS_EXECUTED);
        } while (file_again(open, outcome, &tries));
        return outcome;
}

/* *offset: where to write; afterwards the end of what was written. */
static int64_t file_write_at(struct open_file *open, const uint8_t *from, uint64_t count,
                             uint64_t *offset)
{
        uint64_t done = 0;
        while (done < count) {
                uint64_t part = count - done < FS_CHUNK_MAX ? count - done : FS_CHUNK_MAX;
                uint64_t written;
                outcome_t outcome = part_write(open, from + done, part, offset, &written);
                if (outcome != OUTCOME_OK)
                        return done ? (int64_t)done : write_error(outcome);
                written = written < part ? written : part;
                *offset += written;
                done += written;
        }
        return (int64_t)done;
}

static int64_t file_read_at(struct open_file *open, void *to, uint64_t count, uint64_t *offset)
{
        unsigned tries = 0;
        outcome_t outcome;
        size_t done;
        if (!open->identity)
                file_known(open); /* not yet of one that another program has handed on */
        do
                outcome = reader_read(&open->reader, open->right, *offset, to, count, &done);
        while (file_again(open, outcome, &tries));
        *offset += done;
        return outcome == OUTCOME_OK ? (int64_t)done : file_error(outcome);
}

/* Whether a stream that is not to be waited for (O_NONBLOCK) is not ready. */
static bool stream_awaits(const struct open_file *open, int event)
{
        return open->flags & O_NONBLOCK &&
               !(stream_events(open->right) & (event | POLLHUP | POLLERR));
}

/* A stream is waited for without the lock; the open file stays meanwhile. */
static int64_t stream_read(struct open_file *open, void *to, uint64_t count)
{
        const handle_t right = open->right;
        const bool terminal = right && !open->pipe;
        if (open->socket)
                return socket_read(open, to, count);
        open_file_hold(open);
        files_unlock();
        int64_t done = stream_awaits(open, POLLIN) ? -EAGAIN
                       : terminal                  ? foreground_read(right, to, count)
                                                   : console_read(right, to, count);
        files_lock();
        open_file_drop(open);
        return done;
}

static int64_t read_at(struct open_file *open, void *to, uint64_t count, uint64_t *offset);
static int64_t write_at(struct open_file *open, const void *from, uint64_t count, uint64_t *offset);

/* What waits in this process alone: a pipe's end, or a counter. */
static int64_t local_read(struct open_file *open, void *to, uint64_t count)
{
        struct local_pipe *pipe = open->ring;
        open_file_hold(open);
        if (pipe)
                local_pipe_use(pipe);
        files_unlock();
        int64_t done = pipe ? local_pipe_read(pipe, to, count, !(open->flags & O_NONBLOCK))
                       : open->kind == OPEN_TIMER   ? timer_file_read(open, to, count)
                       : open->kind == OPEN_SIGNALS ? signal_file_read(open, to, count)
                                                    : count_read(open, to, count);
        files_lock();
        if (done == -PROMOTED)
                done = read_at(open, to, count, &open->offset);
        open_file_drop(open);
        return done;
}

/* The rest of a write that has `done` so much (or -PROMOTED), if it is of a stream by now. */
static int64_t promoted_write(struct open_file *open, const void *from, uint64_t count,
                              int64_t done)
{
        const uint64_t before = done > 0 ? (uint64_t)done : 0;
        if (done != -PROMOTED && (done <= 0 || before == count || open->kind != OPEN_CONSOLE))
                return done;
        int64_t rest =
            write_at(open, (const uint8_t *)from + before, count - before, &open->offset);
        return rest > 0 ? (int64_t)before + rest : before ? (int64_t)before : rest;
}

static int64_t local_write(struct open_file *open, const void *from, uint64_t count)
{
        struct local_pipe *pipe = open->ring;
        open_file_hold(open);
        if (pipe)
                local_pipe_use(pipe);
        files_unlock();
        int64_t done = pipe ? local_pipe_write(pipe, from, count, !(open->flags & O_NONBLOCK))
                            : count_write(open, from, count);
        files_lock();
        done = promoted_write(open, from, count, done);
        open_file_drop(open);
        return done;
}

static int64_t read_part(struct open_file *open, void *to, uint64_t count, uint64_t *offset)
{
        int64_t done = 0;
        switch (open->kind) {
        case OPEN_CONSOLE:
                return stream_read(open, to, count);
        case OPEN_NULL:
                return 0;
        case OPEN_ZERO:
        case OPEN_FULL:
                bytes_zero(to, count);
                return (int64_t)count;
        case OPEN_PIPE:
        case OPEN_COUNT:
        case OPEN_TIMER:
        case OPEN_SIGNALS:
                return local_read(open, to, count);
        case OPEN_EPOLL:
                return -EINVAL;
        case OPEN_LOST:
                return -ESTALE;
        case OPEN_RANDOM:
                done = linux_getrandom(to, count, 0);
                return done == -ENOSYS ? -EIO : done;
        case OPEN_TEXT:
                return made_read(open, to, count, offset);
        case OPEN_FOLDER:
                return -EISDIR;
        default:
                return file_read_at(open, to, count, offset);
        }
}

/* signal(7): a program that writes to a pipe without a reader is ended, if it does not say
 * otherwise. */
static int64_t stream_write(struct open_file *open, const void *from, uint64_t count)
{
        const handle_t right = open->right;
        const bool pipe = open->pipe;
        if (open->socket)
                return socket_write(open, from, count);
        open_file_hold(open);
        files_unlock();
        if (open->flags & O_NONBLOCK)
                count = least(count, PIPE_BUF);
        int64_t done = stream_awaits(open, POLLOUT) ? -EAGAIN
                       : right && !pipe             ? foreground_write(right, from, count)
                                                    : console_write(right, from, count);
        if (done == -EPIPE && pipe)
                linux_tgkill(linux_getpid(), linux_gettid(), SIGPIPE);
        files_lock();
        open_file_drop(open);
        return done;
}

static int64_t write_part(struct open_file *open, void *from, uint64_t count, uint64_t *offset)
{
        switch (open->kind) {
        case OPEN_CONSOLE:
                return stream_write(open, from, count);
        case OPEN_FILE:
                return file_write_at(open, from, count, offset);
        case OPEN_FULL:
                return -ENOSPC;
        case OPEN_PIPE:
        case OPEN_COUNT:
                return local_write(open, from, count);
        case OPEN_EPOLL:
        case OPEN_TIMER:
        case OPEN_SIGNALS:
                return -EINVAL;
        case OPEN_LOST:
                return -ESTALE;
        default:
                return (int64_t)count;
        }
}

/* What is wrong with a transfer by an open file that may have been opened for the other way alone;
 * 0: nothing. No buffer is as long as a count that would be negative. */
static int64_t access_check(const struct open_file *open, int other, uint64_t count)
{
        if (!open || (open->flags & O_ACCMODE) == other)
                return -EBADF;
        return count > INT64_MAX ? -EFAULT : 0;
}

typedef int64_t transfer(struct open_file *open, void *bytes, uint64_t count, uint64_t *offset);

/* The program's memory is looked at a part at a time: what is never filled of a buffer that was
 * promised does not come. EFAULT, if there is nothing to begin with; else less than was asked. */
static int64_t in_parts(transfer *part_do, struct open_file *open, void *bytes, uint64_t count,
                        uint64_t *offset, bool reads)
{
        enum { PART = 1 << 20 };
        uint64_t done = 0;
        do {
                uint8_t *at = (uint8_t *)bytes + done;
                const uint64_t wanted = least(count - done, PART);
                const uint64_t there = user_extent((uint64_t)at, wanted, reads);
                const bool less = there < wanted && (!there || socket_has_records(open));
                int64_t part = less ? -EFAULT : part_do(open, at, there, offset);
                if (part < 0)
                        return done ? (int64_t)done : part;
                done += (uint64_t)part;
                if ((uint64_t)part < wanted)
                        break;
        } while (done < count && (!reads || open_file_has_places(open)));
        return (int64_t)done;
}

static int64_t read_at(struct open_file *open, void *to, uint64_t count, uint64_t *offset)
{
        const int64_t error = access_check(open, O_WRONLY, count);
        return error ? error : in_parts(read_part, open, to, count, offset, true);
}

static int64_t write_at(struct open_file *open, const void *from, uint64_t count, uint64_t *offset)
{
        const int64_t error = access_check(open, O_RDONLY, count);
        return error ? error : in_parts(write_part, open, (void *)from, count, offset, false);
}

int64_t linux_read(int file, void *to, uint64_t count)
{
        struct open_file *open = open_file_of(file);
        const int64_t error = access_check(open, O_WRONLY, count);
        if (error)
                return error;
        if (open->shared && count && !(count = user_extent((uint64_t)to, count, true)))
                return -EFAULT;
        return open->shared ? shared_read(open, to, count)
                            : read_at(open, to, count, &open->offset);
}

int64_t linux_write(int file, const void *from, uint64_t count)
{
        struct open_file *open = open_file_of(file);
        const int64_t error = access_check(open, O_RDONLY, count);
        if (error)
                return error;
        if (open->shared && count && !(count = user_extent((uint64_t)from, count, false)))
                return -EFAULT;
        return open->shared ? shared_write(open, from, count)
                            : write_at(open, from, count, &open->offset);
}

/* What is wrong with a place to read or write at; 0: nothing. */
static int64_t place_check(const struct open_file *open, uint64_t offset)
{
        if (!open)
                return -EBADF;
        if (!open_file_has_places(open))
                return -ESPIPE;
        return offset > INT64_MAX ? -EINVAL : 0;
}

int64_t linux_pread(int file, void *to, uint64_t count, uint64_t offset)
{
        struct open_file *open = open_file_of(file);
        int64_t error = place_check(open, offset);
        return error ? error : read_at(open, to, count, &offset);
}

int64_t linux_pwrite(int file, const void *from, uint64_t count, uint64_t offset)
{
        struct open_file *open = open_file_of(file);
        int64_t error = place_check(open, offset);
        return error ? error : write_at(open, from, count, &offset);
}

/* ---- vectors -------------------------------------------------------------------------------- */

/* Reads or writes one part; `offset` NULL: where the open file is. */
static int64_t part_do(int file, const struct iovec *part, const uint64_t *offset, bool writes)
{
        if (offset)
                return writes ? linux_pwrite(file, part->iov_base, part->iov_len, *offset)
                              : linux_pread(file, part->iov_base, part->iov_len, *offset);
        return writes ? linux_write(file, part->iov_base, part->iov_len)
                      : linux_read(file, part->iov_base, part->iov_len);
}

/* One vector after the other, up to the first that is not transferred as a whole. A stream is read
 * once: what is there is told before more is waited for. */
static int64_t vectors_do(int file, const struct iovec *vector, uint64_t count,
                          const uint64_t *offset, bool writes)
{
        const struct open_file *open = open_file_of(file);
        const bool once = !writes && open && !open_file_has_places(open);
        int64_t done = 0;
        for (uint64_t i = 0; i < count; i++) {
                uint64_t place = offset ? *offset + (uint64_t)done : 0;
                int64_t part = part_do(file, &vector[i], offset ? &place : NULL, writes);
                if (part < 0)
                        return done ? done : part;
                done += part;
                if ((uint64_t)part < vector[i].iov_len || (part > 0 && once))
                        break;
        }
        return done;
}

/* How many bytes the vectors are. -EINVAL: too many. */
static int64_t vectors_length(const struct iovec *vector, uint64_t count)
{
        uint64_t length = 0;
        if (count > IOV_MAX)
                return -EINVAL;
        for (uint64_t i = 0; i < count; i++) {
                if (vector[i].iov_len > INT64_MAX - length)
                        return -EINVAL;
                length += vector[i].iov_len;
        }
        return (int64_t)length;
}

/* What two or more vectors write to a file, in one piece: nobody else's bytes come between them. */
static int64_t vectors_gather(int file, const struct iovec *vector, uint64_t count, uint64_t length,
                              const uint64_t *offset)
{
        struct iovec whole = {.iov_len = length};
        uint64_t at = 0;
        if (rt_memory_allocate(page_up(length), &whole.iov_base) != OUTCOME_OK)
                return -ENOMEM;
        for (uint64_t i = 0; i < count; at += vector[i++].iov_len)
                bytes_copy((uint8_t *)whole.iov_base + at, vector[i].iov_base, vector[i].iov_len);
        int64_t done = part_do(file, &whole, offset, true);
        rt_memory_free(whole.iov_base, page_up(length));
        return done;
}

static int64_t vectors_write(int file, const struct iovec *vector, uint64_t count,
                             const uint64_t *offset)
{
        struct open_file *open = open_file_of(file);
        uint8_t line[CONSOLE_LINE];
        int64_t length = vectors_length(vector, count), together = -1;
        if (length < 0)
                return length;
        if (open && socket_has_records(open) && !offset)
                return socket_write_vectors(open, vector, count);
        if (open && open->kind == OPEN_CONSOLE && !offset)
                together = console_line(line, vector, count);
        if (together >= 0)
                return stream_write(open, line, (uint64_t)together);
        while (count > 0 && vector[0].iov_len == 0) {
                vector++;
                count--;
        }
        if (open && open->kind == OPEN_FILE && count > 1 && length <= FS_CHUNK_MAX)
                return vectors_gather(file, vector, count, (uint64_t)length, offset);
        return vectors_do(file, vector, count, offset, true);
}

/* The open file is looked at first: of no vectors there would be nothing to fail. */
int64_t linux_readv(int file, const void *vectors, uint64_t count)
{
        struct open_file *open = open_file_of(file);
        int64_t error = access_check(open, O_WRONLY, 0);
        if (!error && vectors_length(vectors, count) < 0)
                error = -EINVAL;
        if (error)
                return error;
        return socket_has_records(open) ? socket_read_vectors(open, vectors, count)
                                        : vectors_do(file, vectors, count, NULL, false);
}

int64_t linux_writev(int file, const void *vectors, uint64_t count)
{
        const int64_t error = access_check(open_file_of(file), O_RDONLY, 0);
        return error ? error : vectors_write(file, vectors, count, NULL);
}

int64_t linux_preadv(int file, const void *vectors, uint64_t count, uint64_t offset)
{
        struct open_file *open = open_file_of(file);
        int64_t error = place_check(open, offset);
        if (!error)
                error = access_check(open, O_WRONLY, 0);
        if (!error && vectors_length(vectors, count) < 0)
                error = -EINVAL;
        return error ? error : vectors_do(file, vectors, count, &offset, false);
}

int64_t linux_pwritev(int file, const void *vectors, uint64_t count, uint64_t offset)
{
        struct open_file *open = open_file_of(file);
        int64_t error = place_check(open, offset);
        if (!error)
                error = access_check(open, O_RDONLY, 0);
        return error ? error : vectors_write(file, vectors, count, &offset);
}
