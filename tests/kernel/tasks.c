/* Tasks: their end, their faults, and what a supervisor can do to them. */
#include "tests/kernel/harness.h"

static void exits(uint64_t status)
{
        sys_task_exit(status);
}

static void wait_for_end(const struct child *child)
{
        uint64_t bits;
        handle_t event = make_event();
        CHECK_OK(sys_watch(child->task, event, 1));
        CHECK_OK(sys_event_wait(event, 1, SOON, &bits));
}

static void a_task_leaves_its_status(void)
{
        uint64_t alive, status;
        struct child child = child_create(exits, 33, PRIORITY_HIGH);
        CHECK_OK(sys_task_status(child.task, &alive, &status));
        CHECK_EQ(alive, 1);
        child_start(&child);
        wait_for_end(&child);
        CHECK_OK(sys_task_status(child.task, &alive, &status));
        CHECK_EQ(alive, 0);
        CHECK_EQ(status, 33);
        CHECK_NOT(sys_memory_unmap(child.task, 0x1000, 4096), NOT_RUNNING);
}

static void spins(uint64_t unused)
{
        (void)unused;
        for (;;)
                SHARED->word[1]++;
}

static void a_running_task_can_be_destroyed(void)
{
        struct child child = child_create(spins, 0, PRIORITY_HIGH);
        child_start(&child);
        while (SHARED->word[1] == 0)
                wait_until(rt_now() + RT_MILLISECOND);
        CHECK_OK(sys_object_destroy(child.account));
        uint64_t then = SHARED->word[1];
        settle();
        CHECK_EQ(SHARED->word[1], then);
}

static void calls_for_ever(uint64_t right)
{
        struct message_registers r = {0};
        call((handle_t)right, HEADER(0), TIME_NEVER, &r);
}

static void a_task_destroyed_in_a_call_leaves_the_server_well(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        struct child child = child_create(calls_for_ever, 0, PRIORITY_HIGH);
        handle_t there = child_grant(&child, right);
        CHECK(there != 0);
        sys_handle_close(right);
        /* The argument is not known before the grant: the child takes the handle from SHARED. */
        SHARED->word[0] = there;
        CHECK_OK(sys_object_destroy(child.account));
        CHECK_OK(receive(port, 0, &r));
        CHECK_EQ(message_method(r.header), KERNEL_NO_SENDERS);
}

static void calls_shared(uint64_t unused)
{
        (void)unused;
        calls_for_ever(SHARED->word[0]);
}

static void an_answer_to_a_dead_caller_is_dropped(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        struct child child = child_create(calls_shared, 0, PRIORITY_HIGH);
        SHARED->word[0] = child_grant(&child, right);
        child_start(&child);
        CHECK_OK(receive(port, SOON, &r));
        CHECK_OK(sys_object_destroy(child.account));
        CHECK_NOT(reply((handle_t)r.second, HEADER(0), &r), CANCELLED);
}

static void touches(uint64_t address)
{
        SHARED->word[5] = *(volatile uint64_t *)address;
        SHARED->word[6] = 1;
        sys_task_exit(1);
}

static void a_fault_reaches_the_handler_and_a_mended_thread_goes_on(void)
{
        struct message_block *block = own_block();
        static struct registers registers;
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 77), memory;
        struct child child = child_create(touches, 0x70000008, PRIORITY_HIGH);
        CHECK_OK(sys_task_set_fault_handler(child.task, right));
        child_start(&child);
        block->receive = (struct message_buffer){(uint64_t)&registers, sizeof(registers)};
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(message_interface(r.header), 0);
        CHECK_EQ(message_method(r.header), KERNEL_FAULT);
        CHECK_EQ(r.handle, 77);
        CHECK_EQ(r.words[0], FAULT_PAGE);
        CHECK_EQ(r.words[1], 0x70000008);
        CHECK(r.words[2] >= (uint64_t)touches && r.words[2] < (uint64_t)touches + 128);
        CHECK_EQ(registers.rip, r.words[2]);
        CHECK_EQ(registers.rsp, r.words[3]);
        CHECK_OK(sys_memory_create(child.account, 4096, MEMORY_ANONYMOUS, 0, &memory));
        map_at(memory, 0x50000000);
        *(volatile uint64_t *)0x50000008 = 1234;
        CHECK_OK(sys_memory_map(child.task, memory, 0x70000000, 0, 4096, MAP_READ, NULL));
        CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
        wait_for_end(&child);
        CHECK_EQ(SHARED->word[5], 1234);
        CHECK_EQ(SHARED->word[6], 1);
        CHECK_OK(sys_memory_unmap(0, 0x50000000, 4096));
        sys_handle_close(memory);
}

