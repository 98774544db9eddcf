/* The threads of the program, and what each waits for.
 *
 *      FREE ──clone──> LIVE ──exit──> FREE      a slot with its block and stack is used again
 *
 *      slot: one piece of memory       block │ struct thread │ stack of the layer
 *
 * The first thread has the image's own block and stack. A native program has that thread alone; all
 * below also serves it.
 *
 * Locks, from the outermost to the innermost; who has one takes none of those before it:
 *      files    open files and their servers, current folder: held during calls to file servers
 *      state    threads, signals, timers, those who wait at a futex
 *      memory   the table of regions (../task/memory.h)
 * Nothing else is waited for under a lock: a wait is thread_wait(), which needs none to be held but
 * `state`, and gives that back meanwhile. Log and randomness have locks of their own, within any.
 *
 * Members of struct thread: those from `live` to `event` change when the slot is taken; all others
 * are under `state`, but for those that are said to be the thread's own. */
#ifndef RT_LINUX_THREADS_H
#define RT_LINUX_THREADS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernel/abi/message.h"
#include "servers/proto/faults.h"
#include "servers/rt/message/block.h"

enum {
        THREADS_MOST = 128, /* of the program, besides the first */
        THREAD_NAME = 16    /* prctl(2) */
};

/* Bits of a thread's event. */
enum thread_wake {
        WAKE_DONE = 1,   /* what it waits for has come: a futex */
        WAKE_SIGNAL = 2, /* a signal that it does not block is there */
        WAKE_CALL = 4,   /* its call object is done */
        WAKE_GO = 8,     /* the process goes on, which it has stopped */
};

/* A result of the layer's own, which no program sees: ended by a signal, to be begun again if the
 * handler says so (SA_RESTART), else EINTR. Linux's ERESTARTSYS. */
enum { RESTART = 512 };

/* One that waits at a futex, in a list of all. */
struct futex_wait {
        uint64_t address;
        uint32_t bits; /* FUTEX_WAIT_BITSET */
        bool queued;
        struct thread *next;
};

struct thread {
        /* Its own, and of whoever has stopped it: the registers are what it goes on with
         * (rt_linux_load). The process server knows where this is. */
        struct thread_fault fault;
        uint32_t live; /* 0: the slot is free; written last, by rt_thread_end() */
        struct runtime_block *block;
        int64_t id;
        handle_t handle; /* of the kernel's thread; 0: it is not known */
        handle_t event;  /* enum thread_wake; 0: not made yet */
        handle_t call;   /* a call object whose end is WAKE_CALL; its own */

        char name[THREAD_NAME]; /* its own, as all up to `blocked` */
        uint64_t fs_base;
        uint64_t call_number; /* of the Linux system call that it makes */
        uint64_t clear_tid;   /* where 0 is written when it ends */
        uint64_t robust_list; /* set_robust_list(2) */

        uint64_t blocked, pending; /* sets of signals */
        uint64_t awaited;          /* by sigtimedwait: they end its wait though they are blocked */
        uint64_t blocked_before;   /* sigsuspend: what the handler's frame is to restore */
        bool suspended;
        stack_t alternate; /* ss_sp NULL: none */
        struct futex_wait futex;
};

static inline struct thread *thread_self(void)
{
        return runtime_block()->thread;
}

/* Called when the image begins: the first thread. */
void threads_begin(void);

/* The two outer locks; the third is memory_lock(). */
void files_lock(void);
void files_unlock(void);
void state_lock(void);
void state_unlock(void);

/* Whether somebody else could end a wait of this thread: another thread, or a timer. */
bool threads_alone(void);

/* Whether the program has more threads than this one. */
bool threads_several(void);

/* Stops all other threads of the task, and lets them go on. Context: all locks are held, and nobody
 * is asked for anything in between. */
void threads_stop(void);
void threads_go_on(void);

/* In a child of fork, whose one thread this is: there are no others, and it has a number and
 * handles of its own. The locks are free. */
void threads_forked(struct thread *thread);

/* Calls `visit` for each thread that lives, until it returns true; that thread, or NULL. Context:
 * `state`. */
struct thread *threads_find(bool (*visit)(struct thread *, uint64_t), uint64_t value);

/* The one of that number, as gettid(2) has it, or NULL. Context: `state`. */
struct thread *thread_numbered(int64_t id);

/* Tells the program a number, for clone(2) and exit(2): where the address is none that goes on all
 * the same, as on Linux. */
void thread_number_put(uint64_t address, int64_t number);

/* Makes the thread's event, if it has none. 0, or -ENOMEM. Context: the thread itself. */
int64_t thread_event(struct thread *thread);

/* Waits until one of the bits (enum thread_wake) is set, or the deadline; 0: that. Context: `state`
 * is held, and given back meanwhile; thread_event() has succeeded. */
uint64_t thread_wait(struct thread *thread, uint64_t bits, uint64_t deadline);

/* console.c: whether this thread can wait for a call of its own (`call`) and for a signal at once.
 * Else it makes the call and waits for that alone. */
bool call_interruptible(struct thread *thread);

/* Waits for the end of the thread's call, which a signal cancels. Context: no lock is held. */
void call_wait(struct thread *thread);

/* A thread of the layer's own beside the program's: it begins with `entry`, and makes no Linux
 * system call. NULL: no memory. Context: `state`. */
struct thread *thread_helper(void (*entry)(void));

#endif
