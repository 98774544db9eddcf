/* Who waits until a stream is ready is told of what is wanted, once for each edge. */
#include "tests/unit/stream/suites.h"

#include <poll.h>
#include <stdlib.h>
#include "servers/stream/terminal.h"

enum { WHO = 31, NOTHING_SEEN = -1 };

static struct pipe pipe_;
static struct watches watches;
static uint8_t *ring, bytes[PIPE_BYTES];

static void setup(void)
{
        ring = malloc(PIPE_BYTES);
        pipe_ = (struct pipe){0};
        watches = (struct watches){0};
        pipe_begin(&pipe_, ring);
}

static void teardown(void)
{
        free(ring);
}

static unsigned events(enum pipe_end end)
{
        return pipe_ready(&pipe_, end).events;
}

static void put(size_t count)
{
        size_t done;
        ck_assert_int_eq(pipe_write(&pipe_, 1, bytes, count, &done), PIPE_DONE);
        ck_assert_uint_eq(done, count);
}

static void watch(uint64_t who, unsigned wanted, uint64_t seen)
{
        ck_assert(watch_add(&watches, &(struct watch){who, wanted, seen}));
}

START_TEST(an_end_is_ready_for_what_it_could_do_now)
{
        ck_assert_uint_eq(events(PIPE_READ), 0);
        ck_assert_uint_eq(events(PIPE_WRITE), POLLOUT);
        put(1);
        ck_assert_uint_eq(events(PIPE_READ), POLLIN);
        put(PIPE_BYTES - PIPE_ATOMIC - 1);
        ck_assert_uint_eq(events(PIPE_WRITE), POLLOUT);
        put(1);
        ck_assert_uint_eq(events(PIPE_WRITE), 0);
}
END_TEST

START_TEST(an_end_without_the_other_says_so)
{
        put(1);
        pipe_close(&pipe_, PIPE_WRITE);
        ck_assert_uint_eq(events(PIPE_READ), POLLIN | POLLHUP);
        teardown();
        setup();
        pipe_close(&pipe_, PIPE_READ);
        ck_assert_uint_eq(events(PIPE_WRITE), POLLOUT | POLLERR);
        watch(WHO, 0, (uint64_t)NOTHING_SEEN);
        ck_assert_uint_eq(watch_due(&watches, pipe_ready(&pipe_, PIPE_WRITE)), WHO);
}
END_TEST

START_TEST(who_waits_is_told_of_what_is_wanted_once)
{
        watch(WHO, POLLIN, (uint64_t)NOTHING_SEEN);
        watch(WHO + 1, POLLPRI, (uint64_t)NOTHING_SEEN);
        ck_assert_uint_eq(watch_due(&watches, pipe_ready(&pipe_, PIPE_READ)), 0);
        put(1);
        ck_assert_uint_eq(watch_due(&watches, pipe_ready(&pipe_, PIPE_READ)), WHO);
        ck_assert_uint_eq(watch_due(&watches, pipe_ready(&pipe_, PIPE_READ)), 0);
        ck_assert(watch_forget(&watches, WHO + 1) && !watch_forget(&watches, WHO + 1));
}
END_TEST

START_TEST(what_was_seen_is_no_news)
{
        put(1);
        watch(WHO, POLLIN, pipe_ready(&pipe_, PIPE_READ).progress);
        ck_assert_uint_eq(watch_due(&watches, pipe_ready(&pipe_, PIPE_READ)), 0);
        put(1);
        ck_assert_uint_eq(watch_due(&watches, pipe_ready(&pipe_, PIPE_READ)), WHO);
}
END_TEST

START_TEST(so_many_can_wait)
{
        for (unsigned i = 0; i < WATCHES; i++)
                watch(WHO + i, POLLIN, (uint64_t)NOTHING_SEEN);
        ck_assert(!watch_add(&watches, &(struct watch){WHO, POLLIN, 0}));
        for (unsigned i = 0; i < WATCHES; i++)
                ck_assert_uint_eq(watch_any(&watches), WHO + i);
        ck_assert_uint_eq(watch_any(&watches), 0);
}
END_TEST

START_TEST(a_terminal_is_ready_when_a_line_was_typed)
{
        static struct terminal terminal;
        static struct terminal_echo echo;
        static uint8_t input[PIPE_BYTES], output[PIPE_BYTES];
        terminal_begin(&terminal, input, output, 24, 80);
        ck_assert_uint_eq(terminal_ready(&terminal).events, POLLOUT);
        terminal_type(&terminal, (const uint8_t *)"ab", 2, &echo);
        ck_assert_uint_eq(terminal_ready(&terminal).events, POLLOUT);
        const uint64_t before = terminal_ready(&terminal).progress;
        terminal_type(&terminal, (const uint8_t *)"\r", 1, &echo);
        ck_assert_uint_eq(terminal_ready(&terminal).events, POLLIN | POLLOUT);
        ck_assert_uint_ne(terminal_ready(&terminal).progress, before);
}
END_TEST

Suite *watch_suite(void)
{
        Suite *suite = suite_create("watch");
        TCase *tests = tcase_create("watch");
        tcase_add_checked_fixture(tests, setup, teardown);
        tcase_add_test(tests, an_end_is_ready_for_what_it_could_do_now);
        tcase_add_test(tests, an_end_without_the_other_says_so);
        tcase_add_test(tests, who_waits_is_told_of_what_is_wanted_once);
        tcase_add_test(tests, what_was_seen_is_no_news);
        tcase_add_test(tests, so_many_can_wait);
        tcase_add_test(tests, a_terminal_is_ready_when_a_line_was_typed);
        suite_add_tcase(suite, tests);
        return suite;
}
