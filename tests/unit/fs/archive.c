/* Archives: what cpio and tools/image write is read; what is hostile is left out or ends the
 * reading. */
#include <stdlib.h>
#include "servers/fs/archive.h"
#include "tests/unit/fs/test_fs.h"
#include "tools/image/newc.h"

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
        archive_load(tree, loaded, length, 0, report);
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
        ck_assert_uint_eq(report.served, 8);
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
        ck_assert_uint_eq(report.served, 3);
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
                ck_assert_uint_eq(report.served, 1);
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

START_TEST(what_has_no_room_is_counted_and_named)
{
        static struct archive_report report;
        char name[16];
        for (int i = 0; i < 100; i++) {
                snprintf(name, sizeof name, "f%02d", i);
                add(name, FILE_MODE, "x");
        }
        add("TRAILER!!!", 0, "");
        struct tree *tree = tree_of(4096);
        archive_load(tree, made.bytes, made.length, 0, &report);
        ck_assert_uint_gt(report.served, 5);
        ck_assert_uint_eq(report.served + report.left_out, 100);
        ck_assert(!report.damaged);
        ck_assert_str_eq(file_text(tree, "f00"), "x");
        for (size_t i = 0; i < ARCHIVE_NAMED; i++) {
                const struct archive_missing *missing = &report.missing[i];
                ck_assert_uint_eq(missing->why, answered(REASON_NO_SPACE));
                snprintf(name, sizeof name, "%.*s", (int)missing->name_length, missing->name);
                ck_assert_str_eq(file_text(tree, name), "not found");
        }
        tree_gone(tree);
}
END_TEST

/* ---- what tools/image writes ----------------------------------------------------------------- */

static void packed_add(struct newc_writer *writer, const char *name, unsigned mode,
                       int64_t modified, const char *data)
{
        struct newc_entry entry = {
            .name = name, .mode = mode, .modified = modified, .size = (uint32_t)strlen(data)};
        ck_assert(newc_begin(writer, &entry) && newc_data(writer, data, strlen(data)) &&
                  newc_pad(writer));
}

/* Packs by a function, and loads what it has made into a tree with that limit. */
static struct tree *packed(void (*fill)(struct newc_writer *writer), size_t limit,
                           struct archive_report *report, uint64_t *expected_size)
{
        size_t size;
        free(loaded);
        loaded = NULL;
        FILE *stream = open_memstream((char **)&loaded, &size);
        struct newc_writer writer = {.stream = stream, .next_inode = 1};
        fill(&writer);
        ck_assert(newc_end(&writer));
        ck_assert_int_eq(fclose(stream), 0);
        ck_assert_uint_eq(size, writer.written);
        if (expected_size)
                *expected_size = size;
        struct tree *tree = tree_of(limit);
        archive_load(tree, loaded, size, 0, report);
        ck_assert(!report->damaged);
        return tree;
}

static const int64_t dates[] = {0,          1,           -1,        0x7fffffff, 0x80000000,
                                0xffffffff, 0x100000000, INT64_MAX, INT64_MIN,  -62135596800};

static void fill_dates(struct newc_writer *writer)
{
        char name[16];
        for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
                snprintf(name, sizeof name, "d%zu", i);
                packed_add(writer, name, FILE_MODE, dates[i], "");
        }
}

START_TEST(every_date_arrives)
{
        struct archive_report report;
        struct tree *tree = packed(fill_dates, PLENTY, &report, NULL);
        for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
                char name[16];
                struct node *node;
                snprintf(name, sizeof name, "d%zu", i);
                ck_assert_uint_eq(path_find_node(tree, PATH(name), true, &node), OUTCOME_OK);
                ck_assert_int_eq((int64_t)node->modified, dates[i]);
        }
        tree_gone(tree);
}
END_TEST

static void fill_trailers(struct newc_writer *writer)
{
        packed_add(writer, "TRAILER!!!", FOLDER_MODE, 1, "");
        packed_add(writer, "TRAILER!!!/TRAILER!!!", FILE_MODE, 1, "inner");
        packed_add(writer, "zzz", FILE_MODE, 1, "behind");
}

START_TEST(an_entry_called_like_the_trailer_ends_nothing)
{
        struct archive_report report;
        uint64_t size;
        struct tree *tree = packed(fill_trailers, PLENTY, &report, &size);
        ck_assert_uint_eq(report.served, 3);
        ck_assert_uint_eq(size, newc_size("TRAILER!!!", 0) + newc_size("TRAILER!!!/TRAILER!!!", 5) +
                                    newc_size("zzz", 6) + newc_end_size());
        ck_assert_str_eq(file_text(tree, "TRAILER!!!/TRAILER!!!"), "inner");
        ck_assert_str_eq(file_text(tree, "zzz"), "behind");
        tree_gone(tree);
}
END_TEST

/* Whole sets of one kind, so that none hides behind another. */
enum { COSTED = 300 };
static unsigned costed_mode;
static size_t costed_name, costed_target;

static void fill_costed(struct newc_writer *writer)
{
        char name[FS_NAME_MAX + 1], target[FS_PATH_MAX + 1];
        memset(target, 't', costed_target);
        target[costed_target] = 0;
        for (int i = 0; i < COSTED; i++) {
                snprintf(name, sizeof name, "%0*d", (int)costed_name, i);
                packed_add(writer, name, costed_mode, 1, target);
        }
}

static void fill_nested(struct newc_writer *writer)
{
        char path[2 * COSTED] = "";
        for (int i = 0; i < COSTED; i++) {
                strcat(path, i > 0 ? "/n" : "n");
                packed_add(writer, path, FOLDER_MODE, 1, "");
        }
}

/* In a tree that may take exactly what was counted for them, all have room. */
static void cost_check(void (*fill)(struct newc_writer *writer), uint64_t cost)
{
        struct archive_report report;
        struct tree *tree = tree_of(PLENTY);
        size_t root = tree->budget.used;
        tree_gone(tree);
        tree = packed(fill, root + COSTED * cost, &report, NULL);
        ck_assert_uint_eq(report.served, COSTED);
        tree_gone(tree);
}

START_TEST(no_entry_takes_more_than_was_counted_for_it)
{
        static const size_t names[] = {3, 16, 100, FS_NAME_MAX};
        static const size_t targets[] = {1, 33, FS_PATH_MAX};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
                costed_name = names[i];
                costed_target = 0;
                costed_mode = FILE_MODE;
                cost_check(fill_costed, fs_entry_cost(costed_name, 0));
                costed_mode = FOLDER_MODE;
                cost_check(fill_costed, fs_entry_cost(costed_name, 0));
        }
        cost_check(fill_nested, fs_entry_cost(1, 0));
        costed_mode = LINK_MODE;
        costed_name = 3;
        for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
                costed_target = targets[i];
                cost_check(fill_costed, fs_entry_cost(costed_name, costed_target));
        }
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
        tcase_add_test(tcase, what_has_no_room_is_counted_and_named);
        tcase_add_test(tcase, every_date_arrives);
        tcase_add_test(tcase, an_entry_called_like_the_trailer_ends_nothing);
        tcase_add_test(tcase, no_entry_takes_more_than_was_counted_for_it);
        suite_add_tcase(suite, tcase);
        return suite;
}
