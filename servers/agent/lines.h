/* The driver of the lines to the host: found, asked for the next line that the host opens, and
 * found again after its death. One call at a time, for which nobody waits: a machine may have no
 * such device, and what became of the lines that there were is told meanwhile.
 *
 *      SOUGHT ──lookup──► FOUND ──accept──► a line, and FOUND again
 *        ▲                  │ a call fails: after a pause
 *        └──────────────────┘
 *
 * Context: the agent's one thread. */
#ifndef AGENT_LINES_H
#define AGENT_LINES_H

#include <stdbool.h>
#include "servers/rt/serve/serve.h"

struct lines {
        handle_t call;
        handle_t driver; /* 0: it is sought */
        bool under_way;
        uint64_t retry_at; /* no call before */
};

/* `key`: of the completions that are for lines_completed(). NO_MEMORY. */
outcome_t lines_init(struct lines *lines, struct server *server, uint64_t key);

/* Begins what is next, unless it is under way: seeks the driver, or, if there is room for one, asks
 * for a line. */
void lines_work(struct lines *lines, bool room);

/* When lines_work() has to be called at the latest; TIME_NEVER. */
uint64_t lines_wake(const struct lines *lines);

/* The call is done. Returns a line, which is the caller's, if it has brought one; else 0. */
handle_t lines_completed(struct lines *lines);

#endif
