/* The suites of the kernel's machine part that run on the host, and the physical memory they share.
 */
#ifndef ARCH_TESTS_H
#define ARCH_TESTS_H

#include <check.h>
#include <string.h>
#include "kernel/arch/x86_64/multiboot.h"

Suite *ranges_suite(void);
Suite *command_line_suite(void);
Suite *multiboot_suite(void);
Suite *acpi_suite(void);
Suite *log_suite(void);
Suite *string_suite(void);

/* Physical memory from 0 on. */
enum { PHYSICAL_BYTES = 0x110000 };
extern uint8_t physical[PHYSICAL_BYTES];
extern const struct physical_view physical_view;

static inline void put(paddr_t at, const void *from, size_t bytes)
{
        memcpy(physical + at, from, bytes);
}

static inline void put32(paddr_t at, uint32_t value)
{
        put(at, &value, sizeof value);
}

static inline void put64(paddr_t at, uint64_t value)
{
        put(at, &value, sizeof value);
}

#endif
