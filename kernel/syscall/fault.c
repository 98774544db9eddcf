/* Faults in user mode. A page fault that a mapping explains is the kernel's to settle; all others
 * go to the task's fault handler. */
#include "kernel/ipc/fault.h"
#include "kernel/arch/arch.h"
#include "kernel/syscall/fastpath.h"
#include "kernel/task/task.h"
#include "kernel/arch/entry.h"
#include "kernel/task/thread.h"

void kernel_fault(struct context *context, unsigned reason, uint64_t address, unsigned access)
{
        struct thread *thread = container_of(context, struct thread, run.context);
        uint64_t words[FAULT_WORDS];
        if (reason == FAULT_PAGE && space_fault(&thread->task->space, address, access))
                return;
        struct right *right = fault_prepare(thread, reason, address, words);
        if (right && !fastpath_fault(thread, right, words))
                fault_send(thread, right, words);
}
