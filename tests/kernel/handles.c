/* Handles: closing, copying, granting, stale ones, and the rights that none may gain. */
#include "tests/kernel/harness.h"

static void closed_handle_is_an_error(void)
{
        handle_t event = make_event();
        CHECK_OK(sys_handle_close(event));
        CHECK_NOT(sys_event_signal(event, 1), BAD_HANDLE);
        CHECK_NOT(sys_handle_close(event), BAD_HANDLE);
        /* Its slot is used again, and still the old handle names nothing. */
        handle_t other = make_event();
        CHECK(other != event);
        CHECK_NOT(sys_event_signal(event, 1), BAD_HANDLE);
}

enum { TURNS = 0x10000 + 8 };

static void a_slot_used_ever_again_never_makes_an_old_number_valid(void)
{
        handle_t event = make_event(), old, copy;
        CHECK_OK(sys_handle_copy(event, RIGHT_SIGNAL, &old));
        CHECK_OK(sys_handle_close(old));
        for (unsigned i = 0; i < TURNS; i++) {
                CHECK_OK(sys_handle_copy(event, RIGHT_SIGNAL, &copy));
                CHECK(copy != old);
                CHECK_EQ((uint16_t)copy, (uint16_t)old);
                CHECK_OK(sys_handle_close(copy));
        }
        CHECK_NOT(sys_event_signal(old, 1), BAD_HANDLE);
}

/* Sends the event SHARED->word[1] through the right SHARED->word[0], many times. */
static void sends_capabilities(uint64_t turns)
{
        struct message_block *block = own_block();
        block->send_caps[0] = (struct send_cap){SHARED->word[1], RIGHT_SIGNAL, 0};
        for (uint64_t i = 0; i < turns; i++) {
                struct message_registers r = {.handle = SHARED->word[0], .deadline = SOON};
                r.header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
                sys_message(SYSCALL_send, &r);
        }
}

static void a_peer_cannot_wear_out_a_receivers_slot(void)
{
        struct message_registers r;
        struct message_block *block = own_block();
        handle_t port = make_port(), right = make_right(port, 1), event = make_event();
        struct child peer = child_create(sends_capabilities, TURNS, PRIORITY_LOW);
        SHARED->word[0] = child_grant(&peer, right);
        SHARED->word[1] = child_grant(&peer, event);
        child_start(&peer);
        block->receive_caps = 1;
        CHECK_OK(receive(port, SOON, &r));
        handle_t old = block->received_caps[0].handle;
        for (unsigned i = 1; i < TURNS; i++) {
                CHECK_OK(sys_handle_close(block->received_caps[0].handle));
                CHECK_OK(receive(port, SOON, &r));
                CHECK(block->received_caps[0].handle != old);
        }
        CHECK_EQ((uint16_t)block->received_caps[0].handle, (uint16_t)old);
        CHECK_NOT(sys_event_signal(old, 1), BAD_HANDLE);
        CHECK_OK(sys_event_signal(block->received_caps[0].handle, 1));
        sys_handle_close(block->received_caps[0].handle);
}

static void made_up_handles_are_errors(void)
{
        handle_t event = make_event();
        const handle_t bad[] = {0,
                                1,
                                0xffff,
                                0x10000 - 1,
                                0xffffffff,
                                0x7fffffff,
                                UINT64_MAX,
                                event + (1ull << 32),
                                event | 1ull << 63,
                                (uint16_t)event};
        for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                CHECK_NOT(sys_event_signal(bad[i], 1), BAD_HANDLE);
}

static void wrong_type_is_named(void)
{
        handle_t port = make_port();
        CHECK_NOT(sys_event_signal(port, 1), WRONG_TYPE);
        struct message_registers r = {0};
        CHECK_NOT(call(make_event(), HEADER(0), SOON, &r), WRONG_TYPE);
}

