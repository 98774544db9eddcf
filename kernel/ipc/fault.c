/* Faults as calls to a fault handler: the thread's own, or else its task's. A thread that has
 * faulted stays blocked in its own call until the answer; without a handler its task ends. */
#include "kernel/ipc/fault.h"
#include "kernel/debug/log.h"
#include "kernel/debug/panic.h"
#include "kernel/ipc/call.h"
#include "kernel/ipc/port.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "kernel/task/wait.h"
#include "kernel/sched/sched.h"

/* The right of a handler, if it still leads to a port. */
static struct right *handler_right(const struct slot *handler)
{
        if (handler->state != SLOT_TRANSIT)
                return NULL;
        struct right *right = container_of(handler->object, struct right, object);
        return right->port ? right : NULL;
}

struct right *fault_prepare(struct thread *thread, unsigned reason, uint64_t address,
                            uint64_t words[FAULT_WORDS])
{
        const struct context *context = &thread->run.context;
        struct right *right = handler_right(&thread->fault_handler);
        if (!right)
                right = handler_right(&thread->task->fault_handler);
        thread->faults++;
        if (!right) {
                log_print("task %lu: fault %u at %lx, instruction %lx, and no handler: ended\n",
                          thread->task->object.identity, reason, address,
                          arch_instruction(&context->arch));
                this_cpu()->work |= WORK_LINE;
                task_kill(thread->task, TASK_STATUS_KILLED);
                return NULL;
        }
        words[0] = reason;
        words[1] = address;
        words[2] = arch_instruction(&context->arch);
        words[3] = arch_stack(&context->arch);
        words[4] = context->word[ARCH_FRAME_WORD];
        words[5] = arch_error(&context->arch);
        words[6] = thread->object.identity;
        return right;
}

void fault_send(struct thread *thread, struct right *right, const uint64_t words[FAULT_WORDS])
{
        struct call *call = &thread->call;
        kassert(call->state == CALL_IDLE && !call->is_fault && right->port);
        for (unsigned i = 0; i < FAULT_WORDS; i++)
                call->words[i] = words[i];
        call->request = (struct outgoing){.header = message_header(0, KERNEL_FAULT, FAULT_WORDS),
                                          .words = call->words,
                                          .task = thread->task,
                                          .priority = thread->run.priority,
                                          .trace = thread_trace(this_cpu(), thread)};
        call->is_fault = true;
        call->one_way = false;
        call->right = right;
        call->port = right->port;
        call->badge = right->badge;
        call->deadline = TIME_NEVER;
        timer_cancel(&call->timer);
        call->state = CALL_QUEUED;
        thread->run.state = THREAD_CALLING;
        sched_unready(&thread->run);
        struct thread *receiver = call_deliver_to_waiting(call);
        if (receiver)
                thread_resume(receiver);
}

outcome_t fault_request(struct thread *thread)
{
        if (thread->run.state == THREAD_STOPPED)
                return not_executed(REASON_NOT_RUNNING);
        if (thread->call.is_fault)
                return not_executed(REASON_BUSY);
        if (thread->run.state != THREAD_READY)
                thread_cancel_wait(thread);
        /* Not on the fast path: a requested fault may concern another thread, or interrupt an
         * unfinished system call. */
        uint64_t words[FAULT_WORDS];
        struct right *right = fault_prepare(thread, FAULT_REQUESTED, 0, words);
        if (right)
                fault_send(thread, right, words);
        return OUTCOME_OK;
}