static void a_fault_answered_with_an_error_stops_the_thread(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        struct child child = child_create(touches, 0xdead0000, PRIORITY_HIGH);
        CHECK_OK(sys_task_set_fault_handler(child.task, right));
        child_start(&child);
        CHECK_OK(receive(port, SOON, &r));
        CHECK_OK(reply((handle_t)r.second,
                       message_with_outcome(HEADER(0), answered(REASON_REFUSED)), &r));
        settle();
        CHECK_EQ(SHARED->word[6], 0);
        static struct registers registers;
        CHECK_OK(sys_thread_registers(child.thread, &registers, NULL));
        CHECK_EQ(registers.rip, r.words[2]);
        uint64_t alive, status; /* nobody can start it again, and it has not done its work */
        CHECK_OK(sys_handle_close(child.thread));
        CHECK_OK(sys_task_status(child.task, &alive, &status));
        CHECK_EQ(alive, 0);
        CHECK_EQ(status, ~0ull);
}

static void a_fault_without_a_handler_ends_the_task(void)
{
        uint64_t alive, status;
        struct child child = child_create(touches, 0xdead0000, PRIORITY_HIGH);
        child_start(&child);
        wait_for_end(&child);
        CHECK_OK(sys_task_status(child.task, &alive, &status));
        CHECK_EQ(alive, 0);
        CHECK_EQ(status, UINT64_MAX);
}

static void executes_data(uint64_t unused)
{
        (void)unused;
        ((void (*)(void))SHARED->bytes)();
}

static void privileged(uint64_t unused)
{
        (void)unused;
        __asm__ volatile("cli");
}

static void undefined(uint64_t unused)
{
        (void)unused;
        __asm__ volatile("ud2");
}

static void writes_text(uint64_t unused)
{
        (void)unused;
        *(volatile char *)(uint64_t)undefined = 0;
}

static void kernel_memory(uint64_t unused)
{
        (void)unused;
        SHARED->word[5] = *(volatile uint64_t *)0xffffffff80100000;
}

static void jumps_out(uint64_t unused)
{
        (void)unused;
        __asm__ volatile("jmp *%0" : : "r"(0xffff900000000000ull));
}

static void stops_itself(uint64_t unused)
{
        (void)unused;
        sys_thread_control(0, THREAD_STOP, 0);
}

/* Nobody could start it again, and who watches its task would wait for ever. */
static void a_thread_that_stops_without_a_handle_ends(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 5);
        struct child child = child_create(stops_itself, 0, PRIORITY_HIGH);
        child_start(&child);
        CHECK_OK(sys_handle_close(child.thread));
        wait_for_end(&child);
        child = child_create(touches, 0xdead0000, PRIORITY_HIGH);
        CHECK_OK(sys_task_set_fault_handler(child.task, right));
        child_start(&child);
        CHECK_OK(sys_handle_close(child.thread));
        CHECK_OK(receive(port, SOON, &r));
        CHECK_OK(reply((handle_t)r.second,
                       message_with_outcome(HEADER(0), answered(REASON_REFUSED)), &r));
        wait_for_end(&child);
}

