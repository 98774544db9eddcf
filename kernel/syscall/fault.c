/* Faults in user mode, and who handles them. A page fault that a mapping explains is the kernel's
 * to settle. Any other is a call to the fault handler of the thread, or else of its task: the
 * thread stays blocked in its own call until the answer. Without a handler its task ends. */
#include "kernel/arch/arch.h"
#include "kernel/debug/log.h"
#include "kernel/debug/panic.h"
#include "kernel/ipc/port.h"
#include "kernel/sched/switch.h"
#include "kernel/ipc/service.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/wait.h"

enum { FAULT_WORDS = 7 }; /* of KERNEL_FAULT */

/* The right of a handler, if it still leads to a port. */
static struct right *handler_right(const struct slot *handler)
{
        if (handler->state != SLOT_TRANSIT)
                return NULL;
        struct right *right = container_of(handler->object, struct right, object);
        return right->port ? right : NULL;
}

/* The words of the call, which describe the fault. */
static void fault_describe(struct thread *thread, unsigned reason, uint64_t address)
{
        const struct context *context = &thread->run.context;
        uint64_t *words = thread->call.words;
        words[0] = reason;
        words[1] = address;
        words[2] = arch_instruction(&context->arch);
        words[3] = arch_stack(&context->arch);
        words[4] = context->word[ARCH_FRAME_WORD];
        words[5] = arch_error(&context->arch);
        words[6] = thread->object.identity;
}

static bool fault_fast(struct thread *thread, struct right *right)
{
        struct cpu *cpu = this_cpu();
        struct thread *receiver = first_receiver(right->port, false);
        if (!receiver)
                return false;
        struct slot *slot = receiver->reply_slot;
        unsigned priority = thread->run.priority, served = served_priority(receiver, priority);
        uint64_t now = clock_quick();
        if (slot->state != SLOT_KEPT || !sched_may_run(cpu, &receiver->run, served, now))
                return false;
        uint64_t trace = thread_trace(cpu, thread);
        struct registers *registers = transfer_place(receiver, sizeof(*registers), priority, trace);
        if (!registers)
                return false;

        /* The point of no return. */
        context_registers(&thread->run.context, registers);
        timer_cancel(&thread->call.timer);
        serve_call(receiver, slot, &thread->call, right, priority, served, TIME_NEVER, trace);
        thread->call.is_fault = true;
        context_set_message(
            &receiver->run.context, OUTCOME_OK, right->badge, slot->handle,
            message_with_flags(message_header(0, KERNEL_FAULT, FAULT_WORDS), MESSAGE_BLOCK),
            TIME_NEVER, thread->call.words);
        sched_hand_over(cpu, &thread->run, THREAD_CALLING, &receiver->run, now);
        arch_resume_saved();
        return true;
}

/* Queued, if no thread waits for it. */
static void fault_send(struct thread *thread, struct right *right)
{
        struct call *call = &thread->call;
        kassert(!call->is_fault);
        call->request = (struct outgoing){.header = message_header(0, KERNEL_FAULT, FAULT_WORDS),
                                          .words = call->words,
                                          .task = thread->task,
                                          .priority = thread->run.priority,
                                          .trace = thread_trace(this_cpu(), thread)};
        call->is_fault = true;
        call->one_way = false;
        call_enter(call, right, TIME_NEVER);
        thread->run.state = THREAD_CALLING;
        sched_unready(&thread->run);
        struct thread *receiver = call_deliver_to_waiting(call);
        if (receiver)
                thread_resume(receiver);
}

void kernel_fault(struct context *context, unsigned reason, uint64_t address, unsigned access)
{
        struct thread *thread = container_of(context, struct thread, run.context);
        if (reason == FAULT_PAGE && space_fault(&thread->task->space, address, access))
                return;
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
                return;
        }
        fault_describe(thread, reason, address);
        if (!fault_fast(thread, right))
                fault_send(thread, right);
}

/* A copy of the right; NULL: none. */
static outcome_t set_handler(struct slot *handler, struct right *right)
{
        slot_clear(handler);
        if (right)
                slot_fill(handler, SLOT_TRANSIT, &right->object, RIGHT_SEND);
        return OUTCOME_OK;
}

HANDLER(task_set_fault_handler)
{
        return set_handler(&task->fault_handler, right);
}

HANDLER(thread_set_fault_handler)
{
        return set_handler(&thread->fault_handler, right);
}
