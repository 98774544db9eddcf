#include "servers/rt/backtrace.h"

#include <stdarg.h>
#include "servers/rt/format.h"
#include "servers/rt/symbols.h"
#include "servers/rt/syscall.h"

unsigned backtrace_read(handle_t task, uint64_t rip, uint64_t rbp, uint64_t *addresses,
                        unsigned most)
{
        unsigned count = 0;
        if (count < most)
                addresses[count++] = rip;
        while (count < most && rbp && rbp % 8 == 0) {
                uint64_t frame[2]; /* the caller's frame, the address it goes on at */
                if (sys_task_read(task, rbp, frame, sizeof frame) != OUTCOME_OK || !frame[1])
                        break;
                addresses[count++] = frame[1];
                if (frame[0] <= rbp)
                        break;
                rbp = frame[0];
        }
        return count;
}

static size_t line_format(char *line, size_t size, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        size_t length = format_text(line, size, format, arguments);
        va_end(arguments);
        return length;
}

size_t backtrace_line(char *line, size_t size, uint64_t address, const void *elf, size_t elf_size)
{
        struct symbol symbol;
        if (!elf || !symbol_find(elf, elf_size, address, &symbol))
                return line_format(line, size, "0x%lx", address);
        return line_format(line, size, "0x%lx %s+0x%lx", address, symbol.name, symbol.offset);
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
