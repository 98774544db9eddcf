/* What the kernel tells the first task: a read-only page whose address is in rdi at its entry. The
 * first task's handle table holds what is named here and nothing else. */
#ifndef ABI_BOOTINFO_H
#define ABI_BOOTINFO_H

#include <stdint.h>
#include "kernel/abi/rights.h"

#define BOOTINFO_MAGIC 0x6e616c6f74726f70ull /* "portolan" */

enum { BOOTINFO_MODULES = 8, BOOTINFO_NAME = 32, BOOTINFO_COMMAND_LINE = 1024 };

struct boot_module {
        char name[BOOTINFO_NAME]; /* last word of the module's string, ends with 0 */
        uint64_t size;            /* bytes; the memory object is this rounded up to pages */
        handle_t memory;          /* READ, COPY */
};

struct bootinfo {
        uint64_t magic;
        handle_t account;  /* all memory that is left */
        handle_t task;     /* the first task itself */
        handle_t thread;   /* its thread */
        handle_t hardware; /* devices, interrupts, I/O ports, console, power */
        uint64_t tsc_hz;
        uint64_t memory_total; /* bytes of RAM found */
        uint64_t memory_free;  /* bytes left for the account */
        uint64_t acpi_rsdp;    /* physical address, 0 if none */
        uint64_t pci_ecam; /* physical address of the PCI Express configuration space, 0: none */
        uint32_t pci_bus_first, pci_bus_last;
        uint32_t module_count;
        uint32_t reserved;
        struct boot_module modules[BOOTINFO_MODULES];
        char command_line[BOOTINFO_COMMAND_LINE]; /* without the kernel's own path, ends with 0 */
};

_Static_assert(sizeof(struct bootinfo) <= 4096, "bootinfo is one page");

#endif
