/* Files that are memory: names, bytes, and whom they are charged to. Objects are the host's. */
#include "tests/unit/process/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "servers/process/memory_files.h"
#include "servers/process/memory_object.h"
#include "servers/process/spawners.h"
#include "servers/rt/task/memory.h"

enum { ACCOUNT = 64 << 20 };

static struct {
        uint64_t used;
        unsigned objects, fails; /* fails: none can be made */
} host;

bool memory_object_make(uint64_t length, handle_t *memory, uint8_t **bytes)
{
        if (host.fails || !(*bytes = calloc(1, length)))
                return false;
        host.used += length;
        *memory = ++host.objects;
        return true;
}

void memory_object_end(handle_t memory, uint8_t *bytes, uint64_t length)
{
        (void)memory;
        host.objects--;
        host.used -= length;
        free(bytes);
}

void memory_object_account(uint64_t *used, uint64_t *limit)
{
        *used = host.used;
        *limit = ACCOUNT;
}

static void setup(void)
{
        memset(&processes, 0, sizeof processes);
        host.fails = 0;
}

/* Each test leaves nothing. */
static void teardown(void)
{
        ck_assert_uint_eq(host.objects, 0);
        ck_assert_uint_eq(host.used, 0);
        ck_assert_uint_eq(memory_used(), 0);
        ck_assert_uint_eq(memory_names(), 0);
}

static struct memory_name called(const char *name)
{
        return (struct memory_name){name, strlen(name)};
}

static struct memory_open *open_by(const char *name, uint64_t flags, uint64_t spawner)
{
        struct memory_open *open;
        return memory_open(called(name), FS_OPEN_READ | FS_OPEN_WRITE | flags, 0600, spawner, 1,
                           &open) == OUTCOME_OK
                   ? open
                   : NULL;
}

static void unlinked(const char *name)
{
        ck_assert_uint_eq(memory_unlink(called(name)), OUTCOME_OK);
}

START_TEST(a_file_without_a_name_goes_with_its_last_open)
{
        const uint64_t nameless = FS_OPEN_NAMELESS | FS_OPEN_EXCLUSIVE, before = memory_used();
        struct memory_open *one = open_by("", nameless, 0), *other = open_by("/", nameless, 0);
        struct memory_file *there;
        ck_assert(one && other && one->file != other->file && !one->file->names);
        ck_assert_uint_eq(memory_write(one->file, 0, (const uint8_t *)"x", 1, 0), OUTCOME_OK);
        ck_assert_uint_eq(other->file->size, 0);
        ck_assert_uint_gt(memory_used(), before);
        ck_assert_uint_eq(memory_names(), 0);
        memory_open_close(one);
        memory_open_close(other);
        ck_assert_uint_eq(memory_used(), before);
        ck_assert(!open_by("", FS_OPEN_NAMELESS, 0));
        ck_assert(!open_by("", nameless | FS_OPEN_CREATE, 0));
        ck_assert(!open_by("a", nameless, 0));
        ck_assert_uint_eq(memory_find_name(called("a"), &there), answered(REASON_NOT_FOUND));
}
END_TEST

START_TEST(bytes_are_what_was_written_wherever_extents_end)
{
        enum { STEP = 3000, COUNT = 50 };
        struct memory_open *open = open_by("/a", FS_OPEN_CREATE, 0);
        uint8_t bytes[STEP], read[STEP + 1];
        for (unsigned i = 0; i < COUNT; i++) {
                memset(bytes, (int)i + 1, STEP);
                ck_assert_uint_eq(memory_write(open->file, i * STEP, bytes, STEP, 0), OUTCOME_OK);
        }
        ck_assert_uint_eq(open->file->size, STEP * COUNT);
        ck_assert_uint_gt(open->file->extent_count, 1);
        ck_assert_uint_lt(open->file->extent_count, 10);
        for (unsigned i = 0; i < COUNT; i++) {
                ck_assert_uint_eq(memory_read(open->file, i * STEP, read, STEP), STEP);
                ck_assert(read[0] == i + 1 && read[STEP - 1] == i + 1);
        }
        ck_assert_uint_eq(memory_read(open->file, STEP * COUNT - 1, read, STEP), 1);
        ck_assert_uint_eq(memory_read(open->file, STEP * COUNT, read, STEP), 0);
        ck_assert_uint_eq(memory_read(open->file, UINT64_MAX, read, STEP), 0);
        ck_assert_uint_eq(memory_write(open->file, UINT64_MAX, bytes, 2, 0),
                          answered(REASON_INVALID));
        unlinked("a");
        memory_open_close(open);
}
END_TEST

