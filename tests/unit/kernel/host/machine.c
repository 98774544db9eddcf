/* The host machine (machine.h): memory, clock, interrupts, console. A panic of the kernel ends the
 * program, so a test fails at the place where an invariant broke. */
#include "tests/unit/kernel/host/machine.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "kernel/debug/log.h"
#include "kernel/debug/panic.h"
#include "kernel/account/frame.h"
#include "kernel/arch/fast.h"
#include "kernel/task/thread.h"
#include "kernel/sched/cpu.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/timer.h"

struct machine machine;
uint64_t direct_map;

struct cpu *this_cpu(void)
{
        return &cpus[0];
}

/* ---- start ---- */

static void arena_make(uint64_t bytes)
{
        void *arena = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        machine.frames = bytes >> PAGE_SHIFT;
        machine.frame = calloc(machine.frames, sizeof(*machine.frame));
        if (arena == MAP_FAILED || !machine.frame) {
                perror("host machine: memory");
                exit(1);
        }
        direct_map = (uint64_t)arena;
}

/* All free memory but the first range that the table of frames fits into. */
static void poison_free(const struct boot_machine *description)
{
        enum { FRAME_BYTES = 16 }; /* of frame.c's entry for a page */
        uint64_t table = machine.frames * FRAME_BYTES;
        bool placed = false;
        for (unsigned i = 0; i < description->free_count; i++) {
                struct boot_range range = description->free[i];
                machine_poison(range.start, range.end);
                if (placed || range.end - range.start < table)
                        continue;
                machine_unpoison(range.start, range.start + table);
                placed = true;
        }
}

void machine_start_with(const struct boot_machine *description)
{
        arena_make(description->highest);
        machine.clock = 1;
        machine.timer_at = TIME_NEVER;
        poison_free(description);
        frame_init(description);
        sched_init();
        machine.root = account_create_root(frame_free_bytes());
}

void machine_start(paddr_t highest)
{
        struct boot_machine description = {
            .highest = highest,
            .free_count = 1,
            .free = {{MACHINE_START, highest}},
            .ram_count = 1,
            .ram = {{0, highest}},
        };
        machine_start_with(&description);
}

/* ---- time and interrupts ---- */

uint64_t clock_now(void)
{
        return machine.clock;
}

uint64_t clock_quick(void)
{
        return machine.clock;
}

void timer_arm(uint64_t deadline_ns)
{
        machine.timer_at = deadline_ns;
}

void machine_advance(uint64_t ns)
{
        machine.clock += ns;
        if (machine.timer_at <= machine.clock) {
                machine.timer_at = TIME_NEVER;
                kernel_timer();
        }
}

bool machine_advance_to_timer(void)
{
        if (machine.timer_at == TIME_NEVER)
                return false;
        machine_advance(machine.timer_at > machine.clock ? machine.timer_at - machine.clock : 0);
        return true;
}

static int line_take(unsigned gsi, bool level)
{
        for (unsigned i = 0; i < INTERRUPT_LINES; i++)
                if (machine.lines[i].taken && gsi != MACHINE_MSI && machine.lines[i].gsi == gsi)
                        return -1;
        for (unsigned i = 0; i < INTERRUPT_LINES; i++) {
                if (machine.lines[i].taken)
                        continue;
                machine.lines[i].taken = machine.lines[i].masked = true;
                machine.lines[i].gsi = gsi;
                machine.lines[i].level = level;
                return (int)i;
        }
        return -1;
}

int interrupt_route_gsi(unsigned gsi, bool level_low)
{
        return gsi < MACHINE_GSIS ? line_take(gsi, level_low) : -1;
}

int interrupt_route_msi(uint64_t *address, uint32_t *data)
{
        int line = line_take(MACHINE_MSI, false);
        *address = 0xfee00000;
        *data = (uint32_t)line;
        return line;
}

void interrupt_mask(unsigned line)
{
        machine.lines[line].masked = true;
}

void interrupt_unmask(unsigned line)
{
        kassert(machine.lines[line].taken);
        machine.lines[line].masked = false;
}

void interrupt_release(unsigned line)
{
        kassert(machine.lines[line].taken);
        machine.lines[line].taken = false;
        machine.lines[line].masked = true;
}

