/* The simulator: whole clusters in one process, in simulated time, of the programs and the kernel
 * as they are on the nodes.
 *
 *      main.c      options, the report
 *      workers.c   seeds in several processes; the one that fails once more
 *      world.c     simulated time: one ordered list of events; random numbers; the trace
 *      node.c      a node: its boot, its processor's time, its end
 *      ram.c       a node's RAM, and windows onto it
 *      thread.c    a program's thread as a fiber, and its system calls
 *      image.c     private copies of kernel and programs, which begin anew; their heaps
 *      machine.c   in each kernel's image: the machine below it (machine.h)
 *      ledger.c    the judge: it sees both ends of every message, and knows what is true, of what
 *      gifts.c       they carry, and
 *      truth.c       of the nodes (judge.h)
 *      faults.c    what goes wrong with nodes and their components
 *      curve.c     X25519, once for both ends
 *      capture.c   frames as a file for Wireshark, with the keys that they need
 *      ports.c     I/O ports of the nodes
 *      fw_cfg.c    the nodes' keys, as QEMU hands them over
 *      play.c      another kind of run, without faults: the programs say what came of it
 *      network.c   frames between cards, and what happens to them on the way
 *      user/       in each program's image: what stands in the place of the processor
 *
 * Everything that happens follows from the seed alone: one generator of random numbers, drawn from
 * in the order of events, no clock but the simulated one, and no decision by an address.
 *
 * A node's processor runs a thread from one system call to the next without a pause; each system
 * call takes a share of the node's time. A node that is ahead of the earliest event waits for it,
 * so nodes, frames and faults meet in the order of simulated time, to a system call. */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tests/sim/machine.h"
#include "tests/sim/user/ledger.h"
#include "tests/sim/user/machine.h"

enum {
        NODES_MAX = 32,
        CARD_FRAMES = 256, /* that a card keeps until its driver takes them */
};

#define SIM_US 1000ull
#define SIM_MS 1000000ull
#define SIM_S  1000000000ull

struct node;

/* --- images (image.c) ------------------------------------------------------------------------- */

enum { HEAP_CLASSES = 20 };

/* Blocks of powers of two; never given back before the image begins anew. */
struct heap {
        char *start;
        size_t used, room;
        void *free[HEAP_CLASSES];
};

struct image {
        struct image *next_idle;
        struct program *program;
        void *library;                       /* of dlopen() */
        void (*begin)(const void *page);     /* a program's (user/begin.c) */
        const char *(*check)(void);          /* a transport's (user/net.c) */
        const struct machine_calls *machine; /* a kernel's */
        void (*dump)(void);                  /* writes down what was executed (user/coverage.c) */
        char *data, *pristine;               /* what it can write, and how that is at its begin: */
        size_t data_bytes, filled;           /* so many bytes of it, and zeros behind them */
        struct heap heap;
};

/* Where the images are: DIRECTORY/NAME.so, and another transport's, if `net` is not NULL. */
void images_init(const char *directory, const char *net);
/* A copy of a program's image, as it is before its first instruction. */
struct image *image_take(const char *name);
void image_give(struct image *image);
const char *image_name(const struct image *image);

/* --- threads (thread.c) ----------------------------------------------------------------------- */

struct thread {
        struct thread *next_idle;
        struct node *node;
        struct image *image;
        struct context *context;
        const void *page; /* what it is started with */
        uint64_t starved; /* it gets no memory until then */
        unsigned fuse;    /* so many system calls until its task ends; 0: none is set */
        char *stack;
        void *stack_pointer;
};

/* Its image's heap and its task's account get no memory until then; or again. */
void thread_starve(struct thread *thread, uint64_t until);
void thread_feed(struct thread *thread);
/* The program that it runs. */
const char *thread_name(const struct thread *thread);

/* Runs the thread of a context until its processor is to do something else; returns the context
 * that is to run next, NULL if there is none. */
