/* Threads and child tasks for the programs in the guest (child.h). Everything made here is noted,
 * so that made_destroy() leaves nothing of it. */
#include "tests/kernel/child.h"
#include <string.h>

static handle_t shared_memory;

/* Handles that a test has made: those still open are closed after it. */
enum { MADE_MAX = 256 };
static struct {
        handle_t handles[MADE_MAX];
        unsigned count;
} made;

static handle_t remember(handle_t handle)
{
        if (made.count < MADE_MAX)
                made.handles[made.count++] = handle;
        return handle;
}
/* ---- threads and children ---- */

enum { STACK_BYTES = 16384, STACKS = 16 };
static char stacks[STACKS][STACK_BYTES] __attribute__((aligned(4096)));
static unsigned stacks_used;

struct start {
        test_function *function;
        uint64_t argument;
};

/* Runs on the new stack, where the start is. No C library here. */
static void thread_begin(struct start *start)
{
        start->function(start->argument);
        sys_thread_exit();
}

static struct start *start_on_stack(char *stack, test_function *function, uint64_t argument)
{
        struct start *start = (struct start *)(stack + STACK_BYTES - sizeof(*start));
        *start = (struct start){function, argument};
        return start;
}

handle_t thread_run(test_function *function, uint64_t argument, unsigned priority)
{
        handle_t thread;
        CHECK(stacks_used < STACKS);
        struct start *start = start_on_stack(stacks[stacks_used++], function, argument);
        CHECK_OK(sys_thread_create(0, (uint64_t)thread_begin, (uint64_t)start - 8, (uint64_t)start,
                                   thread_scheduling(priority, priority, 0), &thread));
        CHECK_OK(sys_thread_control(thread, THREAD_SET_REFLECT, (uint64_t)rt_linux_entry));
        CHECK_OK(sys_thread_control(thread, THREAD_START, 0));
        return remember(thread);
}

enum { SETTLE_ASKED = 1, SETTLE_ANSWERED = 2 };
static handle_t settle_event;

/* Runs when nothing else does. */
static void settle_thread(uint64_t event)
{
        uint64_t bits;
        for (;;) {
                sys_event_wait(event, SETTLE_ASKED, TIME_NEVER, &bits);
                sys_event_signal((handle_t)event, SETTLE_ANSWERED);
        }
}

static void settle_start(void)
{
        static char stack[STACK_BYTES] __attribute__((aligned(4096)));
        handle_t thread;
        struct start *start = start_on_stack(stack, settle_thread, 0);
        sys_event_create(&settle_event);
        start->argument = settle_event;
        sys_thread_create(0, (uint64_t)thread_begin, (uint64_t)start - 8, (uint64_t)start,
                          thread_scheduling(PRIORITY_MIN, PRIORITY_MIN, 0), &thread);
        sys_thread_control(thread, THREAD_START, 0);
}

void settle(void)
{
        uint64_t bits;
        CHECK_OK(sys_event_signal(settle_event, SETTLE_ASKED));
        CHECK_OK(sys_event_wait(settle_event, SETTLE_ANSWERED, TIME_NEVER, &bits));
}

void wait_until(uint64_t time)
{
        sys_sleep(time);
}

extern char __executable_start[], etext[], end[];

/* Where a child's pages are filled in. */
#define WINDOW 0x40000000ull

static void copy_into(handle_t task, handle_t account, uint64_t start, uint64_t stop,
                      unsigned flags)
{
        handle_t memory;
        uint64_t bytes = stop - start;
        CHECK_OK(sys_memory_create(account, bytes, MEMORY_ANONYMOUS, 0, &memory));
        CHECK_OK(sys_memory_map(0, memory, WINDOW, 0, bytes, MAP_READ | MAP_WRITE, NULL));
        memcpy((void *)WINDOW, (void *)start, bytes);
        CHECK_OK(sys_memory_unmap(0, WINDOW, bytes));
        CHECK_OK(sys_memory_map(task, memory, start, 0, bytes, flags, NULL));
        CHECK_OK(sys_handle_close(memory));
}

