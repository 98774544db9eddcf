/* Calls and their fates: deadlines, death, order, priority. */
#include "tests/kernel/harness.h"

/* Calls SHARED->word[0] with the word `number`; notes its outcome in word[16 + number]. */
static void caller(uint64_t number)
{
        struct message_registers r = {0};
        r.words[0] = number;
        SHARED->word[16 + number] =
            1 + (uint64_t)call((handle_t)SHARED->word[0], HEADER(1), SHARED->word[1], &r);
        SHARED->word[32 + number] = r.words[0];
}

static uint64_t fate(unsigned number)
{
        CHECK(SHARED->word[16 + number] != 0);
        return SHARED->word[16 + number] - 1;
}

static handle_t start_caller(handle_t right, uint64_t deadline, unsigned number, unsigned priority)
{
        SHARED->word[0] = right;
        SHARED->word[1] = deadline;
        handle_t thread = thread_run(caller, number, priority);
        settle();
        return thread;
}

static void an_unreceived_call_ends_as_not_executed_at_its_deadline(void)
{
        struct message_registers r = {0};
        handle_t port = make_port(), right = make_right(port, 1);
        CHECK_NOT(call(right, HEADER(0), rt_now() + RT_MILLISECOND, &r), DEADLINE);
        CHECK_NOT(call(right, HEADER(0), 0, &r), DEADLINE);
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
}

static void a_received_call_ends_as_perhaps_executed_and_the_late_answer_is_dropped(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 3);
        start_caller(right, SHORTLY, 1, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(r.handle, 3);
        CHECK_EQ(r.words[0], 1);
        CHECK_EQ(r.deadline, SHARED->word[1]);
        wait_until(SHARED->word[1]);
        settle();
        CHECK_EQ(fate(1), perhaps_executed(REASON_DEADLINE));
        CHECK_NOT(reply((handle_t)r.second, HEADER(0), &r), DEADLINE);
        CHECK_NOT(reply((handle_t)r.second, HEADER(0), &r), BAD_HANDLE);
}

/* Waits for the next message, with an answer. */
static outcome_t answer_and_receive(handle_t port, handle_t reply, struct message_registers *r)
{
        *r = (struct message_registers){
            .handle = port, .second = reply, .header = HEADER(0), .deadline = SOON};
        return sys_message(SYSCALL_reply_receive, r);
}

/* The first answer goes while the thread serves nobody, the second while it serves the third. */
static void an_answer_that_was_put_off_goes_with_a_wait(void)
{
        struct message_registers r[4];
        handle_t port = make_port(), right = make_right(port, 3);
        start_caller(right, SOON, 1, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r[0]));
        CHECK_NOT(receive(port, 0, &r[1]), DEADLINE);
        thread_run(caller, 2, PRIORITY_LOW);
        CHECK_OK(answer_and_receive(port, (handle_t)r[0].second, &r[1]));
        CHECK_EQ(r[1].words[0], 2);
        start_caller(right, SOON, 3, PRIORITY_LOW);
        CHECK_EQ(fate(1), OUTCOME_OK);
        CHECK_OK(receive(port, SOON, &r[2]));
        thread_run(caller, 4, PRIORITY_LOW);
        CHECK_OK(answer_and_receive(port, (handle_t)r[1].second, &r[3]));
        CHECK_EQ(r[3].words[0], 4);
        CHECK_OK(reply((handle_t)r[3].second, HEADER(0), &r[3]));
        CHECK_OK(reply((handle_t)r[2].second, HEADER(0), &r[2]));
        settle();
        for (unsigned number = 2; number <= 4; number++)
                CHECK_EQ(fate(number), OUTCOME_OK);
}

