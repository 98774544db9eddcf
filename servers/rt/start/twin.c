/* What is made of a task before and after its parent has filled it; see twin.h. */
#include "servers/rt/start/twin.h"

#include "servers/rt/start/place.h"

outcome_t twin_begin(uint64_t memory, handle_t fault_right, const struct spawned *parent,
                     struct spawned *spawned)
{
        *spawned = (struct spawned){0};
        outcome_t outcome = sys_account_create(rt_handle("account"), memory, &spawned->account);
        if (outcome == OUTCOME_OK)
                outcome = sys_task_create(spawned->account, &spawned->task);
        if (outcome == OUTCOME_OK)
                outcome = sys_task_set_fault_handler(spawned->task, fault_right);
        if (outcome == OUTCOME_OK)
                outcome = place_texts(spawned, parent);
        return outcome;
}

outcome_t twin_finish(struct spawned *spawned, uint64_t process, const struct twin_own *own,
                      const struct twin_thread *thread)
{
        const uint32_t most = RIGHTS_ALL & ~(uint32_t)RIGHT_DESTROY;
        outcome_t outcome = sys_thread_create(
            spawned->task, thread->entry, thread->stack, thread->argument,
            thread_scheduling(thread->priority, thread->priority, 0), &spawned->thread);
        const struct spawn_grant grants[] = {
            {"account", spawned->account, most},
            {"task", spawned->task, most},
            {"name", own->child, RIGHT_SEND},
            {"log", own->child, RIGHT_SEND},
            {"signals", own->signals, RIGHT_SIGNAL | RIGHT_WAIT},
            {"thread", spawned->thread, SPAWN_THREAD_RIGHTS},
        };
        for (unsigned i = 0; i < sizeof grants / sizeof grants[0] && outcome == OUTCOME_OK; i++)
                outcome = spawn_regrant(spawned, &grants[i]);
        return outcome == OUTCOME_OK ? place_number(spawned, process) : outcome;
}
