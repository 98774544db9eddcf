/* Rights to a port: badges, issues, revoking, and the notice that no sender is left. */
#include "tests/kernel/harness.h"

static outcome_t issue(handle_t port, uint64_t badge, handle_t *right, uint64_t *issues)
{
        return sys_right_issue(port, badge, RIGHTS_ALL, right, issues);
}

static void a_badge_belongs_to_one_living_right(void)
{
        handle_t port = make_port(), other;
        make_right(port, 7);
        CHECK_NOT(sys_right_mint(port, 7, RIGHTS_ALL, &other), BUSY);
        CHECK_OK(sys_right_revoke(port, 7, 0));
        CHECK_OK(sys_right_mint(port, 7, RIGHTS_ALL, &other));
        sys_handle_close(other);
        CHECK_NOT(sys_right_revoke(port, 8, 0), NOT_FOUND);
}

static void the_last_handle_gives_one_notice_with_the_issues(void)
{
        struct message_registers r;
        handle_t port = make_port(), right, second;
        uint64_t issues;
        CHECK_OK(sys_right_mint(port, 5, RIGHTS_ALL, &right));
        CHECK_OK(issue(port, 5, &second, &issues));
        CHECK_EQ(issues, 2);
        CHECK_OK(sys_handle_close(right));
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
        CHECK_OK(sys_handle_close(second));
        CHECK_OK(receive(port, 0, &r));
        CHECK_EQ(message_method(r.header), KERNEL_NO_SENDERS);
        CHECK_EQ(r.handle, 5);
        CHECK_EQ(r.words[0], 2);
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
        CHECK_NOT(issue(port, 5, &second, &issues), NOT_FOUND);
}

static void a_right_issued_again_gives_no_notice(void)
{
        struct message_registers r;
        handle_t port = make_port(), right;
        uint64_t issues;
        CHECK_OK(sys_right_mint(port, 5, RIGHTS_ALL, &right));
        CHECK_OK(sys_handle_close(right));
        CHECK_OK(issue(port, 5, &right, &issues));
        CHECK_EQ(issues, 2);
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
        CHECK_OK(sys_handle_close(right));
        CHECK_OK(receive(port, 0, &r));
        CHECK_EQ(r.words[0], 2);
}

static void queued_caller(uint64_t right)
{
        struct message_registers r = {0};
        SHARED->word[1] = 1 + (uint64_t)call((handle_t)right, HEADER(0), SOON, &r);
}

static void revoking_ends_all_copies_and_queued_calls(void)
{
        struct message_registers r = {0};
        handle_t port = make_port(), right = make_right(port, 1), copy;
        CHECK_OK(sys_handle_copy(right, RIGHTS_ALL, &copy));
        thread_run(queued_caller, copy, PRIORITY_LOW);
        settle();
        CHECK_OK(sys_right_revoke(port, 1, 0));
        settle();
        CHECK_EQ(SHARED->word[1], 1 + not_executed(REASON_REVOKED));
        CHECK_NOT(call(right, HEADER(0), SOON, &r), REVOKED);
        CHECK_NOT(call(copy, HEADER(0), SOON, &r), REVOKED);
        CHECK_NOT(receive(port, 0, &r), DEADLINE);
        sys_handle_close(copy);
}

static void a_revoked_right_says_why(void)
{
        struct message_registers r = {0};
        handle_t port = make_port(), right = make_right(port, 1);
        CHECK_OK(sys_right_revoke(port, 1, REASON_NODE_DIED));
        CHECK_NOT(call(right, HEADER(0), SOON, &r), NODE_DIED);
        CHECK_NOT(sys_handle_info(right, NULL, NULL, NULL), NODE_DIED);
}

static void a_watch_fires_for_revoke_and_for_death_and_at_once_for_the_dead(void)
{
        uint64_t bits = 0;
        handle_t port = make_port(), event = make_event();
        handle_t one = make_right(port, 1), two = make_right(port, 2);
        CHECK_OK(sys_watch(one, event, 1));
        CHECK_OK(sys_watch(two, event, 2));
        CHECK_OK(sys_right_revoke(port, 1, 0));
        CHECK_OK(sys_event_wait(event, ~0ull, 0, &bits));
        CHECK_EQ(bits, 1);
        CHECK_OK(sys_handle_close(port));
        CHECK_OK(sys_event_wait(event, ~0ull, 0, &bits));
        CHECK_EQ(bits, 2);
        CHECK_OK(sys_watch(two, event, 4));
        CHECK_OK(sys_event_wait(event, ~0ull, 0, &bits));
        CHECK_EQ(bits, 4);
        CHECK_NOT(sys_watch(event, event, 1), WRONG_TYPE);
}

