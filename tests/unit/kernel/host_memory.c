/* Memory objects: committed, zeroed, copied on write. */
#include "tests/unit/kernel/host_tests.h"

enum { AT = 0x10000000, PAGES = 6 };

static void map(struct program *program, handle_t memory, uint64_t address, uint64_t pages)
{
        ck_outcome(sys(program, SYSCALL_memory_map, 0, memory, address, 0, pages * PAGE_SIZE,
                       MAP_READ | MAP_WRITE),
                   OUTCOME_OK);
}

static handle_t new_memory(struct program *program, uint64_t pages)
{
        return sys_handle(program, SYSCALL_memory_create, 0, pages * PAGE_SIZE, MEMORY_ANONYMOUS);
}

static uint8_t read_byte(struct program *program, uint64_t address)
{
        uint8_t byte;
        get_user(program, address, &byte, 1);
        return byte;
}

static void write_byte(struct program *program, uint64_t address, uint8_t byte)
{
        put_user(program, address, &byte, 1);
}

START_TEST(memory_is_zeroed_although_its_frames_were_used)
{
        struct program *program = program_new();
        for (unsigned round = 0; round < 3; round++) {
                handle_t memory = new_memory(program, PAGES);
                map(program, memory, AT, PAGES);
                for (uint64_t i = 0; i < PAGES * PAGE_SIZE; i += 64) {
                        check_that(read_byte(program, AT + i) == 0);
                        write_byte(program, AT + i, 0xaa);
                }
                ck_outcome(sys(program, SYSCALL_object_destroy, memory), OUTCOME_OK);
        }
}
END_TEST

START_TEST(memory_is_charged_when_made_and_lives_as_long_as_a_handle_or_a_mapping)
{
        struct program *program = program_new();
        uint64_t before = program_used(program);
        handle_t memory = new_memory(program, PAGES);
        ck_assert_uint_ge(program_used(program), before + PAGES * PAGE_SIZE);
        map(program, memory, AT, PAGES);
        ck_outcome(sys(program, SYSCALL_handle_close, memory), OUTCOME_OK);
        ck_assert_uint_ge(program_used(program), before + PAGES * PAGE_SIZE);
        write_byte(program, AT, 1);
        ck_outcome(sys(program, SYSCALL_memory_unmap, 0, AT, PAGES * PAGE_SIZE), OUTCOME_OK);
        ck_assert_uint_eq(program_used(program), before);
}
END_TEST

START_TEST(a_snapshot_and_its_original_do_not_see_each_others_writes)
{
        struct program *program = program_new();
        handle_t memory = new_memory(program, PAGES);
        map(program, memory, AT, PAGES);
        write_byte(program, AT + 5, 1);
        handle_t copy = sys_handle(program, SYSCALL_memory_snapshot, memory);
        map(program, copy, AT + 0x100000, PAGES);
        write_byte(program, AT + 5, 2);
        ck_assert_uint_eq(read_byte(program, AT + 0x100005), 1);
        write_byte(program, AT + 0x100000 + PAGE_SIZE, 3);
        ck_assert_uint_eq(read_byte(program, AT + PAGE_SIZE), 0);
        ck_assert_uint_eq(read_byte(program, AT + 5), 2);
}
END_TEST

START_TEST(an_object_mapped_twice_stays_one_after_a_snapshot)
{
        struct program *program = program_new();
        handle_t memory = new_memory(program, 1);
        map(program, memory, AT, 1);
        map(program, memory, AT + PAGE_SIZE, 1);
        handle_t copy = sys_handle(program, SYSCALL_memory_snapshot, memory);
        write_byte(program, AT, 7);
        ck_assert_uint_eq(read_byte(program, AT + PAGE_SIZE), 7);
        map(program, copy, AT + 2 * PAGE_SIZE, 1);
        ck_assert_uint_eq(read_byte(program, AT + 2 * PAGE_SIZE), 0);
}
END_TEST

