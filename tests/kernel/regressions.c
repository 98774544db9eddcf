/* Mistakes that the kernel once had, or nearly had; each test says which one it would find. */
#include "tests/kernel/harness.h"

static handle_t account_of(handle_t parent, uint64_t bytes)
{
        handle_t account;
        CHECK_OK(sys_account_create(parent, bytes, &account));
        return account;
}

static uint64_t account_used(void)
{
        uint64_t used, limit;
        CHECK_OK(sys_account_info(0, &used, &limit));
        return used;
}

static void wait_for_end(const struct child *child)
{
        uint64_t bits;
        handle_t event = make_event();
        CHECK_OK(sys_watch(child->task, event, 1));
        CHECK_OK(sys_event_wait(event, 1, SOON, &bits));
}

/* ---- the depth of the kernel's stack ---- */

/* Destroying an account called itself for the accounts in it. */
static void accounts_may_be_nested_deeply(void)
{
        enum { DEPTH = 1000, EACH = 4096 };
        uint64_t before = account_used();
        handle_t top = account_of(0, DEPTH * EACH), inner = top;
        for (unsigned i = 1; i < DEPTH; i++) {
                handle_t next = account_of(inner, (DEPTH - i) * EACH);
                if (inner != top)
                        CHECK_OK(sys_handle_close(inner));
                inner = next;
        }
        CHECK_OK(sys_handle_close(inner));
        CHECK_OK(sys_object_destroy(top));
        CHECK_EQ(account_used(), before);
}

/* Port i is in a message that is queued at port i - 1: the end of the first was the end of the next
 * within it, and so on. */
static void queues_ports_in_ports(uint64_t unused)
{
        enum { DEPTH = 150 };
        static handle_t ports[DEPTH], rights[DEPTH];
        struct message_block *block = own_block();
        handle_t event, object;
        (void)unused;
        for (unsigned i = 0; i < DEPTH; i++) {
                sys_port_create(&ports[i]);
                sys_right_mint(ports[i], 1, RIGHTS_ALL, &rights[i]);
        }
        sys_event_create(&event);
        for (unsigned i = 0; i + 1 < DEPTH; i++) {
                sys_call_create(event, 1, &object);
                block->send_caps[0] = (struct send_cap){ports[i + 1], RIGHTS_ALL, SEND_CAP_MOVE};
                struct message_registers r = {
                    .handle = rights[i], .second = object, .deadline = TIME_NEVER};
                r.header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
                if (sys_message(SYSCALL_call_start, &r) == OUTCOME_OK)
                        SHARED->word[0]++;
        }
}

static void ports_may_be_queued_in_ports(void)
{
        struct child child = child_create(queues_ports_in_ports, 0, PRIORITY_HIGH);
        child_start(&child);
        wait_for_end(&child);
        CHECK_EQ(SHARED->word[0], 149);
}

/* ---- objects that end while the kernel is busy with another ---- */

/* The end of a call released a thread that ended its task, and the call with it. */
static void stops_with_its_own_thread_in_a_message(uint64_t unused)
{
        struct message_block *block = own_block();
        handle_t event, port, right, object, thread = (handle_t)SHARED->word[0];
        (void)unused;
        sys_event_create(&event);
        sys_port_create(&port);
        sys_right_mint(port, 1, RIGHTS_ALL, &right);
        sys_call_create(event, 1, &object);
        block->send_caps[0] = (struct send_cap){thread, RIGHTS_ALL, 0};
        struct message_registers r = {.handle = right, .second = object};
        r.header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
        r.deadline = rt_now() + RT_SECOND;
        SHARED->word[1] = 1 + (uint64_t)sys_message(SYSCALL_call_start, &r);
        sys_handle_close(thread);
        sys_thread_control(0, THREAD_STOP, 0);
}

static void a_call_may_hold_the_last_handle_of_its_own_thread(void)
{
        struct child child = child_create(stops_with_its_own_thread_in_a_message, 0, PRIORITY_HIGH);
        SHARED->word[0] = child_grant(&child, child.thread);
        child_start(&child);
        CHECK_OK(sys_handle_close(child.thread));
        wait_for_end(&child);
        CHECK_EQ(SHARED->word[1], 1);
}

/* ---- accounts ---- */

/* An account without a handle stayed for ever, and its limit with it. */
static void an_account_without_a_handle_goes_with_its_last_object(void)
{
        uint64_t before = account_used();
        handle_t account = account_of(0, 1 << 20), inner = account_of(account, 1 << 19), memory;
        CHECK_OK(sys_memory_create(inner, 4096, MEMORY_ANONYMOUS, 0, &memory));
        CHECK_OK(sys_handle_close(account));
        CHECK_OK(sys_handle_close(inner));
        CHECK(account_used() > before);
        CHECK_OK(sys_handle_close(memory));
        CHECK_EQ(account_used(), before);
}

