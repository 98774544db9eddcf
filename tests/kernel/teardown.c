/* The end of a task, whatever its thread is doing, and in each way: nothing is left behind, and
 * everybody who had to do with it is told, once.
 *
 *      victim      a child, brought into a state by its own steps and by ours: `drive`
 *      we          its supervisor, the server of its calls and of its faults, a client of its port
 *
 * Compared before and after: the bytes of our account and of the victim's, our handles,
 * the outcome of our call to the victim, the notices of calls that it had made to us. */
#include <stdio.h>
#include "tests/kernel/harness.h"

/* In SHARED: what the victim is granted. */
enum { RIGHT, EVENT, MEMORY, HARDWARE };
enum { NEVER_SET = 1, GO = 2 }; /* bits of the event */
enum { NO_MEMORY_AT = 0x70000008, OWN_AT = 0x50000000, OURS_AT = 0x58000000 };

/* ---- the victim's steps ---------------------------------------------------------------------- */

static handle_t granted(unsigned index)
{
        return (handle_t)SHARED->word[index];
}

/* Until it is to go, by the end of its thread. */
static void rests(void)
{
        uint64_t bits;
        sys_event_wait(granted(EVENT), GO, TIME_NEVER, &bits);
}

/* Sends us a message with a capability; `second`: of call_start. */
static outcome_t sends(uint64_t number, handle_t second, handle_t cap, unsigned flags)
{
        struct message_block *block = own_block();
        struct message_registers r = {
            .handle = granted(RIGHT), .second = second, .deadline = TIME_NEVER};
        r.header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
        block->send_caps[0] = (struct send_cap){cap, RIGHTS_ALL, (uint16_t)flags};
        block->receive_caps = 2;
        return sys_message(number, &r);
}

static handle_t memory(void)
{
        handle_t made = 0;
        sys_memory_create(0, 8 * 4096, MEMORY_ANONYMOUS, 0, &made);
        return made;
}

static void spins(uint64_t unused)
{
        (void)unused;
        for (;;)
                SHARED->word[9]++;
}

static void sleeps(uint64_t unused)
{
        (void)unused;
        sys_sleep(TIME_NEVER);
}

static void waits_for_an_event(uint64_t unused)
{
        uint64_t bits;
        (void)unused;
        sys_event_wait(granted(EVENT), NEVER_SET, TIME_NEVER, &bits);
}

static void receives_by(uint64_t number)
{
        struct message_registers r = {.deadline = TIME_NEVER};
        handle_t port, right;
        sys_port_create(&port);
        sys_right_mint(port, 1, RIGHTS_ALL, &right);
        r.handle = port;
        sys_message(number, &r);
}

static void calls_with_a_snapshot(uint64_t unused)
{
        (void)unused;
        sends(SYSCALL_call, 0, memory(), 0);
}

static void calls_with_a_moved_port(uint64_t unused)
{
        handle_t port, right;
        (void)unused;
        sys_port_create(&port);
        sys_right_mint(port, 1, RIGHTS_ALL, &right);
        sends(SYSCALL_call, 0, port, SEND_CAP_MOVE);
}

static void sends_a_moved_event(uint64_t unused)
{
        handle_t event;
        (void)unused;
        sys_event_create(&event);
        sends(SYSCALL_send, 0, event, SEND_CAP_MOVE);
}

static void faults(uint64_t unused)
{
        (void)unused;
        SHARED->word[9] = *(volatile uint64_t *)NO_MEMORY_AT;
}

static handle_t own_port;

/* Gives us a right to its port. */
static void opens(void)
{
        handle_t right = 0;
        sys_port_create(&own_port);
        sys_right_mint(own_port, 1, RIGHTS_ALL, &right);
        sends(SYSCALL_call, 0, right, 0);
}

static void has_a_port(uint64_t unused)
{
        (void)unused;
        opens();
        rests();
}

static handle_t serves(void)
{
        struct message_registers r;
        opens();
        receive(own_port, TIME_NEVER, &r);
        return (handle_t)r.second;
}

static void serves_a_call(uint64_t unused)
{
        (void)unused;
        serves();
        rests();
}

static void faults_while_it_serves(uint64_t unused)
{
        (void)unused;
        serves();
        faults(0);
}

