/* The state of the process server: one table of processes, and what its parts share.
 *
 *      processes  the table: numbers, creation, the end of everything of a process
 *      load       from the program's file to memory, by asynchronous reads
 *      cache      files that were read before
 *      launch     from there to a task: layer, descriptors, limits
 *      signals    what others send it, stops
 *      groups     process groups and sessions, and who may signal whom
 *      far        signals to processes of other nodes
 *      ends       faults, deaths, those who wait for a status
 *      family     processes that a process makes, and how it hears of their ends
 *      siblings   what a process is told of others
 *      replace    another program in a process
 *      text       arguments, environment, folder
 *      child      what a process may ask: names of file services, lines of the log, signals
 *      memory     files that are memory, /dev/shm, and their locks
 *      spawners   who has how much
 *      control    interface process
 *
 * A process's stages (enum process_stage):
 *
 *      CREATED ──start──> LOADING ──all read──> RUNNING ──exit, fault, kill──> ENDED
 *         └──────────────────┴── it cannot run: ENDED, `start` says why
 *
 *      fork ──> CREATED, with a task ──forked──> RUNNING
 *
 * A process that was created and all that descend from it are a job: they are freed, from any
 * stage, when nobody holds the owner's right to the first. Until then a child that has ended stays
 * for its parent, and goes with it; one whose parent has ended goes by itself.
 *
 * A process that is to run another program has a successor beside it, which is loaded as any other
 * process is, gives it its task, and goes. A process's task has an account
 * of its own, below this server's: what it uses ends with it, and all of them with this server.
 *
 * Rights to this server's port: kind << 56 | the process's number, which no two living ones share.
 * Context of all functions: the one thread. */
#ifndef PROCESS_PROCESS_H
#define PROCESS_PROCESS_H

#include <stdbool.h>

#include "servers/proto/files.h"
#include "servers/proto/process.h"
#include "servers/proto/programs.h"
#include "servers/rt/serve/queries.h"
#include "servers/rt/start/spawn.h"

enum {
        PROCESSES = 128,
        LOAD_CALLS = 4, /* reads under way at once: one process's file comes in that many streams */
        WAITERS = 4,
        REAPERS = 8,  /* threads of a process that wait for children */
        LOOKUPS = 12, /* fewer than the name service lets a component have: far.c asks, too */
};

#define LOAD_MOST (64ull << 20) /* bytes of a program's file */

enum badge_kind {
        BADGE_SPAWN = 1,
        BADGE_OWNER = 2,
        BADGE_CHILD = 3,
        BADGE_FAULT = 4,
        BADGE_MEMORY = 5, /* an open file that is memory: its id */
};

enum { BADGE_KIND_SHIFT = 56 };

/* Bits of the server's event. */
enum { EVENT_TASK_DIED = 1 };

static inline uint64_t badge_of(enum badge_kind kind, uint64_t id)
{
        return (uint64_t)kind << BADGE_KIND_SHIFT | id;
}

static inline enum badge_kind badge_kind(uint64_t badge)
{
        return (enum badge_kind)(badge >> BADGE_KIND_SHIFT);
}

static inline uint64_t badge_id(uint64_t badge)
{
        return badge & ((1ull << BADGE_KIND_SHIFT) - 1);
}

/* Reading a file: `bytes` are filled by the calls, each with one chunk. */
struct load {
        handle_t calls[LOAD_CALLS]; /* 0: not made */
        uint64_t offsets[LOAD_CALLS];
        unsigned under_way;
        bool sized;      /* `size` is known */
        bool has_digest; /* the file's server has said it */
        bool cached;     /* `bytes` are the cache's (cache.h) */
        uint8_t digest[FS_DIGEST];
        uint64_t size, next;
        uint8_t *bytes;  /* NULL: nothing yet */
        handle_t memory; /* the object that they are */
};

/* One that waits for the end, and perhaps for more. */
struct waiter {
        handle_t reply; /* 0: nobody */
        enum process_turn turn;
};

/* What goes with a signal: sigaction(2). */
struct sent {
        int32_t code, sender;
        uint64_t value;
};

enum { PROCESS_SIGNAL_REAL_TIME = 32 /* and all above it */, PROCESS_SIGNAL_LAST = 64 };