static void an_answer_carries_the_servers_outcome(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        start_caller(right, SOON, 1, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        r.words[0] = 55;
        CHECK_OK(reply((handle_t)r.second,
                       message_with_outcome(HEADER(1), answered(REASON_NOT_FOUND)), &r));
        settle();
        CHECK_EQ(fate(1), answered(REASON_NOT_FOUND));
        CHECK_EQ(SHARED->word[33], 55);
}

static void a_dropped_reply_right_fails_the_call(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        start_caller(right, SOON, 1, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        CHECK_OK(sys_handle_close((handle_t)r.second));
        settle();
        CHECK_EQ(fate(1), perhaps_executed(REASON_RECEIVER_DIED));
}

static void a_dying_port_ends_what_is_queued_and_lets_the_received_run(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        start_caller(right, SOON, 1, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        start_caller(right, SOON, 2, PRIORITY_LOW);
        CHECK_OK(sys_handle_close(port));
        settle();
        CHECK_EQ(fate(2), not_executed(REASON_RECEIVER_DIED));
        CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
        settle();
        CHECK_EQ(fate(1), OUTCOME_OK);
        CHECK_NOT(call(right, HEADER(0), SOON, &r), RECEIVER_DIED);
}

static void the_queue_goes_by_priority_then_by_arrival(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        start_caller(right, SOON, 1, PRIORITY_LOW);
        start_caller(right, SOON, 2, PRIORITY_HIGH);
        start_caller(right, SOON, 3, PRIORITY_LOW);
        start_caller(right, SOON, 4, PRIORITY_HIGH);
        static const unsigned order[] = {2, 4, 1, 3};
        for (unsigned i = 0; i < 4; i++) {
                CHECK_OK(receive(port, SOON, &r));
                CHECK_EQ(r.words[0], order[i]);
                CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
        }
}

static void one_way_messages_are_received_once_and_in_order(void)
{
        struct message_registers r = {0}, q;
        handle_t port = make_port(), right = make_right(port, 1);
        SHARED->word[0] = right;
        r.handle = right;
        r.header = HEADER(0);
        r.deadline = rt_now() + RT_MILLISECOND;
        CHECK_NOT(sys_message(SYSCALL_send, &r), DEADLINE);
        start_caller(right, SOON, 1, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &q));
        CHECK(q.second != 0);
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
        CHECK_OK(reply((handle_t)q.second, HEADER(0), &q));
}

static void the_serving_deadline_caps_nested_calls(void)
{
        struct message_registers r, q = {0};
        handle_t port = make_port(), right = make_right(port, 1);
        handle_t inner = make_port(), inner_right = make_right(inner, 1);
        uint64_t deadline = SHORTLY;
        start_caller(right, deadline, 1, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        CHECK_NOT(call(inner_right, HEADER(0), SOON, &q), DEADLINE);
        CHECK(rt_now() >= deadline && rt_now() < deadline + 30 * RT_SECOND);
        CHECK_OK(receive(port, 0, &q));
        CHECK_EQ(message_method(q.header), KERNEL_CANCEL);
        CHECK_NOT(receive(port, 0, &q), DEADLINE);
        sys_handle_close((handle_t)r.second);
}

/* With the slot that it has kept it takes the second call on the fast path. */
static void answers_one_call_and_keeps_the_next(uint64_t port)
{
        struct message_registers r;
        receive((handle_t)port, TIME_NEVER, &r);
        r.handle = port;
        r.header = HEADER(0);
        r.deadline = TIME_NEVER;
        sys_message(SYSCALL_reply_receive, &r);
        SHARED->word[12] = r.deadline;
        sys_sleep(TIME_NEVER);
}

/* The test has its reply right before the other server has one: the two do not share a slot. */
static void the_serving_deadline_caps_calls_to_who_waits(void)
{
        struct message_registers r, q = {0};
        handle_t port = make_port(), right = make_right(port, 1);
        handle_t inner = make_port(), inner_right = make_right(inner, 1);
        uint64_t deadline = SHORTLY;
        start_caller(right, deadline, 1, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        thread_run(answers_one_call_and_keeps_the_next, inner, PRIORITY_LOW);
        settle();
        CHECK_OK(call(inner_right, HEADER(0), SOON, &q));
        CHECK_EQ(call(inner_right, HEADER(0), SOON, &q), perhaps_executed(REASON_DEADLINE));
        CHECK_EQ(SHARED->word[12], deadline);
        CHECK_OK(receive(port, 0, &q));
        CHECK_EQ(message_method(q.header), KERNEL_CANCEL);
        sys_handle_close((handle_t)r.second);
}

static void sends_on(uint64_t port)
{
        struct message_registers r, q = {0};
        receive((handle_t)port, TIME_NEVER, &r);
        q.handle = SHARED->word[13];
        q.header = HEADER(0);
        q.deadline = TIME_NEVER;
        sys_message(SYSCALL_send, &q);
        reply((handle_t)r.second, HEADER(0), &r);
}

static void notes_a_deadline(uint64_t port)
{
        struct message_registers r;
        receive((handle_t)port, TIME_NEVER, &r);
        SHARED->word[12] = r.deadline;
}

/* To a thread above the sender, which takes the fast path, and to one below it. */
static void the_serving_deadline_caps_messages_to_who_waits(void)
{
        handle_t port = make_port(), right = make_right(port, 1);
        handle_t inner = make_port();
        SHARED->word[13] = make_right(inner, 1);
        for (unsigned above = 0; above < 2; above++) {
                thread_run(notes_a_deadline, inner, above ? PRIORITY_HIGH : PRIORITY_LOW);
                thread_run(sends_on, port, PRIORITY_MIDDLE);
                settle();
                start_caller(right, SOON, 1, PRIORITY_LOW);
                CHECK_EQ(fate(1), OUTCOME_OK);
                CHECK_EQ(SHARED->word[12], SHARED->word[1]);
        }
}

/* A low-priority server working for a high-priority caller is not held up by a thread of medium
 * priority. */
static void work(void)
{
        for (volatile unsigned i = 0; i < 100000; i++)
                ;
}

static void inherit_server(uint64_t port)
{
        struct message_registers r;
        receive((handle_t)port, TIME_NEVER, &r);
        work();
        SHARED->word[10] = SHARED->word[11];
        reply((handle_t)r.second, HEADER(0), &r);
}

static void busy(uint64_t unused)
{
        (void)unused;
        for (volatile unsigned i = 0; i < 3000000; i++)
                ;
        SHARED->word[11] = 1;
}

static void a_server_inherits_its_callers_priority(void)
{
        handle_t port = make_port(), right = make_right(port, 1);
        thread_run(inherit_server, port, PRIORITY_LOW);
        settle();
        SHARED->word[0] = right;
        SHARED->word[1] = SOON;
        thread_run(caller, 1, PRIORITY_HIGH);
        thread_run(busy, 0, PRIORITY_MIDDLE);
        settle();
        CHECK_EQ(fate(1), OUTCOME_OK);
        CHECK_EQ(SHARED->word[10], 0);
}

/* The same while the server of low priority still works for someone as low as itself. It answers
 * and receives at once: in between it would serve nobody, and have no priority but its own. */
static void inherit_server_twice(uint64_t port)
{
        struct message_registers r;
        receive((handle_t)port, TIME_NEVER, &r);
        SHARED->word[12] = 1;
        work();
        r.handle = port;
        r.header = HEADER(0);
        r.deadline = TIME_NEVER;
        sys_message(SYSCALL_reply_receive, &r);
        work();
        SHARED->word[10] = SHARED->word[11];
        reply((handle_t)r.second, HEADER(0), &r);
}

static void a_server_inherits_from_who_waits_for_it(void)
{
        handle_t port = make_port(), right = make_right(port, 1);
        thread_run(inherit_server_twice, port, PRIORITY_LOW);
        settle();
        SHARED->word[0] = right;
        SHARED->word[1] = SOON;
        thread_run(caller, 1, PRIORITY_LOW);
        for (uint64_t end = rt_now() + 10 * RT_SECOND; !SHARED->word[12];) {
                CHECK(rt_now() < end);
                wait_until(rt_now() + RT_MILLISECOND / 10);
        }
        thread_run(caller, 2, PRIORITY_HIGH);
        thread_run(busy, 0, PRIORITY_MIDDLE);
        settle();
        CHECK_EQ(fate(1), OUTCOME_OK);
        CHECK_EQ(fate(2), OUTCOME_OK);
        CHECK_EQ(SHARED->word[10], 0);
}

/* Words of SHARED: what two_calls() goes by, and whether a thread in the middle has run before it
 * answered its first call, and before it received the second. */
enum { PORT = 2, GATE, BEFORE_ANSWER, BEFORE_RECEIVE, MIDDLE_RAN };

static void middle(uint64_t unused)
{
        (void)unused;
        SHARED->word[MIDDLE_RAN] = 1;
}

static void two_calls(uint64_t answers_first)
{
        struct message_registers r;
        uint64_t taken;
        receive((handle_t)SHARED->word[PORT], TIME_NEVER, &r);
        if (answers_first)
                reply((handle_t)r.second, HEADER(0), &r);
        sys_event_wait((handle_t)SHARED->word[GATE], 1, SOON, &taken);
        SHARED->word[BEFORE_ANSWER] = SHARED->word[MIDDLE_RAN];
        if (!answers_first)
                reply((handle_t)r.second, HEADER(0), &r);
        SHARED->word[BEFORE_RECEIVE] = SHARED->word[MIDDLE_RAN];
        receive((handle_t)SHARED->word[PORT], 0, &r);
        reply((handle_t)r.second, HEADER(0), &r);
}

static handle_t serve_two_calls(bool answers_first)
{
        SHARED->word[PORT] = make_port();
        SHARED->word[GATE] = make_event();
        SHARED->word[MIDDLE_RAN] = 0;
        thread_run(two_calls, answers_first, PRIORITY_LOW);
        settle();
        return make_right((handle_t)SHARED->word[PORT], 1);
}

static void let_it_go_on(void)
{
        thread_run(middle, 0, PRIORITY_MIDDLE);
        CHECK_OK(sys_event_signal((handle_t)SHARED->word[GATE], 1));
        settle();
        CHECK_EQ(SHARED->word[MIDDLE_RAN], 1);
}

/* Who waits for the server came before its answer, or after it. */
static void a_server_between_two_calls_has_the_priority_of_the_next(void)
{
        for (unsigned answers_first = 0; answers_first < 2; answers_first++) {
                handle_t right = serve_two_calls(answers_first);
                start_caller(right, SOON, 1, PRIORITY_LOW);
                start_caller(right, SOON, 2, PRIORITY_HIGH);
                let_it_go_on();
                CHECK_EQ(fate(1), OUTCOME_OK);
                CHECK_EQ(fate(2), OUTCOME_OK);
                CHECK_EQ(SHARED->word[BEFORE_RECEIVE], 0);
        }
}

/* Who serves its call, or serves another while it waits. */
static void a_caller_that_is_raised_raises_its_server(void)
{
        for (unsigned waits = 0; waits < 2; waits++) {
                handle_t right = serve_two_calls(false);
                handle_t thread = start_caller(right, SOON, 1, PRIORITY_LOW);
                if (waits)
                        thread = start_caller(right, SOON, 2, PRIORITY_LOW);
                CHECK_OK(sys_thread_control(thread, THREAD_SET_PRIORITY,
                                            thread_scheduling(PRIORITY_HIGH, PRIORITY_HIGH, 0)));
                let_it_go_on();
                CHECK_EQ(fate(1 + waits), OUTCOME_OK);
                CHECK_EQ(SHARED->word[BEFORE_ANSWER], 0);
                CHECK_EQ(SHARED->word[BEFORE_RECEIVE], !waits);
        }
}

static void a_caller_that_is_raised_moves_forward_in_the_queue(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        start_caller(right, SOON, 1, PRIORITY_LOW);
        handle_t thread = start_caller(right, SOON, 2, PRIORITY_LOW);
        CHECK_OK(sys_thread_control(thread, THREAD_SET_PRIORITY,
                                    thread_scheduling(PRIORITY_HIGH, PRIORITY_HIGH, 0)));
        for (unsigned number = 2; number > 0; number--) {
                CHECK_OK(receive(port, SOON, &r));
                CHECK_EQ(r.words[0], number);
                CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
        }
}

static void a_destroyed_receiver_leaves_the_call_to_another(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        handle_t thread = thread_run(inherit_server, port, PRIORITY_LOW);
        settle();
        CHECK_OK(sys_object_destroy(thread));
        start_caller(right, SOON, 1, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
}

const struct test port_tests[] = {
    {"an_unreceived_call_ends_as_not_executed_at_its_deadline",
     an_unreceived_call_ends_as_not_executed_at_its_deadline},
    {"a_received_call_ends_as_perhaps_executed_and_the_late_answer_is_dropped",
     a_received_call_ends_as_perhaps_executed_and_the_late_answer_is_dropped},
    {"an_answer_that_was_put_off_goes_with_a_wait", an_answer_that_was_put_off_goes_with_a_wait},
    {"an_answer_carries_the_servers_outcome", an_answer_carries_the_servers_outcome},
    {"a_dropped_reply_right_fails_the_call", a_dropped_reply_right_fails_the_call},
    {"a_dying_port_ends_what_is_queued_and_lets_the_received_run",
     a_dying_port_ends_what_is_queued_and_lets_the_received_run},
    {"the_queue_goes_by_priority_then_by_arrival", the_queue_goes_by_priority_then_by_arrival},
    {"one_way_messages_are_received_once_and_in_order",
     one_way_messages_are_received_once_and_in_order},
    {"the_serving_deadline_caps_nested_calls", the_serving_deadline_caps_nested_calls},
    {"the_serving_deadline_caps_calls_to_who_waits", the_serving_deadline_caps_calls_to_who_waits},
    {"the_serving_deadline_caps_messages_to_who_waits",
     the_serving_deadline_caps_messages_to_who_waits},
    {"a_server_inherits_its_callers_priority", a_server_inherits_its_callers_priority},
    {"a_server_inherits_from_who_waits_for_it", a_server_inherits_from_who_waits_for_it},
    {"a_server_between_two_calls_has_the_priority_of_the_next",
     a_server_between_two_calls_has_the_priority_of_the_next},
    {"a_caller_that_is_raised_raises_its_server", a_caller_that_is_raised_raises_its_server},
    {"a_caller_that_is_raised_moves_forward_in_the_queue",
     a_caller_that_is_raised_moves_forward_in_the_queue},
    {"a_destroyed_receiver_leaves_the_call_to_another",
     a_destroyed_receiver_leaves_the_call_to_another},
    {0}};
