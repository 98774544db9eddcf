/* What the application sends along besides rights: snapshots of memory, and events, its own and
 * those that it was given. */
#ifndef SIM_USER_GIFTS_H
#define SIM_USER_GIFTS_H

#include "servers/rt/serve/serve.h"
#include "tests/sim/user/ledger.h"

/* To be called once. The bits of its events come to the server's port. */
void gifts_init(struct server *server);

/* Adds one more capability to a message and its letter: a snapshot, or an event. */
void gift_put(struct message *message, struct letter *letter);

/* A snapshot has come, which should be of that number: it is looked at, and closed. The number that
 * it has; 0: it has other content. */
uint64_t gift_memory_take(handle_t memory, uint64_t number);

/* An event has come, by so many links. */
void gift_event_take(handle_t event, uint64_t number, unsigned hops);

/* Signals one of the events that it holds, or drops it. */
void gift_event_use(void);

/* Drops all that is held. */
void gifts_drop(void);

/* The server's callbacks. */
void gift_event_came(struct server *server, uint64_t key, uint64_t bits);
void gift_event_ended(struct server *server, uint64_t key);

#endif
