/* Calls of other nodes that servers of this node are executing. Each has a call object of a fixed
 * pool, whose key is its place there, and no peer more than its share of the pool. A call for which
 * nothing is left is answered as `overloaded`, not executed. */
#ifndef TRANSPORT_FAR_CALLS_H
#define TRANSPORT_FAR_CALLS_H

#include <stdbool.h>
#include "netipc/core/core.h"
#include "servers/rt/message.h"

enum { FAR_CALLS_MAX = 48, FAR_CALL_BYTES_SMALL = 4096 };

enum far_call_state {
        FAR_CALL_IDLE = 0,
        FAR_CALL_EXECUTING, /* until its object is done */
        FAR_CALL_ANSWERING, /* the answer is here, but the core had no room for it */
};

struct far_call {
        handle_t object;              /* the call object; 0: none now */
        struct far_call *next_idle;   /* idle: the next one that was used before */
        uint8_t state;                /* enum far_call_state */
        uint8_t peer;                 /* slot of the peer that asked for it */
        core_call_t caller;           /* to be answered; 0: one-way */
        handle_t moved[MESSAGE_CAPS]; /* went with the request: ours again if it is not executed */
        unsigned moved_count;
        uint8_t *request, *answer;
        size_t request_capacity; /* bytes of `request`; `answer` has MESSAGE_BYTES_MAX */

        /* ANSWERING */
        outcome_t outcome;
        struct core_message message; /* its bytes are in `answer` */
        uint64_t since;
};

struct far_calls {
        handle_t port;               /* where the calls complete */
        unsigned share;              /* that one peer may have */
        struct far_call *idle;       /* of those before `used` */
        unsigned used;               /* so many places have been used, the first ones */
        unsigned answering;          /* so many are */
        uint8_t busy[UINT8_MAX + 1]; /* by peer */
        struct far_call pool[FAR_CALLS_MAX];
};

/* An idle entry for a call of a peer, with room for a request of `bytes`; NULL: the pool or the
 * peer's share is used up, or there is no memory. */
struct far_call *far_call_take(struct far_calls *calls, uint8_t peer, size_t bytes);

/* The entry is idle again. */
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
