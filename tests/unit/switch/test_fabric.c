/* Forwarding with recorded deliveries instead of sockets: three nodes and the gateway. */
#include "tests/unit/switch/cases.h"

#include <stdio.h>
#include <string.h>

#include "tools/switch/fabric.h"

enum { N1, N2, N3, BOOT, LOG_MAX = 4096 };

struct bench {
        struct fabric fabric;
        enum delivery answers[PORTS_MAX];
        unsigned delivered[PORTS_MAX];
        uint8_t last[FRAME_MAX];
        unsigned recorded;
        char comment[COMMENT_MAX];
        char fates[LOG_MAX]; /* per frame delivered, its port as a digit */
        size_t fates_used;
};

static struct bench bench;

static enum delivery deliver(void *context, unsigned port, const uint8_t *frame, size_t length,
                             uint64_t now)
{
        struct bench *b = context;
        (void)now;
        if (b->answers[port] != DELIVERED)
                return b->answers[port];
        memcpy(b->last, frame, length);
        b->delivered[port]++;
        if (b->fates_used < LOG_MAX - 1)
                b->fates[b->fates_used++] = (char)('0' + port);
        return DELIVERED;
}

static void record(void *context, unsigned port, const uint8_t *frame, size_t length,
                   const char *comment, uint64_t now)
{
        struct bench *b = context;
        (void)port, (void)frame, (void)length, (void)now;
        b->recorded++;
        snprintf(b->comment, sizeof b->comment, "%s", comment ? comment : "");
}

static struct mac node_mac(unsigned node)
{
        return (struct mac){{0x52, 0x54, 0, 0, 0, (uint8_t)(node + 1)}};
}

static const struct mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static void bench_start(uint64_t seed)
{
        const struct fabric_env env = {&bench, deliver, record};
        fabric_destroy(&bench.fabric);
        memset(&bench, 0, sizeof bench);
        fabric_init(&bench.fabric, env, seed);
        ck_assert(fabric_add_node(&bench.fabric, "n1", node_mac(N1)));
        ck_assert(fabric_add_node(&bench.fabric, "n2", node_mac(N2)));
        ck_assert(fabric_add_node(&bench.fabric, "n3", node_mac(N3)));
        ck_assert(fabric_add_gateway(&bench.fabric, node_mac(BOOT)));
}

static void setup(void)
{
        bench_start(1);
}

static void teardown(void)
{
        fabric_destroy(&bench.fabric);
}

static void frame_input(unsigned from, struct mac to, uint64_t now)
{
        uint8_t frame[60] = {0};
        mac_put(frame, to);
        mac_put(frame + 6, node_mac(from));
        fabric_input(&bench.fabric, from, frame, sizeof frame, now);
}

static void expect(unsigned n1, unsigned n2, unsigned n3, unsigned boot)
{
        ck_assert_uint_eq(bench.delivered[N1], n1);
        ck_assert_uint_eq(bench.delivered[N2], n2);
        ck_assert_uint_eq(bench.delivered[N3], n3);
        ck_assert_uint_eq(bench.delivered[BOOT], boot);
}

static void impair(unsigned from, unsigned to, struct impairment impairment)
{
        bench.fabric.links[from][to].own = impairment;
        bench.fabric.links[from][to].has_own = true;
}

START_TEST(a_known_address_gets_the_frame_alone)
{
        frame_input(N1, node_mac(N2), 0);
        expect(0, 1, 0, 0);
        ck_assert_uint_eq(bench.recorded, 1);
        ck_assert_str_eq(bench.comment, "");
        ck_assert_uint_eq(bench.fabric.port[N1].in_frames, 1);
        ck_assert_uint_eq(bench.fabric.port[N2].out_bytes, 60);
}
END_TEST

START_TEST(broadcast_and_unknown_addresses_reach_all_others)
{
        frame_input(N2, broadcast, 0);
        frame_input(N2, (struct mac){{2, 2, 2, 2, 2, 2}}, 0);
        fabric_run(&bench.fabric, 0);
        expect(2, 0, 2, 2);
        ck_assert_uint_eq(bench.recorded, 2);
}
END_TEST

START_TEST(a_learned_address_gets_the_frame_alone)
{
        const struct mac other = {{2, 2, 2, 2, 2, 2}};
        uint8_t frame[60] = {0};
        mac_put(frame, node_mac(N1));
        mac_put(frame + 6, other);
        fabric_input(&bench.fabric, N3, frame, sizeof frame, 0);
        frame_input(N1, other, 0);
        expect(1, 0, 1, 0);
}
END_TEST

