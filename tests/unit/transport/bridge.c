/* Messages and rights between kernel and core: whatever fails, no handle, token or watch is
 * left. */
#include <string.h>
#include "netipc/server/gather.h"
#include "tests/unit/transport/kernel.h"

enum { TRAVELS = RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL };

static struct core_message with_imports(unsigned count)
{
        struct core_message message = {.caps = (uint8_t)count, .deadline = CORE_NEVER};
        for (unsigned i = 0; i < count; i++)
                message.cap[i] = (struct core_cap){.kind = CORE_CAP_IMPORT,
                                                   .type = CAPABILITY_SEND,
                                                   .rights = TRAVELS,
                                                   .id = 100 + i};
        return message;
}

/* A right that is exported; its token. */
static uint64_t held(uint32_t rights)
{
        uint64_t token;
        ck_assert_uint_eq(
            right_hold(&transport.rights, kernel_right(rights), CAPABILITY_SEND, &token),
            OUTCOME_OK);
        return token;
}

static bool room(unsigned peer, uint64_t token)
{
        return bridge_environment.room(NULL, token, (uint8_t)peer, 100);
}

static outcome_t deliver(uint64_t token, const struct core_message *message)
{
        return bridge_environment.deliver(NULL, token, CAPABILITY_SEND, 7, message);
}

START_TEST(request_that_is_not_executed_leaves_no_handle)
{
        struct core_message message = with_imports(3);
        uint64_t token = held(TRAVELS);
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        ck_assert_uint_eq(kernel_handles(), 4);
        kernel.ended = not_executed(REASON_DEADLINE);
        bridge_far_call_done(0);
        ck_assert_uint_eq(kernel_handles(), 1);
        ck_assert_uint_eq(kernel.far_reply[0], not_executed(REASON_DEADLINE));
}
END_TEST

START_TEST(request_that_does_not_start_leaves_no_handle)
{
        struct core_message message = with_imports(3);
        uint64_t token = held(TRAVELS);
        kernel.start = not_executed(REASON_RECEIVER_DIED);
        ck_assert_uint_eq(deliver(token, &message), kernel.start);
        kernel.start = OUTCOME_OK;
        kernel.handles_left = 2;
        ck_assert_uint_eq(deliver(token, &message), not_executed(REASON_NO_MEMORY));
        ck_assert_uint_eq(kernel_handles(), 1);
        ck_assert_uint_eq(transport.far_calls.pool[0].state, FAR_CALL_IDLE);
}
END_TEST

START_TEST(proxy_speaks_for_its_port)
{
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        handle_t proxy = bridge_proxy(5, TRAVELS);
        ck_assert_uint_eq(sys_handle_info(proxy, &type, &rights, &identity), OUTCOME_OK);
        ck_assert_uint_eq(rights, TRAVELS | RIGHT_PROXY);
}
END_TEST

/* ---- reply rights ---------------------------------------------------------------------------- */

static struct core_message with_reply(core_import_t import)
{
        struct core_message message = {.caps = 1, .deadline = CORE_NEVER};
        message.cap[0] =
            (struct core_cap){.kind = CORE_CAP_IMPORT, .type = CAPABILITY_REPLY, .id = import};
        return message;
}

/* A request with a reply right of import 100, which its receiver has. */
static void reply_right_arrives(void)
{
        struct core_message message = with_reply(100);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        ck_assert_uint_eq(kernel.started.cap_count, 1);
        ck_assert_uint_eq(transport.replies.pool[0].import, 100);
}

START_TEST(answer_by_a_far_reply_right_goes_where_it_came_from_once)
{
        reply_right_arrives();
        kernel.answer = (struct arrival){.word_count = 1, .words = {42}};
        kernel.ended = answered(REASON_NOT_FOUND);
        bridge_reply_done(0);
        ck_assert_uint_eq(kernel.far_sends, 1);
        ck_assert_uint_eq(kernel.far_message.outcome, answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(kernel.far_message.word[0], 42);
        ck_assert_uint_eq(kernel.imports_dropped, 1);
        bridge_reply_done(0); /* a notice that comes too late */
        ck_assert_uint_eq(kernel.far_sends, 1);
}
END_TEST

START_TEST(answer_by_a_far_reply_right_waits_for_room)
{
        reply_right_arrives();
        kernel.core_full = 100;
        bridge_reply_done(0);
        ck_assert_uint_eq(kernel.far_sends, 0);
        ck_assert_uint_eq(kernel.imports_dropped, 0);
        kernel.core_full = 0;
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 1);
        ck_assert_uint_eq(kernel.imports_dropped, 1);
}
END_TEST

START_TEST(far_reply_right_dies_with_its_import)
{
        reply_right_arrives();
        bridge_environment.import_dead(NULL, 100, REASON_NODE_DIED);
        ck_assert_uint_eq(kernel.calls_closed, 1);
        bridge_reply_done(0);
        ck_assert_uint_eq(kernel.far_sends, 0);
}
END_TEST

START_TEST(no_more_far_reply_rights_than_there_are_buffers)
{
        struct core_message message = with_reply(100);
        for (unsigned i = 0; i < REPLIES_MAX; i++)
                ck_assert_uint_ne(reply_proxy(&transport.replies, 100 + i), 0);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), not_executed(REASON_NO_MEMORY));
}
END_TEST

/* The message that brings it is not executed either, and the place serves the next one. */
START_TEST(far_reply_right_that_cannot_be_made_is_none)
{
        struct core_message message = with_reply(100);
        uint64_t token = held(TRAVELS);
        unsigned handles = kernel_handles();
        kernel.start = not_executed(REASON_NO_MEMORY);
        ck_assert_uint_eq(reply_proxy(&transport.replies, 100), 0);
        ck_assert_uint_eq(deliver(token, &message), not_executed(REASON_NO_MEMORY));
        ck_assert_uint_eq(kernel_handles(), handles);
        ck_assert_uint_eq(transport.replies.pool[0].call, 0);
        kernel.start = OUTCOME_OK;
        ck_assert_uint_ne(reply_proxy(&transport.replies, 100), 0);
}
END_TEST

static uint64_t held_reply(void)
{
        uint64_t token;
        ck_assert_uint_eq(right_hold(&transport.rights, kernel_right(0), CAPABILITY_REPLY, &token),
                          OUTCOME_OK);
        return token;
}

