/* What each peer gets, by how many are expected: from one to more than there can be. */
#include <string.h>
#include "netipc/server/shares.h"
#include "tests/unit/transport/kernel.h"

static const struct share {
        const char *nodes;
        unsigned peers, credit, calls, exports, content;
} shares[] = {
    {"", 1, 242, 128, 1024, 1 << 20},
    {"n1", 1, 242, 128, 1024, 1 << 20},
    {"n1,n2", 1, 242, 128, 1024, 1 << 20},
    {"n1,n2,n3", 2, 114, 128, 1024, 1 << 19},
    {"a,b,c,d,e,f", 5, 37, 102, 819, (1 << 20) / 5},
    {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", 16, 4, 32, 256, WIRE_CONTENT_MAX},
    {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s", 18, 4, 28, 227, WIRE_CONTENT_MAX},
    {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,a,b,c,d,e,f,g,h", 33, 4, 16, 128,
     WIRE_CONTENT_MAX},
};

START_TEST(peers_that_are_expected_divide_what_there_is)
{
        const struct share *share = &shares[_i];
        struct core_config config = {0};
        share_out(&config, share->nodes);
        ck_assert_uint_eq(transport.far_calls.peers, share->peers);
        ck_assert_uint_eq(config.credit, share->credit);
        ck_assert_uint_eq(config.calls, share->calls);
        ck_assert_uint_eq(config.exports, share->exports);
        ck_assert_uint_eq(config.content, share->content);
}
END_TEST

/* Beyond it come control packets, and what of a large packet the window had not room for. */
START_TEST(credit_leaves_room_for_what_may_come_beyond_it)
{
        ck_assert_uint_eq(credit_of(1, WIRE_PACKET_BASE), 246);
        ck_assert_uint_eq(credit_of(1, 1500 - WIRE_IP_HEADERS), 246);
        ck_assert_uint_eq(credit_of(1, WIRE_PACKET_MAX), 246 - (WIRE_PLACES_MAX - 1));
        ck_assert_uint_eq(credit_of(16, 1500 - WIRE_IP_HEADERS), 6);
        ck_assert_uint_eq(credit_of(100, WIRE_PACKET_MAX), 4);
}
END_TEST

Suite *shares_suite(void)
{
        Suite *suite = suite_create("shares");
        TCase *tests = tcase_create("shares");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_loop_test(tests, peers_that_are_expected_divide_what_there_is, 0,
                            sizeof(shares) / sizeof(*shares));
        tcase_add_test(tests, credit_leaves_room_for_what_may_come_beyond_it);
        suite_add_tcase(suite, tests);
        return suite;
}
