/* Call objects: the asynchronous form. */
#include "tests/kernel/harness.h"

static handle_t event, object, port, right;

static void make_all(void)
{
        event = make_event();
        CHECK_OK(sys_call_create(event, 2, &object));
        port = make_port();
        right = make_right(port, 1);
}

static outcome_t start(uint64_t header, uint64_t deadline)
{
        struct message_registers r = {
            .handle = right, .second = object, .header = header, .deadline = deadline};
        r.words[0] = 11;
        return sys_message(SYSCALL_call_start, &r);
}

static outcome_t finish(struct message_registers *r)
{
        *r = (struct message_registers){.handle = object};
        return sys_message(SYSCALL_call_finish, r);
}

static void done(void)
{
        uint64_t bits = 0;
        CHECK_OK(sys_event_wait(event, 2, SOON, &bits));
        CHECK_EQ(bits, 2);
}

static void a_call_object_collects_the_answer(void)
{
        struct message_registers r, q;
        make_all();
        CHECK_OK(start(HEADER(1), SOON));
        CHECK_NOT(finish(&q), BUSY);
        CHECK_NOT(start(HEADER(1), SOON), BUSY);
        CHECK_OK(receive(port, 0, &r));
        CHECK_EQ(r.words[0], 11);
        r.words[0] = 12;
        CHECK_OK(reply((handle_t)r.second, HEADER(2), &r));
        done();
        CHECK_OK(finish(&q));
        CHECK_EQ(q.words[0], 12);
        CHECK_EQ(message_words(q.header), 2);
        CHECK_NOT(finish(&q), BUSY);
        CHECK_OK(start(HEADER(0), SOON));
        CHECK_OK(sys_object_destroy(object));
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
}

static void a_cancelled_call_that_is_queued_is_not_executed(void)
{
        struct message_registers r;
        make_all();
        CHECK_NOT(sys_call_cancel(object), NOT_RUNNING);
        CHECK_OK(start(HEADER(0), SOON));
        CHECK_OK(sys_call_cancel(object));
        done();
        CHECK_NOT(finish(&r), CANCELLED);
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
        sys_handle_close(object);
}

static void a_cancelled_call_that_is_received_tells_its_server(void)
{
        struct message_registers r, notice;
        make_all();
        CHECK_OK(start(HEADER(0), SOON));
        CHECK_OK(receive(port, 0, &r));
        CHECK_OK(sys_call_cancel(object));
        CHECK_OK(receive(port, 0, &notice));
        CHECK_EQ(message_method(notice.header), KERNEL_CANCEL);
        CHECK_EQ(notice.handle, 1);
        CHECK_EQ(notice.words[0], r.second);
        CHECK_NOT(finish(&notice), BUSY);
        CHECK_OK(reply((handle_t)r.second,
                       message_with_outcome(HEADER(0), answered(REASON_CANCELLED)), &r));
        done();
        CHECK_EQ(finish(&notice), answered(REASON_CANCELLED));
        sys_handle_close(object);
}

static void deadlines_end_call_objects_too(void)
{
        struct message_registers r;
        make_all();
        CHECK_OK(start(HEADER(0), SHORTLY));
        done();
        CHECK_NOT(finish(&r), DEADLINE);
        CHECK_OK(start(HEADER(0), SHORTLY));
        CHECK_OK(receive(port, 0, &r));
        done();
        CHECK_EQ(finish(&r), perhaps_executed(REASON_DEADLINE));
        sys_handle_close(object);
}

static void a_one_way_call_object_is_done_when_received(void)
{
        struct message_registers r;
        make_all();
        CHECK_OK(start(message_with_flags(HEADER(1), MESSAGE_ONE_WAY), SOON));
        CHECK_NOT(finish(&r), BUSY);
        CHECK_OK(receive(port, 0, &r));
        CHECK_EQ(r.second, 0);
        CHECK(message_flags(r.header) & MESSAGE_ONE_WAY);
        done();
        CHECK_OK(finish(&r));
        sys_handle_close(object);
}

