/* What waits, and for what: no order of losses, refusals and repetitions may leave anything waiting
 * for ever. */
#include <signal.h>
#include <string.h>

#include "netipc/core/queues.h"
#include "netipc/core/state.h"
#include "tests/unit/netipc/lab.h"

/* How many frames of a type a clear packet has; of messages, if `order` is not 0, those with that
 * order number. */
static unsigned frames_of(const struct lab_packet *packet, unsigned type, uint32_t order)
{
        const uint8_t *frames = wire_body(packet->bytes);
        size_t left = wire_body_length(packet->length), used;
        struct wire_frame frame;
        unsigned count = 0;
        if (packet->bytes[0] != (WIRE_VERSION << 4 | PACKET_CLEAR))
                return 0;
        for (; left && wire_frame_decode(frames, left, &frame, &used) == WIRE_OK; left -= used) {
                count += frame.type == type && (!order || frame.msg.order == order);
                frames += used;
        }
        return count;
}

static bool drop_the_first(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        return !frames_of(packet, FRAME_MSG, 1);
}

static void send_numbered(struct lab *lab, uint64_t word)
{
        struct core_message message = lab_message(word);
        ck_assert_uint_eq(core_send(lab->node[0].core, lab->node[0].root[1], &message, lab->now),
                          OUTCOME_OK);
        lab_run(lab, 1);
}

/* The receiver holds as many messages as it may, all waiting for the first, which is lost and lost
 * again; it refuses one more. That one must not stand in the way of the first. */
static void first_is_lost_one_is_refused(bool together)
{
        struct lab *lab = lab_make(2);
        struct core *sender = lab->node[0].core;
        lab->filter = drop_the_first;
        for (unsigned word = 1; word <= 16; word++)
                send_numbered(lab, word);
        lab_run(lab, 100);
        struct core_message message = lab_message(17);
        core_send(sender, lab->node[0].root[1], &message, lab->now);
        core_flush(sender, lab->now);
        message = lab_message(18);
        core_send(sender, lab->node[0].root[1], &message, lab->now);
        lab->node[0].still = together; /* else the refused one goes first, in a packet of its own */
        lab_run(lab, 30);              /* now it is known that the first was lost */
        lab->node[0].still = false;
        lab->filter = NULL;
        lab_run(lab, 1500);
        ck_assert_uint_eq(lab->node[1].deliveries, 18);
        for (unsigned i = 0; i < 18; i++)
                ck_assert_uint_eq(lab->node[1].delivery[i].message.word[0], i + 1);
        lab_free(lab);
}

START_TEST(refused_message_does_not_hide_a_lost_one_behind_it)
{
        first_is_lost_one_is_refused(true);
}
END_TEST

START_TEST(refused_packet_does_not_hide_a_lost_one)
{
        first_is_lost_one_is_refused(false);
}
END_TEST

static struct wire_msg call_to_root(uint64_t sequence)
{
        return (struct wire_msg){.type = FRAME_MSG,
                                 .flags = MSG_FLAG_LAST,
                                 .call = wire_call_id(0, sequence),
                                 .export_id = WIRE_ROOT_EXPORT,
                                 .generation = WIRE_ROOT_GENERATION,
                                 .deadline = WIRE_NO_DEADLINE};
}

/* Packets are reordered and repeated: an old CANCEL may come after a new one whose call is still in
 * progress. */
START_TEST(late_cancel_does_not_undo_a_later_one)
{
        struct lab *lab = lab_make(2);
        struct wire_msg first = call_to_root(1), second = call_to_root(2);
        struct wire_cancel cancel[2];
        for (unsigned i = 0; i < 2; i++)
                cancel[i] = (struct wire_cancel){.type = FRAME_CANCEL,
                                                 .reason = REASON_CANCELLED,
                                                 .call = wire_call_id(0, 2 - i)};
        lab_forge(lab, 0, 1, &first, sizeof(first));
        ck_assert_uint_eq(
            core_reply(lab->node[1].core, lab_delivered(lab, 1)->call, OUTCOME_OK, NULL, lab->now),
            OUTCOME_OK);
        lab_forge(lab, 0, 1, cancel, sizeof(cancel));
        lab_forge(lab, 0, 1, &second, sizeof(second));
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        lab_free(lab);
}
END_TEST

