/* Paths: how names, "..", slashes and symbolic links lead to a place, and where they do not. */
#include "tests/unit/fs/test_fs.h"

enum { PLENTY = 1 << 22 };

/*      /a/b/file "deep"     /top "top"     /a/up -> ..     /a/abs -> /top     /a/mounted -> /fs/top
 *      /loop -> loop        /dangling -> a/none             /slash -> /       /a/folder -> b/ */
static struct tree *sample(void)
{
        struct tree *tree = tree_of(PLENTY);
        static const char *const links[][2] = {
            {"..", "a/up"},     {"/top", "a/abs"},       {"/fs/top", "a/mounted"},
            {"loop", "loop"},   {"a/none", "dangling"},  {"/", "slash"},
            {"b/", "a/folder"}, {"/fs", "a/mount-root"}, {"/fsx", "a/not-mounted"},
        };
        ck_assert_uint_eq(tree_mkdir(tree, PATH("a"), 0755, 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_mkdir(tree, PATH("/a/b"), 0755, 0), OUTCOME_OK);
        file_put(tree, "/a/b/file", "deep");
        file_put(tree, "top", "top");
        for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
                ck_assert_uint_eq(tree_symlink(tree, TEXT(links[i][0]), PATH(links[i][1]), 0), 0);
        return tree;
}

/* What an open of a path finds that is confined to a folder. */
static const char *confined(struct tree *tree, const char *within, const char *text, uint64_t how)
{
        struct path path = PATH(text);
        struct node *node;
        ck_assert_uint_eq(path_find_node(tree, PATH(within), true, &path.folder), OUTCOME_OK);
        outcome_t outcome = tree_open(tree, path, FS_OPEN_READ | how, 0, 0, &node);
        if (outcome != OUTCOME_OK)
                return reason_text(outcome_reason(outcome));
        const char *is = node->kind == FS_FOLDER ? "folder" : node->file.size == 3 ? "top" : "deep";
        node_drop(tree, node);
        return is;
}

START_TEST(a_confined_path_does_not_leave_its_folder)
{
        static const struct {
                const char *within, *path, *no_links, *beneath, *in_root;
        } cases[] = {
            {"a", "b/file", "deep", "deep", "deep"},
            {"a", "b/../b/file", "deep", "deep", "deep"},
            {"a", "../top", "top", "refused", "not found"},
            {"a", "b/../../top", "top", "refused", "not found"},
            {"a", "../b/file", "not found", "refused", "deep"},
            {"a", "..", "folder", "refused", "folder"},
            {"a", "abs", "too many symbolic links", "refused", "not found"},
            {"a", "up/top", "too many symbolic links", "refused", "not found"},
            {"a", "up/b/file", "too many symbolic links", "refused", "deep"},
            {"a", "folder/file", "too many symbolic links", "deep", "deep"},
            {"a", "/b/file", "deep", "deep", "deep"},
            {"a", "", "folder", "folder", "folder"},
            {"slash", "a/abs", "too many symbolic links", "refused", "top"},
            {"slash", "a/mounted", "too many symbolic links", "refused", "not found"},
            {"a/folder", "file", "deep", "deep", "deep"},
        };
        struct tree *tree = sample();
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                const char *path = cases[i].path, *within = cases[i].within;
                ck_assert_str_eq(confined(tree, within, path, FS_OPEN_NO_LINKS), cases[i].no_links);
                ck_assert_str_eq(confined(tree, within, path, FS_OPEN_BENEATH), cases[i].beneath);
                ck_assert_str_eq(confined(tree, within, path, FS_OPEN_IN_ROOT), cases[i].in_root);
        }
        ck_assert_str_eq(confined(tree, "a", "b", FS_OPEN_IN_ROOT | FS_OPEN_BENEATH),
                         "invalid argument");
        tree_gone(tree);
}
END_TEST

START_TEST(a_path_leads_to_its_file)
{
        static const struct {
                const char *path, *text;
        } cases[] = {
            {"top", "top"},
            {"/top", "top"},
            {"///top", "top"},
            {"./top", "top"},
            {"../../top", "top"},
            {"a/b/file", "deep"},
            {"a//b///file", "deep"},
            {"a/b/../b/./file", "deep"},
            {"a/up/top", "top"},
            {"a/up/a/up/a/b/file", "deep"},
            {"a/abs", "top"},
            {"a/mounted", "top"},
            {"a/mount-root/a/b/file", "deep"},
            {"a/not-mounted", "not found"},
            {"a/folder/file", "deep"},
            {"slash/slash/top", "top"},
            {"", "folder"},
            {"/", "folder"},
            {".", "folder"},
            {"..", "folder"},
            {"a/", "folder"},
            {"a/b/.", "folder"},
            {"slash", "folder"},
            {"slash/", "folder"},
            {"a/folder", "folder"},
            {"top/", "not a directory"},
            {"top/x", "not a directory"},
            {"top/..", "not a directory"},
            {"a/abs/", "not a directory"},
            {"none", "not found"},
            {"none/", "not found"},
            {"none/..", "not found"},
            {"a/none/x", "not found"},
            {"dangling", "not found"},
            {"loop", "too many symbolic links"},
            {"loop/x", "too many symbolic links"},
        };
        struct tree *tree = sample();
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                ck_assert_msg(!strcmp(file_text(tree, cases[i].path), cases[i].text), "%s: %s",
                              cases[i].path, file_text(tree, cases[i].path));
        tree_gone(tree);
}
END_TEST