/* ---- notices ---- */

static outcome_t start_call(handle_t object, handle_t right, unsigned caps)
{
        struct message_registers r = {.handle = right, .second = object, .deadline = SOON};
        r.header = message_with_flags(message_with_caps(HEADER(0), caps), caps ? MESSAGE_BLOCK : 0);
        return sys_message(SYSCALL_call_start, &r);
}

/* The notice overtook calls that were queued, and another right could have their badge meanwhile.
 */
static void a_queued_call_comes_before_the_no_senders_notice(void)
{
        struct message_registers r;
        handle_t port = make_port(), event = make_event(), right, object;
        for (unsigned cancelled = 0; cancelled < 2; cancelled++) {
                CHECK_OK(sys_right_mint(port, 5, RIGHTS_ALL, &right));
                CHECK_OK(sys_call_create(event, 1, &object));
                CHECK_OK(start_call(object, right, 0));
                CHECK_OK(sys_handle_close(right));
                CHECK_NOT(sys_right_mint(port, 5, RIGHTS_ALL, &right), BUSY);
                if (cancelled) {
                        CHECK_OK(sys_call_cancel(object));
                } else {
                        CHECK_OK(receive(port, 0, &r));
                        CHECK_EQ(message_interface(r.header), INTERFACE);
                        CHECK_EQ(r.handle, 5);
                        CHECK_OK(sys_handle_close((handle_t)r.second));
                }
                CHECK_OK(receive(port, 0, &r));
                CHECK_EQ(message_interface(r.header), 0);
                CHECK_EQ(message_method(r.header), KERNEL_NO_SENDERS);
                CHECK_EQ(r.words[0], 1);
                CHECK_NOT(receive(port, 0, &r), DEADLINE);
                CHECK_OK(sys_handle_close(object));
        }
}

/* A right that was issued again before its notice was taken still stood in line for it. */
static void a_call_through_a_right_issued_again_comes_before_the_notice(void)
{
        struct message_registers r;
        uint64_t issues;
        handle_t port = make_port(), event = make_event(), right, object;
        CHECK_OK(sys_right_mint(port, 5, RIGHTS_ALL, &right));
        CHECK_OK(sys_handle_close(right));
        CHECK_OK(sys_right_issue(port, 5, RIGHTS_ALL, &right, &issues));
        CHECK_OK(sys_call_create(event, 1, &object));
        CHECK_OK(start_call(object, right, 0));
        CHECK_OK(sys_handle_close(right));
        CHECK_OK(receive(port, 0, &r));
        CHECK_EQ(message_interface(r.header), INTERFACE);
        CHECK_OK(sys_handle_close((handle_t)r.second));
        CHECK_OK(receive(port, 0, &r));
        CHECK_EQ(message_method(r.header), KERNEL_NO_SENDERS);
        CHECK_EQ(r.words[0], 2);
        CHECK_OK(sys_handle_close(object));
}

static void receives_twice(uint64_t port)
{
        struct message_registers r;
        for (unsigned i = 0; i < 2; i++)
                if (receive((handle_t)port, SOON, &r) == OUTCOME_OK)
                        SHARED->word[i] = message_method(r.header);
}

/* The end of a right signals an event that is bound to the port whose receiver is told of that end:
 * the bits were written over the notice, and the thread was resumed twice. */
static void a_notice_may_make_another_for_the_same_port(void)
{
        handle_t port = make_port(), event = make_event(), right;
        CHECK_OK(sys_port_bind(port, event, 0));
        CHECK_OK(sys_right_mint(port, 5, RIGHTS_ALL, &right));
        CHECK_OK(sys_watch(right, event, 1));
        thread_run(receives_twice, port, PRIORITY_LOW);
        settle();
        CHECK_OK(sys_handle_close(right));
        settle();
        CHECK_EQ(SHARED->word[0], KERNEL_NO_SENDERS);
        CHECK_EQ(SHARED->word[1], KERNEL_EVENT);
}

/* The receiver went to sleep on bits that came while it tried a call that could not be delivered.
 */
static void bits_that_come_while_a_call_fails_are_received(void)
{
        struct message_registers r;
        struct message_block *block = own_block();
        handle_t port = make_port(), right = make_right(port, 1), event = make_event(), object;
        CHECK_OK(sys_port_bind(port, event, 0));
        CHECK_OK(sys_call_create(event, 4, &object));
        block->send_caps[0] = (struct send_cap){right, RIGHTS_ALL, 0};
        CHECK_OK(start_call(object, right, 1));
        CHECK_OK(receive(port, rt_now() + 20 * RT_MILLISECOND, &r));
        CHECK_EQ(message_method(r.header), KERNEL_EVENT);
        CHECK_EQ(r.words[0], 4);
        CHECK_OK(sys_handle_close(object));
}

