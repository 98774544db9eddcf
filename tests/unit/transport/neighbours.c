/* Who may change where packets for a neighbour go. */
#include <string.h>
#include "tests/unit/transport/kernel.h"
#include "netipc/server/neighbours.h"

#define SECOND 1000000000ull

static struct neighbours table;
static const uint8_t good[6] = {2, 0, 0, 0, 0, 2}, bad[6] = {2, 0, 0, 0, 0, 9};
enum { N2 = 0x0a4d000c };

static void setup(void)
{
        memset(&table, 0, sizeof(table));
}

static void ck_at(uint32_t address, const uint8_t *mac)
{
        const uint8_t *known = neighbours_use(&table, address, 10 * SECOND);
        ck_assert_ptr_nonnull(known);
        ck_assert_mem_eq(known, mac, 6);
}

START_TEST(packet_adds_a_neighbour_and_redirects_none)
{
        ck_assert(!neighbours_heard(&table, N2, good, SECOND));
        ck_at(N2, good);
        ck_assert(neighbours_heard(&table, N2, bad, SECOND));      /* is to be asked for … */
        ck_assert(!neighbours_heard(&table, N2, bad, SECOND + 1)); /* … but not all the time */
        ck_assert(neighbours_heard(&table, N2, bad, 3 * SECOND));
        ck_at(N2, good);
}
END_TEST

START_TEST(arp_redirects)
{
        neighbours_told(&table, N2, good, SECOND);
        neighbours_told(&table, N2, bad, SECOND);
        ck_at(N2, bad);
        neighbours_hinted(&table, N2, good);
        ck_at(N2, good);
        neighbours_hinted(&table, N2 + 1, good);
        ck_assert_ptr_null(neighbours_use(&table, N2 + 1, SECOND));
}
END_TEST

START_TEST(groups_and_nothing_are_no_neighbours)
{
        const uint8_t group[6] = {3, 0, 0, 0, 0, 1}, none[6] = {0};
        const uint32_t addresses[] = {0, 1, 0x7f000001, 0xe0000001, 0xf0000001, UINT32_MAX};
        for (unsigned i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
                ck_assert(!neighbour_possible(addresses[i], good));
        ck_assert(!neighbour_possible(N2, group));
        ck_assert(!neighbour_possible(N2, none));
        ck_assert(!neighbour_possible(N2, ethernet_broadcast));
        neighbours_told(&table, N2, group, SECOND);
        neighbours_heard(&table, N2, ethernet_broadcast, SECOND);
        ck_assert_ptr_null(neighbours_use(&table, N2, SECOND));
}
END_TEST

START_TEST(flood_of_senders_evicts_no_neighbour_in_use)
{
        uint64_t now = SECOND;
        for (uint32_t i = 0; i < 32; i++)
                neighbours_told(&table, N2 + i, good, now);
        for (uint32_t i = 0; i < 32; i++)
                neighbours_use(&table, N2 + i, now);
        for (uint32_t i = 0; i < 100000; i++) {
                neighbours_heard(&table, 0x0b000000 + i, bad, now + SECOND);
                neighbours_told(&table, 0x0c000000 + i, bad, now + SECOND);
        }
        for (uint32_t i = 0; i < 32; i++)
                ck_at(N2 + i, good);
}
END_TEST

START_TEST(who_is_not_used_makes_room)
{
        for (uint32_t i = 0; i < 100000; i++)
                neighbours_heard(&table, 0x0b000000 + i, bad, SECOND);
        neighbours_told(&table, N2, good, SECOND);
        ck_at(N2, good);
}
END_TEST

Suite *neighbours_suite(void)
{
        Suite *suite = suite_create("neighbours");
        TCase *tests = tcase_create("neighbours");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, packet_adds_a_neighbour_and_redirects_none);
        tcase_add_test(tests, arp_redirects);
        tcase_add_test(tests, groups_and_nothing_are_no_neighbours);
        tcase_add_test(tests, flood_of_senders_evicts_no_neighbour_in_use);
        tcase_add_test(tests, who_is_not_used_makes_room);
        suite_add_tcase(suite, tests);
        return suite;
}
