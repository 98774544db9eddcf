/* Faults: whose handler is told, what its answer does to the thread; and where Linux system calls
 * go, which is each thread's own affair, too. */
#include "tests/kernel/harness.h"
#include <string.h>

static void touches(uint64_t address)
{
        SHARED->word[5] = *(volatile uint64_t *)address;
        SHARED->word[6]++;
        sys_thread_exit();
}

enum { NOWHERE = 0x70000008, TASKS = 7, OWN = 8 };

static struct child faulting;
static handle_t port, of_task, of_thread;

/* A child that is to fault, and rights to be its handlers. */
static void prepare(void)
{
        faulting = child_create(touches, NOWHERE, PRIORITY_HIGH);
        port = make_port();
        of_task = make_right(port, TASKS);
        of_thread = make_right(port, OWN);
}

static void expect_fault(uint64_t badge)
{
        struct message_registers r;
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(message_method(r.header), KERNEL_FAULT);
        CHECK_EQ(r.handle, badge);
        CHECK_EQ(r.words[1], NOWHERE);
        CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
}

static void expect_end(void)
{
        uint64_t alive, status;
        settle();
        CHECK_OK(sys_task_status(faulting.task, &alive, &status));
        CHECK_EQ(alive, 0);
}

static void waits_and_touches(uint64_t event)
{
        uint64_t taken;
        sys_event_wait((handle_t)event, 1, SHARED->word[4], &taken);
        touches(NOWHERE);
}

/* Nor has it that of a wait before, nor have the calls of its handler. By the first fault the
 * handler has a slot that it keeps, and with a place for the registers it takes the second on the
 * fast path. */
static void a_fault_has_no_deadline(void)
{
        static struct registers registers __attribute__((aligned(512)));
        struct message_registers r, q;
        prepare();
        own_block()->receive = (struct message_buffer){(uint64_t)&registers, sizeof(registers)};
        CHECK_OK(sys_thread_set_fault_handler(faulting.thread, of_thread));
        child_start(&faulting);
        expect_fault(OWN);
        CHECK_OK(sys_object_destroy(faulting.account));

        SHARED->word[0] = make_port();
        handle_t served = make_right((handle_t)SHARED->word[0], 1);
        thread_run(serve_increment, 1, PRIORITY_LOW);
        handle_t event = make_event(), at = make_port(), handler = make_right(at, OWN);
        uint64_t deadline = SHARED->word[4] = SHORTLY;
        handle_t thread = thread_run(waits_and_touches, event, PRIORITY_LOW);
        CHECK_OK(sys_thread_set_fault_handler(thread, handler));
        settle();
        CHECK_OK(sys_event_signal(event, 1));
        CHECK_OK(receive(at, SOON, &r));
        CHECK_EQ(r.deadline, TIME_NEVER);
        CHECK_OK(call(served, HEADER(0), SOON, &q));
        wait_until(deadline);
        settle();
        CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
        CHECK_OK(receive(at, SOON, &r));
        CHECK_OK(sys_object_destroy(thread));
        sys_handle_close((handle_t)r.second);
}

/* A thread that is let go on without a cure faults again: so the next handler is tried. */
static void a_threads_own_handler_comes_before_its_tasks(void)
{
        prepare();
        CHECK_OK(sys_task_set_fault_handler(faulting.task, of_task));
        CHECK_OK(sys_thread_set_fault_handler(faulting.thread, of_thread));
        child_start(&faulting);
        expect_fault(OWN);
        settle();
        CHECK_OK(sys_thread_set_fault_handler(faulting.thread, 0));
        expect_fault(OWN);
        expect_fault(TASKS);
        settle();
        CHECK_OK(sys_task_set_fault_handler(faulting.task, 0));
        expect_fault(TASKS);
        expect_end();
}

static void the_tasks_handler_serves_for_one_that_has_died(void)
{
        prepare();
        handle_t other = make_port(), dead = make_right(other, 1);
        CHECK_OK(sys_thread_set_fault_handler(faulting.thread, dead));
        CHECK_OK(sys_handle_close(other));
        CHECK_OK(sys_task_set_fault_handler(faulting.task, of_task));
        child_start(&faulting);
        expect_fault(TASKS);
        settle();
        CHECK_OK(sys_object_destroy(faulting.account));
}

