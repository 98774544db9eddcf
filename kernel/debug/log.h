/* The kernel's log: a ring of the last LOG_BYTES bytes. A running offset counts all bytes ever
 * written, so that a reader can tell what it has missed. Everything goes to the emergency console,
 * too. Context: kernel lock held, or a panic. */
#ifndef KERNEL_DEBUG_LOG_H
#define KERNEL_DEBUG_LOG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_BYTES = 32768 }; /* a power of two */

/* Appends text unchanged. */
void log_write(const char *text, size_t bytes);

/* Appends formatted text (kernel/common/format.h). */
void log_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_vprint(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* Copies at most `bytes` from the running offset on and returns how many; *offset is first moved to
 * the oldest byte still there, or back to the end. */
size_t log_read(uint64_t *offset, char *to, size_t bytes);

#endif
