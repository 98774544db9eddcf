/* The pairs of sockets of the stream server, and what their ends may ask: interface socket, and of
 * tty what says when they are ready. A badge says which pair and which end it is of, as with pipes
 * (main.c), with BADGE_PAIR set. Context: the server's one thread. */
#ifndef STREAM_PAIRS_H
#define STREAM_PAIRS_H

#include "servers/proto/tty.h"
#include "servers/rt/serve/serve.h"

#define BADGE_PAIR (1ull << 62)

/* Makes one of that type (enum socket_type): OVERLOADED, NO_MEMORY, INVALID. */
outcome_t pairs_make(struct request *request, uint64_t type, struct send_cap *one,
                     struct send_cap *other);

/* The handlers of interface tty for an end. */
extern const struct tty_server pairs_tty;

/* Serves interface socket. */
outcome_t pairs_add(struct server *server);

/* Answers all whose time has come. */
void pairs_serve_waiting(void);

/* Nobody has the end any more; nobody waits for the answer any more. */
void pairs_close(uint64_t badge);
void pairs_cancel(uint64_t badge, handle_t reply);

#endif
