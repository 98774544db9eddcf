/* Faults in user mode, and who handles them. A page fault that a mapping explains is the kernel's
 * to settle; all others go to the fault handler of the thread, or else of its task. */
#include "kernel/ipc/fault.h"
#include "kernel/arch/arch.h"
#include "kernel/ipc/port.h"
#include "kernel/syscall/fastpath.h"
#include "kernel/syscall/syscall.h"

static bool fault_fast(struct thread *thread, struct right *right,
                       const uint64_t words[FAULT_WORDS])
{
        struct cpu *cpu = this_cpu();
        struct port *port = right->port;
        struct thread *receiver = first_receiver(port);
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
        struct context *to = &receiver->run.context;
        context_registers(&thread->run.context, registers);
        timer_cancel(&thread->call.timer);
        serve_call(receiver, slot, thread, right, priority, served, TIME_NEVER, trace);
        thread->call.is_fault = true;
        to->outcome = OUTCOME_OK;
        to->badge = right->badge;
        to->reply = slot->handle;
        to->header =
            message_with_flags(message_header(0, KERNEL_FAULT, FAULT_WORDS), MESSAGE_BLOCK);
        to->deadline = TIME_NEVER;
        for (unsigned i = 0; i < FAULT_WORDS; i++)
                to->word[i] = words[i];
        to->word[FAULT_WORDS] = 0;
        sched_hand_over(cpu, &thread->run, THREAD_CALLING, &receiver->run, now);
        arch_resume_saved();
        return true;
}

void kernel_fault(struct context *context, unsigned reason, uint64_t address, unsigned access)
{
        struct thread *thread = container_of(context, struct thread, run.context);
        uint64_t words[FAULT_WORDS];
        if (reason == FAULT_PAGE && space_fault(&thread->task->space, address, access))
                return;
        struct right *right = fault_prepare(thread, reason, address, words);
        if (right && !fault_fast(thread, right, words))
                fault_send(thread, right, words);
}

/* A copy of the right of the second argument; 0: none. */
static outcome_t set_handler(struct thread *thread, struct slot *handler)
{
        struct right *right = NULL;
        if (argument(thread, 1))
                GET_OBJECT(thread, 1, right, RIGHT_SEND | RIGHT_COPY, right);
        slot_clear(handler);
        if (right)
                slot_fill(handler, SLOT_TRANSIT, &right->object, RIGHT_SEND);
        return OUTCOME_OK;
}

outcome_t syscall_task_set_fault_handler(struct thread *thread)
{
        struct task *task;
        GET_OBJECT(thread, 0, task, RIGHT_CONTROL, task);
        return task->alive ? set_handler(thread, &task->fault_handler)
                           : not_executed(REASON_NOT_RUNNING);
}

outcome_t syscall_thread_set_fault_handler(struct thread *thread)
{
        struct thread *target = thread;
        if (argument(thread, 0))
                GET_OBJECT(thread, 0, thread, RIGHT_CONTROL, target);
        return set_handler(thread, &target->fault_handler);
}
