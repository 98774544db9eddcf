/* The image's side of machine.h. What the unit tests' machine lacks for programs that run: user
 * memory outside the page tables, a boot, the console. The linker puts the functions named __wrap_
 * in the place of the kernel's own. */
#include "tests/sim/machine.h"

#include <string.h>
#include "kernel/mm/memory.h"
#include "kernel/mm/space.h"
#include "kernel/object/account_object.h"
#include "kernel/object/handle.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "tests/unit/kernel/host/machine.h"

/* ---- user memory ----------------------------------------------------------------------------- */

/* The programs' own memory (image.c) lies above what is linked or mapped at fixed addresses, and
 * below stacks and startup pages of the kernel's kind. */
#define MAPPED_LOW  0x0000000100000000ull
#define MAPPED_HIGH 0x00007fffff000000ull

static bool is_mapped(struct space *space, uint64_t address)
{
        if (address < MAPPED_LOW || address >= MAPPED_HIGH)
                return true;
        const struct mapping *mapping = space_find(space, address);
        return mapping && mapping->node.key <= address;
}

void *__real_space_resolve(struct space *space, uint64_t address, bool write);
bool __real_space_read(struct space *space, void *to, uint64_t from, uint64_t bytes);
bool __real_space_write(struct space *space, uint64_t to, const void *from, uint64_t bytes);
void *__wrap_space_resolve(struct space *space, uint64_t address, bool write);
bool __wrap_space_read(struct space *space, void *to, uint64_t from, uint64_t bytes);
bool __wrap_space_write(struct space *space, uint64_t to, const void *from, uint64_t bytes);
void __wrap_context_unload(struct context *context);
struct context *__wrap_context_loaded(void);
void __wrap_arch_switch(struct context *to, struct mmu *space);
void __wrap_arch_hand_over(struct cpu *cpu, struct context *from, struct context *to,
                           struct mmu *space);
void __wrap_console_show(const char *text, size_t bytes);
uint32_t __wrap_ioport_in(uint16_t port, unsigned width);
void __wrap_ioport_out(uint16_t port, unsigned width, uint32_t value);
_Noreturn void __wrap_panic(const char *format, ...);

void *__wrap_space_resolve(struct space *space, uint64_t address, bool write)
{
        return is_mapped(space, address) ? __real_space_resolve(space, address, write)
                                         : (void *)address;
}

bool __wrap_space_read(struct space *space, void *to, uint64_t from, uint64_t bytes)
{
        if (is_mapped(space, from))
                return __real_space_read(space, to, from, bytes);
        memcpy(to, (const void *)from, bytes);
        return true;
}

bool __wrap_space_write(struct space *space, uint64_t to, const void *from, uint64_t bytes)
{
        if (is_mapped(space, to))
                return __real_space_write(space, to, from, bytes);
        memcpy((void *)to, from, bytes);
        return true;
}

static struct thread *thread_of(struct context *context)
{
        return container_of(context, struct thread, run.context);
}

/* How many pages from the first on lie one after the other. */
static uint64_t run_of(const struct memory *memory, uint64_t first, uint64_t count)
{
        const paddr_t start = memory_page(memory, first);
        uint64_t run = 1;
        while (run < count && memory_page(memory, first + run) == start + (run << PAGE_SHIFT))
                run++;
        return run;
}

/* Where a program sees so many pages of a memory object: where the machine has them, if that is in
 * one piece. */
static uint64_t place_of(const struct memory *memory, uint64_t first, uint64_t count)
{
        if (count == 0 || first > memory->pages || count > memory->pages - first)
                return 0;
        if (run_of(memory, first, count) == count)
                return (uint64_t)direct(memory_page(memory, first));
        uint64_t window = sim_window(count << PAGE_SHIFT), run;
        for (uint64_t i = 0; window && i < count; i += run) {
                run = run_of(memory, first + i, count - i);
                sim_window_map(window + (i << PAGE_SHIFT), memory_page(memory, first + i),
                               run << PAGE_SHIFT);
        }
        return window;
}

/* memory_map into the caller's own task, at an address that the kernel is to choose: says where. */
static void choose_place(struct context *context)
{
        struct thread *thread = thread_of(context);
        const struct slot *slot = handle_slot(&thread->task->handles, context->second);
        if (context->handle || context->header || !slot || slot->state != SLOT_HANDLE ||
            slot->object->type != &memory_type)
                return;
        context->header = place_of(container_of(slot->object, struct memory, object),
                                   context->deadline >> PAGE_SHIFT, context->word[0] >> PAGE_SHIFT);
}

/* No processor faults at a write to a shared page: what is shared is copied at once. */
struct memory *__real_memory_snapshot(struct memory *memory, struct account *account);
struct memory *__wrap_memory_snapshot(struct memory *memory, struct account *account);

struct memory *__wrap_memory_snapshot(struct memory *memory, struct account *account)
{
        struct memory *copy = __real_memory_snapshot(memory, account);
        for (uint64_t i = 0; copy && i < copy->pages; i++)
                memory_own_page(copy, i);
        return copy;
}

/* ---- memory ---------------------------------------------------------------------------------- */

