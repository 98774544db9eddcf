/* What bounds spawners: number and memory of their processes on this node, whatever rights they
 * drop and ask for again. */
#include "tests/unit/process/suites.h"

#include <stdio.h>
#include <string.h>
#include "servers/process/memory_files.h"
#include "servers/process/spawners.h"

static handle_t last_right;

/* A right is its badge's number here. That older ones are revoked only the kernel would know. */
outcome_t rt_server_right(struct server *server, uint64_t badge, handle_t *right)
{
        (void)server;
        *right = badge_id(badge);
        return OUTCOME_OK;
}

static void setup(void)
{
        memset(&processes, 0, sizeof processes);
}

static uint64_t spawner(const char *name, uint64_t memory, uint64_t number)
{
        ck_assert_uint_eq(spawner_bound(name, strlen(name), memory, number, &last_right),
                          OUTCOME_OK);
        return last_right;
}

/* In the first free place. */
static struct process *process_of(uint64_t id, enum process_stage stage, uint64_t limit)
{
        unsigned i = 0;
        while (processes.list[i].stage)
                i++;
        processes.list[i] =
            (struct process){.id = i + 1, .spawner = id, .stage = stage, .limit = limit};
        return &processes.list[i];
}

START_TEST(a_spawner_has_so_many_processes)
{
        uint64_t one = spawner("n1/shell", 1000, 2), other = spawner("n2/shell", 1000, 1);
        ck_assert_uint_ne(one, other);
        process_of(one, PROCESS_STAGE_RUNNING, 1);
        ck_assert(spawner_may_create(one));
        struct process *second = process_of(one, PROCESS_STAGE_ENDED, 1);
        ck_assert(!spawner_may_create(one));
        ck_assert(spawner_may_create(other) && spawner_may_create(0));
        second->stage = 0;
        ck_assert(spawner_may_create(one));
        ck_assert(!spawner_may_create(99));
}
END_TEST

START_TEST(a_spawner_gives_so_much_memory)
{
        uint64_t one = spawner("n1/shell", 1000, 9), left = 5;
        process_of(one, PROCESS_STAGE_RUNNING, 600);
        process_of(one, PROCESS_STAGE_ENDED, 900);
        const struct process *process = process_of(one, PROCESS_STAGE_LOADING, 400);
        ck_assert(spawner_may_give(process, 400, &left));
        ck_assert(!spawner_may_give(process, 401, &left));
        ck_assert_uint_eq(left, 400);
        ck_assert(spawner_may_give(process_of(0, PROCESS_STAGE_LOADING, 1), UINT64_MAX, &left));
}
END_TEST

START_TEST(who_keeps_a_file_in_memory_is_charged_for_it)
{
        uint64_t one = spawner("n1/shell", 1000, 9), left = 5;
        process_of(one, PROCESS_STAGE_RUNNING, 100)->shared = 600;
        process_of(one, PROCESS_STAGE_ENDED, 100)->shared = 600;
        struct process *process = process_of(one, PROCESS_STAGE_LOADING, 300);
        process->shared = 200;
        ck_assert_uint_eq(spawner_charge(process), 300);
        ck_assert(!spawner_may_give(process, 401, &left));
        ck_assert_uint_eq(left, 400);
}
END_TEST

START_TEST(memory_that_a_program_comes_in_counts_before_it_runs)
{
        uint64_t one = spawner("n1/shell", 1000, 9), left = 5;
        process_of(one, PROCESS_STAGE_CREATED, 0)->given = 700;
        struct process *process = process_of(one, PROCESS_STAGE_CREATED, 0);
        ck_assert(spawner_may_give(process, 300, &left));
        ck_assert(!spawner_may_give(process, 301, &left));
        process->given = 300;
        ck_assert_uint_eq(spawner_charge(process), 300);
}
END_TEST

START_TEST(who_asks_again_is_the_same_with_new_bounds)
{
        uint64_t one = spawner("n1/shell", 1000, 2);
        process_of(one, PROCESS_STAGE_RUNNING, 1);
        ck_assert_uint_eq(spawner("n1/shell", 1000, 1), one);
        ck_assert(!spawner_may_create(one));
}
END_TEST

START_TEST(who_has_a_process_keeps_its_place)
{
        char name[8];
        uint64_t first = spawner("first", 1, 1);
        process_of(first, PROCESS_STAGE_RUNNING, 1);
        uint64_t second = spawner("second", 1, 1);
        for (int i = 0; i < 31; i++) {
                snprintf(name, sizeof name, "n%d", i);
                spawner(name, 1, 1);
        }
        ck_assert_uint_eq(spawner("first", 1, 1), first);
        ck_assert_uint_ne(spawner("second", 1, 1), second);
}
END_TEST

START_TEST(who_has_memory_in_files_keeps_its_place)
{
        static const struct memory_name file = {"kept", 4};
        struct memory_open *open;
        char name[8];
        uint64_t first = spawner("first", PAGE_SIZE, 1);
        ck_assert_uint_eq(memory_open(file, FS_OPEN_WRITE | FS_OPEN_CREATE, 0600, first, 1, &open),
                          OUTCOME_OK);
        ck_assert_uint_eq(memory_resize(open->file, 1, first), OUTCOME_OK);
        memory_open_close(open);
        for (int i = 0; i < 40; i++) {
                snprintf(name, sizeof name, "n%d", i);
                spawner(name, 1, 1);
        }
        ck_assert_uint_eq(spawner("first", PAGE_SIZE, 1), first);
        ck_assert_uint_eq(spawner_left(first), 0);
        ck_assert_uint_eq(memory_unlink(file), OUTCOME_OK);
        ck_assert_uint_eq(spawner_left(first), PAGE_SIZE);
}
END_TEST

START_TEST(names_are_no_more_than_names)
{
        handle_t right;
        char name[SPAWNER_NAME];
        memset(name, 'a', sizeof name);
        ck_assert_uint_eq(spawner_bound(name, 0, 1, 1, &right), answered(REASON_INVALID));
        ck_assert_uint_eq(spawner_bound(name, sizeof name, 1, 1, &right), answered(REASON_INVALID));
        ck_assert_uint_eq(spawner_bound("a\0b", 3, 1, 1, &right), answered(REASON_INVALID));
        ck_assert_uint_eq(spawner_bound(name, sizeof name - 1, 1, 1, &right), OUTCOME_OK);
}
END_TEST

TCase *spawner_tests(void)
{
        TCase *tests = tcase_create("spawners");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, a_spawner_has_so_many_processes);
        tcase_add_test(tests, a_spawner_gives_so_much_memory);
        tcase_add_test(tests, who_keeps_a_file_in_memory_is_charged_for_it);
        tcase_add_test(tests, memory_that_a_program_comes_in_counts_before_it_runs);
        tcase_add_test(tests, who_asks_again_is_the_same_with_new_bounds);
        tcase_add_test(tests, who_has_a_process_keeps_its_place);
        tcase_add_test(tests, who_has_memory_in_files_keeps_its_place);
        tcase_add_test(tests, names_are_no_more_than_names);
        return tests;
}
