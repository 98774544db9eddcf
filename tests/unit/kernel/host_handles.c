/* Handle tables. */
#include "tests/unit/kernel/host_tests.h"

START_TEST(a_closed_handle_is_an_error_and_never_another_object)
{
        struct program *program = program_new();
        handle_t first = sys_handle(program, SYSCALL_event_create);
        ck_outcome(sys(program, SYSCALL_handle_close, first), OUTCOME_OK);
        handle_t second = sys_handle(program, SYSCALL_event_create);
        ck_assert_uint_ne(first, second);
        ck_assert_uint_eq(first & 0xffff, second & 0xffff);
        ck_outcome(sys(program, SYSCALL_event_signal, first, 1), NOT(BAD_HANDLE));
        ck_outcome(sys(program, SYSCALL_handle_close, first), NOT(BAD_HANDLE));
        ck_outcome(sys(program, SYSCALL_event_signal, second, 1), OUTCOME_OK);
}
END_TEST

START_TEST(a_slot_is_not_used_again_after_its_last_generation)
{
        struct program *program = program_new();
        struct handle_table *table = &program->task->handles;
        handle_t first = sys_handle(program, SYSCALL_event_create);
        struct slot *slot = handle_slot(table, first);
        ck_outcome(sys(program, SYSCALL_handle_close, first), OUTCOME_OK);
        slot->handle |= 0xffffffffffff0000; /* as after 2^48 turns */
        handle_t last = sys_handle(program, SYSCALL_event_create);
        ck_assert_ptr_eq(handle_slot(table, last), slot);
        ck_outcome(sys(program, SYSCALL_handle_close, last), OUTCOME_OK);
        uint32_t used = handles_used(table);
        for (unsigned i = 0; i < 3 * HANDLE_PAGE_SLOTS; i++)
                check_that((uint16_t)sys_handle(program, SYSCALL_event_create) != (uint16_t)last);
        ck_assert_uint_eq(handles_used(table), used + 3 * HANDLE_PAGE_SLOTS);
        const handle_t old[] = {first, last, last + 0x10000, 0};
        for (unsigned i = 0; i < sizeof(old) / sizeof(old[0]); i++)
                ck_outcome(sys(program, SYSCALL_handle_close, old[i]), NOT(BAD_HANDLE));
}
END_TEST

/* Slots beyond the last of a page would lie in the next page of memory. */
START_TEST(an_index_beyond_a_page_or_the_table_is_no_handle)
{
        struct program *program = program_new();
        for (handle_t index = 0; index <= 0xffff; index++) {
                if (index % 128 < HANDLE_PAGE_SLOTS && index / 128 == 0)
                        continue;
                check_that(!handle_lookup(&program->task->handles, index));
                check_that(!handle_lookup(&program->task->handles, 0x10000 | index));
        }
}
END_TEST

START_TEST(random_numbers_are_no_handles)
{
        struct program *program = program_new();
        srandom(4);
        for (unsigned i = 0; i < 10000; i++)
                check_that(sys(program, SYSCALL_handle_close,
                               (uint64_t)random() << 32 | (uint64_t)random()) == NOT(BAD_HANDLE));
}
END_TEST

START_TEST(a_table_grows_page_by_page_up_to_its_end)
{
        struct program *program = program_new();
        unsigned count = handles_used(&program->task->handles);
        while (handle_insert(&program->task->handles, account_object(program->account), 0))
                count++;
        ck_assert_uint_eq(count, program->task->handles.page_count * HANDLE_PAGE_SLOTS);
        ck_assert_uint_gt(program->task->handles.page_count, 10);
        ck_assert_uint_eq(handles_used(&program->task->handles), count);
}
END_TEST

START_TEST(a_table_has_at_most_all_its_pages)
{
        struct account *account = account_create(machine.root, 4 << 20);
        struct task *task = task_create(account);
        while (handle_insert(&task->handles, account_object(machine.root), 0))
                ;
        ck_assert_uint_eq(handles_used(&task->handles), HANDLE_PAGES * HANDLE_PAGE_SLOTS);
        ck_assert_uint_lt(account->used, account->limit - PAGE_SIZE);
}
END_TEST

