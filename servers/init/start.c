/* See start.h. Handles to devices are made for each run and belong to it: init keeps none. */
#include "servers/init/start.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "servers/init/components.h"
#include "servers/init/installed.h"
#include "servers/init/together.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"

enum {
        GRANTS_MAX = 9 + MANIFEST_DEVICES + MANIFEST_MODULES,
        ARGUMENTS_MAX = 32,
        ARGUMENT_BYTES = 2048,
        GRANT_NAME = STARTUP_NAME,
};

/* What a task is to be given. `made` are handles that init has only for the grant. */
struct gift {
        struct spawn_grant grants[GRANTS_MAX];
        char names[GRANTS_MAX][GRANT_NAME];
        unsigned count;
        handle_t made[GRANTS_MAX + 1];
        unsigned made_count;
        const char *arguments[ARGUMENTS_MAX];
        unsigned argument_count;
        char bytes[ARGUMENT_BYTES];
        size_t used;
};

/* ---- handles --------------------------------------------------------------------------------- */

static outcome_t gift_add(struct gift *gift, const char *name, unsigned index, handle_t handle,
                          uint32_t rights)
{
        if (gift->count == GRANTS_MAX)
                return not_executed(REASON_TOO_LONG);
        if (index == 0)
                snprintf(gift->names[gift->count], GRANT_NAME, "%s", name);
        else
                snprintf(gift->names[gift->count], GRANT_NAME, "%s%u", name, index);
        gift->grants[gift->count] = (struct spawn_grant){gift->names[gift->count], handle, rights};
        gift->count++;
        return OUTCOME_OK;
}

/* The handle is closed when the task is made. */
static outcome_t gift_add_made(struct gift *gift, const char *name, unsigned index,
                               outcome_t outcome, handle_t handle, uint32_t rights)
{
        if (outcome != OUTCOME_OK) {
                rt_log("%s, number %u: %s", name, index, reason_text(outcome_reason(outcome)));
                return outcome;
        }
        gift->made[gift->made_count++] = handle;
        return gift_add(gift, name, index, handle, rights);
}

static outcome_t argument_add(struct gift *gift, struct text argument)
{
        if (gift->argument_count == ARGUMENTS_MAX ||
            argument.length + 1 > ARGUMENT_BYTES - gift->used)
                return not_executed(REASON_TOO_LONG);
        gift->arguments[gift->argument_count++] = gift->bytes + gift->used;
        memcpy(gift->bytes + gift->used, argument.at, argument.length);
        gift->used += argument.length + 1;
        return OUTCOME_OK;
}

/* The first serial line, where PCs have it. What was said since the last driver died, and what it
 * took along, is in so many bytes of the log: some of it is said twice. */
enum { LINE_PORT = 0x3f8, LINE_PORTS = 8, LINE_IRQ = 4, LINE_REPEATED = 2048 };

/* The kernel says nothing on the line from here on. */
static outcome_t line_add(struct init *init, struct gift *gift)
{
        handle_t hardware = init->boot.info->hardware;
        char argument[32], none;
        uint64_t count, end, address, data;
        handle_t ports = 0, irq = 0;
        outcome_t outcome = sys_machine_control(hardware, MACHINE_CONSOLE, false);
        if (outcome == OUTCOME_OK)
                outcome = sys_log_read(hardware, UINT64_MAX, &none, sizeof none, &count, &end);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (init->line_given)
                end -= end < LINE_REPEATED ? end : LINE_REPEATED;
        init->line_given = true;
        snprintf(argument, sizeof argument, "log=%lu", end);
        outcome = sys_ioport_create(hardware, LINE_PORT, LINE_PORTS, &ports);
        outcome = gift_add_made(gift, "ioports", 0, outcome, ports, RIGHT_CONTROL);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = sys_interrupt_create(hardware, LINE_IRQ, &irq, &address, &data);
        outcome = gift_add_made(gift, "irq", 0, outcome, irq, RIGHT_CONTROL);
        if (outcome == OUTCOME_OK)
                outcome = gift_add(gift, "console", 0, hardware, RIGHT_READ);
        return outcome == OUTCOME_OK ? argument_add(gift, text_of(argument)) : outcome;
}

