/* Threads that are stopped where they are, whatever they do: a wait ends as cancelled, and their
 * registers can be read and changed before they go on. */
#include "tests/kernel/harness.h"

/* In SHARED. */
enum { SPINS = 10, OUTCOME = 2, ARGUMENT = 3, ARRIVALS = 4 };

static handle_t port, right, event;

static void prepare(void)
{
        port = make_port();
        right = make_right(port, 1);
        event = make_event();
}

static void spins(uint64_t unused)
{
        (void)unused;
        for (;;)
                SHARED->word[SPINS]++;
}

static handle_t spinning(void)
{
        handle_t thread = thread_run(spins, 0, PRIORITY_LOW);
        while (SHARED->word[SPINS] == 0)
                wait_until(rt_now() + RT_MILLISECOND);
        return thread;
}

/* ---- what threads wait for; each notes with what outcome, and one ---- */

static void message(uint64_t number, handle_t handle, uint64_t header)
{
        struct message_registers r = {.handle = handle, .header = header, .deadline = TIME_NEVER};
        SHARED->word[OUTCOME] = 1 + (uint64_t)sys_message(number, &r);
}

static void calls(uint64_t unused)
{
        (void)unused;
        message(SYSCALL_call, right, HEADER(0));
}

static void sends(uint64_t unused)
{
        (void)unused;
        message(SYSCALL_send, right, HEADER(0));
}

static handle_t quiet;

static void receives(uint64_t unused)
{
        (void)unused;
        message(SYSCALL_receive, quiet, 0);
}

static void receives_after_an_answer(uint64_t unused)
{
        (void)unused;
        message(SYSCALL_reply_receive, quiet, HEADER(0));
}

static void waits(uint64_t unused)
{
        uint64_t bits;
        (void)unused;
        SHARED->word[OUTCOME] = 1 + (uint64_t)sys_event_wait(event, 1, TIME_NEVER, &bits);
}

static void sleeps(uint64_t unused)
{
        (void)unused;
        SHARED->word[OUTCOME] = 1 + (uint64_t)sys_sleep(TIME_NEVER);
}

enum { NOT_EXECUTED = OUTCOME_NOT_EXECUTED << 8, PERHAPS_EXECUTED = OUTCOME_PERHAPS_EXECUTED << 8 };

static const struct wait {
        test_function *begin;
        bool received;  /* its call: we take it */
        unsigned class; /* of the outcome */
} all_waits[] = {
    {calls, false, NOT_EXECUTED},  {calls, true, PERHAPS_EXECUTED},
    {sends, false, NOT_EXECUTED},  {receives, false, NOT_EXECUTED},
    {waits, false, NOT_EXECUTED},  {receives_after_an_answer, false, NOT_EXECUTED},
    {sleeps, false, NOT_EXECUTED},
};
enum { WAITS = sizeof all_waits / sizeof all_waits[0] };

/* A thread that waits so; *answer: the reply right of its call, if we have that. */
static handle_t waiting(const struct wait *wait, handle_t *answer)
{
        struct message_registers r = {0};
        prepare();
        quiet = make_port();
        handle_t thread = thread_run(wait->begin, 0, PRIORITY_LOW);
        settle();
        if (wait->received)
                CHECK_OK(receive(port, SOON, &r));
        *answer = (handle_t)r.second;
        return thread;
}

/* Who serves the call that was cut is told once; nothing else is left of a wait. */
static void expect_told_once(handle_t answer)
{
        struct message_registers r;
        if (answer) {
                CHECK_OK(receive(port, SOON, &r));
                CHECK_EQ(message_method(r.header), KERNEL_CANCEL);
                CHECK_EQ(r.words[0], answer);
                CHECK_EQ(r.words[1], REASON_CANCELLED);
                CHECK_NOT(reply(answer, HEADER(0), &r), CANCELLED);
        }
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
        CHECK_NOT(receive(quiet, 0, &r), DEADLINE);
}

