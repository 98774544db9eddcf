/* The packet rings: what honest ends see, and what a hostile one cannot do. */
#include <stdlib.h>
#include <string.h>
#include "servers/proto/packet_ring.h"
#include "tests/unit/drivers/suites.h"

enum { COUNT = 8 };

static struct packet_end driver, client;
static void *area;

static void set_up(void)
{
        area = aligned_alloc(4096, packet_area_bytes(COUNT));
        ck_assert_ptr_nonnull(area);
        memset(area, 0, packet_area_bytes(COUNT));
        ck_assert(packet_end_init(&driver, area, COUNT, PACKET_DRIVER));
        ck_assert(packet_end_init(&client, area, COUNT, PACKET_CLIENT));
}

static void tear_down(void)
{
        free(area);
}

static struct packet_descriptor frame_in(uint32_t buffer, uint16_t length)
{
        return (struct packet_descriptor){.offset = buffer + PACKET_FRAME_START, .length = length};
}

/* What a hostile end does: writes a slot and moves the position, with no rule in its way. */
static void forge(enum packet_ring_name ring, struct packet_descriptor d, uint32_t position)
{
        struct packet_area *shared = area;
        uint64_t word;
        memcpy(&word, &d, sizeof word);
        atomic_store(&shared->slot[ring * COUNT + position % COUNT], word);
        atomic_store(&shared->ring[ring].produced, position + 1);
}

START_TEST(area_size_is_zero_for_counts_that_are_not_allowed)
{
        ck_assert_uint_eq(packet_area_bytes(0), 0);
        ck_assert_uint_eq(packet_area_bytes(1), 0);
        ck_assert_uint_eq(packet_area_bytes(3), 0);
        ck_assert_uint_eq(packet_area_bytes(2 * PACKET_BUFFERS_MAX), 0);
        ck_assert_uint_eq(packet_area_bytes(PACKET_BUFFERS_MAX) % 4096, 0);
        ck_assert(!packet_end_init(&driver, area, 3, PACKET_DRIVER));
}
END_TEST

START_TEST(each_end_begins_with_its_own_pool)
{
        uint32_t seen = 0;
        for (unsigned i = 0; i < COUNT; i++) {
                uint32_t mine = packet_buffer_get(&driver), other = packet_buffer_get(&client);
                ck_assert_uint_ge(mine, driver.pools);
                ck_assert_uint_lt(mine, driver.pools + COUNT * PACKET_BUFFER_SIZE);
                ck_assert_uint_eq(other, mine + COUNT * PACKET_BUFFER_SIZE);
                seen |= 1u << (mine - driver.pools) / PACKET_BUFFER_SIZE;
        }
        ck_assert_uint_eq(seen, (1u << COUNT) - 1);
        ck_assert_uint_eq(packet_buffer_get(&driver), 0);
        ck_assert_uint_eq(packet_buffer_get(&client), 0);
}
END_TEST

START_TEST(a_frame_goes_round_and_its_buffer_comes_back)
{
        uint32_t buffer = packet_buffer_get(&driver);
        struct packet_descriptor sent = frame_in(buffer, 60), got;
        for (unsigned round = 0; round < 5 * COUNT; round++) {
                memcpy(packet_address(&driver, sent.offset), "frame", 6);
                ck_assert(packet_push(&driver, PACKET_RECEIVED, sent));
                ck_assert(packet_take(&client, PACKET_RECEIVED, &got));
                ck_assert_uint_eq(got.offset, sent.offset);
                ck_assert_uint_eq(got.length, 60);
                ck_assert_str_eq(packet_address(&client, got.offset), "frame");
                ck_assert(packet_push(&client, PACKET_RECEIVE_FREE, got));
                ck_assert(packet_take(&driver, PACKET_RECEIVE_FREE, &got));
                ck_assert_uint_eq(got.offset, sent.offset);
        }
        packet_buffer_put(&driver, got.offset);
        ck_assert_uint_eq(driver.idle_count, COUNT);
        ck_assert_uint_eq(driver.violations + client.violations, 0);
}
END_TEST

