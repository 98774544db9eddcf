/* Each operation again and again, with the first, the second ... of its allocations refused, until
 * none is: after each failure the accounts and handle tables are as before. */
#include "tests/unit/kernel/host_tests.h"

enum {
        AT = 0x40000000 - PAGE_SIZE, /* a range from here needs two page tables */
        TRIES = 200,
};

static struct program *client, *server;
static struct link link;
static handle_t account, event, memory, task, port, hardware, moved, gift;

static void build(void)
{
        client = program_new();
        server = program_new();
        link = link_new(server, client, 1);
        port = sys_handle(client, SYSCALL_port_create);
        moved = sys_handle(client, SYSCALL_right_mint, port, 9, RIGHTS_ALL);
        event = sys_handle(client, SYSCALL_event_create);
        memory = sys_handle(client, SYSCALL_memory_create, 0, 8 * PAGE_SIZE, MEMORY_ANONYMOUS);
        account = sys_handle(client, SYSCALL_account_create, 0, 128 << 10);
        task = sys_handle(client, SYSCALL_task_create, 0);
        struct object *authority = account_alloc(machine.root, sizeof(*authority));
        object_init(authority, &hardware_type, machine.root);
        hardware = hold(client, authority, RIGHT_CONTROL);
        block_receive(client, PAGE_SIZE, MESSAGE_CAPS);
        block_receive(server, PAGE_SIZE, MESSAGE_CAPS);
        ck_outcome(sys(client, SYSCALL_memory_map, 0, memory, 0x10000000, 0, 8 * PAGE_SIZE,
                       MAP_READ | MAP_WRITE),
                   OUTCOME_OK);
}

/* No empty slot is left: the next handle needs a page. */
static void fill_table(struct task *filled)
{
        while (filled->handles.free_count)
                handle_insert(&filled->handles, &client->task->object, 0);
}

static void fill_tables(void)
{
        fill_table(client->task);
        fill_table(server->task);
        fill_table(container_of(object_of(client, task), struct task, object));
}

/* ---- operations: each returns the outcome of the program that asks ---- */

static uint64_t run_event_create(void)
{
        return sys(client, SYSCALL_event_create);
}

static uint64_t run_port_create(void)
{
        return sys(client, SYSCALL_port_create);
}

static uint64_t run_call_create(void)
{
        return sys(client, SYSCALL_call_create, event, 1);
}

static uint64_t run_call_create_keyed(void)
{
        return sys(client, SYSCALL_call_create_keyed, port, 1);
}

static uint64_t run_right_mint(void)
{
        return sys(client, SYSCALL_right_mint, port, 77, RIGHTS_ALL);
}

static uint64_t run_right_issue(void)
{
        return sys(client, SYSCALL_right_issue, port, 9, RIGHTS_ALL);
}

static uint64_t run_watch(void)
{
        return sys(client, SYSCALL_watch, link.right, event, 1);
}

static uint64_t run_memory_create(void)
{
        return sys(client, SYSCALL_memory_create, 0, 20 * PAGE_SIZE, MEMORY_ANONYMOUS);
}

static uint64_t run_memory_create_dma(void)
{
        return sys(client, SYSCALL_memory_create, 0, 4 * PAGE_SIZE, MEMORY_DMA, hardware);
}

static uint64_t run_memory_snapshot(void)
{
        return sys(client, SYSCALL_memory_snapshot, memory);
}

static uint64_t run_memory_map(void)
{
        return sys(client, SYSCALL_memory_map, 0, memory, AT, 0, 2 * PAGE_SIZE, MAP_READ);
}

static uint64_t run_memory_unmap(void)
{
        return sys(client, SYSCALL_memory_unmap, 0, 0x10000000 + PAGE_SIZE, 2 * PAGE_SIZE);
}

static uint64_t run_memory_protect(void)
{
        return sys(client, SYSCALL_memory_protect, 0, 0x10000000 + PAGE_SIZE, 2 * PAGE_SIZE,
                   MAP_READ);
}

