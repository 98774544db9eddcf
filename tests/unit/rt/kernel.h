/* A kernel made of a script, for tests of code that makes message system calls: sys_message() of
 * this folder's kernel.c keeps what it was given and answers what the test wants. The host's GS
 * base points at a runtime block; other system calls fail on the host, which is harmless. */
#ifndef TESTS_RT_KERNEL_H
#define TESTS_RT_KERNEL_H

#include "servers/rt/message/block.h"
#include "servers/rt/message/syscall.h"

enum { SCRIPT_STEPS = 8 };

struct step {
        outcome_t outcome;
        struct message_registers out;
        uint32_t bytes; /* with MESSAGE_BLOCK in out.header */
        const char *content;
        struct received_cap caps[MESSAGE_CAPS];
};

struct script {
        struct step steps[SCRIPT_STEPS];
        unsigned count; /* steps there are; beyond them every receive ends with BAD_HANDLE */
        unsigned at;    /* system calls made */
        struct {
                uint64_t number;
                struct message_registers in;
                struct message_block block;
        } calls[SCRIPT_STEPS + 8];
};

extern struct script script;

/* Empties the script and sets up the block. */
void kernel_setup(void);

#endif
