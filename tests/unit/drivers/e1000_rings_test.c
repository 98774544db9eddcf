/* The descriptor rings of the e1000 against a chip that exists only here. */
#include <stdlib.h>
#include "drivers/net/e1000/rings.h"
#include "tests/unit/drivers/suites.h"

static struct e1000_receive_ring receive;
static struct e1000_transmit_ring transmit;
static void *receive_memory, *transmit_memory;

static void set_up(void)
{
        receive_memory = aligned_alloc(16, E1000_SLOTS * 16);
        transmit_memory = aligned_alloc(16, E1000_SLOTS * 16);
        ck_assert(receive_memory && transmit_memory);
        e1000_receive_init(&receive, receive_memory);
        e1000_transmit_init(&transmit, transmit_memory);
}

static void tear_down(void)
{
        free(receive_memory);
        free(transmit_memory);
}

static void chip_fills(uint32_t slot, uint16_t length, uint8_t status, uint8_t errors)
{
        struct e1000_receive_descriptor *descriptor = &receive.slots[slot % E1000_SLOTS];
        descriptor->length = length;
        descriptor->errors = errors;
        descriptor->status = status;
}

START_TEST(frames_come_in_order_for_many_rounds)
{
        for (uint32_t i = 0; i < 3 * E1000_SLOTS; i++) {
                uint32_t cookie, length;
                bool more;
                e1000_receive_add(&receive, 0x1000 + i, i);
                ck_assert_uint_eq(receive.slots[i % E1000_SLOTS].address, 0x1000 + i);
                ck_assert(!e1000_receive_pending(&receive));
                ck_assert(!e1000_receive_take(&receive, &cookie, &length, &more));
                chip_fills(i, 60, E1000_RECEIVED_DD | E1000_RECEIVED_EOP, 0);
                ck_assert(e1000_receive_pending(&receive));
                ck_assert(e1000_receive_take(&receive, &cookie, &length, &more));
                ck_assert_uint_eq(cookie, i);
                ck_assert_uint_eq(length, 60);
        }
        ck_assert_uint_eq(e1000_tail(receive.next), 0);
}
END_TEST

START_TEST(damaged_frames_have_no_length)
{
        uint32_t cookie, length;
        bool more;
        e1000_receive_add(&receive, 0x1000, 1);
        e1000_receive_add(&receive, 0x2000, 2);
        chip_fills(0, 60, E1000_RECEIVED_DD | E1000_RECEIVED_EOP, 1);
        chip_fills(1, 2048, E1000_RECEIVED_DD | E1000_RECEIVED_EOP, 2);
        ck_assert(e1000_receive_take(&receive, &cookie, &length, &more) && cookie == 1 &&
                  length == 0);
        ck_assert(e1000_receive_take(&receive, &cookie, &length, &more) && cookie == 2 &&
                  length == 0);
}
END_TEST

START_TEST(long_frames_lie_in_several_buffers)
{
        uint32_t cookie, length;
        bool more;
        for (uint32_t i = 0; i < 2; i++)
                e1000_receive_add(&receive, 0x1000, i);
        chip_fills(0, 2048, E1000_RECEIVED_DD, 0);
        chip_fills(1, 7, E1000_RECEIVED_DD | E1000_RECEIVED_EOP, 0);
        ck_assert(e1000_receive_take(&receive, &cookie, &length, &more));
        ck_assert(more && length == 2048);
        ck_assert(e1000_receive_take(&receive, &cookie, &length, &more));
        ck_assert(!more && length == 7);
        e1000_transmit_add(&transmit, 0x1000, 1982, true, 0);
        e1000_transmit_add(&transmit, 0x2000, 9, false, 1);
        ck_assert_uint_eq(transmit.slots[0].command, E1000_SEND_IFCS | E1000_SEND_RS);
        ck_assert_uint_eq(transmit.slots[1].command,
                          E1000_SEND_EOP | E1000_SEND_IFCS | E1000_SEND_RS);
}
END_TEST

START_TEST(a_chip_that_marks_slots_it_does_not_have_gives_nothing)
{
        uint32_t cookie, length;
        bool more;
        for (uint32_t i = 0; i < E1000_SLOTS; i++)
                chip_fills(i, 60, E1000_RECEIVED_DD | E1000_RECEIVED_EOP, 0);
        ck_assert(!e1000_receive_pending(&receive));
        ck_assert(!e1000_receive_take(&receive, &cookie, &length, &more));
        ck_assert(!e1000_transmit_take(&transmit, &cookie));
}
END_TEST

START_TEST(frames_sent_come_back_when_the_chip_is_done)
{
        uint32_t cookie;
        for (uint32_t i = 0; i < E1000_BUFFERS; i++)
                e1000_transmit_add(&transmit, 0x1000 * i, (uint16_t)(60 + i), false, i);
        ck_assert_uint_eq(transmit.slots[5].length, 65);
        ck_assert_uint_eq(transmit.slots[5].command,
                          E1000_SEND_EOP | E1000_SEND_IFCS | E1000_SEND_RS);
        ck_assert(!e1000_transmit_take(&transmit, &cookie));
        transmit.slots[0].status = transmit.slots[1].status = E1000_SENT_DD;
        ck_assert(e1000_transmit_take(&transmit, &cookie) && cookie == 0);
        ck_assert(e1000_transmit_take(&transmit, &cookie) && cookie == 1);
        ck_assert(!e1000_transmit_take(&transmit, &cookie));
}
END_TEST

Suite *e1000_rings_suite(void)
{
        Suite *suite = suite_create("e1000_rings");
        TCase *tests = tcase_create("e1000_rings");
        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_add_test(tests, frames_come_in_order_for_many_rounds);
        tcase_add_test(tests, damaged_frames_have_no_length);
        tcase_add_test(tests, long_frames_lie_in_several_buffers);
        tcase_add_test(tests, a_chip_that_marks_slots_it_does_not_have_gives_nothing);
        tcase_add_test(tests, frames_sent_come_back_when_the_chip_is_done);
        suite_add_tcase(suite, tests);
        return suite;
}
