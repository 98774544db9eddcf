/* Fuzzes the reading of ACPI tables. The input is a row of tables: kind, flags, length (2 bytes),
 * content. Valid headers are put around them, with correct lengths and checksums unless the flags
 * say otherwise, since a fuzzer does not find checksums by itself. */
#include "kernel/arch/x86_64/acpi.h"
#include <stdlib.h>
#include <string.h>

enum {
        BYTES = 65536,
        RSDP = 0x7f0,
        EBDA = 0x7e0,
        ROOT = 0x820,
        TABLES = 0xc00,
        HEADER = 36,
        TABLES_MAX = 64
};
enum { KEEP_SUM = 1, KEEP_LENGTH = 2 };
enum { KIND_FADT = 1, KIND_DSDT = 2 };

static uint8_t memory[BYTES];

/* Exactly the bytes that were asked for, so that the sanitizer sees a read beyond them. */
static void *lent[TABLES_MAX * 8];
static unsigned lent_count;

static const void *at(void *context, paddr_t address, size_t bytes)
{
        (void)context;
        if (address > BYTES || bytes > BYTES - address || lent_count == sizeof lent / sizeof *lent)
                return NULL;
        void *copy = malloc(bytes);
        memcpy(copy, memory + address, bytes);
        return lent[lent_count++] = copy;
}

static void sum_fix(uint32_t where, uint32_t checksum, uint32_t length)
{
        uint8_t sum = 0;
        for (uint32_t i = 0; i < length; i++)
                sum = (uint8_t)(sum + memory[where + i]);
        memory[checksum] = (uint8_t)(memory[checksum] - sum);
}

static void seal(uint32_t where, const char *signature, uint32_t length, unsigned flags)
{
        memcpy(memory + where, signature, 4);
        if (!(flags & KEEP_LENGTH))
                memcpy(memory + where + 4, &length, 4);
        if (!(flags & KEEP_SUM))
                sum_fix(where, where + 9, length);
}

/* Places a table; returns where the next one begins, or 0. A FADT names the last DSDT before it. */
static uint32_t table_place(const uint8_t **data, size_t *size, uint32_t where, uint32_t *dsdt)
{
        static const char *const signatures[] = {"APIC", "FACP", "DSDT", "HPET", "MCFG"};
        if (*size < 4)
                return 0;
        const uint8_t *head = *data;
        uint32_t length = head[2] | (head[3] & 0xfu) << 8;
        *data += 4;
        *size -= 4;
        if (length > *size)
                length = (uint32_t)*size;
        if (where + HEADER + length > BYTES)
                return 0;
        memcpy(memory + where + HEADER, *data, length);
        *data += length;
        *size -= length;
        unsigned kind = head[0] % 5;
        if (kind == KIND_DSDT)
                *dsdt = where;
        if (kind == KIND_FADT && length >= 8)
                memcpy(memory + where + 40, dsdt, 4);
        seal(where, signatures[kind], HEADER + length, head[1]);
        return where + ((HEADER + length + 255) & ~255u);
}

static void rsdp_place(unsigned width)
{
        uint32_t root = ROOT;
        uint16_t segment = EBDA >> 4;
        memcpy(memory + 0x40e, &segment, sizeof segment);
        memcpy(memory + RSDP, "RSD PTR ", 8);
        memory[RSDP + 15] = width == 8 ? 2 : 0;
        memcpy(memory + RSDP + (width == 8 ? 24 : 16), &root, sizeof root);
        sum_fix(RSDP, RSDP + 8, 20);
        sum_fix(RSDP, RSDP + 32, 36);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct physical_view view = {at, NULL};
        struct acpi acpi;
        uint32_t count = 0, where = TABLES, dsdt = 0;
        unsigned width = size && *data & 1 ? 8 : 4;
        memset(memory, 0, sizeof memory);
        while (where && count < TABLES_MAX) {
                memcpy(memory + ROOT + HEADER + width * count++, &where, sizeof where);
                where = table_place(&data, &size, where, &dsdt);
        }
        seal(ROOT, width == 8 ? "XSDT" : "RSDT", HEADER + width * count, 0);
        rsdp_place(width);
        const char *wrong = acpi_read(&acpi, &view, acpi_find(&view));
        if (!wrong && (acpi.ioapic_count == 0 || acpi.ioapic_count > ACPI_IOAPICS ||
                       acpi.bus_last < acpi.bus_first || acpi.sleep5a > 7 || acpi.sleep5b > 7))
                abort();
        while (lent_count)
                free(lent[--lent_count]);
        return 0;
}
