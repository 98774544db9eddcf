/* Events: bits, waiters, binding to a port, watches. */
#include "tests/kernel/harness.h"

static outcome_t wait(handle_t event, uint64_t bits, uint64_t deadline, uint64_t *got)
{
        return sys_event_wait(event, bits, deadline, got);
}

static void bits_are_ored_and_taken_by_the_mask(void)
{
        uint64_t bits = 0;
        handle_t event = make_event();
        CHECK_NOT(wait(event, ~0ull, 0, &bits), DEADLINE);
        CHECK_OK(sys_event_signal(event, 1));
        CHECK_OK(sys_event_signal(event, 4 | 1));
        CHECK_OK(wait(event, 4 | 8, 0, &bits));
        CHECK_EQ(bits, 4);
        CHECK_OK(wait(event, ~0ull, 0, &bits));
        CHECK_EQ(bits, 1);
        CHECK_NOT(wait(event, ~0ull, 0, &bits), DEADLINE);
}

static void a_wait_ends_at_its_deadline(void)
{
        uint64_t bits, start = rt_now();
        handle_t event = make_event();
        CHECK_NOT(wait(event, 1, start + 5 * RT_MILLISECOND, &bits), DEADLINE);
        CHECK(rt_now() >= start + 5 * RT_MILLISECOND);
}

static void signal_later(uint64_t event)
{
        sys_sleep(SHARED->word[0]);
        sys_event_signal((handle_t)event, 0x10);
}

static void a_signal_wakes_the_waiter(void)
{
        uint64_t bits = 0;
        handle_t event = make_event();
        SHARED->word[0] = rt_now() + RT_MILLISECOND;
        thread_run(signal_later, event, PRIORITY_LOW);
        CHECK_OK(wait(event, 0xf0, SOON, &bits));
        CHECK_EQ(bits, 0x10);
}

static void waiter(uint64_t event)
{
        uint64_t bits = 0;
        SHARED->word[2] = wait((handle_t)event, SHARED->word[1], SHARED->word[3], &bits);
        SHARED->word[4] = bits;
        SHARED->word[5] = 1;
}

static void a_destroyed_event_ends_the_wait(void)
{
        handle_t event = make_event();
        SHARED->word[1] = 1;
        SHARED->word[3] = SOON;
        thread_run(waiter, event, PRIORITY_LOW);
        settle();
        CHECK_EQ(SHARED->word[5], 0);
        CHECK_OK(sys_object_destroy(event));
        settle();
        CHECK_EQ(SHARED->word[5], 1);
        CHECK_NOT(SHARED->word[2], BAD_HANDLE);
}

static void what_is_bound_is_taken_from_nobody(void)
{
        handle_t port = make_port(), other = make_port(), event = make_event(),
                 second = make_event();
        CHECK_OK(sys_port_bind(port, event, 1));
        CHECK_OK(sys_port_bind(port, event, 2));
        CHECK_NOT(sys_port_bind(other, event, 3), BUSY);
        CHECK_OK(sys_port_bind(port, second, 4));
        CHECK_OK(sys_object_destroy(port));
        CHECK_OK(sys_port_bind(other, event, 5));
}

/* Receives the bits of an event of the port. */
static void expect_event(handle_t port, uint64_t bits, uint64_t key)
{
        struct message_registers r;
        CHECK_OK(receive(port, 0, &r));
        CHECK_EQ(message_interface(r.header), 0);
        CHECK_EQ(message_method(r.header), KERNEL_EVENT);
        CHECK_EQ(message_words(r.header), 2);
        CHECK_EQ(r.words[0], bits);
        CHECK_EQ(r.words[1], key);
        CHECK_EQ(r.words[2], 0);
        CHECK_EQ(r.second, 0);
}

static void expect_silence(handle_t port)
{
        struct message_registers r;
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
}

enum { MANY = 40 };