struct child child_create(test_function *function, uint64_t argument, unsigned priority)
{
        struct child child;
        CHECK(stacks_used < STACKS);
        struct start *start = start_on_stack(stacks[stacks_used++], function, argument);
        CHECK_OK(sys_account_create(0, 3 << 20, &child.account));
        CHECK_OK(sys_task_create(child.account, &child.task));
        uint64_t text = (uint64_t)__executable_start & ~4095ull;
        uint64_t data = ((uint64_t)etext + 4095) & ~4095ull;
        uint64_t stop = ((uint64_t)end + 4095) & ~4095ull;
        copy_into(child.task, child.account, text, data, MAP_READ | MAP_EXECUTE);
        copy_into(child.task, child.account, data, stop, MAP_READ | MAP_WRITE);
        CHECK_OK(sys_memory_map(child.task, shared_memory, (uint64_t)SHARED, 0, 4096,
                                MAP_READ | MAP_WRITE, NULL));
        CHECK_OK(sys_thread_create(child.task, (uint64_t)thread_begin, (uint64_t)start - 8,
                                   (uint64_t)start, thread_scheduling(priority, priority, 0),
                                   &child.thread));
        remember(child.thread);
        remember(child.task);
        remember(child.account);
        return child;
}

void child_start(const struct child *child)
{
        CHECK_OK(sys_thread_control(child->thread, THREAD_START, 0));
}

handle_t child_grant(const struct child *child, handle_t handle)
{
        handle_t there;
        CHECK_OK(sys_handle_grant(child->task, handle, RIGHTS_ALL, &there));
        return there;
}

/* ---- objects ---- */

handle_t make_port(void)
{
        handle_t port;
        CHECK_OK(sys_port_create(&port));
        return remember(port);
}

handle_t make_right(handle_t port, uint64_t badge)
{
        handle_t right;
        CHECK_OK(sys_right_mint(port, badge, RIGHTS_ALL, &right));
        return remember(right);
}

handle_t make_event(void)
{
        handle_t event;
        CHECK_OK(sys_event_create(&event));
        return remember(event);
}

handle_t make_memory(uint64_t pages)
{
        handle_t memory;
        CHECK_OK(sys_memory_create(0, pages * 4096, MEMORY_ANONYMOUS, 0, &memory));
        return remember(memory);
}

void map_at(handle_t memory, uint64_t address)
{
        uint64_t bytes, physical;
        CHECK_OK(sys_memory_info(memory, &bytes, &physical));
        CHECK_OK(sys_memory_map(0, memory, address, 0, bytes, MAP_READ | MAP_WRITE, NULL));
}

/* ---- messages ---- */

_Static_assert(sizeof(struct message_block) <= 512, "a block stays within its page");
static struct {
        struct message_block block;
        char rest[512 - sizeof(struct message_block)];
} block_pool[16] __attribute__((aligned(4096)));

struct message_block *own_block(void)
{
        static unsigned used;
        struct message_block *block = &block_pool[used++ % 16].block;
        memset(block, 0, sizeof(*block));
        sys_thread_control(0, THREAD_SET_BLOCK, (uint64_t)block);
        return block;
}

outcome_t call(handle_t right, uint64_t header, uint64_t deadline, struct message_registers *r)
{
        r->handle = right;
        r->second = 0;
        r->header = header;
        r->deadline = deadline;
        return sys_message(SYSCALL_call, r);
}

outcome_t receive(handle_t port, uint64_t deadline, struct message_registers *r)
{
        *r = (struct message_registers){.handle = port, .deadline = deadline};
        return sys_message(SYSCALL_receive, r);
}

outcome_t reply(handle_t reply_right, uint64_t header, struct message_registers *r)
{
        struct message_registers q = *r;
        q.second = reply_right;
        q.header = header;
        return sys_message(SYSCALL_reply, &q);
}

void serve_increment(uint64_t rounds)
{
        struct message_registers r = {.handle = SHARED->word[0], .deadline = TIME_NEVER};
        outcome_t outcome = sys_message(SYSCALL_receive, &r);
        for (; outcome == OUTCOME_OK && rounds; rounds--) {
                for (unsigned i = 0; i < MESSAGE_WORDS; i++)
                        r.words[i]++;
                r.header = HEADER(8);
                r.handle = SHARED->word[0];
                r.deadline = TIME_NEVER;
                if (rounds == 1)
                        sys_message(SYSCALL_reply, &r);
                else
                        outcome = sys_message(SYSCALL_reply_receive, &r);
        }
        SHARED->word[1] = outcome;
}

/* ---- beginning and end ---- */

void children_init(void)
{
        CHECK_OK(sys_memory_create(0, 4096, MEMORY_ANONYMOUS, 0, &shared_memory));
        CHECK_OK(sys_memory_map(0, shared_memory, (uint64_t)SHARED, 0, 4096, MAP_READ | MAP_WRITE,
                                NULL));
        settle_start();
}

void made_destroy(void)
{
        while (made.count) {
                handle_t handle = made.handles[--made.count];
                sys_object_destroy(handle);
                sys_handle_close(handle);
        }
        stacks_used = 0;
        memset((void *)SHARED, 0, sizeof(*SHARED));
}
