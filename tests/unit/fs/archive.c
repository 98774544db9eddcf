/* Archives: what cpio and tools/image write is read; what is hostile is left out or ends the
 * reading. */
#include <stdlib.h>
#include "servers/fs/archive.h"
#include "tests/unit/fs/test_fs.h"

enum {
        PLENTY = 1 << 22,
        ROOM = 1 << 16,
        FILE_MODE = 0100644,
        FOLDER_MODE = 040755,
        LINK_MODE = 0120777
};

/* An archive under construction. */
static struct {
        char bytes[ROOM];
        size_t length;
} made;

static void pad(void)
{
        while (made.length % 4)
                made.bytes[made.length++] = 0;
}

/* Adds a member whose header claims what it is told, whatever follows. */
static void add_claiming(const char *name, unsigned mode, const char *data, unsigned size,
                         unsigned name_size)
{
        made.length += (size_t)sprintf(
            made.bytes + made.length, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
            1u, mode, 0u, 0u, 1u, 1234u, size, 0u, 0u, 0u, 0u, name_size, 0u);
        memcpy(made.bytes + made.length, name, strlen(name) + 1);
        made.length += strlen(name) + 1;
        pad();
        memcpy(made.bytes + made.length, data, strlen(data));
        made.length += strlen(data);
        pad();
}

static void add(const char *name, unsigned mode, const char *data)
{
        add_claiming(name, mode, data, (unsigned)strlen(data), (unsigned)strlen(name) + 1);
}

static void setup(void)
{
        made.length = 0;
}

/* Loads a copy of exactly the archive's length, so that the sanitizer sees a step beyond it. */
static void *loaded;

static struct tree *load(size_t length, struct archive_report *report)
{
        struct tree *tree = tree_of(PLENTY);
        free(loaded);
        loaded = malloc(length ? length : 1);
        memcpy(loaded, made.bytes, length);
        ck_assert_uint_eq(archive_load(tree, loaded, length, report), OUTCOME_OK);
        ck_assert(tree_check(tree));
        return tree;
}

START_TEST(files_folders_and_links_are_there)
{
        struct archive_report report;
        add(".", FOLDER_MODE, "");
        add("a", FOLDER_MODE, "");
        add("a/file", FILE_MODE, "content");
        add("./empty", FILE_MODE, "");
        add("a/with space", FILE_MODE, "s");
        add("/übergröße", FILE_MODE, "u");
        add("link", LINK_MODE, "a/file");
        add("left/out/folder/file", FILE_MODE, "deep");
        add("TRAILER!!!", 0, "");
        add("behind the trailer", FILE_MODE, "");
        struct tree *tree = load(made.length, &report);
        ck_assert_uint_eq(report.members, 8);
        ck_assert_uint_eq(report.left_out, 0);
        ck_assert(!report.damaged);
        ck_assert_str_eq(file_text(tree, "a/file"), "content");
        ck_assert_str_eq(file_text(tree, "empty"), "");
        ck_assert_str_eq(file_text(tree, "a/with space"), "s");
        ck_assert_str_eq(file_text(tree, "übergröße"), "u");
        ck_assert_str_eq(file_text(tree, "link"), "content");
        ck_assert_str_eq(file_text(tree, "left/out/folder/file"), "deep");
        ck_assert_str_eq(file_text(tree, "behind the trailer"), "not found");
        struct node *node;
        ck_assert_uint_eq(path_find_node(tree, PATH("a/file"), true, &node), OUTCOME_OK);
        ck_assert_uint_eq(node->modified, 1234);
        tree_gone(tree);
}
END_TEST

START_TEST(what_no_tree_can_have_is_left_out)
{
        struct archive_report report;
        char long_name[FS_NAME_MAX + 2];
        memset(long_name, 'n', sizeof long_name - 1);
        long_name[sizeof long_name - 1] = 0;
        add("../outside", FILE_MODE, "x");
        add("a/../../b", FILE_MODE, "x");
        add("tty", 020644, "");
        add(long_name, FILE_MODE, "x");
        add("file", FILE_MODE, "x");
        add("file/below", FILE_MODE, "x");
        add("file", FOLDER_MODE, "");
        add("link", LINK_MODE, "file");
        add("link/below", FILE_MODE, "x");
        add("no-target", LINK_MODE, "");
        add(".", FILE_MODE, "");
        add("good", FILE_MODE, "good");
        add("TRAILER!!!", 0, "");
        struct tree *tree = load(made.length, &report);
        ck_assert_uint_eq(report.members, 3);
        ck_assert_uint_eq(report.left_out, 9);
        ck_assert_str_eq(file_text(tree, "good"), "good");
        ck_assert_str_eq(file_text(tree, "no-target"), "not found");
        tree_gone(tree);
}
END_TEST

