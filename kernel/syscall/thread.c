/* Threads. A thread gives no other, nor itself, more priority than its ceiling. */
#include "kernel/abi/sched.h"
#include "kernel/arch/arch.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/wait.h"

/* Whether the thread may have another, or itself, scheduled so. */
static outcome_t scheduling_check(const struct thread *thread, uint64_t scheduling)
{
        uint8_t priority = (uint8_t)scheduling;
        uint8_t ceiling = (uint8_t)(scheduling >> SCHEDULING_CEILING);
        if (scheduling >> SCHEDULING_BITS || priority > ceiling)
                return not_executed(REASON_MALFORMED);
        if (scheduling >> SCHEDULING_PROCESSOR)
                return not_executed(REASON_NOT_FOUND); /* there is one processor */
        return ceiling <= thread->ceiling ? OUTCOME_OK : not_executed(REASON_REFUSED);
}

HANDLER(thread_create)
{
        if (entry >= USER_END || stack > USER_END)
                return not_executed(REASON_MALFORMED);
        outcome_t outcome = scheduling_check(caller, scheduling);
        if (outcome != OUTCOME_OK)
                return outcome;
        /* Without a handle the new thread would be destroyed, and its task might end with it. */
        if (!handle_reserve(&caller->task->handles, 1))
                return not_executed(REASON_NO_MEMORY);
        struct thread *created = thread_create(task, entry, stack, argument, scheduling);
        if (!created)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(caller, &created->object, RIGHTS_OF_OWNER);
}

static outcome_t set_own(struct thread *target, uint64_t operation, uint64_t value)
{
        if (value >= USER_END)
                return not_executed(REASON_MALFORMED);
        switch (operation) {
        case THREAD_SET_FS_BASE:
                context_set_fs_base(&target->run.context, value);
                return OUTCOME_OK;
        case THREAD_SET_GS_BASE:
                context_set_gs_base(&target->run.context, value);
                return OUTCOME_OK;
        case THREAD_SET_BLOCK:
                if (value & 7 ||
                    (value & (PAGE_SIZE - 1)) > PAGE_SIZE - sizeof(struct message_block))
                        return not_executed(REASON_MALFORMED);
                target->block = value;
                return OUTCOME_OK;
        case THREAD_SET_REFLECT:
                target->reflect = value;
                return OUTCOME_OK;
        default:
                return not_executed(REASON_MALFORMED);
        }
}

HANDLER(thread_control)
{
        outcome_t outcome;
        caller->run.context.outcome = OUTCOME_OK; /* of one that stops itself */
        switch (operation) {
        case THREAD_START:
                return thread_start(thread);
        case THREAD_STOP:
                thread_stop(thread);
                return OUTCOME_OK;
        case THREAD_DIVERT:
                thread_divert(thread);
                return OUTCOME_OK;
        case THREAD_SET_PRIORITY:
                outcome = scheduling_check(caller, argument);
                if (outcome != OUTCOME_OK)
                        return outcome;
                thread->ceiling = (uint8_t)(argument >> SCHEDULING_CEILING);
                thread_set_base_priority(thread, (uint8_t)argument);
                return OUTCOME_OK;
        default:
                return set_own(thread, operation, argument);
        }
}

HANDLER(thread_registers)
{
        struct registers found;
        set_results(caller, sched_time(&thread->run), 0, 0);
        if (thread->run.state == THREAD_READY)
                return not_executed(REASON_BUSY);
        context_registers(&thread->run.context, &found);
        return write_back(caller, registers, &found, sizeof(found));
}

HANDLER(thread_set_registers)
{
        if (thread->run.state != THREAD_STOPPED)
                return not_executed(REASON_BUSY);
        return thread_set_registers(thread, &caller->task->space, state);
}

HANDLER(thread_exit)
{
        if (caller->task->thread_count == 1)
                task_kill(caller->task, 0);
        else
                object_destroy(&caller->object);
        return OUTCOME_OK;
}
