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
        CHECK_OK(sys_port_bind(port, event));
        CHECK_OK(sys_port_bind(port, event));
        CHECK_NOT(sys_port_bind(other, event), BUSY);
        CHECK_NOT(sys_port_bind(port, second), BUSY);
        CHECK_OK(sys_port_bind(port, 0));
        CHECK_OK(sys_port_bind(other, event));
}

static void a_bound_port_receives_the_bits(void)
{
        struct message_registers r;
        handle_t port = make_port(), event = make_event();
        CHECK_OK(sys_port_bind(port, event));
        CHECK_OK(sys_event_signal(event, 6));
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(message_interface(r.header), 0);
        CHECK_EQ(message_method(r.header), KERNEL_EVENT);
        CHECK_EQ(r.words[0], 6);
        CHECK_EQ(r.second, 0);
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
        SHARED->word[0] = rt_now() + RT_MILLISECOND;
        thread_run(signal_later, event, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(r.words[0], 0x10);
        CHECK_OK(sys_port_bind(port, 0));
        CHECK_OK(sys_event_signal(event, 1));
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
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
        CHECK_OK(sys_port_bind(port, own));
        CHECK_OK(signal_receive(port, own, 3, 0, &r)); /* to itself: it is there at once */
        CHECK_EQ(r.words[0], 3);
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

const struct test event_tests[] = {
    {"bits_are_ored_and_taken_by_the_mask", bits_are_ored_and_taken_by_the_mask},
    {"a_wait_ends_at_its_deadline", a_wait_ends_at_its_deadline},
    {"a_signal_wakes_the_waiter", a_signal_wakes_the_waiter},
    {"a_destroyed_event_ends_the_wait", a_destroyed_event_ends_the_wait},
    {"what_is_bound_is_taken_from_nobody", what_is_bound_is_taken_from_nobody},
    {"a_bound_port_receives_the_bits", a_bound_port_receives_the_bits},
    {"a_signal_goes_with_the_wait", a_signal_goes_with_the_wait},
    {0}};
