/* Whose things are. A cluster that another user has started (root, by sudo) leaves files that the
 * folder's own user can neither write nor remove, and processes that he cannot end: messages then
 * say who has what, and how to mend it. A folder with files of the user's own is no run directory:
 * a cluster removes and replaces what has the names of its files. */
#ifndef PTL_OWNER_H
#define PTL_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "tools/ptl/layout.h"

/* True if this user can write all that a cluster writes in the run directory, which is the working
 * directory. Else false with a complaint that names what it cannot. */
bool owner_check(const struct layout *layout);

/* Whether a cluster had the run directory before. */
bool directory_is_used(void);

/* True if a cluster may have the run directory: one had it before, or nothing lies in it. Else
 * false with a complaint. */
bool directory_check(const struct layout *layout);

/* Complains that a process is another user's; returns false. */
bool process_foreign(pid_t process);

#endif
