/* Programs on the host machine (world.h). A program's system call is made only when the scheduler
 * has chosen its thread; world_end() proves that nothing is left. */
#include "tests/unit/kernel/host/world.h"
#include <check.h>
#include <string.h>
#include "kernel/exit/check.h"
#include "kernel/sched/timer.h"
#include "kernel/task/wait.h"

struct world world;

void world_begin(void)
{
        memset(&world, 0, sizeof(world));
        machine_start(WORLD_BYTES);
        world.root_used = machine.root->used;
        world.free_bytes = frame_free_bytes();
}

void world_end(void)
{
        while (!list_empty(&machine.root->objects)) {
                object_destroy(
                    container_of(machine.root->objects.next, struct object, account_link));
                kernel_next();
                kernel_check();
        }
        kernel_next();
        ck_assert_ptr_null(this_cpu()->current);
        ck_assert_uint_eq(machine.root->used, world.root_used);
        ck_assert_uint_eq(frame_free_bytes(), world.free_bytes);
        ck_assert_uint_eq(timers_next(), TIME_NEVER);
}

/* ---- programs ---- */

static void start(struct program *program, uint64_t block)
{
        program->thread = thread_create(program->task, 0x400000, 0x7fff0000, 0,
                                        thread_scheduling(PRIORITY_DEFAULT, PRIORITY_MAX, 0));
        ck_assert_ptr_nonnull(program->thread);
        program->thread->block = block;
        hold(program, &program->thread->object, 0); /* so that it outlives being stopped */
        thread_start(program->thread);
}

struct program *program_new(void)
{
        ck_assert_uint_lt(world.count, PROGRAMS);
        struct program *program = &world.programs[world.count++];
        program->account = account_create(machine.root, PROGRAM_BYTES);
        ck_assert_ptr_nonnull(program->account);
        program->task = task_create(program->account);
        ck_assert_ptr_nonnull(program->task);
        struct memory *memory = memory_create(program->account, BUFFER_PAGES + 1, 0);
        ck_assert_ptr_nonnull(memory);
        struct memory_mapping wanted = {.address = BLOCK,
                                        .bytes = (BUFFER_PAGES + 1) * PAGE_SIZE,
                                        .flags = MAP_READ | MAP_WRITE,
                                        .allowed = MAP_READ | MAP_WRITE};
        ck_assert_uint_eq(space_map(&program->task->space, memory, &wanted), OUTCOME_OK);
        program->block = direct(memory_page(memory, 0));
        start(program, BLOCK);
        return program;
}

struct program *program_thread(struct program *program)
{
        ck_assert_uint_lt(world.count, PROGRAMS);
        struct program *other = &world.programs[world.count++];
        *other = *program;
        unsigned index = program->task->thread_count;
        start(other, BLOCK + index * sizeof(struct message_block));
        other->block = program->block + index;
        return other;
}

uint64_t program_used(const struct program *program)
{
        uint64_t pages = mmu_tables(&program->task->space.mmu) + program->task->handles.page_count;
        return program->account->used - pages * PAGE_SIZE;
}

/* ---- running ---- */

/* The current thread yields, and does not notice. */
static void current_yields(void)
{
        struct thread *current = current_thread();
        struct context saved = current->run.context;
        current->run.context.number = SYSCALL_yield;
        kernel_syscall(&current->run.context);
        current->run.context = saved;
}

void thread_await(struct thread *thread)
{
        enum { PATIENCE = 1000 };
        for (unsigned i = 0; i < PATIENCE; i++) {
                kernel_next();
                if (current_thread() == thread)
                        return;
                if (!current_thread())
                        ck_abort_msg("nobody can run: the test waits for ever");
                current_yields();
        }
        ck_abort_msg("a thread never has its turn");
}

bool gone(const struct program *program)
{
        return machine_is_freed(&program->thread->object);
}

