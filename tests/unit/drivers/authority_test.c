/* Badges and the table of admitted components. */
#include <string.h>
#include "drivers/bus/pci/authority.h"
#include "tests/unit/drivers/suites.h"

static struct authority authority;

static void set_up(void)
{
        memset(&authority, 0, sizeof authority);
}

START_TEST(badges_are_never_the_same_and_say_what_they_are)
{
        uint64_t first = badge_make(&authority, BADGE_FUNCTION, 7);
        uint64_t second = badge_make(&authority, BADGE_FUNCTION, 7);
        ck_assert_uint_ne(first, second);
        ck_assert_int_eq(badge_kind(first), BADGE_FUNCTION);
        ck_assert_uint_eq(badge_index(second), 7);
        ck_assert_int_eq(badge_kind(0), BADGE_SUPERVISOR);
        ck_assert_int_eq(badge_kind(badge_make(&authority, BADGE_COMPONENT, 255)), BADGE_COMPONENT);
}
END_TEST

START_TEST(a_component_keeps_its_entry)
{
        struct component *nic = component_named(&authority, "nic", 3);
        struct component *other = component_named(&authority, "nic2", 4);
        ck_assert_ptr_nonnull(nic);
        ck_assert_ptr_ne(nic, other);
        ck_assert_ptr_eq(component_named(&authority, "nic", 3), nic);
        ck_assert_str_eq(nic->name, "nic");
}
END_TEST

START_TEST(names_that_are_not_allowed_have_no_entry)
{
        ck_assert_ptr_null(component_named(&authority, "", 0));
        ck_assert_ptr_null(component_named(&authority, "a\0b", 3));
        ck_assert_ptr_null(component_named(&authority, "abcdefghijklmnopqrstuvwx", 24));
        ck_assert_ptr_nonnull(component_named(&authority, "abcdefghijklmnopqrstuvw", 23));
}
END_TEST

START_TEST(the_table_does_not_overflow)
{
        char name[] = "c00";
        for (unsigned i = 0; i < COMPONENTS_MAX; i++) {
                name[1] = (char)('0' + i / 10);
                name[2] = (char)('0' + i % 10);
                ck_assert_ptr_nonnull(component_named(&authority, name, 3));
        }
        ck_assert_ptr_null(component_named(&authority, "more", 4));
        ck_assert_ptr_nonnull(component_named(&authority, "c00", 3));
}
END_TEST

START_TEST(only_the_badge_in_force_finds_its_component)
{
        struct component *nic = component_named(&authority, "nic", 3);
        uint64_t old = badge_make(&authority, BADGE_COMPONENT, 0);
        nic->badge = badge_make(&authority, BADGE_COMPONENT, 0);
        ck_assert_ptr_eq(component_of(&authority, nic->badge), nic);
        ck_assert_ptr_null(component_of(&authority, old));
        ck_assert_ptr_null(component_of(&authority, 0));
        ck_assert_ptr_null(component_of(&authority, badge_make(&authority, BADGE_COMPONENT, 200)));
        ck_assert_ptr_null(component_of(&authority, badge_make(&authority, BADGE_FUNCTION, 0)));
}
END_TEST

Suite *authority_suite(void)
{
        Suite *suite = suite_create("authority");
        TCase *tests = tcase_create("authority");
        tcase_add_checked_fixture(tests, set_up, NULL);
        tcase_add_test(tests, badges_are_never_the_same_and_say_what_they_are);
        tcase_add_test(tests, a_component_keeps_its_entry);
        tcase_add_test(tests, names_that_are_not_allowed_have_no_entry);
        tcase_add_test(tests, the_table_does_not_overflow);
        tcase_add_test(tests, only_the_badge_in_force_finds_its_component);
        suite_add_tcase(suite, tests);
        return suite;
}
