/* ACPI: root pointer, root table, and of the others MADT, FADT, HPET, MCFG and one name of the
 * DSDT. No interpreter: \_S5 is found by its bytes, as every loader and small kernel does. */
#include "kernel/arch/x86_64/acpi.h"
#include "kernel/arch/mmu.h"
#include "kernel/lib/string.h"

enum {
        TABLE_MAX = 1 << 20,
        ROOT_ENTRIES_MAX = 256,
        BIOS_START = 0xe0000,
        BIOS_END = 0x100000,
        EBDA_POINTER = 0x40e,
        EBDA_SEARCHED = 1024,
        RSDP_STEP = 16,
        RSDP_BYTES_1 = 20, /* what revision 0 has, and its checksum covers */
};

/* 5.2.5.3 */
struct rsdp {
        char signature[8];
        uint8_t checksum;
        char oem[6];
        uint8_t revision;
        uint32_t rsdt;
        uint32_t length;
        uint64_t xsdt;
        uint8_t extended_checksum, reserved[3];
} __attribute__((packed));
_Static_assert(sizeof(struct rsdp) == 36, "ACPI 5.2.5.3");

/* 5.2.6 */
struct header {
        char signature[4];
        uint32_t length;
        uint8_t revision, checksum;
        char oem[6], oem_table[8];
        uint32_t oem_revision, creator, creator_revision;
};
_Static_assert(sizeof(struct header) == 36, "ACPI 5.2.6");

/* A table whose bytes have been checked. */
struct table {
        const uint8_t *bytes;
        uint32_t length;
};

static uint64_t number(const struct table *table, uint32_t at, unsigned bytes)
{
        uint64_t value = 0;
        if (at > table->length || bytes > table->length - at)
                return 0;
        memcpy(&value, table->bytes + at, bytes);
        return value;
}

static bool sum_is_zero(const uint8_t *bytes, size_t count)
{
        uint8_t sum = 0;
        for (size_t i = 0; i < count; i++)
                sum = (uint8_t)(sum + bytes[i]);
        return sum == 0;
}

static const uint8_t *view_at(const struct physical_view *view, paddr_t physical, size_t bytes)
{
        return view->at(view->context, physical, bytes);
}

/* ---- root pointer ---- */

static paddr_t rsdp_search(const struct physical_view *view, paddr_t start, paddr_t end)
{
        for (paddr_t at = start; at + sizeof(struct rsdp) <= end; at += RSDP_STEP) {
                const uint8_t *bytes = view_at(view, at, RSDP_BYTES_1);
                if (bytes && !memcmp(bytes, "RSD PTR ", 8) && sum_is_zero(bytes, RSDP_BYTES_1))
                        return at;
        }
        return 0;
}

paddr_t acpi_find(const struct physical_view *view)
{
        paddr_t found = 0;
        const uint8_t *pointer = view_at(view, EBDA_POINTER, 2);
        paddr_t ebda = pointer ? (paddr_t)(pointer[0] | pointer[1] << 8) << 4 : 0;
        if (ebda)
                found = rsdp_search(view, ebda, ebda + EBDA_SEARCHED);
        return found ? found : rsdp_search(view, BIOS_START, BIOS_END);
}

/* ---- tables ---- */

static bool table_open(struct table *table, const struct physical_view *view, paddr_t at)
{
        struct header header;
        const uint8_t *bytes = at ? view_at(view, at, sizeof header) : NULL;
        if (!bytes)
                return false;
        memcpy(&header, bytes, sizeof header);
        if (header.length < sizeof header || header.length > TABLE_MAX)
                return false;
        table->bytes = view_at(view, at, header.length);
        table->length = header.length;
        return table->bytes && sum_is_zero(table->bytes, table->length);
}

static bool table_is(const struct table *table, const char *signature)
{
        return !memcmp(table->bytes, signature, 4);
}

/* ---- MADT: 5.2.12 ---- */

enum {
        MADT_LOCAL_APIC = 36,
        MADT_STRUCTURES = 44,
        MADT_IOAPIC = 1,
        MADT_OVERRIDE = 2,
        MADT_LOCAL_APIC_64 = 5,
};

static void madt_override(struct acpi *acpi, const struct table *entry)
{
        uint64_t bus = number(entry, 2, 1), source = number(entry, 3, 1);
        if (entry->length < 10 || bus != 0 || source >= ACPI_ISA_LINES)
                return;
        acpi->isa[source].gsi = (uint32_t)number(entry, 4, 4);
        acpi->isa[source].flags = (uint16_t)number(entry, 8, 2);
}

static void madt_entry(struct acpi *acpi, const struct table *entry)
{
        switch (entry->bytes[0]) {
        case MADT_IOAPIC:
                if (entry->length < 12 || acpi->ioapic_count == ACPI_IOAPICS)
                        return;
                acpi->ioapics[acpi->ioapic_count].address = number(entry, 4, 4);
                acpi->ioapics[acpi->ioapic_count++].first_gsi = (uint32_t)number(entry, 8, 4);
                return;
        case MADT_OVERRIDE:
                madt_override(acpi, entry);
                return;
        case MADT_LOCAL_APIC_64:
                if (entry->length >= 12)
                        acpi->local_apic = number(entry, 4, 8);
                return;
        }
}

