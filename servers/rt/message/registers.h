/* The registers of a message system call, in and out, as kernel/abi/message.h lists them. Their
 * order is known to syscall.S. */
#ifndef RT_REGISTERS_H
#define RT_REGISTERS_H

#include "kernel/abi/message.h"

struct message_registers {
        uint64_t handle; /* in: right or port; out: badge */
        uint64_t second; /* in: reply or call; out: reply handle */
        uint64_t header;
        uint64_t deadline;
        uint64_t words[MESSAGE_WORDS];
};

_Static_assert(sizeof(struct message_registers) == 96, "syscall.S knows the offsets");

#endif
