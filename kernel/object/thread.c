/* The states of a thread and the transitions between them. A thread waits on at most one list and
 * one timer; end_wait() and thread_withdraw() take it off both, and every wait ends through one of
 * them. */
#include "kernel/object/thread.h"
#include "kernel/object/account.h"
#include "kernel/object/task.h"
#include "kernel/sched/cpu.h"
#include "kernel/sched/sched.h"

struct thread *thread_create(struct task *task, uint64_t entry, uint64_t stack, uint64_t argument,
                             unsigned priority)
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
        object_init(&thread->object, OBJECT_THREAD, account);
        context_init(&thread->context, entry, stack, argument, direct(vectors));
        call_init(&thread->call, thread, task);
        thread->task = task;
        thread->priority = thread->base_priority = (uint8_t)priority;
        thread->inherited_priority = NOT_SERVING;
        thread->inherited_deadline = TIME_NEVER;
        list_init(&thread->queue_link);
        list_append(&task->threads, &thread->task_link);
        task->thread_count++;
        return thread;
}

outcome_t thread_start(struct thread *thread)
{
        thread->stop_wanted = false;
        if (thread->state == THREAD_STOPPED)
                sched_ready(thread);
        return OUTCOME_OK;
}

/* Without a handle nobody could start it again: object_released(). */
static void stop(struct thread *thread)
{
        thread->state = THREAD_STOPPED;
        sched_unready(thread);
        object_released(&thread->object);
}

void thread_stop(struct thread *thread)
{
        if (thread->state == THREAD_READY) {
                stop(thread);
        } else if (thread->state != THREAD_STOPPED) {
                thread->stop_wanted = true;
        }
}

static void update_priority(struct thread *thread)
{
        unsigned priority = thread->base_priority;
        if (thread->inherited_priority > (int)priority)
                priority = (unsigned)thread->inherited_priority;
        if (priority != thread->priority)
                sched_set_priority(thread, priority);
}

void thread_set_base_priority(struct thread *thread, unsigned priority)
{
        thread->base_priority = (uint8_t)priority;
        update_priority(thread);
        if (thread->state == THREAD_CALLING)
                call_raise(&thread->call, thread->priority, RAISE_DEPTH);
}

void thread_inherit(struct thread *thread, int priority)
{
        thread->inherited_priority = (int16_t)priority;
        update_priority(thread);
}

void thread_raise(struct thread *thread, unsigned priority, unsigned depth)
{
        if (thread->inherited_priority == NOT_SERVING ||
            thread->inherited_priority >= (int)priority)
                return;
        thread_inherit(thread, (int)priority);
        if (thread->state == THREAD_CALLING)
                call_raise(&thread->call, thread->priority, depth);
}

/* Takes the thread off what it waits on; false: it stops instead of resuming. */
static bool end_wait(struct thread *thread)
{
        timer_cancel(&thread->call.timer);
        list_remove(&thread->queue_link);
        if (!thread->stop_wanted)
                return true;
        thread->stop_wanted = false;
        stop(thread);
        return false;
}

void thread_resume(struct thread *thread)
{
        if (end_wait(thread))
                sched_ready(thread);
}

void thread_resume_now(struct thread *thread)
{
        if (end_wait(thread))
                sched_switch_to(thread);
}

void thread_wait_expired(struct thread *thread)
{
        bool asleep = thread->state == THREAD_SLEEPING;
        thread->context.rax = asleep ? OUTCOME_OK : not_executed(REASON_DEADLINE);
        if (thread->state == THREAD_RECEIVING)
                thread->port = NULL;
        thread_resume(thread);
}

void thread_wait(struct thread *thread, enum thread_state state, uint64_t deadline)
{
        thread->state = (uint8_t)state;
        sched_unready(thread);
        timer_set(&thread->call.timer, deadline);
}

void thread_withdraw(struct thread *thread)
{
        switch (thread->state) {
        case THREAD_READY:
                thread->state = THREAD_STOPPED;
                sched_unready(thread);
                break;
        case THREAD_CALLING:
                call_abandon(&thread->call);
                break;
        default:
                break;
        }
        timer_cancel(&thread->call.timer);
        list_remove(&thread->queue_link);
        thread->state = THREAD_STOPPED;
}

outcome_t thread_fault(struct thread *thread)
{
        if (thread->state == THREAD_STOPPED)
                return not_executed(REASON_NOT_RUNNING);
        if (thread->call.is_fault)
                return not_executed(REASON_BUSY);
        if (thread->state != THREAD_READY) {
                bool received = thread->state == THREAD_CALLING && thread->call.reply;
                thread_withdraw(thread);
                thread->port = NULL;
                thread->context.rax =
                    received ? perhaps_executed(REASON_CANCELLED) : not_executed(REASON_CANCELLED);
        }
        call_fault(thread, FAULT_REQUESTED, 0);
        return OUTCOME_OK;
}

void thread_destroy(struct object *object)
{
        struct thread *thread = container_of(object, struct thread, object);
        struct task *task = thread->task;
        struct account *account = object->account;
        struct cpu *cpu = this_cpu();
        thread_withdraw(thread);
        call_leave(thread);
        timer_end(&thread->call.timer);
        if (cpu->current == thread) {
                cpu->current = NULL;
                cpu->context = NULL;
                cpu->work |= WORK_CHOOSE;
        }
        if (cpu->loaded == thread)
                cpu->loaded = NULL;
        list_remove(&thread->task_link);
        task->cpu_time += thread->cpu_time;
        task->messages += thread->messages;
        task->faults += thread->faults;
        task->thread_count--;
        account_give_page(account, direct_physical(thread->context.vectors));
        object_free(object);
        if (task->thread_count == 0 && task->alive)
                task_kill(task, 0);
}

/* A thread runs on without a handle, but a stopped one can never be started again. */
void thread_unreferenced(struct object *object)
{
        struct thread *thread = container_of(object, struct thread, object);
        if (thread->state == THREAD_STOPPED)
                object_destroy(object);
}