static void copy_keeps_a_subset_of_rights(void)
{
        enum object_kind type;
        uint32_t rights;
        handle_t event = make_event(), copy, second;
        CHECK_OK(sys_handle_copy(event, RIGHT_SIGNAL | RIGHT_COPY | RIGHT_EXECUTE, &copy));
        CHECK_OK(sys_handle_info(copy, &type, &rights, NULL));
        CHECK_EQ(type, OBJECT_EVENT);
        CHECK_EQ(rights, RIGHT_SIGNAL | RIGHT_COPY);
        CHECK_OK(sys_event_signal(copy, 1));
        uint64_t bits;
        CHECK_NOT(sys_event_wait(copy, 1, 0, &bits), REFUSED);
        CHECK_NOT(sys_object_destroy(copy), REFUSED);
        /* No operation adds a right back. */
        CHECK_OK(sys_handle_copy(copy, RIGHTS_ALL, &second));
        CHECK_OK(sys_handle_info(second, &type, &rights, NULL));
        CHECK_EQ(rights, RIGHT_SIGNAL | RIGHT_COPY);
        sys_handle_close(second);
        sys_handle_close(copy);
}

static void copy_needs_the_right_to(void)
{
        handle_t event = make_event(), copy, second;
        CHECK_OK(sys_handle_copy(event, RIGHT_SIGNAL, &copy));
        CHECK_NOT(sys_handle_copy(copy, RIGHT_SIGNAL, &second), REFUSED);
        sys_handle_close(copy);
        CHECK_NOT(sys_handle_copy(make_port(), RIGHTS_ALL, &second), REFUSED);
}

static void copies_share_the_identity_of_a_right(void)
{
        handle_t port = make_port(), a = make_right(port, 1), b = make_right(port, 2), copy;
        uint64_t first, second, third;
        CHECK_OK(sys_handle_copy(a, RIGHTS_ALL, &copy));
        CHECK_OK(sys_handle_info(a, NULL, NULL, &first));
        CHECK_OK(sys_handle_info(copy, NULL, NULL, &second));
        CHECK_OK(sys_handle_info(b, NULL, NULL, &third));
        CHECK_EQ(first, second);
        CHECK(first != third);
        sys_handle_close(copy);
}

static void destroying_an_object_ends_all_its_handles(void)
{
        handle_t event = make_event(), copy;
        CHECK_OK(sys_handle_copy(event, RIGHTS_ALL, &copy));
        CHECK_OK(sys_object_destroy(event));
        CHECK_NOT(sys_event_signal(copy, 1), BAD_HANDLE);
        CHECK_NOT(sys_event_signal(event, 1), BAD_HANDLE);
}

static void a_table_grows_and_every_handle_stays_itself(void)
{
        enum { MANY = 2000 };
        static handle_t copies[MANY];
        handle_t event = make_event();
        for (unsigned i = 0; i < MANY; i++)
                CHECK_OK(sys_handle_copy(event, RIGHTS_ALL, &copies[i]));
        for (unsigned i = 0; i < MANY; i++)
                CHECK_OK(sys_event_signal(copies[i], 1));
        for (unsigned i = 0; i < MANY; i++)
                CHECK_OK(sys_handle_close(copies[i]));
}

static void unknown_system_calls_are_refused(void)
{
        struct syscall_registers registers = {0};
        CHECK_NOT(sys_registers(SYSCALL_END + 5, &registers), NO_SYSCALL);
        CHECK_NOT(sys_registers(SYSCALL_BASE + 15, &registers), NO_SYSCALL);
        CHECK_NOT(sys_registers(0x7fffffff, &registers), NO_SYSCALL);
        CHECK_OK(sys_null());
}

const struct test handle_tests[] = {
    {"closed_handle_is_an_error", closed_handle_is_an_error},
    {"a_slot_used_ever_again_never_makes_an_old_number_valid",
     a_slot_used_ever_again_never_makes_an_old_number_valid},
    {"a_peer_cannot_wear_out_a_receivers_slot", a_peer_cannot_wear_out_a_receivers_slot},
    {"made_up_handles_are_errors", made_up_handles_are_errors},
    {"wrong_type_is_named", wrong_type_is_named},
    {"copy_keeps_a_subset_of_rights", copy_keeps_a_subset_of_rights},
    {"copy_needs_the_right_to", copy_needs_the_right_to},
    {"copies_share_the_identity_of_a_right", copies_share_the_identity_of_a_right},
    {"destroying_an_object_ends_all_its_handles", destroying_an_object_ends_all_its_handles},
    {"a_table_grows_and_every_handle_stays_itself", a_table_grows_and_every_handle_stays_itself},
    {"unknown_system_calls_are_refused", unknown_system_calls_are_refused},
    {0}};