/* Order numbers wrap round: at some thousand messages a second, after days. */
START_TEST(releases_go_on_when_their_numbers_wrap)
{
        struct lab *lab = lab_make(2);
        lab_session(lab, 1, 0)->releases.next = UINT32_MAX - 2;
        lab_session(lab, 0, 1)->releases.seen = UINT32_MAX - 3;
        for (unsigned i = 0; i < 8; i++) {
                struct core_message message = lab_message(i);
                message.caps = 1;
                message.cap[0] = (struct core_cap){
                    .kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .id = 50 + i};
                core_send(lab->node[0].core, lab->node[0].root[1], &message, lab->now);
                lab_run(lab, 5);
                ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 1);
                core_import_drop(lab->node[1].core, lab_delivered(lab, 1)->message.cap[0].id);
                lab_run(lab, 50);
                ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        }
        lab_free(lab);
}
END_TEST

/* The last number before the wrap is lost at first: those after it are held across the wrap. */
static bool drop_the_last_before_the_wrap(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        return !frames_of(packet, FRAME_MSG, UINT32_MAX);
}

START_TEST(messages_keep_their_order_when_its_numbers_wrap)
{
        struct lab *lab = lab_make(2);
        lab_session(lab, 0, 1)->imports[WIRE_ROOT_EXPORT].next_order = UINT32_MAX - 2;
        lab_session(lab, 1, 0)->exports[WIRE_ROOT_EXPORT].next_order = UINT32_MAX - 2;
        lab->filter = drop_the_last_before_the_wrap;
        for (unsigned word = 0; word < 8; word++)
                send_numbered(lab, word);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab->node[1].deliveries, 2);
        lab->filter = NULL;
        lab_run(lab, 1500);
        ck_assert_uint_eq(lab->node[1].deliveries, 8);
        for (unsigned i = 0; i < 8; i++)
                ck_assert_uint_eq(lab->node[1].delivery[i].message.word[0], i);
        lab_free(lab);
}
END_TEST

static core_handle_t call_with_content(struct lab *lab, uint64_t cookie, bool oneway)
{
        static const uint8_t bytes[3000];
        struct core_message message = lab_message(cookie);
        core_handle_t handle = 0;
        message.bytes = bytes;
        message.length = sizeof(bytes);
        message.caps = 1;
        message.cap[0] =
            (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .id = 70 + cookie};
        outcome_t outcome =
            oneway ? core_send(lab->node[0].core, lab->node[0].root[1], &message, lab->now)
                   : core_call(lab->node[0].core, lab->node[0].root[1], &message, cookie, &handle,
                               lab->now);
        ck_assert_uint_eq(outcome, OUTCOME_OK);
        return handle;
}

/* Beyond its share of memory a peer's requests are refused, in their order, and what they brought
 * is given back. */
START_TEST(peer_that_used_up_its_memory_is_refused)
{
        struct lab *lab = lab_make(2);
        struct session *server = lab_session(lab, 1, 0);
        server->content_in = lab->node[1].core->config.content;
        call_with_content(lab, 1, false);
        call_with_content(lab, 2, true);
        struct core_message small = lab_message(3);
        core_call(lab->node[0].core, lab->node[0].root[1], &small, 3, NULL, lab->now);
        lab_run(lab, 100);
        ck_assert_uint_eq(lab->node[0].completion[0].outcome, not_executed(REASON_OVERLOADED));
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        ck_assert_uint_eq(lab_delivered(lab, 1)->message.word[0], 3);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        server->content_in = 0;
        call_with_content(lab, 4, false);
        lab_run(lab, 10);
        ck_assert_uint_eq(lab_delivered(lab, 1)->message.length, 3000);
        lab_free(lab);
}
END_TEST

/* The rights in a message for which there is no room count only once all of it has come: until then
 * its sender may withdraw it, and takes them back itself. */