START_TEST(a_later_file_of_the_same_name_counts)
{
        struct archive_report report;
        add("f", FILE_MODE, "old and long");
        add("f", FILE_MODE, "new");
        add("TRAILER!!!", 0, "");
        struct tree *tree = load(made.length, &report);
        ck_assert_str_eq(file_text(tree, "f"), "new");
        tree_gone(tree);
}
END_TEST

START_TEST(a_cut_archive_gives_what_came_before_the_cut)
{
        add("first", FILE_MODE, "1");
        size_t first = made.length;
        add("second", FILE_MODE, "22222");
        add("TRAILER!!!", 0, "");
        for (size_t cut = 0; cut < made.length - 4; cut++) {
                struct archive_report report;
                struct tree *tree = load(cut, &report);
                ck_assert_msg(report.damaged, "cut at %zu", cut);
                if (cut >= first)
                        ck_assert_str_eq(file_text(tree, "first"), "1");
                tree_gone(tree);
        }
}
END_TEST

START_TEST(lengths_that_lie_end_the_reading)
{
        static const struct {
                unsigned size, name_size;
        } lies[] = {{0xffffffff, 2}, {1 << 20, 2}, {1, 0}, {1, 0xffffffff}, {1, 1 << 20}, {1, 1}};
        for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
                struct archive_report report;
                made.length = 0;
                add("good", FILE_MODE, "good");
                add_claiming("f", FILE_MODE, "x", lies[i].size, lies[i].name_size);
                struct tree *tree = load(made.length, &report);
                ck_assert(report.damaged);
                ck_assert_uint_eq(report.members, 1);
                tree_gone(tree);
        }
}
END_TEST

START_TEST(bytes_that_are_no_archive_are_damage)
{
        struct archive_report report;
        made.length = 200;
        memset(made.bytes, 'x', made.length);
        struct tree *tree = load(made.length, &report);
        ck_assert(report.damaged);
        tree_gone(tree);
        add("f", FILE_MODE, "x");
        memmove(made.bytes, made.bytes + 200, made.length - 200);
        made.length -= 200;
        made.bytes[14 + 3] = 'g'; /* no hexadecimal digit, in the mode */
        tree = load(made.length, &report);
        ck_assert(report.damaged);
        tree_gone(tree);
}
END_TEST

START_TEST(the_archive_is_not_written_to)
{
        struct archive_report report;
        add("f", FILE_MODE, "archive");
        struct tree *tree = load(made.length, &report);
        file_put(tree, "f", "other");
        ck_assert_str_eq(file_text(tree, "f"), "other");
        ck_assert_mem_eq(loaded, made.bytes, made.length);
        tree_gone(tree);
}
END_TEST

START_TEST(a_full_budget_ends_the_reading_and_keeps_the_rest)
{
        static struct archive_report report;
        char name[16];
        for (int i = 0; i < 100; i++) {
                snprintf(name, sizeof name, "f%02d", i);
                add(name, FILE_MODE, "x");
        }
        struct tree *tree = tree_of(4096);
        ck_assert_uint_eq(archive_load(tree, made.bytes, made.length, &report),
                          answered(REASON_NO_SPACE));
        ck_assert_uint_gt(report.members, 5);
        ck_assert_str_eq(file_text(tree, "f00"), "x");
        tree_gone(tree);
}
END_TEST

Suite *archive_suite(void)
{
        Suite *suite = suite_create("fs/archive");
        TCase *tcase = tcase_create("archive");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, files_folders_and_links_are_there);
        tcase_add_test(tcase, what_no_tree_can_have_is_left_out);
        tcase_add_test(tcase, a_later_file_of_the_same_name_counts);
        tcase_add_test(tcase, a_cut_archive_gives_what_came_before_the_cut);
        tcase_add_test(tcase, lengths_that_lie_end_the_reading);
        tcase_add_test(tcase, bytes_that_are_no_archive_are_damage);
        tcase_add_test(tcase, the_archive_is_not_written_to);
        tcase_add_test(tcase, a_full_budget_ends_the_reading_and_keeps_the_rest);
        suite_add_tcase(suite, tcase);
        return suite;
}
