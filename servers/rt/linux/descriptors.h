/* Open files of the program: descriptors (small numbers) stand for open files, several perhaps for
 * the same one.
 *
 *      descriptor ──> struct open_file ──> console | file right | folder | pipe
 *
 * The first open files have their place in the image, more get memory when they are needed. */
#ifndef RT_LINUX_DESCRIPTORS_H
#define RT_LINUX_DESCRIPTORS_H

#include <stdbool.h>
#include <sys/resource.h>

#include "kernel/abi/rights.h"
#include "servers/proto/files.h"
#include "servers/rt/file/reader.h"
#include "servers/rt/task/held.h"

enum {
        OPEN_FIRST = 32,  /* open files that have a place from the beginning */
        OPEN_CHUNK = 32,  /* that many get one at once */
        OPEN_FILES = 1024 /* descriptors, and open files, at most */
};

enum open_kind {
        OPEN_NONE = 0,
        OPEN_CONSOLE,
        OPEN_NULL,
        OPEN_ZERO,
        OPEN_FULL,
        OPEN_RANDOM,
        OPEN_FILE,
        OPEN_FOLDER,
        OPEN_TEXT,    /* made.h */
        OPEN_PIPE,    /* both of its ends are in this process: local_pipe.h */
        OPEN_EPOLL,   /* epoll.c */
        OPEN_COUNT,   /* eventfd: count.h */
        OPEN_LOST,    /* it could not come along to this process (inherit.h): ESTALE */
        OPEN_TIMER,   /* timerfd: timer_file.h */
        OPEN_SIGNALS, /* signalfd: signal_file.h */
        OPEN_LAST,
};

/* State of an open folder, in memory of its own. */
struct open_folder {
        uint64_t position; /* entries passed, "." and ".." included */
        uint64_t skip;     /* those before this one are not given out (seekdir) */
        size_t path_length, after_length;
        size_t records_length, records_at;
        bool ended;
        char path[FS_PATH_MAX]; /* of one that no file service has, without a slash in front */
        char after[FS_NAME_MAX];
        uint8_t records[FS_LIST_MAX];
};

struct open_file {
        uint8_t kind;        /* enum open_kind */
        bool pipe;           /* OPEN_CONSOLE: one end of a pipe, no terminal */
        bool socket;         /* the same: one end of a pair (sockets.h) */
        bool shared;         /* OPEN_FILE: its offset lives with its server (shared.c) */
        bool locked;         /* it may have locks of its own (locks.c) */
        bool stays;          /* OPEN_FOLDER: no place with the next program (inherit.c) */
        bool changed;        /* OPEN_FILE: something was written by it (reopen.h) */
        uint16_t references; /* descriptors, and reads and writes that wait without the lock */
        handle_t
            right;     /* of OPEN_FILE and OPEN_FOLDER; of OPEN_CONSOLE: 0 is the component's own */
        handle_t heir; /* the same right in the task of a child that is being made; 0: none */
        int flags;     /* O_APPEND, O_RDONLY … */
        uint64_t offset;   /* not of one that is shared */
        uint64_t token;    /* of one that is: by which its server's successor knows it (reopen.h) */
        uint64_t device;   /* st_dev */
        uint64_t identity; /* st_ino; 0: not known */
        char service[HELD_SERVICE_NAME]; /* of OPEN_FILE and OPEN_FOLDER: who has it (reopen.h) */
        struct open_folder *folder;      /* NULL: it is the current folder alone */
        struct made_text *text;          /* of OPEN_TEXT */
        struct local_pipe *ring;         /* of OPEN_PIPE; flags say which end */
        struct epoll *epoll;             /* of OPEN_EPOLL */
        uint64_t count;  /* of OPEN_COUNT; of OPEN_SIGNALS the set; context: `state` */
        bool one_by_one; /* EFD_SEMAPHORE */
        struct timer {
                uint64_t due, interval; /* ns; due 0: not set */
                uint64_t passed;        /* times that were read: an edge for epoll */
                bool dated;             /* it is set by dates */
        } timer;                        /* of OPEN_TIMER; context: `state` */
        struct reader reader;           /* of OPEN_FILE */
};

