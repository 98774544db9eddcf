/* Standard output for what nodes say. A file or a pipe gets the bytes as they are; on a terminal
 * what would act there is made visible (servers/rt/pure/visible.h), as nodes are not the user. */
#ifndef PTL_SHOWN_H
#define PTL_SHOWN_H

#include <stdbool.h>
#include <stddef.h>

/* A sink of batch.h: writes and flushes. False if it cannot be written. */
bool shown_write(void *unused, const char *bytes, size_t count);

/* What was said is at its end. */
void shown_end(void);

#endif