static uint64_t run_account_create(void)
{
        return sys(client, SYSCALL_account_create, account, PAGE_SIZE);
}

static uint64_t run_task_create(void)
{
        return sys(client, SYSCALL_task_create, account);
}

static uint64_t run_thread_create(void)
{
        return sys(client, SYSCALL_thread_create, 0, 0x1000, 0, 0, thread_scheduling(50, 50, 0));
}

static uint64_t run_first_thread_create(void)
{
        return sys(client, SYSCALL_thread_create, task, 0x1000, 0, 0, thread_scheduling(50, 50, 0));
}

static uint64_t run_handle_copy(void)
{
        return sys(client, SYSCALL_handle_copy, event, RIGHTS_ALL);
}

static uint64_t run_handle_grant(void)
{
        return sys(client, SYSCALL_handle_grant, task, event, RIGHTS_ALL);
}

static uint64_t run_device_memory(void)
{
        return sys(client, SYSCALL_device_memory, hardware, 0xd0000000, PAGE_SIZE);
}

static uint64_t run_interrupt_create(void)
{
        return sys(client, SYSCALL_interrupt_create, hardware, INTERRUPT_MSI);
}

static uint64_t run_ioport_create(void)
{
        return sys(client, SYSCALL_ioport_create, hardware, 0x3f8, 8);
}

/* Bytes, a moved right, a copied event, a snapshot and the reply: all in the server's account. */
static uint64_t run_call(void)
{
        block_send(client, 300);
        block_cap(client, 0, moved, SEND_CAP_MOVE);
        block_cap(client, 1, event, 0);
        block_cap(client, 2, memory, 0);
        ck_outcome(sys(client, SYSCALL_call, link.right, 0, header_block(1, 3), TIME_NEVER),
                   BLOCKED);
        uint64_t outcome = sys(server, SYSCALL_receive, link.port, 0, 0, 0);
        if (outcome == OUTCOME_OK)
                return OUTCOME_OK;
        ck_outcome(outcome, NOT(DEADLINE));
        ck_outcome(result(client), NOT(OVERLOADED));
        return result(client);
}

/* The same to a server that waits already, without a block. */
static uint64_t run_short_call(void)
{
        uint64_t outcome = sys(client, SYSCALL_call, link.right, 0, header(8), TIME_NEVER);
        ck_assert_int_eq(waits(server), outcome != BLOCKED);
        if (outcome == BLOCKED)
                return OUTCOME_OK;
        ck_outcome(outcome, NOT(OVERLOADED));
        return outcome;
}

static void prepare_short_call(void)
{
        if (!waits(server))
                ck_outcome(sys(server, SYSCALL_receive, link.port, 0, 0, TIME_NEVER), BLOCKED);
}

/* The client pays for what the reply brings. */
static uint64_t run_reply(void)
{
        block_send(server, 100);
        block_cap(server, 0, gift, SEND_CAP_MOVE);
        ck_outcome(
            sys(server, SYSCALL_reply, 0, server->thread->run.context.second, header_block(0, 1)),
            OUTCOME_OK);
        if (result(client) != OUTCOME_OK)
                ck_outcome(result(client), PERHAPS(NO_MEMORY));
        return result(client);
}

/* After a reply that failed the gift is gone, and so is the call. */
static void prepare_reply(void)
{
        gift = sys_handle(server, SYSCALL_memory_create, 0, PAGE_SIZE, MEMORY_ANONYMOUS);
        ck_outcome(sys(client, SYSCALL_call, link.right, 0, header(0), TIME_NEVER), BLOCKED);
        ck_outcome(sys(server, SYSCALL_receive, link.port, 0, 0, 0), OUTCOME_OK);
}

