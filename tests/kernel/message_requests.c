/* What a message call asks for, each wrong in one thing: it fills in TRIAL, which is otherwise as
 * message_errors.c has made it. */
#include "tests/kernel/message_errors.h"

enum { NOWHERE = 0xdead0000 };

void no_interface(void)
{
        TRIAL->registers.header = message_header(0, METHOD, 0);
}

void nine_words(void)
{
        TRIAL->registers.header = HEADER(9);
}

static void send_buffer(uint64_t address, uint64_t length)
{
        TRIAL->block.send[0] = (struct message_buffer){address, length};
        TRIAL->block.send_count = 1;
        TRIAL->registers.header = message_with_flags(HEADER(0), MESSAGE_BLOCK);
}

void missing_bytes(void)
{
        send_buffer(NOWHERE, BYTES);
}

void bytes_of_the_kernel(void)
{
        send_buffer(USER_END, BYTES);
}

/* One more than the server takes. */
void long_bytes(void)
{
        send_buffer((uint64_t)scene.sent, BYTES + 1);
}

void too_many_bytes(void)
{
        send_buffer((uint64_t)scene.sent, MESSAGE_BYTES_MAX + 1);
}

static void send_handle(handle_t handle)
{
        TRIAL->block.send_caps[0] = (struct send_cap){handle, RIGHTS_ALL, 0};
        TRIAL->registers.header =
            message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
}

void closed_handle(void)
{
        handle_t event = make_event();
        sys_handle_close(event);
        send_handle(event);
}

void an_event(void)
{
        send_handle(scene.event);
}

/* It stays with its task. */
void a_call_object(void)
{
        send_handle(scene.object);
}

void a_memory(void)
{
        send_handle(scene.memory);
}

void time_is_over(void)
{
        TRIAL->registers.deadline = 0;
}

void time_is_short(void)
{
        TRIAL->registers.deadline = SHORTLY;
}

void receives_nowhere(void)
{
        TRIAL->block.receive = (struct message_buffer){NOWHERE, BYTES};
}

void receives_too_little(void)
{
        TRIAL->block.receive = (struct message_buffer){(uint64_t)scene.received, BYTES - 1};
}

void receives_a_handle(void)
{
        TRIAL->block.receive_caps = 1;
}

void serves_first(void)
{
        TRIAL->port = scene.port;
}

void serves_first_and_time_is_short(void)
{
        serves_first();
        time_is_short();
}

void serves_first_and_receives_nowhere(void)
{
        serves_first();
        receives_nowhere();
}

void reply_is_closed(void)
{
        TRIAL->registers.second = make_event();
        sys_handle_close((handle_t)TRIAL->registers.second);
}

void reply_is_an_event(void)
{
        TRIAL->registers.second = scene.event;
}

void unknown_outcome(void)
{
        TRIAL->registers.header = message_with_outcome(HEADER(0), 0x300);
}
