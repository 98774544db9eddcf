/* What the word before the cursor can become: commands, programs, names in folders. For the front's
 * fiber; waits for file servers as commands do. */
#ifndef SHELL_COMPLETE_H
#define SHELL_COMPLETE_H

#include "servers/shell/completion.h"

/* Finds what line[0, cursor) can go on with; false: there is nothing to complete. */
bool complete(struct completion *completion, const char *line, size_t cursor);

#endif
