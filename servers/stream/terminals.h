/* The terminals of the stream server, and what their two sides may ask: interfaces keyboard, tty.
 * A badge says which terminal and which side it is of, as with pipes (main.c), with BADGE_TERMINAL
 * set. Context: the server's one thread. */
#ifndef STREAM_TERMINALS_H
#define STREAM_TERMINALS_H

#include "servers/proto/tty.h"
#include "servers/rt/serve/serve.h"
#include "servers/stream/watch.h"

#define BADGE_TERMINAL (1ull << 63)

/* Makes one: OVERLOADED, NO_MEMORY. */
outcome_t terminals_make(struct request *request, uint64_t rows, uint64_t columns,
                         struct send_cap *keyboard, struct send_cap *programs);

/* The handlers of interface tty for a program's side. */
extern const struct tty_server terminals_tty;

/* Serves interface keyboard. */
outcome_t terminals_add(struct server *server);

/* Answers all whose time has come. */
void terminals_serve_waiting(void);

/* Nobody has the side any more; nobody waits for the answer any more. */
void terminals_close(uint64_t badge);
void terminals_cancel(uint64_t badge, handle_t reply);

/* Two rings of PIPE_BYTES, or none: NO_MEMORY. */
outcome_t rings_allocate(void *rings[2]);

/* What is answered to whoever reads or writes a pipe or a terminal. */
outcome_t outcome_of(enum pipe_answer answer);

/* tty.ready of a stream that is ready for that now: its answer, or RT_DEFERRED, if `waits` and
 * there are no news for the watch. OVERLOADED: too many wait. */
outcome_t watch_begin(struct watches *watches, struct readiness now, const struct watch *watch,
                      uint64_t waits, uint64_t *events, uint64_t *progress);

/* Answers all, since there is nothing more to wait for. */
void watches_end(struct watches *watches);

/* Answers all that have news. */
void watches_serve(struct watches *watches, struct readiness now);

#endif
