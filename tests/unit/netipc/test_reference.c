/* Rights that travel: counted, given back, brought home, passed on, dead. */
#include <stdlib.h>

#include "netipc/core/state.h"
#include "tests/unit/netipc/lab.h"

static struct core_message with_cap(uint8_t kind, uint64_t id)
{
        struct core_message message = lab_message(1);
        message.caps = 1;
        message.cap[0] = (struct core_cap){.kind = kind, .type = CAPABILITY_SEND, .id = id};
        return message;
}

/* Node `from` sends a right to the root of node `to`; returns it as it arrived. */
static struct core_cap pass(struct lab *lab, unsigned from, unsigned to, uint8_t kind, uint64_t id)
{
        struct core_message message = with_cap(kind, id);
        struct lab_node *node = &lab->node[from];
        ck_assert_uint_eq(core_send(node->core, node->root[to], &message, lab->now), OUTCOME_OK);
        lab_run(lab, 5);
        return lab_delivered(lab, to)->message.cap[0];
}

START_TEST(right_is_counted_and_given_back)
{
        struct lab *lab = lab_make(2);
        struct core_cap first = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        struct core_cap second = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        ck_assert_int_eq(first.kind, CORE_CAP_IMPORT);
        ck_assert_uint_eq(first.id, second.id);
        ck_assert_uint_eq(lab->node[0].drops, 1); /* the second reference was one too many */
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 1);
        ck_assert_uint_eq(lab_peer(lab, 1, 0).imports, 1);
        core_import_drop(lab->node[1].core, first.id);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        ck_assert_uint_eq(lab_peer(lab, 1, 0).imports, 0);
        ck_assert_uint_eq(lab->node[0].drops, 2);
        struct core_message message = lab_message(1);
        ck_assert_uint_eq(core_send(lab->node[1].core, first.id, &message, lab->now),
                          not_executed(REASON_BAD_HANDLE));
        lab_free(lab);
}
END_TEST

static void listed(struct lab *lab, uint32_t index, bool is_export, uint64_t count)
{
        struct core_reference reference;
        ck_assert(core_reference(lab->node[0].core, index, &reference));
        ck_assert_str_eq(reference.peer, lab_peer(lab, 0, 1).name);
        ck_assert_uint_eq(reference.id, index < 2 ? 2 : 3);
        ck_assert_uint_eq(reference.generation, 1);
        ck_assert_int_eq(reference.is_export, is_export);
        ck_assert_uint_eq(reference.count, count);
}

START_TEST(references_are_listed_by_id)
{
        struct lab *lab = lab_make(2);
        struct core_reference reference;
        ck_assert(!core_reference(lab->node[0].core, 0, &reference));
        pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        pass(lab, 0, 1, CORE_CAP_LOCAL, 501);
        pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        pass(lab, 1, 0, CORE_CAP_LOCAL, 700);
        listed(lab, 0, true, 2);
        listed(lab, 1, false, 1);
        listed(lab, 2, true, 1);
        ck_assert(!core_reference(lab->node[0].core, 3, &reference));
        lab_free(lab);
}
END_TEST

/* At a million passes a second 32 bits last for an hour. */
START_TEST(more_references_than_32_bits_count)
{
        struct lab *lab = lab_make(2);
        struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        uint16_t id = (uint16_t)cap.id;
        lab_session(lab, 0, 1)->exports[id].count = UINT32_MAX;
        lab_session(lab, 1, 0)->imports[id].count = UINT32_MAX;
        pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        core_import_drop(lab->node[1].core, cap.id);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        ck_assert_uint_eq(lab_peer(lab, 1, 0).imports, 0);
        ck_assert_uint_eq(lab->node[0].down, 0);
        ck_assert_ptr_null(core_check(lab->node[0].core));
        ck_assert_ptr_null(core_check(lab->node[1].core));
        lab_free(lab);
}
END_TEST

/* A message that was acknowledged, and waits for room, is delivered although its sender has given
 * the right back since; then nothing is left of it. */