static uint64_t state_of(const struct program *program)
{
        if (gone(program))
                return GONE;
        if (program->thread->run.state == THREAD_STOPPED)
                return STOPPED;
        return program->thread->run.state == THREAD_READY ? program->thread->run.context.outcome
                                                          : BLOCKED;
}

uint64_t sys_enter(struct program *program, uint64_t number, const uint64_t arguments[6])
{
        struct context *context = &program->thread->run.context;
        thread_await(program->thread);
        context->number = number;
        context->result = arguments[0];
        context->second = arguments[1];
        context->header = arguments[2];
        context->deadline = arguments[3];
        context->word[0] = arguments[4];
        context->word[1] = arguments[5];
        kernel_syscall(context);
        kernel_next();
        kernel_check();
        return state_of(program);
}

handle_t result_handle(struct program *program, uint64_t outcome)
{
        ck_assert_uint_eq(outcome, OUTCOME_OK);
        return (handle_t)program->thread->run.context.handle;
}

uint64_t result(struct program *program)
{
        ck_assert(!gone(program));
        ck_assert_int_eq(program->thread->run.state, THREAD_READY);
        return program->thread->run.context.outcome;
}

bool waits(const struct program *program)
{
        return program->thread->run.state > THREAD_READY;
}

/* ---- handles ---- */

handle_t hold(struct program *program, struct object *object, uint16_t rights)
{
        handle_t handle = handle_insert(&program->task->handles, object, rights);
        ck_assert_uint_ne(handle, 0);
        return handle;
}

struct object *object_of(struct program *program, handle_t handle)
{
        struct slot *slot = handle_slot(&program->task->handles, handle);
        ck_assert_ptr_nonnull(slot);
        return slot->object;
}

struct call *call_of(struct program *program, handle_t handle)
{
        return container_of(object_of(program, handle), struct call, object);
}

handle_t give(struct program *from, handle_t handle, struct program *to)
{
        struct slot *slot = handle_slot(&from->task->handles, handle);
        ck_assert_ptr_nonnull(slot);
        return hold(to, slot->object, slot->rights);
}

struct link link_new(struct program *server, struct program *client, uint64_t badge)
{
        struct link link;
        link.port = sys_handle(server, SYSCALL_port_create);
        handle_t right = sys_handle(server, SYSCALL_right_mint, link.port, badge, RIGHTS_ALL);
        if (server->task == client->task) {
                link.right = right;
                return link;
        }
        link.right = give(server, right, client);
        ck_assert_uint_eq(sys(server, SYSCALL_handle_close, right), OUTCOME_OK);
        return link;
}

/* ---- messages ---- */

void put_user(struct program *program, uint64_t address, const void *bytes, size_t count)
{
        if (!space_write(&program->task->space, address, bytes, count))
                ck_abort_msg("%lx cannot be written", address);
}

void get_user(struct program *program, uint64_t address, void *bytes, size_t count)
{
        if (!space_read(&program->task->space, bytes, address, count))
                ck_abort_msg("%lx cannot be read", address);
}

void block_send(struct program *program, uint32_t bytes)
{
        program->block->send_count = bytes != 0;
        program->block->send[0] = (struct message_buffer){BUFFER, bytes};
}

void block_cap(struct program *program, unsigned index, handle_t handle, unsigned flags)
{
        program->block->send_caps[index] =
            (struct send_cap){.handle = handle, .rights = RIGHTS_ALL, .flags = (uint16_t)flags};
}

void block_receive(struct program *program, uint64_t bytes, unsigned caps)
{
        program->block->receive = (struct message_buffer){RECEIVE_BUFFER, bytes};
        program->block->receive_caps = (uint16_t)caps;
}

uint64_t header(unsigned words)
{
        return message_header(7, 1, words);
}

uint64_t header_block(unsigned words, unsigned caps)
{
        return message_with_flags(message_with_caps(header(words), caps), MESSAGE_BLOCK);
}
