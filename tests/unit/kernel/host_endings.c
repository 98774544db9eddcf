/* Destroys every object that has to do with a call, in every state that the call can be in, and
 * looks at who is told what. world_end() adds that nothing was lost.
 *
 *                 call                     reply right, moved
 *      client ------------> port of server ------------------> port of helper
 *
 * The call carries bytes, a moved right to the helper's port, a copied event and a snapshot. In the
 * state IN_TRANSIT the server has sent its reply right on to the helper, who has not received it.
 * Of a call that is CANCELLED the notice waits in the server's port.
 */
#include "tests/unit/kernel/host_tests.h"
#include "kernel/exit/check.h"

enum state { IDLE, QUEUED, RECEIVED, CANCELLED, IN_TRANSIT, CANCELLED_IN_TRANSIT, DONE, STATES };
enum kind { CALL, START, SEND, KINDS };

enum victim {
        CLIENT_THREAD,
        CLIENT_TASK,
        CLIENT_ACCOUNT,
        SERVER_THREAD,
        SERVER_TASK,
        SERVER_ACCOUNT,
        HELPER_TASK,
        HELPER_ACCOUNT,
        HELPER_PORT,
        PORT,
        RIGHT,
        RIGHT_BY_REVOKE,
        RIGHT_HANDLE,
        CALL_OBJECT,
        COMPLETION,
        REPLY,
        MEMORY,
        EVENT,
        VICTIMS,
};

static struct program *client, *server, *helper;
static struct link link, away, onward;
static handle_t call, completion, event, memory, reply;
static uint64_t identity; /* of the moved right */

static void fill_block(struct program *program)
{
        block_send(program, 6000);
        block_cap(program, 0, away.right, SEND_CAP_MOVE);
        block_cap(program, 1, event, 0);
        block_cap(program, 2, memory, 0);
}

static void build(void)
{
        client = program_new();
        server = program_new();
        helper = program_new();
        link = link_new(server, client, 1);
        away = link_new(helper, client, 2);
        onward = link_new(helper, server, 3);
        completion = sys_handle(client, SYSCALL_event_create);
        call = sys_handle(client, SYSCALL_call_create, completion, 1);
        event = sys_handle(client, SYSCALL_event_create);
        memory = sys_handle(client, SYSCALL_memory_create, 0, 2 * PAGE_SIZE, MEMORY_ANONYMOUS);
        identity = object_of(client, away.right)->identity;
        block_receive(client, PAGE_SIZE, MESSAGE_CAPS);
        block_receive(server, 3 * PAGE_SIZE, MESSAGE_CAPS);
        fill_block(client);
}

static void begin(enum kind kind)
{
        uint64_t request = header_block(8, 3);
        if (kind == CALL)
                ck_outcome(sys(client, SYSCALL_call, link.right, 0, request, 90000), BLOCKED);
        else if (kind == SEND)
                ck_outcome(sys(client, SYSCALL_send, link.right, 0, request, 90000), BLOCKED);
        else
                ck_outcome(sys(client, SYSCALL_call_start, link.right, call, request, 90000),
                           OUTCOME_OK);
}

static bool is_cancelled(enum state state)
{
        return state == CANCELLED || state == CANCELLED_IN_TRANSIT;
}

/* Brings the call into the state; false: this kind of message never has it. */
static bool reach(enum state state, enum kind kind)
{
        if (state == IDLE)
                return kind == CALL;
        if (kind == SEND && state != QUEUED)
                return false;
        if (kind == CALL && (state == DONE || is_cancelled(state)))
                return false;
        begin(kind);
        if (state == QUEUED)
                return true;
        ck_outcome(sys(server, SYSCALL_receive, link.port, 0, 0, TIME_NEVER), OUTCOME_OK);
        reply = (handle_t)server->thread->run.context.second;
        if (state == DONE) {
                handle_t gift = sys_handle(server, SYSCALL_event_create);
                block_send(server, 100);
                block_cap(server, 0, gift, SEND_CAP_MOVE);
                ck_outcome(sys(server, SYSCALL_reply, 0, reply, header_block(3, 1)), OUTCOME_OK);
                ck_assert_int_eq(call_of(client, call)->state, CALL_DONE);
        }
        if (is_cancelled(state))
                ck_outcome(sys(client, SYSCALL_call_cancel, call), OUTCOME_OK);
        if (state == IN_TRANSIT || state == CANCELLED_IN_TRANSIT) {
                block_send(server, 0);
                block_cap(server, 0, reply, SEND_CAP_MOVE);
                ck_outcome(sys(server, SYSCALL_call, onward.right, 0, header_block(0, 1), 80000),
                           BLOCKED);
        }
        return true;
}