static void passes_a_reply_right_on(uint64_t unused)
{
        (void)unused;
        sends(SYSCALL_call, 0, serves(), SEND_CAP_MOVE);
}

/* Four of them: we receive one or two, and answer one; one stays idle. */
static void has_call_objects(uint64_t unused)
{
        enum { OBJECTS = 4 };
        handle_t event, object;
        (void)unused;
        sys_event_create(&event);
        for (unsigned i = 0; i < OBJECTS; i++) {
                sys_call_create(event, 1ull << i, &object);
                if (i > 0)
                        sends(SYSCALL_call_start, object, memory(), i & 1 ? SEND_CAP_MOVE : 0);
        }
        rests();
}

static void has_mappings(uint64_t unused)
{
        handle_t own = memory(), copy = 0;
        (void)unused;
        sys_memory_map(0, own, OWN_AT, 0, 8 * 4096, MAP_READ | MAP_WRITE, NULL);
        for (unsigned i = 0; i < 4; i++)
                *(volatile uint64_t *)(OWN_AT + i * 4096ull) = i;
        sys_memory_snapshot(own, &copy);
        *(volatile uint64_t *)OWN_AT = 9;
        sys_memory_map(0, copy, OWN_AT + (1 << 20), 0, 8 * 4096, MAP_READ, NULL);
        sys_memory_map(0, granted(MEMORY), OURS_AT, 0, 4096, MAP_READ | MAP_WRITE, NULL);
        *(volatile uint64_t *)OURS_AT = 9;
        sys_memory_unmap(0, OWN_AT + 4096, 4096);
        rests();
}

static void shares_memory(uint64_t unused)
{
        (void)unused;
        sends(SYSCALL_call, 0, memory(), SEND_CAP_SHARE);
        rests();
}

static void has_watches_and_devices(uint64_t unused)
{
        handle_t event, port, interrupt, ioport;
        (void)unused;
        sys_event_create(&event);
        sys_port_create(&port);
        sys_watch(granted(RIGHT), event, 1);
        sys_watch(granted(RIGHT), granted(EVENT), 4);
        sys_interrupt_create(granted(HARDWARE), INTERRUPT_MSI, &interrupt, NULL, NULL);
        sys_interrupt_bind(interrupt, event, 2);
        sys_ioport_create(granted(HARDWARE), 0x2f8, 8, &ioport);
        rests();
}

/* ---- our steps ------------------------------------------------------------------------------- */

static struct child victim;
static handle_t port, event, object, taken; /* `taken`: the capability of its first message */
static struct message_block *block;

static void nothing(void)
{
}

static void stop(void)
{
        CHECK_OK(sys_thread_control(victim.thread, THREAD_STOP, 0));
}

static struct message_registers take(void)
{
        struct message_registers r;
        CHECK_OK(receive(port, SOON, &r));
        if (message_caps(r.header) && !taken)
                taken = block->received_caps[0].handle;
        return r;
}

static void take_one(void)
{
        take();
}

static void take_and_answer(void)
{
        struct message_registers r = take();
        CHECK_OK(reply((handle_t)r.second, HEADER(0), &r));
        settle();
}

/* Takes the right to its port and calls it. */
static void call_it(void)
{
        take_and_answer();
        CHECK_OK(sys_call_create(event, 1, &object));
        struct message_registers r = {
            .handle = taken, .second = object, .header = HEADER(0), .deadline = TIME_NEVER};
        CHECK_OK(sys_message(SYSCALL_call_start, &r));
        settle();
}

static void call_it_and_take(void)
{
        call_it();
        take();
}

/* The answer to the first carries a capability; the second is received. */
static void answer_one_take_one(void)
{
        struct message_registers r = take();
        block->send_caps[0] = (struct send_cap){event, RIGHTS_ALL, 0};
        CHECK_OK(reply((handle_t)r.second,
                       message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK), &r));
        handle_t first = taken;
        taken = 0;
        take();
        CHECK_OK(sys_handle_close(first));
}

enum {
        NO_CALL = 0xffff,
        NOT_EXECUTED = OUTCOME_NOT_EXECUTED << 8 | REASON_RECEIVER_DIED,
        PERHAPS_EXECUTED = OUTCOME_PERHAPS_EXECUTED << 8 | REASON_RECEIVER_DIED,
};

