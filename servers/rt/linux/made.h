/* What the layer itself has in the tree of files, since every program takes it for granted:
 *
 *      /dev     null zero full random urandom tty, stdin stdout stderr fd
 *      /proc    meminfo mounts stat uptime, self (and this process's number): cmdline comm exe fd
 *               maps stat status; numbers of others (proc.h): cmdline comm exe stat status
 *      /etc     group hosts mtab passwd
 *
 * Nothing of it can be changed, and nothing can be added: EROFS. /tmp and /bin are the file
 * service's, /dev/shm is the process server's (paths.h). Opening what stands for a descriptor
 * duplicates that. Context: `files` (threads.h). */
#ifndef RT_LINUX_MADE_H
#define RT_LINUX_MADE_H

#include <sys/stat.h>

#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/paths.h"

enum made_kind {
        MADE_NOTHING, /* the name is of one of these folders, and nothing is there */
        MADE_FOLDER,
        MADE_DEVICE,
        MADE_TEXT,
        MADE_DESCRIPTOR,
        MADE_LINK, /* to the program's file */
};

struct made {
        enum made_kind kind;
        enum open_kind device; /* of MADE_DEVICE */
        unsigned place;        /* in the table; of MADE_DESCRIPTOR: which one */
        uint64_t process;      /* another process's; 0: not so */
};

/* The content of a file there, as it was when it was opened. */
struct made_text {
        size_t length;
        size_t room; /* bytes of memory, this structure among them */
        char bytes[];
};

/* Whether a joined path (paths.h) leads to one of these folders, or below it; and what is there. */
bool made_find(const char *joined, struct made *made);

/* Opens it: a descriptor, or a negated errno. */
int64_t made_open(const struct made *made, const char *joined, int flags);

/* If a joined path leads to a link there: puts the path of the link's target in its place, joined
 * likewise, for who follows it. */
void made_follow(char joined[JOINED_MAX], size_t *length);

/* readlink(2) of it: the length, or a negated errno. */
int64_t made_readlink(const struct made *made, char *to, uint64_t bytes);

/* Files and folders that there are, for statfs(2). */
unsigned made_count(void);

/* stat(2) of it: 0, or a negated errno. */
int64_t made_status(const struct made *made, struct stat *status);

/* The same of an open device; false: it is none. */
bool made_device_status(const struct open_file *open, struct stat *status);

/* Reads what is open of kind OPEN_TEXT. */
int64_t made_read(const struct open_file *open, void *to, uint64_t count, uint64_t *offset);

/* The next records of an open folder, the root too; false: it is none of these. */
bool made_list(struct open_folder *folder);

#endif
