/* Tasks. What concerns another task needs a handle to it with the right for that. */
#include "kernel/abi/sched.h"
#include "kernel/syscall/syscall.h"

HANDLER(task_create)
{
        struct task *task = task_create(account);
        if (!task)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(caller, &task->object, RIGHTS_OF_OWNER);
}

HANDLER(task_info)
{
        struct task_info figures = {
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
                figures.cpu_time += sched_time(&one->run);
                figures.messages += one->messages;
                figures.faults += one->faults;
                figures.handles -= thread_keeps_slot(one);
        }
        return write_back(caller, info, &figures, sizeof(figures));
}

/* Copies at most a page from one task to another. */
static outcome_t task_copy(struct task *from, uint64_t source, struct task *to,
                           uint64_t destination, uint64_t bytes)
{
        uint8_t buffer[1024];
        if (bytes > PAGE_SIZE)
                return not_executed(REASON_TOO_LONG);
        for (uint64_t done = 0; done < bytes;) {
                uint64_t part = bytes - done < sizeof(buffer) ? bytes - done : sizeof(buffer);
                if (!space_read(&from->space, buffer, source + done, part) ||
                    !space_write(&to->space, destination + done, buffer, part))
                        return not_executed(REASON_FAULT);
                done += part;
        }
        return OUTCOME_OK;
}

HANDLER(task_read)
{
        return task_copy(task, address, caller->task, buffer, bytes);
}

HANDLER(task_write)
{
        return task_copy(caller->task, content, task, address, bytes);
}

HANDLER(task_exit)
{
        task_kill(caller->task, status);
        return OUTCOME_OK;
}

HANDLER(task_status)
{
        set_results(caller, task->alive, task->status, 0);
        return OUTCOME_OK;
}
