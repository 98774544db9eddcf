/* Log lines: `COMPONENT: text`, to the log server through the handle "log", or to the kernel's log
 * if there is none and the program holds "hardware". Never fails and never blocks for long; a line
 * that cannot be delivered within RT_LOG_WAIT is lost. Context: any thread with a runtime block,
 * also the handler of Linux system calls. */
#ifndef RT_LOG_H
#define RT_LOG_H

#include <stddef.h>
#include "servers/rt/time.h"

#define RT_LOG_WAIT (200 * RT_MILLISECOND)

enum { RT_LOG_LINE = 256 }; /* longer lines are cut */

/* Formats of format.h; a newline is added. */
void rt_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Bytes as they are: what the program wrote to its standard output. */
void rt_log_bytes(const void *text, size_t bytes);

#endif
