/* Which names are names. */
#include "tests/unit/common/suites.h"

#include <string.h>
#include "servers/common/name.h"

static bool named(const char *name)
{
        return is_name(name, strlen(name), NAME_LONGEST);
}

START_TEST(names_begin_with_a_letter)
{
        ck_assert(named("fs"));
        ck_assert(named("n1"));
        ck_assert(named("virtio_net"));
        ck_assert(named("a-"));
        ck_assert(!named("1n"));
        ck_assert(!named("-a"));
        ck_assert(!named("_a"));
}
END_TEST

START_TEST(other_characters_are_refused)
{
        for (int c = -128; c < 128; c++) {
                char name[] = {'a', (char)c};
                bool good =
                    (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
                ck_assert_int_eq(is_name(name, 2, NAME_LONGEST), good);
        }
}
END_TEST

START_TEST(length_is_bounded)
{
        ck_assert(!named(""));
        ck_assert(named("abcdefghijklmnopqrstuvw"));
        ck_assert(!named("abcdefghijklmnopqrstuvwx"));
        ck_assert(is_name("abcdefghijklmno", 15, NODE_NAME_LONGEST));
        ck_assert(!is_name("abcdefghijklmnop", 16, NODE_NAME_LONGEST));
}
END_TEST

TCase *name_tests(void)
{
        TCase *tests = tcase_create("name");
        tcase_add_test(tests, names_begin_with_a_letter);
        tcase_add_test(tests, other_characters_are_refused);
        tcase_add_test(tests, length_is_bounded);
        return tests;
}
