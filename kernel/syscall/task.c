/* Tasks. What concerns another task needs a handle to it with the right for that. */
#include "kernel/abi/sched.h"
#include "kernel/syscall/syscall.h"

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
                GET_OBJECT(thread, 0, task, RIGHT_READ, task);
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
                info.cpu_time += one->run.cpu_time;
                info.messages += one->messages;
                info.faults += one->faults;
        }
        if (!space_write(&thread->task->space, argument(thread, 1), &info, sizeof(info)))
                return not_executed(REASON_FAULT);
        return OUTCOME_OK;
}

/* Copies at most a page between the caller and another task. */
static outcome_t task_copy(struct thread *thread, bool write)
{
        struct task *task;
        uint8_t buffer[1024];
        uint64_t far = argument(thread, 1), near = argument(thread, 2), bytes = argument(thread, 3);
        GET_OBJECT(thread, 0, task, write ? RIGHT_WRITE : RIGHT_READ, task);
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
        GET_OBJECT(thread, 0, task, 0, task);
        set_results(thread, task->alive, task->status, 0);
        return OUTCOME_OK;
}
