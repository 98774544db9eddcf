/* Streams of bytes in the place of a file: a right of interface tty that the program began with (a
 * terminal, one end of a pipe), or, without one, what a component has: its terminal, or its log. */
#ifndef RT_LINUX_CONSOLE_H
#define RT_LINUX_CONSOLE_H

#include <stdint.h>
#include <sys/uio.h>

#include "kernel/abi/rights.h"
#include "servers/rt/task/log.h"

/* `right`: the stream's; 0: the component's own. Results as read(2) and write(2) have them, or
 * -RESTART (threads.h): a signal came before any byte. Writing without a deadline for a stream of
 * one's own: whoever reads it may take his time. Context: no lock is held. */
int64_t console_read(handle_t right, uint8_t *to, uint64_t count);
int64_t console_write(handle_t right, const uint8_t *from, uint64_t count);

/* Reads and writes a terminal for a process of that group (0: not known); -ESTALE: another group is
 * in the foreground, and that matters. A stream that knows no groups is read and written all the
 * same. */
int64_t console_read_as(handle_t right, uint64_t group, uint8_t *to, uint64_t count);
int64_t console_write_as(handle_t right, uint64_t group, const uint8_t *from, uint64_t count);

/* Puts vectors that make one line of the log together; its length, or -1: they are too
 * long, or not all there. */
enum { CONSOLE_LINE = RT_LOG_LINE };
int64_t console_line(uint8_t line[CONSOLE_LINE], const struct iovec *vector, uint64_t count);

#endif