static const struct {
        const char *name;
        uint64_t (*run)(void);
        void (*prepare)(void); /* after this the accounts are looked at */
        bool not_as_before;    /* what failed is gone nevertheless */
} operations[] = {
    {"event_create", run_event_create, NULL, false},
    {"port_create", run_port_create, NULL, false},
    {"call_create", run_call_create, NULL, false},
    {"call_create_keyed", run_call_create_keyed, NULL, false},
    {"right_mint", run_right_mint, NULL, false},
    {"right_issue", run_right_issue, NULL, false},
    {"watch", run_watch, NULL, false},
    {"memory_create", run_memory_create, NULL, false},
    {"memory_create of DMA", run_memory_create_dma, NULL, false},
    {"memory_snapshot", run_memory_snapshot, NULL, false},
    {"memory_map", run_memory_map, NULL, false},
    {"memory_unmap", run_memory_unmap, NULL, false},
    {"memory_protect", run_memory_protect, NULL, false},
    {"account_create", run_account_create, NULL, false},
    {"task_create", run_task_create, NULL, false},
    {"thread_create", run_thread_create, NULL, false},
    {"thread_create of a first thread", run_first_thread_create, NULL, false},
    {"handle_copy", run_handle_copy, NULL, false},
    {"handle_grant", run_handle_grant, NULL, false},
    {"device_memory", run_device_memory, NULL, false},
    {"interrupt_create", run_interrupt_create, NULL, false},
    {"ioport_create", run_ioport_create, NULL, false},
    {"call", run_call, NULL, false},
    {"call to a waiting server", run_short_call, prepare_short_call, false},
    {"reply", run_reply, prepare_reply, true},
};

enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

START_TEST(an_operation_that_finds_no_memory_changes_nothing)
{
        build();
        for (unsigned n = 0; n < TRIES; n++) {
                if (operations[_i].prepare)
                        operations[_i].prepare();
                fill_tables();
                uint64_t before[] = {program_used(client), program_used(server)};
                uint32_t handles[] = {handles_used(&client->task->handles),
                                      handles_used(&server->task->handles)};
                machine_limit_allocations(n);
                uint64_t outcome = operations[_i].run();
                if (!machine_unlimit_allocations()) {
                        ck_assert_msg(outcome == OUTCOME_OK, "%s: %lx with enough memory",
                                      operations[_i].name, outcome);
                        ck_assert_msg(n > 0, "%s allocates nothing", operations[_i].name);
                        return;
                }
                ck_assert_msg(outcome != OUTCOME_OK, "%s: ok without memory, at allocation %u",
                              operations[_i].name, n);
                if (operations[_i].not_as_before)
                        continue;
                ck_assert_uint_eq(program_used(client), before[0]);
                ck_assert_uint_eq(program_used(server), before[1]);
                ck_assert_uint_eq(handles_used(&client->task->handles), handles[0]);
                ck_assert_uint_eq(handles_used(&server->task->handles), handles[1]);
        }
        ck_abort_msg("%s never succeeds", operations[_i].name);
}
END_TEST

/* The same by a limit instead: the account has room for n pages more. */
START_TEST(an_operation_in_an_account_that_is_too_small_changes_nothing)
{
        build();
        uint64_t limit = client->account->limit;
        for (unsigned n = 0; n < TRIES; n++) {
                fill_tables();
                uint64_t before = program_used(client);
                client->account->limit = client->account->used + n * PAGE_SIZE;
                uint64_t outcome = operations[_i].run();
                client->account->limit = limit;
                if (outcome == OUTCOME_OK)
                        return;
                ck_outcome(outcome, NOT(NO_MEMORY));
                ck_assert_uint_eq(program_used(client), before);
        }
        ck_abort_msg("%s never succeeds", operations[_i].name);
}
END_TEST

Suite *failures_suite(void)
{
        TCase *tests;
        Suite *suite = world_suite("failures", &tests);
        tcase_add_loop_test(tests, an_operation_that_finds_no_memory_changes_nothing, 0,
                            OPERATIONS);
        tcase_add_loop_test(tests, an_operation_in_an_account_that_is_too_small_changes_nothing, 0,
                            OPERATIONS - 3);
        return suite;
}
