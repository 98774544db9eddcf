/* What the rest of the layer does for locks (locks.c). */
#ifndef RT_LINUX_LOCKS_H
#define RT_LINUX_LOCKS_H

#include "servers/rt/linux/descriptors.h"

/* A descriptor of the open file is closed: the process's locks of that file end, whichever of its
 * descriptors they were made by. Context, here and below: `files`. */
void locks_closed(struct open_file *open);

/* The last descriptor of the open file in this process is closed. */
void locks_dropped(struct open_file *open);

/* Whether the process has locks of that file, whose number is known. */
bool locks_have(const struct open_file *open);

/* The process ends: so do its locks, before anybody hears of its end. Context: no lock is held. */
void locks_exit(void);

/* In a process that is a copy of another: that one's locks are not its own. */
void locks_renew(void);

/* One file that the process has locked. */
struct locker {
        handle_t right; /* 0: none */
        uint64_t device, identity;
};

/* For execve: the first from the place *at on whose locks go on with the next program, since no
 * descriptor of its file closes, and *at behind it; NULL: there is none. The order stays. */
const struct locker *locks_go_on(unsigned *at);

/* In the next program: the right that came under the number OPEN_FILES and how many were before
 * it, and then the file that it is for. */
void locks_right_comes(unsigned number, handle_t right);
void locks_come(unsigned number, uint64_t device, uint64_t identity);

#endif