START_TEST(what_a_file_grows_by_is_zero)
{
        struct memory_open *open = open_by("a", FS_OPEN_CREATE, 0);
        uint8_t bytes[3 * PAGE_SIZE];
        memset(bytes, 7, sizeof bytes);
        ck_assert_uint_eq(memory_write(open->file, 0, bytes, sizeof bytes, 0), OUTCOME_OK);
        ck_assert_uint_eq(memory_resize(open->file, 100, 0), OUTCOME_OK);
        open->file->extents[0].bytes[200] = 9; /* by who has it mapped */
        ck_assert_uint_eq(memory_resize(open->file, sizeof bytes, 0), OUTCOME_OK);
        ck_assert_uint_eq(memory_read(open->file, 0, bytes, sizeof bytes), sizeof bytes);
        ck_assert(bytes[99] == 7);
        for (size_t i = 100; i < sizeof bytes; i++)
                ck_assert_uint_eq(bytes[i], 0);
        ck_assert_uint_eq(memory_resize(open->file, 0, 0), OUTCOME_OK);
        ck_assert_uint_eq(host.objects, 0);
        unlinked("a");
        memory_open_close(open);
}
END_TEST

START_TEST(without_room_nothing_changes)
{
        struct memory_open *open = open_by("a", FS_OPEN_CREATE, 0);
        const outcome_t full = answered(REASON_NO_SPACE);
        ck_assert_uint_eq(memory_resize(open->file, 1000, 0), OUTCOME_OK);
        ck_assert_uint_eq(memory_resize(open->file, ACCOUNT / 2 + 1, 0), full);
        ck_assert_uint_eq(memory_resize(open->file, UINT64_MAX, 0), full);
        host.fails = 1;
        ck_assert_uint_eq(memory_resize(open->file, 5000, 0), full);
        ck_assert_uint_eq(memory_write(open->file, 4000, "0123456789", 200, 0), full);
        host.fails = 0;
        ck_assert(open->file->size == 1000 && memory_used() == PAGE_SIZE);
        ck_assert_uint_eq(memory_resize(open->file, ACCOUNT / 2, 0), OUTCOME_OK);
        ck_assert_uint_eq(memory_used(), memory_most());
        unlinked("a");
        memory_open_close(open);
}
END_TEST

START_TEST(who_makes_a_file_longer_is_charged_until_it_ends)
{
        handle_t right;
        ck_assert_uint_eq(spawner_bound("n1/x", 4, 1 << 20, 9, &right), OUTCOME_OK);
        const uint64_t one = badge_id(right);
        struct memory_open *open = open_by("a", FS_OPEN_CREATE, one);
        ck_assert_uint_eq(memory_resize(open->file, 1 << 19, one), OUTCOME_OK);
        ck_assert_uint_eq(spawner_left(one), 1 << 19);
        ck_assert_uint_eq(memory_resize(open->file, (1 << 20) + 1, one), answered(REASON_NO_SPACE));
        ck_assert_uint_eq(memory_resize(open->file, 1 << 20, one), OUTCOME_OK);
        ck_assert_uint_eq(spawner_left(one), 0);
        ck_assert_uint_eq(memory_resize(open->file, 2 << 20, 0), OUTCOME_OK);
        ck_assert_uint_eq(memory_charged(one), 1 << 20);
        ck_assert_uint_eq(memory_charged(0), 1 << 20);
        memory_open_close(open);
        ck_assert_uint_eq(spawner_left(one), 0);
        unlinked("a");
        ck_assert_uint_eq(spawner_left(one), 1 << 20);
}
END_TEST

START_TEST(a_file_ends_when_it_has_no_name_and_is_not_open)
{
        struct memory_open *first = open_by("a", FS_OPEN_CREATE, 0), *second = open_by("a", 0, 0);
        ck_assert_uint_eq(memory_resize(first->file, 1, 0), OUTCOME_OK);
        ck_assert_ptr_eq(first->file, second->file);
        ck_assert_uint_eq(memory_link(called("a"), called("b"), 0), OUTCOME_OK);
        unlinked("a");
        memory_open_close(first);
        unlinked("b");
        ck_assert_uint_eq(host.objects, 1);
        ck_assert_ptr_null(open_by("a", 0, 0));
        ck_assert_ptr_eq(memory_open_find(second->id), second);
        memory_open_close(second);
        ck_assert_uint_eq(host.objects, 0);
}
END_TEST

START_TEST(names_are_found_in_order_and_as_they_are)
{
        static const char *const bad[] = {"a/b", "/a/", "../a"};
        const struct memory_file *file;
        struct memory_file *found;
        char longest[FS_NAME_MAX + 2];
        memset(longest, 'x', sizeof longest);
        struct memory_name name = {longest, FS_NAME_MAX}, longer = {longest, FS_NAME_MAX + 1};
        memory_open_close(open_by("ab", FS_OPEN_CREATE, 0));
        memory_open_close(open_by("a", FS_OPEN_CREATE, 0));
        ck_assert_str_eq(memory_name_after(called(""), &file), "a");
        ck_assert_str_eq(memory_name_after(called("a"), &file), "ab");
        ck_assert_ptr_null(memory_name_after(called("ab"), &file));
        for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
                ck_assert_ptr_null(open_by(bad[i], FS_OPEN_CREATE, 0));
        ck_assert_uint_eq(memory_rename(called("a"), name), OUTCOME_OK);
        ck_assert_uint_eq(memory_rename(name, longer), answered(REASON_NAME_TOO_LONG));
        ck_assert_uint_eq(memory_find_name(name, &found), OUTCOME_OK);
        ck_assert_uint_eq(memory_rename(called("ab"), name), OUTCOME_OK);
        ck_assert_uint_eq(memory_names(), 1);
        ck_assert_uint_eq(memory_unlink(name), OUTCOME_OK);
}
END_TEST

