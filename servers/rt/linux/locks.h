/* What the rest of the layer does for locks (locks.c). */
#ifndef RT_LINUX_LOCKS_H
#define RT_LINUX_LOCKS_H

#include "servers/rt/linux/descriptors.h"

/* A descriptor of the open file is closed: the process's locks of that file end, whichever of its
 * descriptors they were made by. Context, here and below: `files`. */
void locks_closed(struct open_file *open);

/* The last descriptor of the open file in this process is closed. */
void locks_dropped(struct open_file *open);

/* The process ends: so do its locks, before anybody hears of its end. Context: no lock is held. */
void locks_exit(void);

/* In a process that is a copy of another: that one's locks are not its own. */
void locks_renew(void);

#endif
