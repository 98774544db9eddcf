/* Clock and timer (arch.h). The clock never runs backwards, and the timer never fires early.
 *
 * Measuring: the reference, the TSC and the APIC timer are read together twice, and the differences
 * compared. So it does not matter whether a hypervisor takes the processor away in between, unless
 * for longer than a counter takes to come round: four seconds. It would matter within one reading:
 * of several, the quickest is used. */
#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/acpi.h"
#include "kernel/arch/x86_64/apic.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/fast.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/entry.h"
#include "kernel/debug/log.h"
#include "kernel/debug/panic.h"

struct clock_page clock_page __attribute__((aligned(PAGE_SIZE)));

#define NS_PER_S 1000000000ull
#define FS_PER_S 1000000000000000ull

enum {
        SAMPLE_TRIES = 8,
        MEASURES_PER_S = 200,          /* a measurement takes 5 ms */
        REFERENCE_READS_MAX = 1000000, /* in 5 ms: more is a reference that stands still */
};

static struct {
        uint64_t ticks_per_ns; /* ns to APIC timer, times 2^32 */
        uint64_t longest;      /* ns that the APIC timer can wait at once */
} clock;

/* ---- references: counters of known speed, counting up ---- */

struct reference {
        const char *name;
        uint64_t hz;
        uint32_t mask;
        volatile uint32_t *counter; /* NULL: it is read from the port */
        uint16_t port;
};

/* IA-PC HPET 1.0a, 2.3 */
enum {
        HPET_PERIOD = 0x004, /* fs */
        HPET_CONFIGURATION = 0x010,
        HPET_COUNTER = 0x0f0,
        HPET_BYTES = 1024,
        HPET_ENABLE = 1,
        HPET_PERIOD_MIN = 100000,
        HPET_PERIOD_MAX = 100000000,
};

static bool hpet_open(struct reference *reference)
{
        if (!machine_acpi.hpet)
                return false;
        volatile uint32_t *hpet = paging_map_device(machine_acpi.hpet, HPET_BYTES);
        uint32_t period = hpet[HPET_PERIOD / 4];
        if (period < HPET_PERIOD_MIN || period > HPET_PERIOD_MAX)
                return false;
        hpet[HPET_CONFIGURATION / 4] |= HPET_ENABLE;
        *reference = (struct reference){.name = "HPET",
                                        .hz = FS_PER_S / period,
                                        .mask = UINT32_MAX,
                                        .counter = hpet + HPET_COUNTER / 4};
        return true;
}

/* ACPI 4.8.2.1: 24 bits are always there. */
static bool pm_open(struct reference *reference)
{
        *reference = (struct reference){
            .name = "ACPI timer", .hz = 3579545, .mask = 0xffffff, .port = machine_acpi.pm_timer};
        return machine_acpi.pm_timer;
}

static uint32_t reference_read(const struct reference *reference)
{
        return reference->counter ? *reference->counter : in32(reference->port);
}

/* ---- measuring ---- */

struct sample {
        uint64_t tsc;
        uint32_t reference, timer; /* the timer counts down */
};

static struct sample sample_take(const struct reference *reference)
{
        struct sample best = {0};
        uint64_t least = UINT64_MAX;
        for (unsigned i = 0; i < SAMPLE_TRIES; i++) {
                uint64_t before = tsc_read();
                uint32_t counter = reference_read(reference);
                uint32_t timer = apic_timer_left();
                uint64_t after = tsc_read();
                if (after - before < least) {
                        least = after - before;
                        best = (struct sample){before + least / 2, counter, timer};
                }
        }
        return best;
}

struct speeds {
        uint64_t tsc_hz, timer_hz;
};

/* value * by / over, which fits 64 bits. */
static uint64_t scale(uint64_t value, uint64_t by, uint64_t over)
{
        uint64_t high;
        __asm__("mulq %2\n\tdivq %3" : "+a"(value), "=&d"(high) : "r"(by), "r"(over) : "cc");
        return value;
}

/* False if the reference stands still. */
static bool measure(const struct reference *reference, struct speeds *speeds)
{
        uint32_t wanted = (uint32_t)(reference->hz / MEASURES_PER_S), passed = 0;
        apic_timer_set(UINT32_MAX);
        struct sample start = sample_take(reference);
        for (unsigned i = 0; passed < wanted; i++) {
                if (i == REFERENCE_READS_MAX)
                        return false;
                passed = (reference_read(reference) - start.reference) & reference->mask;
        }
        struct sample end = sample_take(reference);
        passed = (end.reference - start.reference) & reference->mask;
        speeds->tsc_hz = scale(end.tsc - start.tsc, reference->hz, passed);
        speeds->timer_hz = scale(start.timer - end.timer, reference->hz, passed);
        return speeds->tsc_hz > 0 && speeds->timer_hz > 0;
}

uint64_t clock_start(void)
{
        struct reference reference;
        struct speeds speeds;
        if (!(hpet_open(&reference) && measure(&reference, &speeds)) &&
            !(pm_open(&reference) && measure(&reference, &speeds)))
                panic("the clock cannot be measured: neither HPET nor ACPI timer runs");
        apic_timer_set(0);
        kassert(speeds.tsc_hz && speeds.timer_hz);
        clock.ticks_per_ns = scale(speeds.timer_hz, 1ull << 32, NS_PER_S);
        clock.longest = scale(UINT32_MAX, NS_PER_S, speeds.timer_hz);
        clock_page.ns_per_tick = scale(NS_PER_S, 1ull << 32, speeds.tsc_hz);
        kassert(clock.ticks_per_ns && clock_page.ns_per_tick);
        clock_page.start = tsc_read();
        clock_page.version = CLOCK_VERSION;
        log_print("clock: TSC %lu kHz, timer %lu kHz, by the %s\n", speeds.tsc_hz / 1000,
                  speeds.timer_hz / 1000, reference.name);
        return speeds.tsc_hz;
}

uint64_t clock_now(void)
{
        struct arch_cpu *arch = &this_head()->arch;
        uint64_t now = clock_quick();
        if (now > arch->clock)
                arch->clock = now;
        return arch->clock;
}

void timer_arm(uint64_t deadline)
{
        this_head()->arch.deadline = deadline;
        if (deadline == TIME_NEVER) {
                apic_timer_set(0);
                return;
        }
        uint64_t now = clock_now();
        uint64_t ns = deadline > now ? deadline - now : 0;
        uint64_t ticks = ns >= clock.longest
                             ? UINT32_MAX
                             : (uint64_t)((unsigned __int128)ns * clock.ticks_per_ns >> 32) + 1;
        apic_timer_set((uint32_t)ticks);
}

/* The count may have been capped, or the measured speed a little too high: then wait for the rest.
 */
void clock_timer_fired(void)
{
        apic_acknowledge();
        uint64_t deadline = this_head()->arch.deadline;
        if (clock_now() < deadline)
                timer_arm(deadline);
        else
                kernel_timer();
}
