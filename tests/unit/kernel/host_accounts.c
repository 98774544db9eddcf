/* Accounts: limits, cells, and that destroying one gives everything back. */
#include "tests/unit/kernel/host_tests.h"

START_TEST(an_account_takes_its_limit_from_its_parent)
{
        uint64_t before = machine.root->used;
        struct account *account = account_create(machine.root, 10 * PAGE_SIZE);
        ck_assert_uint_ge(machine.root->used, before + 10 * PAGE_SIZE);
        ck_assert(account_charge(account, 10 * PAGE_SIZE));
        ck_assert(!account_charge(account, 1));
        ck_assert(!account_charge(account, UINT64_MAX));
        account_uncharge(account, 10 * PAGE_SIZE);
        ck_assert_ptr_null(account_create(account, 11 * PAGE_SIZE));
        ck_assert_ptr_null(account_create(account, UINT64_MAX));
        ck_assert_uint_eq(account->used, 0);
        ck_assert_ptr_null(account_create(machine.root, machine.root->limit));
        object_destroy(account_object(account));
        ck_assert_uint_eq(machine.root->used, before);
}
END_TEST

/* One assertion for all: Check writes each of them to a pipe. */
static bool all_bytes_are(const unsigned char *bytes, size_t count, unsigned value)
{
        for (size_t i = 0; i < count; i++)
                if (bytes[i] != value)
                        return false;
        return true;
}

START_TEST(cells_of_all_sizes_are_zeroed_aligned_and_apart)
{
        enum { CELLS = 300, ROUNDS = 10000 };
        static struct {
                unsigned char *at;
                size_t bytes;
        } cells[CELLS];
        struct account *account = account_create(machine.root, 4 << 20);
        srandom(3);
        for (unsigned round = 0; round < ROUNDS; round++) {
                unsigned i = (unsigned)random() % CELLS;
                if (cells[i].at) {
                        ck_assert(all_bytes_are(cells[i].at, cells[i].bytes, i & 0xff));
                        account_free(account,
                                     cells[i].at + (size_t)random() % cells[i].bytes / 16 * 16);
                        cells[i].at = NULL;
                        continue;
                }
                cells[i].bytes = 17 + (size_t)random() % 2000;
                cells[i].at = account_alloc(account, cells[i].bytes);
                ck_assert_uint_eq((uint64_t)cells[i].at % 16, 0);
                ck_assert(all_bytes_are(cells[i].at, cells[i].bytes, 0));
                memset(cells[i].at, (int)(i & 0xff), cells[i].bytes);
        }
        for (unsigned i = 0; i < CELLS; i++)
                if (cells[i].at)
                        account_free(account, cells[i].at);
        ck_assert_uint_eq(account->used, 0);
        object_destroy(account_object(account));
}
END_TEST

START_TEST(cells_of_two_accounts_never_share_a_page)
{
        struct account *a = account_create(machine.root, 1 << 20);
        struct account *b = account_create(machine.root, 1 << 20);
        uint64_t x = (uint64_t)account_alloc(a, 64), y = (uint64_t)account_alloc(b, 64);
        ck_assert_uint_ne(x / PAGE_SIZE, y / PAGE_SIZE);
        account_free(a, (void *)x);
        account_free(b, (void *)y);
        object_destroy(account_object(a));
        object_destroy(account_object(b));
}
END_TEST

START_TEST(a_used_up_account_gives_neither_cells_nor_pages)
{
        struct account *account = account_create(machine.root, PAGE_SIZE);
        void *cell = account_alloc(account, 2016), *second = account_alloc(account, 2016);
        ck_assert_ptr_nonnull(second);
        ck_assert_ptr_null(account_alloc(account, 2016));
        ck_assert_ptr_null(account_alloc(account, 64));
        ck_assert_uint_eq(account_take_page(account), 0);
        account_free(account, second);
        ck_assert_uint_eq(account->used, PAGE_SIZE);
        account_free(account, cell);
        ck_assert_uint_eq(account->used, 0);
        object_destroy(account_object(account));
}
END_TEST

