/* The errors of message calls. The table has a row for each that the list of system calls names for
 * one, which tools/check/errors makes sure of, and for each path through the kernel on which it may
 * come: its peer waits already, or comes later.
 *
 * A thread makes the call as the row's functions have it, and the test's own thread does what
 * happens before and after. */
#include <stdio.h>
#include "tests/kernel/harness.h"

enum { NOWHERE = 0xdead0000, BYTES = 64, PLAIN = METHOD + 1 };

/* ---- what a row has ---- */

/* The call, in SHARED: its caller may be a child. The outcome is 0 before there is one, then 1
 * more. */
struct trial {
        uint64_t number;
        uint64_t port; /* not 0: the caller first receives here, and answers what it got */
        struct message_registers registers;
        struct message_block block;
        volatile uint64_t outcome;
};

#define TRIAL ((struct trial *)SHARED->bytes)

/* Words of SHARED. */
enum { ANSWER, ANSWER_BY, REPLY, GATE, GO };

/* What the server does with a request. */
enum answer { HOLD, DROP, ANSWER_BYTES, ANSWER_EVENT, ANSWER_MEMORY };

static struct {
        handle_t port, right, event, memory, object;
        handle_t of_child; /* a right that has come in a message */
        handle_t caller;
} scene;

static char sent[BYTES + 1], received[BYTES];

/* ---- threads ---- */

static void tries(uint64_t unused)
{
        struct message_registers r, first;
        struct message_block *block = own_block();
        (void)unused;
        *block = TRIAL->block;
        r = TRIAL->registers;
        if (TRIAL->port && receive((handle_t)TRIAL->port, TIME_NEVER, &first) == OUTCOME_OK)
                r.second = first.second;
        TRIAL->outcome = 1 + (uint64_t)sys_message(TRIAL->number, &r);
}

static void answers(struct message_block *block, uint64_t port, struct message_registers *r)
{
        uint64_t answer = SHARED->word[ANSWER];
        handle_t handle = answer == ANSWER_EVENT ? scene.event : scene.memory;
        block->send[0] = (struct message_buffer){(uint64_t)sent, BYTES};
        block->send_count = answer == ANSWER_BYTES;
        block->send_caps[0] = (struct send_cap){handle, RIGHTS_ALL, 0};
        r->handle = port;
        r->deadline = TIME_NEVER;
        r->header = message_with_flags(HEADER(0), MESSAGE_BLOCK);
        r->header = message_with_caps(r->header, answer != ANSWER_BYTES);
        sys_message(SHARED->word[ANSWER_BY], r);
}

/* Answers plain requests at once, and does with the first other one what the row says. */
static void serves(uint64_t port)
{
        struct message_block *block = own_block();
        struct message_registers r;
        block->receive = (struct message_buffer){(uint64_t)received, sizeof received};
        outcome_t outcome = receive((handle_t)port, TIME_NEVER, &r);
        while (outcome == OUTCOME_OK && message_method(r.header) == PLAIN) {
                r.handle = port;
                r.header = HEADER(0);
                r.deadline = TIME_NEVER;
                outcome = sys_message(SYSCALL_reply_receive, &r);
        }
        if (outcome != OUTCOME_OK)
                return;
        SHARED->word[REPLY] = r.second;
        if (SHARED->word[ANSWER] == DROP)
                sys_handle_close((handle_t)r.second);
        else if (SHARED->word[ANSWER] != HOLD)
                answers(block, port, &r);
        sys_sleep(TIME_NEVER);
}

static void calls(uint64_t right)
{
        struct message_registers r = {0};
        call((handle_t)right, HEADER(0), TIME_NEVER, &r);
}

/* Uses up the memory of a child, and its handles but for some. */
static void fill_up(uint64_t spare)
{
        handle_t made, event = 0, last[8] = {0};
        unsigned count = 0;
        sys_event_create(&event);
        for (uint64_t bytes = 1 << 20; bytes >= 4096; bytes /= 2)
                while (sys_memory_create(0, bytes, MEMORY_ANONYMOUS, 0, &made) == OUTCOME_OK)
                        continue;
        while (sys_handle_copy(event, RIGHTS_ALL, &last[count % 8]) == OUTCOME_OK)
                count++;
        for (unsigned i = 1; i <= spare; i++)
                sys_handle_close(last[(count - i) % 8]);
}

static void tries_when_full(uint64_t spare)
{
        fill_up(spare);
        tries(0);
}

/* Sends a right to its own port through GATE, and receives one message after GO. */
static void serves_when_full(uint64_t spare)
{
        struct message_block *block = own_block();
        handle_t port = 0, right = 0;
        uint64_t bits;
        struct message_registers r = {
            .handle = SHARED->word[GATE],
            .header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK),
            .deadline = TIME_NEVER};
        sys_port_create(&port);
        sys_right_mint(port, 1, RIGHTS_ALL, &right);
        block->send_caps[0] = (struct send_cap){right, RIGHTS_ALL, SEND_CAP_MOVE};
        sys_message(SYSCALL_send, &r);
        fill_up(spare);
        sys_event_wait((handle_t)SHARED->word[GO], 1, TIME_NEVER, &bits);
        block->receive_caps = 1;
        receive(port, TIME_NEVER, &r);
        sys_sleep(TIME_NEVER);
}

/* ---- what the call asks for ---- */

static void no_interface(void)
{
        TRIAL->registers.header = message_header(0, METHOD, 0);
}

static void nine_words(void)
{
        TRIAL->registers.header = HEADER(9);
}

