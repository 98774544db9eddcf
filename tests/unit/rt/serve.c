/* The serve loop, fed by a script: what it calls, and what it answers. */
#include "tests/unit/rt/suites.h"

#include <string.h>
#include "servers/rt/serve/serve.h"
#include "tests/unit/rt/kernel.h"

enum { PORT = 3, INTERFACE = 48 };

static struct server server;
static struct {
        unsigned calls;
        outcome_t answer;
        uint64_t word, event, completed, badge, deadline_seen;
        handle_t cancelled;
        const char *bytes;
        handle_t other; /* a reply right that the handler answers by, too */
} seen;

static outcome_t dispatch(const void *handlers, void *context, struct request *request)
{
        ck_assert_ptr_eq(handlers, &seen);
        ck_assert_ptr_eq(context, &server);
        seen.calls++;
        seen.word = request->words[0];
        seen.deadline_seen = runtime_block()->serving_deadline;
        if (request->method == 2)
                request->server->stop = true;
        if (seen.other)
                rt_server_reply(request->server, seen.other, &(struct message){.word_count = 1});
        request->answer = (struct message){.word_count = 1, .words = {seen.word + 1}};
        if (seen.bytes) {
                request->answer.buffer_count = 1;
                request->answer.buffers[0] =
                    (struct message_buffer){(uint64_t)seen.bytes, strlen(seen.bytes)};
        }
        return seen.answer;
}

static void on_event(struct server *served, uint64_t key, uint64_t bits)
{
        (void)served;
        (void)key;
        seen.event = bits;
}

static void on_completed(struct server *served, uint64_t key)
{
        (void)served;
        seen.completed += key;
}

static void on_no_senders(struct server *served, uint64_t badge, uint64_t issues)
{
        (void)served;
        seen.badge = badge;
        seen.word = issues;
}

static void on_cancel(struct server *served, uint64_t badge, handle_t reply)
{
        (void)served;
        (void)badge;
        seen.cancelled = reply;
}

static outcome_t on_fault(struct server *served, struct request *request)
{
        (void)served;
        seen.word = request->words[0];
        return answered(REASON_REFUSED);
}

static void setup(void)
{
        kernel_setup();
        memset(&seen, 0, sizeof seen);
        server = (struct server){.port = PORT,
                                 .deadline = TIME_NEVER,
                                 .next_heartbeat = TIME_NEVER,
                                 .receive_bytes = 64};
        ck_assert_uint_eq(rt_server_add(&server, INTERFACE, dispatch, &seen, &server), OUTCOME_OK);
}

static void arrives(unsigned interface, unsigned method, handle_t reply, uint64_t badge,
                    uint64_t word)
{
        struct step *step = &script.steps[script.count++];
        step->out = (struct message_registers){.handle = badge,
                                               .second = reply,
                                               .header = message_header(interface, method, 1),
                                               .deadline = 900,
                                               .words = {word}};
}

/* A notice of `count` calls that are done. */
static void completes(unsigned count)
{
        struct step *step = &script.steps[script.count++];
        step->out.header =
            message_with_flags(message_header(0, KERNEL_COMPLETED, count), MESSAGE_ONE_WAY);
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
                step->out.words[i] = 1u << i;
}

static void answered_with(unsigned call, uint64_t number, handle_t reply, outcome_t outcome)
{
        ck_assert_uint_eq(script.calls[call].number, number);
        ck_assert_uint_eq(script.calls[call].in.second, reply);
        ck_assert_uint_eq(message_outcome(script.calls[call].in.header), outcome);
}

START_TEST(a_request_is_answered_with_the_next_wait)
{
        arrives(INTERFACE, 1, 10, 5, 41);
        ck_assert_uint_eq(rt_serve(&server), not_executed(REASON_BAD_HANDLE));
        ck_assert_uint_eq(seen.calls, 1);
        ck_assert_uint_eq(seen.deadline_seen, 900);
        ck_assert_uint_eq(runtime_block()->serving_deadline, TIME_NEVER);
        ck_assert_uint_eq(script.calls[0].number, SYSCALL_receive);
        answered_with(1, SYSCALL_reply_receive, 10, OUTCOME_OK);
        ck_assert_uint_eq(script.calls[1].in.words[0], 42);
        ck_assert_uint_eq(script.calls[1].in.handle, PORT);
}
END_TEST

