/* Accounts: limits, nesting, and that destroying one gives back every byte. */
#include "tests/kernel/harness.h"

static handle_t account_of(uint64_t bytes)
{
        handle_t account;
        CHECK_OK(sys_account_create(0, bytes, &account));
        return account;
}

static uint64_t used(handle_t account)
{
        uint64_t bytes, limit;
        CHECK_OK(sys_account_info(account, &bytes, &limit));
        return bytes;
}

static void a_limit_is_taken_from_the_parent_and_given_back(void)
{
        uint64_t before = used(0);
        handle_t account = account_of(1 << 20);
        CHECK(used(0) >= before + (1 << 20));
        CHECK_OK(sys_object_destroy(account));
        CHECK_EQ(used(0), before);
}

static void more_than_the_parent_has_is_refused(void)
{
        handle_t account;
        CHECK_NOT(sys_account_create(0, 1ull << 50, &account), NO_MEMORY);
        CHECK_NOT(sys_account_create(0, UINT64_MAX, &account), NO_MEMORY);
}

static void memory_used_up_is_an_error_for_its_account_alone(void)
{
        handle_t account = account_of(64 * 4096), memory, other;
        CHECK_NOT(sys_memory_create(account, 64 * 4096, MEMORY_ANONYMOUS, 0, &memory), NO_MEMORY);
        CHECK_EQ(used(account), 0);
        CHECK_OK(sys_memory_create(account, 16 * 4096, MEMORY_ANONYMOUS, 0, &memory));
        CHECK_OK(sys_memory_create(0, 64 * 4096, MEMORY_ANONYMOUS, 0, &other));
        CHECK_OK(sys_handle_close(other));
        CHECK_OK(sys_handle_close(memory));
        CHECK_EQ(used(account), 0);
        CHECK_OK(sys_object_destroy(account));
}

static void destroying_an_account_destroys_what_it_paid_for(void)
{
        handle_t account = account_of(1 << 20), memory, inner, task;
        CHECK_OK(sys_memory_create(account, 4 * 4096, MEMORY_ANONYMOUS, 0, &memory));
        CHECK_OK(sys_account_create(account, 256 * 1024, &inner));
        CHECK_OK(sys_task_create(inner, &task));
        map_at(memory, 0x50000000);
        *(volatile char *)0x50000000 = 1;
        CHECK_OK(sys_object_destroy(account));
        CHECK_NOT(sys_handle_close(memory), BAD_HANDLE);
        CHECK_NOT(sys_handle_close(inner), BAD_HANDLE);
        CHECK_NOT(sys_handle_close(task), BAD_HANDLE);
        /* The mapping went with the memory. */
        CHECK_OK(sys_memory_map(0, make_memory(1), 0x50000000, 0, 4096, MAP_READ, NULL));
}

/* Whatever a task is still lacking when the account is used up, nothing is left of it. */
static void a_task_that_does_not_fit_leaves_nothing(void)
{
        unsigned refused = 0;
        for (uint64_t limit = 4096; limit <= 16 * 4096; limit += 4096) {
                handle_t account, task;
                uint64_t used, whole;
                CHECK_OK(sys_account_create(0, limit, &account));
                outcome_t outcome = sys_task_create(account, &task);
                if (outcome == OUTCOME_OK) {
                        CHECK_OK(sys_object_destroy(task));
                } else {
                        CHECK_EQ(outcome, not_executed(REASON_NO_MEMORY));
                        refused++;
                }
                CHECK_OK(sys_account_info(account, &used, &whole));
                CHECK_EQ(used, 0);
                CHECK_OK(sys_object_destroy(account));
                sys_handle_close(account);
        }
        CHECK(refused >= 5 && refused < 16);
}

const struct test account_tests[] = {
    {"a_limit_is_taken_from_the_parent_and_given_back",
     a_limit_is_taken_from_the_parent_and_given_back},
    {"more_than_the_parent_has_is_refused", more_than_the_parent_has_is_refused},
    {"memory_used_up_is_an_error_for_its_account_alone",
     memory_used_up_is_an_error_for_its_account_alone},
    {"destroying_an_account_destroys_what_it_paid_for",
     destroying_an_account_destroys_what_it_paid_for},
    {"a_task_that_does_not_fit_leaves_nothing", a_task_that_does_not_fit_leaves_nothing},
    {0}};
