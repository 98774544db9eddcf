/* A failed assertion is an undefined instruction. A table among the constants says what was
 * asserted where; trap.c looks it up, and panics. So an assertion costs its test, a jump, and the
 * two bytes of the instruction. */
#ifndef X86_ASSERTION_H
#define X86_ASSERTION_H

#include <stdint.h>

struct assertion {
        uint64_t place; /* of the instruction */
        const char *condition, *file;
        uint64_t line;
};

#if __STDC_HOSTED__
/* Host tests bring their own. */
void assertion_failed(const char *condition, const char *file, unsigned line)
    __attribute__((noreturn, cold));
#else
#define assertion_failed(condition, file, line)                                                    \
        do {                                                                                       \
                __asm__ volatile("1: ud2\n\t"                                                      \
                                 ".pushsection .assertions, \"a\"\n\t"                             \
                                 ".balign 8\n\t"                                                   \
                                 ".quad 1b, %c0, %c1, %c2\n\t"                                     \
                                 ".popsection"                                                     \
                                 :                                                                 \
                                 : "i"(condition), "i"(file), "i"(line));                          \
                __builtin_unreachable();                                                           \
        } while (0)
#endif

#endif
