/* Trace ids: a call that no other call causes begins a chain; what is called on the way carries the
 * chain's. */
#include "tests/kernel/harness.h"

static void calls_twice(uint64_t right)
{
        struct message_registers r = {0};
        call((handle_t)right, HEADER(0), SOON, &r);
        call((handle_t)right, HEADER(0), SOON, &r);
}

/* Receives a call, with its details; the trace id. */
static uint64_t serve(handle_t port, struct message_registers *r)
{
        CHECK_OK(receive(port, SOON, r));
        CHECK(message_flags(r->header) & MESSAGE_BLOCK);
        return ((struct message_block *)SHARED->word[5])->received_trace;
}

/* A port that always says the trace id; word 5 of SHARED is the test's block. */
static handle_t make_detailed_port(void)
{
        handle_t port = make_port();
        CHECK_OK(sys_port_detail(port, 1));
        SHARED->word[5] = (uint64_t)own_block();
        return port;
}

static void each_root_call_begins_a_chain(void)
{
        struct message_registers r;
        handle_t port = make_detailed_port(), right = make_right(port, 1);
        thread_run(calls_twice, right, PRIORITY_LOW);
        uint64_t first = serve(port, &r);
        CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
        uint64_t second = serve(port, &r);
        CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
        CHECK(first != 0 && second != 0 && first != second);
}

static void tells_the_trace(uint64_t port)
{
        struct message_registers r;
        struct message_block *block = own_block();
        for (unsigned i = 0; i < 2; i++) {
                receive((handle_t)port, SOON, &r);
                SHARED->word[10 + i] = block->received_trace;
                reply((handle_t)r.second, HEADER(0), &r);
        }
}

static void a_call_made_for_another_is_of_its_chain(void)
{
        struct message_registers r, q = {0};
        handle_t port = make_detailed_port(), right = make_right(port, 1);
        handle_t inner = make_port(), inner_right = make_right(inner, 1);
        CHECK_OK(sys_port_detail(inner, 1));
        thread_run(tells_the_trace, inner, PRIORITY_LOW);
        thread_run(calls_twice, right, PRIORITY_LOW);
        uint64_t outer = serve(port, &r);
        CHECK_OK(call(inner_right, HEADER(0), SOON, &q));
        CHECK_EQ(SHARED->word[10], outer);
        CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
        CHECK_OK(call(inner_right, HEADER(0), SOON, &q)); /* for nobody now */
        CHECK(SHARED->word[11] != 0 && SHARED->word[11] != outer);
        serve(port, &r);
        CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
}

/* Also where nothing came with it, and where something had come with the one before. */
static void details_are_of_the_message_that_has_come(void)
{
        struct message_registers r;
        handle_t port = make_detailed_port(), right = make_right(port, 1);
        struct message_block *block = own_block();
        thread_run(calls_twice, right, PRIORITY_LOW);
        for (unsigned i = 0; i < 2; i++) {
                block->received_bytes = 99;
                block->received_priority = 0;
                serve(port, &r);
                CHECK_EQ(block->received_bytes, 0);
                CHECK_EQ(block->received_priority, PRIORITY_LOW);
                CHECK_EQ(message_caps(r.header), 0);
                CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
        }
}

const struct test trace_tests[] = {
    {"each_root_call_begins_a_chain", each_root_call_begins_a_chain},
    {"a_call_made_for_another_is_of_its_chain", a_call_made_for_another_is_of_its_chain},
    {"details_are_of_the_message_that_has_come", details_are_of_the_message_that_has_come},
    {0}};
