/* Children that hold handles to each other make system calls without sense: whatever they do, the
 * kernel goes on, and destroying their accounts gives every byte back. In a debug build the kernel
 * checks itself after each call, which is what this is for.
 *
 * Deadlines are numbers that are past or near, so that no child waits for long. */
#include "tests/kernel/harness.h"

enum { CHILDREN = 3, STEPS = 600, HANDLES = 48, PLACES = 8 };

#define WINDOW 0x50000000ull

struct fuzz {
        uint64_t state; /* xorshift64 (Marsaglia 2003) */
        handle_t handles[HANDLES];
        struct message_block *block;
};

static uint32_t pick(struct fuzz *fuzz, uint32_t below)
{
        fuzz->state ^= fuzz->state << 13;
        fuzz->state ^= fuzz->state >> 7;
        fuzz->state ^= fuzz->state << 17;
        return (uint32_t)(fuzz->state >> 32) % below;
}

static handle_t any_handle(struct fuzz *fuzz)
{
        return fuzz->handles[pick(fuzz, HANDLES)];
}

static uint64_t any_place(struct fuzz *fuzz)
{
        return WINDOW + pick(fuzz, PLACES) * 4096;
}

static uint64_t any_value(struct fuzz *fuzz)
{
        switch (pick(fuzz, 8)) {
        case 0:
                return 0;
        case 1:
                return pick(fuzz, 8);
        case 2:
                return pick(fuzz, 4) * 4096;
        case 3:
                return any_place(fuzz);
        case 4:
                return rt_now() + pick(fuzz, 2000000);
        case 5:
                return RIGHTS_ALL;
        default:
                return any_handle(fuzz);
        }
}

static uint64_t any_header(struct fuzz *fuzz)
{
        uint64_t header = HEADER(pick(fuzz, 9));
        unsigned flags = pick(fuzz, 2) ? MESSAGE_BLOCK : 0;
        if (pick(fuzz, 4) == 0)
                flags |= MESSAGE_ONE_WAY;
        if (flags & MESSAGE_BLOCK)
                header = message_with_caps(header, pick(fuzz, 4));
        return message_with_flags(message_with_outcome(header, pick(fuzz, 2)), flags);
}

static void fill_block(struct fuzz *fuzz)
{
        struct message_block *block = fuzz->block;
        block->send_count = pick(fuzz, 3);
        for (unsigned i = 0; i < 2; i++)
                block->send[i] = (struct message_buffer){any_place(fuzz), pick(fuzz, 9000)};
        for (unsigned i = 0; i < 4; i++)
                block->send_caps[i] =
                    (struct send_cap){any_handle(fuzz), RIGHTS_ALL, (uint16_t)pick(fuzz, 4)};
        block->receive = (struct message_buffer){any_place(fuzz), pick(fuzz, 9000)};
        block->receive_caps = (uint16_t)pick(fuzz, 5);
}

static void keep(struct fuzz *fuzz, uint64_t handle)
{
        if (handle)
                fuzz->handles[pick(fuzz, HANDLES)] = (handle_t)handle;
}

static void message_step(struct fuzz *fuzz)
{
        struct message_registers r = {.handle = any_handle(fuzz), .second = any_handle(fuzz)};
        r.header = any_header(fuzz);
        r.deadline = rt_now() + pick(fuzz, 2000000);
        fill_block(fuzz);
        if (sys_message(SYSCALL_call + pick(fuzz, 7), &r) != OUTCOME_OK)
                return;
        keep(fuzz, r.second);
        if (message_flags(r.header) & MESSAGE_BLOCK)
                for (unsigned i = 0; i < message_caps(r.header); i++)
                        keep(fuzz, fuzz->block->received_caps[i].handle);
}

/* Calls whose result is a handle, what they are given being mostly of the right kind. */
static void making_step(struct fuzz *fuzz)
{
        handle_t handle = 0;
        uint64_t physical;
        switch (pick(fuzz, 11)) {
        case 0:
                sys_port_create(&handle);
                break;
        case 1:
                sys_event_create(&handle);
                break;
        case 2:
                sys_right_mint(any_handle(fuzz), pick(fuzz, 4), RIGHTS_ALL, &handle);
                break;
        case 3:
                sys_right_issue(any_handle(fuzz), pick(fuzz, 4), RIGHTS_ALL, &handle, &physical);
                break;
        case 4:
                sys_call_create(any_handle(fuzz), 1, &handle);
                break;
        case 5:
                sys_memory_create(0, (1 + pick(fuzz, 4)) * 4096, MEMORY_ANONYMOUS, 0, &handle);
                break;
        case 6:
                sys_handle_copy(any_handle(fuzz), RIGHTS_ALL, &handle);
                break;
        case 7:
                sys_account_create(any_handle(fuzz), 65536, &handle);
                break;
        case 8:
                sys_port_bind(any_handle(fuzz), any_handle(fuzz), pick(fuzz, 4));
                break;
        case 9:
                sys_call_create_keyed(any_handle(fuzz), pick(fuzz, 4), &handle);
                break;
        default:
                sys_task_create(any_handle(fuzz), &handle);
                break;
        }
        keep(fuzz, handle);
}

/* ---- threads beside each other ---- */

enum { WANDERERS = 4, WANDERINGS = 60 };

/* Calls, receives and faults until something ends it; it may be stopped, diverted or sent back to
 * its beginning anywhere. */