static void events_of_a_port_come_by_key_in_the_order_of_their_bits(void)
{
        handle_t port = make_port(), events[MANY];
        for (uint64_t i = 0; i < MANY; i++) {
                events[i] = make_event();
                CHECK_OK(sys_port_bind(port, events[i], 1ull << 63 | i));
        }
        expect_silence(port);
        for (unsigned round = 0; round < 2; round++)
                for (unsigned i = MANY; i-- > 0;)
                        CHECK_OK(sys_event_signal(events[i], 1 << round));
        for (uint64_t i = MANY; i-- > 1;)
                expect_event(port, 3, 1ull << 63 | i);
        CHECK_OK(sys_event_signal(events[5], 8)); /* behind what has waited longer */
        expect_event(port, 3, 1ull << 63);
        expect_event(port, 8, 1ull << 63 | 5);
        expect_silence(port);
}

/* Its bits are its own again: waited for, destroyed, unbound, bound with another key. */
static void an_event_leaves_its_port_with_its_bits(void)
{
        uint64_t bits = 0;
        handle_t port = make_port(), event = make_event(), other = make_event();
        CHECK_OK(sys_event_signal(event, 6));
        CHECK_OK(sys_port_bind(port, event, 1));
        CHECK_OK(sys_port_bind(port, event, 2));
        expect_event(port, 6, 2);
        CHECK_OK(sys_event_signal(event, 6));
        CHECK_OK(wait(event, 2, 0, &bits));
        expect_event(port, 4, 2);
        CHECK_OK(sys_event_signal(event, 6));
        CHECK_OK(wait(event, ~0ull, 0, &bits));
        expect_silence(port);
        CHECK_OK(sys_event_signal(event, 6));
        CHECK_OK(sys_object_destroy(port));
        CHECK_OK(wait(event, ~0ull, 0, &bits));
        CHECK_EQ(bits, 6);
        port = make_port();
        CHECK_OK(sys_port_bind(port, event, 3));
        CHECK_OK(sys_port_bind(port, other, 4));
        CHECK_OK(sys_event_signal(event, 1));
        CHECK_OK(sys_event_signal(other, 1));
        CHECK_OK(sys_object_destroy(event));
        expect_event(port, 1, 4);
        CHECK_OK(sys_event_signal(other, 1));
        CHECK_OK(sys_object_destroy(port));
        CHECK_OK(wait(other, ~0ull, 0, &bits));
        CHECK_EQ(bits, 1);
}

/* A call object that completes at the port, the call being over already. */
static handle_t completed_call(handle_t port, handle_t right)
{
        handle_t object;
        struct message_registers r = {.handle = right, .header = HEADER(0), .deadline = SOON};
        CHECK_OK(sys_call_create_keyed(port, 9, &object));
        r.second = object;
        CHECK_OK(sys_message(SYSCALL_call_start, &r));
        CHECK_OK(sys_call_cancel(object));
        return object;
}

/* An event that is signalled again whenever it was received. */
static void a_flood_of_one_kind_of_notice_starves_no_other(void)
{
        struct message_registers r;
        unsigned seen = 0;
        handle_t port = make_port(), event = make_event(), object;
        handle_t right = make_right(port, 1), unsent = make_right(port, 2);
        CHECK_OK(sys_port_bind(port, event, 0));
        CHECK_OK(sys_call_create(make_event(), 1, &object));
        r = (struct message_registers){
            .handle = right, .second = object, .header = HEADER(0), .deadline = SOON};
        CHECK_OK(sys_message(SYSCALL_call_start, &r));
        CHECK_OK(receive(port, 0, &r));
        CHECK_OK(sys_handle_close(object)); /* cancels what was received */
        CHECK_OK(sys_handle_close(unsent));
        object = completed_call(port, right);
        for (unsigned i = 0; i < 8; i++) {
                CHECK_OK(sys_event_signal(event, 1));
                CHECK_OK(receive(port, 0, &r));
                seen |= 1u << message_method(r.header);
        }
        CHECK_EQ(seen, 1 << KERNEL_EVENT | 1 << KERNEL_COMPLETED | 1 << KERNEL_NO_SENDERS |
                           1 << KERNEL_CANCEL);
        CHECK_OK(sys_handle_close(object));
}

static void asks_for_a_port(uint64_t right)
{
        struct message_registers r = {0};
        struct message_block *block = own_block();
        block->receive_caps = 1;
        call((handle_t)SHARED->word[0], HEADER(0), SOON, &r);
        SHARED->word[1] = 1 + (uint64_t)receive(block->received_caps[0].handle, 0, &r);
        (void)right;
}

