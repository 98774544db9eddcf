/* Lines on their way to a log server that takes them, refuses them, or dies. */
#include <stdio.h>
#include <string.h>
#include "netipc/server/journal.h"
#include "servers/proto/log.h"
#include "tests/unit/transport/kernel.h"

static void setup(void)
{
        kernel_reset();
        kernel.log = 7;
        kernel.ended = OUTCOME_OK;
        ck_assert_uint_eq(journal_init(0, 0), OUTCOME_OK);
}

/* The last message is this line, and nothing else. */
static void ck_sent(const char *line)
{
        const struct message *message = &kernel.started;
        ck_assert_uint_eq(message->interface, LOG_INTERFACE);
        ck_assert_uint_eq(message->method, LOG_METHOD_WRITE);
        ck_assert_uint_eq(message->flags, MESSAGE_ONE_WAY);
        ck_assert_uint_eq(message->word_count, 1);
        ck_assert_uint_eq(message->words[0], strlen(line));
        ck_assert_uint_eq(message->buffer_count, 1);
        ck_assert_uint_eq(message->buffers[0].length, strlen(line));
        ck_assert_mem_eq((const void *)message->buffers[0].address, line, strlen(line));
        ck_assert_uint_eq(message->cap_count, 0);
}

START_TEST(lines_go_one_at_a_time_and_in_order)
{
        journal("one %u", 1);
        journal("two");
        journal_work();
        ck_sent("one 1\n");
        kernel.ended = not_executed(REASON_BUSY);
        journal_done();
        journal_work();
        ck_assert_uint_eq(kernel.starts, 1);
        kernel.ended = OUTCOME_OK;
        journal_done();
        journal_work();
        ck_sent("two\n");
        journal_done();
        journal_done();
        journal_work();
        ck_assert_uint_eq(kernel.starts, 2);
}
END_TEST

START_TEST(lines_wait_for_the_successor_of_a_dead_log)
{
        journal("one");
        journal_work();
        kernel.ended = not_executed(REASON_RECEIVER_DIED);
        journal_done();
        journal_work();
        ck_assert_uint_eq(kernel.starts, 1);
        kernel.log = 8;
        kernel.start = not_executed(REASON_RECEIVER_DIED);
        journal_work();
        ck_assert_uint_eq(kernel.starts, 2);
        kernel.log = 9;
        kernel.start = OUTCOME_OK;
        journal_work();
        ck_assert_uint_eq(kernel.starts, 3);
        ck_sent("one\n");
}
END_TEST

START_TEST(lines_that_a_living_log_refuses_are_lost)
{
        journal("one");
        journal("two");
        journal("three");
        journal_work();
        kernel.ended = not_executed(REASON_OVERLOADED);
        journal_done();
        kernel.start = not_executed(REASON_OVERLOADED);
        journal_work();
        ck_assert_uint_eq(kernel.starts, 3);
        kernel.start = OUTCOME_OK;
        journal("four");
        journal_work();
        ck_sent("four\n");
}
END_TEST

static unsigned lines_take(void)
{
        unsigned before = kernel.starts;
        for (unsigned last = before - 1; last != kernel.starts; journal_done()) {
                last = kernel.starts;
                journal_work();
        }
        return kernel.starts - before;
}

START_TEST(lines_beyond_those_of_a_second_are_counted)
{
        for (unsigned i = 0; i < JOURNAL_PER_SECOND + 3; i++)
                journal("line %u", i);
        ck_assert_uint_eq(lines_take(), JOURNAL_PER_SECOND);
        transport.now += 1000000000;
        journal("next");
        journal_work();
        ck_sent("3 lines are left out\n");
        journal_done();
        ck_assert_uint_eq(lines_take(), 1);
        ck_sent("next\n");
        for (unsigned i = 0; i < JOURNAL_PER_SECOND; i++)
                journal("line %u", i);
        ck_assert_uint_eq(lines_take(), JOURNAL_PER_SECOND - 2);
        char last[JOURNAL_LINE]; /* none but lines: the count was said once */
        snprintf(last, sizeof(last), "line %u\n", JOURNAL_PER_SECOND - 3);
        ck_sent(last);
}
END_TEST

/* Those that the log does not take fill the ring. */
START_TEST(lines_beyond_the_ring_are_counted)
{
        kernel.log = 0;
        for (unsigned i = 0; i < JOURNAL_LINES + 2; i++) {
                transport.now += 1000000000;
                journal("line %u", i);
        }
        kernel.log = 7;
        ck_assert_uint_eq(lines_take(), JOURNAL_LINES);
        ck_sent("line 63\n");
        journal("next");
        ck_assert_uint_eq(lines_take(), 2);
        ck_sent("next\n");
}
END_TEST

START_TEST(a_long_line_is_cut_and_ends)
{
        char text[2 * JOURNAL_LINE] = "", line[JOURNAL_LINE] = "";
        memset(text, 'x', sizeof(text) - 1);
        memset(line, 'x', sizeof(line) - 2);
        line[sizeof(line) - 2] = '\n';
        journal("%s", text);
        journal_work();
        ck_sent(line);
}
END_TEST

/* The last of all suites: the journal stays initialised. */
Suite *journal_suite(void)
{
        Suite *suite = suite_create("journal");
        TCase *tests = tcase_create("journal");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, lines_go_one_at_a_time_and_in_order);
        tcase_add_test(tests, lines_wait_for_the_successor_of_a_dead_log);
        tcase_add_test(tests, lines_that_a_living_log_refuses_are_lost);
        tcase_add_test(tests, lines_beyond_those_of_a_second_are_counted);
        tcase_add_test(tests, lines_beyond_the_ring_are_counted);
        tcase_add_test(tests, a_long_line_is_cut_and_ends);
        suite_add_tcase(suite, tests);
        return suite;
}
