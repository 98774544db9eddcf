/* A program's thread is a fiber: it has a stack of its own, and leaves it only in a system call,
 * when the kernel has another thread run, or the node's time has come to that of another event. A
 * thread whose kernel object is gone is never continued.
 *
 *      thread_run ──switch──> program ──system call──> kernel ──the same thread runs on──> program
 *          ^                                             └──another one, or none, or later──┐
 *          └────────────────────────────────switch──────────────────────────────────────────┘ */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "servers/rt/message/enter.h"
#include "servers/rt/message/syscall.h"
#include "tests/sim/sim.h"

enum { STACK = 256 << 10, GUARD = 4096, LOOK_COST = 20 /* ns to look at the clock */ };

void fiber_switch(void **from, void *to);
void fiber_enter(void);

static struct thread *idle;
static void *loop;           /* where thread_run() waits */
static struct context *next; /* what the kernel wants to run */

void thread_starve(struct thread *thread, uint64_t until)
{
        thread->starved = until;
        thread->node->machine->starve(thread->context, true);
}

void thread_feed(struct thread *thread)
{
        thread->starved = 0;
        thread->node->machine->starve(thread->context, false);
}

/* ---- from the program to the kernel ---------------------------------------------------------- */

/* A system call: the thread's registers are in its context. The thread may be gone afterwards. */
static void kernel_enter(struct thread *thread)
{
        struct node *node = thread->node;
        struct context *context = thread->context;
        node->now += node->cost;
        fuse_burn(node, &thread->fuse);
        if (thread->starved && node->now >= thread->starved)
                thread_feed(thread);
        node->machine->clock(node->now - node->booted);
        node->machine->syscall(context);
        next = node->machine->next();
        if (next != context || node->now > sim_horizon() || the_sim.failure)
                fiber_switch(&thread->stack_pointer, loop);
}

outcome_t sys_registers(uint64_t number, struct syscall_registers *registers)
{
        struct thread *thread = the_sim.thread;
        struct context *context = thread->context;
        context->number = number;
        context->handle = registers->rdi;
        context->second = registers->rsi;
        context->header = registers->rdx;
        context->deadline = registers->r10;
        context->word[0] = registers->r8;
        context->word[1] = registers->r9;
        kernel_enter(thread);
        registers->rdi = context->result;
        registers->rsi = context->second;
        registers->rdx = context->header;
        return (outcome_t)context->outcome;
}

outcome_t sys_message(uint64_t number, struct message_registers *registers)
{
        struct thread *thread = the_sim.thread;
        struct context *context = thread->context;
        context->number = number;
        context->handle = registers->handle;
        context->second = registers->second;
        context->header = registers->header;
        context->deadline = registers->deadline;
        memcpy(context->word, registers->words, sizeof context->word);
        kernel_enter(thread);
        registers->handle = context->badge;
        registers->second = context->reply;
        registers->header = context->header;
        registers->deadline = context->deadline;
        memcpy(registers->words, context->word, sizeof context->word);
        return (outcome_t)context->outcome;
}

uint64_t sim_clock(void)
{
        struct node *node = the_sim.running;
        node->now += LOOK_COST;
        return node->now - node->booted;
}

void sim_program_failed(const char *what)
{
        struct thread *thread = the_sim.thread;
        sim_fail("%s: a program ends by %s", thread->node->name, what);
        for (;;)
                fiber_switch(&thread->stack_pointer, loop);
}

const char *thread_name(const struct thread *thread)
{
        return image_name(thread->image);
}

/* ---- threads begin and end ------------------------------------------------------------------- */

static void thread_begin(void *argument)
{
        const struct thread *thread = argument;
        thread->image->begin(thread->page);
}

static void thread_returned(void)
{
        abort(); /* a program ends by exit() */
}

/* What fiber_switch takes from a stack, from its top (tests/sim/fiber_switch.S). */
struct stack_frame {
        uint32_t mxcsr;
        uint16_t x87, unused;
        uint64_t r15, r14, r13, r12, rbx, rbp;
        uint64_t return_address;
};

static void stack_prepare(struct thread *thread)
{
        enum { MXCSR_DEFAULT = 0x1f80, X87_DEFAULT = 0x037f };
        struct stack_frame *frame =
            (struct stack_frame *)(thread->stack + STACK - 16 - sizeof *frame);
        *frame = (struct stack_frame){
            .mxcsr = MXCSR_DEFAULT,
            .x87 = X87_DEFAULT,
            .r12 = (uint64_t)thread_begin,
            .r13 = (uint64_t)thread,
            .rbx = (uint64_t)thread_returned,
            .return_address = (uint64_t)fiber_enter,
        };
        thread->stack_pointer = frame;
}

static struct thread *thread_take(void)
{
        struct thread *thread = idle;
        if (thread) {
                idle = thread->next_idle;
                return thread;
        }
        thread = calloc(1, sizeof *thread);
        void *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (!thread || stack == MAP_FAILED || mprotect(stack, GUARD, PROT_NONE) != 0) {
                perror("sim: a stack");
                exit(2);
        }
        thread->stack = stack;
        return thread;
}

/* A thread that has not run yet: its program's name stands where its first instruction would, and
 * its argument is the page that it is started with. */
static struct thread *thread_make(struct node *node, struct context *context)
{
        struct thread *thread = thread_take();
        const char *name = node->machine->resolve(context, context->arch.rip);
        if (node->thread_count == sizeof node->threads / sizeof node->threads[0])
                abort();
        node->threads[node->thread_count++] = thread;
        thread->node = node;
        thread->context = context;
        thread->page = node->machine->resolve(context, context->handle);
        thread->image = image_take(name);
        thread->starved = 0;
        thread->fuse = 0;
        context->arch.gs_base = (uint64_t)thread;
        stack_prepare(thread);
        sim_trace(node, "%s begins", name);
        ledger_begins(node, name);
        return thread;
}

static void thread_drop(struct thread *thread)
{
        struct node *node = thread->node;
        unsigned at = 0;
        ledger_dies(node, thread_name(thread));
        if (strcmp(thread_name(thread), "card") == 0)
                node_card_stop(node);
        while (node->threads[at] != thread)
                at++;
        node->threads[at] = node->threads[--node->thread_count];
        image_give(thread->image);
        thread->next_idle = idle;
        idle = thread;
}

void sim_thread_gone(struct context *context)
{
        if (context->arch.gs_base)
                thread_drop((struct thread *)context->arch.gs_base);
}

void threads_drop(struct node *node)
{
        while (node->thread_count)
                thread_drop(node->threads[0]);
}

struct context *thread_run(struct node *node, struct context *context)
{
        struct thread *thread = (struct thread *)context->arch.gs_base;
        if (!thread)
                thread = thread_make(node, context);
        the_sim.thread = thread;
        fiber_switch(&loop, thread->stack_pointer);
        the_sim.thread = NULL;
        return next;
}
