/* Faults as calls to the fault handler of the thread's task. A thread that has faulted stays
 * blocked in its own call until the answer; without a handler its task ends. */
#include "kernel/debug/log.h"
#include "kernel/ipc/call.h"
#include "kernel/ipc/fastpath.h"
#include "kernel/ipc/port.h"
#include "kernel/object/task.h"
#include "kernel/object/thread.h"
#include "kernel/sched/sched.h"

/* The slow path: queued if no thread waits for it. */
static void fault_send(struct thread *thread, struct right *right, const uint64_t *words)
{
        struct call *call = &thread->call;
        for (unsigned i = 0; i < FAULT_WORDS; i++)
                call->words[i] = words[i];
        call->request = (struct outgoing){.header = message_header(0, KERNEL_FAULT, FAULT_WORDS),
                                          .words = call->words,
                                          .task = thread->task,
                                          .priority = thread->priority,
                                          .trace = thread->trace};
        call->is_fault = true;
        call->one_way = false;
        call->right = right;
        call->port = right->port;
        call->badge = right->badge;
        call->deadline = TIME_NEVER;
        call->state = CALL_QUEUED;
        thread->state = THREAD_CALLING;
        sched_unready(thread);
        struct thread *receiver = call_deliver_to_waiting(call);
        if (receiver)
                thread_resume(receiver);
}

void call_fault(struct thread *thread, unsigned reason, uint64_t address)
{
        const struct context *context = &thread->context;
        const struct slot *handler = &thread->task->fault_handler;
        struct right *right = handler->state == SLOT_TRANSIT
                                  ? container_of(handler->object, struct right, object)
                                  : NULL;
        thread->faults++;
        if (!right || !right->port) {
                log_print("task %lu: fault %u at %lx, rip %lx, and no handler: ended\n",
                          thread->task->object.identity, reason, address, context->rip);
                task_kill(thread->task, TASK_STATUS_KILLED);
                return;
        }
        const uint64_t words[FAULT_WORDS] = {
            reason,           address,        context->rip,           context->rsp,
            context->word[3], context->error, thread->object.identity};
        /* Not on the fast path: a requested fault may concern another thread, or interrupt an
         * unfinished system call. */
        if (reason == FAULT_REQUESTED || !fastpath_fault(thread, right, words))
                fault_send(thread, right, words);
}