START_TEST(reply_right_of_this_node_is_answered_by_a_one_way_message_alone)
{
        struct core_message message = {
            .outcome = answered(REASON_IO), .words = 1, .word = {7}, .deadline = CORE_NEVER};
        uint64_t token = held_reply();
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_REPLY, 5, &message),
                          not_executed(REASON_REFUSED));
        transport.far_calls.used = FAR_CALLS_MAX; /* it needs none of the pool */
        ck_assert(room(0, token));
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_REPLY, 0, &message),
                          OUTCOME_OK);
        ck_assert_uint_eq(kernel.replied, answered(REASON_IO));
        ck_assert_uint_eq(kernel.reply.words[0], 7);
        right_release(&transport.rights, token);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

START_TEST(reply_right_that_is_lost_with_its_node_tells_why)
{
        const struct core_peer_info down = {.slot = 3, .reason = REASON_NODE_DIED};
        bridge_environment.peer_up(NULL, &down);
        bridge_environment.right_drop(NULL, held_reply());
        bridge_settle(); /* that one was given back */
        ck_assert_uint_eq(kernel.replied, OUTCOME_OK);
        ck_assert_uint_eq(kernel_handles(), 0);
        bridge_environment.right_drop(NULL, held_reply());
        bridge_environment.peer_down(NULL, &down);
        ck_assert_uint_eq(kernel.replied, perhaps_executed(REASON_NODE_DIED));
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

/* ---- events ---------------------------------------------------------------------------------- */

/* A request with an event of import 200, whose proxy its receiver has: the proxy's handle. */
static handle_t event_arrives(void)
{
        struct core_message message = {.caps = 1, .deadline = CORE_NEVER};
        message.cap[0] = (struct core_cap){
            .kind = CORE_CAP_IMPORT, .type = CAPABILITY_EVENT, .rights = RIGHTS_ALL, .id = 200};
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        handle_t proxy = kernel.started.caps[0].handle;
        ck_assert_uint_eq(kernel.handle[proxy].rights, RIGHT_SIGNAL | RIGHT_COPY | RIGHT_TRAVEL);
        return proxy;
}

START_TEST(bits_of_a_far_event_are_ored_until_there_is_room)
{
        event_arrives();
        kernel.core_full = 200;
        event_signalled(&transport.events, 0, 1);
        event_signalled(&transport.events, 0, 4);
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 0);
        kernel.core_full = 0;
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 1);
        ck_assert_uint_eq(kernel.far_message.word[0], 5);
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 1);
}
END_TEST

START_TEST(far_event_that_nobody_holds_is_dropped_after_its_last_bits)
{
        event_arrives();
        kernel.core_full = 200;
        event_signalled(&transport.events, 0, 2);
        event_ended(&transport.events, 0);
        bridge_work();
        ck_assert_uint_eq(kernel.imports_dropped, 0);
        kernel.core_full = 0;
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 1);
        ck_assert_uint_eq(kernel.imports_dropped, 1);
        ck_assert(!event_stands_for(&transport.events, 200));
}
END_TEST

START_TEST(far_event_is_dropped_with_its_last_proxy)
{
        event_arrives();
        event_arrives();
        event_ended(&transport.events, 0);
        bridge_work();
        ck_assert_uint_eq(kernel.imports_dropped, 0);
        event_ended(&transport.events, 1);
        bridge_work();
        ck_assert_uint_eq(kernel.imports_dropped, 1);
}
END_TEST

START_TEST(event_of_a_lost_node_goes_nowhere)
{
        event_arrives();
        event_signalled(&transport.events, 0, 2);
        bridge_environment.import_dead(NULL, 200, REASON_NODE_DIED);
        event_signalled(&transport.events, 0, 4);
        event_ended(&transport.events, 0);
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 0);
        ck_assert_uint_eq(kernel.imports_dropped, 0);
        ck_assert(!event_stands_for(&transport.events, 200));
}
END_TEST

START_TEST(proxy_of_an_event_goes_home_as_what_it_stands_for)
{
        handle_t proxy = event_arrives();
        struct received_cap cap = kernel_cap(proxy);
        struct core_message message = {.caps = 0};
        cap.type = OBJECT_EVENT;
        ck_assert_uint_eq(caps_to_core(&cap, 1, &message), OUTCOME_OK);
        ck_assert_uint_eq(message.cap[0].kind, CORE_CAP_IMPORT);
        ck_assert_uint_eq(message.cap[0].id, 200);
}
END_TEST

START_TEST(event_of_this_node_is_signalled_by_a_plain_one_way_message_alone)
{
        uint64_t token;
        struct core_message message = {.words = 1, .word = {6}, .deadline = CORE_NEVER};
        struct received_cap cap = kernel_cap(kernel_right(RIGHTS_ALL));
        struct core_message sent = {.caps = 0};
        cap.type = OBJECT_EVENT;
        ck_assert_uint_eq(caps_to_core(&cap, 1, &sent), OUTCOME_OK);
        token = sent.cap[0].id;
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_EVENT, 3, &message),
                          not_executed(REASON_REFUSED));
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_EVENT, 0, &message),
                          OUTCOME_OK);
        ck_assert_uint_eq(kernel.signalled, 6);
        message = with_imports(1);
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_EVENT, 0, &message),
                          not_executed(REASON_REFUSED));
        caps_release(&sent);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

START_TEST(event_that_may_not_leave_stays)
{
        struct received_cap cap = kernel_cap(kernel_right(RIGHT_SIGNAL | RIGHT_COPY));
        struct core_message message = {.caps = 0};
        cap.type = OBJECT_EVENT;
        ck_assert_uint_eq(caps_to_core(&cap, 1, &message), not_executed(REASON_REFUSED));
}
END_TEST

/* ---- memory ---------------------------------------------------------------------------------- */

enum { SNAPSHOT = 300, SNAPSHOT_BYTES = 100000 };

static struct core_message with_memory(uint32_t length)
{
        struct core_message message = {.caps = 1, .deadline = CORE_NEVER};
        message.cap[0] = (struct core_cap){.kind = CORE_CAP_IMPORT,
                                           .type = CAPABILITY_MEMORY,
                                           .rights = RIGHTS_ALL,
                                           .length = length,
                                           .id = SNAPSHOT};
        return message;
}

/* The other node answers the read that is under way. */
static void read_ends(outcome_t outcome, uint32_t length)
{
        static uint8_t bytes[WIRE_BYTES_MAX];
        const struct core_message message = {.bytes = bytes, .length = length};
        bridge_environment.complete(NULL, kernel.cookie, outcome,
                                    outcome == OUTCOME_OK ? &message : NULL);
        bridge_work();
}

