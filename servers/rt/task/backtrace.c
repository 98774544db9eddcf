/* Backtraces of other tasks: their memory by system calls, the rest is unwind.c and symbols.c. */
#include "servers/rt/task/backtrace.h"

#include "servers/rt/pure/format.h"
#include "servers/rt/message/syscall.h"
#include "servers/rt/pure/unwind.h"

static bool task_memory_read(void *context, uint64_t address, void *to, size_t bytes)
{
        return sys_task_read(*(const handle_t *)context, address, to, bytes) == OUTCOME_OK;
}

unsigned backtrace_read(handle_t task, const struct registers *registers, const struct image *image,
                        uint64_t *addresses, unsigned most)
{
        const struct unwind unwind = {task_memory_read, &task, *image};
        return unwind_chain(&unwind, registers->rip, registers->rsp, registers->rbp, addresses,
                            most);
}

size_t backtrace_line(char *line, size_t size, unsigned index, uint64_t address,
                      const struct image *image)
{
        struct symbol symbol;
        /* A call that does not return may be the last instruction of its function. */
        unsigned behind = index > 0;
        if (!image_symbol(image, address - behind, &symbol))
                return format_line(line, size, "#%u 0x%lx", index, address);
        return format_line(line, size, "#%u 0x%lx %s+0x%lx", index, address - image->displacement,
                           symbol.name, symbol.offset + behind);
}

const char *fault_text(uint64_t reason)
{
        switch (reason) {
        case FAULT_PAGE:
                return "page fault";
        case FAULT_INSTRUCTION:
                return "invalid instruction";
        case FAULT_ARITHMETIC:
                return "arithmetic fault";
        case FAULT_PROTECTION:
                return "protection fault";
        case FAULT_BREAKPOINT:
                return "breakpoint";
        case FAULT_ALIGNMENT:
                return "alignment fault";
        default:
                return "fault";
        }
}
