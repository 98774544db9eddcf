/* The table of open files: badges, late ones, all places taken. */
#include "servers/fs/opens.h"
#include "tests/unit/fs/test_fs.h"

enum { PLENTY = 1 << 20 };

static struct opens opens;
static struct tree *tree;
static struct node *node;

static void setup(void)
{
        tree = tree_of(PLENTY);
        opens_init(&opens, tree);
        node = file_put(tree, "f", "text");
}

static void teardown(void)
{
        tree_gone(tree);
}

START_TEST(a_badge_leads_to_its_file_until_it_is_closed)
{
        node_hold(node);
        uint64_t badge = open_add(&opens, node, FS_OPEN_READ);
        ck_assert_uint_ne(badge, 0);
        ck_assert_ptr_eq(open_find(&opens, badge)->node, node);
        ck_assert_uint_eq(open_find(&opens, badge)->flags, FS_OPEN_READ);
        open_close(&opens, badge);
        ck_assert_ptr_null(open_find(&opens, badge));
        ck_assert_uint_eq(node->holds, 0);
        open_close(&opens, badge);
}
END_TEST

START_TEST(a_late_badge_does_not_reach_the_next_file)
{
        node_hold(node);
        uint64_t first = open_add(&opens, node, FS_OPEN_READ);
        open_close(&opens, first);
        node_hold(node);
        uint64_t second = open_add(&opens, node, FS_OPEN_WRITE);
        ck_assert_uint_ne(first, second);
        ck_assert_ptr_null(open_find(&opens, first));
        open_close(&opens, first);
        ck_assert_ptr_nonnull(open_find(&opens, second));
        open_close(&opens, second);
}
END_TEST

START_TEST(made_up_badges_lead_nowhere)
{
        static const uint64_t badges[] = {0, 1, 1ull << 63, UINT64_MAX, 1ull << 63 | OPENS_MAX};
        for (size_t i = 0; i < sizeof badges / sizeof badges[0]; i++)
                ck_assert_ptr_null(open_find(&opens, badges[i]));
}
END_TEST

START_TEST(there_are_so_many_places_and_they_are_used_again)
{
        static uint64_t badges[OPENS_MAX];
        for (int round = 0; round < 3; round++) {
                for (int i = 0; i < OPENS_MAX; i++) {
                        node_hold(node);
                        badges[i] = open_add(&opens, node, FS_OPEN_READ);
                        ck_assert_uint_ne(badges[i], 0);
                }
                ck_assert_uint_eq(open_add(&opens, node, FS_OPEN_READ), 0);
                for (int i = 0; i < OPENS_MAX; i++)
                        open_close(&opens, badges[i]);
                ck_assert_uint_eq(node->holds, 0);
        }
}
END_TEST

Suite *opens_suite(void)
{
        Suite *suite = suite_create("fs/opens");
        TCase *tcase = tcase_create("opens");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, a_badge_leads_to_its_file_until_it_is_closed);
        tcase_add_test(tcase, a_late_badge_does_not_reach_the_next_file);
        tcase_add_test(tcase, made_up_badges_lead_nowhere);
        tcase_add_test(tcase, there_are_so_many_places_and_they_are_used_again);
        suite_add_tcase(suite, tcase);
        return suite;
}