/* 9000 bytes behind the header, a VLAN tag among them. */
START_TEST(a_jumbo_frame_comes_out_as_it_went_in)
{
        enum { JUMBO = 14 + 4 + 9000 };
        uint8_t frame[JUMBO];
        memset(frame, 0x5a, sizeof frame);
        mac_put(frame, node_mac(N2));
        mac_put(frame + 6, node_mac(N1));
        fabric_input(&bench.fabric, N1, frame, sizeof frame, 0);
        expect(0, 1, 0, 0);
        ck_assert_mem_eq(bench.last, frame, sizeof frame);
        ck_assert_uint_eq(bench.fabric.port[N2].out_bytes, JUMBO);
}
END_TEST

START_TEST(frames_of_wrong_length_are_dropped)
{
        uint8_t frame[FRAME_MAX + 1] = {0};
        fabric_input(&bench.fabric, N1, frame, 0, 0);
        fabric_input(&bench.fabric, N1, frame, FRAME_MIN - 1, 0);
        fabric_input(&bench.fabric, N1, frame, FRAME_MAX + 1, 0);
        expect(0, 0, 0, 0);
        ck_assert_uint_eq(bench.fabric.port[N1].drops[DROP_MALFORMED], 3);
        ck_assert_str_eq(bench.comment, "dropped: malformed");
        ck_assert_uint_eq(bench.recorded, 3);
}
END_TEST

START_TEST(a_frame_to_its_own_sender_has_no_receiver)
{
        frame_input(N1, node_mac(N1), 0);
        expect(0, 0, 0, 0);
        ck_assert_str_eq(bench.comment, "dropped: no receiver");
}
END_TEST

START_TEST(loss_is_counted_and_written_down)
{
        impair(N1, N2, (struct impairment){.loss = PPM});
        frame_input(N1, node_mac(N2), 0);
        ck_assert_str_eq(bench.comment, "dropped: loss");
        frame_input(N1, broadcast, 0);
        ck_assert_str_eq(bench.comment, "n2 dropped: loss");
        frame_input(N2, node_mac(N1), 0);
        expect(1, 0, 1, 0);
        ck_assert_uint_eq(bench.fabric.port[N1].drops[DROP_LOSS], 2);
}
END_TEST

START_TEST(partition_divides_nodes_but_not_boot)
{
        bench.fabric.partitioned = true;
        bench.fabric.port[N1].group = 1;
        frame_input(N1, node_mac(N2), 0);
        ck_assert_str_eq(bench.comment, "dropped: partition");
        frame_input(N2, node_mac(N3), 0);
        frame_input(N1, node_mac(BOOT), 0);
        frame_input(BOOT, node_mac(N1), 0);
        fabric_run(&bench.fabric, 0);
        expect(1, 0, 1, 1);
        bench.fabric.partitioned = false;
        frame_input(N1, node_mac(N2), 0);
        expect(1, 1, 1, 1);
}
END_TEST

START_TEST(the_default_spares_boot_unless_a_link_names_it)
{
        bench.fabric.default_impairment.loss = PPM;
        frame_input(N1, broadcast, 0);
        frame_input(BOOT, node_mac(N2), 0);
        fabric_run(&bench.fabric, 0);
        expect(0, 1, 0, 1);
        impair(BOOT, N2, (struct impairment){.loss = PPM});
        frame_input(BOOT, node_mac(N2), 0);
        expect(0, 1, 0, 1);
        impair(N1, N2, (struct impairment){0});
        frame_input(N1, node_mac(N2), 0);
        expect(0, 2, 0, 1);
}
END_TEST

START_TEST(delayed_frames_arrive_when_due)
{
        impair(N1, N2, (struct impairment){.delay = 5 * MS});
        frame_input(N1, node_mac(N2), MS);
        ck_assert_str_eq(bench.comment, "delayed 5.0 ms");
        ck_assert_uint_eq(fabric_deadline(&bench.fabric), 6 * MS);
        fabric_run(&bench.fabric, 6 * MS - 1);
        expect(0, 0, 0, 0);
        fabric_run(&bench.fabric, 6 * MS);
        expect(0, 1, 0, 0);
        ck_assert_uint_eq(fabric_deadline(&bench.fabric), UINT64_MAX);
}
END_TEST

START_TEST(a_delay_taken_away_does_not_let_frames_pass)
{
        impair(N1, N2, (struct impairment){.delay = 5 * MS});
        frame_input(N1, node_mac(N2), 0);
        impair(N1, N2, (struct impairment){0});
        frame_input(N1, node_mac(N2), MS);
        expect(0, 0, 0, 0);
        fabric_run(&bench.fabric, 5 * MS);
        expect(0, 2, 0, 0);
}
END_TEST

