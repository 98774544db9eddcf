/* The threads that take part in a message call that goes wrong, and what happens before and after.
 * A child has no C library, and of `scene` what there was when it was made. */
#include "tests/kernel/message_errors.h"

enum { PLAIN = METHOD + 1 };

/* ---- threads ---- */

void tries(uint64_t unused)
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
        block->send[0] = (struct message_buffer){(uint64_t)scene.sent, BYTES};
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
        block->receive = (struct message_buffer){(uint64_t)scene.received, BYTES};
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

void tries_when_full(uint64_t spare)
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

/* ---- what happens before and after ---- */

void server_comes(void)
{
        thread_run(serves, scene.port, PRIORITY_HIGH);
        settle();
}

/* It has a reply right to fill from a call before: the fast path wants one. */
void server_waits(void)
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

void full_server_receives(void)
{
        CHECK_OK(sys_event_signal(scene.event, 1));
        settle();
}

void full_server_is_there(void)
{
        full_server(0);
}

void full_server_waits(void)
{
        full_server(0);
        full_server_receives();
}

/* It has handles, but no memory. */
void poor_server_is_there(void)
{
        full_server(4);
}

void poor_server_waits(void)
{
        full_server(4);
        full_server_receives();
}

void right_is_revoked(void)
{
        CHECK_OK(sys_right_revoke(scene.port, 1, 0));
}

void port_is_destroyed(void)
{
        CHECK_OK(sys_object_destroy(scene.port));
}

void caller_is_diverted(void)
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
        block->send[0] = (struct message_buffer){(uint64_t)scene.sent, BYTES};
        block->send_count = 1;
        block->receive = (struct message_buffer){(uint64_t)scene.received, BYTES};
        CHECK_OK(sys_message(SYSCALL_call_start, &r));
        settle();
}

void bytes_come(void)
{
        start(SOON);
}

void a_call_is_served(void)
{
        server_waits();
        start(SOON);
        CHECK(SHARED->word[REPLY] != 0);
}

void a_call_is_served_too_long(void)
{
        uint64_t bits;
        server_waits();
        start(SHORTLY);
        CHECK(SHARED->word[REPLY] != 0);
        CHECK_OK(sys_event_wait(scene.event, 2, SOON, &bits));
}

void a_call_is_given_up(void)
{
        a_call_is_served();
        CHECK_OK(sys_handle_close(scene.object));
}

void a_thread_calls(void)
{
        thread_run(calls, scene.right, PRIORITY_LOW);
        settle();
}
