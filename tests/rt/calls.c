/* Calls to another program through generated stubs, and every way they can end. */
#include <stdlib.h>
#include <string.h>
#include "servers/proto/guest.h"
#include "servers/rt/task/memory.h"
#include "tests/rt/guest.h"

static struct {
        struct spawned child;
        handle_t right;
} guest;

/* A child that serves, and has said so. */
static void guest_start(void)
{
        static const char *const argument = "serve";
        handle_t port, parent;
        struct arrival arrival;
        CHECK_OK(sys_port_create(&port));
        CHECK_OK(sys_right_mint(port, 1, RIGHTS_ALL, &parent));
        const struct spawn_grant grants[] = {{"parent", parent, RIGHTS_ALL}};
        struct spawn spawn = child_spawn(&argument, grants, 1);
        CHECK_OK(child_make(&spawn, &guest.child));
        CHECK_OK(spawn_start(&guest.child));
        arrival_prepare(&arrival, NULL, 0, 1);
        CHECK_OK(rt_receive(port, SOON, &arrival));
        CHECK_EQ(arrival.method, GUEST_METHOD_HELLO);
        guest.right = cap_take(&arrival.caps[0]);
        CHECK(guest.right != 0);
        sys_object_destroy(port);
        sys_handle_close(parent);
}

static void guest_end(void)
{
        spawn_destroy(&guest.child);
        sys_handle_close(guest.right);
}

static void words_and_bytes_travel(void)
{
        static uint8_t data[MESSAGE_BYTES_MAX], back[MESSAGE_BYTES_MAX];
        uint64_t sum;
        size_t length;
        guest_start();
        CHECK_OK(guest_add(guest.right, SOON, 40, 2, &sum));
        CHECK_EQ(sum, 42);
        for (size_t i = 0; i < sizeof data; i++)
                data[i] = (uint8_t)(i * 7 + i / 256);
        CHECK_OK(guest_reverse(guest.right, SOON, data, sizeof data, back, sizeof back, &length));
        CHECK_EQ(length, sizeof data);
        for (size_t i = 0; i < sizeof data; i++)
                CHECK_EQ(back[i], data[sizeof data - 1 - i]);
        CHECK_OK(guest_reverse(guest.right, SOON, NULL, 0, back, sizeof back, &length));
        CHECK_EQ(length, 0);
        guest_end();
}

static void an_answer_that_does_not_fit_is_said(void)
{
        char back[4];
        size_t length;
        uint64_t sum;
        guest_start();
        CHECK_EQ(guest_reverse(guest.right, SOON, "12345", 5, back, sizeof back, &length),
                 perhaps_executed(REASON_TOO_LONG));
        CHECK_OK(guest_add(guest.right, SOON, 1, 2, &sum));
        guest_end();
}

static void a_right_comes_home_as_itself(void)
{
        handle_t port, right, back = 0;
        enum object_kind type;
        uint32_t rights;
        uint64_t identity, same;
        guest_start();
        CHECK_OK(sys_port_create(&port));
        CHECK_OK(sys_right_mint(port, 123, RIGHTS_ALL, &right));
        CHECK_OK(sys_handle_info(right, &type, &rights, &identity));
        CHECK_OK(guest_pass(guest.right, SOON, right, &back));
        CHECK_OK(sys_handle_info(back, &type, &rights, &same));
        CHECK_EQ(type, OBJECT_RIGHT);
        CHECK_EQ(same, identity);
        sys_handle_close(back);
        sys_object_destroy(port);
        guest_end();
}

static void a_right_to_the_servers_own_port_arrives_as_its_badge(void)
{
        handle_t right;
        uint64_t own, badge;
        guest_start();
        CHECK_OK(guest_own(guest.right, SOON, &right));
        CHECK_OK(guest_is_own(guest.right, SOON, cap_copy(right), &own, &badge));
        CHECK_EQ(own, 1);
        CHECK_EQ(badge, 77);
        CHECK_OK(guest_is_own(guest.right, SOON, cap_move(right), &own, &badge));
        CHECK_EQ(sys_handle_close(right), not_executed(REASON_BAD_HANDLE));
        guest_end();
}

static void memory_arrives_as_a_snapshot(void)
{
        handle_t memory;
        uint64_t *words;
        guest_start();
        CHECK_OK(guest_fill(guest.right, SOON, 0xabcdef, &memory));
        CHECK_OK(rt_memory_map(memory, 0, 2 * PAGE_SIZE, MAP_READ, (void **)&words));
        CHECK_EQ(words[0], 0xabcdef);
        CHECK_EQ(words[512], 0xabcdef);
        rt_memory_free(words, 2 * PAGE_SIZE);
        sys_handle_close(memory);
        guest_end();
}