/* Those of real time that are pending, the oldest first. */
struct queued {
        struct sent sent[PROCESS_QUEUED];
        uint8_t signals[PROCESS_QUEUED];
        unsigned count;
};

/* A call of `reap` that waits. */
struct reaper {
        handle_t reply; /* 0: none */
        uint64_t child; /* 0: any */
        uint64_t flags;
};

struct process {
        enum process_stage stage; /* 0: the place is free */
        bool over;                /* ENDED, and nobody asks for it: freed before the next wait */
        uint64_t id;
        uint64_t job;      /* the first process's number */
        uint64_t parent;   /* 0: it was created, or its parent has ended */
        uint64_t replaces; /* a successor: of that process; else 0 */
        uint64_t spawner;  /* by whose right it was made (spawners.h); 0: by one without bounds */
        uint64_t limit;    /* with a task: what it may use, bytes */
        uint64_t given;    /* bytes of memory that its program came in; 0: a file */
        uint64_t shared;   /* bytes of the cache's file that it has text of, or may have had */
        char name[STARTUP_NAME]; /* the last part of its first argument */

        handle_t file; /* or `given` bytes of memory */
        uint8_t *text; /* arguments, environment, folder; one after the other, of text_bytes */
        size_t text_bytes;
        struct strings arguments, environment;
        const char *folder, *path; /* path "": not known */
        uint64_t ignored, blocked; /* signals, by bits */
        uint64_t memory, stack;
        uint64_t mask; /* umask(2) */
        unsigned priority;
        struct startup_descriptor descriptors[STARTUP_DESCRIPTORS];
        unsigned descriptor_count;
        uint8_t *left; /* by the program before (process.leave); NULL: nothing */
        size_t left_length;

        struct load load;
        handle_t starter;          /* the call of `start` that waits; 0: none */
        struct spawned spawned;    /* RUNNING, and of a child before that */
        uint64_t fault_entry;      /* where its threads go that fault; 0: they end it */
        uint64_t fault_place;      /* from the GS base to the address of its struct thread_fault */
        uint64_t probe, probe_end; /* who faults between them goes on at the latter */
        uint64_t status;           /* ENDED */
        uint64_t spent;            /* ns of the processor, by tasks of its that are gone */
        uint64_t children_spent;   /* by children that were asked for, and theirs */
        unsigned death_signal;     /* that it gets when its parent ends; 0: none */
        uint64_t hangs_until;      /* of a job's first: nobody has it; 0: somebody has */
        struct waiter waiters[WAITERS];
        handle_t maker; /* the parent's call of `forked` that waits; 0: none */
        struct reaper reapers[REAPERS];

        uint64_t group, session; /* numbers of their leaders, who may be gone */
        bool release;     /* its group may be orphaned by now: released before the next wait */
        bool bereaved;    /* it has not had its death_signal yet: likewise */
        handle_t signals; /* event: PROCESS_SIGNALS of programs.h; 0: not made */
        uint64_t pending; /* bit N - 1: signal N is to be taken */
        unsigned stopped; /* the signal by which it has stopped; 0: it runs */
        bool stopping;    /* its layer has taken a SIGSTOP, and has not stopped yet */
        bool unstarted;   /* it has stopped, and its next program begins when it goes on */
        uint64_t news;    /* of that, for its parent: as `reap` has it; 0: none */
        struct sent sent[PROCESS_SIGNAL_REAL_TIME - 1]; /* of the others that are pending */
        struct queued queued;
};

struct processes {
        struct server server;
        handle_t event;
        uint64_t node;     /* this node's number in the cluster, from 1 */
        const char *nodes; /* names of all, separated by commas; NULL: not known */
        uint64_t count;    /* of processes so far */
        uint64_t spent;    /* ns of the processor, by those that are freed */
        struct process list[PROCESSES];
        struct queries queries; /* names that processes have asked for */
};

extern struct processes processes;

/* The Linux layer's file, in this program (layer.S). */
extern const uint8_t layer_file[], layer_file_end[];

/* The name of the node of that number, from 1, of so many bytes; NULL: there is none. */
const char *node_name(uint64_t number, size_t *length);

/* The process of that number; NULL: there is none. */
struct process *process_find(uint64_t id);