static const struct state {
        const char *name;
        test_function *steps;
        uint64_t argument;
        void (*drive)(void);
        outcome_t outcome; /* of our call to it, or NO_CALL */
        unsigned notices;  /* of calls of its that we have received */
} states[] = {
    {"not started", NULL, 0, nothing, NO_CALL, 0},
    {"running", spins, 0, nothing, NO_CALL, 0},
    {"stopped", spins, 0, stop, NO_CALL, 0},
    {"sleeping", sleeps, 0, nothing, NO_CALL, 0},
    {"sleeping, to stop", sleeps, 0, stop, NO_CALL, 0},
    {"waiting for an event", waits_for_an_event, 0, nothing, NO_CALL, 0},
    {"receiving", receives_by, SYSCALL_receive, nothing, NO_CALL, 0},
    {"receiving after an answer", receives_by, SYSCALL_reply_receive, nothing, NO_CALL, 0},
    {"call queued", calls_with_a_snapshot, 0, nothing, NO_CALL, 0},
    {"call received", calls_with_a_snapshot, 0, take_one, NO_CALL, 1},
    {"call queued with a port", calls_with_a_moved_port, 0, nothing, NO_CALL, 0},
    {"call received with a port", calls_with_a_moved_port, 0, take_one, NO_CALL, 1},
    {"message queued", sends_a_moved_event, 0, nothing, NO_CALL, 0},
    {"fault queued", faults, 0, nothing, NO_CALL, 0},
    {"fault received", faults, 0, take_one, NO_CALL, 1},
    {"called", has_a_port, 0, call_it, NOT_EXECUTED, 0},
    {"serving", serves_a_call, 0, call_it, PERHAPS_EXECUTED, 0},
    {"serving, fault received", faults_while_it_serves, 0, call_it_and_take, PERHAPS_EXECUTED, 1},
    {"reply right in a message", passes_a_reply_right_on, 0, call_it, PERHAPS_EXECUTED, 0},
    {"call objects queued", has_call_objects, 0, nothing, NO_CALL, 0},
    {"call objects in all states", has_call_objects, 0, answer_one_take_one, NO_CALL, 1},
    {"mappings", has_mappings, 0, nothing, NO_CALL, 0},
    {"memory shared", shares_memory, 0, take_and_answer, NO_CALL, 0},
    {"watches and devices", has_watches_and_devices, 0, nothing, NO_CALL, 0},
};

/* ---- before, end, after ---------------------------------------------------------------------- */

enum way { BY_TASK_EXIT, BY_THREAD_EXIT, BY_TASK, BY_ACCOUNT };

static const struct state *state;
static unsigned wrong;

static void expect(const char *what, uint64_t got, uint64_t wanted)
{
        if (got == wanted)
                return;
        printf("%s: %s: %#llx, not %#llx\n", state->name, what, (unsigned long long)got,
               (unsigned long long)wanted);
        wrong++;
}

static uint64_t used(handle_t account)
{
        uint64_t bytes = 0, limit;
        CHECK_OK(sys_account_info(account, &bytes, &limit));
        return bytes;
}

static uint64_t handles(void)
{
        struct task_info info;
        CHECK_OK(sys_task_info(0, &info));
        return info.handles;
}

static void bring_about(void)
{
        port = make_port();
        event = make_event();
        object = taken = 0;
        handle_t right = make_right(port, 5), ours = make_memory(1);
        block = own_block();
        block->receive_caps = 2;
        victim = child_create(state->steps, state->argument, PRIORITY_LOW);
        SHARED->word[RIGHT] = child_grant(&victim, right);
        SHARED->word[EVENT] = child_grant(&victim, event);
        SHARED->word[MEMORY] = child_grant(&victim, ours);
        SHARED->word[HARDWARE] = child_grant(&victim, boot->hardware);
        CHECK_OK(sys_task_set_fault_handler(victim.task, right));
        if (state->steps) {
                child_start(&victim);
                if (state->steps == spins)
                        wait_until(rt_now() + RT_MILLISECOND);
                else
                        settle();
        }
        state->drive();
}

static void exits_at_once(uint64_t status)
{
        sys_task_exit(status);
}

