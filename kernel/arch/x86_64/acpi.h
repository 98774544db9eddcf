/* What the kernel needs from the ACPI tables (specification 6.4, chapter 5). Pure: tables are read
 * through a function. No table is trusted: every length and checksum is checked. */
#ifndef X86_ACPI_H
#define X86_ACPI_H

#include "kernel/arch/x86_64/multiboot.h"

enum { ACPI_IOAPICS = 8, ACPI_ISA_LINES = 16 };

/* Table 5.19; 0: as usual on the bus. */
enum acpi_polarity_trigger {
        ACPI_POLARITY = 0x3,
        ACPI_POLARITY_LOW = 0x3,
        ACPI_TRIGGER = 0xc,
        ACPI_TRIGGER_LEVEL = 0xc,
};

struct acpi {
        paddr_t local_apic;
        unsigned ioapic_count;
        struct {
                paddr_t address;
                uint32_t first_gsi;
        } ioapics[ACPI_IOAPICS];
        struct {
                uint32_t gsi;
                uint16_t flags; /* polarity and trigger */
        } isa[ACPI_ISA_LINES];
        paddr_t hpet; /* 0: none */
        paddr_t ecam; /* of bus `bus_first` of segment 0; 0: none */
        uint8_t bus_first, bus_last;
        uint16_t pm_timer;   /* I/O port, 0: none */
        uint16_t pm1a, pm1b; /* PM1 control ports, 0: none */
        bool sleep5_known;
        uint8_t sleep5a, sleep5b; /* SLP_TYP of \_S5 */
        uint16_t reset_port;      /* 0: none */
        uint8_t reset_value;
};

extern struct acpi machine_acpi; /* this machine's, after the start */

/* Searches for the root pointer where a BIOS leaves it; 0 if there is none. */
paddr_t acpi_find(const struct physical_view *view);

/* Reads the tables that the root pointer leads to. NULL, or what is wrong: there is no usable MADT.
 * Of the other tables a damaged one counts as missing. */
const char *acpi_read(struct acpi *acpi, const struct physical_view *view, paddr_t rsdp);

/* Looks over the addresses that the tables gave: registers are aligned, lie below `end`, where the
 * processor's physical addresses end, and not in RAM. NULL, or what makes the machine unusable; a
 * timer or configuration space that is out of place counts as missing. */
const char *acpi_check(struct acpi *acpi, const struct boot_range *ram, unsigned ram_count,
                       paddr_t end);

#endif
