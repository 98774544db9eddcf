/* What travels in a message, between tasks: words, bytes, capabilities, memory. */
#include "tests/kernel/harness.h"
#include <string.h>

static void words_travel_and_the_rest_is_zero(void)
{
        handle_t port = make_port(), right = make_right(port, 9);
        SHARED->word[0] = port;
        thread_run(serve_increment, 9, PRIORITY_HIGH);
        for (unsigned count = 0; count <= 8; count++) {
                struct message_registers r = {0};
                for (unsigned i = 0; i < 8; i++)
                        r.words[i] = 100 + i;
                CHECK_OK(call(right, HEADER(count), SOON, &r));
                CHECK_EQ(message_words(r.header), 8);
                CHECK_EQ(message_method(r.header), METHOD);
                for (unsigned i = 0; i < 8; i++)
                        CHECK_EQ(r.words[i], i < count ? 101 + i : 1);
        }
}

static void wrong_headers_are_malformed(void)
{
        handle_t port = make_port(), right = make_right(port, 1);
        struct message_registers r = {0};
        CHECK_NOT(call(right, message_header(0, 1, 0), SOON, &r), MALFORMED);
        CHECK_NOT(call(right, message_header(INTERFACE, 1, 9), SOON, &r), MALFORMED);
        CHECK_NOT(call(right, message_with_caps(HEADER(0), 1), SOON, &r), MALFORMED);
        CHECK_NOT(call(right, message_with_flags(message_with_caps(HEADER(0), 9), MESSAGE_BLOCK),
                       SOON, &r),
                  MALFORMED);
}

/* ---- a child that echoes bytes and capabilities ---- */

/* In the child: receives on its own port, whose right it first sends to SHARED->word[0] (a right to
 * the parent's port), and echoes bytes. Its buffers are SHARED->word[2..3]: address and size. */
static void echo_bytes(uint64_t rounds)
{
        handle_t port = 0, right = 0;
        struct message_block *block = (struct message_block *)SHARED->word[1];
        uint64_t buffer = SHARED->word[2], size = SHARED->word[3];
        sys_thread_control(0, THREAD_SET_BLOCK, (uint64_t)block);
        sys_port_create(&port);
        sys_right_mint(port, 5, RIGHTS_ALL, &right);
        block->send_caps[0] = (struct send_cap){right, RIGHTS_ALL, SEND_CAP_MOVE};
        struct message_registers r = {
            .handle = SHARED->word[0],
            .header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK),
            .deadline = TIME_NEVER};
        SHARED->word[10] = sys_message(SYSCALL_send, &r);
        block->receive = (struct message_buffer){buffer, size};
        r = (struct message_registers){.handle = port, .deadline = TIME_NEVER};
        outcome_t outcome = sys_message(SYSCALL_receive, &r);
        for (; outcome == OUTCOME_OK && rounds > 1; rounds--) {
                block->send_count = 1;
                block->send[0] = (struct message_buffer){buffer, block->received_bytes};
                if (!(message_flags(r.header) & MESSAGE_BLOCK))
                        block->send[0].length = 0;
                r.header = message_with_flags(HEADER(0), MESSAGE_BLOCK);
                r.handle = port;
                r.deadline = TIME_NEVER;
                outcome = sys_message(SYSCALL_reply_receive, &r);
        }
        SHARED->word[11] = outcome;
}

#define CHILD_BLOCK  0x60000000ull
#define CHILD_BUFFER 0x60010000ull

/* Starts the child and returns the right to it. `buffer_offset`: where in its memory it receives.
 */
static handle_t start_echo(uint64_t rounds, uint64_t buffer_offset, uint64_t size)
{
        struct message_registers r;
        struct message_block *block = own_block();
        handle_t port = make_port(), right = make_right(port, 1), memory;
        struct child child = child_create(echo_bytes, rounds, PRIORITY_HIGH);
        CHECK_OK(sys_memory_create(child.account, 40 * 4096, MEMORY_ANONYMOUS, 0, &memory));
        CHECK_OK(sys_memory_map(child.task, memory, CHILD_BLOCK, 0, 40 * 4096, MAP_READ | MAP_WRITE,
                                NULL));
        sys_handle_close(memory);
        SHARED->word[0] = child_grant(&child, right);
        SHARED->word[1] = CHILD_BLOCK;
        SHARED->word[2] = CHILD_BUFFER + buffer_offset;
        SHARED->word[3] = size;
        child_start(&child);
        block->receive_caps = 1;
        CHECK_OK(receive(port, SOON, &r));
        CHECK_EQ(message_caps(r.header), 1);
        CHECK_EQ(block->received_caps[0].type, OBJECT_RIGHT);
        return block->received_caps[0].handle;
}