/* Random writes through a family of snapshots, beside plain arrays. */
START_TEST(snapshots_of_snapshots_hold_what_was_written_through_each)
{
        enum { FAMILY = 8, ROUNDS = 4000 };
        static uint8_t model[FAMILY][PAGES];
        handle_t handles[FAMILY] = {0};
        struct program *program = program_new();
        uint64_t before = program_used(program);
        srandom(5);
        handles[0] = new_memory(program, PAGES);
        map(program, handles[0], AT, PAGES);
        for (unsigned round = 0; round < ROUNDS; round++) {
                unsigned a = (unsigned)random() % FAMILY, b = (unsigned)random() % FAMILY;
                unsigned page = (unsigned)random() % PAGES;
                uint64_t at = AT + a * 0x100000ull + page * PAGE_SIZE + 9;
                if (handles[a] && random() % 8 == 0 && !handles[b]) {
                        handles[b] = sys_handle(program, SYSCALL_memory_snapshot, handles[a]);
                        map(program, handles[b], AT + b * 0x100000ull, PAGES);
                        memcpy(model[b], model[a], PAGES);
                } else if (handles[a] && a != b && handles[b] && random() % 16 == 0) {
                        ck_outcome(sys(program, SYSCALL_object_destroy, handles[a]), OUTCOME_OK);
                        handles[a] = 0;
                } else if (handles[a]) {
                        check_that(read_byte(program, at) == model[a][page]);
                        model[a][page] = (uint8_t)random();
                        write_byte(program, at, model[a][page]);
                }
        }
        for (unsigned i = 0; i < FAMILY; i++)
                if (handles[i])
                        ck_outcome(sys(program, SYSCALL_object_destroy, handles[i]), OUTCOME_OK);
        ck_assert_uint_eq(program_used(program), before);
}
END_TEST

START_TEST(an_original_may_go_before_its_snapshot)
{
        struct program *a = program_new(), *b = program_new();
        handle_t memory = new_memory(a, PAGES);
        map(a, memory, AT, PAGES);
        write_byte(a, AT, 42);
        handle_t there = give(a, memory, b);
        handle_t copy = sys_handle(b, SYSCALL_memory_snapshot, there);
        object_destroy(account_object(a->account));
        map(b, copy, AT, PAGES);
        ck_assert_uint_eq(read_byte(b, AT), 42);
        write_byte(b, AT, 43);
}
END_TEST

START_TEST(dma_memory_is_contiguous_and_says_where_it_is)
{
        struct program *program = program_new();
        struct object *object = account_alloc(machine.root, sizeof(*object));
        object_init(object, &hardware_type, machine.root);
        handle_t hardware = hold(program, object, RIGHT_CONTROL);
        ck_outcome(sys(program, SYSCALL_memory_create, 0, PAGE_SIZE, MEMORY_DMA, 0),
                   NOT(BAD_HANDLE));
        handle_t memory =
            sys_handle(program, SYSCALL_memory_create, 0, 3 * PAGE_SIZE, MEMORY_DMA, hardware);
        ck_outcome(sys(program, SYSCALL_memory_info, memory), OUTCOME_OK);
        ck_assert_uint_eq(program->thread->run.context.result, 4 * PAGE_SIZE);
        paddr_t physical = program->thread->run.context.second;
        ck_assert_uint_eq(physical % (4 * PAGE_SIZE), 0);
        map(program, memory, AT, 4);
        write_byte(program, AT + 3 * PAGE_SIZE + 1, 9);
        ck_assert_uint_eq(((uint8_t *)direct(physical))[3 * PAGE_SIZE + 1], 9);
        ck_outcome(sys(program, SYSCALL_memory_snapshot, memory), NOT(WRONG_TYPE));
        ck_outcome(sys(program, SYSCALL_memory_create, 0, 2048ull << 12, MEMORY_DMA, hardware),
                   NOT(NO_MEMORY));
}
END_TEST

START_TEST(what_is_no_size_of_memory_is_refused)
{
        struct program *program = program_new();
        const uint64_t sizes[] = {0, 1, PAGE_SIZE + 1, UINT64_MAX};
        for (unsigned i = 0; i < 4; i++)
                ck_outcome(sys(program, SYSCALL_memory_create, 0, sizes[i], MEMORY_ANONYMOUS),
                           NOT(MALFORMED));
        ck_outcome(sys(program, SYSCALL_memory_create, 0, PAGE_SIZE, 7), NOT(MALFORMED));
        ck_outcome(sys(program, SYSCALL_memory_create, 0, 1ull << 50, MEMORY_ANONYMOUS),
                   NOT(NO_MEMORY));
        ck_outcome(sys(program, SYSCALL_memory_create, 0, PROGRAM_BYTES, MEMORY_ANONYMOUS),
                   NOT(NO_MEMORY));
}
END_TEST

Suite *memory_suite(void)
{
        TCase *tests;
        Suite *suite = world_suite("memory", &tests);
        tcase_add_test(tests, memory_is_zeroed_although_its_frames_were_used);
        tcase_add_test(tests,
                       memory_is_charged_when_made_and_lives_as_long_as_a_handle_or_a_mapping);
        tcase_add_test(tests, a_snapshot_and_its_original_do_not_see_each_others_writes);
        tcase_add_test(tests, an_object_mapped_twice_stays_one_after_a_snapshot);
        tcase_add_test(tests, snapshots_of_snapshots_hold_what_was_written_through_each);
        tcase_add_test(tests, an_original_may_go_before_its_snapshot);
        tcase_add_test(tests, dma_memory_is_contiguous_and_says_where_it_is);
        tcase_add_test(tests, what_is_no_size_of_memory_is_refused);
        return suite;
}
