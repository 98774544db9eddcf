/* What waits, and for what: no order of losses, refusals and repetitions may leave anything waiting
 * for ever. */
#include <signal.h>
#include <string.h>

#include "netipc/core/queues.h"
#include "netipc/core/state.h"
#include "tests/unit/netipc/lab.h"

static bool drop_the_first(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        return !lab_frames(packet, FRAME_MSG, 1);
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

/* Packets are reordered and repeated: an old CANCEL may come after a new one whose call is still in
 * progress. */
START_TEST(late_cancel_does_not_undo_a_later_one)
{
        struct lab *lab = lab_make(2);
        struct wire_msg first = lab_msg(1), second = lab_msg(2);
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
        return !lab_frames(packet, FRAME_MSG, UINT32_MAX);
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
                pings += lab_frames(packet, FRAME_PING, 0);
                messages += lab_frames(packet, FRAME_MSG, 0);
        }
        return true;
}

static void count_from_now(struct lab *lab)
{
        pings = messages = 0;
        lab->filter = count_frames;
}

/* The question whether the peer lives waits behind nothing, however much is queued. */
START_TEST(ping_goes_ahead_of_what_waits)
{
        struct lab *lab = lab_make(2);
        for (unsigned i = 0; i < 4; i++)
                lab_send(lab, i, WIRE_BYTES_MAX, false);
        core_flush(lab->node[0].core, lab->now);
        ck_assert_uint_ne(lab_session(lab, 0, 1)->ready_map, 0);
        count_from_now(lab);
        lab_session(lab, 0, 1)->pings = 1;
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
        lab_send(lab, 1, 0, false);
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
        lab_send(lab, 1, 0, false);
        core_flush(lab->node[0].core, lab->now);
        const struct sent_packet *packet = &sent->ring[(sent->next - 1) % SENT_RING];
        ck_assert_uint_eq(packet->time, lab->now);
        core_link(lab->node[0].core, false, lab->now);
        lab->now += 1000 * LAB_MS;
        core_link(lab->node[0].core, true, lab->now);
        struct wire_ping ping = {.type = FRAME_PING};
        lab_forge(lab, 1, 0, &ping, sizeof(ping));
        ck_assert_uint_eq(packet->time, lab->now);
        lab_free(lab);
}
END_TEST

/* As many as one receiver may have. */
START_TEST(messages_share_a_packet)
{
        enum { MESSAGES = 12 };
        struct lab *lab = lab_make(2);
        for (unsigned i = 1; i <= MESSAGES; i++)
                lab_send(lab, i, 0, false);
        unsigned before = lab->packets;
        core_flush(lab->node[0].core, lab->now);
        ck_assert_uint_eq(lab->packets, before + 1);
        ck_assert_uint_eq(lab_frames(&lab->packet[before], FRAME_MSG, 0), MESSAGES);
        lab_run(lab, 10);
        ck_assert_uint_eq(lab->node[1].deliveries, MESSAGES);
        lab_free(lab);
}
END_TEST

START_TEST(one_receiver_leaves_slots_to_others)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        unsigned taken = 0;
        for (; core_ready(lab->node[0].core, lab->node[0].root[1], &message); taken++)
                lab_send(lab, taken, 0, false);
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
        lab_send(lab, 1, 0, false);
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
        tcase_add_test(tests, held_call_tells_why_its_right_died);
        tcase_add_test(tests, ping_goes_ahead_of_what_waits);
        tcase_add_test(tests, probe_is_no_reason_to_repeat_twice);
        tcase_add_test(tests, link_loss_is_no_part_of_a_round_trip);
        tcase_add_test(tests, messages_share_a_packet);
        tcase_add_test(tests, one_receiver_leaves_slots_to_others);
        tcase_add_test(tests, what_is_asked_goes_out_with_the_next_flush);
        tcase_add_test(tests, answer_of_what_found_room_goes_out_with_the_next_flush);
        tcase_add_test(tests, link_that_comes_back_gives_peers_their_time);
        tcase_add_test_raise_signal(tests, false_belief_ends_the_program, SIGABRT);
        suite_add_tcase(suite, tests);
        return suite;
}
