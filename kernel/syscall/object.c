/* Handles, accounts, tasks and threads. */
#include "kernel/include/arch/arch.h"
#include "kernel/ipc/port.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/syscall.h"
#include "kernel/abi/sched.h"

outcome_t syscall_null(struct thread *thread)
{
        (void)thread;
        return OUTCOME_OK;
}

outcome_t syscall_handle_close(struct thread *thread)
{
        struct slot *slot = handle_slot(thread->task, (handle_t)argument(thread, 0));
        if (!slot)
                return not_executed(REASON_BAD_HANDLE);
        slot_clear(slot);
        handle_free(slot);
        return OUTCOME_OK;
}

outcome_t syscall_handle_copy(struct thread *thread)
{
        struct slot *slot = handle_slot(thread->task, (handle_t)argument(thread, 0));
        if (!slot)
                return not_executed(REASON_BAD_HANDLE);
        if (slot->state != SLOT_HANDLE || !(slot->rights & RIGHT_COPY))
                return not_executed(REASON_REFUSED);
        handle_t handle = handle_insert(thread->task, slot->object,
                                        (uint16_t)(slot->rights & argument(thread, 1)));
        if (!handle)
                return not_executed(REASON_NO_MEMORY);
        thread->context.rdi = handle;
        return OUTCOME_OK;
}