START_TEST(message_without_room_can_be_withdrawn)
{
        struct lab *lab = lab_make(2);
        static const uint8_t bytes[WIRE_BYTES_MAX];
        struct core *caller = lab->node[0].core;
        struct core_message message = lab_message(1);
        core_handle_t handle;
        message.bytes = bytes;
        message.length = sizeof(bytes);
        message.caps = 1;
        message.cap[0] =
            (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .id = 70};
        lab_session(lab, 1, 0)->content_in = lab->node[1].core->config.content;
        core_call(caller, lab->node[0].root[1], &message, 1, &handle, lab->now);
        lab->cut[1][0] = true;
        lab_run(lab, 5);
        core_cancel(caller, handle, lab->now);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_CANCELLED));
        lab->cut[1][0] = false;
        lab_run(lab, 500);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        lab_session(lab, 1, 0)->content_in = 0;
        lab_free(lab);
}
END_TEST

/* Fragments without end: no more memory than the peer's share, whatever the slots promise. */
START_TEST(unfinished_messages_take_no_more_than_a_share)
{
        struct lab *lab = lab_make(2);
        static uint8_t frame[sizeof(struct wire_msg) + WIRE_FRAGMENT_SIZE];
        for (unsigned slot = 0; slot < 16; slot++) {
                struct wire_msg msg = call_to_root(1);
                msg.flags = 0;
                msg.call = wire_call_id(slot, 1);
                msg.total = WIRE_BYTES_MAX;
                msg.fragment_length = WIRE_FRAGMENT_SIZE;
                msg.offset = WIRE_FRAGMENT_SIZE;
                memcpy(frame, &msg, sizeof(msg));
                lab_forge(lab, 0, 1, frame, sizeof(frame));
        }
        uint32_t most = lab->node[1].core->config.content;
        ck_assert_uint_gt(lab_session(lab, 1, 0)->content_in, most - WIRE_CONTENT_MAX);
        ck_assert_uint_le(lab_session(lab, 1, 0)->content_in, most);
        lab_free(lab);
}
END_TEST

/* An answer cannot be asked for again, so it waits. */
START_TEST(answer_waits_for_memory)
{
        struct lab *lab = lab_make(2);
        struct session *caller = lab_session(lab, 0, 1);
        static const uint8_t bytes[3000];
        struct core_message message = lab_message(1);
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 1, NULL, lab->now);
        lab_run(lab, 5);
        caller->content_in = lab->node[0].core->config.content;
        message.bytes = bytes;
        message.length = sizeof(bytes);
        core_reply(lab->node[1].core, lab_delivered(lab, 1)->call, OUTCOME_OK, &message, lab->now);
        lab_run(lab, 1000);
        ck_assert_uint_eq(lab->node[0].completions, 0);
        caller->content_in = 0;
        lab_run(lab, 500);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, OUTCOME_OK);
        ck_assert_uint_eq(lab_completed(lab, 0)->message.length, 3000);
        lab_free(lab);
}
END_TEST

/* A peer that does not acknowledge answers does not use up the memory of others. */
START_TEST(answers_that_are_not_taken_are_bounded)
{
        struct lab *lab = lab_make(2);
        static const uint8_t bytes[WIRE_BYTES_MAX];
        struct core_message message = lab_message(1);
        for (unsigned i = 0; i < 16; i++)
                core_call(lab->node[0].core, lab->node[0].root[1], &message, i, NULL, lab->now);
        lab_run(lab, 5);
        lab->cut[1][0] = true;
        message.bytes = bytes;
        message.length = sizeof(bytes);
        unsigned refused = 0;
        for (unsigned i = 0; i < 16; i++) {
                outcome_t outcome = core_reply(lab->node[1].core, lab->node[1].delivery[i].call,
                                               OUTCOME_OK, &message, lab->now);
                refused += outcome == not_executed(REASON_OVERLOADED);
                if (outcome)
                        core_reply(lab->node[1].core, lab->node[1].delivery[i].call,
                                   perhaps_executed(REASON_OVERLOADED), NULL, lab->now);
        }
        ck_assert_uint_eq(refused, 10);
        ck_assert_uint_le(lab_session(lab, 1, 0)->content_out, lab->node[1].core->config.content);
        lab->cut[1][0] = false;
        lab_run(lab, 1000);
        ck_assert_uint_eq(lab->node[0].completions, 16);
        lab_free(lab);
}
END_TEST

