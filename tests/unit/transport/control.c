/* The nodes that the boot configuration names: what is said when they have come, and what looking
 * for them costs; and what the interface `node` answers, also to those that watch. */
#include <string.h>
#include "netipc/server/control.h"
#include "netipc/server/members.h"
#include "servers/proto/directory.h"
#include "servers/proto/nodes.h"
#include "tests/unit/transport/kernel.h"

static void come(unsigned slot, const char *name)
{
        struct core_peer_info *peer = &kernel.peer[slot];
        *peer = (struct core_peer_info){.node = slot + 2, .state = CORE_PEER_UP, .root = slot + 1};
        strcpy(peer->name, name);
        members_changed();
        members_work();
}

static void control_reset(void)
{
        kernel_reset();
        strcpy(transport.node, "n1");
}

START_TEST(joined_is_said_once_when_all_have_come)
{
        members_init("n1,n2,n3");
        members_work();
        come(0, "n3");
        ck_assert_uint_eq(kernel.lines, 0);
        come(1, "n2");
        ck_assert_str_eq(kernel.line, "boot: joined n2 n3");
        come(2, "n4");
        ck_assert_uint_eq(kernel.lines, 1);
}
END_TEST

/* It is asked at each turn of the loop: also with every message. */
START_TEST(node_that_is_away_costs_nothing)
{
        members_init("n1,n2,n3");
        members_work();
        come(0, "n2");
        kernel.peers_read = 0;
        for (unsigned i = 0; i < 1000; i++)
                members_work();
        ck_assert_uint_eq(kernel.peers_read, 0);
}
END_TEST

START_TEST(what_no_node_can_be_called_is_left_out)
{
        members_init("n1,N2,n3,abcdefghijklmnop");
        ck_assert_uint_eq(kernel.lines, 2);
        ck_assert_str_eq(kernel.line,
                         "warning: nodes=abcdefghijklmnop: no node can have that name");
        come(0, "n3");
        ck_assert_str_eq(kernel.line, "boot: joined n3");
}
END_TEST

/* The table, as `node.table` tells it; returns how many records. */
static unsigned table_read(struct node_record table[NODE_TABLE_MAX], uint64_t *version)
{
        const void *nodes;
        size_t length;
        struct request request = {0};
        ck_assert_uint_eq(control_handlers.table(&request, version, &nodes, &length), OUTCOME_OK);
        ck_assert_uint_le(length, NODE_TABLE_MAX * sizeof(*table));
        memcpy(table, nodes, length);
        return (unsigned)(length / sizeof(*table));
}

static bool is(const struct node_record *record, const char *name, uint64_t state, uint64_t reason)
{
        return strcmp(record->name, name) == 0 && record->state == state &&
               record->reason == reason;
}

/* Who is only heard of, as n5, is none of them. */
START_TEST(nodes_are_in_the_table_this_one_first_and_each_once)
{
        struct node_record table[NODE_TABLE_MAX];
        uint64_t version;
        members_init("n1,n2,n3,n4");
        come(0, "n3");
        kernel.peer[0].rtt = 7;
        kernel.peer[0].epoch[15] = 9;
        kernel.peer[1] = (struct core_peer_info){
            .node = 9, .state = CORE_PEER_DOWN, .reason = REASON_NODE_DIED, .name = "n2"};
        kernel.peer[2] = (struct core_peer_info){.node = 10, .state = CORE_PEER_NEW, .name = "n5"};
        kernel.peer[3] = (struct core_peer_info){.node = 11, .state = CORE_PEER_NEW, .name = "n4"};
        ck_assert_uint_eq(table_read(table, &version), 4);
        ck_assert(is(&table[0], "n1", NODE_STATE_SELF, 0));
        ck_assert(is(&table[1], "n3", NODE_STATE_UP, 0));
        ck_assert(is(&table[2], "n2", NODE_STATE_DEAD, REASON_NODE_DIED));
        ck_assert(is(&table[3], "n4", NODE_STATE_JOINING, 0));
        ck_assert(table[0].epoch_high == 1ull << 56 && table[0].epoch_low == 0);
        ck_assert(table[1].epoch_high == 0 && table[1].epoch_low == 9 && table[1].rtt == 7);
        ck_assert(table[3].epoch_high == 0 && table[3].epoch_low == 0);
}
END_TEST