static void a_wait_that_is_cut_ends_as_cancelled(void)
{
        for (unsigned i = 0; i < WAITS; i++) {
                handle_t answer, thread = waiting(&all_waits[i], &answer);
                CHECK_OK(sys_thread_control(thread, THREAD_DIVERT, 0));
                settle();
                CHECK_EQ(SHARED->word[OUTCOME], 0);
                expect_told_once(answer);
                CHECK_OK(sys_thread_control(thread, THREAD_START, 0));
                settle();
                CHECK_EQ(SHARED->word[OUTCOME], 1u + (all_waits[i].class | REASON_CANCELLED));
                made_destroy();
        }
}

/* A stop that waits for the end of the wait has nothing to wait for any more. */
static void a_thread_that_is_to_stop_stops_at_once(void)
{
        handle_t answer, thread = waiting(&all_waits[1], &answer);
        static struct registers registers;
        CHECK_OK(sys_thread_control(thread, THREAD_STOP, 0));
        CHECK_NOT(sys_thread_set_registers(thread, &registers), BUSY);
        CHECK_OK(sys_thread_control(thread, THREAD_DIVERT, 0));
        CHECK_OK(sys_thread_registers(thread, &registers, NULL));
        CHECK_OK(sys_thread_set_registers(thread, &registers));
        expect_told_once(answer);
        CHECK_OK(sys_thread_control(thread, THREAD_START, 0));
        settle();
        CHECK_EQ(SHARED->word[OUTCOME], 1u + (PERHAPS_EXECUTED | REASON_CANCELLED));
}

/* ---- elsewhere ---- */

static void arrives(uint64_t argument)
{
        SHARED->word[ARGUMENT] = argument;
        SHARED->word[ARRIVALS]++;
        for (;;)
                sys_sleep(TIME_NEVER);
}

/* Sends the stopped thread to arrives(argument), on the stack that it has. */
static void send_elsewhere(handle_t thread, uint64_t argument)
{
        static struct registers registers;
        CHECK_OK(sys_thread_registers(thread, &registers, NULL));
        registers.rip = (uint64_t)arrives;
        registers.rdi = argument;
        registers.rsp = (registers.rsp & ~15ull) - 256 - 8;
        CHECK_OK(sys_thread_set_registers(thread, &registers));
        CHECK_OK(sys_thread_control(thread, THREAD_START, 0));
        settle();
        CHECK_EQ(SHARED->word[ARGUMENT], argument);
        CHECK_EQ(SHARED->word[ARRIVALS], 1);
        CHECK_EQ(SHARED->word[OUTCOME], 0);
}

static void a_thread_is_diverted_whatever_it_does(void)
{
        handle_t thread = spinning();
        CHECK_OK(sys_thread_control(thread, THREAD_DIVERT, 0));
        send_elsewhere(thread, 5);
        for (unsigned i = 0; i < WAITS; i++) {
                handle_t answer;
                made_destroy();
                thread = waiting(&all_waits[i], &answer);
                CHECK_OK(sys_thread_control(thread, THREAD_DIVERT, 0));
                send_elsewhere(thread, 10 + i);
                expect_told_once(answer);
        }
}

/* It is taken off the processor between any two of its instructions. */
static void a_thread_that_was_stopped_in_its_slice_goes_on_there(void)
{
        static struct registers registers;
        handle_t thread = spinning();
        CHECK_OK(sys_thread_control(thread, THREAD_DIVERT, 0));
        CHECK_OK(sys_thread_registers(thread, &registers, NULL));
        CHECK(registers.rip >= (uint64_t)spins && registers.rip < (uint64_t)spins + 256);
        uint64_t then = SHARED->word[SPINS];
        settle();
        CHECK_EQ(SHARED->word[SPINS], then);
        CHECK_OK(sys_thread_control(thread, THREAD_START, 0));
        while (SHARED->word[SPINS] == then)
                wait_until(rt_now() + RT_MILLISECOND);
}

static void touches(uint64_t address)
{
        SHARED->word[SPINS] = *(volatile uint64_t *)address;
}

