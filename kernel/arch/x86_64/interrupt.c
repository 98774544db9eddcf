/* Lines and I/O APICs (82093AA data sheet, 3.2). The vector of a line is VECTOR_LINES + its number;
 * all interrupts go to the boot processor.
 *
 * A level-triggered input is masked before it is acknowledged, until interrupt_unmask(). An
 * edge-triggered one is not masked when it fires, since further edges would be lost. */
#include "kernel/arch/x86_64/interrupt.h"
#include "kernel/arch/x86_64/acpi.h"
#include "kernel/arch/x86_64/apic.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/entry.h"
#include "kernel/debug/panic.h"

_Static_assert(VECTOR_LINES + INTERRUPT_LINES <= VECTOR_TIMER, "vectors of the lines");

enum {
        IOAPIC_SELECT = 0x00,
        IOAPIC_WINDOW = 0x10,
        IOAPIC_BYTES = 0x20,
        IOAPIC_VERSION = 1,
        IOAPIC_ENTRIES = 0x10,

        ENTRY_LOW = 1 << 13,
        ENTRY_LEVEL = 1 << 15,
        ENTRY_MASKED = 1 << 16,
        ENTRY_DESTINATION = 24, /* in the upper half */

        MSI_ADDRESS = 0xfee00000, /* SDM 3, 11.11 */
        MSI_DESTINATION = 12,
};

enum line_kind { LINE_FREE = 0, LINE_EDGE, LINE_LEVEL, LINE_MESSAGE };

static struct {
        struct ioapic {
                volatile uint32_t *registers;
                uint32_t first_gsi, count;
        } ioapics[ACPI_IOAPICS];
        struct line {
                uint8_t kind; /* enum line_kind */
                uint8_t ioapic;
                uint8_t input;
        } lines[INTERRUPT_LINES];
} interrupts;

static uint32_t ioapic_read(const struct ioapic *ioapic, uint32_t index)
{
        ioapic->registers[IOAPIC_SELECT / 4] = index;
        return ioapic->registers[IOAPIC_WINDOW / 4];
}

static void ioapic_write(const struct ioapic *ioapic, uint32_t index, uint32_t value)
{
        ioapic->registers[IOAPIC_SELECT / 4] = index;
        ioapic->registers[IOAPIC_WINDOW / 4] = value;
}

static void ioapic_start(struct ioapic *ioapic, paddr_t address, uint32_t first_gsi)
{
        ioapic->registers = paging_map_device(address, IOAPIC_BYTES);
        ioapic->first_gsi = first_gsi;
        ioapic->count = (ioapic_read(ioapic, IOAPIC_VERSION) >> 16 & 0xff) + 1;
        for (uint32_t i = 0; i < ioapic->count; i++)
                ioapic_write(ioapic, IOAPIC_ENTRIES + 2 * i, ENTRY_MASKED);
}

void interrupt_start(void)
{
        for (unsigned i = 0; i < machine_acpi.ioapic_count; i++)
                ioapic_start(&interrupts.ioapics[i], machine_acpi.ioapics[i].address,
                             machine_acpi.ioapics[i].first_gsi);
}

/* ---- lines ---- */

static struct line *line_take(unsigned *number)
{
        for (unsigned i = 0; i < INTERRUPT_LINES; i++)
                if (interrupts.lines[i].kind == LINE_FREE) {
                        *number = i;
                        return &interrupts.lines[i];
                }
        return NULL;
}

static bool input_is_taken(unsigned ioapic, uint32_t input)
{
        for (unsigned i = 0; i < INTERRUPT_LINES; i++) {
                const struct line *line = &interrupts.lines[i];
                if ((line->kind == LINE_EDGE || line->kind == LINE_LEVEL) &&
                    line->ioapic == ioapic && line->input == input)
                        return true;
        }
        return false;
}

