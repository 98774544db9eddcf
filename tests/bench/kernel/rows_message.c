/* Rows of messages: one thread calls, sends or faults, another receives; but for one row they are
 * in address spaces of their own, the first in a child. Both have live vector registers, which are
 * looked at in the end, and so is what was carried.
 *
 * The caller gets its orders, and both leave their results, in SHARED. */
#include <string.h>
#include "tests/bench/kernel/loops.h"
#include "tests/bench/kernel/rows.h"
#include "tests/kernel/child.h"

enum { COUNT = 256, LONG_WORDS = 64, LONG_BYTES = LONG_WORDS * 8 };
enum { SEED_CALLER = 1000, SEED_SERVER = 2000 };

/* What goes with the words; or that an end is told to a port by key. */
enum extra { NOTHING = 0, BYTES, CAPABILITY, KEYED };

/* Words of SHARED. */
enum { ORDER_NUMBER, ORDER_RIGHT, ORDER_HEADER, ORDER_EXTRA, RESULT_CALLER, RESULT_SERVER };
enum { RESULT_FINE = 1 };

/* The samples are in SHARED->bytes. */
static char sent[LONG_BYTES], received[LONG_BYTES];

static struct bench_loop caller, server;

/* A block that sends and takes LONG_BYTES. */
static struct message_block *block_prepare(char first)
{
        struct message_block *block = own_block();
        for (unsigned i = 0; i < LONG_BYTES; i++)
                sent[i] = (char)(first + i % 100);
        block->send[0] = (struct message_buffer){(uint64_t)sent, LONG_BYTES};
        block->send_count = 1;
        block->receive = (struct message_buffer){(uint64_t)received, LONG_BYTES};
        return block;
}

static bool received_is(char first)
{
        bool same = true;
        for (unsigned i = 0; i < LONG_BYTES; i++)
                same = same && received[i] == (char)(first + i % 100);
        return same;
}

/* A block that sends a copy of a right to a port of the caller's own. */
static outcome_t right_prepare(void)
{
        handle_t port, right;
        outcome_t outcome = sys_port_create(&port);
        if (outcome == OUTCOME_OK)
                outcome = sys_right_mint(port, 1, RIGHTS_ALL, &right);
        if (outcome == OUTCOME_OK)
                own_block()->send_caps[0] =
                    (struct send_cap){.handle = right, .rights = RIGHTS_ALL};
        return outcome;
}

/* A call object, and an event that it signals or a port that hears of it. */
static outcome_t call_prepare(bool keyed)
{
        handle_t event, call;
        outcome_t outcome = keyed ? sys_port_create(&event) : sys_event_create(&event);
        if (outcome == OUTCOME_OK)
                outcome = keyed ? sys_call_create_keyed(event, 1, &call)
                                : sys_call_create(event, 1, &call);
        caller.event = event;
        caller.second = call;
        return outcome;
}

static void message_loop(unsigned count)
{
        caller.count = count;
        if (SHARED->word[ORDER_EXTRA] == KEYED)
                bench_keyed(&caller);
        else if (caller.number == SYSCALL_call_start)
                bench_async(&caller);
        else
                bench_message(&caller);
}

static const struct round message_round = {message_loop, NULL, COUNT};

static void calls(uint64_t unused)
{
        enum extra extra = (enum extra)SHARED->word[ORDER_EXTRA];
        (void)unused;
        caller.number = SHARED->word[ORDER_NUMBER];
        caller.handle = SHARED->word[ORDER_RIGHT];
        caller.header = SHARED->word[ORDER_HEADER];
        caller.deadline = rt_after(TIMED_DEADLINE);
        caller.failures = OUTCOME_OK;
        if (caller.number == SYSCALL_call_start)
                caller.failures = call_prepare(extra == KEYED);
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
                caller.words[i] = 0x1111 * (i + 1);
        if (extra == BYTES)
                block_prepare('a');
        if (extra == CAPABILITY)
                caller.failures |= right_prepare();
        bench_vectors_load(SEED_CALLER);
        samples_take(&message_round);
        bool fine = bench_vectors_same(SEED_CALLER) && caller.failures == OUTCOME_OK;
        unsigned words = message_words(caller.header);
        for (unsigned i = 0; i < words; i++)
                fine = fine && caller.words[i] == 0x1111 * (i + 1);
        if (extra == BYTES)
                fine = fine && received_is('A');
        SHARED->word[RESULT_CALLER] = fine ? RESULT_FINE : 0;
}

/* Until the port is destroyed. */
static void serves(uint64_t port)
{
        enum extra extra = (enum extra)SHARED->word[ORDER_EXTRA];
        server.handle = port;
        server.header = message_with_caps(SHARED->word[ORDER_HEADER], 0);
        server.failures = OUTCOME_OK;
        struct message_block *block = extra == BYTES        ? block_prepare('A')
                                      : extra == CAPABILITY ? own_block()
                                                            : NULL;
        bench_vectors_load(SEED_SERVER);
        if (extra == CAPABILITY) {
                block->receive_caps = 1;
                server.received = &block->received_caps[0].handle;
                server.header = HEADER(0);
                bench_serve_caps(&server);
        } else if (SHARED->word[ORDER_NUMBER] == SYSCALL_send) {
                bench_receive(&server);
        } else {
                bench_serve(&server);
        }
        bool fine = bench_vectors_same(SEED_SERVER) && server.failures == OUTCOME_OK;
        if (extra == BYTES)
                fine = fine && received_is('a');
        if (extra == CAPABILITY)
                fine = fine && block->received_caps[0].type == OBJECT_RIGHT;
        SHARED->word[RESULT_SERVER] = fine ? RESULT_FINE : 0;
}