static void closing_a_call_object_gives_the_call_up(void)
{
        struct message_registers r;
        make_all();
        CHECK_OK(start(HEADER(0), SOON));
        CHECK_OK(receive(port, 0, &r));
        CHECK_OK(sys_handle_close(object));
        CHECK_NOT(reply((handle_t)r.second, HEADER(0), &r), CANCELLED);
}

/* A moved handle comes back if delivery fails. */
static void moved_capabilities_come_back_from_a_call_not_executed(void)
{
        struct message_registers r;
        struct message_block *block = own_block();
        make_all();
        handle_t moved = make_right(make_port(), 1);
        block->send_caps[0] = (struct send_cap){moved, RIGHTS_ALL, SEND_CAP_MOVE};
        block->receive_caps = 0;
        CHECK_OK(start(message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK), SOON));
        CHECK_NOT(sys_handle_info(moved, NULL, NULL, NULL), BAD_HANDLE);
        CHECK_NOT(receive(port, 0, &r), DEADLINE); /* takes no capabilities */
        done();
        CHECK_NOT(finish(&r), TOO_LONG);
        CHECK_OK(sys_handle_info(moved, NULL, NULL, NULL));
        block->receive_caps = 1;
        CHECK_OK(start(message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK), SOON));
        CHECK_OK(receive(port, 0, &r));
        CHECK_NOT(sys_handle_info(moved, NULL, NULL, NULL), BAD_HANDLE);
        CHECK_OK(sys_handle_info(block->received_caps[0].handle, NULL, NULL, NULL));
        sys_handle_close(block->received_caps[0].handle);
        sys_handle_close(object);
        sys_handle_close((handle_t)r.second);
}

static void a_reply_right_can_be_passed_on(void)
{
        struct message_registers r, q;
        struct message_block *block = own_block();
        handle_t second_object, second_port = make_port(),
                                second_right = make_right(second_port, 2);
        make_all();
        CHECK_OK(sys_call_create(event, 4, &second_object));
        CHECK_OK(start(HEADER(0), SOON));
        CHECK_OK(receive(port, 0, &r));
        block->send_caps[0] = (struct send_cap){(handle_t)r.second, RIGHTS_ALL, 0};
        block->receive_caps = 1;
        q = (struct message_registers){
            .handle = second_right, .second = second_object, .deadline = SOON};
        q.header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
        CHECK_NOT(sys_message(SYSCALL_call_start, &q), REFUSED);
        block->send_caps[0].flags = SEND_CAP_MOVE;
        q = (struct message_registers){
            .handle = second_right, .second = second_object, .deadline = SOON};
        q.header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
        CHECK_OK(sys_message(SYSCALL_call_start, &q));
        CHECK_OK(receive(second_port, 0, &q));
        CHECK_EQ(block->received_caps[0].type, OBJECT_REPLY);
        handle_t passed = block->received_caps[0].handle;
        CHECK_OK(reply(passed, HEADER(0), &q));
        done();
        CHECK_OK(finish(&r));
        sys_handle_close((handle_t)q.second);
        sys_handle_close(object);
        sys_handle_close(second_object);
}

const struct test call_tests[] = {
    {"a_call_object_collects_the_answer", a_call_object_collects_the_answer},
    {"a_cancelled_call_that_is_queued_is_not_executed",
     a_cancelled_call_that_is_queued_is_not_executed},
    {"a_cancelled_call_that_is_received_tells_its_server",
     a_cancelled_call_that_is_received_tells_its_server},
    {"deadlines_end_call_objects_too", deadlines_end_call_objects_too},
    {"a_one_way_call_object_is_done_when_received", a_one_way_call_object_is_done_when_received},
    {"closing_a_call_object_gives_the_call_up", closing_a_call_object_gives_the_call_up},
    {"moved_capabilities_come_back_from_a_call_not_executed",
     moved_capabilities_come_back_from_a_call_not_executed},
    {"a_reply_right_can_be_passed_on", a_reply_right_can_be_passed_on},
    {0}};