/* A call that waits for an earlier one when its right dies says why it will not be executed. */
START_TEST(held_call_tells_why_its_right_died)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        message.caps = 1;
        message.cap[0] =
            (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .id = 500};
        core_send(lab->node[1].core, lab->node[1].root[0], &message, lab->now);
        lab_run(lab, 5);
        core_import_t import = lab_delivered(lab, 0)->message.cap[0].id;
        lab->filter = drop_the_first;
        message = lab_message(2);
        for (uint64_t cookie = 1; cookie <= 2; cookie++) {
                core_call(lab->node[0].core, import, &message, cookie, NULL, lab->now);
                lab_run(lab, 1);
        }
        ck_assert_uint_eq(lab_session(lab, 1, 0)->held_count, 1);
        core_export_dead(lab->node[1].core, 500, REASON_REVOKED);
        lab_run(lab, 5);
        ck_assert_uint_eq(lab_completed(lab, 0)->cookie, 2);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_REVOKED));
        lab_free(lab);
}
END_TEST

static unsigned pings, messages; /* that n1 has sent */

static bool count_frames(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        if (packet->from == 0) {
                pings += frames_of(packet, FRAME_PING, 0);
                messages += frames_of(packet, FRAME_MSG, 0);
        }
        return true;
}

static void count_from_now(struct lab *lab)
{
        pings = messages = 0;
        lab->filter = count_frames;
}

static uint64_t lossy_random;

static bool drop_one_in_twenty(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        (void)packet;
        lossy_random = lossy_random * 6364136223846793005ull + 1442695040888963407ull;
        return (lossy_random >> 33) % 20;
}

static void call_with(struct lab *lab, uint64_t cookie, const void *bytes, uint32_t length)
{
        struct core_message message = lab_message(cookie);
        message.bytes = bytes;
        message.length = length;
        ck_assert_uint_eq(
            core_call(lab->node[0].core, lab->node[0].root[1], &message, cookie, NULL, lab->now),
            OUTCOME_OK);
}

/* A peer that has no memory for what is queued lives: each time-out asks it by a PING that waits
 * behind nothing. */
START_TEST(peer_without_memory_is_not_dead)
{
        static const uint8_t bytes[20000];
        struct lab *lab = lab_make(2);
        lossy_random = (uint64_t)_i;
        lab->node[1].no_memory = true;
        lab->filter = drop_one_in_twenty;
        for (unsigned i = 0; i < 8; i++)
                call_with(lab, i, bytes, i & 1 ? sizeof(bytes) : 1);
        lab_run(lab, 5000);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
        lab->node[1].no_memory = false;
        lab_run(lab, 2000);
        ck_assert_uint_eq(lab->node[1].deliveries, 8);
        lab_free(lab);
}
END_TEST

/* The question whether the peer lives waits behind nothing, however much is queued. */
START_TEST(ping_goes_ahead_of_what_waits)
{
        static const uint8_t bytes[WIRE_BYTES_MAX];
        struct lab *lab = lab_make(2);
        for (unsigned i = 0; i < 4; i++)
                call_with(lab, i, bytes, sizeof(bytes));
        core_flush(lab->node[0].core, lab->now);
        ck_assert_uint_ne(lab_session(lab, 0, 1)->ready_map, 0);
        count_from_now(lab);
        lab_session(lab, 0, 1)->ping = true;
        lab_session(lab, 0, 1)->touched = true;
        core_flush(lab->node[0].core, lab->now);
        ck_assert_uint_eq(pings, 1);
        lab_free(lab);
}
END_TEST

static bool count_and_drop(struct lab *lab, struct lab_packet *packet)
{
        count_frames(lab, packet);
        return false;
}

