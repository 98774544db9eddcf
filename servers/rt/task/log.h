/* Log lines: `COMPONENT: text`, to the log server through the handle "log", or to the kernel's log
 * if there is none and the program holds "hardware" or "console". Never fails and never blocks for
 * long: a line that a living log server does not take within RT_LOG_WAIT is lost. While the log
 * server is dead the first 2 KiB of lines are kept. Its successor gets them before the next line or
 * with the next heartbeat, is told if more were lost, and dates them then.
 *
 * Context: any thread, also the handler of Linux system calls. */
#ifndef RT_LOG_H
#define RT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include "servers/rt/message/syscall.h"
#include "servers/rt/task/time.h"

#define RT_LOG_WAIT (200 * RT_MILLISECOND)

enum {
        RT_LOG_LINE = 256,   /* longer lines are cut */
        RT_LOG_CHUNK = 4096, /* bytes of lines that the log server takes at once */
};

/* The formats are those of format.h; a newline is added. */
void rt_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Bytes as they are: what the program wrote to its standard output. */
void rt_log_bytes(const void *text, size_t bytes);

/* Sends what was kept, if there is a log server again. */
void rt_log_flush(void);

/* For programs that send lines themselves: a right to the log server, to be asked for each time. 0:
 * the server is dead, and the supervisor has not yet granted a right to its successor. */
handle_t rt_log_server(void);

/* Whether the log server died before it got what was sent: rt_log_server() is 0 from then on. */
bool rt_log_died(outcome_t outcome);

/* In a child of fork: the right is another, and nobody writes. */
void rt_log_forked(void);

#endif
