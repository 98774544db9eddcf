/* Accounts. */
#include "kernel/syscall/syscall.h"

HANDLER(account_create)
{
        struct account *account = account_create(parent, bytes);
        if (!account)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(caller, account_object(account), RIGHTS_OF_OWNER);
}

HANDLER(account_info)
{
        set_results(caller, account->used, account->limit, 0);
        return OUTCOME_OK;
}