START_TEST(one_spawner_leaves_names_and_open_files_to_others)
{
        struct memory_open *list[MEMORY_OPENS];
        char name[20];
        unsigned count = 0, names = 0;
        while (count < MEMORY_OPENS && (list[count] = open_by("a", FS_OPEN_CREATE, 1)))
                count++;
        ck_assert(count > MEMORY_OPENS / 8 && count < MEMORY_OPENS / 4);
        struct memory_open *other = open_by("a", 0, 2);
        ck_assert_ptr_nonnull(other);
        do
                snprintf(name, sizeof name, "%u", names++);
        while (memory_link(called("a"), called(name), 3) == OUTCOME_OK);
        ck_assert(names > MEMORY_NAMES / 8 && names < MEMORY_NAMES / 4);
        ck_assert_uint_eq(memory_link(called("a"), called("b"), 4), OUTCOME_OK);
        memory_open_close(other);
        while (count--)
                memory_open_close(list[count]);
        const struct memory_file *file;
        const char *next;
        while ((next = memory_name_after(called(""), &file)))
                unlinked(next);
}
END_TEST

START_TEST(a_locker_keeps_its_file_and_is_of_the_share_of_who_opened_it)
{
        struct memory_open *open = open_by("a", FS_OPEN_CREATE, 1);
        struct memory_open *lockers[MEMORY_OPENS], *folder;
        unsigned count = 0;
        unlinked("a");
        ck_assert_uint_eq(memory_resize(open->file, 1, 0), OUTCOME_OK);
        while (count < MEMORY_OPENS && (lockers[count] = memory_locker(open, 77)))
                count++;
        ck_assert(count > MEMORY_OPENS / 8 && count < MEMORY_OPENS / 4);
        ck_assert(lockers[0]->locker && lockers[0]->process == 77 && !open->locker);
        ck_assert(lockers[0]->file == open->file && lockers[0]->id != open->id);
        memory_open_close(open);
        ck_assert_uint_eq(host.objects, 1);
        while (count--)
                memory_open_close(lockers[count]);
        ck_assert_uint_eq(host.objects, 0);
        ck_assert_uint_eq(memory_open(called("/"), FS_OPEN_READ, 0, 1, 1, &folder), OUTCOME_OK);
        lockers[0] = memory_locker(folder, 77);
        ck_assert_ptr_null(lockers[0]->file);
        memory_open_close(folder);
        memory_open_close(lockers[0]);
}
END_TEST

START_TEST(an_open_is_what_it_asks_for)
{
        struct memory_open *open;
        ck_assert_ptr_null(open_by("a", 0, 0));
        struct memory_open *made = open_by("a", FS_OPEN_CREATE | FS_OPEN_EXCLUSIVE, 0);
        ck_assert_uint_eq(made->file->mode, 0600);
        ck_assert_ptr_null(open_by("a", FS_OPEN_CREATE | FS_OPEN_EXCLUSIVE, 0));
        ck_assert_uint_eq(memory_resize(made->file, 10, 0), OUTCOME_OK);
        ck_assert_uint_eq(memory_open(called("a"), FS_OPEN_READ | FS_OPEN_TRUNCATE, 0, 0, 1, &open),
                          answered(REASON_INVALID));
        memory_open_close(open_by("a", FS_OPEN_TRUNCATE, 0));
        ck_assert_uint_eq(made->file->size, 0);
        ck_assert_uint_eq(memory_open(called("/"), FS_OPEN_WRITE, 0, 0, 1, &open),
                          answered(REASON_IS_DIRECTORY));
        ck_assert_uint_eq(memory_open(called("/"), FS_OPEN_READ, 0, 0, 1, &open), OUTCOME_OK);
        ck_assert_ptr_null(open->file);
        memory_open_close(open);
        memory_open_close(made);
        unlinked("a");
}
END_TEST

TCase *memory_file_tests(void)
{
        TCase *tcase = tcase_create("memory files");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, bytes_are_what_was_written_wherever_extents_end);
        tcase_add_test(tcase, what_a_file_grows_by_is_zero);
        tcase_add_test(tcase, without_room_nothing_changes);
        tcase_add_test(tcase, who_makes_a_file_longer_is_charged_until_it_ends);
        tcase_add_test(tcase, a_file_ends_when_it_has_no_name_and_is_not_open);
        tcase_add_test(tcase, names_are_found_in_order_and_as_they_are);
        tcase_add_test(tcase, one_spawner_leaves_names_and_open_files_to_others);
        tcase_add_test(tcase, a_locker_keeps_its_file_and_is_of_the_share_of_who_opened_it);
        tcase_add_test(tcase, an_open_is_what_it_asks_for);
        tcase_add_test(tcase, a_file_without_a_name_goes_with_its_last_open);
        return tcase;
}