/* The kernel's own copy keeps the right alive, and no longer than it is the handler. */
static void a_handler_is_a_sender_until_it_is_cleared_or_its_thread_ends(void)
{
        struct message_registers r;
        prepare();
        CHECK_OK(sys_thread_set_fault_handler(faulting.thread, of_thread));
        CHECK_OK(sys_task_set_fault_handler(faulting.task, of_task));
        sys_handle_close(of_thread);
        sys_handle_close(of_task);
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
        CHECK_OK(sys_task_set_fault_handler(faulting.task, 0));
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(message_method(r.header), KERNEL_NO_SENDERS);
        CHECK_EQ(r.handle, TASKS);
        CHECK_OK(sys_object_destroy(faulting.thread));
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(message_method(r.header), KERNEL_NO_SENDERS);
        CHECK_EQ(r.handle, OWN);
}

static void handles_its_own(uint64_t unused)
{
        (void)unused;
        SHARED->word[1] = sys_thread_set_fault_handler(0, (handle_t)SHARED->word[0]);
        touches(NOWHERE);
}

static void a_thread_sets_its_own_handler(void)
{
        prepare();
        struct child child = child_create(handles_its_own, 0, PRIORITY_HIGH);
        SHARED->word[0] = child_grant(&child, of_thread);
        child_start(&child);
        expect_fault(OWN);
        CHECK_EQ(SHARED->word[1], OUTCOME_OK);
        CHECK_OK(sys_object_destroy(child.account));
}

/* ---- registers in the answer ---- */

enum path { BY_REPLY, BY_REPLY_RECEIVE };

static struct registers registers __attribute__((aligned(256)));
static struct message_block *block;
static struct message_registers fault;

/* Takes the next fault of a child that runs `deed`; `registers` has its registers. */
static void take_fault(test_function *deed)
{
        struct child child = child_create(deed, 0, PRIORITY_HIGH);
        block = own_block();
        block->receive = (struct message_buffer){(uint64_t)&registers, sizeof registers};
        faulting = child;
        port = make_port();
        CHECK_OK(sys_task_set_fault_handler(child.task, make_right(port, OWN)));
        child_start(&child);
        CHECK_OK(receive(port, SOON, &fault));
        CHECK_EQ(block->received_bytes, sizeof registers);
}

/* Answers with so many bytes of `registers`, in one or two pieces. `fault` is the next one then, if
 * there is one at once. */
static outcome_t answer(enum path path, uint64_t bytes, unsigned pieces, outcome_t outcome)
{
        struct message_registers r = fault;
        uint64_t first = pieces == 1 ? bytes : 40;
        block->send[0] = (struct message_buffer){(uint64_t)&registers, first};
        block->send[1] = (struct message_buffer){(uint64_t)&registers + first, bytes - first};
        block->send_count = pieces;
        r.header = message_with_flags(message_with_outcome(HEADER(0), outcome), MESSAGE_BLOCK);
        if (path == BY_REPLY) {
                outcome = reply((handle_t)fault.second, r.header, &r);
                if (outcome == OUTCOME_OK)
                        fault.second = 0;
                return outcome;
        }
        r.handle = port;
        r.deadline = rt_now() + RT_MILLISECOND;
        outcome = sys_message(SYSCALL_reply_receive, &r);
        fault = r;
        if (outcome == not_executed(REASON_DEADLINE))
                fault.second = 0;
        else
                CHECK_OK(outcome);
        return OUTCOME_OK;
}

/* The next fault, unless it has come with the answer to the last one. */
static void await_fault(void)
{
        if (!fault.second)
                CHECK_OK(receive(port, SOON, &fault));
}

/* An instruction that no processor has, of two bytes: the operand is in rax, the result in rdx. */
static void asks_for_an_instruction(uint64_t unused)
{
        uint64_t operand = 20, result = 1;
        (void)unused;
        __asm__ volatile("ud2" : "+a"(operand), "+d"(result));
        SHARED->word[1] = operand;
        SHARED->word[2] = result;
        sys_thread_exit();
}

