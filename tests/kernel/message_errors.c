/* The errors of message calls. The table has a row for each that the list of system calls names for
 * one, which tools/check/errors makes sure of, and for each path through the kernel on which it may
 * come: its peer waits already, or comes later.
 *
 * A thread makes the call as the row's functions have it, and the test's own thread does what
 * happens before and after. */
#include "tests/kernel/message_errors.h"

#include <stdio.h>

struct scene scene;

/* ---- the table ---- */

#define ENDS(call, class, reason, ...)                                                             \
        {                                                                                          \
                .number = SYSCALL_##call, .wanted = OUTCOME_##class << 8 | REASON_##reason,        \
                .name = #call " " #class " " #reason " " #__VA_ARGS__, __VA_ARGS__                 \
        }

static const struct row {
        const char *name;
        uint64_t number;
        outcome_t wanted;
        void (*request)(void), (*before)(void), (*after)(void);
        enum answer answer;
        bool again;       /* the server answers with reply_receive, not with reply */
        bool full_caller; /* a child that has used up its memory, */
        unsigned spare;   /* and all handles but for so many */
} rows[] = {
    ENDS(call, NOT_EXECUTED, MALFORMED, .request = no_interface),
    ENDS(call, NOT_EXECUTED, MALFORMED, .request = nine_words),
    ENDS(call, NOT_EXECUTED, MALFORMED, .request = no_interface, .before = server_waits),
    ENDS(call, NOT_EXECUTED, MALFORMED, .request = nine_words, .before = server_waits),
    ENDS(call, NOT_EXECUTED, FAULT, .request = bytes_of_the_kernel),
    ENDS(call, NOT_EXECUTED, FAULT, .request = missing_bytes, .before = server_waits),
    ENDS(call, NOT_EXECUTED, FAULT, .request = missing_bytes, .after = server_comes),
    ENDS(call, PERHAPS_EXECUTED, FAULT, .request = receives_nowhere, .before = server_waits,
         .answer = ANSWER_BYTES),
    ENDS(call, PERHAPS_EXECUTED, FAULT, .request = receives_nowhere, .before = server_waits,
         .answer = ANSWER_BYTES, .again = true),
    ENDS(call, NOT_EXECUTED, TOO_LONG, .request = too_many_bytes),
    ENDS(call, NOT_EXECUTED, TOO_LONG, .request = long_bytes, .before = server_waits),
    ENDS(call, NOT_EXECUTED, TOO_LONG, .request = long_bytes, .after = server_comes),
    ENDS(call, NOT_EXECUTED, TOO_LONG, .request = an_event, .before = server_waits),
    ENDS(call, NOT_EXECUTED, TOO_LONG, .request = an_event, .after = server_comes),
    ENDS(call, PERHAPS_EXECUTED, TOO_LONG, .request = receives_too_little, .before = server_waits,
         .answer = ANSWER_BYTES),
    ENDS(call, PERHAPS_EXECUTED, TOO_LONG, .request = receives_too_little, .before = server_waits,
         .answer = ANSWER_BYTES, .again = true),
    ENDS(call, PERHAPS_EXECUTED, TOO_LONG, .before = server_waits, .answer = ANSWER_EVENT,
         .again = true),
    ENDS(call, NOT_EXECUTED, BAD_HANDLE, .request = closed_handle),
    ENDS(call, NOT_EXECUTED, BAD_HANDLE, .request = closed_handle, .before = server_waits),
    ENDS(call, NOT_EXECUTED, REFUSED, .request = a_call_object),
    ENDS(call, NOT_EXECUTED, REFUSED, .request = a_call_object, .before = server_waits),
    ENDS(call, NOT_EXECUTED, DEADLINE, .request = time_is_over),
    ENDS(call, NOT_EXECUTED, DEADLINE, .request = time_is_over, .before = server_waits),
    ENDS(call, NOT_EXECUTED, DEADLINE, .request = time_is_short),
    ENDS(call, PERHAPS_EXECUTED, DEADLINE, .request = time_is_short, .before = server_waits),
    ENDS(call, PERHAPS_EXECUTED, DEADLINE, .request = time_is_short, .after = server_comes),
    ENDS(call, NOT_EXECUTED, OVERLOADED, .before = full_server_waits),
    ENDS(call, NOT_EXECUTED, OVERLOADED, .request = an_event, .before = full_server_waits),
    ENDS(call, NOT_EXECUTED, OVERLOADED, .request = an_event, .before = full_server_is_there,
         .after = full_server_receives),
    ENDS(call, NOT_EXECUTED, OVERLOADED, .request = a_memory, .before = poor_server_waits),
    ENDS(call, NOT_EXECUTED, OVERLOADED, .request = a_memory, .before = poor_server_is_there,
         .after = full_server_receives),
    ENDS(call, PERHAPS_EXECUTED, NO_MEMORY, .request = receives_a_handle, .before = server_waits,
         .answer = ANSWER_EVENT, .full_caller = true),
    ENDS(call, PERHAPS_EXECUTED, NO_MEMORY, .request = receives_a_handle, .before = server_waits,
         .answer = ANSWER_EVENT, .again = true, .full_caller = true),
    ENDS(call, PERHAPS_EXECUTED, NO_MEMORY, .request = receives_a_handle, .after = server_comes,
         .answer = ANSWER_MEMORY, .full_caller = true, .spare = 4),
    ENDS(call, NOT_EXECUTED, REVOKED, .before = right_is_revoked),
    ENDS(call, NOT_EXECUTED, REVOKED, .after = right_is_revoked),
    ENDS(call, NOT_EXECUTED, RECEIVER_DIED, .before = port_is_destroyed),
    ENDS(call, NOT_EXECUTED, RECEIVER_DIED, .after = port_is_destroyed),
    ENDS(call, PERHAPS_EXECUTED, RECEIVER_DIED, .before = server_waits, .answer = DROP),
    ENDS(call, PERHAPS_EXECUTED, RECEIVER_DIED, .after = server_comes, .answer = DROP),
    ENDS(call, NOT_EXECUTED, CANCELLED, .after = caller_is_diverted),
    ENDS(call, PERHAPS_EXECUTED, CANCELLED, .before = server_waits, .after = caller_is_diverted),

    ENDS(send, NOT_EXECUTED, MALFORMED, .request = no_interface),
    ENDS(send, NOT_EXECUTED, MALFORMED, .request = nine_words),
    ENDS(send, NOT_EXECUTED, MALFORMED, .request = no_interface, .before = server_waits),
    ENDS(send, NOT_EXECUTED, MALFORMED, .request = nine_words, .before = server_waits),
    ENDS(send, NOT_EXECUTED, FAULT, .request = bytes_of_the_kernel),
    ENDS(send, NOT_EXECUTED, FAULT, .request = missing_bytes, .before = server_waits),
    ENDS(send, NOT_EXECUTED, FAULT, .request = missing_bytes, .after = server_comes),
    ENDS(send, NOT_EXECUTED, TOO_LONG, .request = too_many_bytes),
    ENDS(send, NOT_EXECUTED, TOO_LONG, .request = long_bytes, .before = server_waits),
    ENDS(send, NOT_EXECUTED, TOO_LONG, .request = long_bytes, .after = server_comes),
    ENDS(send, NOT_EXECUTED, BAD_HANDLE, .request = closed_handle),
    ENDS(send, NOT_EXECUTED, BAD_HANDLE, .request = closed_handle, .before = server_waits),
    ENDS(send, NOT_EXECUTED, REFUSED, .request = a_call_object),
    ENDS(send, NOT_EXECUTED, REFUSED, .request = a_call_object, .before = server_waits),
    ENDS(send, NOT_EXECUTED, DEADLINE, .request = time_is_over),
    ENDS(send, NOT_EXECUTED, DEADLINE, .request = time_is_over, .before = server_waits),
    ENDS(send, NOT_EXECUTED, DEADLINE, .request = time_is_short),
    ENDS(send, NOT_EXECUTED, OVERLOADED, .request = an_event, .before = full_server_waits),
    ENDS(send, NOT_EXECUTED, OVERLOADED, .request = an_event, .before = full_server_is_there,
         .after = full_server_receives),
    ENDS(send, NOT_EXECUTED, OVERLOADED, .request = a_memory, .before = poor_server_waits),
    ENDS(send, NOT_EXECUTED, REVOKED, .before = right_is_revoked),
    ENDS(send, NOT_EXECUTED, REVOKED, .after = right_is_revoked),
    ENDS(send, NOT_EXECUTED, RECEIVER_DIED, .before = port_is_destroyed),
    ENDS(send, NOT_EXECUTED, RECEIVER_DIED, .after = port_is_destroyed),
    ENDS(send, NOT_EXECUTED, CANCELLED, .after = caller_is_diverted),

    ENDS(receive, NOT_EXECUTED, DEADLINE, .request = time_is_over),
    ENDS(receive, NOT_EXECUTED, DEADLINE, .request = time_is_short),
    ENDS(receive, NOT_EXECUTED, FAULT, .request = receives_nowhere, .before = bytes_come),
    ENDS(receive, NOT_EXECUTED, FAULT, .request = receives_nowhere, .after = bytes_come),
    ENDS(receive, NOT_EXECUTED, CANCELLED, .after = caller_is_diverted),

    ENDS(reply, NOT_EXECUTED, BAD_HANDLE, .request = reply_is_closed),
    ENDS(reply, NOT_EXECUTED, WRONG_TYPE, .request = reply_is_an_event),
    ENDS(reply, NOT_EXECUTED, MALFORMED, .request = nine_words, .before = a_call_is_served),
    ENDS(reply, NOT_EXECUTED, MALFORMED, .request = unknown_outcome, .before = a_call_is_served),
    ENDS(reply, NOT_EXECUTED, FAULT, .request = bytes_of_the_kernel, .before = a_call_is_served),
    ENDS(reply, NOT_EXECUTED, FAULT, .request = missing_bytes, .before = a_call_is_served),
    ENDS(reply, NOT_EXECUTED, TOO_LONG, .request = too_many_bytes, .before = a_call_is_served),
    ENDS(reply, NOT_EXECUTED, BAD_HANDLE, .request = closed_handle, .before = a_call_is_served),
    ENDS(reply, NOT_EXECUTED, REFUSED, .request = a_call_object, .before = a_call_is_served),
    ENDS(reply, NOT_EXECUTED, DEADLINE, .before = a_call_is_served_too_long),
    ENDS(reply, NOT_EXECUTED, CANCELLED, .before = a_call_is_given_up),

    ENDS(reply_receive, NOT_EXECUTED, DEADLINE, .request = time_is_over),
    ENDS(reply_receive, NOT_EXECUTED, DEADLINE, .request = time_is_short),
    ENDS(reply_receive, NOT_EXECUTED, DEADLINE, .request = serves_first_and_time_is_short,
         .before = a_thread_calls),
    ENDS(reply_receive, NOT_EXECUTED, FAULT, .request = receives_nowhere, .before = bytes_come),
    ENDS(reply_receive, NOT_EXECUTED, FAULT, .request = receives_nowhere, .after = bytes_come),
    ENDS(reply_receive, NOT_EXECUTED, FAULT, .request = serves_first_and_receives_nowhere,
         .before = a_thread_calls, .after = bytes_come),
    ENDS(reply_receive, NOT_EXECUTED, CANCELLED, .after = caller_is_diverted),
    ENDS(reply_receive, NOT_EXECUTED, CANCELLED, .request = serves_first, .before = a_thread_calls,
         .after = caller_is_diverted),

    ENDS(call_start, NOT_EXECUTED, BUSY, .before = bytes_come),
    ENDS(call_start, NOT_EXECUTED, BUSY, .before = a_call_is_served),
    ENDS(call_start, NOT_EXECUTED, MALFORMED, .request = no_interface),
    ENDS(call_start, NOT_EXECUTED, MALFORMED, .request = no_interface, .before = server_waits),
    ENDS(call_start, NOT_EXECUTED, MALFORMED, .request = nine_words, .before = server_waits),
    ENDS(call_start, NOT_EXECUTED, FAULT, .request = bytes_of_the_kernel),
    ENDS(call_start, NOT_EXECUTED, TOO_LONG, .request = too_many_bytes),
    ENDS(call_start, NOT_EXECUTED, BAD_HANDLE, .request = closed_handle, .before = server_waits),
    ENDS(call_start, NOT_EXECUTED, REFUSED, .request = a_call_object, .before = server_waits),
    ENDS(call_start, NOT_EXECUTED, DEADLINE, .request = time_is_over),
    ENDS(call_start, NOT_EXECUTED, DEADLINE, .request = time_is_over, .before = server_waits),
    ENDS(call_start, NOT_EXECUTED, REVOKED, .before = right_is_revoked),
    ENDS(call_start, NOT_EXECUTED, RECEIVER_DIED, .before = port_is_destroyed),

    ENDS(call_finish, NOT_EXECUTED, BUSY, .before = server_waits),
    ENDS(call_finish, NOT_EXECUTED, BUSY, .before = bytes_come),
    ENDS(call_finish, NOT_EXECUTED, BUSY, .before = a_call_is_served),
};