/* The process of a number that others say. NULL: there is none that anybody could know of. */
static inline struct process *process_known(uint64_t id)
{
        struct process *process = process_find(id);
        return process && !process->replaces && !process->over ? process : NULL;
}

/* The process that a request comes from; NULL: it comes from none that runs. */
struct process *process_itself(const struct request *request);

/* The number that a process's task goes by: a successor's is that of whom it replaces. */
static inline uint64_t process_number(const struct process *process)
{
        return process->replaces ? process->replaces : process->id;
}

/* What the program before has left is given back. */
void process_left_drop(struct process *process);

/* A new one with a number of its own, CREATED; NULL: there are too many. */
struct process *process_new(void);

/* Frees a process and all that is its own. Who waits for its start or its end is answered. */
void process_free(struct process *process);

/* load.c: begins to read the file, or takes the memory. When that is over, launch() or
 * process_refuse() is called. */
void load_begin(struct process *process);
void load_completed(struct process *process, unsigned call);
/* Gives the memory, the calls and the file back. */
void load_drop(struct process *process);

/* launch.c: from the bytes that were loaded to a running task. */
void launch(struct process *process);
/* It cannot run, as the sentence says; `reason` is for a successor, whose process goes on. */
void process_refuse(struct process *process, enum reason reason, const char *wrong);
/* Rights for a task of this process, and its event for signals, if it has none yet. */
enum { OWN_FAULT, OWN_CHILD, OWN_RIGHTS };
outcome_t rights_make(struct process *process, handle_t rights[OWN_RIGHTS]);
void rights_close(const handle_t rights[OWN_RIGHTS]);

/* text.c: keeps copies of all texts, in memory of the process's own, and names it by its first
 * argument. INVALID: they are not what they should be. */
outcome_t text_keep(struct process *process, struct strings arguments, struct strings environment,
                    struct strings folder, struct strings path);

/* Names it by the last part of another path instead. */
void text_name(struct process *process, struct strings path);

/* What the successor begins with is the process's from now on. */
void text_take(struct process *process, struct process *successor);
/* A child runs what its parent does, with the same arguments; without memory that is not known. */
void text_fork(struct process *child, const struct process *parent);

/* family.c */
outcome_t family_fork(struct request *request, uint64_t *id, uint64_t *account, uint64_t *task);
outcome_t family_forked(struct request *request, uint64_t id, uint64_t entry, uint64_t stack,
                        uint64_t argument, uint64_t wait);
outcome_t family_unfork(struct request *request, uint64_t id);
outcome_t family_reap(struct request *request, uint64_t which, uint64_t flags, uint64_t *id,
                      uint64_t *status, uint64_t *cpu);
outcome_t family_parent(struct request *request, uint64_t *id);
outcome_t family_usage(struct request *request, uint64_t *children);
outcome_t family_death_signal(struct request *request, struct optional_word set, uint64_t *signal);
/* The parent's call of `forked` waits no longer. */
void family_release(struct process *process);
/* Somebody has ended: tells the parent, and parts with the children. */
void family_ended(struct process *process);
/* Somebody has stopped, or goes on: `news`, as `reap` has it. */
void family_turned(struct process *process, uint64_t news);
/* The call is not to be answered by family_reap() or family_forked() any more. True: it waited. */
bool family_forget(handle_t reply);
/* Another program has the process: drops the children that the last one has not started. */
void family_replaced(const struct process *parent);
/* Nobody holds the right to the job any more: it ends, its session told by SIGHUP, as soon as all
 * have ended, and in PROCESS_HANG_UP at the latest. */
void family_hang_up(uint64_t job);
/* Frees jobs that are to end by now. When that is to be looked at again, at the latest. */
uint64_t family_hangs(uint64_t now);
/* Before each wait: releases groups that may be orphaned, and frees those that are over. */
void family_sweep(void);

/* siblings.c; see process.idl. */
outcome_t siblings_next(struct request *request, uint64_t after, uint64_t *id, uint64_t *parent,
                        uint64_t *group, uint64_t *session, uint64_t *state, uint64_t *cpu,
                        uint64_t *memory, const void **name, size_t *name_length);
