/* The grammar is kernel/abi/syscalls.def: an argument's name says what kind of value it is
 * (arguments.def). */
#include "tests/fuzz/kernel/syscalls_arguments.h"
#include <stdio.h>
#include <string.h>
#include "kernel/abi/sched.h"
#include "kernel/abi/syscall.h"
#include "kernel/arch/entry.h"
#include "kernel/arch/arch.h"
#include "kernel/object/handle.h"
#include "kernel/task/task.h"

static const struct operation {
        uint16_t number;
        const char *name, *arguments;
} calls[] = {
#define MESSAGE_CALL(number, name, arguments, ...) {(number), #name, arguments},
#define SYSCALL(number, name, arguments, ...)      {(number), #name, arguments},
#include "kernel/abi/syscalls.def"
#undef MESSAGE_CALL
#undef SYSCALL
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]), ARGUMENTS = 6, ANY_TYPE = 0xff };

static uint64_t any_value(struct input *input)
{
        uint64_t value = 0;
        for (unsigned i = 0; i < 8; i++)
                value = value << 8 | input_byte(input);
        return value;
}

/* ---- handles ---- */

static bool slot_fits(const struct slot *slot, unsigned type)
{
        if (slot->state == SLOT_DEAD)
                return type == ANY_TYPE;
        return (slot->state == SLOT_HANDLE || slot->state == SLOT_REPLY) &&
               (type == ANY_TYPE || slot->kind == type);
}

/* The n-th handle of the task that fits, in a circle; 0: there is none. */
static handle_t nth_handle(struct task *task, unsigned type, unsigned n)
{
        handle_t found[64];
        unsigned count = 0;
        for (unsigned i = 0; i < task->handles.page_count; i++) {
                for (unsigned j = 0; j < HANDLE_PAGE_SLOTS && count < 64; j++) {
                        struct slot *slot = &task->handles.pages[i]->slots[j];
                        if (slot_fits(slot, type))
                                found[count++] = slot->handle;
                }
        }
        return count ? found[n % count] : 0;
}

static uint64_t choose_handle(struct input *input, struct task *task, unsigned type)
{
        uint8_t how = input_byte(input);
        switch (how >> 3) {
        case 0:
                return 0;
        case 1:
                return nth_handle(task, ANY_TYPE, how);
        case 2:
                return (handle_t)how << HANDLE_INDEX_BITS | input_byte(input);
        default:
                return nth_handle(task, type, how);
        }
}

/* ---- values ---- */

static uint64_t choose_address(struct input *input)
{
        uint8_t how = input_byte(input);
        uint64_t page = PROGRAM_AT + (uint64_t)(how & 0x3f) * PAGE_SIZE;
        switch (how >> 6) {
        case 0:
        case 1:
                return page;
        case 2:
                return page + input_byte(input) * 16;
        default: {
                static const uint64_t odd[] = {0,        USER_START,          USER_END - PAGE_SIZE,
                                               USER_END, 0x40000000 - 0x2000, UINT64_MAX - 7};
                return how % 8 < 6 ? odd[how % 8] : any_value(input);
        }
        }
}

static uint64_t choose_bytes(struct input *input)
{
        uint8_t how = input_byte(input);
        if (how < 0xc0)
                return (uint64_t)(how % 24 + 1) * PAGE_SIZE;
        return how < 0xf0 ? input_byte(input) * 17u : any_value(input);
}

static uint64_t choose_deadline(struct input *input)
{
        uint8_t how = input_byte(input);
        if (how < 0x40)
                return TIME_NEVER;
        return how < 0xe0 ? clock_now() + how * 100 : how < 0xf0 ? 0 : any_value(input);
}

static uint64_t choose_header(struct input *input)
{
        uint8_t how = input_byte(input), content = input_byte(input);
        if (how == 0xff)
                return any_value(input);
        uint64_t header = message_header(how % 16 ? 7 : 0, 1, content % 10);
        if (how & 0x40)
                header = message_with_flags(message_with_caps(header, how >> 1 & 3), MESSAGE_BLOCK);
        if (how & 0x80)
                header = message_with_flags(header, MESSAGE_ONE_WAY);
        return header;
}

/* Mostly small numbers. */
static uint64_t choose_number(struct input *input)
{
        uint8_t how = input_byte(input);
        return how == 0xff ? any_value(input) : how >> 7 ? input_byte(input) * 16u : how;
}

static uint64_t choose_offset(struct input *input)
{
        uint8_t how = input_byte(input);
        return how < 0x80 ? 0 : how < 0xe0 ? (how & 7) * PAGE_SIZE : choose_number(input);
}

static uint64_t choose_physical(struct input *input)
{
        uint8_t how = input_byte(input);
        return how < 0xe0 ? 0xd0000000 + how * PAGE_SIZE : any_value(input);
}

static uint64_t choose_rights(struct input *input)
{
        return input_byte(input) < 0xc0 ? RIGHTS_ALL : any_value(input);
}

/* Of threads: a number, or where a message block can be. */
static uint64_t choose_word(struct input *input)
{
        uint8_t how = input_byte(input);
        if (how & 1)
                return PROGRAM_AT + (how >> 1) % PROGRAM_BLOCKS * sizeof(struct message_block);
        return choose_number(input);
}

static uint64_t choose_line(struct input *input)
{
        uint8_t how = input_byte(input);
        return how & 1 ? INTERRUPT_MSI : how & 2 ? INTERRUPT_LEVEL_LOW | how >> 3 : how >> 3;
}