/* It stands where it faulted, and its handler has nothing to answer any more. */
static void a_thread_that_has_faulted_is_diverted(void)
{
        static struct registers registers;
        struct message_registers r;
        prepare();
        struct child child = child_create(touches, 0xdead0000, PRIORITY_LOW);
        CHECK_OK(sys_task_set_fault_handler(child.task, right));
        child_start(&child);
        CHECK_OK(receive(port, SOON, &r));
        handle_t answer = (handle_t)r.second;
        uint64_t place = r.words[2];
        CHECK_OK(sys_thread_control(child.thread, THREAD_DIVERT, 0));
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(message_method(r.header), KERNEL_CANCEL);
        CHECK_EQ(r.words[0], answer);
        CHECK_NOT(reply(answer, HEADER(0), &r), CANCELLED);
        CHECK_OK(sys_thread_registers(child.thread, &registers, NULL));
        CHECK_EQ(registers.rip, place);
        CHECK_OK(sys_thread_control(child.thread, THREAD_START, 0));
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(message_method(r.header), KERNEL_FAULT);
        CHECK_EQ(r.words[2], place);
        CHECK_OK(sys_object_destroy(child.account));
        sys_handle_close((handle_t)r.second);
}

/* ---- of our own ---- */

/* Cuts what the thread of the tests waits for, and lets it go on. */
static void cuts(uint64_t unused)
{
        (void)unused;
        sys_thread_control(boot->thread, THREAD_DIVERT, 0);
        sys_thread_control(boot->thread, THREAD_START, 0);
}

static void our_own_waits_are_cut(void)
{
        uint64_t bits;
        prepare();
        thread_run(cuts, 0, PRIORITY_LOW);
        CHECK_NOT(sys_sleep(TIME_NEVER), CANCELLED);
        thread_run(cuts, 0, PRIORITY_LOW);
        CHECK_NOT(sys_event_wait(event, 1, TIME_NEVER, &bits), CANCELLED);
}

/* ---- registers ---- */

/* A return with such an address would fault in the kernel; such flags would let it mask
 * interrupts. */
static void registers_are_the_users(void)
{
        static struct registers registers, set;
        handle_t thread = spinning();
        CHECK_NOT(sys_thread_set_registers(thread, &registers), BUSY);
        CHECK_OK(sys_thread_control(thread, THREAD_DIVERT, 0));
        CHECK_OK(sys_thread_registers(thread, &registers, NULL));
        CHECK_NOT(sys_thread_set_registers(thread, (void *)0xdead0000), FAULT);
        uint64_t *const addresses[] = {&set.rip, &set.rsp, &set.fs_base, &set.gs_base};
        for (unsigned i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
                set = registers;
                *addresses[i] = 1ull << 47;
                CHECK_NOT(sys_thread_set_registers(thread, &set), MALFORMED);
                *addresses[i] = 1ull << 63;
                CHECK_NOT(sys_thread_set_registers(thread, &set), MALFORMED);
        }
        set = registers;
        set.rflags = ~0ull;
        CHECK_OK(sys_thread_set_registers(thread, &set));
        CHECK_OK(sys_thread_registers(thread, &set, NULL));
        CHECK_EQ(set.rflags, 0x240cd5 | 0x202);
}

const struct test diverted_tests[] = {
    {"a_wait_that_is_cut_ends_as_cancelled", a_wait_that_is_cut_ends_as_cancelled},
    {"a_thread_that_is_to_stop_stops_at_once", a_thread_that_is_to_stop_stops_at_once},
    {"a_thread_is_diverted_whatever_it_does", a_thread_is_diverted_whatever_it_does},
    {"a_thread_that_was_stopped_in_its_slice_goes_on_there",
     a_thread_that_was_stopped_in_its_slice_goes_on_there},
    {"a_thread_that_has_faulted_is_diverted", a_thread_that_has_faulted_is_diverted},
    {"our_own_waits_are_cut", our_own_waits_are_cut},
    {"registers_are_the_users", registers_are_the_users},
    {0}};
