/* poll and select. Of a pipe within the process it is known whether it is ready; every other open
 * file counts as ready for reading and writing, and with one in the list nothing is waited for.
 *
 * Sources: poll(2), select(2). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/time.h>

#include "servers/rt/linux/count.h"
#include "servers/rt/linux/futex.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/local_pipe.h"
#include "servers/rt/linux/poll.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"

int open_file_ready(const struct open_file *open, int wanted)
{
        if (open->kind == OPEN_COUNT)
                return ((open->count ? POLLIN : 0) | (open->count < COUNT_MOST ? POLLOUT : 0)) &
                       wanted;
        if (open->kind == OPEN_LOST)
                return POLLERR;
        if (open->kind != OPEN_PIPE)
                return wanted & (POLLIN | POLLOUT);
        bool writes = (open->flags & O_ACCMODE) == O_WRONLY;
        return local_pipe_ready(open->ring, writes) & (wanted | POLLERR | POLLHUP);
}

static int events_of(int file, int wanted)
{
        const struct open_file *open = open_file_of(file);
        return open ? open_file_ready(open, wanted) : POLLNVAL;
}

uint64_t look_deadline(int64_t milliseconds)
{
        return milliseconds < 0 ? TIME_NEVER : rt_after((uint64_t)milliseconds * RT_MILLISECOND);
}

/* Until something is ready, the time has come (0), or a signal is there. */
static int64_t look_wait(look_function *look, void *what, uint64_t count, uint64_t deadline)
{
        int64_t ready;
        for (;;) {
                files_lock();
                state_lock();
                ready = look(what, count);
                files_unlock();
                if (ready || rt_now() >= deadline)
                        break;
                int64_t error = futex_wait_here(futex_of_changes(), deadline);
                ready = error == -RESTART ? -EINTR : error == -ETIMEDOUT ? 0 : error;
                if (error && ready)
                        break;
                state_unlock();
        }
        state_unlock();
        return ready;
}

/* Other signals are blocked as sigsuspend does it. */
int64_t look_until(look_function *look, void *what, uint64_t count, uint64_t deadline,
                   const void *set)
{
        struct thread *thread = thread_self();
        uint64_t blocked;
        if (!set)
                return look_wait(look, what, count, deadline);
        bytes_copy(&blocked, set, sizeof blocked);
        state_lock();
        thread->blocked_before = thread->blocked;
        thread->suspended = true;
        thread->blocked = blocked & ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
        state_unlock();
        int64_t ready = look_wait(look, what, count, deadline);
        state_lock();
        if (ready == -EINTR) {
                thread->block->attention = 1;
        } else {
                thread->blocked = thread->blocked_before;
                thread->suspended = false;
        }
        state_unlock();
        return ready;
}

/* ---- poll ------------------------------------------------------------------------------------ */

static int64_t poll_look(void *what, uint64_t count)
{
        struct pollfd *entries = what;
        int64_t ready = 0;
        for (uint64_t i = 0; i < count; i++) {
                entries[i].revents =
                    (short)(entries[i].fd < 0 ? 0 : events_of(entries[i].fd, entries[i].events));
                ready += entries[i].revents != 0;
        }
        return ready;
}

int64_t linux_poll(void *list, uint64_t count, int64_t milliseconds)
{
        const uint64_t deadline = look_deadline(milliseconds);
        return count > OPEN_FILES ? -EINVAL : look_until(poll_look, list, count, deadline, NULL);
}

int64_t linux_ppoll(void *list, uint64_t count, const void *timeout, const void *set)
{
        uint64_t deadline;
        int64_t error = count > OPEN_FILES ? -EINVAL : time_deadline(timeout, false, &deadline);
        return error ? error : look_until(poll_look, list, count, deadline, set);
}

/* ---- select ---------------------------------------------------------------------------------- */

enum { SETS = 3, SET_BYTES = FD_SETSIZE / 8 };

struct select {
        uint8_t *sets[SETS]; /* the program's: to read, to write, with exceptions; or NULL */
        uint8_t wanted[SETS][SET_BYTES], found[SETS][SET_BYTES];
};

static int64_t select_look(void *what, uint64_t count)
{
        static const int events[SETS] = {POLLIN, POLLOUT, 0};
        struct select *select = what;
        int64_t ready = 0;
        bytes_zero(select->found, sizeof select->found);
        for (uint64_t i = 0; i < count; i++)
                for (unsigned set = 0; set < SETS; set++) {
                        const uint8_t bit = (uint8_t)(1 << i % 8);
                        if (!(select->wanted[set][i / 8] & bit))
                                continue;
                        int found = events_of((int)i, events[set]);
                        if (found & POLLNVAL)
                                return -EBADF;
                        if (!events[set] || !found)
                                continue;
                        select->found[set][i / 8] |= bit;
                        ready++;
                }
        return ready;
}

static int64_t select_wait(const struct linux_arguments *in, uint64_t deadline, const void *set)
{
        struct select select = {
            {(uint8_t *)in->b, (uint8_t *)in->c, (uint8_t *)in->d}, {{0}}, {{0}}};
        if (in->a > FD_SETSIZE)
                return -EINVAL;
        const size_t bytes = (in->a + 63) / 64 * 8;
        for (unsigned i = 0; i < SETS; i++)
                if (select.sets[i])
                        bytes_copy(select.wanted[i], select.sets[i], bytes);
        int64_t ready = look_until(select_look, &select, in->a, deadline, set);
        for (unsigned i = 0; i < SETS && ready >= 0; i++)
                if (select.sets[i])
                        bytes_copy(select.sets[i], select.found[i], bytes);
        return ready;
}

int64_t linux_select(const struct linux_arguments *in)
{
        const struct timeval *time = (const struct timeval *)in->e;
        uint64_t deadline;
        struct timespec wait = {0, 0};
        if (time)
                wait = (struct timespec){time->tv_sec, time->tv_usec * (long)RT_MICROSECOND};
        int64_t error = time_deadline(time ? &wait : NULL, false, &deadline);
        return error ? error : select_wait(in, deadline, NULL);
}

int64_t linux_pselect(const struct linux_arguments *in)
{
        const uint64_t *set = (const uint64_t *)in->f; /* the set's address and length */
        uint64_t deadline;
        int64_t error = time_deadline((const void *)in->e, false, &deadline);
        return error ? error : select_wait(in, deadline, set ? (const void *)set[0] : NULL);
}
