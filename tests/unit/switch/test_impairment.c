/* The notation of impairments, as a table of what is right, what is wrong, and what comes back. */
#include "tests/unit/switch/cases.h"
#include "tools/switch/impairment.h"

START_TEST(reads_every_key_and_unit)
{
        struct impairment i;
        struct problem problem;
        ck_assert(impairment_parse("loss 10% delay 5ms jitter 500us rate 1mbit dup 0.5% "
                                   "reorder 2 corrupt 0.0001% mtu 1500",
                                   &i, &problem));
        ck_assert_uint_eq(i.loss, 100000);
        ck_assert_uint_eq(i.mtu, 1500);
        ck_assert_uint_eq(i.delay, 5000000);
        ck_assert_uint_eq(i.jitter, 500000);
        ck_assert_uint_eq(i.rate, 1000000);
        ck_assert_uint_eq(i.duplicate, 5000);
        ck_assert_uint_eq(i.reorder, 20000);
        ck_assert_uint_eq(i.corrupt, 1);
        ck_assert(impairment_parse("  rate\t2gbit  delay 1.5s ", &i, &problem));
        ck_assert_uint_eq(i.rate, 2000000000);
        ck_assert_uint_eq(i.delay, 1500000000);
        ck_assert_uint_eq(i.loss, 0);
}
END_TEST

static const char *const wrong[] = {
    "",
    "   ",
    "loss",
    "loss %",
    "loss ten",
    "loss -1%",
    "loss 101%",
    "loss 100.0001%",
    "loss 1.%",
    "loss 1.00001%",
    "loss .5%",
    "loss 10 %",
    "loss 10%%",
    "loss 10ms",
    "mtu 67",
    "mtu 9001",
    "mtu 1500%",
    "loss 1% loss 2%",
    "losss 1%",
    "delay 11s",
    "delay 1h",
    "delay 5ms jitter 6ms",
    "jitter 1ms",
    "rate 0",
    "rate 999bit",
    "rate 101gbit",
    "rate 99999999999gbit",
    "rate 999999999999999999999999999",
    "delay 18446744073709551617s",
    "dup 1% extra",
    "corrupt 1%\n",
    "loss "
    "1111111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
};

START_TEST(refuses_and_leaves_alone)
{
        struct impairment i = {.loss = 7};
        struct problem problem = {""};
        ck_assert_msg(!impairment_parse(wrong[_i], &i, &problem), "'%s' was taken", wrong[_i]);
        ck_assert_uint_eq(i.loss, 7);
        ck_assert_uint_eq(i.rate, 0);
        ck_assert(problem.text[0] != 0);
}
END_TEST

START_TEST(format_is_what_parse_reads)
{
        const struct impairment all = {.loss = 123456,
                                       .duplicate = 1,
                                       .reorder = PPM,
                                       .corrupt = 999999,
                                       .delay = DELAY_MAX_NS,
                                       .jitter = 1234000,
                                       .rate = RATE_MAX};
        struct impairment back;
        struct problem problem;
        char text[IMPAIRMENT_TEXT];
        impairment_format(&all, text);
        ck_assert_msg(impairment_parse(text, &back, &problem), "%s: %s", text, problem.text);
        ck_assert_uint_eq(back.loss, all.loss);
        ck_assert_uint_eq(back.duplicate, all.duplicate);
        ck_assert_uint_eq(back.reorder, all.reorder);
        ck_assert_uint_eq(back.corrupt, all.corrupt);
        ck_assert_uint_eq(back.delay, all.delay);
        ck_assert_uint_eq(back.jitter, all.jitter);
        ck_assert_uint_eq(back.rate, all.rate);
        impairment_format(&(struct impairment){0}, text);
        ck_assert_str_eq(text, "clear");
}
END_TEST

TCase *impairment_case(void)
{
        TCase *tcase = tcase_create("impairment");
        tcase_add_test(tcase, reads_every_key_and_unit);
        tcase_add_loop_test(tcase, refuses_and_leaves_alone, 0, sizeof wrong / sizeof wrong[0]);
        tcase_add_test(tcase, format_is_what_parse_reads);
        return tcase;
}