struct message_row {
        const char *name;
        uint64_t number, header;
        enum extra extra;
        unsigned server_priority;
        bool same_space;
};

static void message_row(const struct message_row *row)
{
        handle_t port = make_port(), right = make_right(port, 1);
        SHARED->word[ORDER_NUMBER] = row->number;
        SHARED->word[ORDER_HEADER] = row->header;
        SHARED->word[ORDER_EXTRA] = row->extra;
        thread_run(serves, port, row->server_priority);
        if (row->same_space) {
                SHARED->word[ORDER_RIGHT] = right;
                thread_run(calls, 0, PRIORITY_CALLER);
        } else {
                struct child child = child_create(calls, 0, PRIORITY_CALLER);
                SHARED->word[ORDER_RIGHT] = child_grant(&child, right);
                child_start(&child);
        }
        settle();
        CHECK_EQ(SHARED->word[RESULT_CALLER], RESULT_FINE);
        CHECK_OK(sys_object_destroy(port));
        settle();
        CHECK_EQ(SHARED->word[RESULT_SERVER], RESULT_FINE);
        samples_print(row->name, COUNT);
        made_destroy();
}

void row_call_0(void)
{
        message_row(&(struct message_row){"call_0", SYSCALL_call, HEADER(0), NOTHING,
                                          PRIORITY_SERVER, false});
}

void row_call_4(void)
{
        message_row(&(struct message_row){"call_4", SYSCALL_call, HEADER(4), NOTHING,
                                          PRIORITY_SERVER, false});
}

void row_call_8(void)
{
        message_row(&(struct message_row){"call_8", SYSCALL_call, HEADER(8), NOTHING,
                                          PRIORITY_SERVER, false});
}

void row_call_64(void)
{
        message_row(&(struct message_row){"call_64", SYSCALL_call,
                                          message_with_flags(HEADER(0), MESSAGE_BLOCK), BYTES,
                                          PRIORITY_SERVER, false});
}

void row_call_cap(void)
{
        uint64_t header = message_with_caps(message_with_flags(HEADER(0), MESSAGE_BLOCK), 1);
        message_row(&(struct message_row){"call_cap", SYSCALL_call, header, CAPABILITY,
                                          PRIORITY_SERVER, false});
}

/* The server is below its caller: it takes the call while that waits for its end. */
void row_call_keyed(void)
{
        message_row(&(struct message_row){"call_keyed", SYSCALL_call_start, HEADER(0), KEYED,
                                          PRIORITY_SERVER, false});
}

void row_call_async(void)
{
        message_row(&(struct message_row){"call_async", SYSCALL_call_start, HEADER(0), NOTHING,
                                          PRIORITY_SERVER, false});
}

void row_call_same(void)
{
        message_row(&(struct message_row){"call_same", SYSCALL_call, HEADER(0), NOTHING,
                                          PRIORITY_SERVER, true});
}

/* The receiver is above the sender: it runs and waits again before the send returns. */
void row_send(void)
{
        message_row(&(struct message_row){"send", SYSCALL_send, HEADER(0), NOTHING,
                                          PRIORITY_RECEIVER, false});
}

/* ---- faults ---- */

static void faults(uint64_t unused)
{
        (void)unused;
        bench_vectors_load(SEED_CALLER);
        bench_fault();
}

static void answer_loop(unsigned count)
{
        server.count = count;
        bench_answer(&server);
}

static const struct round answer_round = {answer_loop, NULL, COUNT};

/* The handler is timed: it takes the registers, as a supervisor does, and lets the thread go on. */
static void handles(uint64_t port)
{
        struct message_registers first = {.handle = port, .deadline = SOON};
        block_prepare('A');
        outcome_t outcome = sys_message(SYSCALL_receive, &first);
        server.handle = port;
        server.header = 0;
        server.second = first.second;
        server.deadline = rt_after(TIMED_DEADLINE);
        server.failures = outcome;
        bench_vectors_load(SEED_SERVER);
        samples_take(&answer_round);
        const struct registers *registers = (const struct registers *)received;
        bool fine = bench_vectors_same(SEED_SERVER) && server.failures == OUTCOME_OK &&
                    server.words[0] == FAULT_BREAKPOINT && registers->rip == server.words[2];
        SHARED->word[RESULT_SERVER] = fine ? RESULT_FINE : 0;
}

void row_fault(void)
{
        handle_t port = make_port(), right = make_right(port, 1);
        struct child child = child_create(faults, 0, PRIORITY_SERVER);
        CHECK_OK(sys_task_set_fault_handler(child.task, right));
        thread_run(handles, port, PRIORITY_CALLER);
        child_start(&child);
        settle();
        CHECK_EQ(SHARED->word[RESULT_SERVER], RESULT_FINE);
        samples_print("fault", COUNT);
        made_destroy();
}