START_TEST(a_link_at_the_end_is_followed_on_wish)
{
        struct tree *tree = sample();
        struct node *node;
        ck_assert_uint_eq(path_find_node(tree, PATH("a/abs"), false, &node), OUTCOME_OK);
        ck_assert_int_eq(node->kind, FS_LINK);
        ck_assert_uint_eq(path_find_node(tree, PATH("a/abs"), true, &node), OUTCOME_OK);
        ck_assert_int_eq(node->kind, FS_FILE);
        ck_assert_uint_eq(path_find_node(tree, PATH("a/up/"), false, &node), OUTCOME_OK);
        ck_assert_ptr_eq(node, tree->root);
        tree_gone(tree);
}
END_TEST

START_TEST(a_dangling_link_leads_to_where_the_file_would_be)
{
        struct tree *tree = sample();
        struct place place;
        ck_assert_uint_eq(path_find(tree, PATH("dangling"), true, &place), OUTCOME_OK);
        ck_assert_ptr_null(place.node);
        ck_assert_uint_eq(place.name_length, 4);
        ck_assert_mem_eq(place.name, "none", 4);
        file_put(tree, "dangling", "new");
        ck_assert_str_eq(file_text(tree, "a/none"), "new");
        tree_gone(tree);
}
END_TEST

START_TEST(forty_links_are_followed_and_not_one_more)
{
        struct tree *tree = sample();
        char name[16], target[16] = "top";
        for (int i = 1; i <= PATH_LINKS_MAX + 1; i++) {
                snprintf(name, sizeof name, "l%d", i);
                ck_assert_uint_eq(tree_symlink(tree, TEXT(target), PATH(name), 0), OUTCOME_OK);
                strcpy(target, name);
        }
        ck_assert_str_eq(file_text(tree, "l40"), "top");
        ck_assert_str_eq(file_text(tree, "l41"), "too many symbolic links");
        tree_gone(tree);
}
END_TEST

START_TEST(lengths_are_bounded)
{
        struct tree *tree = sample();
        static char path[FS_PATH_MAX + 2];
        struct node *node;
        outcome_t too_long = answered(REASON_NAME_TOO_LONG);
        memset(path, 'n', FS_NAME_MAX + 1);
        ck_assert_uint_eq(
            path_find_node(tree, (struct path){NULL, path, FS_NAME_MAX + 1}, true, &node),
            too_long);
        ck_assert_uint_eq(path_find_node(tree, (struct path){NULL, path, FS_NAME_MAX}, true, &node),
                          answered(REASON_NOT_FOUND));
        memset(path, '/', sizeof path);
        ck_assert_uint_eq(path_find_node(tree, (struct path){NULL, path, FS_PATH_MAX}, true, &node),
                          OUTCOME_OK);
        ck_assert_uint_eq(
            path_find_node(tree, (struct path){NULL, path, FS_PATH_MAX + 1}, true, &node),
            too_long);

        /* A link that makes the rest too long. */
        memset(path, '/', FS_PATH_MAX);
        path[FS_PATH_MAX - 1] = '.';
        ck_assert_uint_eq(tree_symlink(tree, path, FS_PATH_MAX, PATH("long"), 0), OUTCOME_OK);
        ck_assert_uint_eq(path_find_node(tree, PATH("long"), true, &node), OUTCOME_OK);
        ck_assert_uint_eq(path_find_node(tree, PATH("long/a/b"), true, &node), too_long);
        tree_gone(tree);
}
END_TEST

START_TEST(a_zero_byte_is_refused)
{
        struct tree *tree = sample();
        struct node *node;
        ck_assert_uint_eq(path_find_node(tree, (struct path){NULL, "to\0p", 4}, true, &node),
                          answered(REASON_INVALID));
        tree_gone(tree);
}
END_TEST

static struct path path_in(struct node *folder, const char *text)
{
        return (struct path){folder, TEXT(text)};
}