START_TEST(a_copy_has_no_right_that_the_handle_has_not)
{
        struct program *program = program_new();
        handle_t event = sys_handle(program, SYSCALL_event_create);
        handle_t weak = sys_handle(program, SYSCALL_handle_copy, event, RIGHT_SIGNAL | RIGHT_COPY);
        handle_t weaker = sys_handle(program, SYSCALL_handle_copy, weak, RIGHTS_ALL);
        ck_outcome(sys(program, SYSCALL_handle_info, weaker), OUTCOME_OK);
        ck_assert_uint_eq(program->thread->run.context.result, OBJECT_EVENT);
        ck_assert_uint_eq(program->thread->run.context.second, RIGHT_SIGNAL | RIGHT_COPY);
        ck_outcome(sys(program, SYSCALL_event_wait, weaker, 1, 0), NOT(REFUSED));
        ck_outcome(sys(program, SYSCALL_object_destroy, weaker), NOT(REFUSED));
        handle_t last = sys_handle(program, SYSCALL_handle_copy, weak, RIGHT_SIGNAL);
        ck_outcome(sys(program, SYSCALL_handle_copy, last, RIGHT_SIGNAL), NOT(REFUSED));
}
END_TEST

START_TEST(copies_tell_the_same_identity)
{
        struct program *program = program_new();
        handle_t event = sys_handle(program, SYSCALL_event_create);
        handle_t copy = sys_handle(program, SYSCALL_handle_copy, event, RIGHTS_ALL);
        sys(program, SYSCALL_handle_info, event);
        uint64_t identity = program->thread->run.context.header;
        sys(program, SYSCALL_handle_info, copy);
        ck_assert_uint_eq(program->thread->run.context.header, identity);
        handle_t other = sys_handle(program, SYSCALL_event_create);
        sys(program, SYSCALL_handle_info, other);
        ck_assert_uint_ne(program->thread->run.context.header, identity);
}
END_TEST

START_TEST(a_granted_handle_is_the_other_tasks)
{
        struct program *a = program_new(), *b = program_new();
        handle_t task = hold(a, &b->task->object, RIGHT_CONTROL);
        handle_t event = sys_handle(a, SYSCALL_event_create);
        handle_t there = sys_handle(a, SYSCALL_handle_grant, task, event, RIGHT_SIGNAL);
        ck_outcome(sys(b, SYSCALL_event_signal, there, 4), OUTCOME_OK);
        ck_outcome(sys(a, SYSCALL_event_wait, event, ~0ull, 0), OUTCOME_OK);
        ck_assert_uint_eq(a->thread->run.context.result, 4);
        ck_outcome(sys(a, SYSCALL_handle_grant, task, 0xffff, 0), NOT(BAD_HANDLE));
        ck_outcome(sys(b, SYSCALL_task_exit, 0), GONE);
        ck_outcome(sys(a, SYSCALL_handle_grant, task, event, 0), NOT(NOT_RUNNING));
}
END_TEST

START_TEST(a_handle_names_one_kind_of_object)
{
        struct program *program = program_new();
        handle_t event = sys_handle(program, SYSCALL_event_create);
        handle_t port = sys_handle(program, SYSCALL_port_create);
        ck_outcome(sys(program, SYSCALL_receive, event, 0, 0, 0), NOT(WRONG_TYPE));
        ck_outcome(sys(program, SYSCALL_event_signal, port, 1), NOT(WRONG_TYPE));
        ck_outcome(sys(program, SYSCALL_call, port, 0, header(0), TIME_NEVER), NOT(WRONG_TYPE));
        ck_outcome(sys(program, SYSCALL_reply, 0, event, header(0)), NOT(WRONG_TYPE));
        ck_outcome(sys(program, SYSCALL_handle_copy, port, RIGHTS_ALL), NOT(REFUSED));
}
END_TEST

Suite *handles_suite(void)
{
        TCase *tests;
        Suite *suite = world_suite("handles", &tests);
        tcase_add_test(tests, a_closed_handle_is_an_error_and_never_another_object);
        tcase_add_test(tests, a_slot_is_not_used_again_after_its_last_generation);
        tcase_add_test(tests, an_index_beyond_a_page_or_the_table_is_no_handle);
        tcase_add_test(tests, random_numbers_are_no_handles);
        tcase_add_test(tests, a_table_grows_page_by_page_up_to_its_end);
        tcase_add_test(tests, a_table_has_at_most_all_its_pages);
        tcase_add_test(tests, a_copy_has_no_right_that_the_handle_has_not);
        tcase_add_test(tests, copies_tell_the_same_identity);
        tcase_add_test(tests, a_granted_handle_is_the_other_tasks);
        tcase_add_test(tests, a_handle_names_one_kind_of_object);
        return suite;
}