START_TEST(request_with_memory_is_delivered_when_all_of_it_is_here)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        uint64_t token = held(TRAVELS);
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        ck_assert(!room(0, token)); /* what comes later waits */
        ck_assert(room(0, held(TRAVELS)));
        bridge_work();
        ck_assert_uint_eq(kernel.far_message.word[0], 0);
        ck_assert_uint_eq(kernel.far_message.word[1], WIRE_BYTES_MAX);
        read_ends(OUTCOME_OK, WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.far_message.word[0], WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.far_message.word[1], SNAPSHOT_BYTES - WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.started.cap_count, 0);
        read_ends(OUTCOME_OK, SNAPSHOT_BYTES - WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.started.cap_count, 1);
        ck_assert_uint_eq(kernel.imports_dropped, 1);
        ck_assert_uint_eq(kernel.mapped, 0);
        ck_assert(room(0, token));
        bridge_far_call_done(0);
        ck_assert_uint_eq(kernel_handles(), 2);
}
END_TEST

START_TEST(request_whose_memory_does_not_come_is_not_executed)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        bridge_work();
        read_ends(OUTCOME_OK, 5); /* another piece than was asked for */
        ck_assert_uint_eq(kernel.far_reply[0], not_executed(REASON_MALFORMED));
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        bridge_work();
        read_ends(perhaps_executed(REASON_DEADLINE), 0);
        bridge_work();
        ck_assert_uint_eq(kernel.far_reply[1], not_executed(REASON_DEADLINE));
        ck_assert_uint_eq(kernel_handles(), 2);
        ck_assert_uint_eq(kernel.mapped, 0);
        ck_assert_uint_eq(kernel.started.cap_count, 0);
}
END_TEST

START_TEST(more_memory_than_crosses_is_too_long)
{
        struct core_message message = with_memory(FETCH_MOST + 1);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        bridge_work();
        bridge_work();
        ck_assert_uint_eq(kernel.far_calls, 0);
        ck_assert_uint_eq(kernel.far_reply[0], not_executed(REASON_TOO_LONG));
}
END_TEST

START_TEST(memory_waits_until_this_node_has_some)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        kernel.memory_left = FETCH_SPARE;
        bridge_work();
        ck_assert_uint_eq(kernel.far_calls, 0);
        kernel.memory_left = 2 * FETCH_SPARE;
        bridge_work();
        ck_assert_uint_eq(kernel.far_calls, 1);
}
END_TEST

START_TEST(memory_of_a_caller_that_is_gone_is_forgotten)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        bridge_work();
        bridge_environment.cancel(NULL, 7, REASON_LINK_LOST);
        bridge_environment.import_dead(NULL, SNAPSHOT, REASON_LINK_LOST);
        bridge_work();
        read_ends(perhaps_executed(REASON_LINK_LOST), 0);
        ck_assert_uint_eq(kernel_handles(), 1);
        ck_assert_uint_eq(kernel.mapped, 0);
        ck_assert_uint_eq(kernel.far_replies, 0);
        ck_assert_uint_eq(transport.far_calls.taken, 0);
}
END_TEST

START_TEST(cancelled_request_with_memory_is_not_executed)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        bridge_work();
        bridge_environment.cancel(NULL, 7, REASON_CANCELLED);
        bridge_work();
        ck_assert_uint_eq(kernel.far_reply[0], not_executed(REASON_CANCELLED));
        read_ends(OUTCOME_OK, WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.started.cap_count, 0);
        ck_assert_uint_eq(kernel_handles(), 1);
}
END_TEST

/* A right that comes with it may lose its last handle here before: it stays, and arrives. */
START_TEST(right_beside_memory_is_kept_until_it_is_here)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        uint64_t token = held(TRAVELS);
        message.cap[message.caps++] = with_imports(1).cap[0];
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        bridge_work();
        bridge_no_senders(message.cap[1].id);
        ck_assert_uint_eq(kernel.imports_dropped, 0);
        read_ends(OUTCOME_OK, WIRE_BYTES_MAX);
        read_ends(OUTCOME_OK, SNAPSHOT_BYTES - WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.started.cap_count, 2);
        ck_assert_uint_eq(kernel.imports_dropped, 1); /* the snapshot's */
        bridge_no_senders(message.cap[1].id);
        ck_assert_uint_eq(kernel.imports_dropped, 2);
}
END_TEST

START_TEST(event_beside_memory_is_kept_until_it_is_here)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        uint64_t token = held(TRAVELS);
        event_arrives();
        message.cap[message.caps++] = (struct core_cap){
            .kind = CORE_CAP_IMPORT, .type = CAPABILITY_EVENT, .rights = RIGHTS_ALL, .id = 200};
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        event_ended(&transport.events, 0);
        bridge_work();
        ck_assert_uint_eq(kernel.imports_dropped, 0);
}
END_TEST

/* A request with a snapshot, of which the first piece is asked for, and a right: import 100. */
static void right_comes_beside_memory(void)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        message.cap[message.caps++] = with_imports(1).cap[0];
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        bridge_work();
        kernel.handles_left = 0;
}

/* The core has given it away with the message: nobody else ends it. */
START_TEST(right_beside_memory_for_which_there_is_none_goes_back)
{
        right_comes_beside_memory();
        read_ends(OUTCOME_OK, WIRE_BYTES_MAX);
        read_ends(OUTCOME_OK, SNAPSHOT_BYTES - WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.started.cap_count, 0);
        ck_assert_uint_eq(kernel.imports_dropped, 2); /* with the snapshot's */
        ck_assert_uint_eq(kernel_handles(), 1);
}
END_TEST

START_TEST(right_beside_memory_that_does_not_come_goes_back)
{
        right_comes_beside_memory();
        read_ends(perhaps_executed(REASON_DEADLINE), 0);
        ck_assert_uint_eq(kernel.imports_dropped, 2);
        ck_assert_uint_eq(kernel_handles(), 1);
}
END_TEST

START_TEST(right_beside_memory_that_somebody_has_stays)
{
        handle_t proxy = bridge_proxy(100, TRAVELS);
        right_comes_beside_memory();
        read_ends(perhaps_executed(REASON_DEADLINE), 0);
        ck_assert_uint_eq(kernel.imports_dropped, 1);
        sys_handle_close(proxy);
        bridge_no_senders(100);
        ck_assert_uint_eq(kernel.imports_dropped, 2);
}
END_TEST

/* What has died meanwhile arrives as a dead right that says why. */
START_TEST(right_beside_memory_that_dies_arrives_dead)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        uint64_t token = held(TRAVELS);
        message.cap[message.caps++] = with_imports(1).cap[0];
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        bridge_work();
        bridge_environment.import_dead(NULL, message.cap[1].id, REASON_RECEIVER_DIED);
        read_ends(OUTCOME_OK, WIRE_BYTES_MAX);
        read_ends(OUTCOME_OK, SNAPSHOT_BYTES - WIRE_BYTES_MAX);
        uint64_t identity = kernel.handle[kernel.started.caps[1].handle].identity;
        ck_assert_uint_eq(kernel.right[identity].dead, REASON_RECEIVER_DIED);
}
END_TEST

