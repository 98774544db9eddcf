/* The kernel's log: a ring of the last LOG_BYTES bytes. A running offset counts all bytes ever
 * written, so that a reader can tell what it has missed. Everything goes to the console, too: to
 * the screen at once, to the serial line as fast as it takes it, which nobody waits for. Context:
 * kernel lock held, or a panic. */
#ifndef KERNEL_DEBUG_LOG_H
#define KERNEL_DEBUG_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_BYTES = 32768 }; /* a power of two */

/* Appends text unchanged. */
void log_write(const char *text, size_t bytes);

/* Whether the serial line has not taken all yet: then log_send() is to be called again, soon. Who
 * logs sets WORK_LINE, so that the way out looks (exit/line.h). */
bool log_is_behind(void);
void log_send(void);
uint64_t log_sent(void); /* bytes that it has taken, or missed */

/* Waits for the line, but not if it is stuck: before the machine stops. */
void log_flush(void);

/* Appends formatted text (kernel/common/format.h). */
void log_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_vprint(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* Copies at most `bytes` from the running offset on and returns how many; *offset is first moved to
 * the oldest byte still there, or back to the end. */
size_t log_read(uint64_t *offset, char *to, size_t bytes);

#endif