struct context *thread_run(struct node *node, struct context *context);
/* All threads of a node are gone, as at a loss of power. */
void threads_drop(struct node *node);

/* --- RAM (ram.c) ------------------------------------------------------------------------------ */

/* SIM_MEMORY_BYTES of any content. */
char *ram_take(unsigned node);

/* --- nodes (node.c) --------------------------------------------------------------------------- */

struct frame {
        struct frame *next;
        uint8_t from;
        uint16_t length;
        uint8_t bytes[];
};

struct card {
        bool on;        /* the driver has started it */
        bool resting;   /* it is to interrupt with the next frame */
        unsigned line;  /* of its interrupt */
        unsigned count; /* of the frames that wait */
        struct frame *first, **end;
};

/* Where the next byte of fw_cfg is read (fw_cfg.c). */
struct fw_cfg_place {
        uint16_t key;
        size_t at;
};

struct node {
        uint8_t number;
        uint32_t life; /* boots so far */
        char name[8];
        struct image *kernel; /* NULL: without power */
        const struct machine_calls *machine;
        char *memory;
        uint64_t booted;     /* when its clock showed 0 */
        uint64_t now;        /* up to when its processor has worked */
        uint64_t wake;       /* of its EVENT_NODE; 0: there is none */
        uint64_t cost;       /* ns of a system call */
        uint64_t hurt_at;    /* when something happened to it that others may notice */
        uint64_t unheard_at; /* … that can keep it from being heard, or from hearing, for long */
        uint64_t paused;     /* so long has it stood still, in all */
        uint64_t seed;       /* of this life's random bytes */
        unsigned fuse;       /* so many frames until it loses its power; 0: none is set */
        bool unplugged;      /* its card has no link */
        struct card card;
        struct fw_cfg_place fw_cfg;
        uint8_t clock_register; /* of the real-time clock, that is read next (ports.c) */
        struct thread *threads[64];
        unsigned thread_count;
};

void node_boot(struct node *node);
void node_crash(struct node *node);
void node_run(struct node *node);
/* At the end: that nothing is left in it of what applications have had. */
void node_check(const struct node *node);
/* The thread's task ends. */
void node_kill(struct node *node, struct thread *thread);
/* The next byte of what fw_cfg was asked for. */
uint8_t fw_cfg_next(struct node *node);
/* When it can do the next thing: it may have worked, or stand still, beyond now. */
uint64_t node_time(const struct node *node);
/* It does nothing for so long. */
void node_pause(struct node *node, uint64_t time);
/* Its card is used by nobody: what has arrived is lost, and so is what will. */
void node_card_stop(struct node *node);
/* Its card's link comes or goes. */
void node_plug(struct node *node, bool in);
/* Has the processor look around at `time`, or when it comes to it. */
void node_wake(struct node *node, uint64_t time);

/* --- time (world.c) --------------------------------------------------------------------------- */

enum event_kind { EVENT_NODE, EVENT_FRAME, EVENT_BOOT, EVENT_FAULT, EVENT_FUSE, EVENT_PLUG };

struct event {
        uint64_t time, order; /* at equal times in order of creation */
        enum event_kind kind;
        uint8_t node;
        struct frame *frame;
};

/* One direction between two nodes. */
struct link {
        unsigned loss, twice, damage; /* per 1,000 */
        size_t most;                  /* bytes of a frame; longer ones are lost */
        uint64_t delay, jitter;       /* ns */
        bool cut;
        uint64_t cut_at, bad_at; /* when it was so last */
        uint64_t carried;        /* bytes that were sent, whatever became of them */
};

/* Where the switch sends to one node. */
struct port {
        uint64_t byte_time; /* ns */
        uint64_t busy;      /* until then */
};

struct network {
        struct link link[NODES_MAX][NODES_MAX];
        struct port port[NODES_MAX];
};

