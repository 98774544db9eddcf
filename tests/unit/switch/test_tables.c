/* The bounded tables: delay queue, addresses, journal, growing text. */
#include "tests/unit/switch/cases.h"

#include <stdio.h>
#include <stdlib.h>
#include "servers/common/byte_order.h"

#include "tools/switch/delays.h"
#include "tools/switch/journal.h"
#include "tools/switch/macs.h"
#include "tools/switch/buffer.h"

static struct mac mac_make(uint32_t number)
{
        struct mac mac = {{2, 0}};
        put32(mac.bytes + 2, number);
        return mac;
}

START_TEST(delays_come_out_by_time_then_by_order)
{
        static struct delays delays;
        uint32_t random = 1;
        uint64_t last_due = 0, last_sequence = 0;
        for (unsigned n = 0; n < 5000; n++) {
                random = random * 1664525 + 1013904223;
                uint8_t byte = (uint8_t)n;
                ck_assert(delays_add(&delays, 0, 1, random >> 24, &byte, 1));
        }
        for (unsigned n = 0; n < 5000; n++) {
                uint64_t due = delays_deadline(&delays);
                ck_assert(due == 0 || !delays_take(&delays, due - 1));
                struct delayed_frame *frame = delays_take(&delays, due);
                ck_assert_ptr_nonnull(frame);
                ck_assert(frame->due > last_due || frame->sequence >= last_sequence);
                ck_assert_uint_ge(frame->due, last_due);
                ck_assert_uint_eq(frame->bytes[0], (uint8_t)frame->sequence);
                last_due = frame->due;
                last_sequence = frame->sequence;
                free(frame);
        }
        ck_assert_uint_eq(delays_deadline(&delays), UINT64_MAX);
}
END_TEST

START_TEST(delays_are_bounded)
{
        static struct delays delays;
        const uint8_t byte = 0;
        for (unsigned n = 0; n < DELAYS_MAX; n++)
                ck_assert(delays_add(&delays, 0, 1, n, &byte, 1));
        ck_assert(!delays_add(&delays, 0, 1, 0, &byte, 1));
        delays_clear(&delays);
        ck_assert_uint_eq(delays.count, 0);
}
END_TEST

START_TEST(addresses_are_learned_moved_and_aged)
{
        static struct macs macs;
        unsigned port;
        macs_learn(&macs, mac_make(1), 1, 0);
        ck_assert(macs_find(&macs, mac_make(1), 0, &port) && port == 1);
        macs_learn(&macs, mac_make(1), 2, MS);
        ck_assert(macs_find(&macs, mac_make(1), MS + MAC_AGE_NS, &port) && port == 2);
        ck_assert(!macs_find(&macs, mac_make(1), MS + MAC_AGE_NS + 1, &port));
        ck_assert(!macs_find(&macs, mac_make(2), 0, &port));
}
END_TEST

START_TEST(fixed_addresses_stay)
{
        static struct macs macs;
        unsigned port;
        ck_assert(macs_fix(&macs, mac_make(1), 1));
        ck_assert(!macs_fix(&macs, mac_make(1), 2));
        macs_learn(&macs, mac_make(1), 2, 0);
        ck_assert(macs_find(&macs, mac_make(1), 1000 * MAC_AGE_NS, &port) && port == 1);
}
END_TEST

START_TEST(a_flood_of_addresses_replaces_only_the_oldest_learned)
{
        static struct macs macs;
        unsigned port;
        macs_fix(&macs, mac_make(0), 1);
        for (uint32_t n = 1; n <= 3 * MACS_MAX; n++)
                macs_learn(&macs, mac_make(n), 2, n);
        ck_assert_uint_eq(macs.count, MACS_MAX);
        ck_assert(macs_find(&macs, mac_make(0), 0, &port) && port == 1);
        ck_assert(macs_find(&macs, mac_make(3 * MACS_MAX), 3 * MACS_MAX, &port));
        ck_assert(!macs_find(&macs, mac_make(1), 3 * MACS_MAX, &port));
}
END_TEST

START_TEST(group_addresses_are_not_learned)
{
        static struct macs macs;
        macs_learn(&macs, (struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, 1, 0);
        ck_assert_uint_eq(macs.count, 0);
}
END_TEST

START_TEST(the_journal_forgets_the_oldest)
{
        static struct journal journal;
        char line[32];
        for (unsigned n = 0; n < JOURNAL_MAX + 10; n++) {
                snprintf(line, sizeof line, "%u", n);
                journal_add(&journal, line);
        }
        ck_assert_uint_eq(journal_count(&journal), JOURNAL_MAX);
        ck_assert_str_eq(journal_line(&journal, 0), "10");
        ck_assert_str_eq(journal_line(&journal, JOURNAL_MAX - 1), "1033");
        journal_destroy(&journal);
}
END_TEST

START_TEST(text_grows_to_its_bound_and_no_further)
{
        struct buffer text = {0};
        for (unsigned n = 0; n < BUFFER_MAX; n++)
                buffer_add(&text, "0123456789");
        ck_assert(text.overflow);
        ck_assert(text.used <= BUFFER_MAX && text.used > BUFFER_MAX - 20);
        buffer_remove(&text, 3);
        ck_assert_int_eq(text.bytes[0], '3');
        buffer_free(&text);
}
END_TEST

TCase *tables_case(void)
{
        TCase *tcase = tcase_create("tables");
        tcase_add_test(tcase, delays_come_out_by_time_then_by_order);
        tcase_add_test(tcase, delays_are_bounded);
        tcase_add_test(tcase, addresses_are_learned_moved_and_aged);
        tcase_add_test(tcase, fixed_addresses_stay);
        tcase_add_test(tcase, a_flood_of_addresses_replaces_only_the_oldest_learned);
        tcase_add_test(tcase, group_addresses_are_not_learned);
        tcase_add_test(tcase, the_journal_forgets_the_oldest);
        tcase_add_test(tcase, text_grows_to_its_bound_and_no_further);
        return tcase;
}
