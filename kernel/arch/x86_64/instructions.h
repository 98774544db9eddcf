/* Single instructions that C cannot express. */
#ifndef X86_INSTRUCTIONS_H
#define X86_INSTRUCTIONS_H

#include <stdint.h>

/* in8(), out8() and so on. */
#define PORT_INSTRUCTIONS(bits, suffix)                                                            \
        static inline uint##bits##_t in##bits(uint16_t port)                                       \
        {                                                                                          \
                uint##bits##_t value;                                                              \
                __asm__ volatile("in" suffix " %1, %0" : "=a"(value) : "Nd"(port));                \
                return value;                                                                      \
        }                                                                                          \
        static inline void out##bits(uint16_t port, uint##bits##_t value)                          \
        {                                                                                          \
                __asm__ volatile("out" suffix " %0, %1" : : "a"(value), "Nd"(port));               \
        }
PORT_INSTRUCTIONS(8, "b")
PORT_INSTRUCTIONS(16, "w")
PORT_INSTRUCTIONS(32, "l")

static inline uint64_t msr_read(uint32_t msr)
{
        uint32_t low, high;
        __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
        return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
        __asm__ volatile("wrmsr"
                         :
                         : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                         : "memory");
}

/* Not ordered with other instructions; where that matters, read it more than once. */
static inline uint64_t tsc_read(void)
{
        uint64_t low, high; /* 32 bits each */
        __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
        return high << 32 | low;
}

/* cr2_read(), cr3_write() and so on. */
#define CONTROL_REGISTER(name)                                                                     \
        static inline uint64_t name##_read(void)                                                   \
        {                                                                                          \
                uint64_t value;                                                                    \
                __asm__ volatile("mov %%" #name ", %0" : "=r"(value));                             \
                return value;                                                                      \
        }                                                                                          \
        static inline void name##_write(uint64_t value)                                            \
        {                                                                                          \
                __asm__ volatile("mov %0, %%" #name : : "r"(value) : "memory");                    \
        }
CONTROL_REGISTER(cr2)
CONTROL_REGISTER(cr3)
CONTROL_REGISTER(cr4)

static inline void page_invalidate(uint64_t address)
{
        __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

struct cpuid {
        uint32_t a, b, c, d;
};

static inline struct cpuid cpuid_read(uint32_t leaf, uint32_t subleaf)
{
        struct cpuid id;
        __asm__ volatile("cpuid"
                         : "=a"(id.a), "=b"(id.b), "=c"(id.c), "=d"(id.d)
                         : "0"(leaf), "2"(subleaf));
        return id;
}

#endif
