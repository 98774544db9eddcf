/* The reader of files against a server that is played: what is read is what the file holds when the
 * read begins, whatever was read ahead; and it asks no more than it has to. */
#include <stdlib.h>
#include "tests/unit/reader/world.h"
#include "tests/unit/suites.h"

enum { CHUNK = AHEAD_CHUNK, LARGE = 40 * CHUNK };

static struct reader reader;
static uint8_t bytes[WORLD_MOST];

static void file_open(uint64_t flags)
{
        handle_t file;
        uint64_t kind;
        ck_assert_uint_eq(reader_open(&reader, 1, "f", 1, flags, 0, &file, &kind), OUTCOME_OK);
        ck_assert_uint_eq(kind, FS_FILE);
}

static void large_file(void)
{
        world_begin(LARGE);
        file_open(FS_OPEN_READ);
}

static void teardown(void)
{
        reader_close(&reader);
}

/* Reads, and compares with what the file holds; how much there was. */
static size_t read_right(uint64_t offset, size_t count)
{
        static uint8_t expected[WORLD_MOST];
        size_t there = offset < world.size ? world.size - offset : 0, done;
        there = there < count ? there : count;
        memcpy(expected, world.content + offset, there);
        ck_assert_uint_eq(reader_read(&reader, WORLD_FILE, offset, bytes, count, &done),
                          OUTCOME_OK);
        ck_assert_uint_eq(done, there);
        ck_assert_mem_eq(bytes, expected, there);
        return there;
}

START_TEST(a_small_file_takes_one_call)
{
        world_begin(4096);
        file_open(FS_OPEN_READ);
        read_right(0, 4096);
        read_right(4096, 1);
        ck_assert(reader_knows_size(&reader));
        ck_assert_uint_eq(world.calls, 1);
}
END_TEST

START_TEST(what_is_here_is_used_no_longer_than_its_lease)
{
        world_begin(4096);
        file_open(FS_OPEN_READ);
        world_write(5, 99);
        ck_assert(!reader_knows_size(&reader));
        read_right(0, 4096);
        world_truncate(3);
        read_right(0, 4096);
}
END_TEST

START_TEST(without_leases_every_read_asks)
{
        world_begin(4096);
        world.lease_most = 0;
        file_open(FS_OPEN_READ);
        read_right(0, 10);
        read_right(0, 10);
        ck_assert_uint_eq(world.calls, 3);
        reader_close(&reader);
        world_begin(LARGE);
        file_open(FS_OPEN_READ | FS_OPEN_WRITE);
        for (uint64_t at = 0; at < LARGE; at += CHUNK)
                read_right(at, CHUNK);
        ck_assert_uint_eq(world.most_under_way, 0);
}
END_TEST

START_TEST(a_file_is_read_ahead_as_fast_as_the_way_carries_it)
{
        large_file();
        uint64_t begin = world.now;
        for (uint64_t at = 0; at < LARGE; at += CHUNK)
                read_right(at, CHUNK);
        uint64_t carried = LARGE * world.byte_time;
        ck_assert_uint_lt(world.now - begin, carried + carried / 10);
        ck_assert_uint_le(world.bytes_asked, LARGE + READER_HEAD);
        ck_assert_uint_gt(world.most_under_way, 1);
}
END_TEST

START_TEST(small_reads_in_a_row_are_read_ahead_too)
{
        large_file();
        for (uint64_t at = 0; at < LARGE; at += 1000)
                read_right(at, 1000);
        ck_assert_uint_lt(world.calls, LARGE / CHUNK + 5);
        ck_assert_uint_eq(read_right(LARGE, 1000), 0);
}
END_TEST

START_TEST(more_is_under_way_the_longer_the_way)
{
        large_file();
        world.way = 20 * RT_MILLISECOND;
        for (uint64_t at = 0; at < LARGE; at += CHUNK)
                read_right(at, CHUNK);
        ck_assert_uint_gt(world.most_under_way, AHEAD_FIRST + 1);
        ck_assert_uint_le(world.most_under_way, AHEAD_CHUNKS);
}
END_TEST

/* Else its end would not be waited for less by reading ahead. */
START_TEST(what_is_near_or_read_here_and_there_is_not_read_ahead)
{
        large_file();
        for (uint64_t at = LARGE / 2; at > 3 * CHUNK; at -= 2 * CHUNK)
                read_right(at, CHUNK);
        reader_close(&reader);
        ck_assert_uint_eq(world.most_under_way, 0);
        large_file();
        world.way = world.byte_time = 1;
        for (uint64_t at = 0; at < LARGE; at += CHUNK)
                read_right(at, CHUNK);
        ck_assert_uint_eq(world.most_under_way, 0);
}
END_TEST

START_TEST(a_slow_way_outlives_no_lease)
{
        large_file();
        world.byte_time = 2000; /* a chunk takes longer than a lease */
        for (uint64_t at = 0; at < 10 * CHUNK; at += CHUNK)
                read_right(at, CHUNK);
        world_write(10 * CHUNK + 7, 1);
        read_right(10 * CHUNK, CHUNK);
}
END_TEST