START_TEST(right_given_back_serves_the_messages_that_wait)
{
        struct lab *lab = lab_make(2);
        struct core_cap cap = pass(lab, 1, 0, CORE_CAP_LOCAL, 500);
        struct core_message message = lab_message(7);
        lab->node[1].full = true;
        ck_assert_uint_eq(core_send(lab->node[0].core, cap.id, &message, lab->now), OUTCOME_OK);
        ck_assert_uint_eq(core_call(lab->node[0].core, cap.id, &message, 1, NULL, lab->now),
                          OUTCOME_OK);
        lab_run(lab, 20);
        core_import_drop(lab->node[0].core, cap.id);
        lab_run(lab, 50);
        ck_assert_ptr_null(core_check(lab->node[1].core));
        lab->node[1].full = false;
        core_resume(lab->node[1].core, lab->now);
        ck_assert_uint_eq(lab->node[1].deliveries, 2);
        ck_assert_uint_eq(lab_peer(lab, 1, 0).exports, 0);
        core_reply(lab->node[1].core, lab->node[1].delivery[1].call, OUTCOME_OK, NULL, lab->now);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, OUTCOME_OK);
        ck_assert_ptr_null(core_check(lab->node[1].core));
        lab_free(lab);
}
END_TEST

/* What a message brings home that waits for room counts until then, and no longer. */
START_TEST(right_that_waits_at_home_is_given_back)
{
        struct lab *lab = lab_make(2);
        struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        struct core_message message = with_cap(CORE_CAP_IMPORT, cap.id);
        lab->node[0].full = true;
        core_send(lab->node[1].core, lab->node[1].root[0], &message, lab->now);
        lab_run(lab, 20);
        core_import_drop(lab->node[1].core, cap.id);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 1);
        lab->node[0].full = false;
        core_resume(lab->node[0].core, lab->now);
        ck_assert_uint_eq(lab->node[0].deliveries, 1);
        ck_assert_int_eq(lab_delivered(lab, 0)->message.cap[0].kind, CORE_CAP_LOCAL);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        ck_assert_ptr_null(core_check(lab->node[0].core));
        lab_free(lab);
}
END_TEST

/* If the right dies meanwhile, they say so. */
START_TEST(right_given_back_may_die_before_the_messages_that_wait)
{
        struct lab *lab = lab_make(2);
        struct core_cap cap = pass(lab, 1, 0, CORE_CAP_LOCAL, 500);
        struct core_message message = lab_message(7);
        lab->node[1].full = true;
        core_call(lab->node[0].core, cap.id, &message, 1, NULL, lab->now);
        lab_run(lab, 20);
        core_import_drop(lab->node[0].core, cap.id);
        lab_run(lab, 50);
        core_export_dead(lab->node[1].core, 500, REASON_RECEIVER_DIED);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_RECEIVER_DIED));
        ck_assert_uint_eq(lab_peer(lab, 1, 0).exports, 0);
        ck_assert_ptr_null(core_check(lab->node[1].core));
        lab_free(lab);
}
END_TEST

/* A message that waits may outlive a right in it. */
START_TEST(right_that_died_before_its_message_begins_arrives_dead)
{
        struct lab *lab = lab_make(2);
        lab->node[0].dead_token = 500;
        lab->node[0].dead_reason = REASON_REVOKED;
        struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        ck_assert_int_eq(cap.kind, CORE_CAP_NONE);
        ck_assert_uint_eq(cap.reason, REASON_REVOKED);
        ck_assert_uint_eq(lab->node[0].drops, 1);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        lab_free(lab);
}
END_TEST

/* A node that passes a right on hears that it has none left before it begins the message: what is
 * passed on is good, and stays so until it is dropped again. */
START_TEST(right_dropped_while_it_is_passed_on_is_good)
{
        for (unsigned waits = 0; waits < 2; waits++) {
                struct lab *lab = lab_make(3);
                struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
                struct core_message message = lab_message(1);
                lab->node[1].proxy_token = 600;
                core_import_drop(lab->node[1].core, cap.id);
                if (waits) {
                        /* A packet to its owner goes meanwhile. */
                        core_send(lab->node[1].core, lab->node[1].root[0], &message, lab->now);
                        core_flush(lab->node[1].core, lab->now);
                }
                message = with_cap(CORE_CAP_IMPORT, cap.id);
                core_send(lab->node[1].core, lab->node[1].root[2], &message, lab->now);
                lab_run(lab, 50);
                ck_assert_int_eq(lab_delivered(lab, 2)->message.cap[0].kind, CORE_CAP_IMPORT);
                ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 1);
                ck_assert_uint_eq(lab_peer(lab, 1, 0).imports, 1);
                core_export_dead(lab->node[0].core, 500, REASON_REVOKED);
                lab_run(lab, 50);
                ck_assert_uint_eq(lab->node[1].imports_died, 1);
                lab->node[1].proxy_token = 0;
                lab_free(lab);
        }
}
END_TEST

enum { CHAIN = 14 };

/* Rights that only messages hold which wait for other such rights: when the first dies, all die,
 * one after the other and not one inside the other. */
