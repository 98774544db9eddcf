/* Lines that shells of other nodes send to the batch shell (interface commands): how a node without
 * a port of its own is reached.
 *
 *      free ──begin──> running ──it ends──> ended ──all of it is told──> free
 *                         │                   └──nobody has the right──────^
 *                         └──nobody has the right: cancelled, not told────^
 *
 * There is one at a time, and none while a line of the terminal runs. What it writes is kept for
 * who has sent it, bytes as they are: an end is told apart from them, so that no output can look
 * like one. Whoever cannot look up `commands` sends none, and only a component whose manifest
 * provides that name takes them.
 *
 * Context: the shell's one thread. */
#ifndef SHELL_REMOTE_H
#define SHELL_REMOTE_H

#include "servers/rt/serve/serve.h"

/* Offers the service, if the component may: *served. */
outcome_t remote_begin(struct server *server, bool *served);

/* Whether such a line is in the foreground, and has not ended. */
bool remote_runs(void);

/* Of the line that runs: what it writes, for which there should be room; its end. */
void remote_show(const char *bytes, size_t length);
bool remote_has_room(void);
void remote_ended(int status);

/* Nobody holds the right with that badge any more. */
void remote_left(uint64_t badge);

/* Who waits by that reply does so no longer, and is answered. False: nobody waits by it. */
bool remote_cancel(handle_t reply);

#endif