static void madt_read(struct acpi *acpi, const struct table *madt)
{
        acpi->local_apic = number(madt, MADT_LOCAL_APIC, 4);
        for (uint32_t at = MADT_STRUCTURES; at < madt->length;) {
                struct table entry = {madt->bytes + at, (uint32_t)number(madt, at + 1, 1)};
                if (entry.length < 2 || entry.length > madt->length - at)
                        return;
                madt_entry(acpi, &entry);
                at += entry.length;
        }
}

/* ---- FADT: 5.2.9, and \_S5 in the DSDT: 7.4.2, 20.2 ---- */

enum {
        FADT_DSDT = 40,
        FADT_PM1A_CONTROL = 64,
        FADT_PM1B_CONTROL = 68,
        FADT_PM_TIMER = 76,
        FADT_FLAGS = 112,
        FADT_FLAG_RESET = 1 << 10,
        FADT_RESET = 116, /* generic address: space, width, offset, size, address */
        FADT_RESET_ADDRESS = 120,
        FADT_RESET_VALUE = 128,
        FADT_DSDT_64 = 140,
        SPACE_IO = 1,

        AML_NAME = 0x08,
        AML_ROOT = 0x5c,
        AML_PACKAGE = 0x12,
        AML_BYTE = 0x0a,
        AML_ZERO = 0x00,
        AML_ONE = 0x01,
        SLEEP_TYPE_MAX = 7,
};

/* A small integer of AML at *at, which is moved on; -1 if it is none. */
static int aml_number(const struct table *dsdt, uint32_t *at)
{
        uint64_t code = number(dsdt, *at, 1);
        int value = -1;
        if (code == AML_ZERO || code == AML_ONE)
                value = (int)code;
        else if (code == AML_BYTE)
                value = (int)number(dsdt, ++*at, 1);
        ++*at;
        return value <= SLEEP_TYPE_MAX ? value : -1;
}

static void dsdt_read(struct acpi *acpi, const struct table *dsdt)
{
        for (uint32_t at = sizeof(struct header) + 2; at + 16 <= dsdt->length; at++) {
                const uint8_t *bytes = dsdt->bytes + at;
                if (memcmp(bytes, "_S5_", 4) || bytes[4] != AML_PACKAGE)
                        continue;
                if (bytes[-1] != AML_NAME && !(bytes[-1] == AML_ROOT && bytes[-2] == AML_NAME))
                        continue;
                /* The package's length is 1 to 4 bytes, as its first two bits say; then a count. */
                uint32_t element = at + 5 + 1 + (uint32_t)(bytes[5] >> 6) + 1;
                int a = aml_number(dsdt, &element), b = aml_number(dsdt, &element);
                if (a < 0 || b < 0)
                        continue;
                acpi->sleep5a = (uint8_t)a;
                acpi->sleep5b = (uint8_t)b;
                acpi->sleep5_known = true;
                return;
        }
}

/* An I/O port; 0, which means none, if the number is no port's. */
static uint16_t port_number(const struct table *table, uint32_t at, unsigned bytes)
{
        uint64_t port = number(table, at, bytes);
        return port <= UINT16_MAX ? (uint16_t)port : 0;
}

static void fadt_read(struct acpi *acpi, const struct table *fadt, const struct physical_view *view)
{
        acpi->pm1a = port_number(fadt, FADT_PM1A_CONTROL, 4);
        acpi->pm1b = port_number(fadt, FADT_PM1B_CONTROL, 4);
        acpi->pm_timer = port_number(fadt, FADT_PM_TIMER, 4);
        if (number(fadt, FADT_FLAGS, 4) & FADT_FLAG_RESET &&
            number(fadt, FADT_RESET, 1) == SPACE_IO) {
                acpi->reset_port = port_number(fadt, FADT_RESET_ADDRESS, 8);
                acpi->reset_value = (uint8_t)number(fadt, FADT_RESET_VALUE, 1);
        }
        struct table dsdt;
        paddr_t at = number(fadt, FADT_DSDT_64, 8);
        if (!at)
                at = number(fadt, FADT_DSDT, 4);
        if (table_open(&dsdt, view, at) && table_is(&dsdt, "DSDT"))
                dsdt_read(acpi, &dsdt);
}

/* ---- HPET: IA-PC HPET 1.0a, 3.2.4; MCFG: PCI Firmware 3.0, 4.1.2 ---- */

enum {
        HPET_SPACE = 40, /* generic address, memory is 0 */
        HPET_ADDRESS = 44,
        MCFG_ENTRIES = 44,
        MCFG_ENTRY_BYTES = 16,
};

static void hpet_read(struct acpi *acpi, const struct table *hpet)
{
        if (number(hpet, HPET_SPACE, 1) == 0)
                acpi->hpet = number(hpet, HPET_ADDRESS, 8);
}