static outcome_t device_add(struct init *init, struct gift *gift,
                            const struct manifest_device *device, unsigned index)
{
        handle_t hardware = init->boot.info->hardware, handle = 0;
        uint64_t address, data;
        outcome_t outcome;
        switch (device->kind) {
        case DEVICE_IOPORTS:
                outcome = sys_ioport_create(hardware, device->first, device->second, &handle);
                return gift_add_made(gift, "ioports", index, outcome, handle, RIGHT_CONTROL);
        case DEVICE_IRQ:
                outcome = sys_interrupt_create(hardware, device->first, &handle, &address, &data);
                return gift_add_made(gift, "irq", index, outcome, handle, RIGHT_CONTROL);
        case DEVICE_LINE:
                return line_add(init, gift);
        case DEVICE_CONSOLE:
                return gift_add(gift, "console", 0, hardware, RIGHT_READ | RIGHT_WRITE);
        case DEVICE_HARDWARE:
                return gift_add(gift, "hardware", 0, hardware, RIGHT_CONTROL | RIGHT_WRITE);
        default:
                return OUTCOME_OK; /* PCI devices are the bus server's to give */
        }
}

static outcome_t devices_add(struct init *init, struct gift *gift, const struct manifest *manifest)
{
        unsigned seen[DEVICE_HARDWARE + 1] = {0};
        outcome_t outcome = OUTCOME_OK;
        for (unsigned i = 0; i < manifest->device_count && outcome == OUTCOME_OK; i++) {
                const struct manifest_device *device = &manifest->devices[i];
                outcome = device_add(init, gift, device, seen[device->kind]++);
        }
        return outcome;
}

/* A module that the boot loader did not bring is left out; the component does without. */
static outcome_t modules_add(struct init *init, struct gift *gift, const struct manifest *manifest)
{
        outcome_t outcome = OUTCOME_OK;
        for (unsigned i = 0; i < manifest->module_count && outcome == OUTCOME_OK; i++) {
                handle_t memory = boot_module(&init->boot, manifest->modules[i]);
                char name[COMPONENT_NAME];
                snprintf(name, sizeof name, "%.*s", (int)manifest->modules[i].length,
                         manifest->modules[i].at);
                if (memory != 0)
                        outcome = gift_add(gift, name, 0, memory, RIGHT_READ);
        }
        return outcome;
}

/* What the component keeps is made for its first run, and is the same in each. */
static outcome_t kept_memory_add(struct gift *gift, struct component *component)
{
        const uint64_t bytes = component_manifest(component)->kept;
        outcome_t outcome = OUTCOME_OK;
        if (bytes && !component->keeps)
                outcome = sys_memory_create(0, bytes, MEMORY_ANONYMOUS, 0, &component->keeps);
        return bytes && outcome == OUTCOME_OK
                   ? gift_add(gift, "kept", 0, component->keeps, RIGHT_READ | RIGHT_WRITE)
                   : outcome;
}

static outcome_t heartbeat_add(struct gift *gift, struct component *component)
{
        outcome_t outcome = sys_event_create(&component->heartbeat);
        return outcome == OUTCOME_OK
                   ? gift_add(gift, "heartbeat", 0, component->heartbeat, RIGHT_SIGNAL)
                   : outcome;
}

static outcome_t rights_add(struct init *init, struct gift *gift, struct component *component)
{
        handle_t handle = 0;
        outcome_t outcome = OUTCOME_OK;
        for (enum admission which = 0; which < ADMISSIONS; which++)
                if (component->rights[which] != 0 && outcome == OUTCOME_OK)
                        outcome = gift_add(gift, admission_name(which), 0, component->rights[which],
                                           RIGHT_SEND);
        if (outcome == OUTCOME_OK && component_manifest(component)->admits != 0) {
                outcome = rt_server_right(&init->server, badge_of(BADGE_SUPERVISOR, component->run),
                                          &handle);
                outcome = gift_add_made(gift, "supervisor", 0, outcome, handle, RIGHT_SEND);
        }
        if (outcome == OUTCOME_OK && component_manifest(component)->heartbeat != 0)
                outcome = heartbeat_add(gift, component);
        return outcome;
}

/* ---- arguments ------------------------------------------------------------------------------- */

static outcome_t words_add(struct gift *gift, struct text words)
{
        outcome_t outcome = OUTCOME_OK;
        struct text word;
        while (outcome == OUTCOME_OK && text_next(&words, ' ', &word))
                if (memchr(word.at, '=', word.length))
                        outcome = argument_add(gift, word);
        return outcome;
}