/* A snapshot of this node that another one may read. */
static uint64_t held_memory(struct core_message *sent, uint64_t length, bool snapshot)
{
        struct received_cap cap = kernel_cap(kernel_right(RIGHTS_ALL));
        *sent = (struct core_message){.caps = 0};
        cap.type = OBJECT_MEMORY;
        cap.badge = length;
        cap.snapshot = snapshot;
        outcome_t outcome = caps_to_core(&cap, 1, sent);
        if (outcome != OUTCOME_OK)
                return outcome;
        ck_assert_uint_eq(sent->cap[0].length, length);
        return sent->cap[0].id;
}

START_TEST(snapshot_is_read_in_pieces_within_its_bounds)
{
        struct core_message sent, read = {.words = 2, .deadline = CORE_NEVER};
        uint64_t token = held_memory(&sent, 8192, true);
        read.word[0] = 4096;
        read.word[1] = 4096;
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_MEMORY, 5, &read),
                          OUTCOME_OK);
        kernel.core = not_executed(REASON_OVERLOADED);
        bridge_work(); /* there is no room */
        kernel.core = OUTCOME_OK;
        bridge_work();
        ck_assert_uint_eq(kernel.far_replies, 2);
        ck_assert_uint_eq(kernel.far_message.length, 4096);
        read.word[0] = 4097;
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_MEMORY, 5, &read),
                          OUTCOME_OK);
        bridge_work();
        ck_assert_uint_eq(kernel.far_reply[2], answered(REASON_INVALID));
        ck_assert_uint_eq(kernel.far_message.length, 0);
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_MEMORY, 0, &read),
                          not_executed(REASON_REFUSED));
        caps_release(&sent);
        ck_assert_uint_eq(kernel_handles(), 0);
        ck_assert_uint_eq(kernel.mapped, 0);
}
END_TEST

START_TEST(memory_that_is_shared_or_too_large_stays)
{
        struct core_message sent;
        ck_assert_uint_eq(held_memory(&sent, 4096, false), not_executed(REASON_REFUSED));
        ck_assert_uint_eq(held_memory(&sent, FETCH_MOST + 4096, true),
                          not_executed(REASON_TOO_LONG));
        ck_assert_uint_eq(kernel.mapped, 0);
}
END_TEST

