/* Calls of other nodes that servers of this node are executing. Each has a call object of a fixed
 * pool, whose key is its place there. The peers that are up share it, and each that could be has
 * one place at least; no receiver has more than three quarters of its peer's share, so that one
 * that never answers does not cut its node off. What finds no room waits in the core. */
#ifndef TRANSPORT_FAR_CALLS_H
#define TRANSPORT_FAR_CALLS_H

#include <stdbool.h>
#include "netipc/core/core.h"
#include "servers/rt/message/message.h"

enum {
        FAR_CALLS_MAX = 64,
        FAR_CALL_BYTES_SMALL = 4096,
        FAR_CALLS_LARGE = 8, /* places with a request of more than that, at a time */
};

enum far_call_state {
        FAR_CALL_IDLE = 0,
        FAR_CALL_FETCHING,  /* its snapshots are being read; nothing has been started */
        FAR_CALL_EXECUTING, /* until its object is done */
        FAR_CALL_ANSWERING, /* the answer is here, but the core had no room for it */
};

struct far_call {
        handle_t object;               /* the call object; 0: none now */
        struct far_call *next_idle;    /* idle: the next one that was used before */
        uint8_t state;                 /* enum far_call_state */
        uint8_t peer;                  /* slot of the peer that asked for it */
        uint64_t token;                /* the right that it goes to */
        core_call_t caller;            /* to be answered; 0: one-way */
        handle_t handle[MESSAGE_CAPS]; /* went with the request: ours again if it is not executed;
                                        * ANSWERING: hold what the answer passes on */
        unsigned handle_count;
        uint8_t *request, *answer;
        size_t request_capacity; /* bytes of `request`; `answer` has MESSAGE_BYTES_MAX */

        /* ANSWERING */
        outcome_t outcome;
        struct core_message message; /* its bytes are in `answer` */
        uint64_t since;
};

struct far_calls {
        handle_t port;                   /* where the calls complete */
        unsigned peers;                  /* that are expected, at least 1 */
        unsigned peers_up;               /* with which there is a session */
        struct far_call *idle;           /* of those before `used` */
        unsigned used;                   /* so many places have been used, the first ones */
        unsigned answering;              /* so many are */
        unsigned taken, large;           /* so many are not idle; have a large request */
        uint8_t large_of[UINT8_MAX + 1]; /* by peer */
        unsigned peers_busy;             /* so many peers have any */
        uint8_t busy[UINT8_MAX + 1];     /* by peer */
        struct far_call pool[FAR_CALLS_MAX];
};

/* Whether the peer may have another entry for a call to this right, with room for a request of
 * `bytes`. False: the pool or its share is used up, or there is no memory. */
bool far_call_room(struct far_calls *calls, uint8_t peer, uint64_t token, size_t bytes);

/* That entry; NULL: there is no room for it at all, whatever the shares. */
struct far_call *far_call_take(struct far_calls *calls, uint8_t peer, uint64_t token, size_t bytes);

/* The entry is idle again; handles that it still has are closed. */
void far_call_end(struct far_calls *calls, struct far_call *call);

/* The call itself has ended. If its request was not delivered, the handles that went with it are
 * closed. */
void far_call_ended(struct far_call *call, bool delivered);

/* Nobody waits for the call any more, or can be answered: gives its object up. The server finds its
 * reply right dead; what it has not received yet, it never will. */
void far_call_abandon(struct far_call *call);

/* The answer waits for room in the core. */
void far_call_keep(struct far_calls *calls, struct far_call *call, uint64_t now);

/* The entry of a caller's call, or NULL. */
struct far_call *far_call_of(struct far_calls *calls, core_call_t caller);

#endif
