/* Console, I/O ports, power and backtrace (arch.h). What the kernel itself uses is never given out:
 * ioport_reserved() here and device_reserved() in paging.c name all of it. */
#include "kernel/arch/x86_64/acpi.h"
#include "kernel/arch/x86_64/console.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/arch/x86_64/paging.h"

/* ---- console ---- */

static bool console_off;

void console_start(void)
{
        serial_start();
        screen_clear();
}

void console_show(const char *text, size_t bytes)
{
        if (!console_off)
                screen_write(text, bytes);
}

size_t console_send(const char *text, size_t bytes)
{
        return console_off ? bytes : serial_write(text, bytes);
}

void console_enable(bool on)
{
        console_off = !on;
}

void arch_panic_begin(void)
{
        __asm__ volatile("cli");
        console_enable(true);
        screen_clear();
}

/* ---- ports ---- */

uint32_t ioport_in(uint16_t port, unsigned width)
{
        return width == 1 ? in8(port) : width == 2 ? in16(port) : in32(port);
}

void ioport_out(uint16_t port, unsigned width, uint32_t value)
{
        if (width == 1)
                out8(port, (uint8_t)value);
        else if (width == 2)
                out16(port, (uint16_t)value);
        else
                out32(port, value);
}

bool ioport_reserved(uint16_t base, uint32_t count)
{
        const struct acpi *acpi = &machine_acpi;
        /* The two PICs, ACPI's timer and power control. */
        const struct {
                uint16_t base, count;
        } own[] = {{0x20, 2}, {0xa0, 2}, {acpi->pm_timer, 4}, {acpi->pm1a, 2}, {acpi->pm1b, 2}};
        for (unsigned i = 0; i < sizeof own / sizeof *own; i++)
                if (own[i].base && base < own[i].base + own[i].count && own[i].base < base + count)
                        return true;
        return false;
}

/* ---- power ---- */

enum {
        DEBUG_EXIT = 0xf4, /* QEMU: isa-debug-exit */
        QEMU_PM1_CONTROL = 0x604,
        SLEEP_TYPE = 10, /* ACPI 4.8.3.2.1 */
        SLEEP_ENABLE = 1 << 13,
        RESET_CONTROL = 0xcf9, /* chipset: system reset, CPU reset */
        RESET_HARD = 0x06,
        KEYBOARD = 0x64, /* 8042: pulse the reset line */
        KEYBOARD_RESET = 0xfe,
};

void arch_halt(void)
{
        for (;;)
                __asm__ volatile("cli; hlt");
}

void machine_power_off(void)
{
        const struct acpi *acpi = &machine_acpi;
        if (acpi->sleep5_known && acpi->pm1a)
                out16(acpi->pm1a, (uint16_t)(acpi->sleep5a << SLEEP_TYPE | SLEEP_ENABLE));
        if (acpi->sleep5_known && acpi->pm1b)
                out16(acpi->pm1b, (uint16_t)(acpi->sleep5b << SLEEP_TYPE | SLEEP_ENABLE));
        out16(QEMU_PM1_CONTROL, SLEEP_ENABLE);
        arch_halt();
}

void machine_reboot(void)
{
        if (machine_acpi.reset_port)
                out8(machine_acpi.reset_port, machine_acpi.reset_value);
        out8(RESET_CONTROL, RESET_HARD);
        out8(KEYBOARD, KEYBOARD_RESET);
        arch_halt();
}

void machine_exit(unsigned status)
{
        out32(DEBUG_EXIT, status);
        machine_power_off();
}

/* ---- the rest ---- */

/* Frames are followed while they lie on this processor's stacks: the user's RBP ends the chain. */
unsigned arch_backtrace(uint64_t frame, uint64_t *addresses, unsigned most)
{
        unsigned count = 0;
        while (count < most && cpu_is_frame(frame) && ((const uint64_t *)frame)[1]) {
                addresses[count++] = ((const uint64_t *)frame)[1];
                frame = *(const uint64_t *)frame;
        }
        return count;
}