START_TEST(an_outcome_is_sent_alone)
{
        seen.answer = answered(REASON_NOT_FOUND);
        arrives(INTERFACE, 1, 10, 5, 41);
        rt_serve(&server);
        answered_with(1, SYSCALL_reply_receive, 10, answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(message_words(script.calls[1].in.header), 0);
}
END_TEST

START_TEST(a_deferred_request_is_not_answered)
{
        seen.answer = RT_DEFERRED;
        arrives(INTERFACE, 1, 10, 5, 41);
        rt_serve(&server);
        ck_assert_uint_eq(script.at, 2);
        ck_assert_uint_eq(script.calls[1].number, SYSCALL_receive);
}
END_TEST

/* Whoever else is answered does not wait for the next message. */
START_TEST(what_a_handler_answers_beside_its_request_is_sent_before_the_wait)
{
        seen.other = 9;
        arrives(INTERFACE, 1, 10, 5, 41);
        script.steps[script.count++].outcome = OUTCOME_OK;
        rt_serve(&server);
        answered_with(1, SYSCALL_reply, 9, OUTCOME_OK);
        answered_with(2, SYSCALL_reply_receive, 10, OUTCOME_OK);
        ck_assert_uint_eq(script.at, 3);
}
END_TEST

static void signal_once(struct server *served)
{
        if (seen.calls == 0)
                served->signal = 7;
        served->signal_bits = 0x30;
}

START_TEST(a_signal_goes_with_one_wait)
{
        seen.answer = RT_DEFERRED;
        server.on_idle = signal_once;
        arrives(INTERFACE, 1, 10, 5, 41);
        rt_serve(&server);
        ck_assert_uint_eq(script.calls[0].number, SYSCALL_receive);
        ck_assert_uint_eq(script.calls[0].in.second, 7);
        ck_assert_uint_eq(script.calls[0].in.header, 0x30);
        ck_assert_uint_eq(script.calls[1].number, SYSCALL_receive);
        ck_assert_uint_eq(script.calls[1].in.second, 0);
        ck_assert_uint_eq(server.signal, 0);
}
END_TEST

START_TEST(bytes_are_sent_before_the_buffer_is_used_again)
{
        seen.bytes = "text";
        script.count = 0;
        arrives(INTERFACE, 1, 10, 5, 41);
        script.steps[script.count++].outcome = OUTCOME_OK; /* the reply */
        rt_serve(&server);
        answered_with(1, SYSCALL_reply, 10, OUTCOME_OK);
        ck_assert_uint_eq(script.calls[1].block.send[0].length, 4);
        ck_assert_uint_eq(script.calls[2].number, SYSCALL_receive);
}
END_TEST

START_TEST(other_interfaces_are_not_there)
{
        arrives(INTERFACE + 1, 1, 10, 5, 41);
        rt_serve(&server);
        ck_assert_uint_eq(seen.calls, 0);
        answered_with(1, SYSCALL_reply_receive, 10, answered(REASON_NO_METHOD));
}
END_TEST

START_TEST(messages_of_the_kernel_go_to_their_callbacks)
{
        server.on_event = on_event;
        server.on_completed = on_completed;
        server.on_no_senders = on_no_senders;
        server.on_cancel = on_cancel;
        server.on_fault = on_fault;
        arrives(0, KERNEL_EVENT, 0, 0, 0x30);
        completes(8);
        completes(1);
        arrives(0, KERNEL_NO_SENDERS, 0, 8, 4);
        arrives(0, KERNEL_CANCEL, 0, 8, 77);
        arrives(0, KERNEL_FAULT, 12, 6, FAULT_PAGE);
        rt_serve(&server);
        ck_assert_uint_eq(seen.event, 0x30);
        ck_assert_uint_eq(seen.completed, 1 + 2 + 4 + 8 + 16 + 32 + 64 + 128 + 1);
        ck_assert_uint_eq(seen.badge, 8);
        ck_assert_uint_eq(seen.cancelled, 77);
        ck_assert_uint_eq(seen.word, FAULT_PAGE);
        answered_with(6, SYSCALL_reply_receive, 12, answered(REASON_REFUSED));
}
END_TEST

START_TEST(messages_of_the_kernel_without_a_callback_do_no_harm)
{
        arrives(0, KERNEL_EVENT, 0, 0, 0x30);
        completes(8);
        completes(1);
        arrives(0, KERNEL_NO_SENDERS, 0, 8, 4);
        arrives(0, KERNEL_CANCEL, 0, 8, 77);
        arrives(0, KERNEL_FAULT, 12, 6, FAULT_PAGE);
        rt_serve(&server);
        answered_with(6, SYSCALL_reply_receive, 12, answered(REASON_REFUSED));
}
END_TEST

START_TEST(a_server_that_stops_answers_first)
{
        arrives(INTERFACE, 2, 10, 5, 41);
        script.steps[script.count++].outcome = OUTCOME_OK;
        ck_assert_uint_eq(rt_serve(&server), OUTCOME_OK);
        ck_assert_uint_eq(script.at, 2);
        answered_with(1, SYSCALL_reply, 10, OUTCOME_OK);
}
END_TEST

START_TEST(the_list_of_interfaces_is_bounded_and_replaces)
{
        for (unsigned i = 1; i < SERVER_INTERFACES; i++)
                ck_assert_uint_eq(rt_server_add(&server, 100 + i, dispatch, NULL, NULL),
                                  OUTCOME_OK);
        ck_assert_uint_eq(rt_server_add(&server, 99, dispatch, NULL, NULL),
                          not_executed(REASON_NO_MEMORY));
        ck_assert_uint_eq(rt_server_add(&server, INTERFACE, dispatch, &seen, &server), OUTCOME_OK);
        ck_assert_uint_eq(server.interface_count, SERVER_INTERFACES);
}
END_TEST

TCase *serve_tests(void)
{
        TCase *tests = tcase_create("serve");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, a_request_is_answered_with_the_next_wait);
        tcase_add_test(tests, an_outcome_is_sent_alone);
        tcase_add_test(tests, a_deferred_request_is_not_answered);
        tcase_add_test(tests, what_a_handler_answers_beside_its_request_is_sent_before_the_wait);
        tcase_add_test(tests, a_signal_goes_with_one_wait);
        tcase_add_test(tests, bytes_are_sent_before_the_buffer_is_used_again);
        tcase_add_test(tests, other_interfaces_are_not_there);
        tcase_add_test(tests, messages_of_the_kernel_go_to_their_callbacks);
        tcase_add_test(tests, messages_of_the_kernel_without_a_callback_do_no_harm);
        tcase_add_test(tests, a_server_that_stops_answers_first);
        tcase_add_test(tests, the_list_of_interfaces_is_bounded_and_replaces);
        return tests;
}