/* The entry's polarity and trigger: from the MADT for an ISA input, else from the caller. */
static uint32_t entry_kind(bool level_low, unsigned flags)
{
        uint32_t kind = level_low ? ENTRY_LOW | ENTRY_LEVEL : 0;
        if (flags & ACPI_POLARITY)
                kind = (kind & ~(uint32_t)ENTRY_LOW) |
                       ((flags & ACPI_POLARITY) == ACPI_POLARITY_LOW ? ENTRY_LOW : 0);
        if (flags & ACPI_TRIGGER)
                kind = (kind & ~(uint32_t)ENTRY_LEVEL) |
                       ((flags & ACPI_TRIGGER) == ACPI_TRIGGER_LEVEL ? ENTRY_LEVEL : 0);
        return kind;
}

int interrupt_route_gsi(unsigned gsi, bool level_low)
{
        unsigned flags = 0, number;
        if (gsi < ACPI_ISA_LINES) {
                flags = machine_acpi.isa[gsi].flags;
                gsi = machine_acpi.isa[gsi].gsi;
        }
        for (unsigned i = 0; i < machine_acpi.ioapic_count; i++) {
                const struct ioapic *ioapic = &interrupts.ioapics[i];
                uint32_t input = gsi - ioapic->first_gsi;
                if (gsi < ioapic->first_gsi || input >= ioapic->count)
                        continue;
                struct line *line = input_is_taken(i, input) ? NULL : line_take(&number);
                if (!line)
                        return -1;
                uint32_t kind = entry_kind(level_low, flags);
                *line = (struct line){kind & ENTRY_LEVEL ? LINE_LEVEL : LINE_EDGE, (uint8_t)i,
                                      (uint8_t)input};
                ioapic_write(ioapic, IOAPIC_ENTRIES + 2 * input + 1,
                             apic_id() << ENTRY_DESTINATION);
                ioapic_write(ioapic, IOAPIC_ENTRIES + 2 * input,
                             ENTRY_MASKED | kind | (VECTOR_LINES + number));
                return (int)number;
        }
        return -1;
}

int interrupt_route_msi(uint64_t *address, uint32_t *data)
{
        unsigned number;
        struct line *line = line_take(&number);
        if (!line)
                return -1;
        kassert(number < INTERRUPT_LINES && !(apic_id() >> 8)); /* eight bits of the address */
        *line = (struct line){.kind = LINE_MESSAGE};
        *address = MSI_ADDRESS | (uint64_t)apic_id() << MSI_DESTINATION;
        *data = VECTOR_LINES + number;
        return (int)number;
}

/* A message cannot be masked here, only in its device. */
static void line_set_mask(unsigned number, bool masked)
{
        kassert(number < INTERRUPT_LINES);
        const struct line *line = &interrupts.lines[number];
        if (line->kind != LINE_EDGE && line->kind != LINE_LEVEL)
                return;
        const struct ioapic *ioapic = &interrupts.ioapics[line->ioapic];
        uint32_t index = IOAPIC_ENTRIES + 2u * line->input;
        uint32_t entry = ioapic_read(ioapic, index) & ~(uint32_t)ENTRY_MASKED;
        kassert(line->input < ioapic->count && (entry & 0xff) == VECTOR_LINES + number);
        ioapic_write(ioapic, index, entry | (masked ? ENTRY_MASKED : 0));
}

void interrupt_mask(unsigned line)
{
        line_set_mask(line, true);
}

void interrupt_unmask(unsigned line)
{
        line_set_mask(line, false);
}

void interrupt_release(unsigned line)
{
        kassert(line < INTERRUPT_LINES && interrupts.lines[line].kind != LINE_FREE);
        interrupt_mask(line);
        interrupts.lines[line].kind = LINE_FREE;
}

void interrupt_line_fired(unsigned line)
{
        kassert(line < INTERRUPT_LINES);
        unsigned kind = interrupts.lines[line].kind;
        if (kind == LINE_LEVEL)
                interrupt_mask(line);
        apic_acknowledge();
        if (kind != LINE_FREE)
                kernel_interrupt(line);
}