START_TEST(snapshots_that_are_too_long_together_are_given_back)
{
        struct core_message sent = {.caps = 0};
        struct received_cap caps[2];
        for (unsigned i = 0; i < 2; i++) {
                caps[i] = kernel_cap(kernel_right(RIGHTS_ALL));
                caps[i].type = OBJECT_MEMORY;
                caps[i].badge = FETCH_MOST / 2 + 4096;
                caps[i].snapshot = true;
        }
        ck_assert_uint_eq(caps_to_core(caps, 2, &sent), not_executed(REASON_TOO_LONG));
        ck_assert_uint_eq(kernel.mapped, 0);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

static outcome_t deliver_from(unsigned peer, core_call_t call)
{
        struct core_message message = with_imports(0);
        message.peer = (uint8_t)peer;
        return bridge_environment.deliver(NULL, held(TRAVELS), CAPABILITY_SEND, call, &message);
}

/* How many calls to a right of its own each peer may have. */
static unsigned fill(unsigned peer, bool one_right)
{
        unsigned count = 0;
        uint64_t token = held(TRAVELS);
        while (room(peer, token)) {
                ck_assert_uint_eq(deliver_from(peer, 1000 * peer + count++), OUTCOME_OK);
                if (one_right)
                        transport.far_calls.pool[transport.far_calls.used - 1].token = token;
        }
        return count;
}

/* Whatever order calls end in, all of the pool can be taken again. */
START_TEST(calls_that_have_ended_leave_room_for_as_many)
{
        const unsigned count = fill(0, false);
        ck_assert_uint_gt(count, 2);
        for (unsigned i = 0; i < count; i++) {
                bridge_far_call_done(i);
                kernel.far_replies = 0;
        }
        ck_assert_uint_eq(transport.far_calls.taken, 0);
        ck_assert_uint_eq(fill(0, false), count);
        ck_assert_uint_eq(transport.far_calls.used, count);
}
END_TEST

START_TEST(peers_that_are_up_share_the_pool)
{
        const struct core_peer_info info = {.slot = 9};
        transport.far_calls.peers = 31;
        bridge_environment.peer_up(NULL, &info);
        ck_assert_uint_eq(fill(1, false), FAR_CALLS_MAX - 30);
        ck_assert_uint_eq(kernel.resumed, 0);
        bridge_work();
        ck_assert_uint_eq(kernel.resumed, 1); /* somebody waits: is asked again */
        bridge_work();
        ck_assert_uint_eq(kernel.resumed, 1);
        for (unsigned peer = 2; peer <= 31; peer++) {
                bridge_environment.peer_up(NULL, &info);
                ck_assert_uint_eq(fill(peer, false), 1);
        }
        ck_assert_uint_eq(transport.far_calls.taken, FAR_CALLS_MAX);
}
END_TEST

START_TEST(receiver_that_never_answers_leaves_room_for_others)
{
        ck_assert_uint_eq(fill(1, true), FAR_CALLS_MAX - FAR_CALLS_MAX / 4);
        ck_assert_uint_eq(fill(1, false), FAR_CALLS_MAX / 4);
        ck_assert_uint_eq(deliver_from(1, 1), not_executed(REASON_OVERLOADED));
}
END_TEST

START_TEST(large_requests_of_one_peer_leave_room_for_those_of_others)
{
        static uint8_t bytes[MESSAGE_BYTES_MAX];
        struct core_message message = {
            .peer = 1, .deadline = CORE_NEVER, .length = sizeof bytes, .bytes = bytes};
        uint64_t token = held(TRAVELS);
        transport.far_calls.peers = 3;
        unsigned taken = 0;
        for (; bridge_environment.room(NULL, token, 1, message.length); taken++)
                ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        ck_assert_uint_eq(taken, FAR_CALLS_LARGE / 2);
        ck_assert(bridge_environment.room(NULL, token, 2, message.length));
        ck_assert(room(1, token));
        bridge_far_call_done(0);
        ck_assert(bridge_environment.room(NULL, token, 1, message.length));
}
END_TEST

/* One byte more makes it a large one. */
START_TEST(request_that_just_fits_the_small_buffer_is_no_large_one)
{
        static uint8_t bytes[FAR_CALL_BYTES_SMALL];
        struct core_message message = {
            .peer = 1, .deadline = CORE_NEVER, .length = sizeof bytes, .bytes = bytes};
        uint64_t token = held(TRAVELS);
        for (unsigned taken = 0; taken < 2 * FAR_CALLS_LARGE; taken++) {
                ck_assert(bridge_environment.room(NULL, token, 1, message.length));
                ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        }
        ck_assert_uint_eq(transport.far_calls.large, 0);
        transport.far_calls.large = FAR_CALLS_LARGE;
        ck_assert(bridge_environment.room(NULL, token, 1, message.length));
        ck_assert(!bridge_environment.room(NULL, token, 1, message.length + 1));
        transport.far_calls.large = 0;
}
END_TEST

static void node_restarts(unsigned peer)
{
        const struct core_peer_info info = {.slot = (uint8_t)peer, .reason = REASON_NODE_RESTARTED};
        bridge_environment.peer_down(NULL, &info);
}

START_TEST(hung_server_takes_nothing_from_the_next_life_of_a_node)
{
        transport.far_calls.peers = 2;
        for (unsigned life = 1; life < 4; life++) {
                ck_assert_uint_eq(deliver_from(1, 10 * life), OUTCOME_OK);
                ck_assert_uint_eq(deliver_from(1, 0), OUTCOME_OK);
                ck_assert_uint_eq(deliver_from(1, 10 * life + 1), OUTCOME_OK);
                ck_assert_uint_eq(deliver_from(2, 0), OUTCOME_OK);
                bridge_environment.cancel(NULL, 10 * life, REASON_NODE_RESTARTED);
                bridge_environment.cancel(NULL, 10 * life + 1, REASON_NODE_RESTARTED);
                node_restarts(1);
                ck_assert_uint_eq(transport.far_calls.busy[1], 0);
                ck_assert_uint_eq(transport.far_calls.busy[2], 1);
                ck_assert_uint_eq(kernel.calls_closed, 4 * life - 1);
                node_restarts(2);
        }
        ck_assert_uint_eq(kernel.far_replies, 0);
}
END_TEST

START_TEST(who_is_given_a_message_beside_others_runs_before_more_is_taken)
{
        while (gather_more(false))
                ;
        deliver_from(1, 1);
        ck_assert(!gather_wanted());
        deliver_from(1, 2);
        ck_assert(gather_wanted());
}
END_TEST

START_TEST(call_whose_caller_is_gone_is_given_up)
{
        ck_assert_uint_eq(deliver_from(1, 7), OUTCOME_OK);
        bridge_environment.cancel(NULL, 7, REASON_CANCELLED);
        ck_assert_uint_eq(kernel.calls_cancelled, 1);
        ck_assert_uint_eq(kernel.calls_closed, 0);
        bridge_environment.cancel(NULL, 7, REASON_DEADLINE);
        ck_assert_uint_eq(kernel.calls_closed, 1);
        ck_assert_uint_eq(kernel.far_replies, 0); /* callbacks do not call the core */
        bridge_far_call_done(0);
        bridge_work();
        ck_assert_uint_eq(kernel.far_replies, 1);
        ck_assert_uint_eq(kernel.far_reply[0], perhaps_executed(REASON_DEADLINE));
        ck_assert_uint_eq(transport.far_calls.busy[1], 0);
        ck_assert_uint_eq(deliver_from(1, 8), OUTCOME_OK);
        ck_assert_uint_eq(kernel.calls, 2);
}
END_TEST

START_TEST(far_call_of_a_program_that_ended_is_abandoned)
{
        pending_add(&transport.pending, PENDING_CALL, REPLY_LIVE);
        pending_add(&transport.pending, PENDING_CALL, REPLY_DEAD);
        bridge_cancel(REPLY_LIVE);
        ck_assert_uint_eq(kernel.far_cancelled, 1);
        ck_assert_uint_eq(kernel.far_abandoned, 0);
        bridge_cancel(REPLY_DEAD);
        ck_assert_uint_eq(kernel.far_cancelled, 1);
        ck_assert_uint_eq(kernel.far_abandoned, 1);
}
END_TEST

/* A call that is executed, and whose answer brings a right, finds no room in the core. */
static void answer_without_room(void)
{
        ck_assert_uint_eq(deliver_from(1, 7), OUTCOME_OK);
        kernel.answer = (struct arrival){.word_count = 1, .words = {42}, .cap_count = 1};
        kernel.answer.caps[0] = kernel_cap(kernel_right(TRAVELS));
        kernel.core = not_executed(REASON_OVERLOADED);
        bridge_far_call_done(0);
        kernel.core = not_executed(REASON_NO_MEMORY);
        bridge_work();
        ck_assert_uint_eq(kernel.far_replies, 2);
        ck_assert_uint_eq(kernel_watches(), 2);
}

START_TEST(answer_waits_for_room)
{
        answer_without_room();
        kernel.core = OUTCOME_OK;
        bridge_work();
        bridge_work();
        ck_assert_uint_eq(kernel.far_replies, 3);
        ck_assert_uint_eq(kernel.far_reply[2], OUTCOME_OK);
        ck_assert_uint_eq(kernel.far_message.word[0], 42);
        ck_assert_uint_eq(kernel.far_message.caps, 1);
        ck_assert_uint_eq(transport.far_calls.busy[1], 0);
        ck_assert_uint_eq(kernel_watches(), 2); /* the core holds the right now */
}
END_TEST

START_TEST(answer_that_waits_for_room_ends_with_its_session)
{
        answer_without_room();
        node_restarts(1);
        ck_assert_uint_eq(transport.far_calls.busy[1], 0);
        ck_assert_uint_eq(transport.far_calls.answering, 0);
        ck_assert_uint_eq(kernel_watches(), 1);
}
END_TEST

START_TEST(answer_waits_no_longer_than_it_must)
{
        answer_without_room();
        transport.now += 31 * RT_SECOND;
        kernel.core = OUTCOME_OK;
        bridge_work();
        ck_assert_uint_eq(kernel.far_reply[2], perhaps_executed(REASON_OVERLOADED));
        ck_assert_uint_eq(kernel_watches(), 1);
}
END_TEST

static outcome_t request_to(core_import_t import, handle_t reply, uint64_t number)
{
        struct request request = {
            .badge = import, .reply = reply, .deadline = CORE_NEVER, .words = &number};
        request.word_count = 1;
        request.bytes = (const uint8_t *)"bytes";
        request.byte_count = 5;
        return bridge_request(&request);
}

START_TEST(message_waits_until_the_core_has_room)
{
        kernel.core_full = 5;
        for (unsigned i = 0; i < 2000; i++)
                ck_assert_uint_eq(request_to(5, i == 1000 ? REPLY_LIVE : 0, i),
                                  i == 1000 ? RT_DEFERRED : OUTCOME_OK);
        ck_assert_uint_eq(request_to(6, 0, 1), OUTCOME_OK); /* to another: not held up */
        ck_assert_uint_eq(kernel.far_sends, 1);
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 1);
        bridge_no_senders(5);
        ck_assert_uint_eq(kernel.imports_dropped, 0);
        kernel.core_full = 0;
        ck_assert_uint_eq(request_to(5, 0, 2000), OUTCOME_OK); /* in line, though there is room */
        ck_assert_uint_eq(kernel.far_sends, 1);
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 2001);
        ck_assert_uint_eq(kernel.far_calls, 1);
        ck_assert_uint_eq(kernel.far_message.word[0], 2000);
        ck_assert_uint_eq(kernel.far_message.length, 5);
        ck_assert_uint_eq(kernel.imports_dropped, 1);
        ck_assert_uint_eq(transport.waiting.bytes, 0);
}
END_TEST

