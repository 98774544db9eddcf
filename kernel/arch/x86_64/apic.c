/* The local APIC through its memory-mapped registers (SDM 3, table 11-1), and the PIC that it
 * replaces, which stays masked. */
#include "kernel/arch/x86_64/apic.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/arch/x86_64/paging.h"
#include "kernel/debug/panic.h"

enum {
        APIC_ID = 0x20,
        APIC_TASK_PRIORITY = 0x80,
        APIC_END = 0xb0,
        APIC_SPURIOUS = 0xf0,
        APIC_TIMER = 0x320,
        APIC_LINT0 = 0x350,
        APIC_LINT1 = 0x360,
        APIC_ERROR = 0x370,
        APIC_TIMER_INITIAL = 0x380,
        APIC_TIMER_CURRENT = 0x390,
        APIC_TIMER_DIVIDE = 0x3e0,

        SPURIOUS_ENABLE = 1 << 8,
        ENTRY_MASKED = 1 << 16,
        ENTRY_NMI = 4 << 8,
        DIVIDE_BY_1 = 0xb,

        BASE_X2APIC = 1 << 10,
        BASE_ENABLE = 1 << 11,

        PIC1 = 0x20,
        PIC2 = 0xa0,
        PIC_INITIALISE = 0x11, /* 8259A: ICW1, ICW4 follows */
        PIC_MODE_8086 = 0x01,
};

static volatile uint32_t *apic;

static uint32_t apic_read(unsigned at)
{
        return apic[at / 4];
}

static void apic_write(unsigned at, uint32_t value)
{
        apic[at / 4] = value;
}

/* Moves the PIC off the exceptions' vectors, since even a masked one can fire spuriously. */
static void pic_mask(void)
{
        static const uint8_t first[] = {VECTOR_PIC, 1 << 2, PIC_MODE_8086, 0xff};
        static const uint8_t second[] = {VECTOR_PIC + 8, 2, PIC_MODE_8086, 0xff};
        out8(PIC1, PIC_INITIALISE);
        out8(PIC2, PIC_INITIALISE);
        for (unsigned i = 0; i < sizeof first; i++) {
                out8(PIC1 + 1, first[i]);
                out8(PIC2 + 1, second[i]);
        }
}

void apic_start(paddr_t address)
{
        uint64_t base = msr_read(MSR_APIC_BASE);
        if (base & BASE_X2APIC)
                panic("the firmware left the local APIC in x2APIC mode, which is not supported");
        if (!(cpuid_read(1, 0).d >> 9 & 1) || (base & 0xffffff000) != address)
                panic("no local APIC at %lx, where ACPI says it is", address);
        msr_write(MSR_APIC_BASE, base | BASE_ENABLE);
        kassert(!apic);
        apic = paging_map_device(address, PAGE_SIZE);
        pic_mask();
        apic_write(APIC_TASK_PRIORITY, 0);
        apic_write(APIC_LINT0, ENTRY_MASKED);
        apic_write(APIC_LINT1, ENTRY_NMI);
        apic_write(APIC_ERROR, ENTRY_MASKED);
        apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
        apic_write(APIC_TIMER, VECTOR_TIMER);
        apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
        this_head()->arch.apic_id = apic_read(APIC_ID) >> 24;
}

void apic_acknowledge(void)
{
        apic_write(APIC_END, 0);
}

uint32_t apic_id(void)
{
        return this_head()->arch.apic_id;
}

void apic_timer_set(uint32_t ticks)
{
        apic_write(APIC_TIMER_INITIAL, ticks);
}

uint32_t apic_timer_left(void)
{
        return apic_read(APIC_TIMER_CURRENT);
}