static void a_handler_emulates_an_instruction(void)
{
        for (enum path path = BY_REPLY; path <= BY_REPLY_RECEIVE; path++) {
                take_fault(asks_for_an_instruction);
                CHECK_EQ(fault.words[0], FAULT_INSTRUCTION);
                CHECK_EQ(registers.rax, 20);
                registers.rdx = registers.rax * 2 + path;
                registers.rip += 2;
                CHECK_OK(answer(path, sizeof registers, 1, OUTCOME_OK));
                settle();
                CHECK_EQ(SHARED->word[1], 20);
                CHECK_EQ(SHARED->word[2], 40 + path);
        }
}

/* Of all registers: what it finds at its new place, with its new stack. */
void finds_itself_elsewhere(void);
__asm__(".globl finds_itself_elsewhere\nfinds_itself_elsewhere:\n"
        "\tpushfq\n\tpop %rax\n"
        "\tmov %rax, 0x30000008\n" /* word 1 */
        "\tmov %rsp, 0x30000010\n"
        "\tmov %r15, 0x30000018\n"
        "\tmov %rcx, 0x30000020\n"
        "\tmov %r11, 0x30000028\n"
        "\tud2\n");

enum { FLAG_CARRY = 1 << 0, FLAG_TRAP = 1 << 8, FLAG_INTERRUPT = 1 << 9, FLAGS_IOPL = 3 << 12 };

static void an_answer_moves_the_thread(void)
{
        static const enum path paths[] = {BY_REPLY, BY_REPLY_RECEIVE};
        for (unsigned i = 0; i < 2; i++) {
                take_fault(asks_for_an_instruction);
                uint64_t stack = (registers.rsp & ~15ull) - 512;
                registers.rip = (uint64_t)finds_itself_elsewhere;
                registers.rsp = stack;
                registers.r15 = 15;
                registers.rcx = 3;
                registers.r11 = 11;
                registers.rflags = FLAG_CARRY | FLAG_TRAP | FLAGS_IOPL;
                CHECK_OK(answer(paths[i], sizeof registers, 1, OUTCOME_OK));
                await_fault();
                CHECK_EQ(fault.words[0], FAULT_INSTRUCTION); /* no trap on the way */
                CHECK_EQ(SHARED->word[1] & (FLAG_CARRY | FLAG_TRAP | FLAG_INTERRUPT | FLAGS_IOPL),
                         FLAG_CARRY | FLAG_INTERRUPT);
                CHECK_EQ(SHARED->word[2], stack);
                CHECK_EQ(SHARED->word[3], 15);
                CHECK_EQ(SHARED->word[4], 3);
                CHECK_EQ(SHARED->word[5], 11);
                sys_handle_close((handle_t)fault.second);
        }
}

static void an_answer_may_set_registers_and_stop_the_thread(void)
{
        static struct registers then;
        take_fault(asks_for_an_instruction);
        registers.rdx = 4;
        registers.rip += 2;
        CHECK_OK(answer(BY_REPLY, sizeof registers, 1, answered(REASON_REFUSED)));
        settle();
        CHECK_EQ(SHARED->word[2], 0);
        CHECK_OK(sys_thread_registers(faulting.thread, &then, NULL));
        CHECK_EQ(then.rip, registers.rip);
        CHECK_OK(sys_thread_control(faulting.thread, THREAD_START, 0));
        settle();
        CHECK_EQ(SHARED->word[2], 4);
}