static void send_buffer(uint64_t address, uint64_t length)
{
        TRIAL->block.send[0] = (struct message_buffer){address, length};
        TRIAL->block.send_count = 1;
        TRIAL->registers.header = message_with_flags(HEADER(0), MESSAGE_BLOCK);
}

static void missing_bytes(void)
{
        send_buffer(NOWHERE, BYTES);
}

static void bytes_of_the_kernel(void)
{
        send_buffer(USER_END, BYTES);
}

/* One more than the server takes. */
static void long_bytes(void)
{
        send_buffer((uint64_t)sent, BYTES + 1);
}

static void too_many_bytes(void)
{
        send_buffer((uint64_t)sent, MESSAGE_BYTES_MAX + 1);
}

static void send_handle(handle_t handle)
{
        TRIAL->block.send_caps[0] = (struct send_cap){handle, RIGHTS_ALL, 0};
        TRIAL->registers.header =
            message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
}

static void closed_handle(void)
{
        handle_t event = make_event();
        sys_handle_close(event);
        send_handle(event);
}

static void an_event(void)
{
        send_handle(scene.event);
}

/* It stays with its task. */
static void a_call_object(void)
{
        send_handle(scene.object);
}

static void a_memory(void)
{
        send_handle(scene.memory);
}

static void time_is_over(void)
{
        TRIAL->registers.deadline = 0;
}

static void time_is_short(void)
{
        TRIAL->registers.deadline = SHORTLY;
}

static void receives_nowhere(void)
{
        TRIAL->block.receive = (struct message_buffer){NOWHERE, BYTES};
}

static void receives_too_little(void)
{
        TRIAL->block.receive = (struct message_buffer){(uint64_t)received, BYTES - 1};
}

static void receives_a_handle(void)
{
        TRIAL->block.receive_caps = 1;
}

static void serves_first(void)
{
        TRIAL->port = scene.port;
}

static void serves_first_and_time_is_short(void)
{
        serves_first();
        time_is_short();
}

static void serves_first_and_receives_nowhere(void)
{
        serves_first();
        receives_nowhere();
}

static void reply_is_closed(void)
{
        TRIAL->registers.second = make_event();
        sys_handle_close((handle_t)TRIAL->registers.second);
}

static void reply_is_an_event(void)
{
        TRIAL->registers.second = scene.event;
}

static void unknown_outcome(void)
{
        TRIAL->registers.header = message_with_outcome(HEADER(0), 0x300);
}

/* ---- what happens before and after ---- */

static void server_comes(void)
{
        thread_run(serves, scene.port, PRIORITY_HIGH);
        settle();
}

/* It has a reply right to fill from a call before: the fast path wants one. */
static void server_waits(void)
{
        struct message_registers r = {0};
        server_comes();
        CHECK_OK(call(scene.right, message_header(INTERFACE, PLAIN, 0), SOON, &r));
        settle();
}

static void full_server(uint64_t spare)
{
        struct message_registers r;
        struct message_block *block = own_block();
        struct child child = child_create(serves_when_full, spare, PRIORITY_HIGH);
        SHARED->word[GATE] = child_grant(&child, scene.right);
        SHARED->word[GO] = child_grant(&child, scene.event);
        block->receive_caps = 1;
        child_start(&child);
        CHECK_OK(receive(scene.port, SOON, &r));
        scene.of_child = scene.right = block->received_caps[0].handle;
        settle();
}

static void full_server_receives(void)
{
        CHECK_OK(sys_event_signal(scene.event, 1));
        settle();
}

static void full_server_is_there(void)
{
        full_server(0);
}

static void full_server_waits(void)
{
        full_server(0);
        full_server_receives();
}

/* It has handles, but no memory. */
static void poor_server_is_there(void)
{
        full_server(4);
}

static void poor_server_waits(void)
{
        full_server(4);
        full_server_receives();
}

static void right_is_revoked(void)
{
        CHECK_OK(sys_right_revoke(scene.port, 1, 0));
}

static void port_is_destroyed(void)
{
        CHECK_OK(sys_object_destroy(scene.port));
}

static void caller_is_diverted(void)
{
        CHECK_OK(sys_thread_control(scene.caller, THREAD_DIVERT, 0));
        CHECK_OK(sys_thread_control(scene.caller, THREAD_START, 0));
}

/* A call with the call object, of BYTES bytes. */
static void start(uint64_t deadline)
{
        struct message_block *block = own_block();
        struct message_registers r = {.handle = scene.right,
                                      .second = scene.object,
                                      .header = message_with_flags(HEADER(0), MESSAGE_BLOCK),
                                      .deadline = deadline};
        block->send[0] = (struct message_buffer){(uint64_t)sent, BYTES};
        block->send_count = 1;
        block->receive = (struct message_buffer){(uint64_t)received, BYTES};
        CHECK_OK(sys_message(SYSCALL_call_start, &r));
        settle();
}

static void bytes_come(void)
{
        start(SOON);
}

static void a_call_is_served(void)
{
        server_waits();
        start(SOON);
        CHECK(SHARED->word[REPLY] != 0);
}

static void a_call_is_served_too_long(void)
{
        uint64_t bits;
        server_waits();
        start(SHORTLY);
        CHECK(SHARED->word[REPLY] != 0);
        CHECK_OK(sys_event_wait(scene.event, 2, SOON, &bits));
}

static void a_call_is_given_up(void)
{
        a_call_is_served();
        CHECK_OK(sys_handle_close(scene.object));
}

static void a_thread_calls(void)
{
        thread_run(calls, scene.right, PRIORITY_LOW);
        settle();
}

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