static void wanders(uint64_t seed)
{
        struct fuzz fuzz = {.state = seed, .block = own_block()};
        for (unsigned i = 0; i < HANDLES; i++)
                fuzz.handles[i] = (handle_t)SHARED->word[i % 16];
        for (unsigned i = 0; i < WANDERINGS; i++) {
                message_step(&fuzz);
                if (pick(&fuzz, 8) == 0)
                        *(volatile uint64_t *)any_place(&fuzz) = seed;
        }
        sys_thread_exit();
}

static void thread_step(struct fuzz *fuzz)
{
        static char stacks[WANDERERS][8192] __attribute__((aligned(16)));
        static struct registers registers;
        static handle_t threads[WANDERERS];
        unsigned index = pick(fuzz, WANDERERS);
        handle_t thread = threads[index];
        switch (pick(fuzz, 8)) {
        case 0:
                sys_object_destroy(thread);
                sys_handle_close(thread);
                sys_thread_create(0, (uint64_t)wanders, (uint64_t)stacks[index] + 8184,
                                  fuzz->state | 1, thread_scheduling(PRIORITY_MIN, PRIORITY_LOW, 0),
                                  &threads[index]);
                sys_thread_control(threads[index], THREAD_START, 0);
                break;
        case 1:
                sys_thread_set_fault_handler(thread, any_handle(fuzz));
                break;
        case 2:
                sys_task_set_fault_handler(any_handle(fuzz), any_handle(fuzz));
                break;
        case 3:
                sys_thread_registers(thread, &registers, NULL);
                registers.rip = pick(fuzz, 4) ? registers.rip : (uint64_t)wanders;
                sys_thread_set_registers(thread, &registers);
                break;
        case 4:
                sys_thread_control(thread, THREAD_SET_PRIORITY,
                                   thread_scheduling(pick(fuzz, PRIORITY_LOW), PRIORITY_LOW, 0));
                break;
        default:
                sys_thread_control(thread, THREAD_START + pick(fuzz, THREAD_SET_REFLECT),
                                   any_place(fuzz));
                break;
        }
}

static void other_step(struct fuzz *fuzz)
{
        unsigned number = SYSCALL_null + pick(fuzz, SYSCALL_END - SYSCALL_null);
        switch (number) {
        case SYSCALL_thread_exit:
        case SYSCALL_task_exit:
                return;
        case SYSCALL_object_destroy:
                if (pick(fuzz, 4))
                        return;
                break;
        }
        uint64_t arguments[6];
        for (unsigned i = 0; i < 6; i++)
                arguments[i] = any_value(fuzz);
        if (number == SYSCALL_memory_map || number == SYSCALL_memory_protect ||
            number == SYSCALL_memory_unmap)
                arguments[number == SYSCALL_memory_map ? 2 : 1] = any_place(fuzz);
        arguments[0] = pick(fuzz, 4) ? any_handle(fuzz) : arguments[0];
        struct syscall_registers registers = {arguments[0], arguments[1], arguments[2],
                                              arguments[3], arguments[4], arguments[5]};
        if (sys_registers(number, &registers) == OUTCOME_OK)
                keep(fuzz, registers.rdi);
}

static void makes_no_sense(uint64_t seed)
{
        static struct fuzz fuzz;
        fuzz.state = seed;
        fuzz.block = own_block();
        for (unsigned i = 0; i < HANDLES; i++)
                fuzz.handles[i] = (handle_t)SHARED->word[i % 16];
        for (unsigned i = 0; i < STEPS; i++) {
                static void (*const steps[])(struct fuzz *) = {
                    message_step, message_step, making_step, other_step, thread_step};
                steps[pick(&fuzz, sizeof steps / sizeof steps[0])](&fuzz);
        }
        sys_task_exit(0); /* also of threads that stand where they have faulted */
}

static void senseless_calls_do_no_harm(void)
{
        static uint64_t seed = 88172645463325252ull;
        struct child children[CHILDREN];
        handle_t event = make_event();
        uint64_t bits, deadline = rt_now() + 2 * RT_SECOND;
        for (unsigned i = 0; i < CHILDREN; i++) {
                children[i] = child_create(makes_no_sense, ++seed, PRIORITY_LOW + i % 2);
                CHECK_OK(sys_watch(children[i].task, event, 1ull << i));
        }
        /* Empty tables give the same numbers to all, so that one list serves them. */
        for (unsigned i = 0; i < 4; i++) {
                handle_t port = make_port(),
                         shared[] = {make_right(port, i), make_event(), children[i % CHILDREN].task,
                                     make_memory(2)};
                for (unsigned j = 0; j < 4; j++)
                        for (unsigned k = 0; k < CHILDREN; k++)
                                SHARED->word[i * 4 + j] = child_grant(&children[k], shared[j]);
                if (i < CHILDREN) /* nobody answers: who has faulted stands until it is diverted */
                        CHECK_OK(sys_task_set_fault_handler(children[i].task, shared[0]));
        }
        for (unsigned i = 0; i < CHILDREN; i++)
                sys_thread_control(children[i].thread, THREAD_START, 0);
        for (uint64_t ended = 0; ended != (1ull << CHILDREN) - 1; ended |= bits)
                if (sys_event_wait(event, ~0ull, deadline, &bits))
                        break;
        for (unsigned i = 0; i < CHILDREN; i++)
                sys_object_destroy(children[i].account);
}

const struct test random_tests[] = {{"senseless_calls_do_no_harm", senseless_calls_do_no_harm},
                                    {0}};
