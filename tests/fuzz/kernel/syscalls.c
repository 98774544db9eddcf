/* System calls of several threads in several tasks, as the fuzzer's bytes say, on the host's
 * machine (tests/unit/kernel/host). Between them time passes, lines are raised, threads fault,
 * allocations fail. kernel_check() looks at all objects after each; at the end everything is
 * destroyed, and every byte, frame, timer and interrupt line must be back. */
#include <stdlib.h>
#include "kernel/device/device.h"
#include "kernel/abi/sched.h"
#include "kernel/exit/check.h"
#include "kernel/debug/panic.h"
#include "kernel/ipc/port.h"
#include "kernel/account/frame.h"
#include "kernel/mm/memory.h"
#include "kernel/task/task.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/timer.h"
#include "tests/fuzz/kernel/syscalls_arguments.h"
#include "tests/unit/kernel/host/machine.h"
#include "kernel/task/wait.h"

enum {
        MACHINE_BYTES = 16 << 20,
        ACCOUNT_BYTES = 1 << 20,
        TASKS = 3,
        REVIVALS = 8, /* of a machine on which nobody can run */
};

/* A year after the start: later timers never come, or the clock would run out. */
#define LATEST (365ull * 24 * 3600 * 1000000000)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t count, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t count, size_t most, unsigned seed);

static struct {
        struct task *tasks[TASKS]; /* may have ended */
        struct port *ports[TASKS]; /* at the beginning */
        uint64_t root_used, free_bytes;
} fuzz;

/* ---- a world to begin with ---- */

static void must(bool had)
{
        if (!had)
                panic("the fuzzer's world does not fit into its machine");
}

static struct thread *add_thread(struct task *task, unsigned index)
{
        struct thread *thread =
            thread_create(task, 0x400000, 0x7fff0000, 0,
                          thread_scheduling(PRIORITY_DEFAULT, PRIORITY_DEFAULT, 0));
        must(thread);
        thread->block = PROGRAM_AT + index * sizeof(struct message_block);
        block_prepare(thread);
        thread_start(thread);
        must(handle_insert(&task->handles, &thread->object, RIGHTS_ALL));
        return thread;
}

static struct task *add_task(struct account *account)
{
        struct task *task = task_create(account);
        must(task);
        struct memory *memory = memory_create(account, PROGRAM_PAGES, 0);
        must(memory);
        struct memory_mapping wanted = {.address = PROGRAM_AT,
                                        .bytes = PROGRAM_PAGES * PAGE_SIZE,
                                        .flags = MAP_READ | MAP_WRITE,
                                        .allowed = MAP_READ | MAP_WRITE};
        must(space_map(&task->space, memory, &wanted) == OUTCOME_OK);
        must(handle_insert(&task->handles, &memory->object, RIGHTS_ALL));
        must(handle_insert(&task->handles, &task->object, RIGHTS_ALL));
        struct event *event = event_create(account);
        must(event && handle_insert(&task->handles, &event->object, RIGHTS_ALL));
        struct call *call = call_create(task);
        must(call);
        binding_set(&call->completion, event, 1);
        must(handle_insert(&task->handles, &call->object, RIGHT_CONTROL | RIGHT_DESTROY));
        add_thread(task, 0);
        add_thread(task, 1);
        return task;
}

/* Each has a port, and a right to everyone's. */
static void add_ports(void)
{
        for (unsigned i = 0; i < TASKS; i++) {
                struct account *account = fuzz.tasks[i]->object.account;
                struct port *port = fuzz.ports[i] = port_create(account);
                must(port && handle_insert(&fuzz.tasks[i]->handles, &port->object,
                                           RIGHT_RECEIVE | RIGHT_DESTROY));
                for (unsigned j = 0; j < TASKS; j++) {
                        struct right *right;
                        must(right_mint(port, account, j, &right) == OUTCOME_OK);
                        right->issues = 1;
                        must(handle_insert(&fuzz.tasks[j]->handles, &right->object,
                                           RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL));
                }
        }
}

/* Each of the first two handles the other's faults; the third has no handler. */
static void add_handlers(void)
{
        for (unsigned i = 0; i < 2; i++) {
                struct port *port = fuzz.ports[!i];
                struct right *right = right_find(port, i);
                slot_fill(&fuzz.tasks[i]->fault_handler, SLOT_TRANSIT, &right->object, RIGHT_SEND);
        }
}

