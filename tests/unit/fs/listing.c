/* Folders' entries as records: order, going on after a name while things change, records cut short.
 */
#include "tests/unit/fs/test_fs.h"

#include "servers/fs/listing.h"

enum { PLENTY = 1 << 22 };

/* Names of a listing in pieces of `capacity` bytes, each followed by a blank. */
static const char *names_of(struct tree *tree, size_t capacity)
{
        static char names[1024];
        static char records[4096];
        char after[FS_NAME_MAX + 1] = "";
        names[0] = 0;
        for (;;) {
                size_t length = listing_write(tree->root, TEXT(after), records, capacity);
                if (length == 0)
                        return names;
                struct fs_entry entry;
                struct unpacker from = unpacker_of(records, length);
                while (fs_entry_next(&from, &entry)) {
                        snprintf(after, sizeof after, "%.*s", (int)entry.name_length,
                                 (const char *)entry.name);
                        strcat(strcat(names, after), " ");
                }
                ck_assert_uint_eq(from.left, 0);
        }
}

START_TEST(entries_come_in_the_order_of_their_bytes)
{
        struct tree *tree = tree_of(PLENTY);
        static const char *const made[] = {"b", "ab", "a", "\xc3\xa4", "Z", "abc", "-"};
        ck_assert_str_eq(names_of(tree, 4096), "");
        for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
                file_put(tree, made[i], "");
        ck_assert_str_eq(names_of(tree, 4096), "- Z a ab abc b \xc3\xa4 ");
        ck_assert_str_eq(names_of(tree, 512), "- Z a ab abc b \xc3\xa4 ");
        ck_assert_str_eq(names_of(tree, 56), "- Z a ab abc b \xc3\xa4 ");
        tree_gone(tree);
}
END_TEST

START_TEST(a_listing_goes_on_after_a_name_that_has_gone)
{
        struct tree *tree = tree_of(PLENTY);
        char records[512];
        struct fs_entry entry;
        file_put(tree, "a", "");
        file_put(tree, "b", "12345");
        file_put(tree, "c", "");
        ck_assert_uint_eq(tree_unlink(tree, PATH("a"), 0), OUTCOME_OK);
        size_t length = listing_write(tree->root, TEXT("a"), records, 64);
        struct unpacker from = unpacker_of(records, length);
        ck_assert(fs_entry_next(&from, &entry));
        ck_assert_int_eq(((const char *)entry.name)[0], 'b');
        ck_assert_uint_eq(entry.size, 5);
        ck_assert_uint_eq(entry.kind, FS_FILE);
        ck_assert(!fs_entry_next(&from, &entry));
        tree_gone(tree);
}
END_TEST

START_TEST(records_cut_short_are_not_read_beyond)
{
        struct tree *tree = tree_of(PLENTY);
        char records[128];
        file_put(tree, "name-of-some-length", "");
        size_t length = listing_write(tree->root, "", 0, records, sizeof records);
        for (size_t cut = 0; cut < length; cut++) {
                struct fs_entry entry;
                struct unpacker from = unpacker_of(records, cut);
                ck_assert(!fs_entry_next(&from, &entry));
                ck_assert_uint_eq(from.left, cut);
        }
        tree_gone(tree);
}
END_TEST

Suite *listing_suite(void)
{
        Suite *suite = suite_create("fs/listing");
        TCase *tcase = tcase_create("listing");
        tcase_add_test(tcase, entries_come_in_the_order_of_their_bytes);
        tcase_add_test(tcase, a_listing_goes_on_after_a_name_that_has_gone);
        tcase_add_test(tcase, records_cut_short_are_not_read_beyond);
        suite_add_tcase(suite, tcase);
        return suite;
}