START_TEST(all_buffers_fit_into_each_ring)
{
        struct packet_descriptor got;
        for (unsigned i = 0; i < COUNT; i++)
                ck_assert(packet_push(&client, PACKET_TRANSMIT,
                                      frame_in(packet_buffer_get(&client), (uint16_t)(14 + i))));
        for (unsigned i = 0; i < COUNT; i++) {
                ck_assert(packet_take(&driver, PACKET_TRANSMIT, &got));
                ck_assert_uint_eq(got.length, 14 + i);
                ck_assert(packet_push(&driver, PACKET_TRANSMITTED, got));
        }
        ck_assert(!packet_take(&driver, PACKET_TRANSMIT, &got));
        for (unsigned i = 0; i < COUNT; i++)
                ck_assert(packet_take(&client, PACKET_TRANSMITTED, &got));
        ck_assert_uint_eq(driver.violations + client.violations, 0);
}
END_TEST

/* Descriptors that a hostile client may write; base is the offset of the pools. */
static const struct {
        const char *what;
        int64_t offset; /* from the pools */
        uint16_t length;
} bad[] = {
    {"below the pools", -1, 60},
    {"at the area's start", INT64_MIN, 60},
    {"beyond the pools", 2 * COUNT *PACKET_BUFFER_SIZE, 60},
    {"far beyond", 0x7fffffff, 60},
    {"in the receive pool", PACKET_FRAME_START, 60},
    {"in the headroom", COUNT *PACKET_BUFFER_SIZE + PACKET_HEADROOM - 1, 60},
    {"longer than the buffer", COUNT *PACKET_BUFFER_SIZE + PACKET_HEADROOM,
     PACKET_BUFFER_SIZE - PACKET_HEADROOM + 1},
    {"as long as can be said", COUNT *PACKET_BUFFER_SIZE + PACKET_HEADROOM, 0xffff},
    {"shorter than a header", COUNT *PACKET_BUFFER_SIZE + PACKET_HEADROOM, 13},
};

START_TEST(descriptors_that_do_not_fit_are_counted_and_skipped)
{
        struct packet_descriptor got, good = frame_in(packet_buffer_get(&client), 60);
        int64_t offset = bad[_i].offset == INT64_MIN ? 0 : driver.pools + bad[_i].offset;
        forge(PACKET_TRANSMIT,
              (struct packet_descriptor){.offset = (uint32_t)offset, .length = bad[_i].length}, 0);
        forge(PACKET_TRANSMIT, good, 1);
        ck_assert_msg(packet_take(&driver, PACKET_TRANSMIT, &got), "%s", bad[_i].what);
        ck_assert_uint_eq(got.offset, good.offset);
        ck_assert_uint_eq(driver.violations, 1);
        ck_assert(!packet_take(&driver, PACKET_TRANSMIT, &got));
}
END_TEST

/* … and the next frame has to have a header again. */
START_TEST(a_piece_of_a_frame_may_be_short_and_lie_anywhere_in_its_buffer)
{
        struct packet_descriptor got, piece[] = {
                                          frame_in(packet_buffer_get(&client), 60),
                                          {.offset = packet_buffer_get(&client), .length = 1},
                                          frame_in(packet_buffer_get(&client), 13),
                                      };
        piece[0].flags = PACKET_MORE;
        for (unsigned i = 0; i < 3; i++)
                ck_assert(packet_push(&client, PACKET_TRANSMIT, piece[i]));
        for (unsigned i = 0; i < 2; i++) {
                ck_assert(packet_take(&driver, PACKET_TRANSMIT, &got));
                ck_assert_uint_eq(got.offset, piece[i].offset);
                ck_assert_uint_eq(got.flags, piece[i].flags);
        }
        ck_assert(!packet_take(&driver, PACKET_TRANSMIT, &got));
        ck_assert_uint_eq(driver.violations, 1);
}
END_TEST

