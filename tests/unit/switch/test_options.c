/* The command line. */
#include "tests/unit/switch/cases.h"

#include "tools/switch/options.h"

enum { ARGUMENTS_MAX = 24 };

/* Splits a line at spaces and reads it. */
static bool parse(const char *line, struct options *options)
{
        static char copy[512];
        char *arguments[ARGUMENTS_MAX + 1] = {"portolan-switch"};
        struct problem problem = {""};
        int count = 1;
        snprintf(copy, sizeof copy, "%s", line);
        for (char *word = strtok(copy, " "); word && count < ARGUMENTS_MAX;
             word = strtok(NULL, " "))
                arguments[count++] = word;
        bool right = options_parse(count, arguments, options, &problem);
        ck_assert(right || problem.text[0]);
        return right;
}

START_TEST(everything_is_read)
{
        struct options options;
        ck_assert(
            parse("--dir /x --node n1=52:54:00:00:00:01 --node n32=52:54:00:aB:Cd:ef --tftp t "
                  "--bootfile b --capture c --seed 0x10 --no-boot --loss 10",
                  &options));
        ck_assert_str_eq(options.directory, "/x");
        ck_assert_uint_eq(options.count, 2);
        ck_assert_str_eq(options.nodes[1].name, "n32");
        ck_assert_uint_eq(options.nodes[1].number, 32);
        ck_assert_uint_eq(options.nodes[1].mac.bytes[4], 0xcd);
        ck_assert_str_eq(options.tftp, "t");
        ck_assert_str_eq(options.bootfile, "b");
        ck_assert_str_eq(options.capture, "c");
        ck_assert(options.has_seed && options.no_boot);
        ck_assert_uint_eq(options.seed, 16);
        ck_assert_uint_eq(options.impairment.loss, 100000);
}
END_TEST

static const char *const wrong[] = {
    "",
    "--dir /x",
    "--node n1=52:54:00:00:00:01",
    "--dir",
    "--what",
    "--dir /x --node n0=52:54:00:00:00:01",
    "--dir /x --node n01=52:54:00:00:00:01",
    "--dir /x --node n33=52:54:00:00:00:01",
    "--dir /x --node n99999999999=52:54:00:00:00:01",
    "--dir /x --node m1=52:54:00:00:00:01",
    "--dir /x --node n=52:54:00:00:00:01",
    "--dir /x --node n1",
    "--dir /x --node n1=",
    "--dir /x --node n1=52:54:00:00:00",
    "--dir /x --node n1=52:54:00:00:00:01:02",
    "--dir /x --node n1=52:54:00:00:00:0g",
    "--dir /x --node n1=53:54:00:00:00:01",
    "--dir /x --node n1=52:54:00:00:00:01 --node n1=52:54:00:00:00:02",
    "--dir /x --node n1=52:54:00:00:00:01 --node n2=52:54:00:00:00:01",
    "--dir /x --node n1=52:54:00:00:00:01 --seed x",
    "--dir /x --node n1=52:54:00:00:00:01 --seed -1",
    "--dir /x --node n1=52:54:00:00:00:01 --seed 99999999999999999999",
    "--dir /x --node n1=52:54:00:00:00:01 --loss 101",
    "--dir /x --node n1=52:54:00:00:00:01 --default loss",
    "--dir /x --node n1=52:54:00:00:00:01 surplus",
};

START_TEST(wrong_ones_are_refused)
{
        struct options options;
        ck_assert_msg(!parse(wrong[_i], &options), "'%s' was taken", wrong[_i]);
}
END_TEST

START_TEST(help_needs_nothing_else)
{
        struct options options;
        ck_assert(parse("--help", &options) && options.help);
}
END_TEST

TCase *options_case(void)
{
        TCase *tcase = tcase_create("options");
        tcase_add_test(tcase, everything_is_read);
        tcase_add_loop_test(tcase, wrong_ones_are_refused, 0, sizeof wrong / sizeof wrong[0]);
        tcase_add_test(tcase, help_needs_nothing_else);
        return tcase;
}
