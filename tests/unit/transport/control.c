/* The nodes that the boot configuration names: what is said when they have come, and what looking
 * for them costs. */
#include <string.h>
#include "netipc/server/control.h"
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

Suite *control_suite(void)
{
        Suite *suite = suite_create("control");
        TCase *tests = tcase_create("control");
        tcase_add_checked_fixture(tests, control_reset, NULL);
        tcase_add_test(tests, joined_is_said_once_when_all_have_come);
        tcase_add_test(tests, node_that_is_away_costs_nothing);
        tcase_add_test(tests, what_no_node_can_be_called_is_left_out);
        suite_add_tcase(suite, tests);
        return suite;
}
