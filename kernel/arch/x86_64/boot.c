/* From the loader to kernel_main(): the order in which the machine is brought up. Each step says in
 * its header which ones it needs before it. */
#include "kernel/arch/x86_64/acpi.h"
#include "kernel/arch/x86_64/apic.h"
#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/console.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/interrupt.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/arch/x86_64/multiboot.h"
#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/x86_64/ranges.h"
#include "kernel/arch/entry.h"
#include "kernel/debug/log.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"

/* Called by start.S. */
void boot_start(uint32_t magic, uint32_t information) __attribute__((noreturn));
void arch_exit_to_user(void) __attribute__((noreturn));

static struct boot_machine machine;

extern char image_end[], boot_end[], symbol_text_start[]; /* linker.ld */

/* ---- physical memory, as the parsers see it ---- */

enum { BOOT_TABLES_SHIFT = 32 }; /* the boot tables map 4 GiB */

static const void *view_boot(void *context, paddr_t physical, size_t bytes)
{
        (void)context;
        bool inside = physical + bytes >= physical && physical + bytes <= 1ull << BOOT_TABLES_SHIFT;
        return inside ? direct(physical) : NULL;
}

static const void *view_firmware(void *context, paddr_t physical, size_t bytes)
{
        (void)context;
        return paging_map_firmware(physical, bytes) ? direct(physical) : NULL;
}

/* ---- memory ---- */

static void memory_read(uint32_t magic, uint32_t information)
{
        if (magic != MULTIBOOT_LOADER_MAGIC)
                panic("not started by a Multiboot loader (magic %x)", magic);
        const struct physical_view view = {view_boot, NULL};
        struct boot_range image = {IMAGE_PHYSICAL, image_physical(boot_end)};
        const char *wrong = multiboot_read(&machine, &view, information, image, DIRECT_MAP_BYTES);
        if (wrong)
                panic("%s", wrong);
}

static void free_add(paddr_t start, paddr_t end)
{
        if (!ranges_add(machine.free, &machine.free_count, start, end))
                panic("the machine's memory is in too many pieces");
}

/* Clears the rest of each module's last page. */
static void modules_pad(void)
{
        for (unsigned i = 0; i < machine.module_count; i++) {
                uint64_t bytes = machine.modules[i].bytes;
                kassert(machine.modules[i].start % PAGE_SIZE == 0);
                memset(direct(machine.modules[i].start + bytes), 0, page_up(bytes) - bytes);
        }
}

/* Frees the boot page and the boot tables, and drops ranges that paging_take() has emptied. */
static void memory_finish(void)
{
        unsigned count = machine.free_count;
        struct boot_range old[BOOT_RANGES];
        memcpy(old, machine.free, sizeof old);
        machine.free_count = 0;
        for (unsigned i = 0; i < count; i++)
                free_add(old[i].start, old[i].end);
        free_add(IMAGE_PHYSICAL, image_physical(symbol_text_start));
        free_add(image_physical(image_end), image_physical(boot_end));
}

/* ---- devices ---- */

static void devices_start(void)
{
        struct acpi *acpi = &machine_acpi;
        const struct physical_view view = {view_firmware, NULL};
        machine.acpi_rsdp = acpi_find(&view);
        const char *wrong = acpi_read(acpi, &view, machine.acpi_rsdp)
                                ?: acpi_check(acpi, machine.ram, machine.ram_count, physical_end());
        if (wrong)
                panic("%s", wrong);
        apic_start(acpi->local_apic);
        interrupt_start();
        machine.tsc_hz = clock_start();
        machine.pci_ecam = acpi->ecam;
        machine.pci_bus_first = acpi->bus_first;
        machine.pci_bus_last = acpi->bus_last;
}

static void machine_log(void)
{
        uint64_t ram = 0;
        for (unsigned i = 0; i < machine.ram_count; i++)
                ram += machine.ram[i].end - machine.ram[i].start;
        log_print("memory: %lu KiB, kernel %lu KiB\n", ram / 1024,
                  (image_physical(image_end) - IMAGE_PHYSICAL) / 1024);
        for (unsigned i = 0; i < machine.module_count; i++)
                log_print("module %s: %lu bytes\n", machine.modules[i].name,
                          machine.modules[i].bytes);
        log_print("processor:%s%s%s%s%s%s\n", cpu_features.nx ? " nx" : "",
                  cpu_features.smep ? " smep" : "", cpu_features.smap ? " smap" : "",
                  cpu_features.umip ? " umip" : "", cpu_features.fsgsbase ? " fsgsbase" : "",
                  cpu_features.xsave ? " xsave" : "");
}

void boot_start(uint32_t magic, uint32_t information)
{
        console_start();
        cpu_start();
        log_print("Portolan\n");
        cpu_detect();
        memory_read(magic, information);
        paging_start(&machine);
        modules_pad();
        machine_log();
        devices_start();
        memory_finish();
        kassert(machine.free_count > 0 && machine.tsc_hz > 0);
        kernel_main(&machine);
        arch_exit_to_user();
}