/* For arguments with few meaningful values: mostly one of those. */
static uint64_t choose_below_eight(struct input *input)
{
        uint8_t how = input_byte(input);
        return how < 0xf0 ? how % 8 : choose_number(input);
}

static uint64_t choose_below_sixteen(struct input *input)
{
        return input_byte(input) & 15;
}

/* A priority that is its own ceiling. */
static uint64_t choose_scheduling(struct input *input)
{
        uint8_t priority = input_byte(input);
        return thread_scheduling(priority, priority, 0);
}

static uint64_t choose_kind(struct input *input)
{
        uint8_t how = input_byte(input);
        return how < 0x80 ? MEMORY_ANONYMOUS : how < 0xe0 ? MEMORY_DMA : choose_number(input);
}

static uint64_t choose_bits(struct input *input)
{
        uint8_t how = input_byte(input);
        return how < 0xe0 ? 1ull << how % 4 : any_value(input);
}

static const struct {
        const char *name;
        unsigned type;
} handle_names[] = {
#define HANDLE(name, object, text) {#name, OBJECT_##object},
#define VALUE(name, type, text)
#include "kernel/abi/arguments.def"
#undef HANDLE
#undef VALUE
};

static const struct {
        const char *name;
        uint64_t (*choose)(struct input *input);
} value_names[] = {
    {"header", choose_header},
    {"deadline", choose_deadline},
    {"address", choose_address},
    {"buffer", choose_address},
    {"content", choose_address},
    {"registers", choose_address},
    {"state", choose_address},
    {"info", choose_address},
    {"mapping", choose_address},
    {"action", choose_below_eight},
    {"bytes", choose_bytes},
    {"entry", choose_address},
    {"stack", choose_address},
    {"offset", choose_offset},
    {"physical", choose_physical},
    {"rights", choose_rights},
    {"argument", choose_word},
    {"line", choose_line},
    {"flags", choose_below_eight},
    {"operation", choose_below_sixteen},
    {"scheduling", choose_scheduling},
    {"width", choose_below_eight},
    {"badge", choose_below_eight},
    {"kind", choose_kind},
    {"bits", choose_bits},
    {"reason", choose_below_eight},
};

static uint64_t choose_argument(struct input *input, struct task *task, const char *name)
{
        for (unsigned i = 0; i < sizeof(handle_names) / sizeof(handle_names[0]); i++)
                if (strcmp(name, handle_names[i].name) == 0)
                        return choose_handle(
                            input, task, handle_names[i].type ? handle_names[i].type : ANY_TYPE);
        for (unsigned i = 0; i < sizeof(value_names) / sizeof(value_names[0]); i++)
                if (strcmp(name, value_names[i].name) == 0)
                        return value_names[i].choose(input);
        return choose_number(input);
}

/* Every other one is a message call: they come first in the list, and it takes many of them for
 * something to happen. */
static const struct operation *choose_operation(struct input *input)
{
        uint8_t how = input_byte(input);
        return &calls[how & 1 ? (how >> 1) % CALLS : (how >> 1) % SYSCALL_MESSAGES];
}

void syscall_choose(struct input *input, struct thread *thread)
{
        struct context *context = &thread->run.context;
        const struct operation *call = choose_operation(input);
        uint64_t *const registers[ARGUMENTS] = {&context->result,  &context->second,
                                                &context->header,  &context->deadline,
                                                &context->word[0], &context->word[1]};
        const char *next = call->arguments;
        for (unsigned i = 0; i < ARGUMENTS && *next; i++) {
                char name[16];
                snprintf(name, sizeof name, "%.*s", (int)strcspn(next, "?[,"), next);
                *registers[i] = choose_argument(input, thread->task, name);
                next += strcspn(next, ",");
                next += strspn(next, ", ");
        }
        context->arch.vector = ARCH_VECTOR_SYSCALL;
        context->number = SYSCALL_BASE + call->number;
        if (call->number == SYSCALL_machine_control - SYSCALL_BASE)
                context->second = MACHINE_CONSOLE; /* the others end the machine */
}

/* What fits most messages: a few bytes, room for more, and for capabilities. */
void block_prepare(struct thread *thread)
{
        struct message_block *block = space_resolve(&thread->task->space, thread->block, true);
        block->send[0] = (struct message_buffer){PROGRAM_AT + PAGE_SIZE - 64, 200};
        block->send_count = 1;
        block->receive = (struct message_buffer){PROGRAM_AT + 3 * PAGE_SIZE - 256, 2 * PAGE_SIZE};
        block->receive_caps = MESSAGE_CAPS;
}

void block_choose(struct input *input, struct thread *thread)
{
        struct space *space = &thread->task->space;
        struct message_block *block =
            thread->block ? space_resolve(space, thread->block, true) : NULL;
        if (!block || thread->block % PAGE_SIZE > PAGE_SIZE - sizeof(*block))
                return;
        uint8_t sends = input_byte(input);
        block->send_count = sends % (MESSAGE_SEND_BUFFERS + 1);
        for (unsigned i = 0; i < block->send_count; i++)
                block->send[i] =
                    (struct message_buffer){choose_address(input), input_byte(input) * 33u};
        block->set_priority = sends >> 6 & 1;
        block->priority = input_byte(input);
        for (unsigned i = 0; i < (sends >> 4 & 3); i++)
                block->send_caps[i] = (struct send_cap){
                    .handle = (handle_t)choose_handle(input, thread->task, ANY_TYPE),
                    .rights = RIGHTS_ALL,
                    .flags = input_byte(input) & 3};
        block->receive = (struct message_buffer){choose_address(input), choose_bytes(input)};
        block->receive_caps = input_byte(input) & 0xf;
}