/* ---- running one ---- */

/* More than a page of references, so that its snapshot takes a page. */
enum { MEMORY_PAGES = 600 };

static void scene_make(const struct row *row)
{
        scene.port = make_port();
        scene.right = make_right(scene.port, 1);
        scene.event = make_event();
        scene.memory = make_memory(MEMORY_PAGES);
        scene.of_child = 0;
        CHECK_OK(sys_call_create(scene.event, 2, &scene.object));
        SHARED->word[ANSWER] = row->answer;
        SHARED->word[ANSWER_BY] = row->again ? SYSCALL_reply_receive : SYSCALL_reply;
}

/* The call as it is where the row says nothing else. */
static void request_make(uint64_t number)
{
        bool receives = number == SYSCALL_receive || number == SYSCALL_reply_receive;
        struct message_registers *r = &TRIAL->registers;
        TRIAL->number = number;
        r->handle = receives ? scene.port : scene.right;
        r->header = number == SYSCALL_receive ? 0 : HEADER(0);
        r->deadline = SOON;
        if (number == SYSCALL_call_finish)
                r->handle = scene.object;
        if (number == SYSCALL_call_start)
                r->second = scene.object;
        if (number == SYSCALL_reply)
                r->second = SHARED->word[REPLY];
}

static void caller_run(const struct row *row)
{
        if (row->full_caller) {
                struct child child = child_create(tries_when_full, row->spare, PRIORITY_LOW);
                TRIAL->registers.handle = child_grant(&child, scene.right);
                scene.caller = child.thread;
                child_start(&child);
        } else {
                scene.caller = thread_run(tries, 0, PRIORITY_LOW);
        }
        settle();
}

