/* Chains of calls that repeat themselves, and that do not. */
#include "tests/unit/rt/suites.h"

#include <stdio.h>
#include <string.h>
#include "servers/rt/pure/chain.h"

/* The parts of a chain that is written with a letter an address: "1x1 2x3". */
static void expect_parts(const char *chain, const char *expected)
{
        uint64_t addresses[64];
        char parts[256] = "";
        unsigned count = 0, at = 0;
        for (; chain[count]; count++)
                addresses[count] = (uint64_t)chain[count];
        while (at < count) {
                struct chain_part part = chain_part(addresses + at, count - at);
                size_t used = strlen(parts);
                snprintf(parts + used, sizeof parts - used, "%s%ux%u", used ? " " : "", part.period,
                         part.times);
                at += part.period * part.times;
        }
        ck_assert_uint_eq(at, count);
        ck_assert_str_eq(parts, expected);
}

START_TEST(what_repeats_is_one_part)
{
        expect_parts("aaaa", "1x4");
        expect_parts("abcccccd", "1x1 1x1 1x5 1x1");
        expect_parts("abcbcbcd", "1x1 2x3 1x1");
        expect_parts("abcdefghabcdefghabcdefgh", "8x3");
        expect_parts("abababa", "2x3 1x1");
}
END_TEST

START_TEST(what_comes_once_or_twice_is_shown)
{
        expect_parts("a", "1x1");
        expect_parts("aab", "1x1 1x1 1x1");
        expect_parts("abab", "1x1 1x1 1x1 1x1");
        expect_parts("abcdefghi", "1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1");
}
END_TEST

TCase *chain_tests(void)
{
        TCase *tests = tcase_create("chain");
        tcase_add_test(tests, what_repeats_is_one_part);
        tcase_add_test(tests, what_comes_once_or_twice_is_shown);
        return tests;
}
