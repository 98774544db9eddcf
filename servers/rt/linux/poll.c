/* poll and select: lists of open files, for one wait (ready.c).
 *
 * Sources: poll(2), select(2). */
#include <errno.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/time.h>

#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/poll.h"
#include "servers/rt/linux/user.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"

/* An open file that is ready is told of again and again. */
static int events_of(int file, int wanted, struct look_round *round)
{
        struct open_file *open = open_file_of(file);
        return open ? open_file_ready(open, wanted, SEEN_NOTHING, round).events : POLLNVAL;
}

/* ---- poll ------------------------------------------------------------------------------------ */

static int64_t poll_look(void *what, uint64_t count, struct look_round *round)
{
        struct pollfd *entries = what;
        int64_t ready = 0;
        for (uint64_t i = 0; i < count; i++) {
                entries[i].revents =
                    (short)(entries[i].fd < 0 ? 0
                                              : events_of(entries[i].fd, entries[i].events, round));
                ready += entries[i].revents != 0;
        }
        return ready;
}

int64_t linux_poll(void *list, uint64_t count, int64_t milliseconds)
{
        const uint64_t deadline = look_deadline(milliseconds);
        return count > OPEN_FILES ? -EINVAL : look_until(poll_look, list, count, deadline, NULL);
}

/* Linux tells who waits by a time what is left of it, if he can be told. */
static uint64_t left_until(uint64_t deadline)
{
        const uint64_t now = rt_now();
        return deadline > now ? deadline - now : 0;
}

static bool can_tell(uint64_t time, uint64_t deadline)
{
        return time && deadline != TIME_NEVER && user_writes(time, sizeof(struct timespec));
}

int64_t linux_ppoll(const struct linux_arguments *in)
{
        const void *set = (const void *)in->d;
        uint64_t deadline;
        if (in->b > OPEN_FILES || (set && in->e != SIGNAL_SET_BYTES))
                return -EINVAL;
        const int64_t error = time_deadline((const void *)in->c, false, &deadline);
        if (error)
                return error;
        const int64_t ready = look_until(poll_look, (void *)in->a, in->b, deadline, set);
        if (can_tell(in->c, deadline))
                time_split(left_until(deadline), (void *)in->c);
        return ready;
}

/* ---- select ---------------------------------------------------------------------------------- */

enum { SETS = 3, SET_BYTES = FD_SETSIZE / 8, SECOND_US = 1000000 };

struct select {
        uint8_t *sets[SETS]; /* the program's: to read, to write, with exceptions; or NULL */
        uint8_t wanted[SETS][SET_BYTES], found[SETS][SET_BYTES];
};

static int64_t select_look(void *what, uint64_t count, struct look_round *round)
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
                        int found = events_of((int)i, events[set], round);
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
                wait = (struct timespec){time->tv_sec + time->tv_usec / SECOND_US,
                                         time->tv_usec % SECOND_US * (long)RT_MICROSECOND};
        int64_t error = time_deadline(time ? &wait : NULL, false, &deadline);
        if (error)
                return error;
        const int64_t ready = select_wait(in, deadline, NULL);
        if (can_tell(in->e, deadline))
                *(struct timeval *)in->e = time_coarse(left_until(deadline));
        return ready;
}

int64_t linux_pselect(const struct linux_arguments *in)
{
        const uint64_t *set = (const uint64_t *)in->f; /* the set's address and length */
        uint64_t deadline;
        int64_t error = set && set[0] && set[1] != SIGNAL_SET_BYTES
                            ? -EINVAL
                            : time_deadline((const void *)in->e, false, &deadline);
        if (error)
                return error;
        const int64_t ready = select_wait(in, deadline, set ? (const void *)set[0] : NULL);
        if (can_tell(in->e, deadline))
                time_split(left_until(deadline), (void *)in->e);
        return ready;
}