#define AT 0x50000000ull

static void bytes_travel_at_any_offset_and_length(void)
{
        static const struct {
                uint64_t from, to, length;
        } cases[] = {{0, 0, 1},       {0, 0, 4096},     {1, 0, 4096},
                     {4095, 4095, 2}, {5, 1234, 1},     {17, 4000, 10000},
                     {0, 0, 65536},   {4095, 1, 65536}, {100, 0, 0}};
        map_at(make_memory(40), AT);
        uint8_t *from = (uint8_t *)AT, *back = (uint8_t *)AT + 20 * 4096;
        for (unsigned i = 0; i < 18 * 4096; i++)
                from[i] = (uint8_t)(i * 7 + i / 256);
        for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                handle_t right = start_echo(2, cases[i].to, 65536);
                struct message_block *block = own_block();
                struct message_registers r = {0};
                uint64_t length = cases[i].length;
                /* In three buffers, one of them empty. */
                block->send[0] = (struct message_buffer){AT + cases[i].from, length / 3};
                block->send[1] = (struct message_buffer){0, 0};
                block->send[2] =
                    (struct message_buffer){AT + cases[i].from + length / 3, length - length / 3};
                block->send_count = 3;
                block->receive = (struct message_buffer){(uint64_t)back + 3, 65536};
                memset(back, 0xee, 65536 + 8);
                CHECK_OK(call(right, message_with_flags(HEADER(0), MESSAGE_BLOCK), SOON, &r));
                if (length)
                        CHECK_EQ(block->received_bytes, length);
                CHECK(memcmp(back + 3, from + cases[i].from, length) == 0);
                CHECK_EQ(back[2], 0xee);
                CHECK_EQ(back[3 + length], 0xee);
                sys_handle_close(right);
        }
}

static void too_long_for_the_receiver_is_not_executed(void)
{
        handle_t right = start_echo(2, 0, 100);
        struct message_block *block = own_block();
        struct message_registers r = {0};
        map_at(make_memory(20), AT);
        block->send[0] = (struct message_buffer){AT, 101};
        block->send_count = 1;
        block->receive = (struct message_buffer){AT + 4096, 100};
        CHECK_NOT(call(right, message_with_flags(HEADER(0), MESSAGE_BLOCK), SOON, &r), TOO_LONG);
        block->send[0].length = 65537;
        CHECK_NOT(call(right, message_with_flags(HEADER(0), MESSAGE_BLOCK), SOON, &r), TOO_LONG);
        block->send[0].length = 100;
        CHECK_OK(call(right, message_with_flags(HEADER(0), MESSAGE_BLOCK), SOON, &r));
        sys_handle_close(right);
}

static void an_answer_too_long_is_perhaps_executed(void)
{
        handle_t right = start_echo(3, 0, 4096);
        struct message_block *block = own_block();
        struct message_registers r = {0};
        map_at(make_memory(2), AT);
        block->send[0] = (struct message_buffer){AT, 50};
        block->send_count = 1;
        block->receive = (struct message_buffer){AT + 4096, 49};
        CHECK_EQ(call(right, message_with_flags(HEADER(0), MESSAGE_BLOCK), SOON, &r),
                 perhaps_executed(REASON_TOO_LONG));
        sys_handle_close(right);
}

static void missing_pages_are_faults_and_nothing_moves(void)
{
        handle_t right = start_echo(2, 0, 65536);
        struct message_block *block = own_block();
        struct message_registers r = {0};
        handle_t memory = make_memory(2);
        map_at(memory, AT);
        block->send_count = 1;
        block->send[0] = (struct message_buffer){AT + 4096, 4097};
        CHECK_NOT(call(right, message_with_flags(HEADER(0), MESSAGE_BLOCK), SOON, &r), FAULT);
        block->send[0] = (struct message_buffer){0xffff800000000000, 8};
        CHECK_NOT(call(right, message_with_flags(HEADER(0), MESSAGE_BLOCK), SOON, &r), FAULT);
        block->send[0] = (struct message_buffer){AT, 8};
        block->receive = (struct message_buffer){AT + 8192, 8};
        CHECK_EQ(call(right, message_with_flags(HEADER(0), MESSAGE_BLOCK), SOON, &r),
                 perhaps_executed(REASON_FAULT));
        sys_handle_close(right);
}