static void one_way_messages_arrive_in_order_before_calls(void)
{
        uint64_t value, stalled, cancelled;
        guest_start();
        for (uint64_t i = 1; i <= 20; i++)
                CHECK_OK(guest_note(guest.right, SOON, i));
        CHECK_OK(guest_noted(guest.right, SOON, &value, &stalled, &cancelled));
        CHECK_EQ(value, 20);
        guest_end();
}

static void a_deferred_answer_comes_later(void)
{
        uint64_t value;
        guest_start();
        CHECK_OK(guest_late(guest.right, SOON, 8, &value));
        CHECK_EQ(value, 9);
        guest_end();
}

static void a_deadline_ends_a_call_that_was_received(void)
{
        guest_start();
        uint64_t start = rt_now();
        CHECK_EQ(guest_stall(guest.right, start + 200 * RT_MILLISECOND),
                 perhaps_executed(REASON_DEADLINE));
        CHECK(rt_now() - start >= 200 * RT_MILLISECOND);
        CHECK_EQ(guest_stall(guest.right, start), not_executed(REASON_DEADLINE));
        guest_end();
}

static void a_nested_call_ends_with_the_one_it_serves(void)
{
        uint64_t rest, nested;
        handle_t port, right;
        guest_start();
        /* Nobody receives there. */
        CHECK_OK(sys_port_create(&port));
        CHECK_OK(sys_right_mint(port, 1, RIGHTS_ALL, &right));
        CHECK_EQ(guest_left(guest.right, rt_after(300 * RT_MILLISECOND), cap_copy(right), &rest,
                            &nested),
                 perhaps_executed(REASON_DEADLINE));
        sys_object_destroy(port);
        sys_handle_close(right);
        uint64_t sum;
        CHECK_OK(guest_add(guest.right, SOON, 1, 1, &sum));
        guest_end();
}

static void an_asynchronous_call_is_collected_and_cancelled(void)
{
        handle_t event, call;
        uint64_t bits, sum, value, stalled, cancelled;
        guest_start();
        CHECK_OK(sys_event_create(&event));
        CHECK_OK(sys_call_create(event, 4, &call));
        CHECK_OK(guest_add_start(guest.right, call, SOON, 3, 4));
        CHECK_OK(sys_event_wait(event, 4, SOON, &bits));
        CHECK_OK(guest_add_finish(call, &sum));
        CHECK_EQ(sum, 7);
        CHECK_EQ(guest_add_finish(call, &sum), not_executed(REASON_BUSY));

        CHECK_OK(guest_stall_start(guest.right, call, SOON));
        CHECK_EQ(guest_stall_finish(call), not_executed(REASON_BUSY));
        do {
                CHECK_OK(guest_noted(guest.right, SOON, &value, &stalled, &cancelled));
        } while (!stalled);
        CHECK_OK(rt_call_cancel(call));
        CHECK_OK(sys_event_wait(event, 4, SOON, &bits));
        CHECK_EQ(guest_stall_finish(call), answered(REASON_CANCELLED));
        CHECK_OK(guest_noted(guest.right, SOON, &value, &stalled, &cancelled));
        CHECK_EQ(cancelled, 1);
        sys_object_destroy(call);
        sys_object_destroy(event);
        guest_end();
}

static void a_server_that_dies_ends_its_calls(void)
{
        uint64_t sum;
        guest_start();
        CHECK_EQ(guest_die(guest.right, SOON), perhaps_executed(REASON_RECEIVER_DIED));
        CHECK_EQ(guest_add(guest.right, SOON, 1, 2, &sum), not_executed(REASON_RECEIVER_DIED));
        guest_end();
}

const struct test call_tests[] = {
#define TEST(function)                                                                             \
        {                                                                                          \
#function, function                                                                \
        }
    TEST(words_and_bytes_travel),
    TEST(an_answer_that_does_not_fit_is_said),
    TEST(a_right_comes_home_as_itself),
    TEST(a_right_to_the_servers_own_port_arrives_as_its_badge),
    TEST(memory_arrives_as_a_snapshot),
    TEST(one_way_messages_arrive_in_order_before_calls),
    TEST(a_deferred_answer_comes_later),
    TEST(a_deadline_ends_a_call_that_was_received),
    TEST(a_nested_call_ends_with_the_one_it_serves),
    TEST(an_asynchronous_call_is_collected_and_cancelled),
    TEST(a_server_that_dies_ends_its_calls),
    {0},
};
