/* Calls that nobody waits for any more: whoever serves one is told once, why, and with which reply
 * handle; and it loses the priority that it had from it. */
#include "tests/kernel/harness.h"

static handle_t event, object, port, right;

static void make_all(void)
{
        event = make_event();
        CHECK_OK(sys_call_create(event, 2, &object));
        port = make_port();
        right = make_right(port, 7);
}

static void start(uint64_t deadline)
{
        struct message_registers r = {
            .handle = right, .second = object, .header = HEADER(0), .deadline = deadline};
        CHECK_OK(sys_message(SYSCALL_call_start, &r));
}

/* Receives the call; the handle of its reply. */
static handle_t serve(void)
{
        struct message_registers r;
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(message_interface(r.header), INTERFACE);
        return (handle_t)r.second;
}

static void expect_notice(handle_t answer, enum reason reason)
{
        struct message_registers r;
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(message_interface(r.header), 0);
        CHECK_EQ(message_method(r.header), KERNEL_CANCEL);
        CHECK_EQ(r.handle, 7);
        CHECK_EQ(r.second, 0);
        CHECK_EQ(r.words[0], answer);
        CHECK_EQ(r.words[1], reason);
}

static void expect_silence(void)
{
        struct message_registers r;
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
}

static void a_deadline_tells_the_server_once(void)
{
        struct message_registers r = {0};
        make_all();
        start(SHORTLY);
        handle_t answer = serve();
        expect_notice(answer, REASON_DEADLINE);
        expect_silence();
        CHECK_NOT(reply(answer, HEADER(0), &r), DEADLINE);
        CHECK_NOT(reply(answer, HEADER(0), &r), BAD_HANDLE);
        sys_handle_close(object);
}

static void a_call_is_cancelled_once(void)
{
        struct message_registers r = {0};
        uint64_t deadline = SHORTLY;
        make_all();
        start(deadline);
        handle_t answer = serve();
        CHECK_OK(sys_call_cancel(object));
        CHECK_OK(sys_call_cancel(object));
        expect_notice(answer, REASON_CANCELLED);
        CHECK_OK(sys_call_cancel(object));
        expect_silence();
        wait_until(deadline + RT_MILLISECOND); /* its end is no news either */
        expect_silence();
        CHECK_NOT(reply(answer, HEADER(0), &r), DEADLINE);
        sys_handle_close(object);
}

/* The notice waits in the port while the call itself ends. */
static void a_cancelled_call_may_end_before_its_notice_is_taken(void)
{
        make_all();
        start(SOON);
        handle_t answer = serve();
        CHECK_OK(sys_call_cancel(object));
        CHECK_OK(sys_object_destroy(object));
        expect_notice(answer, REASON_CANCELLED);
        expect_silence();
        CHECK_OK(sys_handle_close(answer));
}

/* Of two capabilities the second is bad: the message is refused, and the reply right is back. */
static void send_in_vain(handle_t answer)
{
        struct message_block *block = own_block();
        struct message_registers r = {.handle = right,
                                      .header = message_with_flags(HEADER(0), MESSAGE_BLOCK),
                                      .deadline = SOON};
        r.header = message_with_caps(r.header, 2);
        block->send_caps[0] = (struct send_cap){answer, RIGHTS_ALL, SEND_CAP_MOVE};
        block->send_caps[1] = (struct send_cap){0x7fff0003, RIGHTS_ALL, 0};
        CHECK_NOT(sys_message(SYSCALL_send, &r), BAD_HANDLE);
}

static void a_refused_message_with_the_reply_right_leaves_the_notice(void)
{
        make_all();
        start(SOON);
        handle_t answer = serve();
        CHECK_OK(sys_call_cancel(object));
        send_in_vain(answer);
        expect_notice(answer, REASON_CANCELLED);
        expect_silence();
        CHECK_OK(sys_handle_close(answer));
        sys_handle_close(object);
}

static void calls_for_ever(uint64_t to)
{
        struct message_registers r = {0};
        call((handle_t)to, HEADER(0), TIME_NEVER, &r);
}

