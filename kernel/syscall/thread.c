/* Threads. A thread gives no other, nor itself, more priority than its ceiling. */
#include "kernel/abi/sched.h"
#include "kernel/arch/arch.h"
#include "kernel/ipc/fault.h"
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

outcome_t syscall_thread_create(struct thread *thread)
{
        struct task *task;
        outcome_t outcome = task_argument(thread, RIGHT_CONTROL, &task);
        if (outcome != OUTCOME_OK)
                return outcome;
        uint64_t entry = argument(thread, 1), stack = argument(thread, 2);
        if (entry >= USER_END || stack > USER_END)
                return not_executed(REASON_MALFORMED);
        outcome = scheduling_check(thread, argument(thread, 4));
        if (outcome != OUTCOME_OK)
                return outcome;
        /* Without a handle the new thread would be destroyed, and its task might end with it. */
        if (!handle_reserve(&thread->task->handles, 1))
                return not_executed(REASON_NO_MEMORY);
        struct thread *created =
            thread_create(task, entry, stack, argument(thread, 3), argument(thread, 4));
        if (!created)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(thread, &created->object, RIGHTS_OF_OWNER);
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

outcome_t syscall_thread_control(struct thread *thread)
{
        struct thread *target = thread;
        uint64_t value = argument(thread, 2);
        outcome_t outcome;
        if (argument(thread, 0))
                GET_OBJECT(thread, 0, thread, RIGHT_CONTROL, target);
        uint64_t operation = argument(thread, 1);
        thread->run.context.outcome = OUTCOME_OK; /* of one that stops itself */
        switch (operation) {
        case THREAD_START:
                return thread_start(target);
        case THREAD_STOP:
                thread_stop(target);
                return OUTCOME_OK;
        case THREAD_DIVERT:
                thread_divert(target);
                return OUTCOME_OK;
        case THREAD_FAULT:
                return fault_request(target);
        case THREAD_SET_PRIORITY:
                outcome = scheduling_check(thread, value);
                if (outcome != OUTCOME_OK)
                        return outcome;
                target->ceiling = (uint8_t)(value >> SCHEDULING_CEILING);
                thread_set_base_priority(target, (uint8_t)value);
                return OUTCOME_OK;
        default:
                return set_own(target, operation, value);
        }
}

outcome_t syscall_thread_registers(struct thread *thread)
{
        struct thread *target;
        struct registers registers;
        GET_OBJECT(thread, 0, thread, RIGHT_READ, target);
        if (target->run.state == THREAD_READY)
                return not_executed(REASON_BUSY);
        context_registers(&target->run.context, &registers);
        if (!space_write(&thread->task->space, argument(thread, 1), &registers, sizeof(registers)))
                return not_executed(REASON_FAULT);
        return OUTCOME_OK;
}

outcome_t syscall_thread_set_registers(struct thread *thread)
{
        struct thread *target;
        GET_OBJECT(thread, 0, thread, RIGHT_WRITE, target);
        if (target->run.state != THREAD_STOPPED)
                return not_executed(REASON_BUSY);
        return thread_set_registers(target, &thread->task->space, argument(thread, 1));
}

outcome_t syscall_thread_exit(struct thread *thread)
{
        object_destroy(&thread->object);
        return OUTCOME_OK;
}
