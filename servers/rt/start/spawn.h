/* Starting a program as a new task.
 *
 *      account ──> task ──> segments, stack (a guard page below it), startup page ──> thread
 *
 * The task is charged to an account of its own: destroying that ends it and gives everything back.
 * The thread is created stopped: the spawner may watch the task before spawn_start starts it.
 *
 * A task may hold several images, each at a place of its own, with a thread, a stack, a startup
 * page and a runtime of its own: its globals, heap, block behind the GS base, handler of Linux
 * system calls. What they share is all that the kernel gives to a task:
 *      one handle table   each can use whatever has been granted to any of them
 *      one address space  each can read and write the others
 *      one account        each can use up the others' memory
 *      one life           a fault that nobody mends, or the exit of one, ends all
 * So images beside each other must trust each other; between tasks nobody need.
 *
 * A program without the runtime, as anybody links it for Linux, gets the Linux layer beside it: an
 * image in the range that is kept for it, with a stack and a runtime of its own. The one thread
 * begins in the layer, which goes on to the program:
 *
 *      program ──> its stack, with arguments and environment (pure/stack.h)
 *      layer   ──> LAYER_START: image, stack, startup page ──> thread
 *
 * Programs lie where they were linked for, at other addresses each, so that a debugger knows all of
 * them and a run can be repeated; `base` in the place says otherwise, for instance at random. */
#ifndef RT_SPAWN_H
#define RT_SPAWN_H

#include "servers/rt/pure/program.h"
#include "servers/rt/pure/stack.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/message/syscall.h"

/* Where an image lies in the address space of its task, with all that its runtime needs. All are
 * multiples of PAGE_SIZE. */
struct spawn_place {
        uint64_t start, end; /* the image is between them */
        uint64_t base;       /* begins here, if it is position-independent; 0: common/elf.h */
        uint64_t memory, memory_end; /* the runtime's addresses (startup.h) */
        uint64_t stack_top;          /* the stack is below it */
        uint64_t startup_page;
};

/* The place of an image that is alone in its task. */
#define SPAWN_STACK_TOP 0x00007ffffff00000ull
extern const struct spawn_place spawn_alone;

enum {
        SPAWN_STACK_DEFAULT = 65536, /* bytes; of servers */
        SPAWN_STACK_LINUX = 8 << 20, /* of programs for Linux, as there */
        SPAWN_STACK_FIRST = 65536,   /* what is there of it from the beginning, at least */
        SPAWN_STRINGS_MOST = 65536,  /* bytes of arguments and environment */
        /* One thread of a program stops another to give it a signal (linux/signals.c). */
        SPAWN_THREAD_RIGHTS = RIGHT_CONTROL | RIGHT_READ | RIGHT_WRITE,
};

/* The place of one more image, all in a range that no other image of the task has: LAYER_START to
 * LAYER_END for a layer, anything of SPAWN_ROOM or more between MEMORY_DEFAULT_END and SPAWN_END
 * for others. */
#define SPAWN_ROOM 0x0000001000000000ull
#define SPAWN_END  0x0000100000000000ull
struct spawn_place spawn_beside(uint64_t start, uint64_t end);

/* A handle to be given to the new task, found there by rt_handle(name). */
struct spawn_grant {
        const char *name;
        handle_t handle;
        uint32_t rights; /* kept of the handle's own */
};

/* What the tasks of one program have in common: those of its segments that nobody can write to, in
 * memory of the spawner's own account. All zero: nothing yet, the first spawn makes it. */
struct spawn_shared {
        handle_t segments[ELF_SEGMENTS];
};

/* A segment that nobody can write to, which tasks have in common: a part of a memory object. */
struct spawn_text {
        handle_t memory; /* to be read and executed, no more */
        uint64_t address, bytes, offset;
        unsigned flags; /* enum map_flags */
};

enum { SPAWN_TEXTS = 8 };

