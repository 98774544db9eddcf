/* Gets a thread to look at its signals. Where it is decides how:
 *
 *      it waits in the layer          its event ends the wait, which sees the signal
 *      it runs in the layer           it looks when it goes back to the program (attention) …
 *      … is past that look            it begins to go back once more
 *      it runs in the program         it goes to the layer, with all of its registers kept
 *
 * To see which, it is stopped for that long. */
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/outside.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/message/syscall.h"

extern const char __ehdr_start[], _end[]; /* by the linker: the layer's image */
extern const char rt_linux_leave[], rt_linux_leave_end[], rt_linux_load[], rt_linux_load_end[];

static bool within(uint64_t address, const char *start, const char *end)
{
        return address >= (uint64_t)start && address < (uint64_t)end;
}

/* The thread is stopped, and these are its registers. True: it goes on with others. */
static bool redirect(struct thread *thread, struct registers *registers)
{
        const uint64_t context = thread->block->handler_stack - sizeof(struct linux_context);
        if (within(registers->rip, rt_linux_leave, rt_linux_leave_end)) {
                registers->rip = (uint64_t)rt_linux_leave;
                registers->rsp = context;
                return true;
        }
        if (within(registers->rip, rt_linux_load, rt_linux_load_end)) {
                registers->rip = (uint64_t)rt_linux_load;
                return true;
        }
        if (within(registers->rip, __ehdr_start, _end))
                return false;
        thread->fault.registers = *registers;
        registers->rip = (uint64_t)rt_linux_load;
        return true;
}

void thread_kick(struct thread *thread)
{
        struct registers registers;
        uint64_t time;
        __atomic_store_n(&thread->block->attention, 1, __ATOMIC_SEQ_CST);
        if (thread == thread_self())
                return;
        if (thread->event)
                sys_event_signal(thread->event, WAKE_SIGNAL);
        if (process_is_stopped())
                return; /* it looks when it goes on */
        if (!thread->handle || sys_thread_control(thread->handle, THREAD_STOP, 0) != OUTCOME_OK)
                return;
        /* What waits is not stopped, and cannot be set: it is in the layer. */
        if (sys_thread_registers(thread->handle, &registers, &time) == OUTCOME_OK &&
            redirect(thread, &registers))
                sys_thread_set_registers(thread->handle, &registers);
        sys_thread_control(thread->handle, THREAD_START, 0);
}
