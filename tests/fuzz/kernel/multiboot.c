/* Fuzzes the reading of the loader's information: whatever it says, what the kernel takes from it
 * must hold together.
 *
 * The input is physical memory from 0 on, with the information at its front. So that more than one
 * input in a million gets past the first check, the first byte asks for repairs: pointers set to
 * where the rest of the input is, and one entry of the map that has the kernel in it. */
#include "kernel/arch/x86_64/multiboot.h"
#include "kernel/arch/x86_64/ranges.h"
#include <stdlib.h>
#include <string.h>

enum { BYTES = 4096, MIB = 1 << 20, MAP_AT = 128, MODULES_AT = 64, STRING_AT = 52 };

static uint8_t memory[BYTES];
static const struct boot_range image = {MIB, MIB + 0x20000};
static const paddr_t limit = 1ull << 39;

static const void *at(void *context, paddr_t address, size_t bytes)
{
        (void)context;
        return address <= BYTES && bytes <= BYTES - address ? memory + address : NULL;
}

static void put32(unsigned where, uint32_t value)
{
        memcpy(memory + where, &value, sizeof value);
}

static void repair(unsigned what, size_t size)
{
        if (what & 1) {
                put32(0, 1 << 2 | 1 << 3 | 1 << 6);
                put32(16, STRING_AT);
                put32(20, memory[20] % 4);
                put32(24, MODULES_AT);
                put32(44, (uint32_t)(size > MAP_AT ? (size - MAP_AT) / 24 * 24 : 0));
                put32(48, MAP_AT);
        }
        for (unsigned entry = MAP_AT; what & 2 && entry + 24 <= BYTES; entry += 24) {
                put32(entry, 20);
                put32(entry + 8, memory[entry + 8] & 1); /* most of it below 4 GiB */
                put32(entry + 16, memory[entry + 16] & 1);
                put32(entry + 20, memory[entry + 20] % 3);
        }
        if (what & 4) {
                uint64_t base = 0, length = 64 * MIB;
                memcpy(memory + MAP_AT + 4, &base, 8);
                memcpy(memory + MAP_AT + 12, &length, 8);
                put32(MAP_AT + 20, 1);
        }
        for (unsigned i = 0; what & 8 && i < 4; i++) {
                uint32_t start;
                memcpy(&start, memory + MODULES_AT + 16 * i, 4);
                put32(MODULES_AT + 16 * i, start = start % (65 * MIB) / 4096 * 4096);
                put32(MODULES_AT + 16 * i + 4, start + memory[MODULES_AT + 16 * i + 5] * 64u);
                put32(MODULES_AT + 16 * i + 8, STRING_AT);
        }
}

static void must(bool condition)
{
        if (!condition)
                abort();
}

static void check_list(const struct boot_range *list, unsigned count)
{
        must(count <= BOOT_RANGES);
        for (unsigned i = 0; i < count; i++) {
                must(list[i].start < list[i].end && list[i].end <= limit);
                must(list[i].start % PAGE_SIZE == 0 && list[i].end % PAGE_SIZE == 0);
                must(i == 0 || list[i - 1].end < list[i].start);
        }
}

static void check_machine(const struct boot_machine *machine)
{
        check_list(machine->ram, machine->ram_count);
        check_list(machine->free, machine->free_count);
        must(machine->module_count <= BOOTINFO_MODULES);
        must(memchr(machine->command_line, 0, sizeof machine->command_line));
        for (unsigned i = 0; i < machine->free_count; i++) {
                const struct boot_range *range = &machine->free[i];
                must(ranges_hold(machine->ram, machine->ram_count, range->start, range->end));
                must(range->start >= image.end || range->end <= image.start);
                must(range->start >= MIB);
                for (unsigned m = 0; m < machine->module_count; m++)
                        must(machine->modules[m].bytes == 0 ||
                             machine->modules[m].start >= range->end ||
                             machine->modules[m].start + machine->modules[m].bytes <= range->start);
        }
        for (unsigned m = 0; m < machine->module_count; m++) {
                must(memchr(machine->modules[m].name, 0, BOOTINFO_NAME));
                must(machine->modules[m].start % PAGE_SIZE == 0);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct boot_machine machine;
        const struct physical_view view = {at, NULL};
        if (size == 0)
                return 0;
        unsigned what = *data++;
        size = size - 1 > BYTES ? BYTES : size - 1;
        memset(memory, 0, sizeof memory);
        memset(&machine, 0, sizeof machine);
        memcpy(memory, data, size);
        repair(what, size);
        if (!multiboot_read(&machine, &view, 0, image, limit))
                check_machine(&machine);
        return 0;
}
