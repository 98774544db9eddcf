/* See queue.h. One array for all numbers and threads, since few wait: the oldest is first. */
#include "servers/rt/linux/queue.h"

struct queued {
        const struct thread *to; /* NULL: the process */
        int signal;
        struct signal_sent sent;
};

static struct {
        struct queued list[SIGNALS_QUEUED]; /* the oldest first */
        unsigned count;
} queue;

unsigned queued_room(void)
{
        return SIGNALS_QUEUED - queue.count;
}

void queued_add(const struct thread *to, int signal, const struct signal_sent *sent)
{
        if (queued_room())
                queue.list[queue.count++] = (struct queued){to, signal, *sent};
}

/* From a place on; the number of all: there is none. */
static unsigned queued_find(unsigned from, const struct thread *to, int signal)
{
        while (from < queue.count &&
               (queue.list[from].to != to || queue.list[from].signal != signal))
                from++;
        return from;
}

bool queued_has(const struct thread *to, int signal, const struct signal_sent *sent)
{
        unsigned at = queued_find(0, to, signal);
        while (at < queue.count && (queue.list[at].sent.code != sent->code ||
                                    queue.list[at].sent.sender != sent->sender))
                at = queued_find(at + 1, to, signal);
        return at < queue.count;
}

bool queued_take(const struct thread *to, int signal, struct signal_sent *sent)
{
        const unsigned at = queued_find(0, to, signal);
        if (at == queue.count)
                return false;
        *sent = queue.list[at].sent;
        queue.count--;
        for (unsigned i = at; i < queue.count; i++)
                queue.list[i] = queue.list[i + 1];
        return queued_find(at, to, signal) < queue.count;
}

void queued_drop(const struct thread *to)
{
        unsigned kept = 0;
        for (unsigned i = 0; i < queue.count; i++)
                if (queue.list[i].to != to)
                        queue.list[kept++] = queue.list[i];
        queue.count = kept;
}

void queued_forked(void)
{
        queue.count = 0;
}