enum { STARVED_MOST = 16 };
static const struct account *starved[STARVED_MOST];

static bool is_starved(const struct account *account)
{
        for (unsigned i = 0; i < STARVED_MOST; i++)
                if (starved[i] == account)
                        return true;
        return false;
}

static void starve_account(const struct account *account, bool on)
{
        unsigned place = STARVED_MOST;
        for (unsigned i = 0; i < STARVED_MOST; i++) {
                if (starved[i] == account)
                        starved[i] = NULL;
                if (!starved[i])
                        place = i;
        }
        if (on && place < STARVED_MOST)
                starved[place] = account;
}

void *__real_account_alloc(struct account *account, size_t bytes);
bool __real_account_charge(struct account *account, uint64_t bytes);
paddr_t __real_account_take_page(struct account *account);
void *__wrap_account_alloc(struct account *account, size_t bytes);
bool __wrap_account_charge(struct account *account, uint64_t bytes);
paddr_t __wrap_account_take_page(struct account *account);

void *__wrap_account_alloc(struct account *account, size_t bytes)
{
        return is_starved(account) ? NULL : __real_account_alloc(account, bytes);
}

bool __wrap_account_charge(struct account *account, uint64_t bytes)
{
        return !is_starved(account) && __real_account_charge(account, bytes);
}

paddr_t __wrap_account_take_page(struct account *account)
{
        return is_starved(account) ? 0 : __real_account_take_page(account);
}

static void starve(struct context *context, bool on)
{
        starve_account(thread_of(context)->task->object.account, on);
}

/* ---- the calls ------------------------------------------------------------------------------- */

static void place_modules(const struct machine_boot *boot, struct boot_machine *machine_found)
{
        paddr_t at = MACHINE_START;
        for (unsigned i = 0; i < MACHINE_MODULES; i++) {
                const struct machine_module *module = &boot->modules[i];
                char *to = direct(at);
                strcpy(machine_found->modules[i].name, module->name);
                machine_found->modules[i].start = at;
                machine_found->modules[i].bytes = module->bytes;
                memcpy(to, module->content, module->bytes);
                memset(to + module->bytes, 0, page_up(module->bytes) - module->bytes);
                at += page_up(module->bytes);
        }
        machine_found->module_count = MACHINE_MODULES;
        machine_found->free[0] = (struct boot_range){at, boot->bytes};
}

static void boot_kernel(const struct machine_boot *boot, uint64_t now)
{
        static struct boot_machine found;
        direct_map = (uint64_t)boot->memory;
        machine.clock = now;
        machine.timer_at = TIME_NEVER;
        found.free_count = found.ram_count = 1;
        found.ram[0] = (struct boot_range){0, boot->bytes};
        found.highest = boot->bytes;
        strcpy(found.command_line, boot->command_line);
        place_modules(boot, &found);
        kernel_main(&found);
}

static void clock_set(uint64_t now)
{
        machine_advance(now - machine.clock);
}

static uint64_t timer_at(void)
{
        return machine.timer_at;
}

static void syscall_make(struct context *context)
{
        if (context->number == SYSCALL_memory_map)
                choose_place(context);
        kernel_syscall(context);
}

static void *resolve(struct context *context, uint64_t address)
{
        return space_resolve(&thread_of(context)->task->space, address, false);
}

static void kill_task(struct context *context)
{
        task_kill(thread_of(context)->task, TASK_STATUS_KILLED);
}

extern __attribute__((visibility("default"))) const struct machine_calls machine_calls;
const struct machine_calls machine_calls = {
    .boot = boot_kernel,
    .clock = clock_set,
    .timer = timer_at,
    .next = kernel_next,
    .syscall = syscall_make,
    .raise = machine_raise,
    .resolve = resolve,
    .starve = starve,
    .kill = kill_task,
};

/* ---- switches -------------------------------------------------------------------------------- */

/* Without what the unit tests look for at each: stale vector state. */
static struct context *loaded;

struct context *__wrap_context_loaded(void)
{
        return loaded;
}

void __wrap_arch_switch(struct context *to, struct mmu *space)
{
        (void)space;
        loaded = to;
}

void __wrap_arch_hand_over(struct cpu *cpu, struct context *from, struct context *to,
                           struct mmu *space)
{
        (void)cpu, (void)from, (void)space;
        loaded = to;
}

/* ---- what the kernel tells ------------------------------------------------------------------- */

void __wrap_context_unload(struct context *context)
{
        sim_thread_gone(context);
        starve_account(thread_of(context)->task->object.account, false);
        if (loaded == context)
                loaded = NULL;
}

uint32_t __wrap_ioport_in(uint16_t port, unsigned width)
{
        (void)width;
        return sim_port_in(port);
}

void __wrap_ioport_out(uint16_t port, unsigned width, uint32_t value)
{
        (void)width;
        sim_port_out(port, value);
}

void __wrap_console_show(const char *text, size_t bytes)
{
        sim_console(text, bytes);
}

/* The kernel's tests poison free memory; here nothing watches over it. */
void machine_poison(paddr_t start, paddr_t end)
{
        (void)start, (void)end;
}

void machine_unpoison(paddr_t start, paddr_t end)
{
        (void)start, (void)end;
}
