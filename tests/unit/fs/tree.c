/* Nodes by themselves: when an access is noted, and what a change of what sets. */
#include "tests/unit/fs/test_fs.h"

enum { PLENTY = 1 << 20, DAY = 24 * 60 * 60, NOW = 10 * DAY };

START_TEST(an_access_is_noted_after_a_change_and_once_a_day)
{
        static const struct {
                int64_t accessed, modified, changed, now;
                bool noted;
        } cases[] = {
            {NOW - 2, NOW - 2, NOW - 2, NOW, true},
            {NOW - 2, NOW - 1, NOW - 3, NOW, true},
            {NOW - 2, NOW - 3, NOW - 1, NOW, true},
            {NOW - 2, NOW - 3, NOW - 2, NOW, true},
            {NOW - 2, NOW - 3, NOW - 3, NOW, false},
            {NOW, NOW, NOW, NOW, false},
            {NOW - DAY + 1, 0, 0, NOW, false},
            {NOW - DAY, 0, 0, NOW, true},
            {NOW + 5, NOW + 9, NOW, NOW, false},
            {-5, -5, 0, NOW, true},
            {-5, -6, -6, -4, false},
            {INT64_MIN, 0, 0, NOW, true},
            {INT64_MAX, INT64_MAX, 0, NOW, false},
        };
        struct tree *tree = tree_of(PLENTY);
        struct node *node = file_put(tree, "f", "");
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                node->accessed = (uint64_t)cases[i].accessed;
                node->modified = (uint64_t)cases[i].modified;
                node->changed = (uint64_t)cases[i].changed;
                ck_assert_msg(node_access_due(node, (uint64_t)cases[i].now) == cases[i].noted,
                              "case %zu", i);
                node_accessed(node, (uint64_t)cases[i].now);
                ck_assert_int_eq((int64_t)node->accessed,
                                 cases[i].noted ? cases[i].now : cases[i].accessed);
        }
        tree_gone(tree);
}
END_TEST

START_TEST(content_and_what_is_said_change_at_their_own_times)
{
        struct tree *tree = tree_of(PLENTY);
        struct node *node = file_put(tree, "f", "");
        const uint64_t version = node->version;
        node_changed(tree, node, 5);
        ck_assert_uint_gt(node->version, version);
        ck_assert_uint_eq(node->modified, 5);
        ck_assert_uint_eq(node->changed, 5);
        node_marked(tree, node, 7);
        ck_assert_uint_gt(node->version, version + 1);
        ck_assert_uint_eq(node->modified, 5);
        ck_assert_uint_eq(node->changed, 7);
        ck_assert_uint_eq(node->accessed, 0);
        tree_gone(tree);
}
END_TEST

/* Each of the walker's rules about names, broken by hand. */
START_TEST(the_walker_finds_counts_of_names_that_are_wrong)
{
        struct tree *tree = tree_of(PLENTY);
        struct node *node = file_put(tree, "f", "");
        ck_assert_uint_eq(tree_mkdir(tree, PATH("d"), 0755, 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_link(tree, PATH("f"), false, PATH("d/g"), 0), OUTCOME_OK);
        ck_assert(tree_check(tree));
        node->links--;
        ck_assert(!tree_check(tree));
        node->links += 2;
        ck_assert(!tree_check(tree));
        node->links--;
        struct node *d = folder_find(tree->root, "d", 1);
        d->folder.parent = d;
        ck_assert(!tree_check(tree));
        d->folder.parent = tree->root;
        tree_gone(tree);
}
END_TEST

Suite *tree_suite(void)
{
        Suite *suite = suite_create("fs/tree");
        TCase *tcase = tcase_create("tree");
        tcase_add_test(tcase, an_access_is_noted_after_a_change_and_once_a_day);
        tcase_add_test(tcase, content_and_what_is_said_change_at_their_own_times);
        tcase_add_test(tcase, the_walker_finds_counts_of_names_that_are_wrong);
        suite_add_tcase(suite, tcase);
        return suite;
}