START_TEST(a_frame_that_has_come_may_begin_in_the_headroom)
{
        struct packet_descriptor got, frame = {.offset = packet_buffer_get(&driver), .length = 60};
        ck_assert(packet_push(&driver, PACKET_RECEIVED, frame));
        ck_assert(packet_take(&client, PACKET_RECEIVED, &got));
        ck_assert_uint_eq(packet_buffer_rest(&client, got.offset), PACKET_BUFFER_SIZE);
}
END_TEST

START_TEST(a_buffer_cannot_be_handed_over_twice)
{
        struct packet_descriptor got, frame = frame_in(packet_buffer_get(&client), 60);
        forge(PACKET_TRANSMIT, frame, 0);
        forge(PACKET_TRANSMIT, frame, 1);
        ck_assert(packet_take(&driver, PACKET_TRANSMIT, &got));
        ck_assert(!packet_take(&driver, PACKET_TRANSMIT, &got));
        ck_assert_uint_eq(driver.violations, 1);
}
END_TEST

START_TEST(a_buffer_that_was_never_lent_cannot_be_returned)
{
        struct packet_descriptor got;
        forge(PACKET_RECEIVE_FREE, (struct packet_descriptor){.offset = driver.pools}, 0);
        ck_assert(!packet_take(&driver, PACKET_RECEIVE_FREE, &got));
        ck_assert_uint_eq(driver.violations, 1);
}
END_TEST

START_TEST(a_position_that_cannot_be_means_nothing_is_there)
{
        struct packet_area *shared = area;
        struct packet_descriptor got;
        atomic_store(&shared->ring[PACKET_TRANSMIT].produced, COUNT + 1);
        ck_assert(!packet_take(&driver, PACKET_TRANSMIT, &got));
        ck_assert(!packet_pending(&driver, PACKET_TRANSMIT));
        atomic_store(&shared->ring[PACKET_TRANSMIT].produced, UINT32_MAX);
        ck_assert(!packet_take(&driver, PACKET_TRANSMIT, &got));
        ck_assert(packet_sleep(&driver));
}
END_TEST

START_TEST(a_ring_that_is_not_emptied_refuses_instead_of_overwriting)
{
        struct packet_area *shared = area;
        struct packet_descriptor frame = frame_in(packet_buffer_get(&driver), 60), got;
        /* The client claims to be ahead: from its words, no slot is free. */
        atomic_store(&shared->ring[PACKET_RECEIVED].consumed, 1);
        ck_assert(!packet_push(&driver, PACKET_RECEIVED, frame));
        ck_assert_uint_eq(driver.violations, 1);
        atomic_store(&shared->ring[PACKET_RECEIVED].consumed, 0);
        ck_assert(packet_push(&driver, PACKET_RECEIVED, frame));
        ck_assert(packet_take(&client, PACKET_RECEIVED, &got));
}
END_TEST

START_TEST(client_learns_of_the_carrier_and_only_the_driver_says_it)
{
        ck_assert(packet_carrier(&client));
        packet_carrier_set(&client, false);
        ck_assert(packet_carrier(&client));
        packet_carrier_set(&driver, false);
        ck_assert(!packet_carrier(&client));
        packet_carrier_set(&driver, true);
        ck_assert(packet_carrier(&client));
        packet_carrier_set(&driver, false);
        ck_assert(packet_end_init(&driver, area, COUNT, PACKET_DRIVER));
        ck_assert(packet_carrier(&client));
}
END_TEST

START_TEST(only_a_sleeper_is_signalled_and_once)
{
        struct packet_descriptor frame = frame_in(packet_buffer_get(&driver), 60), got;
        ck_assert(!packet_should_signal(&driver));
        ck_assert(packet_sleep(&client));
        packet_push(&driver, PACKET_RECEIVED, frame);
        ck_assert(packet_should_signal(&driver));
        ck_assert(!packet_should_signal(&driver));
        packet_awake(&client);
        ck_assert(!packet_sleep(&client));
        ck_assert(!packet_should_signal(&driver));
        ck_assert(packet_take(&client, PACKET_RECEIVED, &got));
        ck_assert(packet_sleep(&client));
}
END_TEST