void machine_raise(unsigned line)
{
        if (!machine.lines[line].taken || machine.lines[line].masked)
                return;
        machine.lines[line].masked = machine.lines[line].level;
        kernel_interrupt(line);
}

void arch_preemption_point(void)
{
        machine.preemption_points++;
}

/* ---- devices ---- */

paddr_t physical_end(void)
{
        return 1ull << 40;
}

uint32_t ioport_in(uint16_t port, unsigned width)
{
        return port + (width << 16);
}

void ioport_out(uint16_t port, unsigned width, uint32_t value)
{
        (void)port, (void)width, (void)value;
        machine.ports_written++;
}

bool ioport_reserved(uint16_t base, uint32_t count)
{
        return base < 0x22 && base + count > 0x20;
}

bool device_reserved(paddr_t start, paddr_t end)
{
        return start < 0xfee01000 && end > 0xfee00000;
}

static void machine_end(const char *how) __attribute__((noreturn));
static void machine_end(const char *how)
{
        fprintf(stderr, "host machine: %s\n", how);
        abort();
}

void machine_power_off(void)
{
        machine_end("powered off");
}

void machine_reboot(void)
{
        machine_end("rebooted");
}

void machine_exit(unsigned status)
{
        (void)status;
        machine_end("exited");
}

void console_show(const char *text, size_t bytes)
{
        (void)text, (void)bytes;
}

size_t console_send(const char *text, size_t bytes)
{
        (void)text;
        return bytes;
}

bool console_wait(void)
{
        return true;
}

void console_enable(bool on)
{
        (void)on;
}

/* ---- panics ---- */

void panic_context(const struct context *context, const char *format, ...)
{
        (void)context;
        char text[512];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        fprintf(stderr, "kernel panic: %s\n", text);
        abort();
}

void assertion_failed(const char *condition, const char *file, unsigned line)
{
        panic("%s:%u: assertion failed: %s", file, line, condition);
}

/* ---- entries ---- */

/* The words of the message, while the fast path has it: nobody finds them in the context. */
static uint64_t words_kept[MESSAGE_WORDS];

void arch_resume(uint64_t words, uint64_t outcome, uint64_t badge, uint64_t reply, uint64_t header,
                 uint64_t deadline)
{
        struct context *context = &this_cpu()->current->context;
        kassert(arch_is_syscall(&context->arch) && words <= MESSAGE_WORDS);
        context->outcome = outcome;
        context->badge = badge;
        context->reply = reply;
        context->header = header;
        context->deadline = deadline;
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
                context->word[i] = i < words ? words_kept[i] : 0;
}

const uint64_t *arch_words(struct cpu *cpu)
{
        kassert(cpu == this_cpu());
        return words_kept;
}

/* Whether the entry has ended by arch_resume_saved(): in a handler nothing may follow that. */
static bool left;

void arch_resume_saved(void)
{
        left = true;
}

static void message_syscall(struct thread *thread, fast_handler *fast)
{
        enum { NOT_SAVED = 0xee };
        struct context *context = &thread->run.context;
        memcpy(words_kept, context->word, sizeof(words_kept));
        memset(context->word, NOT_SAVED, sizeof(context->word));
        message_handler *slow =
            fast(context->handle, context->second, context->header, thread, context->deadline);
        if (!slow)
                return;
        memcpy(context->word, words_kept, sizeof(words_kept));
        slow(thread);
}

/* As the processor's entry does it: where nothing is left to do it goes back at once, from a
 * message to any thread that is in a system call, from another call to the thread that made it. */
void kernel_syscall(struct context *context)
{
        struct thread *thread = container_of(context, struct thread, run.context);
        const struct cpu *cpu = this_cpu();
        uint64_t number = context->number - SYSCALL_BASE;
        context->arch.vector = ARCH_VECTOR_SYSCALL;
        if (number < SYSCALL_MESSAGES) {
                message_syscall(thread, syscall_fast[number]);
        } else if (number < SYSCALL_NUMBERS && syscall_others[number]) {
                left = false;
                outcome_t outcome = syscall_others[number](thread);
                if (left)
                        return;
                kassert(cpu->work & ~(uint64_t)WORK_CHECK || cpu->current == &thread->run);
                kernel_syscall_done(outcome);
        } else {
                kernel_syscall_foreign(thread);
        }
}
