/* Prints why and where the kernel stops, with registers and a backtrace. Runs in any state of the
 * kernel, so it uses only the log, the console and the symbol table; a panic inside it just halts.
 */
#include "kernel/debug/panic.h"
#include "kernel/debug/log.h"
#include "kernel/debug/symbols.h"
#include "kernel/arch/arch.h"
#include "kernel/arch/context.h"

enum { BACKTRACE_MAX = 16 };

static bool panicking;

/* `back`: 1 for a return address, which comes after the call and may lie in the next function. */
static void print_place(const char *before, uint64_t address, uint64_t back)
{
        uint64_t offset;
        const char *name = symbol_find(address - back, &offset);
        if (name)
                log_print("%s%016lx %s+0x%lx\n", before, address, name, offset + back);
        else
                log_print("%s%016lx\n", before, address);
}

static void print_backtrace(uint64_t frame)
{
        uint64_t address[BACKTRACE_MAX];
        unsigned count = arch_backtrace(frame, address, BACKTRACE_MAX);
        for (unsigned i = 0; i < count; i++)
                print_place("  from ", address[i], 1);
}

void panic_context(const struct context *context, const char *format, ...)
{
        va_list arguments;
        if (panicking)
                arch_halt();
        panicking = true;
        arch_panic_begin();
        log_print("\nkernel panic: ");
        va_start(arguments, format);
        log_vprint(format, arguments);
        va_end(arguments);
        log_print("\n");
        uint64_t frame = (uint64_t)__builtin_frame_address(0);
        if (context) {
                print_place("at ", arch_instruction(&context->arch), 0);
                context_print(context);
                frame = context->word[ARCH_FRAME_WORD];
        }
        print_backtrace(frame);
        log_print("The node is halted.\n");
        log_flush();
        arch_halt();
}
