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
        ck_assert_uint_eq(opened(tree, "f", (FS_OPEN_KNOWN + 1) | FS_OPEN_READ),
                          answered(REASON_INVALID));
        ck_assert_uint_eq(opened(tree, "f", FS_OPEN_READ | FS_OPEN_TRUNCATE),
                          answered(REASON_INVALID));
        ck_assert_uint_eq(tree_symlink(tree, TEXT("none"), PATH("link"), 0), OUTCOME_OK);
        ck_assert_uint_eq(opened(tree, "link", create | FS_OPEN_EXCLUSIVE),
                          answered(REASON_EXISTS));
        const uint64_t nameless = FS_OPEN_WRITE | FS_OPEN_NAMELESS;
        ck_assert_uint_eq(opened(tree, "/", nameless), OUTCOME_OK);
        ck_assert_uint_eq(opened(tree, "f", nameless), answered(REASON_NOT_DIRECTORY));
        ck_assert_uint_eq(opened(tree, "none", nameless), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(opened(tree, "/", nameless | FS_OPEN_CREATE), answered(REASON_INVALID));
        ck_assert_uint_eq(opened(tree, "/", FS_OPEN_READ | FS_OPEN_NAMELESS),
                          answered(REASON_INVALID));
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
        ck_assert_uint_eq(tree_symlink(tree, TEXT("x"), PATH("l/"), 0), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(tree_symlink(tree, target, FS_PATH_MAX, PATH("l"), 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_symlink(tree, TEXT("x"), PATH("l"), 0), answered(REASON_EXISTS));
        tree_gone(tree);
}
END_TEST

START_TEST(unlink_and_rmdir_take_what_is_theirs)
{
        struct tree *tree = tree_of(PLENTY);
        ck_assert_uint_eq(tree_mkdir(tree, PATH("d"), 0755, 0), OUTCOME_OK);
        file_put(tree, "d/f", "x");
        ck_assert_uint_eq(tree_symlink(tree, TEXT("d"), PATH("l"), 0), OUTCOME_OK);
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
        ck_assert_uint_eq(tree_symlink(tree, TEXT("folder"), PATH("link"), 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_symlink(tree, TEXT("none"), PATH("dangling"), 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_rmdir(tree, PATH("link/"), 0), none);
        ck_assert_uint_eq(tree_unlink(tree, PATH("link//"), 0), none);
        ck_assert_uint_eq(tree_rename(tree, PATH("link/"), PATH("new"), 0, 0), none);
        ck_assert_uint_eq(tree_rename(tree, PATH("other"), PATH("link/"), 0, 0), none);
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

static struct node *found(struct tree *tree, const char *path)
{
        struct node *node;
        ck_assert_uint_eq(path_find_node(tree, PATH(path), false, &node), OUTCOME_OK);
        return node;
}

/* /f, /second "f", /g "g", /d/ (with x), /e/ (empty), /l -> f */
static struct tree *sample(size_t limit)
{
        struct tree *tree = tree_of(limit);
        file_put(tree, "f", "f");
        ck_assert_uint_eq(tree_link(tree, PATH("f"), false, PATH("second"), 0), OUTCOME_OK);
        file_put(tree, "g", "g");
        ck_assert_uint_eq(tree_mkdir(tree, PATH("d"), 0755, 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_mkdir(tree, PATH("e"), 0755, 0), OUTCOME_OK);
        file_put(tree, "d/x", "x");
        ck_assert_uint_eq(tree_symlink(tree, TEXT("f"), PATH("l"), 0), OUTCOME_OK);
        return tree;
}

START_TEST(rename_follows_posix)
{
        enum { FREE = FS_RENAME_NO_REPLACE, SWAP = FS_RENAME_EXCHANGE };
        static const struct {
                const char *from, *to;
                uint64_t how;
                enum reason reason;
        } cases[] = {
            {"f", "new", 0, 0},
            {"f", "g", 0, 0},
            {"f", "f", 0, 0},
            {"f", "second", 0, 0},
            {"f", "d/f", 0, 0},
            {"f", "d/x", 0, 0},
            {"l", "g", 0, 0},
            {"d", "e", 0, 0},
            {"d", "e/d", 0, 0},
            {"d/", "new/", 0, 0},
            {"none", "x", 0, REASON_NOT_FOUND},
            {"f", "none/x", 0, REASON_NOT_FOUND},
            {"f", "d", 0, REASON_IS_DIRECTORY},
            {"f", "e", 0, REASON_IS_DIRECTORY},
            {"f", "new/", 0, REASON_NOT_DIRECTORY},
            {"f", "f/", 0, REASON_NOT_DIRECTORY},
            {"d", "f", 0, REASON_NOT_DIRECTORY},
            {"e", "d", 0, REASON_NOT_EMPTY},
            {"d/x", "d", 0, REASON_NOT_EMPTY},
            {"d", "d/y", 0, REASON_INVALID},
            {"d", "d/x", 0, REASON_INVALID},
            {"d", "e/../d/y", 0, REASON_INVALID},
            {"/", "x", 0, REASON_INVALID},
            {"d/.", "x", 0, REASON_INVALID},
            {"f", "/", 0, REASON_INVALID},
            {"f", "d/..", 0, REASON_INVALID},
            {"f", "new", FREE, 0},
            {"d", "new", FREE, 0},
            {"f", "g", FREE, REASON_EXISTS},
            {"f", "f", FREE, REASON_EXISTS},
            {"f", "second", FREE, REASON_EXISTS},
            {"f", "l", FREE, REASON_EXISTS},
            {"f", "d", FREE, REASON_EXISTS},
            {"f", "g", SWAP, 0},
            {"f", "f", SWAP, 0},
            {"f", "d", SWAP, 0},
            {"d", "e", SWAP, 0},
            {"e", "d/x", SWAP, 0},
            {"l", "g", SWAP, 0},
            {"d", "f/", SWAP, REASON_NOT_DIRECTORY},
            {"f", "new", SWAP, REASON_NOT_FOUND},
            {"d", "d/x", SWAP, REASON_INVALID},
            {"d/x", "d", SWAP, REASON_INVALID},
            {"f", "g", FREE | SWAP, REASON_INVALID},
            {"f", "g", 4, REASON_INVALID},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct tree *tree = sample(PLENTY);
                char text[16], other[16];
                strcpy(text, file_text(tree, cases[i].from));
                strcpy(other, file_text(tree, cases[i].to));
                outcome_t outcome =
                    tree_rename(tree, PATH(cases[i].from), PATH(cases[i].to), cases[i].how, 0);
                ck_assert_msg(outcome == cases[i].reason, "%s to %s: %s", cases[i].from,
                              cases[i].to, reason_text(outcome));
                const char *expected = outcome == OUTCOME_OK ? text : other;
                ck_assert_str_eq(file_text(tree, cases[i].to), expected);
                if (outcome != OUTCOME_OK)
                        ck_assert_str_eq(file_text(tree, cases[i].from), text);
                else if (cases[i].how == SWAP)
                        ck_assert_str_eq(file_text(tree, cases[i].from), other);
                tree_gone(tree);
        }
}
END_TEST

START_TEST(an_exchange_moves_what_is_in_folders_along)
{
        struct tree *tree = sample(PLENTY);
        struct node *d = found(tree, "d"), *f = found(tree, "f");
        ck_assert_uint_eq(tree_rename(tree, PATH("d"), PATH("e/d"), 0, 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_rename(tree, PATH("e/d"), PATH("f"), FS_RENAME_EXCHANGE, 9),
                          OUTCOME_OK);
        ck_assert_ptr_eq(found(tree, "f"), d);
        ck_assert_ptr_eq(found(tree, "e/d"), f);
        ck_assert_ptr_eq(found(tree, "f/.."), tree->root);
        ck_assert_str_eq(file_text(tree, "f/x"), "x");
        ck_assert_uint_eq(d->changed, 9);
        ck_assert_uint_eq(f->changed, 9);
        ck_assert_uint_eq(d->modified, 0);
        ck_assert_uint_eq(found(tree, "e")->modified, 9);
        ck_assert_uint_eq(tree->root->modified, 9);
        tree_gone(tree);
}
END_TEST

/* ---- several names of one file --------------------------------------------------------------- */

START_TEST(a_file_is_the_same_by_each_of_its_names)
{
        struct tree *tree = sample(PLENTY);
        struct node *f = found(tree, "f");
        const uint64_t version = f->version;
        ck_assert_uint_eq(tree_link(tree, PATH("f"), false, PATH("d/third"), 9), OUTCOME_OK);
        ck_assert_uint_eq(f->links, 3);
        ck_assert_uint_eq(f->changed, 9);
        ck_assert_uint_eq(f->modified, 0);
        ck_assert_uint_eq(f->version, version);
        ck_assert_uint_eq(found(tree, "d")->modified, 9);
        file_put(tree, "second", "written");
        ck_assert_str_eq(file_text(tree, "d/third"), "written");
        ck_assert_uint_eq(tree_unlink(tree, PATH("f"), 10), OUTCOME_OK);
        ck_assert_uint_eq(f->links, 2);
        ck_assert_uint_eq(f->changed, 10);
        ck_assert_uint_eq(tree_rename(tree, PATH("second"), PATH("d/third"), 0, 11), OUTCOME_OK);
        ck_assert_ptr_eq(found(tree, "second"), f);
        ck_assert_uint_eq(f->changed, 10);
        ck_assert_uint_eq(tree_rename(tree, PATH("g"), PATH("second"), 0, 12), OUTCOME_OK);
        ck_assert_uint_eq(f->links, 1);
        ck_assert_uint_eq(f->changed, 12);
        ck_assert_str_eq(file_text(tree, "d/third"), "written");
        tree_gone(tree);
}
END_TEST

START_TEST(a_name_costs_and_its_file_does_once)
{
        enum { NAMES = 20, BIG = 3 * CONTENT_BLOCK };
        struct tree *tree = tree_of(PLENTY);
        static const char bytes[BIG];
        struct node *node = file_put(tree, "f", "");
        char name[16];
        ck_assert_uint_eq(content_write(&node->file, &tree->budget, 0, bytes, BIG), OUTCOME_OK);
        const size_t used = tree->budget.used;
        for (int i = 0; i < NAMES; i++) {
                snprintf(name, sizeof name, "n%02d", i);
                ck_assert_uint_eq(tree_link(tree, PATH("f"), false, PATH(name), 0), OUTCOME_OK);
        }
        const size_t names = tree->budget.used - used;
        ck_assert_uint_ge(names, NAMES * (sizeof(struct entry) + 3));
        ck_assert_uint_lt(names, NAMES * 100);
        ck_assert_uint_eq(tree_unlink(tree, PATH("f"), 0), OUTCOME_OK);
        ck_assert_uint_gt(tree->budget.used, BIG);
        for (int i = 0; i < NAMES; i++) {
                snprintf(name, sizeof name, "n%02d", i);
                ck_assert_uint_eq(tree_unlink(tree, PATH(name), 0), OUTCOME_OK);
        }
        ck_assert_uint_lt(tree->budget.used, used - BIG + NAMES * 16);
        tree_gone(tree);
}
END_TEST

START_TEST(not_everything_may_get_one_more_name)
{
        static const struct {
                const char *from, *to;
                enum reason reason;
        } cases[] = {
            {"f", "new", 0},
            {"l", "new", 0},
            {"none", "new", REASON_NOT_FOUND},
            {"f/", "new", REASON_NOT_DIRECTORY},
            {"d", "new", REASON_IS_DIRECTORY},
            {"/", "new", REASON_IS_DIRECTORY},
            {"d", "f", REASON_EXISTS},
            {"f", "g", REASON_EXISTS},
            {"f", "f", REASON_EXISTS},
            {"f", "l", REASON_EXISTS},
            {"f", "d", REASON_EXISTS},
            {"f", ".", REASON_EXISTS},
            {"f", "new/", REASON_NOT_FOUND},
            {"f", "none/new", REASON_NOT_FOUND},
            {"f", "g/new", REASON_NOT_DIRECTORY},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct tree *tree = sample(PLENTY);
                outcome_t outcome =
                    tree_link(tree, PATH(cases[i].from), false, PATH(cases[i].to), 0);
                ck_assert_msg(outcome == cases[i].reason, "%s as %s: %s", cases[i].from,
                              cases[i].to, reason_text(outcome));
                tree_gone(tree);
        }
        struct tree *tree = sample(PLENTY);
        ck_assert_uint_eq(tree_link(tree, PATH("l"), false, PATH("itself"), 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_link(tree, PATH("l"), true, PATH("followed"), 0), OUTCOME_OK);
        ck_assert_uint_eq(found(tree, "itself")->kind, FS_LINK);
        ck_assert_ptr_eq(found(tree, "followed"), found(tree, "f"));
        struct node *g = found(tree, "g");
        g->links = NODE_LINKS_MAX - 1;
        ck_assert_uint_eq(tree_link(tree, PATH("g"), true, PATH("last"), 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_link(tree, PATH("g"), true, PATH("more"), 0),
                          answered(REASON_OVERLOADED));
        ck_assert_str_eq(file_text(tree, "more"), "not found");
        g->links = 2;
        tree_gone(tree);
}
END_TEST

START_TEST(a_file_without_a_name_gets_one_if_it_never_had_any)
{
        struct tree *tree = sample(PLENTY);
        const uint64_t nameless = FS_OPEN_WRITE | FS_OPEN_NAMELESS;
        struct node *node;
        ck_assert_uint_eq(tree_open(tree, PATH("d"), nameless, 0600, 5, &node), OUTCOME_OK);
        ck_assert_uint_eq(node->links, 0);
        ck_assert_uint_eq(found(tree, "d")->modified, 0);
        ck_assert_uint_eq(tree_link_node(tree, node, PATH("named"), 6), OUTCOME_OK);
        ck_assert_ptr_eq(found(tree, "named"), node);
        ck_assert_uint_eq(node->mode, 0600);
        ck_assert_uint_eq(node->modified, 5);
        ck_assert_uint_eq(node->changed, 6);
        ck_assert_uint_eq(tree_unlink(tree, PATH("named"), 7), OUTCOME_OK);
        ck_assert_uint_eq(tree_link_node(tree, node, PATH("again"), 8), answered(REASON_NOT_FOUND));
        node_drop(tree, node);
        ck_assert_uint_eq(tree_open(tree, PATH("d"), nameless | FS_OPEN_EXCLUSIVE, 0600, 5, &node),
                          OUTCOME_OK);
        ck_assert_uint_eq(tree_link_node(tree, node, PATH("never"), 6), answered(REASON_NOT_FOUND));
        node_drop(tree, node);
        tree_gone(tree);
}
END_TEST

START_TEST(a_file_that_is_replaced_while_open_stays_readable)
{
        struct tree *tree = sample(PLENTY);
        struct node *node;
        ck_assert_uint_eq(tree_open(tree, PATH("g"), FS_OPEN_READ, 0644, 0, &node), OUTCOME_OK);
        ck_assert_uint_eq(tree_rename(tree, PATH("f"), PATH("g"), 0, 0), OUTCOME_OK);
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
                if (tree_rename(tree, PATH("f"), PATH("e/a-new-name"), 0, 0) != OUTCOME_OK) {
                        ck_assert_str_eq(file_text(tree, "f"), "f");
                        ck_assert_uint_eq(tree->budget.used, used);
                }
                if (tree_link(tree, PATH("g"), false, PATH("e/second"), 0) != OUTCOME_OK) {
                        ck_assert_str_eq(file_text(tree, "e/second"), "not found");
                        ck_assert_uint_eq(found(tree, "g")->links, 1);
                }
                if (tree_symlink(tree, TEXT("somewhere"), PATH("d/link"), 0) != OUTCOME_OK)
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
        tcase_add_test(tcase, an_exchange_moves_what_is_in_folders_along);
        tcase_add_test(tcase, a_file_is_the_same_by_each_of_its_names);
        tcase_add_test(tcase, a_name_costs_and_its_file_does_once);
        tcase_add_test(tcase, not_everything_may_get_one_more_name);
        tcase_add_test(tcase, a_file_without_a_name_gets_one_if_it_never_had_any);
        tcase_add_test(tcase, a_file_that_is_replaced_while_open_stays_readable);
        tcase_add_test(tcase, where_space_ends_no_change_is_half_done);
        tcase_add_test(tcase, a_full_tree_has_room_again_after_a_removal);
        suite_add_tcase(suite, tcase);
        return suite;
}