START_TEST(chain_of_held_messages_ends_whole)
{
        struct lab *lab = lab_make(2);
        uint32_t id[CHAIN];
        for (unsigned i = 0; i < CHAIN; i++)
                id[i] = (uint16_t)pass(lab, 1, 0, CORE_CAP_LOCAL, 500 + i).id;
        for (unsigned i = 0; i + 1 < CHAIN; i++) {
                struct {
                        struct wire_msg msg;
                        struct wire_capability cap;
                } frame = {
                    .msg = {.type = FRAME_MSG,
                            .flags = MSG_FLAG_LAST | MSG_FLAG_ONEWAY,
                            .fragment_length = sizeof(frame.cap),
                            .caps = 1,
                            .call = wire_call_id(0, i + 1),
                            .export_id = id[i],
                            .generation = 1,
                            .total = sizeof(frame.cap),
                            .order = 2,
                            .deadline = WIRE_NO_DEADLINE},
                    .cap = {.kind = CAPABILITY_HOME, .export_id = id[i + 1], .generation = 1}};
                lab_forge(lab, 0, 1, &frame, sizeof(frame));
        }
        ck_assert_uint_eq(lab_session(lab, 1, 0)->held_count, CHAIN - 1);
        for (unsigned i = 1; i < CHAIN; i++) {
                struct {
                        struct wire_release release;
                        struct wire_release_entry entry;
                } frame = {.release = {.type = FRAME_RELEASE, .count = 1, .sequence = i},
                           .entry = {id[i], 1, 1}};
                lab_forge(lab, 0, 1, &frame, sizeof(frame));
        }
        ck_assert_uint_eq(lab_peer(lab, 1, 0).exports, CHAIN);
        core_export_dead(lab->node[1].core, 500, REASON_REVOKED);
        ck_assert_uint_eq(lab_session(lab, 1, 0)->held_count, 0);
        ck_assert_uint_eq(lab_peer(lab, 1, 0).exports, 1); /* the first, until its holder lets go */
        ck_assert_uint_eq(lab->node[1].drops, CHAIN);
        ck_assert_uint_eq(lab->node[1].warnings, 0);
        lab_free(lab);
}
END_TEST

START_TEST(reference_under_way_revives_what_is_being_given_back)
{
        struct lab *lab = lab_make(2);
        struct core_cap first = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        struct core_message message = with_cap(CORE_CAP_LOCAL, 500);
        core_import_drop(lab->node[1].core, first.id);
        core_send(lab->node[0].core, lab->node[0].root[1], &message, lab->now);
        lab_run(lab, 50);
        struct core_cap again = lab_delivered(lab, 1)->message.cap[0];
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 1);
        message = lab_message(7);
        ck_assert_uint_eq(core_send(lab->node[1].core, again.id, &message, lab->now), OUTCOME_OK);
        lab_run(lab, 5);
        ck_assert_uint_eq(lab_delivered(lab, 0)->token, 500);
        core_import_drop(lab->node[1].core, again.id);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        lab_free(lab);
}
END_TEST

START_TEST(right_comes_home_as_itself)
{
        struct lab *lab = lab_make(2);
        struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        struct core_cap home = pass(lab, 1, 0, CORE_CAP_IMPORT, cap.id);
        ck_assert_int_eq(home.kind, CORE_CAP_LOCAL);
        ck_assert_uint_eq(home.id, 500);
        lab_free(lab);
}
END_TEST

static bool drop_next_of_one(struct lab *lab, struct lab_packet *packet)
{
        return packet->from != 1 || lab->filtered++ != 0;
}

START_TEST(release_does_not_overtake_a_right_going_home)
{
        struct lab *lab = lab_make(2);
        struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        struct core_message plain = lab_message(1);
        struct core_message message = with_cap(CORE_CAP_IMPORT, cap.id);
        lab->filter = drop_next_of_one;
        core_send(lab->node[1].core, lab->node[1].root[0], &plain, lab->now);
        core_flush(lab->node[1].core, lab->now); /* lost: the next one must wait for it */
        core_send(lab->node[1].core, lab->node[1].root[0], &message, lab->now);
        core_flush(lab->node[1].core, lab->now);
        core_import_drop(lab->node[1].core, cap.id);
        lab_run(lab, 500);
        ck_assert_uint_eq(lab_delivered(lab, 0)->message.cap[0].id, 500);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        ck_assert_uint_eq(lab->node[0].warnings, 0);
        lab_free(lab);
}
END_TEST