static void every_kind_of_misdeed_is_caught(void)
{
        static const struct {
                test_function *deed;
                unsigned reason;
        } deeds[] = {{executes_data, FAULT_PAGE},    {privileged, FAULT_PROTECTION},
                     {undefined, FAULT_INSTRUCTION}, {writes_text, FAULT_PAGE},
                     {kernel_memory, FAULT_PAGE},    {jumps_out, FAULT_PAGE}};
        for (unsigned i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
                struct message_registers r;
                handle_t port = make_port(), right = make_right(port, i);
                struct child child = child_create(deeds[i].deed, 0, PRIORITY_HIGH);
                CHECK_OK(sys_task_set_fault_handler(child.task, right));
                child_start(&child);
                CHECK_OK(receive(port, SOON, &r));
                CHECK(r.words[0] == deeds[i].reason || deeds[i].deed == jumps_out);
                CHECK_OK(sys_object_destroy(child.account));
                sys_handle_close((handle_t)r.second);
        }
}

static void a_supervisor_reads_and_writes_a_tasks_memory(void)
{
        struct child child = child_create(exits, 0, PRIORITY_HIGH);
        static char text[16] = "0123456789abcde";
        char back[16] = "";
        CHECK_OK(sys_task_read(child.task, (uint64_t)text, back, 16));
        CHECK_EQ(back[9], '9');
        back[9] = 'x';
        CHECK_OK(sys_task_write(child.task, (uint64_t)text, back, 16));
        CHECK_EQ(text[9], '9');
        back[9] = 0;
        CHECK_OK(sys_task_read(child.task, (uint64_t)text, back, 16));
        CHECK_EQ(back[9], 'x');
        CHECK_NOT(sys_task_read(child.task, 0xdead0000, back, 16), FAULT);
        CHECK_NOT(sys_task_read(child.task, (uint64_t)text, back, 4097), TOO_LONG);
        /* The program's text is mapped without WRITE. */
        CHECK_NOT(sys_task_write(child.task, (uint64_t)exits, back, 16), FAULT);
}

static void figures_of_a_task_are_kept(void)
{
        struct task_info info;
        struct child child = child_create(spins, 0, PRIORITY_HIGH);
        child_start(&child);
        do {
                wait_until(rt_now() + RT_MILLISECOND);
                CHECK_OK(sys_task_info(child.task, &info));
        } while (info.cpu_time < RT_MILLISECOND);
        CHECK_EQ(info.threads, 1);
        CHECK_EQ(info.memory_limit, 3 << 20);
        CHECK(info.memory > 100 * 1024 && info.memory <= info.memory_limit);
}

static struct task_info own_figures(void)
{
        struct task_info info;
        CHECK_OK(sys_task_info(0, &info));
        return info;
}

static void sends(uint64_t right)
{
        struct message_registers r = {.handle = right, .header = HEADER(0), .deadline = SOON};
        sys_message(SYSCALL_send, &r);
}

/* A call to a thread that has kept no slot yet, and to one that has; a message from below the
 * receiver and from above it. The second of each two takes another path than the first. */
static void messages_of_a_task_are_counted_and_stay_so(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        struct task_info before = own_figures();
        SHARED->word[0] = port;
        thread_run(serve_increment, 4, PRIORITY_HIGH);
        settle();
        for (unsigned i = 1; i <= 4; i++) {
                if (i <= 2)
                        CHECK_OK(call(right, HEADER(0), SOON, &r));
                else if (i == 3)
                        thread_run(sends, right, PRIORITY_LOW);
                else
                        sends(right);
                settle();
                CHECK_EQ(own_figures().messages, before.messages + i);
        }
        CHECK_EQ(own_figures().threads, before.threads);
}

enum { SLOTS = 1 << 16 }; /* a handle is a slot and, above, a generation */

