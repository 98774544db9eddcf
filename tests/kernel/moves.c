/* What a message carries, where it does not arrive as its sender described it: refused, cancelled,
 * or into the very memory that it sends. */
#include "tests/kernel/harness.h"

static outcome_t start(handle_t object, handle_t right, unsigned caps, unsigned flags)
{
        struct message_registers r = {.handle = right, .second = object, .deadline = SOON};
        r.header = message_with_flags(message_with_caps(HEADER(0), caps), flags);
        return sys_message(SYSCALL_call_start, &r);
}

static uint32_t rights_of(handle_t handle)
{
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        CHECK_OK(sys_handle_info(handle, &type, &rights, &identity));
        return rights;
}

/* Moves memory with few of its rights; the rights are to be back. The second capability, if there
 * is one, is bad. */
static void move_in_vain(unsigned caps)
{
        struct message_block *block = own_block();
        handle_t port = make_port(), right = make_right(port, 1), event = make_event(), object;
        handle_t memory = make_memory(1);
        uint32_t before = rights_of(memory);
        CHECK_OK(sys_call_create(event, 1, &object));
        block->send_caps[0] = (struct send_cap){memory, RIGHT_READ, SEND_CAP_MOVE | SEND_CAP_SHARE};
        block->send_caps[1] = (struct send_cap){0x7fff0003, RIGHTS_ALL, 0};
        if (caps > 1) {
                CHECK_NOT(start(object, right, caps, MESSAGE_BLOCK), BAD_HANDLE);
        } else {
                CHECK_OK(start(object, right, caps, MESSAGE_BLOCK));
                CHECK_OK(sys_call_cancel(object));
        }
        CHECK_EQ(rights_of(memory), before);
        CHECK_OK(sys_handle_close(object));
}

static void a_refused_message_leaves_the_rights_of_what_it_would_have_moved(void)
{
        move_in_vain(2);
}

static void a_call_not_executed_leaves_the_rights_of_what_it_would_have_moved(void)
{
        move_in_vain(1);
}

static void receives_into_the_memory(uint64_t port)
{
        struct message_registers r;
        struct message_block *block = own_block();
        block->receive = (struct message_buffer){0x50000200, 64};
        block->receive_caps = 1;
        SHARED->word[0] = 1 + (uint64_t)receive((handle_t)port, SOON, &r);
        SHARED->word[1] = block->received_caps[0].handle;
        SHARED->word[2] = r.second;
}

/* The bytes went to pages that had just become the snapshot's, too. */
static void a_snapshot_in_a_message_has_not_what_came_after_it(void)
{
        static const char bytes[8] = "message";
        struct message_block *block = own_block();
        handle_t port = make_port(), right = make_right(port, 1), event = make_event(), object;
        handle_t memory = make_memory(1);
        map_at(memory, 0x50000000);
        thread_run(receives_into_the_memory, port, PRIORITY_LOW);
        settle();
        CHECK_OK(sys_call_create(event, 1, &object));
        block->send[0] = (struct message_buffer){(uint64_t)bytes, sizeof bytes};
        block->send_count = 1;
        block->send_caps[0] = (struct send_cap){memory, RIGHTS_ALL, 0};
        CHECK_OK(start(object, right, 1, MESSAGE_BLOCK));
        settle();
        CHECK_EQ(SHARED->word[0], 1);
        CHECK_EQ(*(volatile char *)0x50000200, 'm');
        handle_t copy = (handle_t)SHARED->word[1];
        map_at(copy, 0x51000000);
        char in_snapshot = *(volatile char *)0x51000200;
        CHECK_OK(sys_memory_unmap(0, 0x51000000, 4096));
        CHECK_OK(sys_memory_unmap(0, 0x50000000, 4096));
        CHECK_EQ(in_snapshot, 0);
        CHECK_OK(sys_handle_close(copy));
        CHECK_OK(sys_handle_close((handle_t)SHARED->word[2]));
        CHECK_OK(sys_handle_close(object));
}

