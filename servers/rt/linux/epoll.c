/* epoll: a list of open files, kept from one wait to the next. What counts as ready is poll's; an
 * edge (EPOLLET) is told once for all that has come up to then, and an open file that is always
 * ready has one edge. An epoll in another's list is ready when something in its own is, and has no
 * edges (EPOLLET is refused); none may stand in its own list, by however many others.
 *
 * Sources: epoll(7), epoll_ctl(2), <sys/epoll.h>. Context: `files`; the lists also `state`
 * (threads.h), for those who wait. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>

#include "servers/rt/linux/futex.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/poll.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/task/memory.h"

#define EVENTS_KNOWN                                                                               \
        (EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLERR | EPOLLHUP | EPOLLRDHUP | EPOLLRDNORM |          \
         EPOLLWRNORM | EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE)

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLHUP == POLLHUP,
               "told as poll does");

enum { NESTED_MOST = 5 }; /* lists in each other, as with Linux */

/* One open file of a list; open NULL: free. */
struct watch {
        struct open_file *open;
        int file;
        bool off;  /* EPOLLONESHOT: told, until it is changed */
        bool told; /* EPOLLET: at `progress` */
        uint64_t progress;
        struct epoll_event event;
};

struct epoll {
        struct epoll *next;
        const struct open_file *open;
        struct watch watches[EPOLL_WATCHES];
};

static struct {
        struct epoll *first;
} lists;

/* ---- the lists ------------------------------------------------------------------------------- */

/* Gives an open file an empty list. False: no memory. */
static bool list_make(struct open_file *open)
{
        void *memory;
        if (rt_memory_allocate(sizeof(struct epoll), &memory) != OUTCOME_OK)
                return false;
        open->epoll = memory;
        open->epoll->open = open;
        open->epoll->next = lists.first;
        lists.first = open->epoll;
        return true;
}

int64_t linux_epoll_create(int flags)
{
        struct open_file *open;
        if (flags & ~EPOLL_CLOEXEC)
                return -EINVAL;
        int64_t descriptor = open_file_new(OPEN_EPOLL, &open);
        if (descriptor < 0)
                return descriptor;
        if (!list_make(open)) {
                linux_close((int)descriptor);
                return -ENOMEM;
        }
        open->flags = O_RDWR;
        descriptor_close_on_exec((int)descriptor, flags & EPOLL_CLOEXEC);
        return descriptor;
}

void epoll_close(struct open_file *open)
{
        struct epoll **at = &lists.first;
        while (*at != open->epoll)
                at = &(*at)->next;
        *at = open->epoll->next;
        rt_memory_free(open->epoll, sizeof *open->epoll);
        open->epoll = NULL;
}

void epoll_forget(const struct open_file *open)
{
        for (struct epoll *epoll = lists.first; epoll; epoll = epoll->next)
                for (unsigned i = 0; i < EPOLL_WATCHES; i++)
                        if (epoll->watches[i].open == open)
                                epoll->watches[i].open = NULL;
}

/* The watch of a descriptor, or with open NULL a free one; NULL: there is none. */
static struct watch *watch_find(struct epoll *epoll, const struct open_file *open, int file)
{
        for (unsigned i = 0; i < EPOLL_WATCHES; i++) {
                struct watch *watch = &epoll->watches[i];
                if (watch->open == open && (!open || watch->file == file))
                        return watch;
        }
        return NULL;
}

static int64_t watch_add(struct epoll *epoll, struct open_file *open, int file,
                         const struct epoll_event *event)
{
        struct watch *watch = watch_find(epoll, NULL, 0);
        if (!watch)
                return -ENOSPC;
        *watch = (struct watch){.open = open, .file = file, .event = *event};
        return 0;
}

/* Whether the list may have another one, and what is in that: not itself, and not too deep. */
static bool may_have(const struct open_file *list, const struct open_file *other, unsigned depth)
{
        if (other == list || depth == NESTED_MOST)
                return false;
        for (unsigned i = 0; i < EPOLL_WATCHES; i++) {
                const struct open_file *open = other->epoll->watches[i].open;
                if (open && open->kind == OPEN_EPOLL && !may_have(list, open, depth + 1))
                        return false;
        }
        return true;
}

/* How many lists stand in each other above this one. */
static unsigned height(const struct open_file *list, unsigned depth)
{
        unsigned most = depth;
        for (const struct epoll *epoll = lists.first; epoll && depth < NESTED_MOST;
             epoll = epoll->next)
                for (unsigned i = 0; i < EPOLL_WATCHES; i++)
                        if (epoll->watches[i].open == list) {
                                const unsigned above = height(epoll->open, depth + 1);
                                most = above > most ? above : most;
                        }
        return most;
}