struct options {
        uint64_t seed;
        unsigned nodes, calls;
        const char *boot; /* where the boot loader's files are */
        bool play;        /* of these, play.description */
        bool quiet;       /* no faults, and most messages carry capabilities */
        bool trace;
};

struct sim {
        struct options options;
        uint64_t random[2];
        uint64_t now;
        struct event *heap;
        size_t heap_count, heap_room;
        uint64_t order;
        struct node node[NODES_MAX];
        struct network network;
        struct node *running;
        struct thread *thread;
        uint64_t pace;         /* most ns between two acts of an application */
        bool clear;            /* nodes have no keys: one seed of four */
        bool aes;              /* their packets are sealed by AES: of the others three of four */
        unsigned bulk;         /* per 1,000: messages up to the largest size */
        uint32_t first_number; /* of all counters of a session: 1, or one that wraps soon */
        bool calm, draining;   /* what applications ask for (user/ledger.h) */
        unsigned gifts;        /* per 1,000: messages that carry capabilities */
        uint64_t calls, references, faults, simulated, digest;
        const char *failure; /* the first thing found wrong */
        char detail[200];
};

extern struct sim the_sim;

uint64_t sim_random(void);
void sim_event(struct event event);
/* The time of the earliest event. */
uint64_t sim_horizon(void);
void sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sim_digest(uint64_t value);
/* The simulated time at which things happen now. */
uint64_t sim_time(void);
void sim_trace(const struct node *node, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Runs one seed. True if no fault was found. */
bool sim_run(void);
/* Its parts: all nodes are about to boot; until the time, or until it is enough; all of it ends. */
void sim_begin(void);
void sim_until(uint64_t end, bool (*enough)(void));
void sim_end(void);

/* Plays on three nodes; see play.c. True if all forms ended as they have to. */
bool play_run(void);
/* A line of a node's console. */
void play_hears(const char *text, size_t bytes);

/* --- seeds (workers.c) ------------------------------------------------------------------------ */

enum { JOBS_MAX = 64 };

/* What was run. */
struct done {
        uint64_t seeds, calls, references, faults, simulated, digest;
        uint64_t failed;      /* the earliest seed that has; UINT64_MAX: none */
        uint64_t last_digest; /* its own */
        char failure[200];
};

void workers_init(void);
/* Runs so many seeds, from that of the options on, in so many processes, until one fails. */
struct done workers_run(uint64_t seeds, unsigned jobs);
/* Runs the seed that failed once more, for DIRECTORY/SEED.trace and .pcapng. */
void workers_replay(const struct done *failed, const char *directory);

/* --- the network (network.c) ------------------------------------------------------------------ */

void network_send(const struct node *from, const void *bytes, size_t length);
void network_fault(void); /* makes some link worse or better */
void network_heal(void);
void network_arrived(struct node *to, struct frame *frame);

/* --- a capture (capture.c) -------------------------------------------------------------------- */

void capture_open(const char *path);
void capture_frame(const struct node *from, const void *bytes, size_t length);
void capture_close(void);

/* --- faults (faults.c) ------------------------------------------------------------------------ */

void faults_begin(void);
void fault_happens(void);
/* One less; at the end something happens to the node, as soon as it is between two calls. */
void fuse_burn(struct node *node, unsigned *fuse);
void fuse_blows(struct node *node);
void faults_end(void);

/* --- the judge (user/ledger.h is what applications tell it) -------------------------------- */

void ledger_reset(void);
/* A program begins on a node, or is gone: nobody waits for what it has sent. */
void ledger_begins(const struct node *node, const char *program);
void ledger_dies(const struct node *node, const char *program);
/* The node's card is used from now on, or is not any more. */
void ledger_link(const struct node *node, bool up);
/* A component of the node gets no memory. */
void ledger_hungers(const struct node *node);
/* Nobody waits for what an application has sent. */
void ledger_abandon(uint32_t life);
/* Whether all calls have ended, and every node is whole. */
bool ledger_settled(void);
/* At the end of a run. */
void ledger_check(void);

#endif