static void sends_itself_a_message_with_a_full_table(uint64_t unused)
{
        struct message_registers r;
        handle_t port = 0, right = 0, event = 0, object = 0, copy;
        (void)unused;
        sys_port_create(&port);
        sys_right_mint(port, 1, RIGHTS_ALL, &right);
        sys_event_create(&event);
        sys_call_create(event, 1, &object);
        for (uint64_t bytes = 1 << 20; bytes >= 4096; bytes /= 2) /* no page for more slots */
                while (sys_memory_create(0, bytes, 0, 0, &copy) == OUTCOME_OK)
                        SHARED->word[22]++;
        while (sys_handle_copy(event, RIGHTS_ALL, &copy) == OUTCOME_OK)
                SHARED->word[22]++;
        SHARED->word[20] = 1 + (uint64_t)start(object, right, 0, MESSAGE_ONE_WAY);
        SHARED->word[21] = 1 + (uint64_t)receive(port, 0, &r);
        sys_sleep(TIME_NEVER);
}

/* It has no reply right. */
static void a_one_way_message_takes_no_handle(void)
{
        struct child child =
            child_create(sends_itself_a_message_with_a_full_table, 0, PRIORITY_LOW);
        child_start(&child);
        settle();
        CHECK_EQ(SHARED->word[20], 1);
        CHECK_EQ(SHARED->word[21], 1);
}

/* ---- one capability, whose receiver waits or comes later ---- */

/* Words of SHARED. */
enum {
        SEEN_HEADER = 8,
        SEEN_BYTES,
        SEEN_RIGHTS,
        SEEN_TYPE,
        SEEN_OWN,
        SEEN_BADGE,
        SEEN_IDENTITY,
        SEEN_SNAPSHOT,
        SEEN
};

/* Answers with what it got, unless that is its own port. */
static void passes_back(uint64_t port)
{
        static char bytes[16];
        struct message_block *block = own_block();
        const struct received_cap *cap = &block->received_caps[0];
        struct message_registers r = {.handle = port, .deadline = SOON};
        block->receive = (struct message_buffer){(uint64_t)bytes, sizeof bytes};
        block->receive_caps = 1;
        if (sys_message(SYSCALL_receive, &r) != OUTCOME_OK)
                return;
        SHARED->word[SEEN_HEADER] = r.header;
        SHARED->word[SEEN_BYTES] = block->received_bytes;
        SHARED->word[SEEN_RIGHTS] = cap->rights;
        SHARED->word[SEEN_TYPE] = cap->type;
        SHARED->word[SEEN_OWN] = cap->own;
        SHARED->word[SEEN_BADGE] = cap->badge;
        SHARED->word[SEEN_IDENTITY] = cap->identity != 0;
        SHARED->word[SEEN_SNAPSHOT] = cap->snapshot;
        block->send_caps[0] = (struct send_cap){cap->handle, RIGHTS_ALL, SEND_CAP_MOVE};
        r.header = cap->own ? HEADER(0)
                            : message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
        r.handle = port;
        r.deadline = SOON;
        sys_message(SYSCALL_reply_receive, &r);
}

/* Sends the handle; returns the outcome, closes what comes back, and says what there was to see. */
static outcome_t pass(handle_t handle, unsigned flags, unsigned bytes, bool waits,
                      uint64_t seen[SEEN])
{
        static const char content[32];
        struct message_registers r = {0};
        struct message_block *block = own_block();
        handle_t port = make_port(), right = make_right(port, 1);
        for (unsigned i = SEEN_HEADER; i < SEEN; i++)
                SHARED->word[i] = 0;
        thread_run(passes_back, port, PRIORITY_LOW);
        if (waits)
                settle();
        block->send_caps[0] = (struct send_cap){handle, RIGHT_SEND | RIGHT_SIGNAL, (uint16_t)flags};
        block->send[0] = (struct message_buffer){(uint64_t)content, bytes};
        block->send_count = bytes ? 1 : 0;
        block->receive_caps = 1;
        uint64_t header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
        outcome_t outcome = call(right, header, SOON, &r);
        for (unsigned i = 0; i < SEEN; i++)
                seen[i] = i < SEEN_HEADER ? 0 : SHARED->word[i];
        if (message_caps(r.header)) {
                seen[0] = block->received_caps[0].rights;
                seen[1] = block->received_caps[0].type;
                CHECK_OK(sys_handle_close(block->received_caps[0].handle));
        }
        CHECK_OK(sys_object_destroy(port));
        return outcome;
}

