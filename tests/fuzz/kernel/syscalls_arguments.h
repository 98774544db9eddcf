/* From bytes to system calls: which, and with what arguments. */
#ifndef FUZZ_SYSCALLS_ARGUMENTS_H
#define FUZZ_SYSCALLS_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>
#include "kernel/task/thread.h"

/* What the fuzzer has given; zeros behind its end. */
struct input {
        const uint8_t *bytes;
        size_t count, position;
};

static inline uint8_t input_byte(struct input *input)
{
        return input->position < input->count ? input->bytes[input->position++] : 0;
}

/* Where every task of the fuzzer has its memory: PROGRAM_PAGES pages, blocks first. */
enum { PROGRAM_AT = 0x200000, PROGRAM_PAGES = 24, PROGRAM_BLOCKS = 4 };

/* Fills the registers of a thread for some system call: arguments as syscalls.def names them.
 * Handles are mostly live ones of the type asked for, values mostly such as could succeed. */
void syscall_choose(struct input *input, struct thread *thread);

/* Writes what fits most messages into the message block of a thread, which must have one. */
void block_prepare(struct thread *thread);

/* Writes something into the message block of a thread, if it has one. */
void block_choose(struct input *input, struct thread *thread);

#endif