/* What a probe has repeated is not repeated once more when its first packet turns out lost. */
START_TEST(probe_is_no_reason_to_repeat_twice)
{
        struct lab *lab = lab_make(2);
        const struct sent *sent = &lab_session(lab, 0, 1)->sent;
        count_from_now(lab);
        lab->filter = count_and_drop;
        call_with(lab, 1, NULL, 0);
        for (unsigned ms = 0; ms < 1000 && !pings; ms++)
                lab_run(lab, 1);
        ck_assert_uint_eq(pings, 1);
        ck_assert_uint_eq(messages, 2);
        struct wire_ack ack = {.type = FRAME_ACK, .credit = 64, .first = 1};
        ack.largest = sent->next - 2; /* the PING went first */
        lab_forge(lab, 1, 0, &ack, sizeof(ack));
        ck_assert_uint_eq(sent->lost_count, 1);
        ck_assert_uint_eq(messages, 2);
        lab_free(lab);
}
END_TEST

/* The time without a link is part of no round trip. */
START_TEST(link_loss_is_no_part_of_a_round_trip)
{
        struct lab *lab = lab_make(2);
        struct sent *sent = &lab_session(lab, 0, 1)->sent;
        call_with(lab, 1, NULL, 0);
        core_flush(lab->node[0].core, lab->now);
        const struct sent_packet *packet = &sent->ring[(sent->next - 1) % SENT_RING];
        ck_assert_uint_eq(packet->time, lab->now);
        core_link(lab->node[0].core, false, lab->now);
        lab->now += 1000 * LAB_MS;
        core_link(lab->node[0].core, true, lab->now);
        ck_assert_uint_eq(packet->time, lab->now);
        lab_free(lab);
}
END_TEST

/* No room is no loss: the window stays, and the message comes as soon as there is room. */
START_TEST(refused_message_comes_again_soon)
{
        static const uint8_t bytes[20000];
        struct lab *lab = lab_make(2);
        struct session *session = lab_session(lab, 0, 1);
        lab->node[1].no_memory = true;
        count_from_now(lab);
        call_with(lab, 1, bytes, sizeof(bytes));
        lab_run(lab, 500);
        ck_assert_uint_eq(lab->node[1].deliveries, 0);
        /* 20 fragments, each time that a pause has passed: it grows to its most in five steps. */
        ck_assert_uint_ge(messages, 20 * 2);
        ck_assert_uint_le(messages, 20 * (6 + 500 * LAB_MS / PAUSE_MAX));
        lab->node[1].no_memory = false;
        uint32_t window = session->sent.window;
        lab_run(lab, 2 * PAUSE_MAX / LAB_MS);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        ck_assert_uint_eq(session->pause, PAUSE_MIN);
        ck_assert_uint_ge(session->sent.window, window);
        ck_assert_uint_eq(session->sent.lost_count, 0);
        lab_free(lab);
}
END_TEST

/* Nor do others wait for one that is refused. */
START_TEST(small_calls_pass_a_refused_message)
{
        static const uint8_t bytes[20000];
        struct lab *lab = lab_make(2);
        lab->node[1].no_memory = true;
        call_with(lab, 1, bytes, sizeof(bytes));
        lab_run(lab, 200);
        struct core_message message = lab_message(2);
        message.unordered = true;
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 2, NULL, lab->now);
        lab_run(lab, 1);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        lab_free(lab);
}
END_TEST

static void number_send(struct lab *lab, uint64_t number, bool oneway)
{
        struct core_message message = lab_message(number);
        struct core *core = lab->node[0].core;
        ck_assert(core_ready(core, lab->node[0].root[1], &message));
        outcome_t outcome =
            oneway ? core_send(core, lab->node[0].root[1], &message, lab->now)
                   : core_call(core, lab->node[0].root[1], &message, number, NULL, lab->now);
        ck_assert_uint_eq(outcome, OUTCOME_OK);
}