/* Ends the victim; false: it does not exist in this state. */
static bool end(enum victim victim, enum state state)
{
        struct object *const objects[VICTIMS] = {
            [CLIENT_THREAD] = &client->thread->object,
            [CLIENT_TASK] = &client->task->object,
            [CLIENT_ACCOUNT] = account_object(client->account),
            [SERVER_THREAD] = &server->thread->object,
            [SERVER_TASK] = &server->task->object,
            [SERVER_ACCOUNT] = account_object(server->account),
            [HELPER_TASK] = &helper->task->object,
            [HELPER_ACCOUNT] = account_object(helper->account),
            [HELPER_PORT] = object_of(helper, away.port),
            [PORT] = object_of(server, link.port),
            [RIGHT] = object_of(client, link.right),
            [CALL_OBJECT] = object_of(client, call),
            [COMPLETION] = object_of(client, completion),
            [MEMORY] = object_of(client, memory),
            [EVENT] = object_of(client, event),
        };
        struct port *port = container_of(objects[PORT], struct port, object);
        struct slot *slot = NULL;
        if (victim == REPLY && (state == RECEIVED || state == CANCELLED))
                slot = handle_slot(&server->task->handles, reply);
        if (victim == RIGHT_HANDLE)
                slot = handle_slot(&client->task->handles, link.right);
        if (objects[victim]) {
                object_destroy(objects[victim]);
        } else if (victim == RIGHT_BY_REVOKE) {
                right_revoke(right_find(port, 1), REASON_REFUSED);
        } else if (slot) {
                slot_clear(slot);
                handle_free(slot);
        } else {
                return false;
        }
        return true;
}

/* The outcome that the caller must have now, or BLOCKED. */
static outcome_t expected(enum victim victim, enum state state)
{
        bool queued = state == QUEUED;
        switch (victim) {
        case SERVER_THREAD:
        case SERVER_TASK:
        case SERVER_ACCOUNT:
                return queued ? NOT(RECEIVER_DIED) : PERHAPS(RECEIVER_DIED);
        case PORT:
        case RIGHT:
                return queued ? NOT(RECEIVER_DIED) : (outcome_t)BLOCKED;
        case RIGHT_BY_REVOKE:
                return queued ? NOT(REFUSED) : (outcome_t)BLOCKED;
        case REPLY:
                return PERHAPS(RECEIVER_DIED);
        default:
                return BLOCKED;
        }
}

static bool ends_client(enum victim victim)
{
        return victim == CLIENT_THREAD || victim == CLIENT_TASK || victim == CLIENT_ACCOUNT;
}

static void check_caller(enum victim victim, enum state state, enum kind kind)
{
        outcome_t wanted = expected(victim, state);
        if (state == IDLE || ends_client(victim) || (victim == CALL_OBJECT && kind == START))
                return;
        if (kind == START) {
                struct call *started = call_of(client, call);
                if (state == DONE) {
                        ck_assert_int_eq(started->state, CALL_DONE);
                        ck_outcome(started->outcome, OUTCOME_OK);
                } else if (wanted == BLOCKED) {
                        ck_assert_int_eq(started->state,
                                         state == QUEUED ? CALL_QUEUED : CALL_RECEIVED);
                } else {
                        ck_assert_int_eq(started->state, CALL_DONE);
                        ck_outcome(started->outcome, wanted);
                }
        } else if (wanted == BLOCKED) {
                ck_assert(waits(client));
        } else {
                ck_outcome(result(client), wanted);
        }
}

/* A message that was not delivered gives back what it would have moved. */
static void check_moved(enum victim victim, enum state state)
{
        if (ends_client(victim) || state != QUEUED || expected(victim, state) == BLOCKED)
                return;
        ck_assert_uint_eq(object_of(client, away.right)->identity, identity);
}

