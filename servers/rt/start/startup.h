/* What a task is given when it starts: a page that its spawner writes, whose address is in rdi at
 * entry. The first task gets a struct bootinfo instead; both begin with a magic number, and the
 * functions below work for both. */
#ifndef RT_STARTUP_H
#define RT_STARTUP_H

#include <stdbool.h>

#include "kernel/abi/bootinfo.h"
#include "kernel/abi/memory.h"

#define STARTUP_MAGIC 0x70757472617473b1ull

enum {
        STARTUP_NAME = 24,
        STARTUP_HANDLES = 56,
        STARTUP_ARGUMENTS = 64,
        STARTUP_ARGUMENT_BYTES = 1536,
        STARTUP_ENTROPY = 32,
        STARTUP_DESCRIPTORS = 17,
};

struct startup_handle {
        char name[STARTUP_NAME]; /* ends with 0 */
        handle_t handle;         /* in the new task's table */
};

/* An open descriptor of Linux's kind that the program begins with. */
enum descriptor_kind {
        DESCRIPTOR_NULL,     /* no handle: reads as empty, takes everything */
        DESCRIPTOR_TERMINAL, /* a right of interface tty */
        DESCRIPTOR_PIPE,     /* the same, one end of a pipe */
        DESCRIPTOR_FILE,     /* a right of interface file, whose offset is the program's own */
        DESCRIPTOR_SHARED,   /* the same, with the offset that lives with the file's server */
        DESCRIPTOR_ZERO,     /* devices, without a handle as DESCRIPTOR_NULL */
        DESCRIPTOR_FULL,
        DESCRIPTOR_RANDOM,
        DESCRIPTOR_SOCKET, /* a right of interface socket; offset: who made the pair, by number, and
                            * from bit 32 on its type (sockets.h of servers/proto) */
        DESCRIPTOR_FOLDER, /* a right of interface file; what else it is was left (linux/left.h) */
        DESCRIPTOR_LOCKS,  /* the right to locks of a file; its number is above all descriptors' */
};

static inline bool descriptor_has_right(uint64_t kind)
{
        return (kind >= DESCRIPTOR_TERMINAL && kind <= DESCRIPTOR_SHARED) ||
               kind == DESCRIPTOR_SOCKET;
}

struct startup_descriptor {
        handle_t handle; /* in the new task's table */
        uint64_t offset; /* of a file: where reading and writing begin; of a shared one its token */
        uint32_t number;
        uint32_t flags; /* O_RDONLY, O_WRONLY, O_RDWR, O_APPEND of <fcntl.h> */
        uint32_t kind;  /* enum descriptor_kind */
        uint32_t reserved;
};

/* The program beside which an image is the Linux layer. */
struct startup_program {
        uint64_t entry;     /* 0: there is none, the image is the program itself */
        uint64_t stack;     /* its stack pointer when it begins (pure/stack.h) */
        uint64_t stack_end; /* no part of its stack is below */
        uint64_t ignored;   /* signals, by bits: what a program keeps of the one before it */
        uint64_t blocked;
        uint64_t mask; /* umask(2) */
};

struct startup {
        uint64_t magic;
        char component[STARTUP_NAME]; /* its name on this node: "fs" */
        char node[STARTUP_NAME];      /* "n1" */
        uint64_t memory, memory_end;  /* addresses for the runtime to use (memory.h) */
        uint64_t boot_date;           /* ns since 1970 at the node's boot; 0: not known */
        uint64_t heartbeat_period;    /* ns between signals of "heartbeat", bit 0; 0: none */
        uint32_t handle_count;
        uint32_t argument_count; /* including the program's name */
        uint32_t entropy_bytes;  /* of `entropy`, 0: the spawner has none */
        uint32_t entropy_secret; /* 1: nobody but the spawner knows it; 0: others may */
        uint32_t descriptor_count;
        uint32_t priority; /* of its threads */
        uint32_t left;     /* 1: the program before has left something (linux/left.h) */
        uint64_t stack;    /* bytes of it; of a program for Linux: `program` has more of that */
        uint64_t process;  /* its number in the cluster; 0: it is a component */
        struct startup_program program;
        struct startup_descriptor descriptors[STARTUP_DESCRIPTORS];
        uint8_t entropy[STARTUP_ENTROPY];
        char arguments[STARTUP_ARGUMENT_BYTES]; /* strings, each ends with 0 */
        struct startup_handle handles[STARTUP_HANDLES];
};

_Static_assert(sizeof(struct startup) <= PAGE_SIZE, "one page");

/* The startup page; NULL in the first task. */
const struct startup *rt_startup(void);

/* What the kernel told the first task; NULL in all others. */
const struct bootinfo *rt_bootinfo(void);

/* The handle granted under a name: "account", "task", "name", "log", and what the manifest says; of
 * a program for Linux also "thread", its first one; in the first task "account", "task", "thread",
 * "hardware" and the names of the boot modules. 0: none. */
handle_t rt_handle(const char *name);

/* The component's and the node's name; "" if unknown. The first task is "init" and reads `node=` of
 * the command line. */
const char *rt_component(void);
const char *rt_node(void);

/* Looks up a name in a startup page that may come from anywhere; 0: it is not there. Pure. */
handle_t startup_handle(const struct startup *startup, const char *name);

/* The same, the entry itself; NULL: it is not there. Pure. */
struct startup_handle *startup_entry(struct startup *startup, const char *name);

/* Adds to a page that is being written. 0 on success, -1 if it is full or the name too long.
 * Pure. */
int startup_add_handle(struct startup *startup, const char *name, handle_t handle);
int startup_add_argument(struct startup *startup, const char *argument);

/* An argument, or NULL if there is none with that index, or the page is damaged. Pure. */
const char *startup_argument(const struct startup *startup, unsigned index);

/* The value of the first argument KEY=VALUE, or NULL if there is none. Pure. */
const char *startup_value(const struct startup *startup, const char *key);

#endif
