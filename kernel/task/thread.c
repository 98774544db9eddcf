/* The life of a thread, its priority, and how it leaves whatever it waits for when it has to. How
 * it waits and wakes: wait.c. */
#include "kernel/task/thread.h"
#include "kernel/abi/sched.h"
#include "kernel/account/account.h"
#include "kernel/debug/panic.h"
#include "kernel/task/task.h"
#include "kernel/task/wait.h"
#include "kernel/sched/cpu.h"
#include "kernel/sched/sched.h"

struct thread *thread_create(struct task *task, uint64_t entry, uint64_t stack, uint64_t argument,
                             uint64_t scheduling)
{
        struct account *account = task->object.account;
        struct thread *thread = account_alloc(account, sizeof(*thread));
        if (!thread)
                return NULL;
        paddr_t vectors = account_take_page(account);
        if (!vectors) {
                account_free(account, thread);
                return NULL;
        }
        object_init(&thread->object, &thread_type, account);
        context_init(&thread->run.context, entry, stack, argument, direct(vectors));
        call_init(&thread->call, thread, task);
        thread->task = task;
        thread->right_slot = thread->port_slot = thread->reply_slot = &handle_none;
        thread->run.space = &task->space.mmu;
        thread->run.priority = thread->base_priority = (uint8_t)scheduling;
        thread->ceiling = (uint8_t)(scheduling >> SCHEDULING_CEILING);
        thread->inherited_priority = NOT_SERVING;
        thread->inherited_deadline = TIME_NEVER;
        list_init(&thread->run.queue_link);
        list_init(&thread->fault_handler.link);
        kassert(task->alive && thread->base_priority <= thread->ceiling);
        list_append(&task->threads, &thread->task_link);
        task->thread_count++;
        return thread;
}

outcome_t thread_set_registers(struct thread *thread, struct space *from, uint64_t address)
{
        struct registers registers;
        kassert(thread->run.state != THREAD_READY);
        if (!space_read(from, &registers, address, sizeof(registers)))
                return not_executed(REASON_FAULT);
        return context_set_registers(&thread->run.context, &registers)
                   ? OUTCOME_OK
                   : not_executed(REASON_MALFORMED);
}

static void update_priority(struct thread *thread)
{
        unsigned priority = thread->base_priority;
        if (thread->inherited_priority > (int)priority)
                priority = (unsigned)thread->inherited_priority;
        if (priority != thread->run.priority)
                sched_set_priority(&thread->run, priority);
}

void thread_set_base_priority(struct thread *thread, unsigned priority)
{
        kassert(priority <= thread->ceiling);
        thread->base_priority = (uint8_t)priority;
        update_priority(thread);
        if (thread->run.state == THREAD_CALLING)
                call_raise(&thread->call, thread->run.priority, RAISE_DEPTH);
}

void thread_inherit(struct thread *thread, int priority)
{
        kassert(priority >= NOT_SERVING && priority <= PRIORITY_MAX);
        thread->inherited_priority = (int16_t)priority;
        update_priority(thread);
}

void thread_raise(struct thread *thread, unsigned priority, unsigned depth)
{
        if (thread->inherited_priority == NOT_SERVING ||
            thread->inherited_priority >= (int)priority)
                return;
        kassert(depth <= RAISE_DEPTH);
        thread_inherit(thread, (int)priority);
        if (thread->run.state == THREAD_CALLING)
                call_raise(&thread->call, thread->run.priority, depth);
}

void thread_withdraw(struct thread *thread)
{
        bool ready = thread->run.state == THREAD_READY;
        if (!ready)
                thread_unqueue(thread);
        thread->run.state = THREAD_STOPPED;
        if (ready)
                sched_unready(&thread->run);
        call_abandon(&thread->call);
        kassert(thread->call.state == CALL_IDLE && !thread->call.reply.slot);
}

void thread_cancel_wait(struct thread *thread)
{
        kassert(thread->run.state > THREAD_READY);
        bool received = thread->run.state == THREAD_CALLING && thread->call.reply.slot;
        bool faulted = thread->call.is_fault;
        thread_withdraw(thread);
        if (!faulted)
                thread->run.context.outcome =
                    received ? perhaps_executed(REASON_CANCELLED) : not_executed(REASON_CANCELLED);
}

void thread_divert(struct thread *thread)
{
        thread->stop_wanted = false;
        if (thread->run.state == THREAD_READY) {
                thread_stop(thread);
        } else if (thread->run.state != THREAD_STOPPED) {
                thread_cancel_wait(thread);
                object_released(&thread->object);
        }
}

static void thread_destroy(struct object *object)
{
        struct thread *thread = container_of(object, struct thread, object);
        struct task *task = thread->task;
        struct account *account = object->account;
        struct cpu *cpu = this_cpu();
        thread_withdraw(thread);
        call_leave(thread);
        slot_clear(&thread->fault_handler);
        timer_end(&thread->call.timer);
        task->cpu_time += sched_time(&thread->run);
        if (cpu->current == &thread->run) {
                cpu->current = NULL;
                cpu->work |= WORK_CHOOSE;
        }
        context_unload(&thread->run.context);
        if (thread_keeps_slot(thread))
                handle_free(thread->reply_slot);
        kassert(!thread->serving && task->thread_count > 0);
        kassert(thread->run.state == THREAD_STOPPED && list_empty(&thread->run.queue_link));
        list_remove(&thread->task_link);
        task->messages += thread->messages;
        task->faults += thread->faults;
        task->thread_count--;
        account_give_page(account, direct_physical(thread->run.context.vectors));
        object_free(object);
        if (task->thread_count == 0 && task->alive)
                task_kill(task, TASK_STATUS_KILLED);
}

/* A thread runs on without a handle, but a stopped one can never be started again. */
static void thread_unreferenced(struct object *object)
{
        struct thread *thread = container_of(object, struct thread, object);
        if (thread->run.state == THREAD_STOPPED)
                object_destroy(object);
}

const struct object_type thread_type = {
    .kind = OBJECT_THREAD,
    .destroy = thread_destroy,
    .unreferenced = thread_unreferenced,
};