struct spawn {
        const void *elf;
        size_t elf_size;
        const char *component; /* its name, and its first argument */
        const char *const *arguments;
        unsigned argument_count; /* without the name */
        handle_t account;        /* the parent of the task's; 0: the caller's own */
        uint64_t memory;         /* bytes it may use in all, its own program included */
        size_t stack;            /* bytes; 0: SPAWN_STACK_DEFAULT or SPAWN_STACK_LINUX */
        unsigned priority;       /* also its ceiling */
        handle_t fault_right;    /* KERNEL_FAULT goes there; 0: the task just ends */
        const struct spawn_grant *grants;
        unsigned grant_count;
        uint64_t heartbeat_period;       /* startup.h; grant the event as "heartbeat" */
        const struct spawn_place *place; /* NULL: spawn_alone */
        struct spawn_shared *shared;     /* of a native program; NULL: its task has it all */

        uint64_t process; /* startup.h */
        /* The handles are the spawner's, and are granted with all their rights. */
        const struct startup_descriptor *descriptors;
        unsigned descriptor_count;
        bool left; /* startup.h */

        /* Of a program for Linux, instead of `arguments`. */
        handle_t file; /* a memory object that begins with `elf`, and stays as it is: what nobody
                            * can write to is mapped from it; 0: all is copied */
        const void *layer; /* the ELF file of the Linux layer; NULL: such programs are refused */
        size_t layer_size;
        struct strings argument_strings, environment;
        const char *folder;        /* its current one */
        const char *path;          /* its own file's, or "" */
        uint64_t ignored, blocked; /* startup.h */
        uint64_t mask;             /* the same */
};

struct spawned {
        handle_t account, task, thread;
        uint64_t displacement; /* of the image, for backtraces (symbols.h) */
        uint64_t startup_page;
        /* Of a program for Linux: down to where its stack is there, may grow to be, and may ever be
         * allowed to. */
        uint64_t stack_low, stack_end, stack_floor;
        struct spawn_text texts[SPAWN_TEXTS]; /* what it has in common with others */
        unsigned text_count;
};

/* What is wrong with a program at its place, by what the file says; NULL: nothing. Of `spawn` it
 * takes `elf`, `elf_size`, `place` and `layer`. The sentence is there until the next call. */
const char *spawn_check(const struct spawn *spawn);

/* "account" and "task" are granted besides. Answers NO_MEMORY (the account has less than it needs),
 * INVALID (the file is no program, or not for its place: *wrong, which may be NULL, says why until
 * the next call), TOO_LONG (too many grants or arguments); nothing is left behind then. */
outcome_t spawn_task(const struct spawn *spawn, struct spawned *spawned, const char **wrong);

/* The same into the task of `spawned`, at a place that is free there; `account`, `memory` and
 * `fault_right` are the task's already. *image has the task's handles, which are not to be closed
 * twice, and the thread's; it is never a program for Linux. BUSY: the place is not free. If it
 * fails, the task is to be destroyed: it keeps what has been granted and mapped up to then. */
outcome_t spawn_image(const struct spawn *spawn, const struct spawned *spawned,
                      struct spawned *image, const char **wrong);

outcome_t spawn_start(const struct spawned *spawned);

/* Makes more of a Linux program's stack be there, down to an address: the task faulted on it. False
 * if the address is not the stack's, or memory does not suffice. */
bool spawn_stack_grow(struct spawned *spawned, uint64_t address);

/* The stack of a Linux program may grow to so many bytes from now on: what is there already stays.
 * False: that is more than it began with. */
bool spawn_stack_limit(struct spawned *spawned, uint64_t bytes);

/* Gives a running task a handle under a name of its startup page, in place of the previous one if
 * there was one: rt_handle(name) finds it from then on. The task closes the previous one. */
outcome_t spawn_regrant(const struct spawned *spawned, const struct spawn_grant *grant);

/* Ends the task and gives back everything, the handles too. */
void spawn_destroy(struct spawned *spawned);

/* Drops what is left of one more image, whose task has ended or never ran. */
void spawn_forget(struct spawned *image);

/* Ends the task, but leaves others what they hold or have mapped of its memory: the account ends
 * with the last of that. */
void spawn_release(struct spawned *spawned);

#endif