/* Everything goes on: whoever is left and can run makes a call; deadlines end all other waits. */
static void check_survivors(void)
{
        machine_advance(100000);
        for (unsigned i = 0; i < world.count; i++) {
                kernel_next();
                kernel_check();
                struct program *program = &world.programs[i];
                if (gone(program) || waits(program))
                        continue;
                ck_outcome(sys(program, SYSCALL_null), OUTCOME_OK);
        }
        ck_assert(gone(client) || !waits(client));
        ck_assert(gone(server) || !waits(server));
}

START_TEST(whoever_ends_in_whatever_state_nothing_is_lost_and_everyone_is_told)
{
        enum victim victim = (enum victim)(_i / (STATES * KINDS));
        enum state state = (enum state)(_i / KINDS % STATES);
        enum kind kind = (enum kind)(_i % KINDS);
        build();
        if (!reach(state, kind) || !end(victim, state))
                return;
        kernel_next();
        kernel_check();
        check_caller(victim, state, kind);
        check_moved(victim, state);
        check_survivors();
}
END_TEST

/* The same with programs that wait to receive. */
START_TEST(who_waits_to_receive_is_told_or_goes)
{
        static const enum victim victims[] = {SERVER_THREAD, SERVER_TASK, SERVER_ACCOUNT, PORT};
        build();
        struct program *second = program_thread(server);
        ck_outcome(sys(server, SYSCALL_receive, link.port, 0, 0, 90000), BLOCKED);
        ck_outcome(sys(second, SYSCALL_receive, link.port, 0, 0, 90000), BLOCKED);
        end(victims[_i], IDLE);
        kernel_next();
        kernel_check();
        if (victims[_i] == PORT) {
                ck_outcome(result(server), NOT(BAD_HANDLE));
                ck_outcome(result(second), NOT(BAD_HANDLE));
        } else {
                ck_assert(gone(server));
                ck_assert_int_eq(gone(second), victims[_i] != SERVER_THREAD);
        }
        ck_outcome(sys(client, SYSCALL_call, link.right, 0, header(0), 5000),
                   victims[_i] == SERVER_THREAD ? BLOCKED : NOT(RECEIVER_DIED));
}
END_TEST

START_TEST(who_waits_for_an_event_is_told_or_goes)
{
        build();
        ck_outcome(sys(client, SYSCALL_event_wait, event, 1, TIME_NEVER), BLOCKED);
        static const enum victim victims[] = {CLIENT_THREAD, CLIENT_TASK, CLIENT_ACCOUNT, EVENT};
        end(victims[_i], IDLE);
        kernel_next();
        kernel_check();
        if (victims[_i] == EVENT)
                ck_outcome(result(client), NOT(BAD_HANDLE));
        else
                ck_assert(gone(client));
}
END_TEST

/* The kernel's stack must not grow with a depth that a program chooses. */
START_TEST(a_long_chain_of_tasks_that_hold_each_other_ends_without_a_stack)
{
        enum { LENGTH = 300 };
        struct account *account = account_create(machine.root, 12 << 20);
        struct program *program = program_new();
        handle_t last = 0;
        for (unsigned i = 0; i < LENGTH; i++) {
                struct task *task = task_create(account);
                ck_assert_ptr_nonnull(task);
                if (last) {
                        struct slot *slot = handle_slot(&program->task->handles, last);
                        ck_assert_uint_ne(handle_insert(&task->handles, slot->object, RIGHTS_ALL),
                                          0);
                        slot_clear(slot);
                        handle_free(slot);
                }
                last = hold(program, &task->object, RIGHTS_ALL);
        }
        uint64_t used = account->used;
        ck_assert_uint_gt(used, LENGTH * PAGE_SIZE);
        ck_outcome(sys(program, SYSCALL_handle_close, last), OUTCOME_OK);
        ck_assert(machine_is_freed(&account_object(account)->identity) || account->used == 0);
}
END_TEST

Suite *endings_suite(void)
{
        TCase *tests;
        Suite *suite = world_suite("endings", &tests);
        tcase_add_loop_test(tests,
                            whoever_ends_in_whatever_state_nothing_is_lost_and_everyone_is_told, 0,
                            VICTIMS * STATES * KINDS);
        tcase_add_loop_test(tests, who_waits_to_receive_is_told_or_goes, 0, 4);
        tcase_add_loop_test(tests, who_waits_for_an_event_is_told_or_goes, 0, 4);
        tcase_add_test(tests, a_long_chain_of_tasks_that_hold_each_other_ends_without_a_stack);
        return suite;
}