static void memory_arrives_as_a_snapshot(void)
{
        handle_t port = make_port(), right = make_right(port, 1), event = make_event(), object;
        struct message_block *block = own_block();
        struct message_registers r = {0}, q;
        handle_t memory = make_memory(2);
        map_at(memory, AT);
        *(volatile uint64_t *)AT = 1;
        CHECK_OK(sys_call_create(event, 1, &object));
        block->send_caps[0] = (struct send_cap){memory, RIGHTS_ALL, 0};
        block->receive_caps = 1;
        r.handle = right;
        r.second = object;
        r.header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
        r.deadline = SOON;
        CHECK_OK(sys_message(SYSCALL_call_start, &r));
        CHECK_OK(receive(port, SOON, &q));
        CHECK_EQ(block->received_caps[0].type, OBJECT_MEMORY);
        CHECK_EQ(block->received_caps[0].badge, 8192);
        *(volatile uint64_t *)AT = 2;
        handle_t copy = block->received_caps[0].handle;
        map_at(copy, AT + 0x10000);
        CHECK_EQ(*(volatile uint64_t *)(AT + 0x10000), 1);
        *(volatile uint64_t *)(AT + 0x10000) = 3;
        CHECK_EQ(*(volatile uint64_t *)AT, 2);
        CHECK_OK(sys_object_destroy(copy));
        CHECK_OK(reply((handle_t)q.second, HEADER(0), &q));
        sys_handle_close(object);
}

/* A task may send to itself, or share memory with the receiver. */
static void buffers_of_sender_and_receiver_may_overlap(void)
{
        static char bytes[4096] __attribute__((aligned(4096)));
        enum { LENGTH = 1000 };
        struct message_block *block = own_block();
        handle_t port = make_port(), right = make_right(port, 1), event = make_event(), object;
        CHECK_OK(sys_call_create(event, 1, &object));
        for (unsigned shift = 1; shift <= 65; shift += 16) {
                struct message_registers r = {
                    .handle = right, .second = object, .deadline = SOON, .header = HEADER(0)};
                r.header = message_with_flags(r.header, MESSAGE_BLOCK | MESSAGE_ONE_WAY);
                for (unsigned i = 0; i < LENGTH; i++)
                        bytes[i] = (char)(i % 251);
                block->send_count = 1;
                block->send[0] = (struct message_buffer){(uint64_t)bytes, LENGTH};
                block->receive = (struct message_buffer){(uint64_t)bytes + shift, LENGTH};
                CHECK_OK(sys_message(SYSCALL_call_start, &r));
                CHECK_OK(receive(port, SOON, &r));
                CHECK_EQ(block->received_bytes, LENGTH);
                for (unsigned i = 0; i < LENGTH; i++)
                        CHECK_EQ(bytes[shift + i], (char)(i % 251));
                r.handle = object;
                CHECK_OK(sys_message(SYSCALL_call_finish, &r));
        }
        sys_handle_close(object);
}

const struct test message_tests[] = {
    {"words_travel_and_the_rest_is_zero", words_travel_and_the_rest_is_zero},
    {"wrong_headers_are_malformed", wrong_headers_are_malformed},
    {"bytes_travel_at_any_offset_and_length", bytes_travel_at_any_offset_and_length},
    {"too_long_for_the_receiver_is_not_executed", too_long_for_the_receiver_is_not_executed},
    {"an_answer_too_long_is_perhaps_executed", an_answer_too_long_is_perhaps_executed},
    {"missing_pages_are_faults_and_nothing_moves", missing_pages_are_faults_and_nothing_moves},
    {"buffers_of_sender_and_receiver_may_overlap", buffers_of_sender_and_receiver_may_overlap},
    {"memory_arrives_as_a_snapshot", memory_arrives_as_a_snapshot},
    {0}};