/* ---- watches --------------------------------------------------------------------------------- */

static struct received_cap event_cap(void)
{
        struct received_cap cap = kernel_cap(kernel_right(RIGHTS_ALL));
        cap.type = OBJECT_EVENT;
        return cap;
}

static uint64_t badge_of(handle_t right)
{
        return kernel.right[kernel.handle[right].identity].badge;
}

/* The handle of who gets a copy. */
static handle_t arrived(const struct send_cap *sent)
{
        uint64_t issues;
        handle_t right;
        ck_assert_uint_eq(sent->flags & SEND_CAP_MOVE, 0);
        ck_assert_uint_eq(sys_right_issue(transport.server.port, badge_of(sent->handle), RIGHTS_ALL,
                                          &right, &issues),
                          OUTCOME_OK);
        return right;
}

/* Returns the outcome; the right is *right. */
static outcome_t watch(uint64_t version, uint64_t bits, handle_t *right)
{
        struct request request = {0};
        struct received_cap event = event_cap();
        struct send_cap sent = {0};
        outcome_t outcome = control_handlers.watch(&request, version, bits, &event, &sent);
        if (outcome == OUTCOME_OK)
                *right = arrived(&sent);
        return outcome;
}

/* As the kernel does when the last handle is closed. */
static void unwatch(handle_t right)
{
        uint64_t badge = badge_of(right);
        ck_assert_uint_eq(badge & BADGE_OTHER, BADGE_WATCH);
        sys_handle_close(right);
        transport.now += WATCH_GIVEN;
        members_work();
        members_unwatch(badge);
}

static uint64_t signalled(void)
{
        uint64_t bits = kernel.signalled;
        kernel.signalled = 0;
        return bits;
}

