/* See threads.h. A new thread is made by its parent, whole: the child's first instruction is the
 * program's.
 *
 * Sources: clone(2), set_tid_address(2), sched(7); what libc passes, of the System V ABI. */
#include "servers/rt/linux/threads.h"

#include <errno.h>
#include <sched.h>

#include "servers/proto/programs.h"
#include "servers/rt/linux/fork.h"
#include "servers/rt/linux/futex.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/queue.h"
#include "servers/rt/linux/user.h"
#include "servers/rt/linux/vfork.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/lock.h"
#include "servers/rt/task/memory.h"

enum {
        SLOT_BYTES = RT_HANDLER_STACK + PAGE_SIZE,
        FLAGS_INITIAL = 0x202, /* as any program begins: interrupts on */
};

/* One piece of memory; struct thread lies behind the block. */
struct slot {
        struct runtime_block block;
        struct thread thread;
};

_Static_assert(sizeof(struct slot) <= PAGE_SIZE, "the rest is stack");
_Static_assert((int)THREADS_MOST < (int)PROCESS_THREAD_LAST, "there is always a free number");

static struct {
        struct lock files, state;
        struct thread first;
        struct slot *slots[THREADS_MOST];
        unsigned live;    /* threads of the program */
        unsigned helpers; /* of the layer */
        uint64_t numbers; /* given so far */
} threads = {.live = 1};

void rt_thread_end(uint32_t *slot, uint64_t number) __attribute__((noreturn));
void rt_linux_entry(void);

/* Its event is made at its first wait. */
void threads_begin(void)
{
        struct runtime_block *block = runtime_block();
        threads.first.live = true;
        threads.first.block = block;
        threads.first.id = linux_getpid();
        threads.first.handle = rt_handle("thread");
        threads.first.blocked = rt_startup() ? rt_startup()->program.blocked : 0;
        block->thread = &threads.first;
        block->registers = &threads.first.fault.registers;
}

void files_lock(void)
{
        lock_take(&threads.files);
}

void files_unlock(void)
{
        lock_release(&threads.files);
}

void state_lock(void)
{
        lock_take(&threads.state);
}

void state_unlock(void)
{
        lock_release(&threads.state);
}

bool threads_alone(void)
{
        return threads.live + threads.helpers == 1;
}

bool threads_several(void)
{
        return threads.live > 1;
}

struct thread *threads_find(bool (*visit)(struct thread *, uint64_t), uint64_t value)
{
        if (threads.first.id && visit(&threads.first, value))
                return &threads.first;
        for (unsigned i = 0; i < THREADS_MOST && threads.slots[i]; i++) {
                struct thread *thread = &threads.slots[i]->thread;
                if (thread->live && thread->id && visit(thread, value))
                        return thread;
        }
        return NULL;
}

static bool has_id(struct thread *thread, uint64_t id)
{
        return thread->id == (int64_t)id;
}

struct thread *thread_numbered(int64_t id)
{
        return threads_find(has_id, (uint64_t)id);
}

int64_t thread_event(struct thread *thread)
{
        if (!thread->event && sys_event_create(&thread->event) != OUTCOME_OK)
                return -ENOMEM;
        return 0;
}

uint64_t thread_wait(struct thread *thread, uint64_t bits, uint64_t deadline)
{
        uint64_t seen = 0;
        state_unlock();
        if (sys_event_wait(thread->event, bits, deadline, &seen) != OUTCOME_OK)
                seen = 0;
        state_lock();
        return seen;
}

static void others_control(enum thread_operation operation)
{
        for (unsigned i = 0; i <= THREADS_MOST; i++) {
                const struct thread *thread = i == 0                 ? &threads.first
                                              : threads.slots[i - 1] ? &threads.slots[i - 1]->thread
                                                                     : NULL;
                if (thread && thread->live && thread != thread_self())
                        sys_thread_control(thread->handle, operation, 0);
        }
}

void threads_stop(void)
{
        others_control(THREAD_STOP);
}

void threads_go_on(void)
{
        others_control(THREAD_START);
}

void threads_forked(struct thread *thread)
{
        threads.files = threads.state = (struct lock){0};
        for (unsigned i = 0; i <= THREADS_MOST; i++) {
                struct thread *other = i == 0                 ? &threads.first
                                       : threads.slots[i - 1] ? &threads.slots[i - 1]->thread
                                                              : NULL;
                if (other && other != thread)
                        bytes_zero(other, sizeof *other);
        }
        threads.live = 1;
        threads.helpers = 0;
        thread->id = linux_getpid();
        thread->handle = rt_handle("thread");
        thread->event = thread->call = 0;
        thread->robust_list = 0;
        thread->pending = thread->awaited = 0;
        thread->suspended = false;
        thread->block->attention = 0;
        futex_forked();
}