/* Another thread of the victim's task: it stands in the copy of the program there. */
static void exit_by_another(void)
{
        static char stack[4096] __attribute__((aligned(4096)));
        handle_t thread;
        CHECK_OK(sys_thread_create(victim.task, (uint64_t)exits_at_once,
                                   (uint64_t)stack + sizeof stack - 8, 7,
                                   thread_scheduling(PRIORITY_HIGH, PRIORITY_HIGH, 0), &thread));
        CHECK_OK(sys_thread_control(thread, THREAD_START, 0));
        settle();
        sys_handle_close(thread);
}

/* Exits if it can; else it is ended where it stands. */
/* Returns the status that its task then has: who exits has succeeded, who is destroyed has not. */
static uint64_t end_thread(void)
{
        uint64_t alive, status;
        if (state->steps != spins)
                CHECK_OK(sys_event_signal(event, GO));
        if (state->steps != spins)
                settle();
        CHECK_OK(sys_task_status(victim.task, &alive, &status));
        if (alive)
                CHECK_OK(sys_object_destroy(victim.thread));
        return alive ? ~0ull : 0;
}

static void end(enum way way)
{
        handle_t end_event = make_event();
        uint64_t bits, alive = 0, status = 0, expected = 7;
        CHECK_OK(sys_watch(victim.task, end_event, 1));
        switch (way) {
        case BY_TASK_EXIT:
                exit_by_another();
                break;
        case BY_THREAD_EXIT:
                expected = end_thread();
                break;
        case BY_TASK:
                CHECK_OK(sys_object_destroy(victim.task));
                break;
        case BY_ACCOUNT:
                CHECK_OK(sys_object_destroy(victim.account));
                break;
        }
        expect("told to who watches", sys_event_wait(end_event, 1, 0, &bits), OUTCOME_OK);
        if (way == BY_TASK_EXIT || way == BY_THREAD_EXIT) {
                CHECK_OK(sys_task_status(victim.task, &alive, &status));
                expect("alive", alive, 0);
                expect("status", status, expected);
        }
}

/* What has come to our port: notices of received calls, and nothing else. */
static void look_at_notices(void)
{
        struct message_registers r;
        unsigned notices = 0;
        while (receive(port, 0, &r) == OUTCOME_OK) {
                expect("message", message_method(r.header), KERNEL_CANCEL);
                expect("why", r.words[1], REASON_CANCELLED);
                handle_t answer = (handle_t)r.words[0];
                expect("answer", reply(answer, HEADER(0), &r), not_executed(REASON_CANCELLED));
                notices++;
        }
        expect("notices", notices, state->notices);
}

static void look_at_our_call(void)
{
        struct message_registers r = {.handle = object};
        if (state->outcome == NO_CALL)
                return;
        expect("outcome of our call", sys_message(SYSCALL_call_finish, &r), state->outcome);
        CHECK_OK(sys_handle_close(object));
}

static void every_state_ends(enum way way)
{
        wrong = 0;
        for (unsigned i = 0; i < sizeof states / sizeof states[0]; i++) {
                state = &states[i];
                uint64_t bytes = used(0), count = handles();
                bring_about();
                end(way);
                look_at_notices();
                look_at_our_call();
                if (taken)
                        sys_handle_close(taken);
                sys_handle_close(victim.thread);
                sys_handle_close(victim.task);
                if (way != BY_ACCOUNT)
                        expect("bytes of its account", used(victim.account), 0);
                made_destroy();
                expect("our handles", handles(), count);
                if (way != BY_TASK_EXIT) /* the first, of which our tables have grown */
                        expect("bytes of our account", used(0), bytes);
        }
        CHECK_EQ(wrong, 0);
}

static void a_task_exits_in_every_state(void)
{
        every_state_ends(BY_TASK_EXIT);
}

static void the_last_thread_ends_in_every_state(void)
{
        every_state_ends(BY_THREAD_EXIT);
}

static void a_task_is_destroyed_in_every_state(void)
{
        every_state_ends(BY_TASK);
}

static void an_account_is_destroyed_in_every_state(void)
{
        every_state_ends(BY_ACCOUNT);
}

const struct test teardown_tests[] = {
    {"a_task_exits_in_every_state", a_task_exits_in_every_state},
    {"the_last_thread_ends_in_every_state", the_last_thread_ends_in_every_state},
    {"a_task_is_destroyed_in_every_state", a_task_is_destroyed_in_every_state},
    {"an_account_is_destroyed_in_every_state", an_account_is_destroyed_in_every_state},
    {0}};