START_TEST(destroying_an_account_destroys_all_that_was_charged_to_it)
{
        uint64_t before = machine.root->used;
        struct account *account = account_create(machine.root, 4 << 20);
        struct account *child = account_create(account, 2 << 20);
        struct task *task = task_create(child);
        ck_assert_ptr_nonnull(thread_create(task, 0x1000, 0, 0, 0));
        ck_assert_ptr_nonnull(port_create(account));
        ck_assert_ptr_nonnull(event_create(child));
        ck_assert_ptr_nonnull(memory_create(child, 20, 0));
        object_destroy(account_object(account));
        ck_assert_uint_eq(machine.root->used, before);
        ck_assert_uint_eq(frame_free_bytes(), world.free_bytes);
}
END_TEST

START_TEST(the_handles_of_a_destroyed_account_are_stale)
{
        struct program *program = program_new();
        handle_t account = sys_handle(program, SYSCALL_account_create, 0, 1 << 20);
        handle_t copy = sys_handle(program, SYSCALL_handle_copy, account, RIGHTS_ALL);
        handle_t task = sys_handle(program, SYSCALL_task_create, account);
        ck_outcome(sys(program, SYSCALL_object_destroy, account), OUTCOME_OK);
        ck_outcome(sys(program, SYSCALL_account_info, copy), NOT(BAD_HANDLE));
        ck_outcome(sys(program, SYSCALL_task_status, task), NOT(BAD_HANDLE));
}
END_TEST

START_TEST(an_account_without_handles_goes_with_its_last_object)
{
        struct program *program = program_new();
        uint64_t before = program->account->used;
        handle_t account = sys_handle(program, SYSCALL_account_create, 0, 1 << 20);
        handle_t memory =
            sys_handle(program, SYSCALL_memory_create, account, PAGE_SIZE, MEMORY_ANONYMOUS);
        ck_outcome(sys(program, SYSCALL_handle_close, account), OUTCOME_OK);
        ck_assert_uint_gt(program->account->used, before);
        ck_outcome(sys(program, SYSCALL_handle_close, memory), OUTCOME_OK);
        ck_assert_uint_eq(program->account->used, before);
}
END_TEST

START_TEST(a_program_may_destroy_the_account_that_it_lives_on)
{
        struct program *program = program_new();
        handle_t own = hold(program, account_object(program->account), RIGHT_DESTROY);
        ck_outcome(sys(program, SYSCALL_object_destroy, own), GONE);
        ck_assert_ptr_null(kernel_next());
}
END_TEST

START_TEST(accounts_say_what_is_used_of_what)
{
        struct program *program = program_new();
        handle_t account = sys_handle(program, SYSCALL_account_create, 0, 1 << 20);
        ck_outcome(sys(program, SYSCALL_account_info, account), OUTCOME_OK);
        ck_assert_uint_eq(program->thread->run.context.result, 0);
        ck_assert_uint_eq(program->thread->run.context.second, 1 << 20);
        ck_outcome(sys(program, SYSCALL_account_info, 0), OUTCOME_OK);
        ck_assert_uint_eq(program->thread->run.context.result, program->account->used);
        ck_assert_uint_eq(program->thread->run.context.second, PROGRAM_BYTES);
        ck_outcome(sys(program, SYSCALL_account_create, 0, PROGRAM_BYTES), NOT(NO_MEMORY));
}
END_TEST

Suite *accounts_suite(void)
{
        TCase *tests;
        Suite *suite = world_suite("accounts", &tests);
        tcase_add_test(tests, an_account_takes_its_limit_from_its_parent);
        tcase_add_test(tests, cells_of_all_sizes_are_zeroed_aligned_and_apart);
        tcase_add_test(tests, cells_of_two_accounts_never_share_a_page);
        tcase_add_test(tests, a_used_up_account_gives_neither_cells_nor_pages);
        tcase_add_test(tests, destroying_an_account_destroys_all_that_was_charged_to_it);
        tcase_add_test(tests, the_handles_of_a_destroyed_account_are_stale);
        tcase_add_test(tests, an_account_without_handles_goes_with_its_last_object);
        tcase_add_test(tests, a_program_may_destroy_the_account_that_it_lives_on);
        tcase_add_test(tests, accounts_say_what_is_used_of_what);
        return suite;
}