START_TEST(a_watch_misses_nothing_and_is_told_nothing_twice)
{
        struct node_record table[NODE_TABLE_MAX];
        uint64_t before, version;
        handle_t right;
        table_read(table, &before);
        come(0, "n2");
        table_read(table, &version);
        ck_assert_uint_ne(version, before);
        ck_assert_uint_eq(watch(before, 4, &right), OUTCOME_OK);
        ck_assert_uint_eq(signalled(), 4); /* n2 has come in between */
        unwatch(right);
        ck_assert_uint_eq(watch(version, 2, &right), OUTCOME_OK);
        members_work();
        ck_assert_uint_eq(signalled(), 0);
        kernel.peer[0].state = CORE_PEER_DOWN;
        members_changed();
        members_work();
        ck_assert_uint_eq(signalled(), 2);
        members_work();
        ck_assert_uint_eq(signalled(), 0);
        unwatch(right);
        come(0, "n2");
        ck_assert_uint_eq(signalled(), 0);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

/* An answer to a far program passes our own port, and its right must not have ended by then. */
START_TEST(a_watch_has_a_handle_until_its_answer_has_passed)
{
        handle_t right;
        unsigned before = kernel_handles();
        ck_assert_uint_eq(watch(0, 1, &right), OUTCOME_OK);
        members_work();
        ck_assert_uint_eq(kernel_handles(), before + 3);
        transport.now += WATCH_GIVEN - 1;
        members_work();
        ck_assert_uint_eq(kernel_handles(), before + 3);
        transport.now++;
        members_work();
        ck_assert_uint_eq(kernel_handles(), before + 2);
        unwatch(right);
        ck_assert_uint_eq(kernel_handles(), before);
}
END_TEST

START_TEST(a_watch_that_cannot_be_leaves_nothing)
{
        struct request request = {0};
        struct send_cap sent = {0};
        struct received_cap no_event = kernel_cap(kernel_right(RIGHTS_ALL));
        handle_t right;
        ck_assert_uint_eq(control_handlers.watch(&request, 0, 1, &no_event, &sent),
                          answered(REASON_WRONG_TYPE));
        sys_handle_close(no_event.handle);
        ck_assert_uint_eq(watch(0, 0, &right), answered(REASON_INVALID));
        struct received_cap event = event_cap();
        kernel.handles_left = 0;
        ck_assert_uint_eq(control_handlers.watch(&request, 0, 1, &event, &sent),
                          answered(REASON_NO_MEMORY));
        ck_assert_uint_eq(kernel_handles(), 0);
        ck_assert_uint_eq(signalled(), 0);
}
END_TEST

/* An event that stands for one of the peer in that slot. */
static struct received_cap event_of_peer(unsigned slot)
{
        struct received_cap cap = {.type = OBJECT_EVENT};
        cap.handle = event_proxy(&transport.events, (core_import_t)slot << 16 | 1, RIGHTS_ALL);
        return cap;
}

START_TEST(a_node_with_too_many_watches_leaves_the_others_theirs)
{
        struct request request = {0};
        handle_t right[WATCHES_EACH + 1];
        struct send_cap sent;
        for (unsigned i = 0; i < WATCHES_EACH; i++) {
                struct received_cap event = event_of_peer(3);
                ck_assert_uint_eq(control_handlers.watch(&request, 0, 1, &event, &sent),
                                  OUTCOME_OK);
                right[i] = arrived(&sent);
        }
        struct received_cap more = event_of_peer(3);
        ck_assert_uint_eq(control_handlers.watch(&request, 0, 1, &more, &sent),
                          answered(REASON_OVERLOADED));
        struct received_cap other = event_of_peer(4);
        ck_assert_uint_eq(control_handlers.watch(&request, 0, 1, &other, &sent), OUTCOME_OK);
        right[WATCHES_EACH] = arrived(&sent);
        unwatch(right[0]);
        ck_assert_uint_eq(watch(0, 1, &right[0]), OUTCOME_OK);
        for (unsigned i = 0; i <= WATCHES_EACH; i++)
                unwatch(right[i]);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

/* ---- ping ------------------------------------------------------------------------------------ */

static outcome_t ping(const char *node)
{
        struct request request = {.reply = 5, .priority = 3, .deadline = 1000};
        uint64_t rtt = 1;
        return control_handlers.ping(&request, node, strlen(node), &rtt);
}

START_TEST(ping_goes_to_the_name_service_of_a_node_that_is_up)
{
        come(0, "n2");
        ck_assert_uint_eq(ping("n2"), RT_DEFERRED);
        ck_assert_uint_eq(kernel.far_calls, 1);
        ck_assert_uint_eq(kernel.far_message.interface, DIRECTORY_INTERFACE);
        ck_assert_uint_eq(kernel.far_message.method, DIRECTORY_METHOD_PING);
        ck_assert_uint_eq(kernel.far_message.priority, 3);
        ck_assert_uint_eq(kernel.far_message.deadline, 1000);
        ck_assert_uint_eq(transport.pending.under_way, 1);
}
END_TEST

START_TEST(ping_of_this_node_and_of_none_that_is_up_goes_nowhere)
{
        kernel.peer[0] = (struct core_peer_info){
            .node = 9, .state = CORE_PEER_DOWN, .reason = REASON_NODE_RESTARTED, .name = "n2"};
        kernel.peer[1] = (struct core_peer_info){.node = 10, .state = CORE_PEER_NEW, .name = "n3"};
        ck_assert_uint_eq(ping("n1"), OUTCOME_OK);
        ck_assert_uint_eq(ping("n2"), answered(REASON_NODE_RESTARTED));
        ck_assert_uint_eq(ping("n3"), answered(REASON_NODE_DIED));
        ck_assert_uint_eq(ping("n4"), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(ping("a-name-that-no-node-has"), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(kernel.far_calls, 0);
}
END_TEST

START_TEST(ping_that_cannot_be_sent_leaves_no_call)
{
        come(0, "n2");
        kernel.core = not_executed(REASON_OVERLOADED);
        ck_assert_uint_eq(ping("n2"), not_executed(REASON_OVERLOADED));
        ck_assert_uint_eq(transport.pending.under_way, 0);
        for (unsigned i = 0; i < PENDING_MAX; i++)
                ck_assert_ptr_nonnull(pending_add(&transport.pending, PENDING_PING, 1));
        kernel.core = OUTCOME_OK;
        ck_assert_uint_eq(ping("n2"), answered(REASON_OVERLOADED));
}
END_TEST

START_TEST(references_are_told_one_by_one)
{
        struct request request = {0};
        const void *peer, *what;
        size_t peer_length, what_length;
        uint64_t direction, id, generation, count;
        kernel.references = 2;
        for (unsigned i = 0; i < 2; i++) {
                ck_assert_uint_eq(control_handlers.exports(&request, i, &peer, &peer_length, &what,
                                                           &what_length, &direction, &id,
                                                           &generation, &count),
                                  OUTCOME_OK);
                ck_assert_uint_eq(direction,
                                  i == 0 ? NODE_REFERENCE_EXPORT : NODE_REFERENCE_IMPORT);
                ck_assert(peer_length == 2 && memcmp(peer, "n2", 2) == 0 && what_length == 0);
                ck_assert(id == i + 7 && generation == 3 && count == 2);
        }
        const uint64_t none[] = {2, 1ull << 32};
        for (unsigned i = 0; i < 2; i++)
                ck_assert_uint_eq(control_handlers.exports(&request, none[i], &peer, &peer_length,
                                                           &what, &what_length, &direction, &id,
                                                           &generation, &count),
                                  answered(REASON_NOT_FOUND));
}
END_TEST

START_TEST(the_card_is_told_as_it_is)
{
        struct request request = {0};
        uint64_t mac, mtu, least, sealed;
        memcpy(transport.link.own.mac, "\x52\x54\0\0\0\x7", 6);
        transport.link.mtu = 1500;
        ck_assert_uint_eq(control_handlers.link(&request, &mac, &mtu, &least, &sealed), OUTCOME_OK);
        ck_assert_uint_eq(mac, 0x525400000007);
        ck_assert_uint_eq(mtu, 1500);
        ck_assert_uint_eq(least, LINK_MTU);
        ck_assert_uint_eq(sealed, transport.sealing);
}
END_TEST

Suite *control_suite(void)
{
        Suite *suite = suite_create("control");
        TCase *tests = tcase_create("control");
        tcase_add_checked_fixture(tests, control_reset, NULL);
        tcase_add_test(tests, joined_is_said_once_when_all_have_come);
        tcase_add_test(tests, node_that_is_away_costs_nothing);
        tcase_add_test(tests, what_no_node_can_be_called_is_left_out);
        tcase_add_test(tests, nodes_are_in_the_table_this_one_first_and_each_once);
        tcase_add_test(tests, a_watch_misses_nothing_and_is_told_nothing_twice);
        tcase_add_test(tests, a_watch_has_a_handle_until_its_answer_has_passed);
        tcase_add_test(tests, a_watch_that_cannot_be_leaves_nothing);
        tcase_add_test(tests, a_node_with_too_many_watches_leaves_the_others_theirs);
        tcase_add_test(tests, ping_goes_to_the_name_service_of_a_node_that_is_up);
        tcase_add_test(tests, ping_of_this_node_and_of_none_that_is_up_goes_nowhere);
        tcase_add_test(tests, ping_that_cannot_be_sent_leaves_no_call);
        tcase_add_test(tests, references_are_told_one_by_one);
        tcase_add_test(tests, the_card_is_told_as_it_is);
        suite_add_tcase(suite, tests);
        return suite;
}
