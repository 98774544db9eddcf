/* The nodes that the boot configuration names: what is said when they have come, and what looking
 * for them costs; and what the interface `node` answers. */
#include <string.h>
#include "netipc/server/control.h"
#include "servers/proto/directory.h"
#include "servers/proto/nodes.h"
#include "tests/unit/transport/kernel.h"

static void come(unsigned slot, const char *name)
{
        struct core_peer_info *peer = &kernel.peer[slot];
        *peer = (struct core_peer_info){.node = slot + 2, .state = CORE_PEER_UP, .root = slot + 1};
        strcpy(peer->name, name);
        control_peer_up();
        control_check_joined();
}

static void control_reset(void)
{
        kernel_reset();
        strcpy(transport.node, "n1");
}

START_TEST(joined_is_said_once_when_all_have_come)
{
        control_init("n1,n2,n3");
        control_check_joined();
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
        control_init("n1,n2,n3");
        control_check_joined();
        come(0, "n2");
        kernel.peers_read = 0;
        for (unsigned i = 0; i < 1000; i++)
                control_check_joined();
        ck_assert_uint_eq(kernel.peers_read, 0);
}
END_TEST

START_TEST(what_no_node_can_be_called_is_left_out)
{
        control_init("n1,N2,n3,abcdefghijklmnop");
        ck_assert_uint_eq(kernel.lines, 2);
        ck_assert_str_eq(kernel.line,
                         "warning: nodes=abcdefghijklmnop: no node can have that name");
        come(0, "n3");
        ck_assert_str_eq(kernel.line, "boot: joined n3");
}
END_TEST

/* Whether the index-th node is that, as `node.list` tells it. */
static bool listed(uint64_t index, const char *name, uint64_t state, uint64_t reason)
{
        const void *text;
        size_t length;
        uint64_t is_state, high, low, why, rtt;
        struct request request = {0};
        if (control_handlers.list(&request, index, &text, &length, &is_state, &high, &low, &why,
                                  &rtt) != OUTCOME_OK)
                return false;
        return length == strlen(name) && memcmp(text, name, length) == 0 && is_state == state &&
               why == reason;
}

START_TEST(nodes_are_listed_this_one_first_and_each_once)
{
        control_init("n1,n2,n3,n4");
        come(0, "n3");
        kernel.peer[1] = (struct core_peer_info){
            .node = 9, .state = CORE_PEER_DOWN, .reason = REASON_NODE_DIED, .name = "n2"};
        kernel.peer[2] = (struct core_peer_info){.node = 10, .state = CORE_PEER_NEW, .name = "n5"};
        ck_assert(listed(0, "n1", NODE_STATE_SELF, 0));
        ck_assert(listed(1, "n3", NODE_STATE_UP, 0));
        ck_assert(listed(2, "n2", NODE_STATE_DEAD, REASON_NODE_DIED));
        ck_assert(listed(3, "n5", NODE_STATE_JOINING, 0));
        ck_assert(listed(4, "n4", NODE_STATE_JOINING, 0));
        ck_assert(!listed(5, "", 0, 0));
}
END_TEST

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
                ck_assert_uint_eq(direction, i == 0 ? NODE_EXPORT : NODE_IMPORT);
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
        tcase_add_test(tests, nodes_are_listed_this_one_first_and_each_once);
        tcase_add_test(tests, ping_goes_to_the_name_service_of_a_node_that_is_up);
        tcase_add_test(tests, ping_of_this_node_and_of_none_that_is_up_goes_nowhere);
        tcase_add_test(tests, ping_that_cannot_be_sent_leaves_no_call);
        tcase_add_test(tests, references_are_told_one_by_one);
        tcase_add_test(tests, the_card_is_told_as_it_is);
        suite_add_tcase(suite, tests);
        return suite;
}