int64_t linux_epoll_ctl(int epoll, int operation, int file, const void *from)
{
        const struct open_file *list = open_file_of(epoll);
        struct open_file *open = open_file_of(file);
        struct epoll_event event = {0};
        if (!list || !open)
                return -EBADF;
        if (list->kind != OPEN_EPOLL || list == open)
                return -EINVAL;
        if (open->kind != OPEN_PIPE && open->kind != OPEN_COUNT && open->kind != OPEN_CONSOLE &&
            open->kind != OPEN_TIMER && open->kind != OPEN_SIGNALS && open->kind != OPEN_EPOLL)
                return -EPERM;
        if (operation != EPOLL_CTL_DEL)
                bytes_copy(&event, from, sizeof event);
        if (event.events & ~(uint32_t)EVENTS_KNOWN)
                return -EINVAL;
        if (open->kind == OPEN_EPOLL && event.events & EPOLLET)
                return -EINVAL;
        if (open->kind == OPEN_EPOLL && operation == EPOLL_CTL_ADD &&
            !may_have(list, open, height(list, 1)))
                return -ELOOP;
        struct watch *watch = watch_find(list->epoll, open, file);
        int64_t error = 0;
        state_lock();
        if (operation == EPOLL_CTL_ADD)
                error = watch ? -EEXIST : watch_add(list->epoll, open, file, &event);
        else if (operation != EPOLL_CTL_MOD && operation != EPOLL_CTL_DEL)
                error = -EINVAL;
        else if (!watch)
                error = -ENOENT;
        else
                *watch = (struct watch){
                    .open = operation == EPOLL_CTL_MOD ? open : NULL, .file = file, .event = event};
        futex_changed(list);
        state_unlock();
        return error;
}

/* ---- to the next program --------------------------------------------------------------------- */

unsigned epoll_watches(const struct open_file *list, struct epoll_watch to[EPOLL_WATCHES])
{
        unsigned count = 0;
        for (unsigned i = 0; i < EPOLL_WATCHES; i++) {
                const struct watch *watch = &list->epoll->watches[i];
                if (watch->open && open_file_of(watch->file) == watch->open &&
                    !descriptor_closes_on_exec(watch->file))
                        to[count++] = (struct epoll_watch){watch->file, watch->event.events,
                                                           watch->event.data.u64, watch->off};
        }
        return count;
}

bool epoll_begin(struct open_file *open, const struct epoll_watch *from, unsigned count)
{
        if (!list_make(open))
                return false;
        for (unsigned i = 0; i < count && i < EPOLL_WATCHES; i++) {
                struct watch *watch = &open->epoll->watches[i];
                struct epoll_watch next;
                bytes_copy(&next, &from[i], sizeof next);
                watch->open = open_file_of(next.file);
                watch->file = next.file;
                watch->event.events = next.events;
                watch->event.data.u64 = next.data;
                watch->off = next.off;
        }
        return true;
}

/* ---- waiting --------------------------------------------------------------------------------- */

struct look {
        int epoll;
        struct epoll_event *events; /* the program's */
};

/* What is news of a watch now; no events: nothing is. */
static struct readiness watch_news(const struct watch *watch, struct look_round *round)
{
        const bool told = watch->event.events & EPOLLET && watch->told;
        if (!watch->open || watch->off)
                return (struct readiness){0, 0};
        struct readiness now = open_file_ready(watch->open, (int)(watch->event.events & 0xffff),
                                               told ? watch->progress : SEEN_NOTHING, round);
        if (told && watch->progress == now.progress)
                now.events = 0;
        return now;
}

/* What is to be told of a watch now; 0: nothing. */
static uint32_t watch_look(struct watch *watch, struct look_round *round)
{
        const struct readiness now = watch_news(watch, round);
        if (now.events && watch->event.events & EPOLLET) {
                watch->told = true;
                watch->progress = now.progress;
        }
        return (uint32_t)now.events;
}

struct readiness epoll_ready(const struct open_file *list, struct look_round *round)
{
        struct readiness now = {0, 0};
        for (unsigned i = 0; i < EPOLL_WATCHES; i++)
                if (watch_news(&list->epoll->watches[i], round).events)
                        now.events = POLLIN;
        return now;
}

static int64_t epoll_look(void *what, uint64_t count, struct look_round *round)
{
        const struct look *look = what;
        const struct open_file *list = open_file_of(look->epoll);
        uint64_t found = 0;
        if (!list || list->kind != OPEN_EPOLL)
                return list ? -EINVAL : -EBADF;
        for (unsigned i = 0; i < EPOLL_WATCHES && found < count; i++) {
                struct watch *watch = &list->epoll->watches[i];
                uint32_t ready = watch_look(watch, round);
                if (!ready)
                        continue;
                look->events[found].events = ready;
                look->events[found].data = watch->event.data;
                watch->off = watch->event.events & EPOLLONESHOT;
                found++;
        }
        return (int64_t)found;
}

static int64_t events_wait(const struct linux_arguments *in, uint64_t deadline, const void *set)
{
        struct look look = {(int)in->a, (struct epoll_event *)in->b};
        const int count = (int)in->c;
        if (count <= 0 || (set && in->f != SIGNAL_SET_BYTES))
                return -EINVAL;
        return look_until(epoll_look, &look, (uint64_t)count, deadline, set);
}

int64_t linux_epoll_wait(const struct linux_arguments *in, const void *set)
{
        return events_wait(in, look_deadline((int)in->d), set);
}

int64_t linux_epoll_pwait2(const struct linux_arguments *in)
{
        uint64_t deadline;
        const int64_t error = time_deadline((const void *)in->d, false, &deadline);
        return error ? error : events_wait(in, deadline, (const void *)in->e);
}