START_TEST(third_node_gets_a_right_through_the_introducer)
{
        struct lab *lab = lab_make(3);
        struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        lab->node[1].proxy_token = 600;
        struct core_cap third = pass(lab, 1, 2, CORE_CAP_IMPORT, cap.id);
        ck_assert_int_eq(third.kind, CORE_CAP_IMPORT);
        struct core_message message = lab_message(7);
        core_send(lab->node[2].core, third.id, &message, lab->now);
        lab_run(lab, 5);
        ck_assert_uint_eq(lab_delivered(lab, 1)->token, 600);
        lab->node[1].proxy_token = 0;
        struct core_cap none = pass(lab, 1, 2, CORE_CAP_IMPORT, cap.id);
        ck_assert_int_eq(none.kind, CORE_CAP_NONE);
        ck_assert_uint_eq(none.reason, REASON_REVOKED);
        lab_free(lab);
}
END_TEST

START_TEST(revoked_right_is_told_and_leaves_no_entry)
{
        struct lab *lab = lab_make(2);
        struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        core_export_dead(lab->node[0].core, 500, REASON_REVOKED);
        ck_assert_uint_eq(lab->node[0].drops, 1);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab->node[1].died, cap.id);
        ck_assert_int_eq(lab->node[1].died_reason, REASON_REVOKED);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        ck_assert_uint_eq(lab_peer(lab, 1, 0).imports, 0);
        lab_free(lab);
}
END_TEST

START_TEST(call_to_a_right_that_dies_meanwhile_is_not_executed)
{
        struct lab *lab = lab_make(2);
        struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        struct core_message message = lab_message(1);
        unsigned before = lab->node[0].deliveries;
        core_call(lab->node[1].core, cap.id, &message, 1, NULL, lab->now);
        core_export_dead(lab->node[0].core, 500, REASON_RECEIVER_DIED);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab_completed(lab, 1)->outcome, not_executed(REASON_RECEIVER_DIED));
        ck_assert_uint_eq(lab->node[0].deliveries, before);
        lab_free(lab);
}
END_TEST

START_TEST(reply_right_serves_once)
{
        struct lab *lab = lab_make(2);
        struct core_message message = with_cap(CORE_CAP_LOCAL, 500), answer = lab_message(9);
        message.cap[0].type = CAPABILITY_REPLY;
        core_send(lab->node[0].core, lab->node[0].root[1], &message, lab->now);
        lab_run(lab, 5);
        struct core_cap cap = lab_delivered(lab, 1)->message.cap[0];
        ck_assert_int_eq(cap.type, CAPABILITY_REPLY);
        answer.outcome = answered(REASON_EXISTS);
        core_send(lab->node[1].core, cap.id, &answer, lab->now);
        core_send(lab->node[1].core, cap.id, &answer, lab->now);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab->node[0].deliveries, 1);
        ck_assert_uint_eq(lab_delivered(lab, 0)->message.outcome, answered(REASON_EXISTS));
        ck_assert_uint_eq(lab->node[0].drops, 1);
        core_import_drop(lab->node[1].core, cap.id);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        lab_free(lab);
}
END_TEST

START_TEST(exports_are_bounded)
{
        struct lab *lab = lab_make(2);
        for (unsigned i = 0; i < 30; i++)
                pass(lab, 0, 1, CORE_CAP_LOCAL, 2000 + i);
        struct core_message message = with_cap(CORE_CAP_LOCAL, 3000);
        ck_assert_uint_eq(core_send(lab->node[0].core, lab->node[0].root[1], &message, lab->now),
                          not_executed(REASON_OVERLOADED));
        lab_free(lab);
}
END_TEST

START_TEST(lost_session_gives_all_rights_back)
{
        struct lab *lab = lab_make(2);
        struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        lab->cut[0][1] = lab->cut[1][0] = true;
        lab_run(lab, 2500);
        ck_assert_uint_eq(lab->node[0].drops, 1);
        ck_assert_uint_eq(lab->node[1].imports_died, 2); /* with the root */
        struct core_message message = lab_message(1);
        ck_assert_uint_eq(core_send(lab->node[1].core, cap.id, &message, lab->now),
                          not_executed(REASON_NODE_DIED));
        lab_free(lab);
}
END_TEST