/* More than can be held: the rest is sent again until there is room. */
START_TEST(what_finds_no_room_is_kept_in_order)
{
        enum { ROUNDS = 4, EACH = 8 };
        struct lab *lab = lab_make(2);
        lab->node[1].full = true;
        for (unsigned i = 0; i < ROUNDS * EACH; i++) {
                number_send(lab, i, i % 4);
                if (i % EACH == EACH - 1)
                        lab_run(lab, 20);
                if (i == 2 * EACH) {
                        lab_run(lab, 20);
                        lab->node[1].full = false;
                        core_resume(lab->node[1].core, lab->now);
                        ck_assert_uint_ge(lab->node[1].deliveries, 16);
                        lab_run(lab, 50);
                        for (unsigned j = 0; j < lab->node[1].deliveries; j++)
                                if (lab->node[1].delivery[j].call)
                                        core_reply(lab->node[1].core, lab->node[1].delivery[j].call,
                                                   OUTCOME_OK, NULL, lab->now);
                        lab_run(lab, 50);
                        lab->node[1].full = true;
                }
        }
        lab->node[1].full = false;
        core_resume(lab->node[1].core, lab->now);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab->node[1].deliveries, ROUNDS * EACH);
        for (unsigned i = 0; i < ROUNDS * EACH; i++) {
                ck_assert_uint_eq(lab->node[1].delivery[i].message.word[0], i);
                ck_assert_int_eq(lab->node[1].delivery[i].call == 0, i % 4 != 0);
        }
        ck_assert_uint_eq(lab_session(lab, 1, 0)->held_count, 0);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).lost, 0);
        lab_free(lab);
}
END_TEST

START_TEST(what_waits_for_room_can_be_cancelled_and_ends_with_its_session)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        core_handle_t handle;
        lab->node[1].full = true;
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 1, &handle, lab->now);
        lab_run(lab, 20);
        core_cancel(lab->node[0].core, handle, lab->now);
        lab_run(lab, 20);
        core_resume(lab->node[1].core, lab->now);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_CANCELLED));
        number_send(lab, 2, true);
        number_send(lab, 3, false);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_session(lab, 1, 0)->held_count, 2);
        lab_crash(lab, 0);
        lab_run(lab, 3000);
        core_resume(lab->node[1].core, lab->now);
        ck_assert_uint_eq(lab->node[1].deliveries, 0);
        lab_free(lab);
}
END_TEST

START_TEST(one_receiver_leaves_slots_to_others)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        unsigned taken = 0;
        for (; core_ready(lab->node[0].core, lab->node[0].root[1], &message); taken++)
                number_send(lab, taken, false);
        ck_assert_uint_eq(taken, 12); /* of 16 */
        lab_run(lab, 20);
        core_reply(lab->node[1].core, lab->node[1].delivery[0].call, OUTCOME_OK, NULL, lab->now);
        lab_run(lab, 20);
        ck_assert(core_ready(lab->node[0].core, lab->node[0].root[1], &message));
        lab_free(lab);
}
END_TEST

/* Whether the next flush of a node, in which nothing happened since the last, sends something. */
static bool flush_sends(struct lab *lab, unsigned node)
{
        unsigned before = lab->packets;
        core_flush(lab->node[node].core, lab->now);
        ck_assert_ptr_null(core_check(lab->node[node].core));
        return lab->packets > before;
}

/* A flush passes over sessions in which nothing happened; whatever is asked of a core happens. */
START_TEST(what_is_asked_goes_out_with_the_next_flush)
{
        struct lab *lab = lab_make(2);
        struct core *caller = lab->node[0].core, *server = lab->node[1].core;
        struct core_message message = lab_message(1);
        core_handle_t handle[2];
        message.caps = 1;
        message.cap[0] =
            (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .id = 500};
        ck_assert(!flush_sends(lab, 0));
        for (unsigned i = 0; i < 2; i++) {
                core_call(caller, lab->node[0].root[1], &message, i, &handle[i], lab->now);
                ck_assert(flush_sends(lab, 0));
                lab_run(lab, 50);
                ck_assert(!flush_sends(lab, 0) && !flush_sends(lab, 1));
        }
        core_cancel(caller, handle[0], lab->now);
        ck_assert(flush_sends(lab, 0));
        lab_run(lab, 50);
        ck_assert(!flush_sends(lab, 0) && !flush_sends(lab, 1));
        core_reply(server, lab_delivered(lab, 1)->call, OUTCOME_OK, NULL, lab->now);
        ck_assert(flush_sends(lab, 1));
        lab_run(lab, 50);
        ck_assert(!flush_sends(lab, 0) && !flush_sends(lab, 1));
        core_export_dead(caller, 500, REASON_REVOKED);
        ck_assert(flush_sends(lab, 0));
        lab_free(lab);
}
END_TEST

