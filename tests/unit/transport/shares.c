/* What each peer gets, by how many are expected: from one to more than there can be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "netipc/core/state.h"
#include "netipc/server/shares.h"
#include "tests/unit/transport/kernel.h"

enum { PEERS_MOST = 31, IMAGE = 1 << 20 /* with what is static, and the stack */ };

static const struct share {
        const char *nodes;
        unsigned peers, credit, calls, exports, content;
} shares[] = {
    {"", 1, 241, 128, 1024, 1 << 20},
    {"n1", 1, 241, 128, 1024, 1 << 20},
    {"n1,n2", 1, 241, 128, 1024, 1 << 20},
    {"n1,n2,n3", 2, 113, 128, 1024, 1 << 19},
    {"a,b,c,d,e,f", 5, 36, 102, 819, (1 << 20) / 5},
    {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", 16, 11, 32, 256, WIRE_CONTENT_MAX},
    {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s", 18, 9, 28, 227, WIRE_CONTENT_MAX},
    {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,a,b,c,d,e,f,g,h", 33, 3, 16, 128,
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

/* What all may have under way at once finds its place in the ring; who is alone has most of it. */
START_TEST(credit_and_what_comes_beyond_it_fit_the_ring)
{
        static const size_t sizes[] = {WIRE_PACKET_BASE, 1500 - WIRE_IP_HEADERS, WIRE_PACKET_MAX};
        for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
                for (unsigned peers = 1; peers <= PEERS_MOST; peers++) {
                        unsigned credit = credit_of(SHARES_BUFFERS, peers, sizes[i]);
                        ck_assert_uint_ge(credit, 4);
                        ck_assert_uint_le(peers * (credit + wire_beyond(credit, sizes[i])),
                                          SHARES_BUFFERS);
                }
        ck_assert_uint_eq(credit_of(SHARES_BUFFERS, 1, WIRE_PACKET_BASE), 245);
        ck_assert_uint_eq(credit_of(SHARES_BUFFERS, 1, 1500 - WIRE_IP_HEADERS), 245);
        ck_assert_uint_eq(credit_of(SHARES_BUFFERS, 1, WIRE_PACKET_MAX), 245 - WIRE_PLACES_MAX + 1);
        ck_assert_uint_eq(credit_of(SHARES_BUFFERS, 1, SIZE_MAX), 245 - WIRE_PLACES_MAX + 1);
        ck_assert_uint_eq(credit_of(64, PEERS_MOST, WIRE_PACKET_MAX), 1);
}
END_TEST

/* The manifest's line `memory`, in bytes. */
static size_t manifest_memory(void)
{
        char line[80];
        size_t mib = 0;
        FILE *file = fopen("netipc/server/manifest", "r");
        ck_assert_ptr_nonnull(file);
        while (fgets(line, sizeof(line), file))
                if (!strncmp(line, "memory ", 7))
                        mib = strtoul(line + 7, NULL, 10);
        fclose(file);
        return mib << 20;
}

/* All that is shared out, in full use at once. */
START_TEST(what_is_shared_out_fits_the_manifest)
{
        const size_t requests = FAR_CALLS_MAX * (size_t)FAR_CALL_BYTES_SMALL +
                                FAR_CALLS_LARGE * (size_t)MESSAGE_BYTES_MAX;
        const size_t answers = FAR_CALLS_MAX * (size_t)MESSAGE_BYTES_MAX;
        char nodes[2 * PEERS_MOST + 2] = "n";
        for (unsigned peers = 1; peers <= PEERS_MOST; peers++) {
                struct core_config config = {0};
                memcpy(nodes + 2 * peers - 1, ",n", 3);
                share_out(&config, nodes);
                ck_assert_uint_eq(transport.far_calls.peers, peers);
                const size_t session =
                    sizeof(struct session) + 2 * (size_t)config.content +
                    config.calls * (sizeof(struct call_slot) + sizeof(struct served_slot)) +
                    config.exports * (sizeof(struct exported) + sizeof(struct imported));
                ck_assert_uint_le(IMAGE + requests + answers + WAITING_BYTES + peers * session,
                                  manifest_memory());
        }
}
END_TEST

Suite *shares_suite(void)
{
        Suite *suite = suite_create("shares");
        TCase *tests = tcase_create("shares");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_loop_test(tests, peers_that_are_expected_divide_what_there_is, 0,
                            sizeof(shares) / sizeof(*shares));
        tcase_add_test(tests, what_is_shared_out_fits_the_manifest);
        tcase_add_test(tests, credit_and_what_comes_beyond_it_fit_the_ring);
        suite_add_tcase(suite, tests);
        return suite;
}