static inline bool open_file_is_terminal(const struct open_file *open)
{
        return open->kind == OPEN_CONSOLE && !open->pipe;
}

/* Whether it is a file or a folder of a file server's. */
static inline bool open_file_has_server(const struct open_file *open)
{
        return (open->kind == OPEN_FILE || open->kind == OPEN_FOLDER) && open->right;
}

/* Whether a folder is a file service's, so that paths begin at its right. */
static inline bool folder_is_served(const struct open_file *open)
{
        return open->right && *open->service;
}

/* Whether it can be read or written at a place: it is no stream, and no counter. */
static inline bool open_file_has_places(const struct open_file *open)
{
        return open->kind != OPEN_CONSOLE && open->kind != OPEN_PIPE && open->kind != OPEN_COUNT &&
               open->kind != OPEN_EPOLL && open->kind != OPEN_TIMER && open->kind != OPEN_LOST &&
               open->kind != OPEN_SIGNALS;
}

/* Called once when the image begins: opens what the startup page lists, if the program is a
 * process; a component begins with its console as 0, 1 and 2. */
void rt_linux_begin(void);

/* One more or less that has it. Context of these and all below: `files` (threads.h). */
void open_file_hold(struct open_file *open);
void open_file_drop(struct open_file *open);

/* The open file at a place (0 to OPEN_FILES - 1); NULL: there is none. */
struct open_file *open_file_at(unsigned place);

/* NULL: no such descriptor. */
struct open_file *open_file_of(int descriptor);

/* A new open file without a descriptor, all zero but for its kind; NULL: *error says why. */
struct open_file *open_file_add(enum open_kind kind, int64_t *error);

/* A new descriptor for a new open file, all zero but for its kind: its number, or a negated errno.
 */
int64_t open_file_new(enum open_kind kind, struct open_file **file);

/* A new descriptor for an open file as a startup page describes it, whose number is not looked at:
 * its number, or a negated errno. The handle is the open file's then. Only of kinds that have one.
 */
struct startup_descriptor;
int64_t descriptor_receive(const struct startup_descriptor *from);

/* For left.c, when the next program begins: a new open file under that descriptor, which is free;
 * NULL: there is no place. One more descriptor for what another one stands for. */
struct open_file *open_file_put(int descriptor, enum open_kind kind);
void descriptor_twice(int file, int to);

/* A right to the terminal that one of the open files is, for /dev/tty; 0: a component's own
 * console. -ENXIO: none of them is. */
int64_t terminal_copy(handle_t *right);

/* shared.c: to be called before another process is given the open file, each time: from then on its
 * offset lives with its server, and nothing is kept here of what was read of it. 0, or a negated
 * errno: it is as it was. What is no file has nothing to share here. */
int64_t open_file_share(struct open_file *open);

/* shared.c: read, write and lseek of one that is shared. */
int64_t shared_read(struct open_file *open, void *to, uint64_t count);
int64_t shared_write(struct open_file *open, const void *from, uint64_t count);
int64_t shared_seek(struct open_file *open, int64_t by, int whence);

/* file_map.c: whether it is a file that is memory (/dev/shm). */
bool open_file_is_memory(struct open_file *open);

/* files.c: opens a folder of a file service's without a descriptor. 0, or a negated errno. */
struct service_path;
int64_t folder_open_at(struct service_path *to, struct open_file **open);

/* files.c: F_GET_SEALS of fcntl(2), and F_ADD_SEALS, which is refused. */
int64_t file_seals(struct open_file *open, bool adds);

/* In a child of fork. */
void shared_forked(void);

/* fcntl(2): FD_CLOEXEC of a descriptor that is there. */
void descriptor_close_on_exec(int descriptor, bool on);
bool descriptor_closes_on_exec(int descriptor);

/* How many descriptors there may be: RLIMIT_NOFILE. Those that are open above it stay. */
struct rlimit *descriptor_limit(void);

#endif
