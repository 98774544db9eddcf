/* The errors of system calls that no other file comes to see: tools/check/errors looks for each
 * that the list names. Memory used up is seen in a child, whose account is its own. */
#include <stdio.h>
#include "tests/kernel/harness.h"

/* ---- memory used up -------------------------------------------------------------------------- */

/* Words 0 and 1 of SHARED say at which line and with what outcome a check failed; word 0 is DONE at
 * the end. */

enum { DONE = 1, PAGES_AT = 0x50000000, FAR_AT = 0x60000000 };

static void failed(unsigned line, outcome_t outcome)
{
        SHARED->word[1] = outcome;
        SHARED->word[0] = line;
        sys_thread_exit();
}

#define CHILD_CHECK_NOT(expression, reason)                                                        \
        do {                                                                                       \
                outcome_t outcome_ = (expression);                                                 \
                if (outcome_ != not_executed(REASON_##reason)) {                                   \
                        failed(__LINE__, outcome_);                                                \
                        return;                                                                    \
                }                                                                                  \
        } while (0)

/* Memory takes two pages at the least; watches take the last one, if one is left. */
static void use_all_memory(handle_t right, handle_t event)
{
        handle_t made;
        for (uint64_t bytes = 1 << 20; bytes >= 4096; bytes /= 2)
                while (sys_memory_create(0, bytes, MEMORY_ANONYMOUS, 0, &made) == OUTCOME_OK)
                        continue;
        while (sys_watch(right, event, 1) == OUTCOME_OK)
                continue;
}

static void use_all_handles(handle_t event)
{
        handle_t made;
        while (sys_handle_copy(event, RIGHTS_ALL, &made) == OUTCOME_OK)
                continue;
}

/* Mappings of one page, until there is no memory for another. */
static void use_all_mappings(handle_t memory)
{
        uint64_t address = PAGES_AT + 16 * 4096;
        while (sys_memory_map(0, memory, address, 0, 4096, MAP_READ, NULL) == OUTCOME_OK)
                address += 4096;
}

/* Of the four pages at PAGES_AT, the two in the middle are left: that takes no memory. */
static void unmaps_ends(void)
{
        struct memory_mapping mapping;
        outcome_t outcome = sys_memory_unmap(0, PAGES_AT, 4096);
        if (outcome == OUTCOME_OK)
                outcome = sys_memory_unmap(0, PAGES_AT + 3 * 4096, 4096);
        if (outcome == OUTCOME_OK)
                outcome = sys_memory_query(0, PAGES_AT, &mapping);
        if (outcome != OUTCOME_OK || mapping.address != PAGES_AT + 4096 ||
            mapping.bytes != 2 * 4096 || mapping.offset != 4096 || mapping.flags != MAP_READ)
                failed(__LINE__, outcome);
}

static void uses_memory_up(uint64_t hardware)
{
        handle_t event, port, right, memory, task, made;
        sys_event_create(&event);
        sys_port_create(&port);
        sys_right_mint(port, 1, RIGHTS_ALL, &right);
        sys_task_create(0, &task);
        sys_memory_create(0, 4 * 4096, MEMORY_ANONYMOUS, 0, &memory);
        sys_memory_map(0, memory, PAGES_AT, 0, 4 * 4096, MAP_READ, NULL);
        use_all_memory(right, event);
        CHILD_CHECK_NOT(sys_task_create(0, &made), NO_MEMORY);
        CHILD_CHECK_NOT(sys_thread_create(task, 0x400000, 0, 0, 0, &made), NO_MEMORY);
        CHILD_CHECK_NOT(sys_memory_snapshot(memory, &made), NO_MEMORY);
        CHILD_CHECK_NOT(sys_account_create(0, 1ull << 40, &made), NO_MEMORY);
        CHILD_CHECK_NOT(sys_memory_map(0, memory, FAR_AT, 0, 4096, MAP_READ, NULL), NO_MEMORY);
        use_all_mappings(memory);
        CHILD_CHECK_NOT(sys_memory_unmap(0, PAGES_AT + 4096, 4096), NO_MEMORY);
        CHILD_CHECK_NOT(sys_memory_protect(0, PAGES_AT + 4096, 4096, 0), NO_MEMORY);
        unmaps_ends();
        CHILD_CHECK_NOT(sys_watch(right, event, 1), NO_MEMORY);
        use_all_handles(event);
        CHILD_CHECK_NOT(sys_handle_copy(event, RIGHTS_ALL, &made), NO_MEMORY);
        CHILD_CHECK_NOT(sys_event_create(&made), NO_MEMORY);
        CHILD_CHECK_NOT(sys_port_create(&made), NO_MEMORY);
        CHILD_CHECK_NOT(sys_call_create(event, 1, &made), NO_MEMORY);
        CHILD_CHECK_NOT(sys_call_create_keyed(port, 1, &made), NO_MEMORY);
        CHILD_CHECK_NOT(sys_right_mint(port, 2, RIGHTS_ALL, &made), NO_MEMORY);
        CHILD_CHECK_NOT(sys_right_issue(port, 1, RIGHTS_ALL, &made, NULL), NO_MEMORY);
        CHILD_CHECK_NOT(sys_device_memory((handle_t)hardware, 0xfe000000, 4096, &made), NO_MEMORY);
        CHILD_CHECK_NOT(sys_interrupt_create((handle_t)hardware, INTERRUPT_MSI, &made, NULL, NULL),
                        NO_MEMORY);
        CHILD_CHECK_NOT(sys_ioport_create((handle_t)hardware, 0x2f8, 8, &made), NO_MEMORY);
        SHARED->word[0] = DONE;
        sys_sleep(TIME_NEVER);
}

static void starts_with_the_hardware(uint64_t unused)
{
        (void)unused;
        uses_memory_up(SHARED->word[5]);
}

static void memory_used_up_is_told_by_every_call_that_takes_some(void)
{
        struct child child = child_create(starts_with_the_hardware, 0, PRIORITY_LOW);
        handle_t there;
        SHARED->word[5] = child_grant(&child, boot->hardware);
        child_start(&child);
        settle();
        if (SHARED->word[0] != DONE)
                printf("line %u: %x\n", (unsigned)SHARED->word[0], (unsigned)SHARED->word[1]);
        CHECK_EQ(SHARED->word[0], DONE);
        CHECK_NOT(sys_handle_grant(child.task, child.thread, RIGHTS_ALL, &there), NO_MEMORY);
}

/* ---- tasks that have ended ---- */

static void ends(uint64_t unused)
{
        (void)unused;
        sys_task_exit(0);
}

static void an_ended_task_is_not_running(void)
{
        struct child child = child_create(ends, 0, PRIORITY_LOW);
        handle_t port = make_port(), right = make_right(port, 1), memory = make_memory(1), made;
        char bytes[8] = {0};
        child_start(&child);
        settle();
        CHECK_NOT(sys_handle_grant(child.task, right, RIGHTS_ALL, &made), NOT_RUNNING);
        CHECK_NOT(sys_task_set_fault_handler(child.task, right), NOT_RUNNING);
        CHECK_NOT(sys_task_read(child.task, 0x400000, bytes, sizeof bytes), NOT_RUNNING);
        CHECK_NOT(sys_task_write(child.task, 0x400000, bytes, sizeof bytes), NOT_RUNNING);
        CHECK_NOT(sys_thread_create(child.task, 0x400000, 0, 0, 0, &made), NOT_RUNNING);
        CHECK_NOT(sys_memory_map(child.task, memory, PAGES_AT, 0, 4096, MAP_READ, NULL),
                  NOT_RUNNING);
        CHECK_NOT(sys_memory_unmap(child.task, PAGES_AT, 4096), NOT_RUNNING);
        CHECK_NOT(sys_memory_protect(child.task, PAGES_AT, 4096, MAP_READ), NOT_RUNNING);
        CHECK_NOT(sys_memory_query(child.task, PAGES_AT, NULL), NOT_RUNNING);
}

/* ---- arguments ---- */

static void addresses_that_are_not_there_are_faults(void)
{
        struct child child = child_create(ends, 0, PRIORITY_LOW);
        void *const nowhere = (void *)0xdead0000;
        CHECK_NOT(sys_task_info(0, nowhere), FAULT);
        CHECK_NOT(sys_thread_registers(child.thread, nowhere, NULL), FAULT);
        CHECK_OK(sys_log_write(boot->hardware, "a line to read back\n", 20));
        CHECK_NOT(sys_log_read(boot->hardware, 0, nowhere, 16, NULL, NULL), FAULT);
        CHECK_NOT(sys_memory_protect(0, FAR_AT, 4096, MAP_READ), FAULT);
        CHECK_NOT(sys_memory_query(0, 0, nowhere), FAULT);
}

static void arguments_out_of_range_are_malformed(void)
{
        handle_t made, com2, port = make_port(), memory = make_memory(1);
        uint64_t value;
        CHECK_OK(sys_ioport_create(boot->hardware, 0x2f8, 8, &com2));
        CHECK_NOT(sys_ioport_create(boot->hardware, 0x2f8, 0, &made), MALFORMED);
        CHECK_NOT(sys_ioport_read(com2, 8, 1, &value), MALFORMED);
        CHECK_NOT(sys_ioport_read(com2, 0, 3, &value), MALFORMED);
        CHECK_NOT(sys_machine_control(boot->hardware, (enum machine_operation)99, 0), MALFORMED);
        CHECK_NOT(sys_right_revoke(port, 1, REASON_END), MALFORMED);
        CHECK_NOT(sys_memory_unmap(0, PAGES_AT + 1, 4096), MALFORMED);
        CHECK_NOT(sys_memory_unmap(0, PAGES_AT, 0), MALFORMED);
        map_at(memory, PAGES_AT);
        CHECK_NOT(sys_memory_map(0, memory, PAGES_AT, 0, 4096, MAP_READ, NULL), BUSY);
        CHECK_NOT(sys_memory_protect(0, PAGES_AT, 4096, MAP_WRITE | MAP_EXECUTE), MALFORMED);
        CHECK_OK(sys_memory_unmap(0, PAGES_AT, 4096));
        CHECK_OK(sys_handle_close(com2));
}

static void what_is_not_there_is_not_found_or_too_long(void)
{
        struct child child = child_create(ends, 0, PRIORITY_LOW);
        handle_t port = make_port(), right = make_right(port, 1), event = make_event(), made;
        static char bytes[4097];
        uint64_t bits;
        struct registers registers;
        struct memory_mapping mapping;
        CHECK_NOT(sys_right_issue(port, 2, RIGHTS_ALL, &made, NULL), NOT_FOUND);
        CHECK_NOT(sys_memory_query(0, USER_END, &mapping), NOT_FOUND);
        CHECK_NOT(sys_memory_query(0, UINT64_MAX, &mapping), NOT_FOUND);
        CHECK_NOT(sys_task_write(child.task, 0x400000, bytes, sizeof bytes), TOO_LONG);
        CHECK_NOT(sys_event_wait(event, 1, 0, &bits), DEADLINE);
        CHECK_OK(sys_right_revoke(port, 1, 0));
        CHECK_NOT(sys_handle_info(right, NULL, NULL, NULL), REVOKED);
        CHECK_NOT(sys_thread_registers(boot->thread, &registers, NULL), BUSY);
}

static void a_reply_right_is_no_object_to_destroy(void)
{
        handle_t port = make_port(), right = make_right(port, 1), event = make_event(), object;
        CHECK_OK(sys_call_create(event, 1, &object));
        struct message_registers r = {
            .handle = right, .second = object, .header = HEADER(0), .deadline = SOON};
        CHECK_OK(sys_message(SYSCALL_call_start, &r));
        CHECK_OK(receive(port, SOON, &r));
        CHECK_NOT(sys_object_destroy((handle_t)r.second), WRONG_TYPE);
        CHECK_OK(sys_handle_close((handle_t)r.second));
        CHECK_OK(sys_handle_close(object));
}

const struct test error_tests[] = {
    {"a_reply_right_is_no_object_to_destroy", a_reply_right_is_no_object_to_destroy},
    {"memory_used_up_is_told_by_every_call_that_takes_some",
     memory_used_up_is_told_by_every_call_that_takes_some},
    {"an_ended_task_is_not_running", an_ended_task_is_not_running},
    {"addresses_that_are_not_there_are_faults", addresses_that_are_not_there_are_faults},
    {"arguments_out_of_range_are_malformed", arguments_out_of_range_are_malformed},
    {"what_is_not_there_is_not_found_or_too_long", what_is_not_there_is_not_found_or_too_long},
    {0}};