static void an_ended_watch_does_not_fire_and_gives_its_memory_back(void)
{
        uint64_t bits = 0;
        handle_t port = make_port(), event = make_event(), right = make_right(port, 1);
        CHECK_NOT(sys_unwatch(right, event, 1), NOT_FOUND);
        CHECK_OK(sys_watch(right, event, 1));
        CHECK_OK(sys_watch(right, event, 2));
        CHECK_NOT(sys_unwatch(right, event, 4), NOT_FOUND);
        for (unsigned i = 0; i < 100000; i++) {
                CHECK_OK(sys_watch(right, event, 4));
                CHECK_OK(sys_unwatch(right, event, 4));
        }
        CHECK_OK(sys_unwatch(right, event, 1));
        CHECK_OK(sys_right_revoke(port, 1, 0));
        CHECK_OK(sys_event_wait(event, ~0ull, 0, &bits));
        CHECK_EQ(bits, 2);
        CHECK_NOT(sys_unwatch(right, event, 2), NOT_FOUND);
        CHECK_NOT(sys_unwatch(event, event, 1), WRONG_TYPE);
}

/* Sends a capability to a port of this thread's and receives it. */
static struct received_cap pass_to_self(handle_t handle, unsigned flags)
{
        struct message_block *block = own_block();
        handle_t port = make_port(), right = make_right(port, 1), object;
        struct message_registers r = {.handle = right, .deadline = SOON}, q;
        CHECK_OK(sys_call_create(make_event(), 1, &object));
        block->send_caps[0] = (struct send_cap){handle, RIGHTS_ALL, (uint16_t)flags};
        block->receive_caps = 1;
        r.second = object;
        r.header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
        CHECK_OK(sys_message(SYSCALL_call_start, &r));
        CHECK_OK(receive(port, 0, &q));
        sys_handle_close((handle_t)q.second);
        sys_handle_close(object);
        return block->received_caps[0];
}

static void a_right_to_ones_own_port_arrives_as_port_and_badge(void)
{
        handle_t port = make_port();
        struct received_cap cap = pass_to_self(make_right(port, 42), 0);
        CHECK_EQ(cap.type, OBJECT_PORT);
        CHECK_EQ(cap.own, 1);
        CHECK_EQ(cap.badge, 42);
        CHECK_EQ(cap.handle, port);
}

/* What tells images of a task apart. */
static void become_image(uint64_t reflect)
{
        CHECK_OK(sys_thread_control(0, THREAD_SET_REFLECT, reflect));
}

static const uint64_t this_image = (uint64_t)rt_linux_entry, other_image = 0x1000;

static void a_right_to_a_port_of_another_image_of_the_task_arrives_as_a_handle(void)
{
        become_image(other_image);
        handle_t right = make_right(make_port(), 42);
        become_image(this_image);
        struct received_cap cap = pass_to_self(right, SEND_CAP_MOVE);
        CHECK_EQ(cap.type, OBJECT_RIGHT);
        CHECK_EQ(cap.own, 0);
        CHECK_OK(sys_handle_close(cap.handle));
}

static void a_port_is_of_the_image_that_has_received_it(void)
{
        become_image(other_image);
        handle_t port = make_port(), right = make_right(port, 42);
        become_image(this_image);
        struct received_cap cap = pass_to_self(port, SEND_CAP_MOVE);
        CHECK_EQ(cap.type, OBJECT_PORT);
        CHECK_EQ(cap.own, 0);
        port = cap.handle;
        cap = pass_to_self(right, 0);
        CHECK_EQ(cap.own, 1);
        CHECK_EQ(cap.badge, 42);
        CHECK_EQ(cap.handle, port);
}

static void only_the_receiver_mints_issues_and_revokes(void)
{
        handle_t port = make_port(), right = make_right(port, 1), other;
        uint64_t issues;
        CHECK_NOT(sys_right_mint(right, 2, RIGHTS_ALL, &other), WRONG_TYPE);
        CHECK_NOT(issue(right, 1, &other, &issues), WRONG_TYPE);
        CHECK_NOT(sys_right_revoke(right, 1, 0), WRONG_TYPE);
}

const struct test right_tests[] = {
    {"a_badge_belongs_to_one_living_right", a_badge_belongs_to_one_living_right},
    {"the_last_handle_gives_one_notice_with_the_issues",
     the_last_handle_gives_one_notice_with_the_issues},
    {"a_right_issued_again_gives_no_notice", a_right_issued_again_gives_no_notice},
    {"revoking_ends_all_copies_and_queued_calls", revoking_ends_all_copies_and_queued_calls},
    {"a_revoked_right_says_why", a_revoked_right_says_why},
    {"a_watch_fires_for_revoke_and_for_death_and_at_once_for_the_dead",
     a_watch_fires_for_revoke_and_for_death_and_at_once_for_the_dead},
    {"an_ended_watch_does_not_fire_and_gives_its_memory_back",
     an_ended_watch_does_not_fire_and_gives_its_memory_back},
    {"a_right_to_ones_own_port_arrives_as_port_and_badge",
     a_right_to_ones_own_port_arrives_as_port_and_badge},
    {"a_right_to_a_port_of_another_image_of_the_task_arrives_as_a_handle",
     a_right_to_a_port_of_another_image_of_the_task_arrives_as_a_handle},
    {"a_port_is_of_the_image_that_has_received_it", a_port_is_of_the_image_that_has_received_it},
    {"only_the_receiver_mints_issues_and_revokes", only_the_receiver_mints_issues_and_revokes},
    {0}};
