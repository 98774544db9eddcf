/* Tasks: an address space, a handle table and an account. A task lives until its last thread ends;
 * afterwards the object only remembers how.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_TASK_TASK_H
#define KERNEL_TASK_TASK_H

#include "kernel/abi/outcome.h"
#include "kernel/mm/space.h"
#include "kernel/object/handle.h"
#include "kernel/object/object.h"

struct task {
        struct object object;
        bool alive;
        uint32_t thread_count;
        uint64_t status; /* given to task_exit, or how it was ended */
        struct space space;
        struct handle_table handles;
        struct list threads;       /* struct thread.task_link */
        struct list watches;       /* struct watch.link */
        struct slot fault_handler; /* of threads without one of their own: a right, or empty */
        uint64_t cpu_time, messages, faults; /* of threads that have ended */
};

extern const struct object_type task_type;

/* Status of a task that did not call task_exit. */
#define TASK_STATUS_KILLED ((uint64_t)-1)

/* An empty task charged to the account; NULL: account used up. */
struct task *task_create(struct account *account);

/* Ends all threads, drops all handles, frees the space and signals the watchers. The object stays.
 */
void task_kill(struct task *task, uint64_t status);

#endif
