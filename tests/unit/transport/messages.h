/* What the tests of messages between kernel and core share: messages that arrive from another node,
 * and the rights that they go to. Whatever fails in one, no handle, token or watch is left. */
#ifndef TEST_TRANSPORT_MESSAGES_H
#define TEST_TRANSPORT_MESSAGES_H

#include "tests/unit/transport/kernel.h"

enum { TRAVELS = RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL };

/* A message with so many capabilities, which the caller sets. What lies behind them is no part of
 * it: of what was there before, nothing may be taken. */
static inline struct core_message with_caps(unsigned count)
{
        struct core_message message = {.caps = (uint8_t)count, .deadline = CORE_NEVER};
        for (unsigned i = count; i < sizeof(message.cap) / sizeof(*message.cap); i++)
                message.cap[i] = (struct core_cap){.kind = CORE_CAP_IMPORT,
                                                   .type = CAPABILITY_MEMORY,
                                                   .rights = RIGHTS_ALL,
                                                   .length = FETCH_MOST + 1,
                                                   .id = 999};
        return message;
}

/* A message with so many send rights: imports from 100 on. */
static inline struct core_message with_imports(unsigned count)
{
        struct core_message message = with_caps(count);
        for (unsigned i = 0; i < count; i++)
                message.cap[i] = (struct core_cap){.kind = CORE_CAP_IMPORT,
                                                   .type = CAPABILITY_SEND,
                                                   .rights = TRAVELS,
                                                   .id = 100 + i};
        return message;
}

/* A new right that is exported; its token. */
static inline uint64_t held(uint32_t rights)
{
        uint64_t token;
        ck_assert_uint_eq(
            right_hold(&transport.rights, kernel_right(rights), CAPABILITY_SEND, &token),
            OUTCOME_OK);
        return token;
}

/* Whether a small request of the peer may be delivered. */
static inline bool room(unsigned peer, uint64_t token)
{
        return bridge_environment.room(NULL, token, (uint8_t)peer, 100);
}

/* Call 7 arrives. */
static inline outcome_t deliver(uint64_t token, const struct core_message *message)
{
        return bridge_environment.deliver(NULL, token, CAPABILITY_SEND, 7, message);
}

/* A call without capabilities arrives from a peer, to a right of its own; 0: a one-way message. */
static inline outcome_t deliver_from(unsigned peer, core_call_t call)
{
        struct core_message message = with_imports(0);
        message.peer = (uint8_t)peer;
        return bridge_environment.deliver(NULL, held(TRAVELS), CAPABILITY_SEND, call, &message);
}

/* A request with an event of import 200, whose proxy its receiver has: the proxy's handle. */
static inline handle_t event_arrives(void)
{
        struct core_message message = with_caps(1);
        message.cap[0] = (struct core_cap){
            .kind = CORE_CAP_IMPORT, .type = CAPABILITY_EVENT, .rights = RIGHTS_ALL, .id = 200};
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        handle_t proxy = kernel.started.caps[0].handle;
        ck_assert_uint_eq(kernel.handle[proxy].rights, RIGHT_SIGNAL | RIGHT_COPY | RIGHT_TRAVEL);
        return proxy;
}

/* The session with a peer is lost. */
static inline void node_restarts(unsigned peer)
{
        const struct core_peer_info info = {.slot = (uint8_t)peer, .reason = REASON_NODE_RESTARTED};
        bridge_environment.peer_down(NULL, &info);
}

#endif