static const char *path_text(const struct tree *tree, const struct node *folder)
{
        static char text[64];
        size_t length = 0;
        outcome_t outcome = path_of_folder(tree, folder, text, sizeof text - 1, &length);
        text[length] = 0;
        return outcome == OUTCOME_OK ? text : reason_text(outcome_reason(outcome));
}

/* Wherever the folder is, and whatever it is called. */
START_TEST(a_path_begins_at_a_folder)
{
        struct tree *tree = sample();
        struct node *a, *b, *node;
        size_t length;
        char small[5];
        ck_assert_uint_eq(path_find_node(tree, PATH("a"), true, &a), OUTCOME_OK);
        ck_assert_uint_eq(path_find_node(tree, PATH("a/b"), true, &b), OUTCOME_OK);
        ck_assert_uint_eq(path_find_node(tree, path_in(b, "/file"), true, &node), OUTCOME_OK);
        ck_assert_uint_eq(path_find_node(tree, path_in(b, ""), true, &node), OUTCOME_OK);
        ck_assert_ptr_eq(node, b);
        ck_assert_uint_eq(path_find_node(tree, path_in(b, ".."), true, &node), OUTCOME_OK);
        ck_assert_ptr_eq(node, a);
        ck_assert_uint_eq(path_find_node(tree, path_in(b, "../abs"), true, &node), OUTCOME_OK);
        ck_assert_str_eq(path_text(tree, b), "a/b");
        ck_assert_str_eq(path_text(tree, tree->root), "");

        ck_assert_uint_eq(tree_rename(tree, path_in(a, "b"), PATH("moved"), 0, 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_symlink(tree, TEXT("/fs"), path_in(a, "b"), 0), OUTCOME_OK);
        ck_assert_uint_eq(path_find_node(tree, path_in(b, "file"), true, &node), OUTCOME_OK);
        ck_assert_uint_eq(path_find_node(tree, path_in(b, ".."), true, &node), OUTCOME_OK);
        ck_assert_ptr_eq(node, tree->root);
        ck_assert_str_eq(path_text(tree, b), "moved");
        ck_assert_uint_eq(path_of_folder(tree, b, small, sizeof small, &length), OUTCOME_OK);
        ck_assert_uint_eq(path_of_folder(tree, b, small, sizeof small - 1, &length),
                          answered(REASON_NAME_TOO_LONG));
        tree_gone(tree);
}
END_TEST

START_TEST(nothing_is_in_a_folder_without_a_name)
{
        struct tree *tree = sample();
        const outcome_t none = answered(REASON_NOT_FOUND);
        struct node *folder, *node;
        ck_assert_uint_eq(tree_mkdir(tree, PATH("a/gone"), 0755, 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_open(tree, PATH("a/gone"), FS_OPEN_READ, 0, 0, &folder), OUTCOME_OK);
        ck_assert_uint_eq(tree_rmdir(tree, PATH("a/gone"), 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_mkdir(tree, path_in(folder, "x"), 0755, 0), none);
        ck_assert_uint_eq(tree_symlink(tree, TEXT("x"), path_in(folder, "x"), 0), none);
        ck_assert_uint_eq(tree_link(tree, PATH("top"), false, path_in(folder, "x"), 0), none);
        ck_assert_uint_eq(tree_rename(tree, PATH("top"), path_in(folder, "x"), 0, 0), none);
        ck_assert_uint_eq(
            tree_open(tree, path_in(folder, "x"), FS_OPEN_WRITE | FS_OPEN_CREATE, 0, 0, &node),
            none);
        ck_assert_uint_eq(path_find_node(tree, path_in(folder, "../a"), true, &node), none);
        ck_assert_uint_eq(path_find_node(tree, path_in(folder, "."), true, &node), OUTCOME_OK);
        ck_assert_str_eq(path_text(tree, folder), reason_text(REASON_NOT_FOUND));
        node_drop(tree, folder);
        tree_gone(tree);
}
END_TEST

Suite *paths_suite(void)
{
        Suite *suite = suite_create("fs/paths");
        TCase *tcase = tcase_create("paths");
        tcase_add_test(tcase, a_path_leads_to_its_file);
        tcase_add_test(tcase, a_confined_path_does_not_leave_its_folder);
        tcase_add_test(tcase, a_link_at_the_end_is_followed_on_wish);
        tcase_add_test(tcase, a_dangling_link_leads_to_where_the_file_would_be);
        tcase_add_test(tcase, forty_links_are_followed_and_not_one_more);
        tcase_add_test(tcase, lengths_are_bounded);
        tcase_add_test(tcase, a_zero_byte_is_refused);
        tcase_add_test(tcase, a_path_begins_at_a_folder);
        tcase_add_test(tcase, nothing_is_in_a_folder_without_a_name);
        suite_add_tcase(suite, tcase);
        return suite;
}
