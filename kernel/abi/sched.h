/* Threads and time. */
#ifndef ABI_SCHED_H
#define ABI_SCHED_H

#include <stdint.h>

enum {
        PRIORITY_MIN = 0,
        PRIORITY_DEFAULT = 100,
        PRIORITY_MAX = 255,
};

/* How a thread is scheduled, for thread_create and THREAD_SET_PRIORITY: its base priority, which
 * what it serves may raise; the ceiling up to which it may set that itself, and which it may give
 * others; and its processor, of which 0 is the only one yet. */
enum { SCHEDULING_CEILING = 8, SCHEDULING_PROCESSOR = 16, SCHEDULING_BITS = 32 };

static inline uint64_t thread_scheduling(unsigned priority, unsigned ceiling, unsigned processor)
{
        return (uint64_t)processor << SCHEDULING_PROCESSOR |
               (uint64_t)ceiling << SCHEDULING_CEILING | priority;
}

/* thread_control */
enum thread_operation {
        THREAD_START = 1, /* first start, or go on after THREAD_STOP */
        THREAD_STOP = 2,
        THREAD_SET_PRIORITY = 3, /* argument: thread_scheduling(), ceiling at most the caller's */
        THREAD_SET_FS_BASE = 4,  /* argument: address; also without a handle (0) for oneself */
        THREAD_SET_GS_BASE = 5,
        THREAD_SET_BLOCK = 6,   /* argument: address of the struct message_block */
        THREAD_DIVERT = 8,      /* stopped at once; what it waits for ends as cancelled */
        THREAD_SET_REFLECT = 9, /* argument: where its Linux system calls go; 0: nowhere */
};

/* task_info: words returned. */
struct task_info {
        uint64_t cpu_time;     /* ns of all threads, ended ones included */
        uint64_t memory;       /* bytes charged to the task's account */
        uint64_t memory_limit; /* bytes */
        uint64_t messages;     /* messages received by all threads */
        uint64_t faults;
        uint32_t threads, handles;
};

#endif