START_TEST(buffers_that_come_back_wake_only_an_end_that_has_few)
{
        struct packet_descriptor got;
        for (unsigned i = 0; i < COUNT / 2 + 1; i++)
                packet_push(&client, PACKET_TRANSMIT, frame_in(packet_buffer_get(&client), 60));
        ck_assert(packet_sleep(&client));
        ck_assert(packet_take(&driver, PACKET_TRANSMIT, &got));
        ck_assert(packet_push(&driver, PACKET_TRANSMITTED, got));
        ck_assert(packet_should_signal(&driver));
        packet_awake(&client);
        ck_assert(!packet_sleep(&client));
        ck_assert_uint_eq(client.idle_count, COUNT / 2);

        /* Now half of the pool is there. */
        ck_assert(packet_sleep(&client));
        ck_assert(packet_take(&driver, PACKET_TRANSMIT, &got));
        ck_assert(packet_push(&driver, PACKET_TRANSMITTED, got));
        ck_assert(!packet_should_signal(&driver));
        ck_assert(packet_push(&driver, PACKET_RECEIVED, frame_in(packet_buffer_get(&driver), 60)));
        ck_assert(packet_should_signal(&driver));
}
END_TEST

START_TEST(an_end_without_idle_buffers_takes_back_its_own)
{
        struct packet_descriptor got;
        for (unsigned i = 0; i < COUNT; i++)
                packet_push(&client, PACKET_TRANSMIT, frame_in(packet_buffer_get(&client), 60));
        ck_assert_uint_eq(packet_buffer_get(&client), 0);
        ck_assert(packet_take(&driver, PACKET_TRANSMIT, &got));
        packet_push(&driver, PACKET_TRANSMITTED, got);
        ck_assert_uint_eq(packet_buffer_get(&client), got.offset - PACKET_FRAME_START);
        ck_assert_uint_eq(client.lent, COUNT - 1);
}
END_TEST

START_TEST(a_new_driver_end_forgets_the_old_client)
{
        struct packet_descriptor got;
        packet_push(&client, PACKET_TRANSMIT, frame_in(packet_buffer_get(&client), 60));
        packet_sleep(&client);
        ck_assert(packet_end_init(&driver, area, COUNT, PACKET_DRIVER));
        ck_assert(!packet_take(&driver, PACKET_TRANSMIT, &got));
        ck_assert(!packet_should_signal(&driver));
        ck_assert_uint_eq(driver.idle_count, COUNT);
}
END_TEST

Suite *packet_ring_suite(void)
{
        Suite *suite = suite_create("packet_ring");
        TCase *tests = tcase_create("packet_ring");
        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_add_test(tests, area_size_is_zero_for_counts_that_are_not_allowed);
        tcase_add_test(tests, each_end_begins_with_its_own_pool);
        tcase_add_test(tests, a_frame_goes_round_and_its_buffer_comes_back);
        tcase_add_test(tests, all_buffers_fit_into_each_ring);
        tcase_add_loop_test(tests, descriptors_that_do_not_fit_are_counted_and_skipped, 0,
                            sizeof bad / sizeof bad[0]);
        tcase_add_test(tests, a_piece_of_a_frame_may_be_short_and_lie_anywhere_in_its_buffer);
        tcase_add_test(tests, a_frame_that_has_come_may_begin_in_the_headroom);
        tcase_add_test(tests, a_buffer_cannot_be_handed_over_twice);
        tcase_add_test(tests, a_buffer_that_was_never_lent_cannot_be_returned);
        tcase_add_test(tests, a_position_that_cannot_be_means_nothing_is_there);
        tcase_add_test(tests, a_ring_that_is_not_emptied_refuses_instead_of_overwriting);
        tcase_add_test(tests, client_learns_of_the_carrier_and_only_the_driver_says_it);
        tcase_add_test(tests, only_a_sleeper_is_signalled_and_once);
        tcase_add_test(tests, buffers_that_come_back_wake_only_an_end_that_has_few);
        tcase_add_test(tests, an_end_without_idle_buffers_takes_back_its_own);
        tcase_add_test(tests, a_new_driver_end_forgets_the_old_client);
        suite_add_tcase(suite, tests);
        return suite;
}