static void calls_what_it_was_granted(uint64_t unused)
{
        (void)unused;
        calls_for_ever(SHARED->word[0]);
}

static void the_callers_end_tells_the_server(void)
{
        make_all();
        struct child child = child_create(calls_what_it_was_granted, 0, PRIORITY_LOW);
        SHARED->word[0] = child_grant(&child, right);
        child_start(&child);
        handle_t answer = serve();
        CHECK_OK(sys_object_destroy(child.task));
        expect_notice(answer, REASON_CANCELLED);
        expect_silence();
        CHECK_OK(sys_handle_close(answer));
        sys_handle_close(object);
}

static void an_answered_or_closed_call_needs_no_notice(void)
{
        struct message_registers r = {0};
        make_all();
        start(SOON);
        handle_t answer = serve();
        CHECK_OK(sys_call_cancel(object));
        CHECK_OK(reply(answer, HEADER(0), &r));
        expect_silence();
        r = (struct message_registers){.handle = object};
        CHECK_OK(sys_message(SYSCALL_call_finish, &r));
        start(SOON);
        answer = serve();
        CHECK_OK(sys_call_cancel(object));
        CHECK_OK(sys_handle_close(answer));
        expect_silence();
        sys_handle_close(object);
}

/* ---- priority ---- */

static void serves_without_end(uint64_t from)
{
        struct message_registers r;
        receive((handle_t)from, SOON, &r);
        for (;;)
                SHARED->word[10]++;
}

static void counts(uint64_t unused)
{
        (void)unused;
        for (;;)
                SHARED->word[11]++;
}

static void calls_briefly(uint64_t to)
{
        struct message_registers r = {0};
        SHARED->word[12] =
            1 + (uint64_t)call((handle_t)to, HEADER(0), rt_now() + 5 * RT_MILLISECOND, &r);
}

/* Others run while the counter stands still, ten seconds at most. */
static void expect_progress(unsigned word)
{
        uint64_t before = SHARED->word[word], end = rt_now() + 10 * RT_SECOND;
        while (SHARED->word[word] == before && rt_now() < end)
                wait_until(rt_now() + RT_MILLISECOND);
        CHECK(SHARED->word[word] != before);
}

static void a_caller_that_is_gone_gives_no_priority(void)
{
        make_all();
        thread_run(serves_without_end, port, PRIORITY_LOW);
        settle();
        thread_run(counts, 0, PRIORITY_MIDDLE);
        thread_run(calls_briefly, right, PRIORITY_HIGH);
        expect_progress(12); /* the call has ended */
        expect_progress(11);
        sys_handle_close(object);
}

/* It has not received again, so what is queued waits for it. */
static void whoever_waits_for_a_server_raises_it_though_its_call_has_ended(void)
{
        make_all();
        thread_run(serves_without_end, port, PRIORITY_LOW);
        settle();
        thread_run(counts, 0, PRIORITY_MIDDLE);
        thread_run(calls_briefly, right, PRIORITY_HIGH);
        expect_progress(12);
        thread_run(calls_for_ever, right, PRIORITY_HIGH);
        expect_progress(10);
        sys_handle_close(object);
}

const struct test abandoned_tests[] = {
    {"a_deadline_tells_the_server_once", a_deadline_tells_the_server_once},
    {"a_call_is_cancelled_once", a_call_is_cancelled_once},
    {"a_cancelled_call_may_end_before_its_notice_is_taken",
     a_cancelled_call_may_end_before_its_notice_is_taken},
    {"a_refused_message_with_the_reply_right_leaves_the_notice",
     a_refused_message_with_the_reply_right_leaves_the_notice},
    {"the_callers_end_tells_the_server", the_callers_end_tells_the_server},
    {"an_answered_or_closed_call_needs_no_notice", an_answered_or_closed_call_needs_no_notice},
    {"a_caller_that_is_gone_gives_no_priority", a_caller_that_is_gone_gives_no_priority},
    {"whoever_waits_for_a_server_raises_it_though_its_call_has_ended",
     whoever_waits_for_a_server_raises_it_though_its_call_has_ended},
    {0}};
