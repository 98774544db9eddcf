/* What a node's memory is said to hold. */
#include "tests/unit/ptl/suites.h"
#include "tools/ptl/room.h"

enum { MIB = 1 << 10 }; /* in KiB */

START_TEST(a_node_has_room_from_the_memory_on_that_is_advised)
{
        struct room room = {.memory = 32 * MIB, .loaded = 1800, .least = 60 * MIB};
        ck_assert_uint_lt(room_components(&room), room.least);
        uint64_t wanted = room_memory_wanted(&room);
        ck_assert_uint_eq(wanted % ROOM_STEP, 0);
        room.memory = wanted << 10;
        ck_assert_uint_ge(room_components(&room), room.least);
        room.memory -= ROOM_STEP << 10;
        ck_assert_uint_lt(room_components(&room), room.least);
}
END_TEST

START_TEST(files_have_what_is_left)
{
        struct room room = {.memory = 64 * MIB, .loaded = 2 * MIB, .least = 20 * MIB};
        uint64_t before = room_files(&room, true), left = room_components(&room) - room.least;
        ck_assert_uint_le(before, left);
        ck_assert_uint_ge(before, left - left / ROOM_TABLES);
        /* One service more takes its part of it. */
        room.least += MIB;
        ck_assert_uint_le(room_files(&room, true), left - MIB);
        room.again = 5 * MIB;
        ck_assert_uint_le(room_files(&room, true), left - 6 * MIB);
        room.memory += 64 * MIB;
        ck_assert_uint_gt(room_files(&room, true), before + 57 * MIB);
}
END_TEST

START_TEST(a_small_node_still_serves_a_little)
{
        struct room room = {.memory = 32 * MIB, .loaded = 2 * MIB, .again = 5 * MIB};
        room.least = room_components(&room) - 2 * MIB;
        ck_assert_uint_eq(room_files(&room, true), MIB - MIB / ROOM_TABLES);
        room.least = room_components(&room) - 100;
        ck_assert_uint_eq(room_files(&room, true), 100);
        room.least = room_components(&room);
        ck_assert_uint_eq(room_files(&room, true), 0);
}
END_TEST

START_TEST(files_have_room_from_the_memory_on_that_is_advised)
{
        for (int direct = 0; direct <= 1; direct++) {
                struct room room = {.memory = 64 * MIB, .least = 20 * MIB, .again = 5 * MIB};
                room.memory = room_files_wanted(&room, direct, 300 * MIB) << 10;
                ck_assert_uint_ge(room_files(&room, direct), 300 * MIB);
                room.memory -= ROOM_STEP << 10;
                ck_assert_uint_lt(room_files(&room, direct), 300 * MIB);
        }
}
END_TEST

START_TEST(ipxe_holds_each_file_twice)
{
        struct room room = {.memory = 64 * MIB};
        ck_assert_uint_eq(room_files(&room, false), (64 * MIB - ROOM_IPXE) / 2);
        room.memory = 4 * MIB;
        ck_assert_uint_eq(room_files(&room, false), 0);
}
END_TEST

Suite *room_suite(void)
{
        Suite *suite = suite_create("room");
        TCase *tests = tcase_create("room");
        tcase_add_test(tests, a_node_has_room_from_the_memory_on_that_is_advised);
        tcase_add_test(tests, files_have_what_is_left);
        tcase_add_test(tests, a_small_node_still_serves_a_little);
        tcase_add_test(tests, files_have_room_from_the_memory_on_that_is_advised);
        tcase_add_test(tests, ipxe_holds_each_file_twice);
        suite_add_tcase(suite, tests);
        return suite;
}
