/* Far calls that local servers are executing: one call object each, from a fixed pool. No peer
 * has more than its share of it. What finds nothing left is answered `overloaded`, not executed. */
#ifndef NETIPC_SERVER_SERVICES_H
#define NETIPC_SERVER_SERVICES_H

#include <stdbool.h>
#include "netipc/core/core.h"
#include "servers/rt/message.h"

enum { SERVICES_MAX = 48, SERVICE_BYTES_SMALL = 4096 };

/* The event bits of the pool: one for each call object. */
#define SERVICES_BITS ((1ull << SERVICES_MAX) - 1)

struct far_call {
        handle_t call; /* the call object; 0: not made yet */
        bool busy;
        uint8_t peer;                 /* slot of the peer that asked for it */
        core_call_t far;              /* to be answered; 0: one-way, or the caller is gone */
        handle_t moved[MESSAGE_CAPS]; /* went with the request: ours again if it is not executed */
        unsigned moved_count;
        uint8_t *request, *answer;
        size_t request_capacity; /* bytes of `request`; `answer` has MESSAGE_BYTES_MAX */
};

struct services {
        handle_t event;
        unsigned share;              /* that one peer may have */
        uint8_t busy[UINT8_MAX + 1]; /* by peer */
        struct far_call pool[SERVICES_MAX];
};

/* An idle service for a peer with room for a request of `bytes`; NULL: none, or no memory. */
struct far_call *service_take(struct services *services, uint8_t peer, size_t bytes);

/* The service is done; its request was delivered, or it was not. */
void service_end(struct services *services, struct far_call *service, bool delivered);

/* The service that executes a far call, or NULL. */
struct far_call *service_of(struct services *services, core_call_t far);

#endif
