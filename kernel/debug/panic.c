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

static void panic_begin(void)
{
        if (panicking)
                arch_halt();
        panicking = true;
        arch_panic_begin();
        log_print("\nkernel panic: ");
}

static void panic_end(uint64_t frame) __attribute__((noreturn));
static void panic_end(uint64_t frame)
{
        print_backtrace(frame);
        log_print("The node is halted.\n");
        log_flush();
        arch_halt();
}

void panic(const char *format, ...)
{
        va_list arguments;
        panic_begin();
        va_start(arguments, format);
        log_vprint(format, arguments);
        va_end(arguments);
        log_print("\n");
        panic_end((uint64_t)__builtin_frame_address(0));
}

void panic_context(const struct context *context, const char *format, ...)
{
        va_list arguments;
        panic_begin();
        va_start(arguments, format);
        log_vprint(format, arguments);
        va_end(arguments);
        log_print("\n");
        print_place("at ", arch_instruction(&context->arch), 0);
        context_print(context);
        panic_end(context->word[ARCH_FRAME_WORD]);
}