outcome_t siblings_program(struct request *request, uint64_t number, const void **path,
                           size_t *path_length);
outcome_t siblings_arguments(struct request *request, uint64_t number, const void **strings,
                             size_t *length);
outcome_t siblings_busy(struct request *request, uint64_t *cpu);

/* replace.c */
outcome_t replace_begin(struct request *request, const void *arguments, size_t arguments_length,
                        const void *environment, size_t environment_length, const void *folder,
                        size_t folder_length, struct received_cap *program, uint64_t ignored,
                        uint64_t blocked, const void *path, size_t path_length);
/* The process's successor; NULL: it has none. */
struct process *replace_find(const struct process *process);
/* The successor has a task that is ready to start: the process that it replaces has it now. */
void replace_done(struct process *successor);
/* There is no memory for the successor's task. True: the old one has ended to make room for it, and
 * the process with it if that does not help. False: it would not help, or it is no successor. */
bool replace_give_way(struct process *successor);
/* It has failed: the process goes on, if it has a task. */
void replace_fail(struct process *successor, enum reason reason, const char *wrong);
/* The process ends, and with it what it wanted to become. */
void replace_drop(const struct process *process);

/* signals.c: sends a signal (1 to PROCESS_SIGNAL_LAST). To a process that has ended: nothing. Only
 * one of real time can be OVERLOADED: too many wait there. */
outcome_t process_signal(struct process *process, unsigned signal, const struct sent *sent);
/* The lowest that is pending, and of one of real time the oldest, which it is no longer; 0: none.
 * standard: none of real time. */
unsigned process_signal_take(struct process *process, bool standard, struct sent *sent);
/* The process says that it has stopped. */
void process_stopped_by(struct process *process, unsigned signal);
/* Another program has the process: begins with it, or, if the process is stopped, when that goes
 * on. What the old one was about to do about a SIGSTOP is the new one's to do. */
void process_begin_next(struct process *process);

/* groups.c: each by the process that asks; see process.idl. signal 0: nothing is sent. */
outcome_t group_signal(const struct process *of, uint64_t group, unsigned signal,
                       const struct sent *sent, const struct process *without);
outcome_t signal_send_to(const struct process *asker, int64_t target, unsigned signal,
                         const struct sent *sent, bool *own);
outcome_t group_join(struct process *asker, uint64_t process, uint64_t group);
outcome_t session_lead(struct process *asker);
/* Whether no member of the process's group has a parent of another group in its session. A job's
 * first process has one: who has started it. */
bool group_is_orphaned(const struct process *of);
/* The group may have come to be orphaned by a process's end: stopped members are told and go on. */
void group_release(const struct process *of);

/* far.c: a signal to a process of another node, by its number; a signal from there. */
outcome_t far_send(const struct request *request, const struct process *asker, uint64_t target,
                   unsigned signal, const struct sent *sent);
outcome_t far_receive(const char *spawner, size_t length, uint64_t target, unsigned signal,
                      const struct sent *sent);
void far_completed(unsigned index);
bool far_cancel(handle_t reply);

/* ends.c: the process's task ends, if there is one, with a status. */
void process_end(struct process *process, uint64_t status);
outcome_t ends_fault(struct server *server, struct request *request);
/* It ends by a fault that nobody mends; the log says which, and why if `shortage`. */
void ends_by_fault(struct process *process, uint64_t reason, uint64_t address, uint64_t instruction,
                   bool shortage);
void ends_look(void);
outcome_t ends_wait(struct process *process, handle_t reply, enum process_turn turn);
/* Who waits for a stop, or for its end, is told. */
void ends_stopped(struct process *process);
void ends_continued(struct process *process);
/* What the process has had of the processor, in all its tasks: ns. */
uint64_t process_spent(const struct process *process);
/* The call is not to be answered by ends_wait() any more. True: it was waiting. */
bool ends_forget(handle_t reply);

/* child.c: adds the interfaces name and log, for processes. */
outcome_t child_init(void);

/* control.c: adds the interface process. */
outcome_t control_init(void);

/* Keys of call objects. */
enum { KEY_LOOKUP_SHIFT = 60, KEY_LOOKUP = 1, KEY_FAR = 2, KEY_CALL_BITS = 8 };

#endif