/* What was bound with the rights of one task tells another nothing. */
static void a_port_that_is_given_away_forgets_what_was_bound(void)
{
        struct message_registers r;
        struct message_block *block = own_block();
        uint64_t bits = 0;
        handle_t service = make_port(), port = make_port(), event = make_event();
        struct child child = child_create(asks_for_a_port, 0, PRIORITY_HIGH);
        SHARED->word[0] = child_grant(&child, make_right(service, 1));
        child_start(&child);
        CHECK_OK(sys_port_bind(port, event, 1));
        CHECK_OK(receive(service, SOON, &r));
        CHECK_OK(sys_event_signal(event, 1));
        handle_t other = make_port(), object = completed_call(port, make_right(other, 1));
        block->send_caps[0] = (struct send_cap){port, RIGHTS_ALL, SEND_CAP_MOVE};
        CHECK_OK(reply((handle_t)r.second,
                       message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK), &r));
        settle();
        CHECK_EQ(SHARED->word[1], 1 + not_executed(REASON_DEADLINE));
        CHECK_OK(wait(event, ~0ull, 0, &bits));
        CHECK_EQ(bits, 1);
        CHECK_OK(sys_port_bind(make_port(), event, 2));
        r = (struct message_registers){.handle = object};
        CHECK_NOT(sys_message(SYSCALL_call_finish, &r), CANCELLED);
        CHECK_OK(sys_handle_close(object));
}