START_TEST(answer_of_what_found_room_goes_out_with_the_next_flush)
{
        struct lab *lab = lab_make(2);
        lab->node[1].full = true;
        call_with(lab, 1, NULL, 0);
        lab_run(lab, 50);
        ck_assert(!flush_sends(lab, 1));
        lab->node[1].full = false;
        lab->node[1].refuse = not_executed(REASON_OVERLOADED);
        core_resume(lab->node[1].core, lab->now);
        ck_assert(flush_sends(lab, 1));
        lab_free(lab);
}
END_TEST

/* Also where nothing is sent, what is due next follows from what happened. */
START_TEST(link_that_comes_back_gives_peers_their_time)
{
        struct lab *lab = lab_make(2);
        ck_assert(!flush_sends(lab, 0));
        core_link(lab->node[0].core, false, lab->now);
        ck_assert_ptr_null(core_check(lab->node[0].core));
        lab->now += 100 * LAB_MS;
        core_link(lab->node[0].core, true, lab->now);
        ck_assert_ptr_null(core_check(lab->node[0].core));
        lab_free(lab);
}
END_TEST

/* What the code believes is asserted: where it is false, the program goes no further. */
START_TEST(false_belief_ends_the_program)
{
        struct lab *lab = lab_make(2);
        queue_push_cancel(lab_session(lab, 0, 1), 0); /* its caller did not mark the slot */
        lab_free(lab);
}
END_TEST

Suite *flow_suite(void)
{
        Suite *suite = suite_create("flow");
        TCase *tests = tcase_create("flow");
        tcase_add_test(tests, refused_message_does_not_hide_a_lost_one_behind_it);
        tcase_add_test(tests, refused_packet_does_not_hide_a_lost_one);
        tcase_add_test(tests, late_cancel_does_not_undo_a_later_one);
        tcase_add_test(tests, messages_keep_their_order_when_its_numbers_wrap);
        tcase_add_test(tests, releases_go_on_when_their_numbers_wrap);
        tcase_add_test(tests, peer_that_used_up_its_memory_is_refused);
        tcase_add_test(tests, message_without_room_can_be_withdrawn);
        tcase_add_test(tests, unfinished_messages_take_no_more_than_a_share);
        tcase_add_test(tests, answer_waits_for_memory);
        tcase_add_test(tests, answers_that_are_not_taken_are_bounded);
        tcase_add_loop_test(tests, peer_without_memory_is_not_dead, 0, 10);
        tcase_add_test(tests, held_call_tells_why_its_right_died);
        tcase_add_test(tests, ping_goes_ahead_of_what_waits);
        tcase_add_test(tests, probe_is_no_reason_to_repeat_twice);
        tcase_add_test(tests, link_loss_is_no_part_of_a_round_trip);
        tcase_add_test(tests, refused_message_comes_again_soon);
        tcase_add_test(tests, small_calls_pass_a_refused_message);
        tcase_add_test(tests, what_finds_no_room_is_kept_in_order);
        tcase_add_test(tests, what_waits_for_room_can_be_cancelled_and_ends_with_its_session);
        tcase_add_test(tests, one_receiver_leaves_slots_to_others);
        tcase_add_test(tests, what_is_asked_goes_out_with_the_next_flush);
        tcase_add_test(tests, answer_of_what_found_room_goes_out_with_the_next_flush);
        tcase_add_test(tests, link_that_comes_back_gives_peers_their_time);
        tcase_add_test_raise_signal(tests, false_belief_ends_the_program, SIGABRT);
        suite_add_tcase(suite, tests);
        return suite;
}