outcome_t syscall_handle_info(struct thread *thread)
{
        struct slot *slot = handle_slot(thread->task, (handle_t)argument(thread, 0));
        if (!slot)
                return not_executed(REASON_BAD_HANDLE);
        if (slot->state == SLOT_DEAD)
                return not_executed(slot->rights);
        if (slot->state == SLOT_HANDLE && slot->object->type == OBJECT_RIGHT) {
                outcome_t outcome = right_check(container_of(slot->object, struct right, object));
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        if (slot->state == SLOT_REPLY)
                set_results(thread, OBJECT_REPLY, 0, 0);
        else
                set_results(thread, slot->object->type, slot->rights, slot->object->identity);
        return OUTCOME_OK;
}

outcome_t syscall_handle_grant(struct thread *thread)
{
        struct task *task;
        GET_OBJECT(thread, 0, OBJECT_TASK, task, RIGHT_CONTROL, task);
        struct slot *slot = handle_slot(thread->task, (handle_t)argument(thread, 1));
        if (!slot)
                return not_executed(REASON_BAD_HANDLE);
        if (slot->state != SLOT_HANDLE || !(slot->rights & RIGHT_COPY))
                return not_executed(REASON_REFUSED);
        if (!task->alive)
                return not_executed(REASON_NOT_RUNNING);
        handle_t handle =
            handle_insert(task, slot->object, (uint16_t)(slot->rights & argument(thread, 2)));
        if (!handle)
                return not_executed(REASON_NO_MEMORY);
        thread->context.rdi = handle;
        return OUTCOME_OK;
}

outcome_t syscall_object_destroy(struct thread *thread)
{
        struct slot *slot = handle_slot(thread->task, (handle_t)argument(thread, 0));
        if (!slot || slot->state == SLOT_DEAD)
                return not_executed(REASON_BAD_HANDLE);
        if (slot->state != SLOT_HANDLE)
                return not_executed(REASON_WRONG_TYPE);
        if (!(slot->rights & RIGHT_DESTROY))
                return not_executed(REASON_REFUSED);
        object_destroy(slot->object);
        return OUTCOME_OK;
}

/* ---- accounts ---- */

enum { RIGHTS_OF_OWNER = RIGHT_CONTROL | RIGHT_DESTROY | RIGHT_COPY | RIGHT_READ | RIGHT_WRITE };

/* The account of a handle argument; 0: the caller's own. */
static outcome_t account_argument(struct thread *thread, unsigned index, struct account **account)
{
        *account = thread->task->object.account;
        if (argument(thread, index))
                GET_OBJECT(thread, index, OBJECT_ACCOUNT, account, RIGHT_CONTROL, *account);
        return OUTCOME_OK;
}

outcome_t syscall_account_create(struct thread *thread)
{
        struct account *parent;
        outcome_t outcome = account_argument(thread, 0, &parent);
        if (outcome != OUTCOME_OK)
                return outcome;
        struct account *account = account_create(parent, argument(thread, 1));
        if (!account)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(thread, &account->object, RIGHTS_OF_OWNER);
}

outcome_t syscall_account_info(struct thread *thread)
{
        struct account *account;
        outcome_t outcome = account_argument(thread, 0, &account);
        if (outcome == OUTCOME_OK)
                set_results(thread, account->used, account->limit, 0);
        return outcome;
}

/* ---- tasks ---- */

outcome_t syscall_task_create(struct thread *thread)
{
        struct account *account;
        outcome_t outcome = account_argument(thread, 0, &account);
        if (outcome != OUTCOME_OK)
                return outcome;
        struct task *task = task_create(account);
        if (!task)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(thread, &task->object, RIGHTS_OF_OWNER);
}

outcome_t syscall_task_info(struct thread *thread)
{
        struct task *task = thread->task;
        if (argument(thread, 0))
                GET_OBJECT(thread, 0, OBJECT_TASK, task, RIGHT_READ, task);
        struct task_info info = {
            .cpu_time = task->cpu_time,
            .memory = task->object.account->used,
            .memory_limit = task->object.account->limit,
            .messages = task->messages,
            .faults = task->faults,
            .threads = task->thread_count,
            .handles = handles_used(&task->handles),
        };
        list_for_each(link, &task->threads)
        {
                const struct thread *one = container_of(link, struct thread, task_link);
                info.cpu_time += one->cpu_time;
                info.messages += one->messages;
                info.faults += one->faults;
        }
        if (!space_write(&thread->task->space, argument(thread, 1), &info, sizeof(info)))
                return not_executed(REASON_FAULT);
        return OUTCOME_OK;
}

outcome_t syscall_task_set_fault_handler(struct thread *thread)
{
        struct task *task;
        struct right *right;
        GET_OBJECT(thread, 0, OBJECT_TASK, task, RIGHT_CONTROL, task);
        GET_OBJECT(thread, 1, OBJECT_RIGHT, right, RIGHT_SEND | RIGHT_COPY, right);
        if (!task->alive)
                return not_executed(REASON_NOT_RUNNING);
        slot_clear(&task->fault_handler);
        slot_fill(&task->fault_handler, SLOT_TRANSIT, &right->object, RIGHT_SEND);
        return OUTCOME_OK;
}

outcome_t syscall_task_set_reflect(struct thread *thread)
{
        struct task *task;
        outcome_t outcome = task_argument(thread, RIGHT_CONTROL, &task);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (argument(thread, 1) >= USER_END)
                return not_executed(REASON_MALFORMED);
        task->reflect = argument(thread, 1);
        return OUTCOME_OK;
}

/* Copies at most a page between the caller and another task. */
static outcome_t task_copy(struct thread *thread, bool write)
{
        struct task *task;
        uint8_t buffer[1024];
        uint64_t far = argument(thread, 1), near = argument(thread, 2), bytes = argument(thread, 3);
        GET_OBJECT(thread, 0, OBJECT_TASK, task, write ? RIGHT_WRITE : RIGHT_READ, task);
        if (!task->alive)
                return not_executed(REASON_NOT_RUNNING);
        if (bytes > PAGE_SIZE)
                return not_executed(REASON_TOO_LONG);
        struct space *from = write ? &thread->task->space : &task->space;
        struct space *to = write ? &task->space : &thread->task->space;
        for (uint64_t done = 0; done < bytes;) {
                uint64_t part = bytes - done < sizeof(buffer) ? bytes - done : sizeof(buffer);
                if (!space_read(from, buffer, (write ? near : far) + done, part) ||
                    !space_write(to, (write ? far : near) + done, buffer, part))
                        return not_executed(REASON_FAULT);
                done += part;
        }
        return OUTCOME_OK;
}

outcome_t syscall_task_read(struct thread *thread)
{
        return task_copy(thread, false);
}

outcome_t syscall_task_write(struct thread *thread)
{
        return task_copy(thread, true);
}

outcome_t syscall_task_exit(struct thread *thread)
{
        task_kill(thread->task, argument(thread, 0));
        return OUTCOME_OK;
}

outcome_t syscall_task_status(struct thread *thread)
{
        struct task *task;
        GET_OBJECT(thread, 0, OBJECT_TASK, task, 0, task);
        set_results(thread, task->alive, task->status, 0);
        return OUTCOME_OK;
}

/* ---- threads ---- */

outcome_t syscall_thread_create(struct thread *thread)
{
        struct task *task;
        outcome_t outcome = task_argument(thread, RIGHT_CONTROL, &task);
        if (outcome != OUTCOME_OK)
                return outcome;
        uint64_t entry = argument(thread, 1), stack = argument(thread, 2);
        uint64_t priority = argument(thread, 4);
        if (entry >= USER_END || stack > USER_END || priority > PRIORITY_MAX)
                return not_executed(REASON_MALFORMED);
        if (priority > thread->base_priority)
                return not_executed(REASON_REFUSED);
        /* Without a handle the new thread would be destroyed, and its task might end with it. */
        if (!handle_reserve(thread->task, 1))
                return not_executed(REASON_NO_MEMORY);
        struct thread *created =
            thread_create(task, entry, stack, argument(thread, 3), (unsigned)priority);
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
                context_set_fs_base(&target->context, value);
                return OUTCOME_OK;
        case THREAD_SET_GS_BASE:
                context_set_gs_base(&target->context, value);
                return OUTCOME_OK;
        case THREAD_SET_BLOCK:
                if (value & 7 ||
                    (value & (PAGE_SIZE - 1)) > PAGE_SIZE - sizeof(struct message_block))
                        return not_executed(REASON_MALFORMED);
                target->block = value;
                return OUTCOME_OK;
        default:
                return not_executed(REASON_MALFORMED);
        }
}

