/* See count.h. Who waits does so at the open file's address, as at a futex. */
#include "servers/rt/linux/count.h"

#include <errno.h>
#include <fcntl.h>

#include "servers/rt/linux/futex.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"

enum { EVENTFD_SEMAPHORE = 1 }; /* EFD_SEMAPHORE; the others are those of open(2) */

static int64_t count_wait(const struct open_file *open)
{
        return open->flags & O_NONBLOCK ? -EAGAIN : futex_wait_here((uint64_t)open, TIME_NEVER);
}

int64_t count_read(struct open_file *open, void *to, uint64_t bytes)
{
        int64_t error = 0;
        if (bytes < sizeof open->count)
                return -EINVAL;
        state_lock();
        while (!open->count && !error)
                error = count_wait(open);
        if (!error) {
                uint64_t taken = open->one_by_one ? 1 : open->count;
                open->count -= taken;
                bytes_copy(to, &taken, sizeof taken);
                futex_changed(open);
        }
        state_unlock();
        return error ? error : (int64_t)sizeof open->count;
}

int64_t count_write(struct open_file *open, const void *from, uint64_t bytes)
{
        uint64_t more;
        int64_t error = 0;
        if (bytes < sizeof more)
                return -EINVAL;
        bytes_copy(&more, from, sizeof more);
        if (more > COUNT_MOST)
                return -EINVAL;
        state_lock();
        while (more > COUNT_MOST - open->count && !error)
                error = count_wait(open);
        if (!error) {
                open->count += more;
                open->offset++; /* an edge for epoll */
                futex_changed(open);
        }
        state_unlock();
        return error ? error : (int64_t)sizeof more;
}

int64_t linux_eventfd(unsigned first, int flags)
{
        struct open_file *open;
        if (flags & ~(EVENTFD_SEMAPHORE | O_NONBLOCK | O_CLOEXEC))
                return -EINVAL;
        int64_t descriptor = open_file_new(OPEN_COUNT, &open);
        if (descriptor < 0)
                return descriptor;
        open->flags = O_RDWR | (flags & O_NONBLOCK);
        open->count = first;
        open->one_by_one = flags & EVENTFD_SEMAPHORE;
        descriptor_close_on_exec((int)descriptor, flags & O_CLOEXEC);
        return descriptor;
}
