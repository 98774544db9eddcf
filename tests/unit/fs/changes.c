/* Opening, making, removing and renaming: what happens, what is refused, and that what is refused,
 * or ends for want of space, has changed nothing. */
#include "tests/unit/fs/test_fs.h"

enum { PLENTY = 1 << 22 };

static outcome_t opened(struct tree *tree, const char *path, uint64_t flags)
{
        struct node *node;
        outcome_t outcome = tree_open(tree, PATH(path), flags, 0644, 7, &node);
        if (outcome == OUTCOME_OK)
                node_drop(tree, node);
        return outcome;
}

START_TEST(flags_of_open_do_what_they_say)
{
        struct tree *tree = tree_of(PLENTY);
        const uint64_t create = FS_OPEN_WRITE | FS_OPEN_CREATE;
        ck_assert_uint_eq(opened(tree, "f", FS_OPEN_READ), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(opened(tree, "f", create), OUTCOME_OK);
        ck_assert_uint_eq(opened(tree, "f", create | FS_OPEN_EXCLUSIVE), answered(REASON_EXISTS));
        file_put(tree, "f", "text");
        ck_assert_uint_eq(opened(tree, "f", create), OUTCOME_OK);
        ck_assert_str_eq(file_text(tree, "f"), "text");
        ck_assert_uint_eq(opened(tree, "f", FS_OPEN_WRITE | FS_OPEN_TRUNCATE), OUTCOME_OK);
        ck_assert_str_eq(file_text(tree, "f"), "");
        ck_assert_uint_eq(opened(tree, "/", FS_OPEN_READ), OUTCOME_OK);
        ck_assert_uint_eq(opened(tree, "/", FS_OPEN_WRITE), answered(REASON_IS_DIRECTORY));
        ck_assert_uint_eq(opened(tree, "g/", create), answered(REASON_IS_DIRECTORY));
        ck_assert_uint_eq(opened(tree, "f", 0), answered(REASON_INVALID));
        ck_assert_uint_eq(opened(tree, "f", 1 << 10 | FS_OPEN_READ), answered(REASON_INVALID));
        ck_assert_uint_eq(opened(tree, "f", FS_OPEN_READ | FS_OPEN_TRUNCATE),
                          answered(REASON_INVALID));
        ck_assert_uint_eq(tree_symlink(tree, PATH("none"), PATH("link"), 0), OUTCOME_OK);
        ck_assert_uint_eq(opened(tree, "link", create | FS_OPEN_EXCLUSIVE),
                          answered(REASON_EXISTS));
        tree_gone(tree);
}
END_TEST

/* Who knows the file by its version asks anew for its time. */
START_TEST(cutting_an_empty_file_is_a_change)
{
        struct tree *tree = tree_of(PLENTY);
        struct node *node = file_put(tree, "f", "");
        uint64_t version = node->version;
        ck_assert_uint_eq(opened(tree, "f", FS_OPEN_WRITE | FS_OPEN_TRUNCATE), OUTCOME_OK);
        ck_assert_uint_gt(node->version, version);
        ck_assert_uint_eq(node->modified, 7);
        tree_gone(tree);
}
END_TEST

START_TEST(any_name_but_the_special_ones_can_be_made)
{
        static const char *const names[] = {"übergröße", "日本語", "with space", "...", "-",
                                            "\xff\xfe",  "a\nb",   "🜁",          "..a", "*"};
        struct tree *tree = tree_of(PLENTY);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
                file_put(tree, names[i], names[i]);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
                ck_assert_str_eq(file_text(tree, names[i]), names[i]);
        ck_assert_uint_eq(tree_mkdir(tree, PATH("."), 0755, 0), answered(REASON_EXISTS));
        ck_assert_uint_eq(tree_mkdir(tree, PATH(".."), 0755, 0), answered(REASON_EXISTS));
        ck_assert_uint_eq(tree_mkdir(tree, PATH("/"), 0755, 0), answered(REASON_EXISTS));
        ck_assert_uint_eq(tree_mkdir(tree, PATH("none/x"), 0755, 0), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(tree_mkdir(tree, PATH("folder/"), 0755, 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_mkdir(tree, PATH("folder"), 0755, 0), answered(REASON_EXISTS));
        tree_gone(tree);
}
END_TEST

START_TEST(a_link_needs_a_target)
{
        static char target[FS_PATH_MAX + 1];
        struct tree *tree = tree_of(PLENTY);
        memset(target, 't', sizeof target);
        ck_assert_uint_eq(tree_symlink(tree, "", 0, PATH("l"), 0), answered(REASON_INVALID));
        ck_assert_uint_eq(tree_symlink(tree, "a\0b", 3, PATH("l"), 0), answered(REASON_INVALID));
        ck_assert_uint_eq(tree_symlink(tree, target, sizeof target, PATH("l"), 0),
                          answered(REASON_NAME_TOO_LONG));
        ck_assert_uint_eq(tree_symlink(tree, PATH("x"), PATH("l/"), 0), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(tree_symlink(tree, target, FS_PATH_MAX, PATH("l"), 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_symlink(tree, PATH("x"), PATH("l"), 0), answered(REASON_EXISTS));
        tree_gone(tree);
}
END_TEST

START_TEST(unlink_and_rmdir_take_what_is_theirs)
{
        struct tree *tree = tree_of(PLENTY);
        ck_assert_uint_eq(tree_mkdir(tree, PATH("d"), 0755, 0), OUTCOME_OK);
        file_put(tree, "d/f", "x");
        ck_assert_uint_eq(tree_symlink(tree, PATH("d"), PATH("l"), 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_unlink(tree, PATH("d"), 0), answered(REASON_IS_DIRECTORY));
        ck_assert_uint_eq(tree_rmdir(tree, PATH("d"), 0), answered(REASON_NOT_EMPTY));
        ck_assert_uint_eq(tree_rmdir(tree, PATH("d/f"), 0), answered(REASON_NOT_DIRECTORY));
        ck_assert_uint_eq(tree_rmdir(tree, PATH("l"), 0), answered(REASON_NOT_DIRECTORY));
        ck_assert_uint_eq(tree_rmdir(tree, PATH("/"), 0), answered(REASON_INVALID));
        ck_assert_uint_eq(tree_rmdir(tree, PATH("d/."), 0), answered(REASON_INVALID));
        ck_assert_uint_eq(tree_unlink(tree, PATH("none"), 0), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(tree_unlink(tree, PATH("l"), 0), OUTCOME_OK);
        ck_assert_str_eq(file_text(tree, "d/f"), "x");
        ck_assert_uint_eq(tree_unlink(tree, PATH("d/f"), 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_rmdir(tree, PATH("d"), 0), OUTCOME_OK);
        ck_assert_str_eq(file_text(tree, "d"), "not found");
        tree_gone(tree);
}
END_TEST

/* As on Linux: `rm -r link/` must not remove the folder that the link leads to. */
START_TEST(a_slash_behind_a_link_does_not_lead_to_its_folder)
{
        struct tree *tree = tree_of(100000);
        const outcome_t none = answered(REASON_NOT_DIRECTORY), there = answered(REASON_EXISTS);
        ck_assert_uint_eq(tree_mkdir(tree, PATH("folder"), 0755, 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_mkdir(tree, PATH("other"), 0755, 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_symlink(tree, PATH("folder"), PATH("link"), 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_symlink(tree, PATH("none"), PATH("dangling"), 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_rmdir(tree, PATH("link/"), 0), none);
        ck_assert_uint_eq(tree_unlink(tree, PATH("link//"), 0), none);
        ck_assert_uint_eq(tree_rename(tree, PATH("link/"), PATH("new"), 0), none);
        ck_assert_uint_eq(tree_rename(tree, PATH("other"), PATH("link/"), 0), none);
        ck_assert_uint_eq(tree_mkdir(tree, PATH("link/"), 0755, 0), there);
        ck_assert_uint_eq(tree_mkdir(tree, PATH("dangling/"), 0755, 0), there);
        ck_assert_str_eq(file_text(tree, "link/"), "folder");
        ck_assert_str_eq(file_text(tree, "none"), "not found");
        tree_gone(tree);
}
END_TEST

START_TEST(an_open_file_outlives_its_name)
{
        struct tree *tree = tree_of(PLENTY);
        struct node *node;
        file_put(tree, "f", "kept");
        ck_assert_uint_eq(tree_open(tree, PATH("f"), FS_OPEN_READ, 0644, 0, &node), OUTCOME_OK);
        ck_assert_uint_eq(tree_unlink(tree, PATH("f"), 0), OUTCOME_OK);
        ck_assert_str_eq(file_text(tree, "f"), "not found");
        file_put(tree, "f", "other");
        char text[8] = "";
        ck_assert_uint_eq(content_read(&node->file, 0, text, sizeof text), 4);
        ck_assert_str_eq(text, "kept");
        size_t used = tree->budget.used;
        node_drop(tree, node);
        ck_assert_uint_lt(tree->budget.used, used);
        tree_gone(tree);
}
END_TEST

/* /f "f", /g "g", /d/ (with x), /e/ (empty), /l -> f */
static struct tree *sample(size_t limit)
{
        struct tree *tree = tree_of(limit);
        file_put(tree, "f", "f");
        file_put(tree, "g", "g");
        ck_assert_uint_eq(tree_mkdir(tree, PATH("d"), 0755, 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_mkdir(tree, PATH("e"), 0755, 0), OUTCOME_OK);
        file_put(tree, "d/x", "x");
        ck_assert_uint_eq(tree_symlink(tree, PATH("f"), PATH("l"), 0), OUTCOME_OK);
        return tree;
}

START_TEST(rename_follows_posix)
{
        static const struct {
                const char *from, *to;
                enum reason reason;
        } cases[] = {
            {"f", "new", 0},
            {"f", "g", 0},
            {"f", "f", 0},
            {"f", "d/f", 0},
            {"f", "d/x", 0},
            {"l", "g", 0},
            {"d", "e", 0},
            {"d", "e/d", 0},
            {"d/", "new/", 0},
            {"none", "x", REASON_NOT_FOUND},
            {"f", "none/x", REASON_NOT_FOUND},
            {"f", "d", REASON_IS_DIRECTORY},
            {"f", "e", REASON_IS_DIRECTORY},
            {"f", "new/", REASON_NOT_DIRECTORY},
            {"d", "f", REASON_NOT_DIRECTORY},
            {"e", "d", REASON_NOT_EMPTY},
            {"d", "d/y", REASON_INVALID},
            {"d", "d/x", REASON_INVALID},
            {"d", "e/../d/y", REASON_INVALID},
            {"/", "x", REASON_INVALID},
            {"d/.", "x", REASON_INVALID},
            {"f", "/", REASON_INVALID},
            {"f", "d/..", REASON_INVALID},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct tree *tree = sample(PLENTY);
                char text[16];
                strcpy(text, file_text(tree, cases[i].from));
                outcome_t outcome = tree_rename(tree, PATH(cases[i].from), PATH(cases[i].to), 0);
                ck_assert_msg(outcome == cases[i].reason, "%s to %s: %s", cases[i].from,
                              cases[i].to, reason_text(outcome));
                if (outcome == OUTCOME_OK)
                        ck_assert_str_eq(file_text(tree, cases[i].to), text);
                tree_gone(tree);
        }
}
END_TEST

START_TEST(a_file_that_is_replaced_while_open_stays_readable)
{
        struct tree *tree = sample(PLENTY);
        struct node *node;
        ck_assert_uint_eq(tree_open(tree, PATH("g"), FS_OPEN_READ, 0644, 0, &node), OUTCOME_OK);
        ck_assert_uint_eq(tree_rename(tree, PATH("f"), PATH("g"), 0), OUTCOME_OK);
        ck_assert_str_eq(file_text(tree, "g"), "f");
        ck_assert_str_eq(file_text(tree, "f"), "not found");
        char byte;
        ck_assert_uint_eq(content_read(&node->file, 0, &byte, 1), 1);
        ck_assert_int_eq(byte, 'g');
        node_drop(tree, node);
        tree_gone(tree);
}
END_TEST

START_TEST(where_space_ends_no_change_is_half_done)
{
        struct tree *tree = sample(PLENTY);
        size_t base = tree->budget.used;
        tree_gone(tree);
        /* Every allocation of each change fails in turn. */
        for (size_t extra = 0; extra < 600; extra += 8) {
                tree = sample(PLENTY);
                tree->budget.limit = base + extra;
                size_t used = tree->budget.used;
                if (tree_rename(tree, PATH("f"), PATH("e/a-new-name"), 0) != OUTCOME_OK) {
                        ck_assert_str_eq(file_text(tree, "f"), "f");
                        ck_assert_uint_eq(tree->budget.used, used);
                }
                used = tree->budget.used;
                if (tree_symlink(tree, PATH("somewhere"), PATH("d/link"), 0) != OUTCOME_OK)
                        ck_assert_str_eq(file_text(tree, "d/link"), "not found");
                if (tree_mkdir(tree, PATH("d/sub"), 0755, 0) != OUTCOME_OK)
                        ck_assert_str_eq(file_text(tree, "d/sub"), "not found");
                ck_assert_str_eq(file_text(tree, "d/x"), "x");
                tree_gone(tree);
        }
}
END_TEST

START_TEST(a_full_tree_has_room_again_after_a_removal)
{
        struct tree *tree = tree_of(64 << 10);
        char name[16];
        int made = 0;
        outcome_t outcome;
        do {
                snprintf(name, sizeof name, "f%d", made++);
                outcome = opened(tree, name, FS_OPEN_WRITE | FS_OPEN_CREATE);
        } while (outcome == OUTCOME_OK);
        ck_assert_uint_eq(outcome, answered(REASON_NO_SPACE));
        ck_assert_int_gt(made, 100);
        ck_assert_uint_eq(tree_unlink(tree, PATH("f17"), 0), OUTCOME_OK);
        ck_assert_uint_eq(opened(tree, "f17", FS_OPEN_WRITE | FS_OPEN_CREATE), OUTCOME_OK);
        tree_gone(tree);
}
END_TEST

Suite *changes_suite(void)
{
        Suite *suite = suite_create("fs/changes");
        TCase *tcase = tcase_create("changes");
        tcase_add_test(tcase, flags_of_open_do_what_they_say);
        tcase_add_test(tcase, cutting_an_empty_file_is_a_change);
        tcase_add_test(tcase, any_name_but_the_special_ones_can_be_made);
        tcase_add_test(tcase, a_link_needs_a_target);
        tcase_add_test(tcase, unlink_and_rmdir_take_what_is_theirs);
        tcase_add_test(tcase, a_slash_behind_a_link_does_not_lead_to_its_folder);
        tcase_add_test(tcase, an_open_file_outlives_its_name);
        tcase_add_test(tcase, rename_follows_posix);
        tcase_add_test(tcase, a_file_that_is_replaced_while_open_stays_readable);
        tcase_add_test(tcase, where_space_ends_no_change_is_half_done);
        tcase_add_test(tcase, a_full_tree_has_room_again_after_a_removal);
        suite_add_tcase(suite, tcase);
        return suite;
}