static void a_capability_arrives_the_same_whether_its_receiver_waits(void)
{
        uint64_t now[SEEN], later[SEEN];
        handle_t event = make_event(), memory = make_memory(1), own = make_right(make_port(), 7);
        const struct {
                handle_t handle;
                unsigned flags, bytes;
        } cases[] = {
            {event, 0, 0}, {event, 0, 9}, {own, 0, 0}, {memory, 0, 0}, {memory, SEND_CAP_SHARE, 0}};
        for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                CHECK_OK(pass(cases[i].handle, cases[i].flags, cases[i].bytes, true, now));
                CHECK_OK(pass(cases[i].handle, cases[i].flags, cases[i].bytes, false, later));
                for (unsigned j = 0; j < SEEN; j++)
                        CHECK_EQ(now[j], later[j]);
                CHECK_EQ(now[SEEN_BYTES], cases[i].bytes);
                bool snapshot = cases[i].handle == memory && !(cases[i].flags & SEND_CAP_SHARE);
                CHECK_EQ(now[SEEN_SNAPSHOT], snapshot);
        }
}

static void a_capability_that_cannot_be_sent_stays_whether_its_receiver_waits(void)
{
        uint64_t seen[SEEN];
        handle_t event = make_event(), plain;
        for (unsigned waits = 0; waits < 2; waits++) {
                CHECK_OK(sys_handle_copy(event, RIGHT_SIGNAL, &plain));
                CHECK_NOT(pass(plain, 0, 0, waits, seen), REFUSED);
                CHECK_NOT(pass(plain, 0, 17, waits, seen), REFUSED);
                CHECK_NOT(pass(plain, SEND_CAP_MOVE, 17, waits, seen), TOO_LONG);
                CHECK_OK(pass(plain, SEND_CAP_MOVE, 0, waits, seen));
                CHECK_EQ(seen[SEEN_TYPE], OBJECT_EVENT);
                CHECK_EQ(seen[SEEN_RIGHTS], RIGHT_SIGNAL);
                CHECK_EQ(seen[0], RIGHT_SIGNAL);
                CHECK_NOT(pass(plain, SEND_CAP_MOVE, 0, waits, seen), BAD_HANDLE);
        }
}

/* ---- a right that goes the way that it is ---- */

enum { MOVING = 20, ARRIVED, ARRIVED_BADGE, MOVED };

/* By its second message it has answered once: what it is sent may come by the fast path. */
static void notes_its_own(uint64_t port)
{
        struct message_block *block = own_block();
        struct message_registers r = {.handle = port, .deadline = SOON};
        block->receive_caps = 1;
        outcome_t outcome = sys_message(SYSCALL_receive, &r);
        while (outcome == OUTCOME_OK) {
                if (message_caps(r.header)) {
                        SHARED->word[ARRIVED] = r.handle;
                        SHARED->word[ARRIVED_BADGE] = block->received_caps[0].badge;
                }
                r.handle = port;
                r.header = HEADER(0);
                r.deadline = SOON;
                outcome = sys_message(SYSCALL_reply_receive, &r);
        }
}

static void moves_itself(uint64_t number)
{
        struct message_block *block = own_block();
        struct message_registers r = {.handle = SHARED->word[MOVING], .deadline = SOON};
        r.header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
        block->send_caps[0] = (struct send_cap){SHARED->word[MOVING], RIGHTS_ALL, SEND_CAP_MOVE};
        SHARED->word[MOVED] = 1 + (uint64_t)sys_message(number, &r);
}

/* Its handle is gone when the message is there. */
static void a_right_may_be_moved_by_a_message_through_it(void)
{
        struct message_registers r = {0};
        handle_t port = make_port(), right;
        thread_run(notes_its_own, port, PRIORITY_HIGH);
        CHECK_OK(call(make_right(port, 1), HEADER(0), SOON, &r));
        for (uint64_t number = SYSCALL_call; number <= SYSCALL_send; number++) {
                CHECK_OK(sys_right_mint(port, 50 + number, RIGHTS_ALL, &right));
                SHARED->word[MOVING] = right;
                thread_run(moves_itself, number, PRIORITY_LOW);
                settle();
                CHECK_EQ(SHARED->word[MOVED], 1 + OUTCOME_OK);
                CHECK_EQ(SHARED->word[ARRIVED], 50 + number);
                CHECK_EQ(SHARED->word[ARRIVED_BADGE], 50 + number);
                CHECK_NOT(sys_handle_info(right, NULL, NULL, NULL), BAD_HANDLE);
        }
}

/* ---- an answer that wakes somebody above ---- */

static void answers_and_receives(uint64_t port)
{
        struct message_registers r;
        if (receive(port, SOON, &r) != OUTCOME_OK)
                return;
        r.handle = port;
        r.header = HEADER(0);
        r.deadline = SOON;
        SHARED->word[1] = 1 + (uint64_t)sys_message(SYSCALL_reply_receive, &r);
        SHARED->word[2] = message_method(r.header);
}