static void world_build(void)
{
        struct account *first = account_create(machine.root, ACCOUNT_BYTES);
        struct account *second = account_create(machine.root, ACCOUNT_BYTES);
        must(first && second);
        fuzz.tasks[0] = add_task(first);
        fuzz.tasks[1] = add_task(first);
        fuzz.tasks[2] = add_task(second);
        struct object *hardware = hardware_create(machine.root);
        must(hardware);
        for (unsigned i = 0; i < TASKS; i++)
                must(handle_insert(&fuzz.tasks[i]->handles, hardware, RIGHTS_ALL));
        must(handle_insert(&fuzz.tasks[0]->handles, &fuzz.tasks[1]->object, RIGHTS_ALL));
        must(handle_insert(&fuzz.tasks[0]->handles, account_object(second), RIGHTS_ALL));
        must(handle_insert(&fuzz.tasks[2]->handles, account_object(second), RIGHTS_ALL));
        add_ports();
        add_handlers();
}

static void world_destroy(void)
{
        machine_unlimit_allocations();
        while (!list_empty(&machine.root->objects)) {
                object_destroy(
                    container_of(machine.root->objects.next, struct object, account_link));
                kernel_next();
                kernel_check();
        }
        kernel_next();
        kassert(!current_thread());
        kassert(machine.root->used == fuzz.root_used);
        kassert(frame_free_bytes() == fuzz.free_bytes);
        kassert(timers_next() == TIME_NEVER);
        for (unsigned i = 0; i < INTERRUPT_LINES; i++)
                kassert(!machine.lines[i].taken);
}

/* ---- what can happen ---- */

enum action {
        TIME = 0,
        LINE,
        FAULT,
        BLOCK,
        SCARCITY,
        SLICE,
        SYSCALLS, /* this and all above */
};

static void happen(struct input *input, struct thread *current)
{
        switch (input_byte(input) & 15) {
        case TIME:
                machine_advance((uint64_t)input_byte(input) * 1000);
                break;
        case LINE:
                machine_raise(input_byte(input) % INTERRUPT_LINES);
                break;
        case FAULT: {
                uint8_t how = input_byte(input);
                static const uint8_t access[] = {MAP_READ, MAP_WRITE, MAP_EXECUTE, MAP_EXECUTE};
                current->run.context.arch.vector = 14;
                kernel_fault(&current->run.context, how & 4 ? FAULT_ARITHMETIC : FAULT_PAGE,
                             PROGRAM_AT + (how >> 3) * PAGE_SIZE, access[how & 3]);
                break;
        }
        case BLOCK:
                block_choose(input, current);
                break;
        case SCARCITY:
                machine_limit_allocations(input_byte(input) % 16);
                break;
        case SLICE:
                machine_advance(SLICE_NS);
                break;
        default:
                syscall_choose(input, current);
                kernel_syscall(&current->run.context);
                machine_unlimit_allocations();
        }
}

/* Everyone waits: time passes, or a task gets a new thread. False: none has room for one. */
static bool revive(unsigned *revivals)
{
        if (machine.timer_at < LATEST && machine_advance_to_timer())
                return true;
        struct list *objects = &machine.root->objects;
        if ((*revivals)++ == REVIVALS || list_empty(objects))
                return false;
        list_for_each(link, objects)
        {
                struct object *object = container_of(link, struct object, account_link);
                if (object->type != &account_object_type)
                        continue;
                struct account *account = object_account(object);
                list_for_each(inner, &account->objects)
                {
                        object = container_of(inner, struct object, account_link);
                        struct task *task = container_of(object, struct task, object);
                        if (object->type != &task_type || !task->alive)
                                continue;
                        struct thread *thread =
                            thread_create(task, 0x400000, 0, 0,
                                          thread_scheduling(PRIORITY_DEFAULT, PRIORITY_DEFAULT, 0));
                        if (!thread)
                                continue;
                        thread->block = PROGRAM_AT + 2 * sizeof(struct message_block);
                        thread_start(thread);
                        return true;
                }
        }
        return false;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc, (void)argv;
        machine_start(MACHINE_BYTES);
        fuzz.root_used = machine.root->used;
        fuzz.free_bytes = frame_free_bytes();
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
        struct input input = {bytes, count, 0};
        unsigned revivals = 0;
        machine.clock = 1;
        machine.timer_at = TIME_NEVER;
        sched_init();
        world_build();
        kernel_next();
        kernel_check();
        while (input.position < input.count) {
                struct thread *current = current_thread();
                if (current)
                        happen(&input, current);
                else if (!revive(&revivals))
                        break;
                kernel_next();
                kernel_check();
        }
        world_destroy();
        return 0;
}

/* Long runs of calls come from long inputs, which the fuzzer's own mutations take long to make: now
 * and then an input, or its end, is random. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t count, size_t most, unsigned seed)
{
        enum { RANDOM_EVERY = 4 };
        srandom(seed);
        if (random() % RANDOM_EVERY)
                return LLVMFuzzerMutate(bytes, count, most);
        for (size_t i = count ? (size_t)random() % count : 0; i < most; i++)
                bytes[i] = (uint8_t)random();
        return most;
}