static void a_bound_port_receives_the_bits(void)
{
        struct message_registers r;
        handle_t port = make_port(), event = make_event();
        CHECK_OK(sys_port_bind(port, event, 7));
        CHECK_OK(sys_event_signal(event, 6));
        expect_event(port, 6, 7);
        expect_silence(port);
        SHARED->word[0] = rt_now() + RT_MILLISECOND;
        thread_run(signal_later, event, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(r.words[0], 0x10);
}

/* Whoever gave it away learns when nobody has it any more, and loses no bit. */
static void a_bound_event_ends_with_a_notice(void)
{
        struct message_registers r;
        handle_t port = make_port(), event = make_event(), copy;
        CHECK_OK(sys_port_bind(port, event, 7));
        CHECK_OK(sys_handle_copy(event, RIGHT_SIGNAL, &copy));
        CHECK_OK(sys_handle_close(event));
        expect_silence(port);
        CHECK_OK(sys_event_signal(copy, 5));
        CHECK_OK(sys_handle_close(copy));
        CHECK_OK(receive(port, 0, &r));
        CHECK_EQ(message_method(r.header), KERNEL_EVENT);
        CHECK_EQ(r.words[0], 5);
        CHECK_EQ(r.words[1], 7);
        CHECK_EQ(r.words[2], 1);
        CHECK_EQ(message_words(r.header), 3);
        expect_silence(port);
        event = make_event(); /* without bits */
        CHECK_OK(sys_port_bind(port, event, 8));
        CHECK_OK(sys_handle_close(event));
        CHECK_OK(receive(port, 0, &r));
        CHECK_EQ(r.words[0], 0);
        CHECK_EQ(r.words[1], 8);
        CHECK_EQ(r.words[2], 1);
        expect_silence(port);
}

/* The notice is nobody's then. Nothing is left, or the account would tell. */
static void a_port_ends_with_the_events_that_nobody_has(void)
{
        handle_t port = make_port(), event = make_event();
        CHECK_OK(sys_port_bind(port, event, 7));
        CHECK_OK(sys_handle_close(event));
        CHECK_OK(sys_handle_close(port));
        port = make_port(), event = make_event();
        CHECK_OK(sys_port_bind(port, event, 7));
        CHECK_OK(sys_handle_close(event));
        CHECK_OK(sys_object_destroy(port));
}

static outcome_t signal_receive(handle_t port, handle_t event, uint64_t bits, uint64_t deadline,
                                struct message_registers *r)
{
        *r = (struct message_registers){
            .handle = port, .second = event, .header = bits, .deadline = deadline};
        return sys_message(SYSCALL_receive, r);
}

static void waiter_that_signals_back(uint64_t event)
{
        waiter(event);
        sys_event_signal((handle_t)SHARED->word[6], 8);
}

static void a_signal_goes_with_the_wait(void)
{
        struct message_registers r;
        uint64_t bits = 0;
        handle_t port = make_port(), own = make_event(), event = make_event(), mute;
        CHECK_OK(sys_port_bind(port, own, 0));
        /* To itself: it is there at once, also for one that would wait. */
        CHECK_OK(signal_receive(port, own, 3, 0, &r));
        CHECK_EQ(r.words[0], 3);
        CHECK_OK(signal_receive(port, own, 5, SOON, &r));
        CHECK_EQ(r.words[0], 5);
        CHECK_OK(sys_event_signal(own, 1));
        CHECK_OK(signal_receive(port, event, 4, 0, &r)); /* also when there is no need to wait */
        CHECK_OK(wait(event, ~0ull, 0, &bits));
        CHECK_EQ(bits, 4);
        SHARED->word[1] = 2;
        SHARED->word[3] = SOON;
        SHARED->word[6] = own;
        thread_run(waiter_that_signals_back, event, PRIORITY_LOW);
        settle();
        CHECK_EQ(SHARED->word[5], 0);
        CHECK_OK(signal_receive(port, event, 2, SOON, &r));
        CHECK_EQ(SHARED->word[5], 1);
        CHECK_EQ(r.words[0], 8);
        /* An event that cannot be signalled is ignored. */
        CHECK_OK(sys_handle_copy(event, RIGHT_WAIT, &mute));
        CHECK_NOT(signal_receive(port, mute, 1, 0, &r), DEADLINE);
        CHECK_NOT(wait(event, ~0ull, 0, &bits), DEADLINE);
        CHECK_OK(sys_object_destroy(event));
        CHECK_NOT(signal_receive(port, event, 1, 0, &r), DEADLINE);
        CHECK_NOT(signal_receive(own, own, 1, 0, &r), WRONG_TYPE); /* no port: no signal */
        CHECK_NOT(wait(own, ~0ull, 0, &bits), DEADLINE);
}

static void caller_of(uint64_t right)
{
        struct message_registers r = {0};
        SHARED->word[1] = call((handle_t)right, HEADER(0), SOON, &r);
}

static void signal_now(uint64_t event)
{
        sys_event_signal((handle_t)event, 0x20);
}

/* The call that it has received is served by no thread then: it runs as if it had none. */
static void a_server_may_signal_and_wait_before_it_answers(void)
{
        struct message_registers r, next;
        handle_t port = make_port(), event = make_event();
        CHECK_OK(sys_port_bind(port, event, 7));
        thread_run(caller_of, make_right(port, 1), PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        CHECK_OK(signal_receive(port, event, 2, SOON, &next));
        CHECK_EQ(next.words[0], 2);
        thread_run(signal_now, event, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &next));
        CHECK_EQ(next.words[0], 0x20);
        CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
        settle();
        CHECK_OK((outcome_t)SHARED->word[1]);
}

const struct test event_tests[] = {
    {"bits_are_ored_and_taken_by_the_mask", bits_are_ored_and_taken_by_the_mask},
    {"a_wait_ends_at_its_deadline", a_wait_ends_at_its_deadline},
    {"a_signal_wakes_the_waiter", a_signal_wakes_the_waiter},
    {"a_destroyed_event_ends_the_wait", a_destroyed_event_ends_the_wait},
    {"what_is_bound_is_taken_from_nobody", what_is_bound_is_taken_from_nobody},
    {"events_of_a_port_come_by_key_in_the_order_of_their_bits",
     events_of_a_port_come_by_key_in_the_order_of_their_bits},
    {"an_event_leaves_its_port_with_its_bits", an_event_leaves_its_port_with_its_bits},
    {"a_flood_of_one_kind_of_notice_starves_no_other",
     a_flood_of_one_kind_of_notice_starves_no_other},
    {"a_port_that_is_given_away_forgets_what_was_bound",
     a_port_that_is_given_away_forgets_what_was_bound},
    {"a_bound_port_receives_the_bits", a_bound_port_receives_the_bits},
    {"a_bound_event_ends_with_a_notice", a_bound_event_ends_with_a_notice},
    {"a_port_ends_with_the_events_that_nobody_has", a_port_ends_with_the_events_that_nobody_has},
    {"a_signal_goes_with_the_wait", a_signal_goes_with_the_wait},
    {"a_server_may_signal_and_wait_before_it_answers",
     a_server_may_signal_and_wait_before_it_answers},
    {0}};