outcome_t syscall_thread_control(struct thread *thread)
{
        struct thread *target = thread;
        uint64_t value = argument(thread, 2);
        if (argument(thread, 0))
                GET_OBJECT(thread, 0, OBJECT_THREAD, thread, RIGHT_CONTROL, target);
        switch (argument(thread, 1)) {
        case THREAD_START:
                return thread_start(target);
        case THREAD_STOP:
                thread->context.rax = OUTCOME_OK;
                thread_stop(target);
                return OUTCOME_OK;
        case THREAD_FAULT:
                thread->context.rax = OUTCOME_OK;
                return thread_fault(target);
        case THREAD_SET_PRIORITY:
                if (value > thread->base_priority)
                        return not_executed(REASON_REFUSED);
                thread_set_base_priority(target, (unsigned)value);
                return OUTCOME_OK;
        default:
                return set_own(target, argument(thread, 1), value);
        }
}

outcome_t syscall_thread_registers(struct thread *thread)
{
        struct thread *target;
        struct registers registers;
        GET_OBJECT(thread, 0, OBJECT_THREAD, thread, RIGHT_READ, target);
        if (target->state == THREAD_READY)
                return not_executed(REASON_BUSY);
        context_registers(&target->context, &registers);
        if (!space_write(&thread->task->space, argument(thread, 1), &registers, sizeof(registers)))
                return not_executed(REASON_FAULT);
        return OUTCOME_OK;
}

outcome_t syscall_thread_exit(struct thread *thread)
{
        object_destroy(&thread->object);
        return OUTCOME_OK;
}

outcome_t syscall_sleep(struct thread *thread)
{
        uint64_t deadline = argument(thread, 0);
        if (deadline > clock_now())
                thread_wait(thread, THREAD_SLEEPING, deadline);
        return OUTCOME_OK;
}

outcome_t syscall_yield(struct thread *thread)
{
        (void)thread;
        sched_yield();
        return OUTCOME_OK;
}

outcome_t syscall_clock_read(struct thread *thread)
{
        set_results(thread, clock_now(), 0, 0);
        return OUTCOME_OK;
}