/* A call, and bits for its server. */
static void starts_and_signals(uint64_t event)
{
        SHARED->word[3] = 1 + (uint64_t)start(SHARED->word[4], SHARED->word[5], 0, 0);
        sys_event_signal(event, 1);
}

/* Whoever waits for the call's end runs before the server does, which goes on where it was. */
static void a_server_that_its_answer_preempts_has_its_notice(void)
{
        uint64_t bits;
        handle_t port = make_port(), right = make_right(port, 1), done = make_event(), object;
        handle_t bound = make_event();
        CHECK_OK(sys_port_bind(port, bound, 7));
        CHECK_OK(sys_call_create(done, 1, &object));
        thread_run(answers_and_receives, port, PRIORITY_LOW);
        settle();
        SHARED->word[4] = object;
        SHARED->word[5] = right;
        thread_run(starts_and_signals, bound, PRIORITY_MIDDLE);
        CHECK_OK(sys_event_wait(done, 1, SOON, &bits));
        CHECK_EQ(SHARED->word[1], 0);
        settle();
        CHECK_EQ(SHARED->word[3], 1);
        CHECK_EQ(SHARED->word[1], 1);
        CHECK_EQ(SHARED->word[2], KERNEL_EVENT);
        CHECK_OK(sys_handle_close(object));
}

/* ---- the trace id of a fault ---- */

static void faults_while_it_serves(uint64_t port)
{
        struct message_registers r;
        if (receive((handle_t)port, SOON, &r) == OUTCOME_OK)
                SHARED->word[5] = *(volatile uint64_t *)0xdead0000;
}

static void calls_with_a_trace(uint64_t right)
{
        struct message_registers r = {0};
        struct message_block *block = own_block();
        block->set_priority = 1;
        block->priority = 255;
        block->trace = 777;
        call((handle_t)right, message_with_flags(HEADER(0), MESSAGE_BLOCK), SOON, &r);
}

static struct registers fault_registers __attribute__((aligned(256)));

static uint64_t trace_of_a_fault(bool handler_waits)
{
        struct message_registers r;
        struct message_block *block = own_block();
        handle_t port = make_port(), right = make_right(port, 1), faults = make_port();
        block->receive =
            (struct message_buffer){(uint64_t)&fault_registers, sizeof fault_registers};
        CHECK_OK(sys_task_set_fault_handler(boot->task, make_right(faults, 2)));
        thread_run(faults_while_it_serves, port, PRIORITY_LOW);
        thread_run(calls_with_a_trace, right, PRIORITY_MIDDLE);
        if (!handler_waits)
                settle();
        CHECK_OK(receive(faults, SOON, &r));
        uint64_t trace = block->received_trace;
        CHECK_OK(reply((handle_t)r.second,
                       message_with_outcome(HEADER(0), answered(REASON_REFUSED)), &r));
        return trace;
}

static void a_fault_carries_its_trace_whoever_waits(void)
{
        CHECK_EQ(trace_of_a_fault(true), 777);
        CHECK_EQ(trace_of_a_fault(false), 777);
}

const struct test move_tests[] = {
    {"a_refused_message_leaves_the_rights_of_what_it_would_have_moved",
     a_refused_message_leaves_the_rights_of_what_it_would_have_moved},
    {"a_call_not_executed_leaves_the_rights_of_what_it_would_have_moved",
     a_call_not_executed_leaves_the_rights_of_what_it_would_have_moved},
    {"a_snapshot_in_a_message_has_not_what_came_after_it",
     a_snapshot_in_a_message_has_not_what_came_after_it},
    {"a_one_way_message_takes_no_handle", a_one_way_message_takes_no_handle},
    {"a_capability_arrives_the_same_whether_its_receiver_waits",
     a_capability_arrives_the_same_whether_its_receiver_waits},
    {"a_capability_that_cannot_be_sent_stays_whether_its_receiver_waits",
     a_capability_that_cannot_be_sent_stays_whether_its_receiver_waits},
    {"a_right_may_be_moved_by_a_message_through_it", a_right_may_be_moved_by_a_message_through_it},
    {"a_server_that_its_answer_preempts_has_its_notice",
     a_server_that_its_answer_preempts_has_its_notice},
    {"a_fault_carries_its_trace_whoever_waits", a_fault_carries_its_trace_whoever_waits},
    {0}};
