/* Starting a program as a new task.
 *
 *      account ──> task ──> segments, stack (a guard page below it), startup page ──> thread
 *
 * The task is charged to an account of its own: destroying that ends it and gives everything back.
 * The thread is created stopped: the spawner may watch the task before spawn_start starts it. */
#ifndef RT_SPAWN_H
#define RT_SPAWN_H

#include "servers/rt/startup.h"
#include "servers/rt/syscall.h"

#define SPAWN_STACK_TOP    0x00007ffffff00000ull
#define SPAWN_STARTUP_PAGE 0x00007ffffff80000ull

enum { SPAWN_STACK_DEFAULT = 65536 };

/* A handle to be given to the new task, found there by rt_handle(name). */
struct spawn_grant {
        const char *name;
        handle_t handle;
        uint32_t rights; /* kept of the handle's own */
};

struct spawn {
        const void *elf;
        size_t elf_size;
        const char *component; /* its name, and its first argument */
        const char *const *arguments;
        unsigned argument_count; /* without the name */
        handle_t account;        /* the parent of the task's; 0: the caller's own */
        uint64_t memory;         /* bytes it may use in all, its own program included */
        size_t stack;            /* bytes; 0: SPAWN_STACK_DEFAULT */
        unsigned priority;       /* also its ceiling */
        handle_t fault_right;    /* KERNEL_FAULT goes there; 0: the task just ends */
        const struct spawn_grant *grants;
        unsigned grant_count;
        uint64_t heartbeat_period; /* startup.h; grant the event as "heartbeat" */
};

struct spawned {
        handle_t account, task, thread;
};

/* "account" and "task" are granted besides. Answers NO_MEMORY (the account has less than it needs),
 * INVALID (the file is no program: *wrong, which may be NULL, says why), TOO_LONG (too many grants
 * or arguments); nothing is left behind then. */
outcome_t spawn_task(const struct spawn *spawn, struct spawned *spawned, const char **wrong);

outcome_t spawn_start(const struct spawned *spawned);

/* Gives a running task a handle under a name of its startup page, in place of the previous one if
 * there was one: rt_handle(name) finds it from then on. The task closes the previous one. */
outcome_t spawn_regrant(const struct spawned *spawned, const struct spawn_grant *grant);

/* Ends the task and gives back everything, the handles too. */
void spawn_destroy(struct spawned *spawned);

/* Ends the task, but leaves others what they hold or have mapped of its memory: the account ends
 * with the last of that. */
void spawn_release(struct spawned *spawned);

#endif
