/* Builds the kernel's half of the address space (paging.h). Its root entries are copied into every
 * space, so after kernel_main() begins none may be added or changed. */
#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/arch/x86_64/pte.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"

enum { DEVICES = 16, SCREEN_START = 0xb8000, SCREEN_END = 0xc0000 };

static struct {
        struct boot_machine *machine;
        paddr_t root;
        uint64_t device_next;
        unsigned device_count;
        struct boot_range devices[DEVICES];
} paging = {.device_next = DEVICE_WINDOW};

extern char boot_stack_guard[];
extern char symbol_text_start[], image_rodata[], image_data[], image_end[]; /* linker.ld */

paddr_t paging_root(void)
{
        return paging.root;
}

paddr_t paging_take(uint64_t bytes)
{
        struct boot_machine *machine = paging.machine;
        bytes = page_up(bytes);
        for (unsigned i = 0; i < machine->free_count; i++) {
                struct boot_range *range = &machine->free[i];
                if (range->start + bytes > range->end || range->start + bytes > 1ull << 32)
                        continue;
                paddr_t taken = range->start;
                range->start += bytes; /* may leave it empty; memory_finish() drops it */
                memset(direct(taken), 0, bytes);
                return taken;
        }
        panic("the machine has too little memory below 4 GiB: %lu KiB more are needed at the start",
              bytes / 1024);
}

/* The entry for `address` in the table of `level`; makes the missing tables above it. */
static uint64_t *entry_reach(uint64_t address, unsigned level)
{
        uint64_t *table = direct(paging.root);
        for (unsigned at = LEVELS; at > level; at--) {
                uint64_t *entry = &table[table_index(address, at)];
                if (!*entry)
                        *entry = paging_take(PAGE_SIZE) | PTE_PRESENT | PTE_WRITE;
                kassert(!(*entry & PTE_LARGE));
                table = direct(*entry & PTE_ADDRESS);
        }
        return &table[table_index(address, level)];
}

/* Maps whole pages, large ones where they fit. */
static void map(uint64_t address, paddr_t start, paddr_t end, uint64_t flags)
{
        flags |= PTE_PRESENT | PTE_GLOBAL | PTE_ACCESSED | PTE_DIRTY;
        if (!cpu_features.nx)
                flags &= ~PTE_NX;
        while (start < end) {
                bool large =
                    !((address | start) % LARGE_PAGE_BYTES) && end - start >= LARGE_PAGE_BYTES;
                uint64_t bytes = large ? LARGE_PAGE_BYTES : PAGE_SIZE;
                uint64_t *entry = entry_reach(address, large ? 2 : 1);
                kassert(!*entry && !(start & ~PTE_ADDRESS));
                *entry = start | flags | (large ? PTE_LARGE : 0);
                address += bytes;
                start += bytes;
        }
}

/* RAM in the direct map; the part of it that lies in [from, to). */
static void map_direct(const struct boot_machine *machine, paddr_t from, paddr_t to, uint64_t flags)
{
        for (unsigned i = 0; i < machine->ram_count; i++) {
                paddr_t start = machine->ram[i].start > from ? machine->ram[i].start : from;
                paddr_t end = machine->ram[i].end < to ? machine->ram[i].end : to;
                if (start < end)
                        map(DIRECT_MAP + start, start, end, flags);
        }
}

static void map_image(const char *start, const char *end, uint64_t flags)
{
        map((uint64_t)start, image_physical(start), image_physical(end), flags);
}

void paging_start(struct boot_machine *machine)
{
        paging.machine = machine;
        paging.root = paging_take(PAGE_SIZE);

        paddr_t constant = image_physical(symbol_text_start), data = image_physical(image_data);
        map_direct(machine, 0, constant, PTE_WRITE | PTE_NX);
        map_direct(machine, constant, data, PTE_NX);
        map_direct(machine, data, machine->highest, PTE_WRITE | PTE_NX);

        map(DIRECT_MAP + SCREEN_START, SCREEN_START, SCREEN_END, PTE_WRITE | PTE_NX | PTE_UNCACHED);

        map_image(symbol_text_start, image_rodata, 0);
        map_image(image_rodata, image_data, PTE_NX);
        map_image(image_data, image_end, PTE_WRITE | PTE_NX);
        *entry_reach((uint64_t)boot_stack_guard, 1) = 0;
        entry_reach(DEVICE_WINDOW, 1);

        this_head()->arch.root = paging.root;
        cr3_write(paging.root);
        /* The boot tables had no global pages: nothing of them is left in the TLB. */
}

volatile void *paging_map_device(paddr_t physical, size_t bytes)
{
        paddr_t start = page_down(physical), end = page_up(physical + bytes);
        kassert(start < end && paging.root);
        if (paging.device_count == DEVICES)
                panic("more than %u interrupt controllers and timers", DEVICES);
        paging.devices[paging.device_count++] = (struct boot_range){start, end};
        uint64_t address = paging.device_next;
        map(address, start, end, PTE_WRITE | PTE_NX | PTE_UNCACHED);
        paging.device_next += end - start;
        return (volatile void *)(address + (physical - start));
}

static bool direct_is_mapped(paddr_t physical)
{
        uint64_t *table = direct(paging.root);
        for (unsigned level = LEVELS; level > 0; level--) {
                uint64_t entry = table[table_index(DIRECT_MAP + physical, level)];
                if (!entry)
                        return false;
                if (level == 1 || entry & PTE_LARGE)
                        return true;
                table = direct(entry & PTE_ADDRESS);
        }
        return false;
}

bool paging_map_firmware(paddr_t physical, size_t bytes)
{
        if (physical >= DIRECT_MAP_BYTES || bytes > DIRECT_MAP_BYTES - physical)
                return false;
        paddr_t end = physical + bytes;
        for (paddr_t page = page_down(physical); page < end; page += PAGE_SIZE)
                if (!direct_is_mapped(page))
                        map(DIRECT_MAP + page, page, page + PAGE_SIZE, PTE_NX);
        return true;
}

bool device_reserved(paddr_t start, paddr_t end)
{
        return ranges_meet(paging.devices, paging.device_count, start, end);
}