START_TEST(call_that_waits_is_cancelled_at_once)
{
        kernel.core_full = 5;
        ck_assert_uint_eq(request_to(5, REPLY_LIVE, 1), RT_DEFERRED);
        ck_assert_uint_eq(request_to(5, 0, 2), OUTCOME_OK);
        bridge_cancel(REPLY_LIVE);
        ck_assert_uint_eq(kernel.replied, not_executed(REASON_CANCELLED));
        kernel.core_full = 0;
        bridge_work();
        ck_assert_uint_eq(kernel.far_calls, 0);
        ck_assert_uint_eq(kernel.far_sends, 1);
}
END_TEST

START_TEST(one_line_does_not_take_all_memory_that_may_wait)
{
        unsigned first = 0, second = 0;
        kernel.core_full = 5;
        while (request_to(5, REPLY_LIVE, 1) == RT_DEFERRED)
                first++;
        kernel.core_full = 6;
        while (request_to(6, REPLY_LIVE, 1) == RT_DEFERRED)
                second++;
        ck_assert_uint_gt(second, first / 3);
        kernel.core_full = 0;
        bridge_work();
        ck_assert_uint_eq(transport.waiting.bytes, 0);
}
END_TEST

START_TEST(server_that_answers_busy_keeps_no_call_object)
{
        struct core_message message = with_imports(0);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        kernel.ended = not_executed(REASON_BUSY);
        bridge_far_call_done(0);
        ck_assert_uint_eq(transport.far_calls.pool[0].state, FAR_CALL_IDLE);
        ck_assert_uint_eq(kernel.far_replies, 1);
}
END_TEST

START_TEST(answer_whose_caller_is_gone_leaves_no_right)
{
        struct core_message message = with_imports(0);
        uint64_t token = held(TRAVELS);
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        kernel.answer.cap_count = 2;
        kernel.answer.caps[0] = kernel_cap(kernel_right(TRAVELS));
        kernel.answer.caps[1] = kernel_cap(kernel_right(TRAVELS));
        kernel.core = not_executed(REASON_BAD_HANDLE);
        bridge_far_call_done(0);
        ck_assert_uint_eq(kernel_handles(), 1);
        ck_assert_uint_eq(kernel_watches(), 1);
}
END_TEST

START_TEST(answer_with_what_must_not_travel_is_perhaps_executed)
{
        struct core_message message = with_imports(0);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        kernel.answer.cap_count = 2;
        kernel.answer.caps[0] = kernel_cap(kernel_right(TRAVELS));
        kernel.answer.caps[1] = kernel_cap(kernel_right(RIGHT_SEND | RIGHT_COPY));
        bridge_far_call_done(0);
        ck_assert_uint_eq(kernel.far_reply[0], perhaps_executed(REASON_REFUSED));
        ck_assert_uint_eq(kernel_handles(), 1);
        ck_assert_uint_eq(kernel_watches(), 1);
}
END_TEST

/* What came with a request belongs to the serve loop, which closes what was not taken. */
static outcome_t request_with(struct received_cap *caps, unsigned count)
{
        static const uint64_t no_words[MESSAGE_WORDS];
        struct request request = {
            .badge = 5, .reply = 9, .deadline = CORE_NEVER, .words = no_words};
        request.caps = caps;
        request.cap_count = (uint8_t)count;
        outcome_t outcome = bridge_request(&request);
        struct arrival rest = {.cap_count = (uint8_t)count};
        memcpy(rest.caps, caps, count * sizeof(*caps));
        arrival_drop(&rest);
        return outcome;
}

START_TEST(one_way_message_is_sent_and_arrives_as_one)
{
        const uint64_t word = 6;
        struct request request = {.badge = 5,
                                  .deadline = 5000,
                                  .interface = 3,
                                  .method = 4,
                                  .word_count = 1,
                                  .words = &word,
                                  .priority = 7,
                                  .trace = 8,
                                  .idempotent = true};
        ck_assert_uint_eq(bridge_request(&request), OUTCOME_OK);
        ck_assert_uint_eq(kernel.far_sends, 1);
        ck_assert_uint_eq(kernel.far_message.deadline, 5000);
        const struct core_message message = kernel.far_message;
        ck_assert_uint_eq(
            bridge_environment.deliver(NULL, held(TRAVELS), CAPABILITY_SEND, 0, &message),
            OUTCOME_OK);
        ck_assert_uint_eq(kernel.started.flags, MESSAGE_ONE_WAY | MESSAGE_IDEMPOTENT);
        ck_assert_uint_eq(kernel.started_deadline, 5000);
        ck_assert_uint_eq(kernel.started.interface, 3);
        ck_assert_uint_eq(kernel.started.method, 4);
        ck_assert_uint_eq(kernel.started.words[0], 6);
        ck_assert_uint_eq(kernel.started.priority, 7);
        ck_assert_uint_eq(kernel.started.trace, 8);
        bridge_far_call_done(0);
        ck_assert_uint_eq(kernel.far_replies, 0);
}
END_TEST

START_TEST(refused_request_leaves_no_right)
{
        struct received_cap caps[3] = {kernel_cap(kernel_right(TRAVELS)),
                                       kernel_cap(kernel_right(TRAVELS)),
                                       kernel_cap(kernel_right(RIGHT_SEND | RIGHT_TRAVEL))};
        ck_assert_uint_eq(request_with(caps, 3), not_executed(REASON_REFUSED));
        ck_assert_uint_eq(kernel_handles(), 0);
        ck_assert_uint_eq(kernel_watches(), 0);
        struct received_cap more[2] = {kernel_cap(kernel_right(TRAVELS)),
                                       kernel_cap(kernel_right(TRAVELS))};
        kernel.core = not_executed(REASON_OVERLOADED);
        ck_assert_uint_eq(request_with(more, 2), not_executed(REASON_OVERLOADED));
        ck_assert_uint_eq(kernel_handles(), 0);
        ck_assert_uint_eq(kernel_watches(), 0);
}
END_TEST

