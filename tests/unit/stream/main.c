/* One pipe: what is read is what was written, and who waits is told when its time has come. */
#include "tests/unit/stream/suites.h"

#include <stdlib.h>
#include <string.h>
#include "servers/stream/pipe.h"

enum { READER = 11, OTHER = 99, WRITER = 121 };

static struct pipe pipe_;
static uint8_t *ring, bytes[2 * PIPE_BYTES];

static void setup(void)
{
        ring = malloc(PIPE_BYTES);
        pipe_ = (struct pipe){0};
        pipe_begin(&pipe_, ring);
        for (size_t i = 0; i < sizeof bytes; i++)
                bytes[i] = (uint8_t)(i * 7 + i / 256);
}

static void teardown(void)
{
        free(ring);
}

static size_t write_some(size_t count)
{
        size_t done;
        ck_assert_int_eq(pipe_write(&pipe_, WRITER, bytes, count, &done), PIPE_DONE);
        return done;
}

static void expect_read(const uint8_t *expected, size_t count)
{
        uint8_t *got = malloc(count);
        size_t length;
        ck_assert_int_eq(pipe_read(&pipe_, READER, got, count, &length), PIPE_DONE);
        ck_assert_uint_eq(length, count);
        ck_assert_int_eq(memcmp(got, expected, count), 0);
        free(got);
}

static void expect_end(void)
{
        uint8_t byte;
        size_t length = 1;
        ck_assert_int_eq(pipe_read(&pipe_, READER, &byte, 1, &length), PIPE_DONE);
        ck_assert_uint_eq(length, 0);
}

static void wait_to_read(uint64_t reader)
{
        uint8_t byte;
        size_t length;
        ck_assert_int_eq(pipe_read(&pipe_, reader, &byte, 1, &length), PIPE_LATER);
}

START_TEST(what_is_read_is_what_was_written)
{
        for (int round = 0; round < 3; round++) {
                ck_assert_uint_eq(write_some(10000), 10000);
                expect_read(bytes, 4000);
                ck_assert_uint_eq(write_some(3000), 3000);
                expect_read(bytes + 4000, 6000);
                expect_read(bytes, 3000);
        }
        ck_assert_uint_eq(write_some(sizeof bytes), PIPE_BYTES);
        expect_read(bytes, PIPE_BYTES);
}
END_TEST

START_TEST(a_reader_waits_for_bytes_or_the_end)
{
        size_t count;
        wait_to_read(READER);
        ck_assert_uint_eq(pipe_reader_due(&pipe_, &count), 0);
        write_some(5);
        ck_assert_uint_eq(pipe_reader_due(&pipe_, &count), READER);
        ck_assert_uint_eq(count, 1);
        ck_assert_uint_eq(pipe_reader_due(&pipe_, &count), 0);
        expect_read(bytes, 5);
        wait_to_read(READER);
        ck_assert(!pipe_close(&pipe_, PIPE_WRITE));
        ck_assert_uint_eq(pipe_reader_due(&pipe_, &count), READER);
        expect_end();
        ck_assert(pipe_close(&pipe_, PIPE_READ));
}
END_TEST

START_TEST(the_end_comes_behind_all_that_was_written)
{
        write_some(3);
        pipe_close(&pipe_, PIPE_WRITE);
        expect_read(bytes, 3);
        expect_end();
}
END_TEST

START_TEST(readers_wait_in_the_order_in_which_they_came)
{
        uint8_t byte;
        size_t count, length;
        for (unsigned i = 0; i < PIPE_READERS; i++)
                wait_to_read(READER + i);
        ck_assert_int_eq(pipe_read(&pipe_, OTHER, &byte, 1, &length), PIPE_TOO_MANY);
        ck_assert(pipe_forget(&pipe_, READER + 1) && !pipe_forget(&pipe_, READER + 1));
        write_some(1);
        ck_assert_uint_eq(pipe_reader_due(&pipe_, &count), READER);
        expect_read(bytes, 1);
        ck_assert_uint_eq(pipe_reader_due(&pipe_, &count), 0);
        pipe_close(&pipe_, PIPE_WRITE);
        for (unsigned i = 2; i < PIPE_READERS; i++)
                ck_assert_uint_eq(pipe_reader_due(&pipe_, &count), READER + i);
        ck_assert_uint_eq(pipe_reader_due(&pipe_, &count), 0);
}
END_TEST

START_TEST(writers_wait_for_room_or_are_told_that_nobody_reads)
{
        size_t done;
        bool broken;
        write_some(PIPE_BYTES);
        for (unsigned i = 0; i < PIPE_WRITERS; i++)
                ck_assert_int_eq(pipe_write(&pipe_, WRITER + i, bytes, 1, &done), PIPE_LATER);
        ck_assert_int_eq(pipe_write(&pipe_, OTHER, bytes, 1, &done), PIPE_TOO_MANY);
        ck_assert_uint_eq(pipe_writer_due(&pipe_, &broken), 0);
        expect_read(bytes, PIPE_ATOMIC - 1);
        ck_assert_uint_eq(pipe_writer_due(&pipe_, &broken), 0);
        expect_read(bytes + PIPE_ATOMIC - 1, 1);
        ck_assert_uint_eq(pipe_writer_due(&pipe_, &broken), WRITER);
        ck_assert(!broken);
        pipe_close(&pipe_, PIPE_READ);
        ck_assert_uint_eq(pipe_writer_due(&pipe_, &broken), WRITER + 1);
        ck_assert(broken);
        ck_assert_int_eq(pipe_write(&pipe_, WRITER, bytes, 1, &done), PIPE_BROKEN);
}
END_TEST

START_TEST(what_is_short_is_written_as_a_whole)
{
        size_t done;
        write_some(PIPE_BYTES - PIPE_ATOMIC + 1);
        ck_assert_int_eq(pipe_write(&pipe_, WRITER, bytes, PIPE_ATOMIC, &done), PIPE_LATER);
        ck_assert_uint_eq(done, 0);
        ck_assert_uint_eq(write_some(PIPE_ATOMIC - 1), PIPE_ATOMIC - 1);
        expect_read(bytes, 10);
        ck_assert_uint_eq(write_some(PIPE_ATOMIC + 1), 10);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("stream");
        TCase *tests = tcase_create("pipe");
        tcase_add_checked_fixture(tests, setup, teardown);
        tcase_add_test(tests, what_is_read_is_what_was_written);
        tcase_add_test(tests, a_reader_waits_for_bytes_or_the_end);
        tcase_add_test(tests, the_end_comes_behind_all_that_was_written);
        tcase_add_test(tests, readers_wait_in_the_order_in_which_they_came);
        tcase_add_test(tests, writers_wait_for_room_or_are_told_that_nobody_reads);
        tcase_add_test(tests, what_is_short_is_written_as_a_whole);
        suite_add_tcase(suite, tests);
        return suites_run(suite, terminal_suite(), watch_suite(), pair_suite(), NULL);
}