static outcome_t outcome_await(void)
{
        uint64_t end = SOON;
        while (!TRIAL->outcome && rt_now() < end)
                wait_until(rt_now() + RT_MILLISECOND);
        CHECK(TRIAL->outcome != 0);
        return (outcome_t)(TRIAL->outcome - 1);
}

static void scene_end(void)
{
        sys_handle_close(scene.object);
        sys_handle_close(scene.of_child);
        sys_handle_close((handle_t)SHARED->word[REPLY]);
        made_destroy();
}

static void row_run(const struct row *row)
{
        scene_make(row);
        if (row->before)
                row->before();
        request_make(row->number);
        if (row->request)
                row->request();
        caller_run(row);
        if (row->after)
                row->after();
        outcome_t outcome = outcome_await();
        scene_end();
        if (outcome != row->wanted)
                printf("%s\n", row->name);
        CHECK_EQ(outcome, row->wanted);
}

static void rows_run(uint64_t number)
{
        for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                if (rows[i].number == number)
                        row_run(&rows[i]);
}

#define TEST_OF(call)                                                                              \
        static void call##_ends_with_each_of_its_errors(void)                                      \
        {                                                                                          \
                rows_run(SYSCALL_##call);                                                          \
        }
TEST_OF(call)
TEST_OF(send)
TEST_OF(receive)
TEST_OF(reply)
TEST_OF(reply_receive)
TEST_OF(call_start)
TEST_OF(call_finish)

const struct test message_error_tests[] = {
    {"call_ends_with_each_of_its_errors", call_ends_with_each_of_its_errors},
    {"send_ends_with_each_of_its_errors", send_ends_with_each_of_its_errors},
    {"receive_ends_with_each_of_its_errors", receive_ends_with_each_of_its_errors},
    {"reply_ends_with_each_of_its_errors", reply_ends_with_each_of_its_errors},
    {"reply_receive_ends_with_each_of_its_errors", reply_receive_ends_with_each_of_its_errors},
    {"call_start_ends_with_each_of_its_errors", call_start_ends_with_each_of_its_errors},
    {"call_finish_ends_with_each_of_its_errors", call_finish_ends_with_each_of_its_errors},
    {0}};