/* The handler keeps its reply right, and the thread its registers. */
static void an_answer_that_cannot_be_leaves_the_fault_as_it_was(void)
{
        static struct registers before, now;
        uint64_t *const addresses[] = {&registers.rip, &registers.rsp, &registers.fs_base,
                                       &registers.gs_base};
        static const uint64_t hostile[] = {1ull << 47, 1ull << 63, 0xffffffff80100000};
        take_fault(asks_for_an_instruction);
        before = registers;
        CHECK_EQ(answer(BY_REPLY, 8, 1, OUTCOME_OK), not_executed(REASON_MALFORMED));
        CHECK_EQ(answer(BY_REPLY, sizeof registers + 8, 1, OUTCOME_OK),
                 not_executed(REASON_MALFORMED));
        CHECK_EQ(answer(BY_REPLY, sizeof registers, 2, OUTCOME_OK), not_executed(REASON_MALFORMED));
        for (unsigned i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
                for (unsigned j = 0; j < sizeof hostile / sizeof hostile[0]; j++) {
                        registers = before;
                        registers.rdx = 99;
                        *addresses[i] = hostile[j];
                        CHECK_EQ(answer(BY_REPLY, sizeof registers, 1, OUTCOME_OK),
                                 not_executed(REASON_MALFORMED));
                }
        block->send[0] = (struct message_buffer){0xdead0000, sizeof registers};
        block->send_count = 1;
        CHECK_NOT(
            reply((handle_t)fault.second, message_with_flags(HEADER(0), MESSAGE_BLOCK), &fault),
            FAULT);
        CHECK_OK(sys_thread_registers(faulting.thread, &now, NULL));
        CHECK(memcmp(&now, &before, sizeof now) == 0);
        registers = before;
        registers.rip += 2;
        CHECK_OK(answer(BY_REPLY, sizeof registers, 1, OUTCOME_OK));
        settle();
        CHECK_EQ(SHARED->word[1], 20);
}

/* The content once went into the buffers of a thread that had asked for none. */
static void capabilities_are_no_answer_to_a_fault(void)
{
        take_fault(asks_for_an_instruction);
        handle_t event = make_event();
        uint64_t header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
        block->send[0] = (struct message_buffer){(uint64_t)&registers, sizeof registers};
        block->send_count = 1;
        block->send_caps[0] = (struct send_cap){event, RIGHTS_ALL, SEND_CAP_MOVE};
        CHECK_NOT(reply((handle_t)fault.second, header, &fault), MALFORMED);
        CHECK_OK(sys_event_signal(event, 1));
        CHECK_OK(sys_handle_close((handle_t)fault.second));
}

/* ---- Linux system calls ---- */

enum { LINUX_GETPID = 39, LINUX_ENOSYS = -38, PID = 4711 };

/* Where `syscall` leaves the return address. Global: the linker optimizes the program in parts. */
void answers_as_linux(void);
__asm__(".globl answers_as_linux\nanswers_as_linux:\n\tmov $4711, %eax\n\tjmp *%rcx\n");

static int64_t linux_getpid(void)
{
        int64_t result = LINUX_GETPID;
        __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
        return result;
}

static void asks_linux(uint64_t index)
{
        sys_thread_control(0, THREAD_SET_REFLECT, 0);
        SHARED->word[index] = (uint64_t)linux_getpid();
        sys_thread_control(0, THREAD_SET_REFLECT, (uint64_t)answers_as_linux);
        SHARED->word[index + 1] = (uint64_t)linux_getpid();
        sys_thread_control(0, THREAD_SET_REFLECT, 0);
        SHARED->word[index + 2] = (uint64_t)linux_getpid();
}

static void linux_calls_go_where_the_thread_says(void)
{
        thread_run(asks_linux, 1, PRIORITY_HIGH);
        thread_run(asks_linux, 11, PRIORITY_LOW);
        settle();
        for (unsigned first = 1; first <= 11; first += 10) {
                CHECK_EQ((int64_t)SHARED->word[first], LINUX_ENOSYS);
                CHECK_EQ(SHARED->word[first + 1], PID);
                CHECK_EQ((int64_t)SHARED->word[first + 2], LINUX_ENOSYS);
        }
}

const struct test fault_tests[] = {
    {"a_fault_has_no_deadline", a_fault_has_no_deadline},
    {"a_threads_own_handler_comes_before_its_tasks", a_threads_own_handler_comes_before_its_tasks},
    {"the_tasks_handler_serves_for_one_that_has_died",
     the_tasks_handler_serves_for_one_that_has_died},
    {"a_handler_is_a_sender_until_it_is_cleared_or_its_thread_ends",
     a_handler_is_a_sender_until_it_is_cleared_or_its_thread_ends},
    {"a_thread_sets_its_own_handler", a_thread_sets_its_own_handler},
    {"a_handler_emulates_an_instruction", a_handler_emulates_an_instruction},
    {"an_answer_moves_the_thread", an_answer_moves_the_thread},
    {"an_answer_may_set_registers_and_stop_the_thread",
     an_answer_may_set_registers_and_stop_the_thread},
    {"an_answer_that_cannot_be_leaves_the_fault_as_it_was",
     an_answer_that_cannot_be_leaves_the_fault_as_it_was},
    {"capabilities_are_no_answer_to_a_fault", capabilities_are_no_answer_to_a_fault},
    {"linux_calls_go_where_the_thread_says", linux_calls_go_where_the_thread_says},
    {0}};