/* Where PCI's configuration space is, for the bus server: what the kernel found. */
static outcome_t ecam_add(struct gift *gift, const struct bootinfo *info)
{
        char argument[64];
        snprintf(argument, sizeof argument, "pci-ecam=%lx:%u-%u", info->pci_ecam,
                 info->pci_bus_first, info->pci_bus_last);
        return argument_add(gift, text_of(argument));
}

static outcome_t arguments_add(struct init *init, struct gift *gift,
                               const struct component *component)
{
        outcome_t outcome = words_add(gift, component->described->arguments);
        if (outcome == OUTCOME_OK && component_has_device(component, DEVICE_HARDWARE))
                outcome = ecam_add(gift, init->boot.info);
        if (outcome == OUTCOME_OK)
                outcome = words_add(gift, init->boot.command_line);
        return outcome;
}

/* ---- the task -------------------------------------------------------------------------------- */

static outcome_t gift_fill(struct init *init, struct gift *gift, struct component *component)
{
        const struct manifest *manifest = component_manifest(component);
        outcome_t outcome = rights_add(init, gift, component);
        if (outcome == OUTCOME_OK)
                outcome = devices_add(init, gift, manifest);
        if (outcome == OUTCOME_OK)
                outcome = modules_add(init, gift, manifest);
        if (outcome == OUTCOME_OK)
                outcome = kept_memory_add(gift, component);
        if (outcome == OUTCOME_OK)
                outcome = arguments_add(init, gift, component);
        return outcome;
}

static void gift_drop(struct gift *gift)
{
        for (unsigned i = 0; i < gift->made_count; i++)
                sys_handle_close(gift->made[i]);
}

/* Makes the task, or an image in the one of `first`. */
static outcome_t image_spawn(struct init *init, struct component *component,
                             const struct gift *gift, handle_t fault_right,
                             const struct component *first)
{
        const struct manifest *manifest = component_manifest(component);
        const char *wrong = NULL;
        struct spawn spawn = {
            .elf = component->program.at,
            .elf_size = component->program.length,
            .component = component->name,
            .arguments = gift->arguments,
            .argument_count = gift->argument_count,
            .memory = together_memory(init, component),
            .stack = manifest->stack,
            .priority = manifest->priority,
            .fault_right = fault_right,
            .grants = gift->grants,
            .grant_count = gift->count,
            .heartbeat_period = manifest->heartbeat * RT_SECOND,
            .place = &component->place,
        };
        outcome_t outcome = first
                                ? spawn_image(&spawn, &first->spawned, &component->spawned, &wrong)
                                : spawn_task(&spawn, &component->spawned, &wrong);
        if (wrong)
                rt_log("%s: its program: %s", component->name, wrong);
        return outcome;
}

/* With all that its manifest grants. Faults of all in a task are told by the run of the first. */
static outcome_t image_make(struct init *init, struct component *component,
                            const struct component *first)
{
        static struct gift gift;
        handle_t fault_right = 0;
        gift = (struct gift){0};
        outcome_t outcome = gift_fill(init, &gift, component);
        if (outcome == OUTCOME_OK && !first)
                outcome = rt_server_right(&init->server, badge_of(BADGE_FAULT, component->run),
                                          &fault_right);
        if (outcome == OUTCOME_OK)
                outcome = image_spawn(init, component, &gift, fault_right, first);
        if (fault_right)
                sys_handle_close(fault_right);
        gift_drop(&gift);
        return outcome;
}

/* Everything but the start of the threads. */
static outcome_t task_make(struct init *init, struct component *component)
{
        const struct component *first = NULL;
        FOR_EACH_TOGETHER(init, component, member)
        {
                if (member->state != PROCESS_WAITING)
                        continue;
                outcome_t outcome = image_make(init, member, first);
                if (outcome != OUTCOME_OK)
                        return outcome;
                first = first ? first : member;
        }
        assert(first);
        return sys_watch(first->spawned.task, init->event, INIT_TASK_DIED);
}

outcome_t task_run(struct init *init, struct component *component)
{
        outcome_t outcome = task_make(init, component);
        FOR_EACH_TOGETHER(init, component, member)
        if (outcome == OUTCOME_OK && member->state == PROCESS_WAITING)
                outcome = spawn_start(&member->spawned);
        if (outcome != OUTCOME_OK)
                together_drop(init, component, false);
        return outcome;
}

bool component_find_program(struct init *init, struct component *component)
{
        return installed_program(component, &component->program) ||
               boot_file(&init->boot, "bin", component_manifest(component)->program,
                         &component->program);
}