START_TEST(a_failure_is_told_when_it_is_reached_and_reading_can_go_on)
{
        size_t done;
        large_file();
        for (uint64_t at = 0; at < 4 * CHUNK; at += CHUNK)
                read_right(at, CHUNK);
        world.failure = perhaps_executed(REASON_LINK_LOST);
        outcome_t outcome = OUTCOME_OK;
        uint64_t at = 4 * CHUNK;
        for (; outcome == OUTCOME_OK && at < LARGE; at += done)
                outcome = reader_read(&reader, WORLD_FILE, at, bytes, CHUNK, &done);
        ck_assert_uint_eq(outcome, perhaps_executed(REASON_LINK_LOST));
        world.failure = OUTCOME_OK;
        for (; at < LARGE; at += CHUNK)
                read_right(at, CHUNK);
}
END_TEST

/* What was given up is on its way for longer than it takes to read ahead elsewhere. */
START_TEST(a_place_is_not_used_before_its_call_has_ended)
{
        large_file();
        world.byte_time = 500;
        for (uint64_t jump = 0; jump < LARGE; jump += 3 * CHUNK)
                for (uint64_t at = jump; at < jump + 20; at += 10)
                        read_right(at + READER_HEAD, 10);
        ck_assert_uint_gt(world.most_under_way, AHEAD_FIRST);
}
END_TEST

/* More files than places; those that are closed leave theirs. */
START_TEST(files_share_the_places)
{
        static struct reader readers[AHEAD_FILES + 1];
        size_t done;
        handle_t file;
        uint64_t kind;
        world_begin(LARGE);
        for (int round = 0; round < 20; round++) {
                for (unsigned i = 0; i <= AHEAD_FILES; i++)
                        reader_open(&readers[i], 1, "f", 1, FS_OPEN_READ, 0, &file, &kind);
                for (uint64_t at = 0; at < 5 * CHUNK; at += CHUNK) {
                        for (unsigned i = 0; i <= AHEAD_FILES; i++) {
                                reader_read(&readers[i], WORLD_FILE, at, bytes, CHUNK, &done);
                                ck_assert_mem_eq(bytes, world.content + at, CHUNK);
                        }
                }
                for (unsigned i = 0; i <= AHEAD_FILES; i++)
                        reader_close(&readers[i]);
        }
}
END_TEST

/* Reads in a row with jumps, while others write and time passes. */
START_TEST(whatever_happens_a_read_gives_what_the_file_holds)
{
        srandom((unsigned)_i);
        large_file();
        world.way = (uint64_t)random() % (10 * RT_MILLISECOND);
        uint64_t at = 0;
        for (int step = 0; step < 2000; step++) {
                unsigned dice = (unsigned)random() % 100;
                if (dice < 3 && world.size > 0)
                        at = (uint64_t)random() % world.size;
                else if (dice < 6)
                        world_write((size_t)random() % LARGE, (uint8_t)random());
                else if (dice < 7)
                        world_truncate((size_t)random() % LARGE);
                else if (dice < 12)
                        world.now += (uint64_t)random() % (2 * FS_LEASE_MOST);
                else if (dice < 14)
                        world.lease_most = dice == 12 ? 0 : FS_LEASE_MOST;
                else
                        at += read_right(at, (size_t)random() % (dice < 50 ? 3 * CHUNK : 5000));
        }
}
END_TEST

int main(void)
{
        enum { SEEDS = 20 };
        Suite *suite = suite_create("reader");
        TCase *tcase = tcase_create("reader");
        tcase_add_checked_fixture(tcase, NULL, teardown);
        tcase_set_timeout(tcase, 60);
        tcase_add_test(tcase, a_small_file_takes_one_call);
        tcase_add_test(tcase, what_is_here_is_used_no_longer_than_its_lease);
        tcase_add_test(tcase, without_leases_every_read_asks);
        tcase_add_test(tcase, a_file_is_read_ahead_as_fast_as_the_way_carries_it);
        tcase_add_test(tcase, small_reads_in_a_row_are_read_ahead_too);
        tcase_add_test(tcase, more_is_under_way_the_longer_the_way);
        tcase_add_test(tcase, what_is_near_or_read_here_and_there_is_not_read_ahead);
        tcase_add_test(tcase, a_slow_way_outlives_no_lease);
        tcase_add_test(tcase, a_failure_is_told_when_it_is_reached_and_reading_can_go_on);
        tcase_add_test(tcase, a_place_is_not_used_before_its_call_has_ended);
        tcase_add_test(tcase, files_share_the_places);
        tcase_add_loop_test(tcase, whatever_happens_a_read_gives_what_the_file_holds, 0, SEEDS);
        suite_add_tcase(suite, tcase);
        return suites_run(suite, NULL);
}
