/* What the application holds, and what of it goes along with messages.
 *
 *      held    a right in the bag, and the object that it stands for
 *      served  a call that it is to answer later, or whose reply right it gives away; also one
 *              whose reply right it was given
 *
 * A right that was passed on leads through each node that has held it, like the message that it
 * came with, and a call holds a place at each of them: in circles they would wait for each other.
 * So no way is longer than over one other node. */
#ifndef SIM_USER_BAG_H
#define SIM_USER_BAG_H

#include "servers/rt/serve/serve.h"
#include "tests/sim/user/ledger.h"

enum { WAY_LONGEST = 2 };

struct held {
        handle_t handle;
        uint64_t object; /* 0: not known */
        uint8_t hops;    /* 0: our own */
};

struct served {
        handle_t reply; /* 0: free */
        uint64_t number, due;
        bool given; /* by somebody who was called */
};

/* To be called once. New rights are the server's, whose deadline follows what is to be answered. */
void bag_init(struct server *server);

/* Takes the handle, if it is one. If the bag is full another right goes. */
void bag_add(handle_t handle, uint64_t object, unsigned hops);
/* A right of the bag; NULL: none was hit. Those found dead are dropped. */
struct held *bag_some(void);
void bag_drop_some(void);
/* At the end, again and again: what stands for nothing that lives is kept until it is dead, so that
 * a death of which this node is never told leaves a right. */
void bag_empty(void);
bool bag_is_empty(void);

/* False: there is no room to answer it later. */
bool serve_later(handle_t reply, uint64_t number, bool given);
/* A call that is to be answered now; NULL: there is none. */
struct served *served_due(uint64_t now);
/* When the next one is; TIME_NEVER: none. */
uint64_t served_next(void);

/* Up to `most` capabilities: old ones of the bag, whose objects are known, new ones, and others. */
void caps_put(struct message *message, struct letter *letter, unsigned most);
/* The reply right of a call that is to be answered, unless it was given to us. */
void reply_put(struct message *message, struct letter *letter);
/* What came with a message is kept, and described to the ledger. */
void caps_take(uint64_t number, bool answer, struct received_cap *caps, unsigned count,
               struct letter *letter);

#endif
