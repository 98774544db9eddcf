/* On the way back to the program: which signals are there, and what is done about each. Called by
 * entry.S with attention set, on the layer's stack; what the thread goes on with is in its
 * registers, struct thread.
 *
 * A call that a signal has ended is begun again if no handler runs, or if that says so: the program
 * goes on at the system call instruction, with its number (signal(7)). */
#include <errno.h>

#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/user.h"

enum { SYSCALL_BYTES = 2, TRAP_PAGE = 14 };

void registers_of_context(const struct linux_context *context, struct registers *registers)
{
        const struct linux_arguments *in = &context->arguments;
        *registers = (struct registers){
            .r8 = in->e,
            .r9 = in->f,
            .rbx = context->rbx,
            .rbp = context->rbp,
            .r12 = context->r12,
            .r13 = context->r13,
            .r14 = context->r14,
            .r15 = context->r15,
            .rdi = in->a,
            .rsi = in->b,
            .rdx = in->c,
            .r10 = in->d,
            .rax = context->rax,
            .rcx = context->rip,
            .r11 = context->flags,
            .rip = context->rip,
            .rflags = context->flags,
            .rsp = context->rsp,
        };
}

static void call_again(struct thread *thread)
{
        thread->fault.registers.rax = thread->call_number;
        thread->fault.registers.rip -= SYSCALL_BYTES;
}

/* What the interrupted call comes to once a handler runs. */
static void call_interrupted(struct thread *thread, const struct kernel_action *action)
{
        if (action->flags & SA_RESTART)
                call_again(thread);
        else
                thread->fault.registers.rax = (uint64_t)-EINTR;
}

/* Runs the handler of a signal, or does what is done without one. True: a handler runs. */
static bool signal_do(struct thread *thread, const struct signal_info *info, bool interrupted)
{
        struct kernel_action *action = signal_action(info->number);
        const struct kernel_action now = *action;
        if (signal_ignored(info->number))
                return false;
        if (now.handler == (uint64_t)SIG_DFL) {
                signal_default(info->number);
                return false;
        }
        if (now.flags & SA_RESETHAND)
                action->handler = (uint64_t)SIG_DFL;
        if (interrupted)
                call_interrupted(thread, &now);
        frame_push(thread, &now, info);
        return true;
}

/* interrupted: by a call that ended as RESTART. */
static void deliver(struct thread *thread, bool interrupted)
{
        struct signal_info info;
        state_lock();
        __atomic_store_n(&thread->block->attention, 0, __ATOMIC_SEQ_CST);
        while (signal_take(thread, ~thread->blocked, &info))
                if (signal_do(thread, &info, interrupted))
                        interrupted = false;
        if (interrupted)
                call_again(thread);
        if (thread->suspended)
                thread->blocked = thread->blocked_before;
        thread->suspended = false;
        thread->block->attention |= signals_deliverable(thread);
        state_unlock();
}

void linux_attend(const struct linux_context *context)
{
        struct thread *thread = thread_self();
        registers_of_context(context, &thread->fault.registers);
        deliver(thread, context->rax == (uint64_t)-RESTART);
}

void linux_deliver(void)
{
        deliver(thread_self(), false);
}

/* The signal of a fault and its si_code, for what kernel/abi/message.h calls it: sigaction(2). */
static struct signal_info fault_info(uint64_t reason, uint64_t address)
{
        switch (reason) {
        case FAULT_INSTRUCTION:
                return (struct signal_info){
                    .number = SIGILL, .code = ILL_ILLOPN, .address = address};
        case FAULT_ARITHMETIC:
                return (struct signal_info){
                    .number = SIGFPE, .code = FPE_INTDIV, .address = address};
        case FAULT_BREAKPOINT:
                return (struct signal_info){.number = SIGTRAP, .code = SI_KERNEL};
        case FAULT_ALIGNMENT:
                return (struct signal_info){
                    .number = SIGBUS, .code = BUS_ADRALN, .address = address};
        case FAULT_PAGE:
                return (struct signal_info){
                    .number = SIGSEGV, .code = SEGV_MAPERR, .address = address};
        default:
                return (struct signal_info){.number = SIGSEGV, .code = SI_KERNEL};
        }
}

/* A page that was promised comes. Any other fault cannot wait: blocked, ignored or without a
 * handler it ends the process. */
void linux_fault(void)
{
        struct thread *thread = thread_self();
        const enum memory_touch found = user_fault(&thread->fault);
        if (found == MEMORY_THERE)
                return;
        struct signal_info info = fault_info(thread->fault.reason, thread->fault.address);
        if (found == MEMORY_SHORTAGE)
                info = (struct signal_info){
                    .number = SIGBUS, .code = BUS_ADRERR, .address = thread->fault.address};
        state_lock();
        const bool handled = signal_action(info.number)->handler > (uint64_t)SIG_IGN;
        if (!handled || thread->blocked & signal_bit(info.number))
                user_fault_ends(&thread->fault, found == MEMORY_SHORTAGE);
        signal_do(thread, &info, false);
        thread->block->attention |= signals_deliverable(thread);
        state_unlock();
}