static void notes_reply_rights(uint64_t port)
{
        struct message_registers r;
        receive((handle_t)port, TIME_NEVER, &r);
        SHARED->word[1] = r.second;
        reply((handle_t)r.second, HEADER(0), &r);
        receive((handle_t)port, TIME_NEVER, &r);
        for (unsigned i = 2; i < 4; i++) {
                SHARED->word[i] = r.second;
                r = (struct message_registers){.handle = port,
                                               .second = r.second,
                                               .header = HEADER(0),
                                               .deadline = TIME_NEVER};
                sys_message(SYSCALL_reply_receive, &r);
        }
        reply((handle_t)r.second, HEADER(0), &r);
}

/* What it is given meanwhile lies elsewhere. The slot is no handle, and goes with its thread. */
static void a_thread_keeps_a_slot_for_its_reply_rights(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        uint64_t before = own_figures().handles;
        thread_run(notes_reply_rights, port, PRIORITY_LOW);
        settle();
        CHECK_EQ(own_figures().handles, before + 1);
        for (unsigned i = 1; i < 4; i++) {
                CHECK_OK(call(right, HEADER(0), SOON, &r));
                settle();
                make_event();
                CHECK_EQ(own_figures().handles, before + 1 + i);
                CHECK_EQ(SHARED->word[i] % SLOTS, SHARED->word[1] % SLOTS);
                CHECK(i == 1 || SHARED->word[i] != SHARED->word[i - 1]);
        }
        CHECK_OK(call(right, HEADER(0), SOON, &r));
        settle();
        CHECK_EQ(own_figures().handles, before + 3);
}

static void calls_in_vain(uint64_t right)
{
        struct message_registers r;
        call((handle_t)right, HEADER(0), SOON, &r);
        sys_sleep(TIME_NEVER);
}

/* The slot of the reply right that the test closes becomes that of the server. */
static void a_slot_is_kept_by_the_thread_that_used_it_last(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        SHARED->word[0] = port;
        thread_run(calls_in_vain, right, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        thread_run(serve_increment, 2, PRIORITY_HIGH);
        settle();
        CHECK_OK(sys_handle_close((handle_t)r.second));
        settle();
        uint64_t before = own_figures().handles;
        CHECK_OK(call(right, HEADER(0), SOON, &r));
        CHECK_EQ(own_figures().handles, before);
        CHECK_OK(call(right, HEADER(0), SOON, &r));
}

const struct test task_tests[] = {
    {"a_task_leaves_its_status", a_task_leaves_its_status},
    {"a_running_task_can_be_destroyed", a_running_task_can_be_destroyed},
    {"a_task_destroyed_in_a_call_leaves_the_server_well",
     a_task_destroyed_in_a_call_leaves_the_server_well},
    {"an_answer_to_a_dead_caller_is_dropped", an_answer_to_a_dead_caller_is_dropped},
    {"a_fault_reaches_the_handler_and_a_mended_thread_goes_on",
     a_fault_reaches_the_handler_and_a_mended_thread_goes_on},
    {"a_fault_answered_with_an_error_stops_the_thread",
     a_fault_answered_with_an_error_stops_the_thread},
    {"a_fault_without_a_handler_ends_the_task", a_fault_without_a_handler_ends_the_task},
    {"a_thread_that_stops_without_a_handle_ends", a_thread_that_stops_without_a_handle_ends},
    {"every_kind_of_misdeed_is_caught", every_kind_of_misdeed_is_caught},
    {"a_supervisor_reads_and_writes_a_tasks_memory", a_supervisor_reads_and_writes_a_tasks_memory},
    {"figures_of_a_task_are_kept", figures_of_a_task_are_kept},
    {"messages_of_a_task_are_counted_and_stay_so", messages_of_a_task_are_counted_and_stay_so},
    {"a_thread_keeps_a_slot_for_its_reply_rights", a_thread_keeps_a_slot_for_its_reply_rights},
    {"a_slot_is_kept_by_the_thread_that_used_it_last",
     a_slot_is_kept_by_the_thread_that_used_it_last},
    {0}};