/* ---- a port that moves to another task ---- */

static void calls_for_a_capability(uint64_t right)
{
        struct message_registers r = {0};
        struct message_block *block = own_block();
        block->receive_caps = 1;
        SHARED->word[1] = 1 + (uint64_t)call(right ? (handle_t)right : (handle_t)SHARED->word[0],
                                             HEADER(0), SOON, &r);
        SHARED->word[2] = block->received_caps[0].handle;
        if (!right)
                sys_sleep(TIME_NEVER);
}

static uint64_t header_with_port(struct message_block *block, handle_t port)
{
        block->send_caps[0] = (struct send_cap){port, RIGHTS_ALL, SEND_CAP_MOVE};
        return message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
}

/* The port was looked up before the answer moved it, and received from afterwards. */
static void an_answer_may_take_the_port_that_it_came_by(void)
{
        struct message_registers r;
        struct message_block *block = own_block();
        handle_t port = make_port(), right = make_right(port, 1);
        thread_run(calls_for_a_capability, right, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        r.header = header_with_port(block, port);
        r.handle = port;
        r.deadline = rt_now() + RT_SECOND;
        CHECK_NOT(sys_message(SYSCALL_reply_receive, &r), BAD_HANDLE);
        settle();
        CHECK_EQ(SHARED->word[1], 1);
        CHECK_OK(sys_handle_close((handle_t)SHARED->word[2]));
}

static void receives_once(uint64_t port)
{
        struct message_registers r;
        SHARED->word[3] = 1 + (uint64_t)receive((handle_t)port, SOON, &r);
}

/* Whoever waited on a port that was given away got the messages meant for its new holder. */
static void a_port_given_away_is_received_from_no_more(void)
{
        struct message_registers r;
        struct message_block *block = own_block();
        handle_t service = make_port(), port = make_port(), right = make_right(service, 1);
        struct child child = child_create(calls_for_a_capability, 0, PRIORITY_HIGH);
        SHARED->word[0] = child_grant(&child, right);
        child_start(&child);
        thread_run(receives_once, port, PRIORITY_LOW);
        CHECK_OK(receive(service, SOON, &r));
        settle();
        CHECK_EQ(SHARED->word[3], 0);
        CHECK_OK(reply((handle_t)r.second, header_with_port(block, port), &r));
        settle();
        CHECK_EQ(SHARED->word[1], 1);
        CHECK_EQ(SHARED->word[3], 1 + not_executed(REASON_BAD_HANDLE));
}

/* ---- answers ---- */

static void calls_with_little_time(uint64_t right)
{
        struct message_registers r = {0};
        call((handle_t)right, HEADER(0), SHARED->word[5], &r);
}

/* A server whose caller had given up stayed bound to the caller's deadline. */
static void a_late_answer_ends_the_service_too(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        handle_t other = make_port(), other_right = make_right(other, 1);
        SHARED->word[0] = other;
        SHARED->word[5] = SHORTLY;
        thread_run(serve_increment, 1, PRIORITY_LOW);
        thread_run(calls_with_little_time, right, PRIORITY_MIDDLE);
        CHECK_OK(receive(port, SOON, &r));
        wait_until(SHARED->word[5] + RT_MILLISECOND);
        CHECK_NOT(reply((handle_t)r.second, HEADER(0), &r), DEADLINE);
        CHECK_OK(call(other_right, HEADER(1), SOON, &r));
        settle();
}

static void touches(uint64_t address)
{
        SHARED->word[5] = *(volatile uint64_t *)address;
}

/* ---- authority ---- */

/* The sender was told that its receiver is overloaded. */
static void memory_that_cannot_be_snapshot_is_refused(void)
{
        struct message_block *block = own_block();
        handle_t port = make_port(), right = make_right(port, 1), event = make_event();
        handle_t object, memory;
        struct message_registers r;
        CHECK_OK(sys_memory_create(0, 4096, MEMORY_DMA, boot->hardware, &memory));
        CHECK_OK(sys_call_create(event, 1, &object));
        block->send_caps[0] = (struct send_cap){memory, RIGHTS_ALL, 0};
        block->receive_caps = 1;
        CHECK_NOT(start_call(object, right, 1), REFUSED);
        block->send_caps[0].flags = SEND_CAP_SHARE | SEND_CAP_MOVE;
        CHECK_OK(start_call(object, right, 1));
        CHECK_OK(receive(port, 0, &r));
        CHECK_OK(sys_handle_close(block->received_caps[0].handle));
        CHECK_OK(sys_handle_close((handle_t)r.second));
        CHECK_OK(sys_handle_close(object));
}

/* The processor cannot map a page that is written or executed and not read. */
static void memory_mapped_in_any_way_can_be_read_and_needs_the_right(void)
{
        handle_t memory = make_memory(1), other;
        CHECK_OK(sys_handle_copy(memory, RIGHT_WRITE | RIGHT_EXECUTE, &other));
        CHECK_NOT(sys_memory_map(0, other, 0x50000000, 0, 4096, MAP_WRITE, NULL), REFUSED);
        CHECK_NOT(sys_memory_map(0, other, 0x50000000, 0, 4096, MAP_EXECUTE, NULL), REFUSED);
        CHECK_OK(sys_memory_map(0, other, 0x50000000, 0, 4096, 0, NULL));
        CHECK_NOT(sys_memory_protect(0, 0x50000000, 4096, MAP_WRITE), REFUSED);
        CHECK_OK(sys_memory_unmap(0, 0x50000000, 4096));
        CHECK_OK(sys_handle_close(other));
        CHECK_OK(sys_memory_map(0, memory, 0x50000000, 0, 4096, MAP_WRITE, NULL));
        CHECK_EQ(*(volatile uint64_t *)0x50000000, 0);
        CHECK_OK(sys_memory_unmap(0, 0x50000000, 4096));
}

/* Only while its page happened to be there: the first pages are at once, until they are shared. */
static void memory_mapped_for_writing_can_be_read_at_any_time(void)
{
        enum { PAGES = 20 };
        handle_t memory = make_memory(PAGES), copy;
        volatile uint64_t *words = (volatile uint64_t *)0x50000000;
        char bytes[8];
        CHECK_OK(sys_memory_map(0, memory, 0x50000000, 0, PAGES * 4096, MAP_WRITE, NULL));
        CHECK_OK(sys_task_read(boot->task, 0x50000000, bytes, sizeof(bytes)));
        CHECK_EQ(words[(PAGES - 1) * 512], 0);
        words[0] = 5;
        CHECK_OK(sys_memory_snapshot(memory, &copy));
        CHECK_EQ(words[0], 5);
        CHECK_OK(sys_memory_protect(0, 0x50000000, PAGES * 4096, MAP_EXECUTE));
        CHECK_EQ(words[0], 5);
        CHECK_OK(sys_memory_unmap(0, 0x50000000, PAGES * 4096));
        CHECK_OK(sys_handle_close(copy));
}

/* A fault handler is a copy of the right, and a watch takes memory of the event's account. */
static void what_copies_or_costs_needs_the_right_to_it(void)
{
        struct child child = child_create(touches, 0, PRIORITY_HIGH);
        handle_t port = make_port(), right = make_right(port, 1), event = make_event();
        handle_t only_send, only_signal;
        CHECK_OK(sys_handle_copy(right, RIGHT_SEND, &only_send));
        CHECK_NOT(sys_task_set_fault_handler(child.task, only_send), REFUSED);
        CHECK_OK(sys_handle_copy(event, RIGHT_SIGNAL, &only_signal));
        CHECK_NOT(sys_watch(right, only_signal, 1), REFUSED);
        CHECK_OK(sys_handle_close(only_send));
        CHECK_OK(sys_handle_close(only_signal));
}

const struct test regression_tests[] = {
    {"a_notice_may_make_another_for_the_same_port", a_notice_may_make_another_for_the_same_port},
    {"bits_that_come_while_a_call_fails_are_received",
     bits_that_come_while_a_call_fails_are_received},
    {"an_answer_may_take_the_port_that_it_came_by", an_answer_may_take_the_port_that_it_came_by},
    {"a_port_given_away_is_received_from_no_more", a_port_given_away_is_received_from_no_more},
    {"a_late_answer_ends_the_service_too", a_late_answer_ends_the_service_too},
    {"memory_that_cannot_be_snapshot_is_refused", memory_that_cannot_be_snapshot_is_refused},
    {"memory_mapped_in_any_way_can_be_read_and_needs_the_right",
     memory_mapped_in_any_way_can_be_read_and_needs_the_right},
    {"memory_mapped_for_writing_can_be_read_at_any_time",
     memory_mapped_for_writing_can_be_read_at_any_time},
    {"what_copies_or_costs_needs_the_right_to_it", what_copies_or_costs_needs_the_right_to_it},

    {"a_queued_call_comes_before_the_no_senders_notice",
     a_queued_call_comes_before_the_no_senders_notice},
    {"a_call_through_a_right_issued_again_comes_before_the_notice",
     a_call_through_a_right_issued_again_comes_before_the_notice},
    {"accounts_may_be_nested_deeply", accounts_may_be_nested_deeply},
    {"ports_may_be_queued_in_ports", ports_may_be_queued_in_ports},
    {"a_call_may_hold_the_last_handle_of_its_own_thread",
     a_call_may_hold_the_last_handle_of_its_own_thread},
    {"an_account_without_a_handle_goes_with_its_last_object",
     an_account_without_a_handle_goes_with_its_last_object},
    {0}};
