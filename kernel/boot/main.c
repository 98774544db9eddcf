/* From what the boot code found to the first task: all memory goes to the root account, modules
 * become memory objects, and the first task gets handles to all of it. Nothing else has any
 * authority. */
#include "kernel/abi/sched.h"
#include "kernel/debug/log.h"
#include "kernel/debug/panic.h"
#include "kernel/boot/first.h"
#include "kernel/arch/arch.h"
#include "kernel/arch/entry.h"
#include "kernel/lib/string.h"
#include "kernel/account/frame.h"
#include "kernel/mm/memory.h"
#include "kernel/device/device.h"
#include "kernel/object/account_object.h"
#include "kernel/object/handle.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "kernel/task/wait.h"
#include "kernel/sched/sched.h"

/* The end of the first task's stack, and the page of its bootinfo. */
#define FIRST_STACK_TOP 0x00007ffffff00000ull
#define FIRST_BOOTINFO  0x00007ffffff80000ull
enum { FIRST_STACK_BYTES = 32 * PAGE_SIZE };

static struct account *root;

static void *must_have(void *object, const char *what)
{
        if (!object)
                panic("first task: no memory for %s; give the machine more", what);
        return object;
}

static uint64_t pages_for(uint64_t bytes)
{
        return page_up(bytes) >> PAGE_SHIFT;
}

/* Makes a memory object of a module's frames, where they are. */
static struct memory *adopt_module(const struct boot_machine *machine, unsigned index)
{
        paddr_t start = machine->modules[index].start;
        uint64_t pages = pages_for(machine->modules[index].bytes);
        if (pages == 0)
                return NULL;
        frame_adopt(start, start + (pages << PAGE_SHIFT));
        bool paid = account_charge(root, pages << PAGE_SHIFT);
        kassert(paid); /* the root was made with them */
        return must_have(memory_create(root, pages, start), machine->modules[index].name);
}

static void describe_machine(const struct boot_machine *machine, struct bootinfo *info)
{
        info->magic = BOOTINFO_MAGIC;
        info->tsc_hz = machine->tsc_hz;
        for (unsigned i = 0; i < machine->ram_count; i++)
                info->memory_total += machine->ram[i].end - machine->ram[i].start;
        info->memory_free = root->limit - root->used;
        info->acpi_rsdp = machine->acpi_rsdp;
        info->pci_ecam = machine->pci_ecam;
        info->pci_bus_first = machine->pci_bus_first;
        info->pci_bus_last = machine->pci_bus_last;
        memcpy(info->command_line, machine->command_line, sizeof(info->command_line));
}

static void grant_modules(const struct boot_machine *machine, struct task *task,
                          struct bootinfo *info)
{
        for (unsigned i = 1; i < machine->module_count; i++) {
                struct memory *memory = adopt_module(machine, i);
                struct boot_module *module = &info->modules[info->module_count++];
                memcpy(module->name, machine->modules[i].name, sizeof(module->name));
                module->size = machine->modules[i].bytes;
                if (memory)
                        module->memory = handle_insert(&task->handles, &memory->object,
                                                       RIGHT_READ | RIGHT_COPY | RIGHT_DESTROY);
        }
}

static void grant_authority(struct task *task, struct thread *thread, struct bootinfo *info)
{
        const uint16_t owner = RIGHT_CONTROL | RIGHT_COPY | RIGHT_READ | RIGHT_WRITE;
        info->hardware = handle_insert(&task->handles, hardware_create(root), owner);
        info->account =
            handle_insert(&task->handles, account_object(root), RIGHT_CONTROL | RIGHT_COPY);
        info->task = handle_insert(&task->handles, &task->object, owner);
        info->thread = handle_insert(&task->handles, &thread->object, owner);
        kassert(info->hardware && info->account && info->task && info->thread);
}

static void start_first_task(const struct boot_machine *machine)
{
        if (machine->module_count == 0)
                panic("no modules: the first one has to be the first task (init)");
        struct task *task = must_have(task_create(root), "its task");
        uint64_t entry = first_load(&task->space, root, direct(machine->modules[0].start),
                                    machine->modules[0].bytes);
        struct memory *image = adopt_module(machine, 0);
        if (image)
                object_destroy(&image->object); /* its frames are free now */
        first_map(&task->space, root, FIRST_STACK_TOP - FIRST_STACK_BYTES, FIRST_STACK_BYTES,
                  MAP_READ | MAP_WRITE, "stack");
        struct thread *thread =
            must_have(thread_create(task, entry, FIRST_STACK_TOP - 64, FIRST_BOOTINFO,
                                    thread_scheduling(PRIORITY_MAX, PRIORITY_MAX, 0)),
                      "its thread");
        struct bootinfo *info = direct(memory_page(
            first_map(&task->space, root, FIRST_BOOTINFO, PAGE_SIZE, MAP_READ, "bootinfo"), 0));
        grant_modules(machine, task, info);
        grant_authority(task, thread, info);
        describe_machine(machine, info);
        thread_start(thread);
}

/* Where this boot's trace ids begin: nodes differ in their command lines and in the moments of
 * their start, so hardly two begin alike. FNV-1a (Fowler, Noll, Vo) of command line and clock. */
static uint64_t first_trace(const struct boot_machine *machine)
{
        enum { NUMBERED = 32 }; /* bits that count the chains */
        const uint64_t prime = 0x100000001b3ull;
        uint64_t hash = 0xcbf29ce484222325ull, moment = clock_now();
        for (const char *at = machine->command_line; *at; at++)
                hash = (hash ^ (uint8_t)*at) * prime;
        for (unsigned i = 0; i < sizeof moment; i++)
                hash = (hash ^ (uint8_t)(moment >> 8 * i)) * prime;
        return hash >> NUMBERED << NUMBERED;
}

void kernel_main(const struct boot_machine *machine)
{
        frame_init(machine);
        sched_init();
        this_cpu()->last_trace = first_trace(machine);
        uint64_t bytes = frame_free_bytes();
        for (unsigned i = 0; i < machine->module_count; i++)
                bytes += pages_for(machine->modules[i].bytes) << PAGE_SHIFT;
        root = account_create_root(bytes);
        start_first_task(machine);
        kassert(frame_free_bytes() >= root->limit - root->used);
        this_cpu()->work |= WORK_LINE;
        log_print("boot: kernel %lu KiB free, %u modules\n", frame_free_bytes() >> 10,
                  machine->module_count);
}