START_TEST(ten_thousand_passes_leave_no_entry)
{
        struct lab *lab = lab_make(2);
        for (unsigned i = 0; i < 400; i++) {
                struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 5000 + i);
                for (unsigned j = 0; j < 24; j++) {
                        struct core_message message = with_cap(CORE_CAP_LOCAL, 5000 + i);
                        core_send(lab->node[0].core, lab->node[0].root[1], &message, lab->now);
                        if (j % 8 == 7)
                                lab_run(lab, 1);
                }
                lab_run(lab, 20);
                core_import_drop(lab->node[1].core, cap.id);
                lab_run(lab, 15);
                for (unsigned j = 0; j < lab->node[1].deliveries; j++)
                        free(lab->node[1].delivery[j].bytes);
                lab->node[1].deliveries = 0;
        }
        lab_run(lab, 50);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        ck_assert_uint_eq(lab_peer(lab, 1, 0).imports, 0);
        ck_assert_uint_eq(lab->node[0].drops, 400 * 25);
        lab_free(lab);
}
END_TEST

START_TEST(answer_that_nobody_takes_leaves_no_import)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 1, NULL, lab->now);
        lab_run(lab, 5);
        message = with_cap(CORE_CAP_LOCAL, 500);
        core_reply(lab->node[1].core, lab_delivered(lab, 1)->call, OUTCOME_OK, &message, lab->now);
        lab->node[0].refuse = not_executed(REASON_NO_MEMORY);
        lab_run(lab, 50);
        ck_assert(lab_completed(lab, 0)->answered);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).imports, 0);
        ck_assert_uint_eq(lab_peer(lab, 1, 0).exports, 0);
        ck_assert_uint_eq(lab->node[1].drops, 1);
        lab_free(lab);
}
END_TEST

/* The adapter's other badges have one of them set. */
START_TEST(imports_leave_the_two_uppermost_bits_free)
{
        struct lab *lab = lab_make(2);
        lab->node[1].core->import_serial = (1ull << 38) - 4;
        for (unsigned i = 0; i < 8; i++) {
                struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 500 + i);
                ck_assert_uint_eq(cap.id >> 62, 0);
                struct core_message message = lab_message(7);
                ck_assert_uint_eq(core_send(lab->node[1].core, cap.id, &message, lab->now),
                                  OUTCOME_OK);
                lab_run(lab, 5);
                ck_assert_uint_eq(lab_delivered(lab, 0)->token, 500 + i);
        }
        lab_free(lab);
}
END_TEST

/* Whoever revokes a right may give any number as the reason; the peer must not suffer for it. */
START_TEST(death_for_a_reason_that_is_not_for_the_wire_ends_no_session)
{
        struct lab *lab = lab_make(2);
        struct core_cap cap = pass(lab, 0, 1, CORE_CAP_LOCAL, 500);
        core_export_dead(lab->node[0].core, 500, (enum reason)200);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab->node[1].died, cap.id);
        ck_assert_int_eq(lab->node[1].died_reason, REASON_REVOKED);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
        lab_free(lab);
}
END_TEST

Suite *reference_suite(void)
{
        Suite *suite = suite_create("reference");
        TCase *tests = tcase_create("reference");
        tcase_set_timeout(tests, 60);
        tcase_add_test(tests, right_is_counted_and_given_back);
        tcase_add_test(tests, references_are_listed_by_id);
        tcase_add_test(tests, more_references_than_32_bits_count);
        tcase_add_test(tests, right_given_back_serves_the_messages_that_wait);
        tcase_add_test(tests, right_that_waits_at_home_is_given_back);
        tcase_add_test(tests, right_dropped_while_it_is_passed_on_is_good);
        tcase_add_test(tests, right_that_died_before_its_message_begins_arrives_dead);
        tcase_add_test(tests, right_given_back_may_die_before_the_messages_that_wait);
        tcase_add_test(tests, chain_of_held_messages_ends_whole);
        tcase_add_test(tests, reference_under_way_revives_what_is_being_given_back);
        tcase_add_test(tests, right_comes_home_as_itself);
        tcase_add_test(tests, release_does_not_overtake_a_right_going_home);
        tcase_add_test(tests, third_node_gets_a_right_through_the_introducer);
        tcase_add_test(tests, revoked_right_is_told_and_leaves_no_entry);
        tcase_add_test(tests, call_to_a_right_that_dies_meanwhile_is_not_executed);
        tcase_add_test(tests, reply_right_serves_once);
        tcase_add_test(tests, exports_are_bounded);
        tcase_add_test(tests, lost_session_gives_all_rights_back);
        tcase_add_test(tests, ten_thousand_passes_leave_no_entry);
        tcase_add_test(tests, answer_that_nobody_takes_leaves_no_import);
        tcase_add_test(tests, imports_leave_the_two_uppermost_bits_free);
        tcase_add_test(tests, death_for_a_reason_that_is_not_for_the_wire_ends_no_session);
        suite_add_tcase(suite, tests);
        return suite;
}