/* ---- slots ----------------------------------------------------------------------------------- */

/* What a thread that has ended left. */
static void slot_clear(struct thread *thread)
{
        const handle_t handles[] = {thread->handle, thread->call, thread->event};
        for (unsigned i = 0; i < sizeof handles / sizeof handles[0]; i++)
                if (handles[i])
                        sys_handle_close(handles[i]);
        bytes_zero(thread, sizeof *thread);
}

static struct slot *slot_take(void)
{
        unsigned i = 0;
        void *memory;
        while (i < THREADS_MOST && threads.slots[i] &&
               __atomic_load_n(&threads.slots[i]->thread.live, __ATOMIC_ACQUIRE))
                i++;
        if (i == THREADS_MOST)
                return NULL;
        if (!threads.slots[i]) {
                if (rt_memory_allocate(SLOT_BYTES, &memory) != OUTCOME_OK)
                        return NULL;
                threads.slots[i] = memory;
        }
        struct slot *slot = threads.slots[i];
        slot_clear(&slot->thread);
        bytes_zero(&slot->block, sizeof slot->block);
        slot->block.self = &slot->block;
        slot->block.handler_stack = (uint64_t)slot + SLOT_BYTES;
        slot->block.serving_deadline = TIME_NEVER;
        slot->block.registers = &slot->thread.fault.registers;
        slot->block.thread = &slot->thread;
        slot->thread.block = &slot->block;
        return slot;
}

/* A stopped thread of the kernel's with its block; registers say where it begins. 0, or a negated
 * errno. */
static int64_t thread_make(struct slot *slot, const struct registers *registers)
{
        const unsigned priority = rt_startup()->priority;
        struct thread *thread = &slot->thread;
        const struct {
                enum thread_operation operation;
                uint64_t value;
        } settings[] = {
            {THREAD_SET_FS_BASE, registers->fs_base},
            {THREAD_SET_GS_BASE, (uint64_t)&slot->block},
            {THREAD_SET_BLOCK, (uint64_t)&slot->block.message},
            {THREAD_SET_REFLECT, (uint64_t)rt_linux_entry},
        };
        outcome_t outcome = sys_event_create(&thread->event);
        if (outcome == OUTCOME_OK)
                outcome =
                    sys_thread_create(0, (uint64_t)rt_linux_entry, slot->block.handler_stack, 0,
                                      thread_scheduling(priority, priority, 0), &thread->handle);
        for (unsigned i = 0; i < 4 && outcome == OUTCOME_OK; i++)
                outcome =
                    sys_thread_control(thread->handle, settings[i].operation, settings[i].value);
        struct registers whole = *registers;
        whole.gs_base = (uint64_t)&slot->block;
        if (outcome == OUTCOME_OK)
                outcome = sys_thread_set_registers(thread->handle, &whole);
        if (outcome != OUTCOME_OK)
                slot_clear(thread);
        return outcome == OUTCOME_OK ? 0 : -EAGAIN;
}

struct thread *thread_helper(void (*entry)(void))
{
        struct slot *slot = slot_take();
        if (!slot)
                return NULL;
        /* As after a call instruction. */
        const struct registers registers = {
            .rip = (uint64_t)entry, .rsp = slot->block.handler_stack - 8, .rflags = FLAGS_INITIAL};
        if (thread_make(slot, &registers))
                return NULL;
        slot->thread.live = true;
        threads.helpers++;
        sys_thread_control(slot->thread.handle, THREAD_START, 0);
        return &slot->thread;
}

/* ---- clone ----------------------------------------------------------------------------------- */

/* What a thread shares with its parent: everything (clone(2)). */
#define FLAGS_THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define FLAGS_KNOWN                                                                                \
        (FLAGS_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |  \
         CLONE_CHILD_CLEARTID | CLONE_DETACHED)

/* What the child goes on with: the parent's registers, with its own stack, and 0 as the result. */
static struct registers child_registers(const struct linux_context *context,
                                        const struct clone *clone)
{
        struct registers registers;
        registers_of_context(context, &registers);
        registers.rax = 0;
        registers.rsp = clone->stack;
        registers.fs_base = clone->flags & CLONE_SETTLS ? clone->tls : thread_self()->fs_base;
        return registers;
}

void thread_number_put(uint64_t address, int64_t number)
{
        if (user_writes(address, sizeof(int32_t)))
                *(volatile int32_t *)address = (int32_t)number;
}

/* They go round, and leave out those of the living. Context: `state`. */
static int64_t number_next(void)
{
        uint64_t number;
        do {
                const uint64_t place = threads.numbers++ % PROCESS_THREAD_LAST + 1;
                number = place << PROCESS_THREAD_SHIFT | (uint64_t)linux_getpid();
        } while (thread_numbered((int64_t)number));
        return (int64_t)number;
}