START_TEST(capability_that_died_on_the_way_says_so)
{
        struct received_cap caps[2] = {{.type = OBJECT_NONE}, kernel_cap(kernel_right(TRAVELS))};
        kernel.right[caps[1].identity].dead = REASON_REVOKED;
        ck_assert_uint_eq(request_with(caps, 2), RT_DEFERRED);
        ck_assert_int_eq(kernel.far_message.cap[0].kind, CORE_CAP_NONE);
        ck_assert_uint_eq(kernel.far_message.cap[0].reason, REASON_RECEIVER_DIED);
        ck_assert_uint_eq(kernel.far_message.cap[1].reason, REASON_REVOKED);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

START_TEST(proxy_that_must_not_travel_does_not)
{
        struct received_cap cap = {
            .type = OBJECT_PORT, .own = 1, .badge = 77, .rights = RIGHT_SEND | RIGHT_COPY};
        ck_assert_uint_eq(request_with(&cap, 1), not_executed(REASON_REFUSED));
}
END_TEST

static struct received_cap proxy_of(core_import_t import)
{
        return (struct received_cap){
            .type = OBJECT_PORT, .own = 1, .badge = import, .rights = TRAVELS};
}

START_TEST(what_a_waiting_message_passes_on_is_held_until_the_core_has_it)
{
        struct received_cap cap = proxy_of(77);
        kernel.core_full = 5;
        ck_assert_uint_eq(request_with(&cap, 1), RT_DEFERRED);
        ck_assert_uint_eq(kernel_handles(), 1);
        kernel.core_full = 0;
        bridge_work();
        ck_assert_uint_eq(kernel.far_calls, 1);
        ck_assert_uint_eq(kernel.far_message.cap[0].id, 77);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

START_TEST(what_a_waiting_answer_passes_on_is_held_until_the_core_has_it)
{
        ck_assert_uint_eq(deliver_from(1, 7), OUTCOME_OK);
        unsigned handles = kernel_handles();
        kernel.answer = (struct arrival){.cap_count = 1};
        kernel.answer.caps[0] = proxy_of(77);
        kernel.core = not_executed(REASON_OVERLOADED);
        bridge_far_call_done(0);
        ck_assert_uint_eq(kernel_handles(), handles + 1);
        kernel.core = OUTCOME_OK;
        bridge_work();
        ck_assert_uint_eq(kernel.far_message.cap[0].id, 77);
        ck_assert_uint_eq(kernel_handles(), handles);
}
END_TEST

START_TEST(right_comes_home_with_no_more_than_it_left_with)
{
        uint64_t token = held(TRAVELS);
        struct core_message message = {.caps = 2, .deadline = CORE_NEVER};
        message.cap[0] = (struct core_cap){
            .kind = CORE_CAP_LOCAL, .rights = RIGHT_SEND | RIGHT_TRAVEL, .id = token};
        message.cap[1] =
            (struct core_cap){.kind = CORE_CAP_IMPORT, .rights = RIGHT_SEND, .id = 100};
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        ck_assert_uint_eq(kernel.handle[kernel.started.caps[0].handle].rights,
                          RIGHT_SEND | RIGHT_TRAVEL);
        ck_assert_uint_eq(kernel.handle[kernel.started.caps[1].handle].rights, RIGHT_SEND);
}
END_TEST

START_TEST(capability_that_is_none_arrives_dead_whatever_its_reason)
{
        struct core_message message = {.caps = 1, .deadline = CORE_NEVER};
        message.cap[0] = (struct core_cap){.kind = CORE_CAP_NONE, .reason = 4711};
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        uint64_t identity = kernel.handle[kernel.started.caps[0].handle].identity;
        ck_assert_uint_eq(kernel.right[identity].dead, REASON_REVOKED);
}
END_TEST

/* An answer for a local caller. */
static bool complete(outcome_t outcome, const struct core_message *message)
{
        struct pending_call *call = pending_add(&transport.pending, PENDING_CALL, 9);
        return bridge_environment.complete(NULL, pending_cookie(&transport.pending, call), outcome,
                                           message);
}

START_TEST(answer_without_memory_for_its_capabilities_takes_none)
{
        struct core_message message = with_imports(3);
        kernel.handles_left = 2;
        ck_assert(!complete(OUTCOME_OK, &message));
        ck_assert_uint_eq(kernel.replied, perhaps_executed(REASON_NO_MEMORY));
        ck_assert_uint_eq(kernel_handles(), 0);
        kernel.handles_left = 100;
        ck_assert(complete(OUTCOME_OK, &message));
        ck_assert_uint_eq(kernel.reply.cap_count, 3);
        ck_assert(!bridge_environment.complete(NULL, 4711, OUTCOME_OK, &message));
}
END_TEST

START_TEST(far_busy_is_not_taken_for_a_call_under_way)
{
        struct core_message message = with_imports(0);
        complete(not_executed(REASON_BUSY), &message);
        ck_assert_uint_eq(kernel.replied, not_executed(REASON_OVERLOADED));
}
END_TEST

START_TEST(holding_a_right_often_leaves_no_watch)
{
        handle_t right = kernel_right(TRAVELS), copy;
        uint64_t token;
        for (unsigned i = 0; i < 1000; i++) {
                kernel.handles_left = 10;
                sys_handle_copy(right, TRAVELS, &copy);
                right_hold(&transport.rights, copy, CAPABILITY_SEND, &token);
                ck_assert_uint_eq(kernel_watches(), 1);
                right_release(&transport.rights, token);
        }
        ck_assert_uint_eq(kernel_watches(), 0);
        ck_assert_uint_eq(kernel_handles(), 1);
}
END_TEST

START_TEST(of_two_handles_the_one_that_allows_more_is_kept)
{
        handle_t weak, strong = kernel_right(TRAVELS);
        uint64_t token;
        sys_handle_copy(strong, RIGHT_SEND, &weak);
        right_hold(&transport.rights, weak, CAPABILITY_SEND, &token);
        right_hold(&transport.rights, strong, CAPABILITY_SEND, &token);
        ck_assert_uint_eq(kernel_handles(), 1);
        ck_assert_uint_eq(right_by_token(&transport.rights, token)->handle, strong);
        right_release(&transport.rights, token);
        right_release(&transport.rights, token);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

static uint64_t others[8];
static unsigned other_count, told;

static void tell(uint64_t token, enum reason reason)
{
        ck_assert_int_eq(reason, REASON_RECEIVER_DIED);
        told++;
        right_release(&transport.rights, token);
        for (unsigned i = 0; i < other_count; i++)
                right_release(&transport.rights, others[i]);
        other_count = 0;
}

/* What the end of one right sets free may be the next in its bucket. */
START_TEST(death_of_one_right_may_release_any_other)
{
        uint64_t in_bucket[3];
        unsigned found = 0;
        for (unsigned i = 0; i < 2 * RIGHTS_BUCKETS + 1; i++) {
                uint64_t token = held(TRAVELS);
                if (token % RIGHTS_BUCKETS == 5 && found < 3)
                        in_bucket[found++] = token;
        }
        ck_assert_uint_ge(found, 2);
        kernel.right[in_bucket[0]].dead = REASON_RECEIVER_DIED;
        other_count = found - 1;
        memcpy(others, in_bucket + 1, sizeof(*others) * other_count);
        told = 0;
        rights_signalled(&transport.rights);
        unsigned parts = 1;
        while (rights_check(&transport.rights, tell))
                parts++;
        ck_assert_uint_eq(told, 1);
        ck_assert_uint_eq(parts, RIGHTS_BUCKETS / RIGHTS_CHECKED);
}
END_TEST

Suite *bridge_suite(void)
{
        Suite *suite = suite_create("bridge");
        TCase *tests = tcase_create("bridge");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_test(tests, request_that_is_not_executed_leaves_no_handle);
        tcase_add_test(tests, request_that_does_not_start_leaves_no_handle);
        tcase_add_test(tests, proxy_speaks_for_its_port);
        tcase_add_test(tests, reply_right_that_is_lost_with_its_node_tells_why);
        tcase_add_test(tests, request_with_memory_is_delivered_when_all_of_it_is_here);
        tcase_add_test(tests, request_whose_memory_does_not_come_is_not_executed);
        tcase_add_test(tests, more_memory_than_crosses_is_too_long);
        tcase_add_test(tests, memory_waits_until_this_node_has_some);
        tcase_add_test(tests, memory_of_a_caller_that_is_gone_is_forgotten);
        tcase_add_test(tests, cancelled_request_with_memory_is_not_executed);
        tcase_add_test(tests, right_beside_memory_is_kept_until_it_is_here);
        tcase_add_test(tests, event_beside_memory_is_kept_until_it_is_here);
        tcase_add_test(tests, right_beside_memory_for_which_there_is_none_goes_back);
        tcase_add_test(tests, right_beside_memory_that_does_not_come_goes_back);
        tcase_add_test(tests, right_beside_memory_that_somebody_has_stays);
        tcase_add_test(tests, right_beside_memory_that_dies_arrives_dead);
        tcase_add_test(tests, snapshot_is_read_in_pieces_within_its_bounds);
        tcase_add_test(tests, memory_that_is_shared_or_too_large_stays);
        tcase_add_test(tests, bits_of_a_far_event_are_ored_until_there_is_room);
        tcase_add_test(tests, far_event_that_nobody_holds_is_dropped_after_its_last_bits);
        tcase_add_test(tests, far_event_is_dropped_with_its_last_proxy);
        tcase_add_test(tests, event_of_a_lost_node_goes_nowhere);
        tcase_add_test(tests, proxy_of_an_event_goes_home_as_what_it_stands_for);
        tcase_add_test(tests, event_of_this_node_is_signalled_by_a_plain_one_way_message_alone);
        tcase_add_test(tests, event_that_may_not_leave_stays);
        tcase_add_test(tests, answer_by_a_far_reply_right_goes_where_it_came_from_once);
        tcase_add_test(tests, answer_by_a_far_reply_right_waits_for_room);
        tcase_add_test(tests, far_reply_right_dies_with_its_import);
        tcase_add_test(tests, far_reply_right_that_cannot_be_made_is_none);
        tcase_add_test(tests, no_more_far_reply_rights_than_there_are_buffers);
        tcase_add_test(tests, reply_right_of_this_node_is_answered_by_a_one_way_message_alone);
        tcase_add_test(tests, snapshots_that_are_too_long_together_are_given_back);
        tcase_add_test(tests, calls_that_have_ended_leave_room_for_as_many);
        tcase_add_test(tests, peers_that_are_up_share_the_pool);
        tcase_add_test(tests, receiver_that_never_answers_leaves_room_for_others);
        tcase_add_test(tests, request_that_just_fits_the_small_buffer_is_no_large_one);
        tcase_add_test(tests, large_requests_of_one_peer_leave_room_for_those_of_others);
        tcase_add_test(tests, message_waits_until_the_core_has_room);
        tcase_add_test(tests, call_that_waits_is_cancelled_at_once);
        tcase_add_test(tests, one_line_does_not_take_all_memory_that_may_wait);
        tcase_add_test(tests, hung_server_takes_nothing_from_the_next_life_of_a_node);
        tcase_add_test(tests, who_is_given_a_message_beside_others_runs_before_more_is_taken);
        tcase_add_test(tests, call_whose_caller_is_gone_is_given_up);
        tcase_add_test(tests, far_call_of_a_program_that_ended_is_abandoned);
        tcase_add_test(tests, answer_waits_for_room);
        tcase_add_test(tests, answer_that_waits_for_room_ends_with_its_session);
        tcase_add_test(tests, answer_waits_no_longer_than_it_must);
        tcase_add_test(tests, server_that_answers_busy_keeps_no_call_object);
        tcase_add_test(tests, answer_whose_caller_is_gone_leaves_no_right);
        tcase_add_test(tests, answer_with_what_must_not_travel_is_perhaps_executed);
        tcase_add_test(tests, one_way_message_is_sent_and_arrives_as_one);
        tcase_add_test(tests, refused_request_leaves_no_right);
        tcase_add_test(tests, capability_that_died_on_the_way_says_so);
        tcase_add_test(tests, proxy_that_must_not_travel_does_not);
        tcase_add_test(tests, what_a_waiting_message_passes_on_is_held_until_the_core_has_it);
        tcase_add_test(tests, what_a_waiting_answer_passes_on_is_held_until_the_core_has_it);
        tcase_add_test(tests, right_comes_home_with_no_more_than_it_left_with);
        tcase_add_test(tests, capability_that_is_none_arrives_dead_whatever_its_reason);
        tcase_add_test(tests, answer_without_memory_for_its_capabilities_takes_none);
        tcase_add_test(tests, far_busy_is_not_taken_for_a_call_under_way);
        tcase_add_test(tests, holding_a_right_often_leaves_no_watch);
        tcase_add_test(tests, of_two_handles_the_one_that_allows_more_is_kept);
        tcase_add_test(tests, death_of_one_right_may_release_any_other);
        suite_add_tcase(suite, tests);
        return suite;
}
