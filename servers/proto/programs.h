/* The numbers of interface process (process.idl). */
#ifndef PROTO_PROGRAMS_H
#define PROTO_PROGRAMS_H

#include <stdint.h>

enum {
        PROCESS_STRINGS_MOST = 60 << 10, /* bytes of arguments, environment and folder together */
        PROCESS_LEFT_MOST = 16 << 10,    /* bytes that one program leaves to the next */
        PROCESS_PRIORITY_DEFAULT = 50,
        PROCESS_PRIORITY_MOST = 99, /* below the shells and all servers */
        PROCESS_SIGNALLED = 0x100,
        PROCESS_STOPPED = 0x200,
        PROCESS_CONTINUED = 0x400,
        PROCESS_MASK = 022,  /* umask(2) of a program that nobody says otherwise of */
        PROCESS_QUEUED = 32, /* signals of real time that wait for a process to take them */
};

/* What a process may use beside its program if nobody says otherwise: bytes. */
#define PROCESS_MEMORY (4ull << 20)

/* How long a job that nobody has any more may take to end, ns: who handles SIGHUP needs a while. */
#define PROCESS_HANG_UP (2ull * 1000000000)

/* process.wait: what is told beside the end. */
enum process_turn {
        PROCESS_TURN_NONE,
        PROCESS_TURN_STOPS,   /* that it has stopped: PROCESS_STOPPED and a signal */
        PROCESS_TURN_GOES_ON, /* that it has not, or no longer: PROCESS_CONTINUED */
};

/* process.reap. */
enum process_reap {
        PROCESS_REAP_NOW = 1,       /* does not wait */
        PROCESS_REAP_KEEP = 2,      /* the child's status can be asked for once more */
        PROCESS_REAP_STOPPED = 4,   /* also of one that has stopped: PROCESS_STOPPED and a signal */
        PROCESS_REAP_CONTINUED = 8, /* also of one that goes on: PROCESS_CONTINUED */
        PROCESS_REAP_GROUP = 16,    /* of the children in a group; 0: the caller's own */
        PROCESS_REAP_TURNED = 32,   /* not of one that has ended */
};

/* What a child of fork may use beside what its parent uses then, up to its parent's limit: bytes.
 */
#define PROCESS_FORK_ROOM (2ull << 20)

/* A process's number: its node's place and a count; unique in the cluster, and positive as a pid.
 * A thread's has its place in the process above that, 0 for the first: so it is unique, too. Below
 * 2^30, since a lock's word has it with two bits of futex(2), and never all ones, which musl takes
 * for a lock that nobody can repair.
 *
 *      29      22 21  15 14     0
 *      │ thread  │ node │ count │ */
enum { PROCESS_NODE_SHIFT = 15, PROCESS_THREAD_SHIFT = 22, PROCESS_THREAD_LAST = 254 };

/* Bit of the event "signals" of a process: signals of others are there to be taken. */
enum { PROCESS_SIGNALS = 1 };

#endif
