/* What each peer gets, by how many are expected: from one to more than there can be. */
#include <string.h>
#include "netipc/server/shares.h"
#include "tests/unit/transport/kernel.h"

static const struct share {
        const char *nodes;
        unsigned peers, credit, calls, exports, content;
} shares[] = {
    {"", 1, 246, 128, 1024, 1 << 20},
    {"n1", 1, 246, 128, 1024, 1 << 20},
    {"n1,n2", 1, 246, 128, 1024, 1 << 20},
    {"n1,n2,n3", 2, 118, 128, 1024, 1 << 19},
    {"a,b,c,d,e,f", 5, 41, 102, 819, (1 << 20) / 5},
    {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", 16, 6, 32, 256, WIRE_CONTENT_MAX},
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

Suite *shares_suite(void)
{
        Suite *suite = suite_create("shares");
        TCase *tests = tcase_create("shares");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_loop_test(tests, peers_that_are_expected_divide_what_there_is, 0,
                            sizeof(shares) / sizeof(*shares));
        suite_add_tcase(suite, tests);
        return suite;
}
