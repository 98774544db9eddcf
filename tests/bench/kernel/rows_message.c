/* Rows between two address spaces: a child calls, sends or faults, a thread of this task receives.
 * Both have live vector registers, which are looked at in the end, and so is what was carried.
 *
 * The child gets its orders, and leaves its results, in SHARED. */
#include <string.h>
#include "tests/bench/kernel/loops.h"
#include "tests/bench/kernel/rows.h"
#include "tests/kernel/child.h"

enum { COUNT = 256, LONG_WORDS = 64, LONG_BYTES = LONG_WORDS * 8 };
enum { SEED_CALLER = 1000, SEED_SERVER = 2000 };

/* Words of SHARED. */
enum { ORDER_NUMBER, ORDER_RIGHT, ORDER_HEADER, RESULT_CALLER, RESULT_SERVER };
enum { RESULT_FINE = 1 };

/* The samples are in SHARED->bytes. */
static char sent[LONG_BYTES], received[LONG_BYTES];

/* A block that sends and takes LONG_BYTES. */
static void block_prepare(char first)
{
        struct message_block *block = own_block();
        for (unsigned i = 0; i < LONG_BYTES; i++)
                sent[i] = (char)(first + i % 100);
        block->send[0] = (struct message_buffer){(uint64_t)sent, LONG_BYTES};
        block->send_count = 1;
        block->receive = (struct message_buffer){(uint64_t)received, LONG_BYTES};
}

static void message_loop(unsigned count)
{
        bench_loop.count = count;
        bench_message();
}

static const struct round message_round = {message_loop, NULL, COUNT};

/* The child. */
static void calls(uint64_t bytes)
{
        bench_loop.number = SHARED->word[ORDER_NUMBER];
        bench_loop.handle = SHARED->word[ORDER_RIGHT];
        bench_loop.header = SHARED->word[ORDER_HEADER];
        bench_loop.deadline = rt_after(TIMED_DEADLINE);
        bench_loop.failures = 0;
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
                bench_loop.words[i] = 0x1111 * (i + 1);
        if (bytes)
                block_prepare('a');
        bench_vectors_load(SEED_CALLER);
        samples_take(&message_round);
        bool fine = bench_vectors_same(SEED_CALLER) && bench_loop.failures == OUTCOME_OK;
        unsigned words = message_words(bench_loop.header);
        for (unsigned i = 0; i < words; i++)
                fine = fine && bench_loop.words[i] == 0x1111 * (i + 1);
        for (unsigned i = 0; i < bytes; i++)
                fine = fine && received[i] == (char)('A' + i % 100);
        SHARED->word[RESULT_CALLER] = fine ? RESULT_FINE : 0;
}

/* The thread of this task: until the port is destroyed. */
static void serves(uint64_t bytes)
{
        bench_loop.handle = SHARED->word[RESULT_SERVER];
        bench_loop.header = SHARED->word[ORDER_HEADER];
        if (bytes)
                block_prepare('A');
        bench_vectors_load(SEED_SERVER);
        if (SHARED->word[ORDER_NUMBER] == SYSCALL_call)
                bench_serve();
        else
                bench_receive();
        bool fine = bench_vectors_same(SEED_SERVER);
        for (unsigned i = 0; i < bytes; i++)
                fine = fine && received[i] == (char)('a' + i % 100);
        SHARED->word[RESULT_SERVER] = fine ? RESULT_FINE : 0;
}

static void message_row(const char *name, uint64_t number, uint64_t header, uint64_t bytes,
                        unsigned server_priority)
{
        handle_t port = make_port(), right = make_right(port, 1);
        struct child child = child_create(calls, bytes, PRIORITY_CALLER);
        SHARED->word[ORDER_NUMBER] = number;
        SHARED->word[ORDER_RIGHT] = child_grant(&child, right);
        SHARED->word[ORDER_HEADER] = header;
        SHARED->word[RESULT_SERVER] = port;
        thread_run(serves, bytes, server_priority);
        child_start(&child);
        settle();
        CHECK_EQ(SHARED->word[RESULT_CALLER], RESULT_FINE);
        CHECK_OK(sys_object_destroy(port));
        settle();
        CHECK_EQ(SHARED->word[RESULT_SERVER], RESULT_FINE);
        samples_print(name, COUNT);
        made_destroy();
}

void row_call_0(void)
{
        message_row("call_0", SYSCALL_call, HEADER(0), 0, PRIORITY_SERVER);
}

void row_call_4(void)
{
        message_row("call_4", SYSCALL_call, HEADER(4), 0, PRIORITY_SERVER);
}

void row_call_8(void)
{
        message_row("call_8", SYSCALL_call, HEADER(8), 0, PRIORITY_SERVER);
}

void row_call_64(void)
{
        message_row("call_64", SYSCALL_call, message_with_flags(HEADER(0), MESSAGE_BLOCK),
                    LONG_BYTES, PRIORITY_SERVER);
}

/* The receiver is above the sender: it runs and waits again before the send returns. */
void row_send(void)
{
        message_row("send", SYSCALL_send, HEADER(0), 0, PRIORITY_RECEIVER);
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
        bench_loop.count = count;
        bench_answer();
}

static const struct round answer_round = {answer_loop, NULL, COUNT};

/* The handler is timed: it takes the registers, as a supervisor does, and lets the thread go on. */
static void handles(uint64_t port)
{
        struct message_registers first = {.handle = port, .deadline = SOON};
        block_prepare('A');
        outcome_t outcome = sys_message(SYSCALL_receive, &first);
        bench_loop.handle = port;
        bench_loop.header = 0;
        bench_loop.reply = first.second;
        bench_loop.deadline = rt_after(TIMED_DEADLINE);
        bench_loop.failures = outcome;
        bench_vectors_load(SEED_SERVER);
        samples_take(&answer_round);
        const struct registers *registers = (const struct registers *)received;
        bool fine = bench_vectors_same(SEED_SERVER) && bench_loop.failures == OUTCOME_OK &&
                    bench_loop.words[0] == FAULT_BREAKPOINT &&
                    registers->rip == bench_loop.words[2];
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
