/* Commands that change the shell itself (own.def): they are done at once, in the foreground, and no
 * job is made for them. Also `kill %JOB`. */
#ifndef SHELL_OWN_H
#define SHELL_OWN_H

#include "servers/shell/words.h"

struct own;

/* The one that the line names; NULL: it is none. */
const struct own *own_find(const struct words *words);

/* Does it: the foreground's command has ended then, or is `wait`, or the job that `fg` names. */
void own_run(const struct own *own, const struct words *words);

#endif
