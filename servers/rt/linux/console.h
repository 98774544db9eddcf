/* The console of a program: what it writes goes to the handle `stdout` or `tty`, or else to the
 * log; what it reads comes from `stdin` or `tty`. */
#ifndef RT_LINUX_CONSOLE_H
#define RT_LINUX_CONSOLE_H

#include <stdint.h>
#include <sys/uio.h>

/* Bytes written or read, or a negated errno. Reading waits for the user without a deadline; 0:
 * there is nothing to read from. */
int64_t console_write(const uint8_t *from, uint64_t count);
int64_t console_read(uint8_t *to, uint64_t count);

/* The pieces as one write, since libc may pass a line in two and the log is to have one. -1: too
 * long for that. */
int64_t console_writev(const struct iovec *vector, uint64_t count);

#endif
