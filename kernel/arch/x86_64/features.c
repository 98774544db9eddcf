/* What the processor offers, and what of it is turned on: protections and XSAVE (SDM volume 3,
 * chapters 2 and 13). Set once, before any user code runs. */
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/arch/arch.h"
#include "kernel/debug/panic.h"

struct cpu_features cpu_features;

enum { LEGACY_VECTORS = 512 };

/* x87, SSE, AVX and AVX-512: what Debian's static libraries use. */
#define XSAVE_WANTED 0xe7ull

static void xsave_start(uint32_t leaf1_c)
{
        cpu_features.vectors_bytes = LEGACY_VECTORS;
        cpu_features.xsave = leaf1_c >> 26 & 1;
        if (!cpu_features.xsave)
                return;
        cr4_write(cr4_read() | CR4_OSXSAVE);
        struct cpuid offered = cpuid_read(0xd, 0);
        uint64_t mask = (offered.a | (uint64_t)offered.d << 32) & XSAVE_WANTED;
        if ((mask & 0xe0) != 0xe0 || !(mask & 4))
                mask &= 7; /* AVX-512 is all three of its parts, and needs AVX */
        __asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)mask), "d"((uint32_t)(mask >> 32)));
        cpu_features.xsave_mask = mask;
        cpu_features.vectors_bytes = cpuid_read(0xd, 0).b;
        cpu_features.xsaveopt = cpuid_read(0xd, 1).a & 1;
}

/* CPUID 80000008: the width of physical addresses; and whether FXRSTOR and XRSTOR always restore
 * the x87's error pointers, which AMD's older processors do only if an exception is pending (AMD64
 * APM 2, 11.4.4). */
static void addresses_detect(void)
{
        enum {
                BITS_LEAST = 36,
                BITS_MOST = 52,
                VENDOR_AMD = 0x68747541,
                RESTORES_POINTERS = 1 << 2
        };
        struct cpuid sizes = {0};
        if (cpuid_read(0x80000000, 0).a >= 0x80000008)
                sizes = cpuid_read(0x80000008, 0);
        unsigned bits = sizes.a & 0xff;
        cpu_features.physical_bits =
            (uint8_t)(bits < BITS_LEAST || bits > BITS_MOST ? BITS_LEAST : bits);
        cpu_features.leaves_pointers =
            cpuid_read(0, 0).b == VENDOR_AMD && !(sizes.b & RESTORES_POINTERS);
}

paddr_t physical_end(void)
{
        return 1ull << cpu_features.physical_bits;
}

/* The memory types that the bits in page tables choose among, as after a reset (SDM 3, table
 * 11-12): a loader may have left others. */
#define PAT_RESET 0x0007040600070406ull

void cpu_detect(void)
{
        struct cpuid one = cpuid_read(1, 0);
        struct cpuid seven = cpuid_read(0, 0).a >= 7 ? cpuid_read(7, 0) : (struct cpuid){0};
        cpu_features.nx = cpuid_read(0x80000001, 0).d >> 20 & 1;
        cpu_features.smep = seven.b >> 7 & 1;
        cpu_features.smap = seven.b >> 20 & 1;
        cpu_features.fsgsbase = seven.b & 1;
        cpu_features.umip = seven.c >> 2 & 1;

        /* Without MCE a machine check resets without a word. */
        cr4_write(cr4_read() | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_PGE |
                  (one.d >> 7 & 1 ? CR4_MCE : 0) | (cpu_features.smep ? CR4_SMEP : 0) |
                  (cpu_features.smap ? CR4_SMAP : 0) | (cpu_features.umip ? CR4_UMIP : 0) |
                  (cpu_features.fsgsbase ? CR4_FSGSBASE : 0));
        if (one.d >> 16 & 1)
                msr_write(MSR_PAT, PAT_RESET);
        xsave_start(one.c);
        addresses_detect();
        cpu_features.fast_switch =
            cpu_features.fsgsbase && cpu_features.xsaveopt && !cpu_features.leaves_pointers;
        if (cpu_features.vectors_bytes > PAGE_SIZE)
                panic("the processor's vector registers take %u bytes, more than a page",
                      cpu_features.vectors_bytes);
}