START_TEST(a_doubled_frame_arrives_twice_and_is_written_down_once)
{
        impair(N1, N2, (struct impairment){.duplicate = PPM});
        frame_input(N1, node_mac(N2), 0);
        expect(0, 2, 0, 0);
        ck_assert_str_eq(bench.comment, "doubled");
        ck_assert_uint_eq(bench.recorded, 1);
}
END_TEST

START_TEST(corruption_flips_one_bit_behind_the_header)
{
        uint8_t frame[200] = {0};
        mac_put(frame, node_mac(N2));
        mac_put(frame + 6, node_mac(N1));
        impair(N1, N2, (struct impairment){.corrupt = PPM});
        for (unsigned n = 0; n < 1000; n++) {
                unsigned bits = 0;
                fabric_input(&bench.fabric, N1, frame, sizeof frame, 0);
                ck_assert(memcmp(bench.last, frame, 14) == 0);
                for (size_t i = 0; i < sizeof frame; i++)
                        bits += (unsigned)__builtin_popcount(bench.last[i] ^ frame[i]);
                ck_assert_uint_eq(bits, 1);
        }
        ck_assert(strncmp(bench.comment, "corrupted: bit ", 15) == 0);
}
END_TEST

START_TEST(missing_and_slow_receivers_are_counted)
{
        bench.answers[N2] = DELIVERY_NO_RECEIVER;
        bench.answers[N3] = DELIVERY_SLOW;
        frame_input(N1, broadcast, 0);
        ck_assert_str_eq(bench.comment, "n2 dropped: no receiver; n3 dropped: slow receiver");
        ck_assert_uint_eq(bench.fabric.port[N1].drops[DROP_NO_RECEIVER], 1);
        ck_assert_uint_eq(bench.fabric.port[N1].drops[DROP_SLOW], 1);
        ck_assert_uint_eq(bench.fabric.port[N2].out_frames, 0);
}
END_TEST

START_TEST(a_full_delay_queue_drops)
{
        impair(N1, N2, (struct impairment){.delay = DELAY_MAX_NS});
        for (unsigned n = 0; n < DELAYS_MAX; n++)
                frame_input(N1, node_mac(N2), n);
        frame_input(N1, node_mac(N2), DELAYS_MAX);
        ck_assert_uint_eq(bench.fabric.port[N1].drops[DROP_QUEUE_FULL], 1);
        ck_assert_ptr_nonnull(strstr(bench.comment, "dropped: queue full"));
}
END_TEST

/* A seed's fates of 1,000 frames on three links. */
static void fates_run(uint64_t seed, char fates[LOG_MAX])
{
        bench_start(seed);
        bench.fabric.default_impairment.loss = 500000;
        for (unsigned n = 0; n < 1000; n++)
                frame_input(n % 2 ? N1 : N2, broadcast, n);
        memcpy(fates, bench.fates, LOG_MAX);
}

START_TEST(a_seed_decides_all_fates)
{
        static char first[LOG_MAX], again[LOG_MAX], other[LOG_MAX];
        fates_run(7, first);
        fates_run(7, again);
        fates_run(8, other);
        ck_assert_str_eq(first, again);
        ck_assert_str_ne(first, other);
}
END_TEST

TCase *fabric_case(void)
{
        TCase *tcase = tcase_create("fabric");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, a_known_address_gets_the_frame_alone);
        tcase_add_test(tcase, broadcast_and_unknown_addresses_reach_all_others);
        tcase_add_test(tcase, a_learned_address_gets_the_frame_alone);
        tcase_add_test(tcase, a_jumbo_frame_comes_out_as_it_went_in);
        tcase_add_test(tcase, frames_of_wrong_length_are_dropped);
        tcase_add_test(tcase, a_frame_to_its_own_sender_has_no_receiver);
        tcase_add_test(tcase, loss_is_counted_and_written_down);
        tcase_add_test(tcase, partition_divides_nodes_but_not_boot);
        tcase_add_test(tcase, the_default_spares_boot_unless_a_link_names_it);
        tcase_add_test(tcase, delayed_frames_arrive_when_due);
        tcase_add_test(tcase, a_delay_taken_away_does_not_let_frames_pass);
        tcase_add_test(tcase, a_doubled_frame_arrives_twice_and_is_written_down_once);
        tcase_add_test(tcase, corruption_flips_one_bit_behind_the_header);
        tcase_add_test(tcase, missing_and_slow_receivers_are_counted);
        tcase_add_test(tcase, a_full_delay_queue_drops);
        tcase_add_test(tcase, a_seed_decides_all_fates);
        return tcase;
}
