/* Accounts. */
#include "kernel/syscall/syscall.h"

outcome_t syscall_account_create(struct thread *thread)
{
        struct account *parent;
        outcome_t outcome = account_argument(thread, 0, &parent);
        if (outcome != OUTCOME_OK)
                return outcome;
        struct account *account = account_create(parent, argument(thread, 1));
        if (!account)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(thread, account_object(account), RIGHTS_OF_OWNER);
}

outcome_t syscall_account_info(struct thread *thread)
{
        struct account *account;
        outcome_t outcome = account_argument(thread, 0, &account);
        if (outcome == OUTCOME_OK)
                set_results(thread, account->used, account->limit, 0);
        return outcome;
}
