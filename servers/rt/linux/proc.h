/* What /proc says of processes, as text: of the program's own, and of those of this node that the
 * same spawner has started, of which the process server knows less.
 *
 *      stat status comm of all          what is not known is 0
 *      cmdline          of all          of others as they were started
 *      maps             of itself
 *      uptime stat      of the node, as far as a program can know: the time of its processors is
 *                       what all processes here have had, and all else counts as idle
 *      meminfo          of what the program itself may use, as sysinfo(2)
 *
 * There is no loadavg: nobody measures it.
 *
 * Source: proc(5). Context: `files` (threads.h). */
#ifndef RT_LINUX_PROC_H
#define RT_LINUX_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "servers/rt/start/startup.h"

struct proc {
        uint64_t id, parent, group, session;
        uint64_t state;       /* as process.sibling has it */
        uint64_t cpu, memory; /* ns, bytes */
        char name[STARTUP_NAME];
};

/* The process with the lowest number above `after`; false: there is none. */
bool proc_next(uint64_t after, struct proc *proc);

/* Whether there is a process of that number. */
bool proc_find(uint64_t id, struct proc *proc);

/* Writes the file called `name`, at most `size` bytes; how many. process 0: the program's own. */
size_t proc_text(const char *name, uint64_t process, char *to, size_t size);

/* The same for a file of /proc itself. */
size_t proc_node_text(const char *name, char *to, size_t size);

/* Bytes that suffice for that file. */
size_t proc_text_most(const char *name);

/* The path of the program's file, ""if nobody has said it. */
const char *proc_program(void);

/* The same of another process; "": it is not known. */
void proc_program_of(uint64_t process, char *path, size_t size);

#endif
