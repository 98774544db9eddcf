/* Archives made here, field by field, and by cpio(1). */
#include "tests/unit/rt/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "servers/rt/pure/cpio.h"

static char archive[4096];
static size_t length;

static void pad(void)
{
        while (length % 4)
                archive[length++] = 0;
}

static void entry_add(const char *name, unsigned mode, const char *data)
{
        length += (size_t)sprintf(
            archive + length, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 11,
            mode, 0, 0, 1, 77, (unsigned)strlen(data), 0, 0, 0, 0, (unsigned)strlen(name) + 1, 0);
        length += (size_t)sprintf(archive + length, "%s", name) + 1;
        pad();
        memcpy(archive + length, data, strlen(data));
        length += strlen(data);
        pad();
}

static void setup(void)
{
        memset(archive, 0, sizeof archive);
        length = 0;
        entry_add(".", 0040755, "");
        entry_add("bin/one", 0100755, "12345");
        entry_add("link", 0120777, "bin/one");
        entry_add("./empty", 0100644, "");
        entry_add("TRAILER!!!", 0, "");
}

/* A copy with no byte to spare, so that the sanitizer sees every step too far. */
static enum cpio_result walk(const char *bytes, size_t count, unsigned *entries)
{
        char *copy = malloc(count ? count : 1);
        memcpy(copy, bytes, count);
        struct cpio cpio = cpio_open(copy, count);
        struct cpio_entry entry;
        enum cpio_result result;
        *entries = 0;
        while ((result = cpio_next(&cpio, &entry)) == CPIO_ENTRY)
                ++*entries;
        free(copy);
        return result;
}

START_TEST(entries_come_in_order_with_all_they_have)
{
        struct cpio cpio = cpio_open(archive, length);
        struct cpio_entry entry;
        ck_assert_int_eq(cpio_next(&cpio, &entry), CPIO_ENTRY);
        ck_assert_int_eq(entry.kind, CPIO_FOLDER);
        ck_assert_int_eq(cpio_next(&cpio, &entry), CPIO_ENTRY);
        ck_assert_int_eq(entry.kind, CPIO_FILE);
        ck_assert_uint_eq(entry.name_length, 7);
        ck_assert_mem_eq(entry.name, "bin/one", 7);
        ck_assert_uint_eq(entry.size, 5);
        ck_assert_mem_eq(entry.data, "12345", 5);
        ck_assert_uint_eq(entry.mode, 0100755);
        ck_assert_uint_eq(entry.modified, 77);
        ck_assert_uint_eq(entry.inode, 11);
        ck_assert_uint_eq(entry.links, 1);
        ck_assert_int_eq(cpio_next(&cpio, &entry), CPIO_ENTRY);
        ck_assert_int_eq(entry.kind, CPIO_LINK);
        ck_assert_mem_eq(entry.data, "bin/one", 7);
        ck_assert_int_eq(cpio_next(&cpio, &entry), CPIO_ENTRY);
        ck_assert_uint_eq(entry.size, 0);
        ck_assert_int_eq(cpio_next(&cpio, &entry), CPIO_END);
        ck_assert_int_eq(cpio_next(&cpio, &entry), CPIO_DAMAGED);
}
END_TEST

START_TEST(files_are_found_by_name)
{
        struct cpio_entry entry;
        ck_assert(cpio_find(archive, length, "bin/one", &entry));
        ck_assert_uint_eq(entry.size, 5);
        ck_assert(cpio_find(archive, length, "empty", &entry));
        ck_assert(!cpio_find(archive, length, "bin/on", &entry));
        ck_assert(!cpio_find(archive, length, "link", &entry));
        ck_assert(!cpio_find(archive, length, "", &entry));
}
END_TEST

START_TEST(an_archive_cut_anywhere_is_damaged)
{
        unsigned entries;
        size_t trailer = length;
        while (trailer > 0 && memcmp(archive + trailer, "TRAILER!!!", 11) != 0)
                trailer--;
        for (size_t cut = 0; cut < trailer + 11; cut++)
                ck_assert_int_eq(walk(archive, cut, &entries), CPIO_DAMAGED);
        ck_assert_int_eq(walk(archive, trailer + 11, &entries), CPIO_END);
        ck_assert_uint_eq(entries, 4);
}
END_TEST

START_TEST(damaged_fields_are_refused)
{
        enum { SIZE = 6 + 6 * 8, NAME_SIZE = 6 + 11 * 8 };
        static const struct {
                size_t at;
                const char *with;
        } damages[] = {
            {0, "070702"},           {SIZE, "ffffffff"},      {SIZE, "0000000g"},
            {SIZE, "00010000"},      {NAME_SIZE, "00000000"}, {NAME_SIZE, "00000001"},
            {NAME_SIZE, "ffffffff"}, {NAME_SIZE, "fffffff0"},
        };
        char copy[sizeof archive];
        unsigned entries;
        for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
                memcpy(copy, archive, length);
                memcpy(copy + damages[i].at, damages[i].with, strlen(damages[i].with));
                ck_assert_int_eq(walk(copy, length, &entries), CPIO_DAMAGED);
                ck_assert_uint_eq(entries, 0);
        }
}
END_TEST

TCase *cpio_tests(void)
{
        TCase *tests = tcase_create("cpio");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, entries_come_in_order_with_all_they_have);
        tcase_add_test(tests, files_are_found_by_name);
        tcase_add_test(tests, an_archive_cut_anywhere_is_damaged);
        tcase_add_test(tests, damaged_fields_are_refused);
        return tests;
}
