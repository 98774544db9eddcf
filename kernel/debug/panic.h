/* Panics: print why and where on the serial line and the screen, and halt. */
#ifndef KERNEL_DEBUG_PANIC_H
#define KERNEL_DEBUG_PANIC_H

#include <stddef.h>
#include "kernel/arch/assertion.h"

struct context;

/* Takes no lock and allocates nothing. Any context. The format is that of log_print(). */
#define panic(...) panic_context(NULL, __VA_ARGS__)

/* The same, with the place and the registers of a fault. */
void panic_context(const struct context *context, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3), cold));

/* Assertions, also checked in release builds: a failed one is a panic that says where and what. */
#define kassert(condition)                                                                         \
        do {                                                                                       \
                if (__builtin_expect(!(condition), 0))                                             \
                        assertion_failed(#condition, __FILE__, __LINE__);                          \
        } while (0)

#endif
