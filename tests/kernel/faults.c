/* Faults: whose handler is told, and where Linux system calls go: each thread's own affair. */
#include "tests/kernel/harness.h"

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

/* ---- Linux system calls ---- */

enum { LINUX_GETPID = 39, LINUX_ENOSYS = -38, PID = 4711 };

/* Where `syscall` leaves the return address. */
void answers_as_linux(void);
__asm__("answers_as_linux:\n\tmov $4711, %eax\n\tjmp *%rcx\n");

static int64_t linux_getpid(void)
{
        int64_t result = LINUX_GETPID;
        __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
        return result;
}

static void asks_linux(uint64_t index)
{
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
    {"a_threads_own_handler_comes_before_its_tasks", a_threads_own_handler_comes_before_its_tasks},
    {"the_tasks_handler_serves_for_one_that_has_died",
     the_tasks_handler_serves_for_one_that_has_died},
    {"a_handler_is_a_sender_until_it_is_cleared_or_its_thread_ends",
     a_handler_is_a_sender_until_it_is_cleared_or_its_thread_ends},
    {"a_thread_sets_its_own_handler", a_thread_sets_its_own_handler},
    {"linux_calls_go_where_the_thread_says", linux_calls_go_where_the_thread_says},
    {0}};