static int64_t thread_start_as(struct slot *slot, const struct linux_context *context,
                               const struct clone *clone)
{
        struct thread *thread = &slot->thread;
        const struct registers registers = child_registers(context, clone);
        int64_t error = thread_make(slot, &registers);
        if (error)
                return error;
        thread->id = number_next();
        thread->blocked = thread_self()->blocked;
        thread->fs_base = registers.fs_base;
        bytes_copy(thread->name, thread_self()->name, THREAD_NAME);
        if (clone->flags & CLONE_CHILD_CLEARTID)
                thread->clear_tid = clone->child_tid;
        if (clone->flags & CLONE_PARENT_SETTID)
                thread_number_put(clone->parent_tid, thread->id);
        if (clone->flags & CLONE_CHILD_SETTID)
                thread_number_put(clone->child_tid, thread->id);
        thread->live = true;
        threads.live++;
        sys_thread_control(thread->handle, THREAD_START, 0);
        return thread->id;
}

static int64_t thread_clone(const struct linux_context *context, const struct clone *clone)
{
        const struct startup *startup = rt_startup();
        if (!startup || !startup->program.entry)
                return -ENOSYS; /* a component has one thread */
        if (!(clone->flags & CLONE_THREAD))
                return clone->end_signal && clone->end_signal != SIGCHLD
                           ? -EINVAL
                           : process_clone(context, clone);
        if ((clone->flags & FLAGS_THREAD) != FLAGS_THREAD)
                return -EINVAL;
        if (clone->flags & ~(uint64_t)FLAGS_KNOWN || !clone->stack)
                return -EINVAL;
        state_lock();
        struct slot *slot = slot_take();
        int64_t result = slot ? thread_start_as(slot, context, clone) : -EAGAIN;
        state_unlock();
        return result;
}

int64_t linux_clone(const struct linux_context *context)
{
        const struct linux_arguments *in = &context->arguments;
        const struct clone clone = {.flags = (uint32_t)in->a & ~(uint64_t)CSIGNAL,
                                    .end_signal = in->a & CSIGNAL,
                                    .stack = in->b,
                                    .parent_tid = in->c,
                                    .child_tid = in->d,
                                    .tls = in->e};
        return thread_clone(context, &clone);
}

/* vfork is fork whose parent waits. */
int64_t linux_fork(const struct linux_context *context, bool waits)
{
        const struct clone clone = {.flags = waits ? CLONE_VM | CLONE_VFORK : 0};
        return thread_clone(context, &clone);
}

int64_t linux_clone3(const struct linux_context *context)
{
        /* The arguments of clone3 as clone(2) has them, as far as they are looked at. */
        struct {
                uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
        } in;
        const uint8_t *from = (const uint8_t *)context->arguments.a;
        const uint64_t bytes = context->arguments.b;
        if (bytes < sizeof in)
                return -EINVAL;
        /* What is behind them is asked for by nobody who leaves it 0. */
        for (uint64_t i = sizeof in; i < bytes; i++)
                if (bytes > PAGE_SIZE || from[i])
                        return -E2BIG;
        bytes_copy(&in, from, sizeof in);
        if (in.flags & CSIGNAL || (in.stack != 0) != (in.stack_size != 0))
                return -EINVAL;
        const struct clone clone = {.flags = in.flags,
                                    .end_signal = in.exit_signal,
                                    .stack = in.stack ? in.stack + in.stack_size : 0,
                                    .parent_tid = in.parent_tid,
                                    .child_tid = in.child_tid,
                                    .tls = in.tls};
        return thread_clone(context, &clone);
}

/* ---- the end --------------------------------------------------------------------------------- */

int64_t linux_exit_group(int status)
{
        loan_give_back();
        for (;;)
                sys_task_exit((uint64_t)(status & 0xff));
}

/* The last thread's status is the process's. */
int64_t linux_exit(int status)
{
        struct thread *thread = thread_self();
        state_lock();
        if (threads.live == 1)
                linux_exit_group(status);
        robust_release(thread);
        if (thread->clear_tid) {
                thread_number_put(thread->clear_tid, 0);
                futex_wake(thread->clear_tid, 1, FUTEX_ANY);
        }
        queued_drop(thread);
        threads.live--;
        thread->id = 0;
        state_unlock();
        rt_thread_end(&thread->live, SYSCALL_thread_exit);
}

/* ---- small calls ----------------------------------------------------------------------------- */

int64_t linux_gettid(void)
{
        return thread_self()->id;
}

int64_t linux_set_tid_address(uint64_t address)
{
        thread_self()->clear_tid = address;
        return linux_gettid();
}