static void mcfg_read(struct acpi *acpi, const struct table *mcfg)
{
        for (uint32_t at = MCFG_ENTRIES; at + MCFG_ENTRY_BYTES <= mcfg->length;
             at += MCFG_ENTRY_BYTES) {
                if (number(mcfg, at + 8, 2) != 0)
                        continue; /* another segment */
                acpi->ecam = number(mcfg, at, 8);
                acpi->bus_first = mcfg->bytes[at + 10];
                acpi->bus_last = mcfg->bytes[at + 11];
                if (acpi->bus_last < acpi->bus_first)
                        acpi->ecam = 0;
                return;
        }
}

/* ---- all of them ---- */

struct acpi machine_acpi;

static void table_read(struct acpi *acpi, const struct physical_view *view, paddr_t at)
{
        struct table table;
        if (!table_open(&table, view, at))
                return;
        if (table_is(&table, "APIC"))
                madt_read(acpi, &table);
        else if (table_is(&table, "FACP"))
                fadt_read(acpi, &table, view);
        else if (table_is(&table, "HPET"))
                hpet_read(acpi, &table);
        else if (table_is(&table, "MCFG"))
                mcfg_read(acpi, &table);
}

static bool root_open(struct table *root, unsigned *width, const struct physical_view *view,
                      paddr_t at)
{
        struct rsdp rsdp = {0};
        const uint8_t *bytes = view_at(view, at, RSDP_BYTES_1);
        if (!bytes)
                return false;
        memcpy(&rsdp, bytes, RSDP_BYTES_1);
        if (rsdp.revision >= 2 && (bytes = view_at(view, at, sizeof rsdp)) &&
            sum_is_zero(bytes, sizeof rsdp)) {
                memcpy(&rsdp, bytes, sizeof rsdp);
                *width = 8;
                if (table_open(root, view, rsdp.xsdt) && table_is(root, "XSDT"))
                        return true;
        }
        *width = 4;
        return table_open(root, view, rsdp.rsdt) && table_is(root, "RSDT");
}

const char *acpi_read(struct acpi *acpi, const struct physical_view *view, paddr_t rsdp)
{
        struct table root;
        unsigned width;
        *acpi = (struct acpi){0};
        for (unsigned i = 0; i < ACPI_ISA_LINES; i++)
                acpi->isa[i].gsi = i;
        if (!rsdp)
                return "no ACPI root pointer";
        if (!root_open(&root, &width, view, rsdp))
                return "no ACPI root table";
        uint32_t at = sizeof(struct header);
        for (unsigned i = 0; i < ROOT_ENTRIES_MAX && at + width <= root.length; i++, at += width)
                table_read(acpi, view, number(&root, at, width));
        if (!acpi->local_apic || !acpi->ioapic_count)
                return "no ACPI table of the interrupt controllers";
        return NULL;
}

/* ---- where registers may lie ---- */

/* I/O APICs are aligned likewise (82093AA, 3.0). */
enum { REGISTERS_ALIGNMENT = 1024, BUS_BYTES = 1 << 20 };

struct physical_map {
        const struct boot_range *ram;
        unsigned ram_count;
        paddr_t end;
};

static bool registers_fit(const struct physical_map *map, paddr_t start, uint64_t bytes,
                          uint64_t alignment)
{
        return start && start % alignment == 0 && start < map->end && bytes <= map->end - start &&
               !ranges_meet(map->ram, map->ram_count, start, start + bytes);
}

/* The address given is that of bus 0, though the first may be another: PCI Firmware 3.0, 4.1.2. */
static bool ecam_fits(const struct acpi *acpi, const struct physical_map *map)
{
        uint64_t skipped = (uint64_t)acpi->bus_first * BUS_BYTES;
        uint64_t bytes = (uint64_t)(acpi->bus_last - acpi->bus_first + 1) * BUS_BYTES;
        return acpi->ecam < map->end && registers_fit(map, acpi->ecam + skipped, bytes, BUS_BYTES);
}

const char *acpi_check(struct acpi *acpi, const struct boot_range *ram, unsigned ram_count,
                       paddr_t end)
{
        const struct physical_map map = {ram, ram_count, end};
        if (!registers_fit(&map, acpi->local_apic, PAGE_SIZE, PAGE_SIZE))
                return "ACPI puts the local APIC where no registers can be";
        for (unsigned i = 0; i < acpi->ioapic_count; i++)
                if (!registers_fit(&map, acpi->ioapics[i].address, REGISTERS_ALIGNMENT,
                                   REGISTERS_ALIGNMENT))
                        return "ACPI puts an I/O APIC where no registers can be";
        if (!registers_fit(&map, acpi->hpet, REGISTERS_ALIGNMENT, REGISTERS_ALIGNMENT))
                acpi->hpet = 0;
        if (!ecam_fits(acpi, &map))
                acpi->ecam = 0;
        return NULL;
}
