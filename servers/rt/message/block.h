/* A thread's runtime block, found through the GS base, which is kept for it (kernel/abi/memory.h).
 *
 * It holds what must not depend on libc or the FS base: the message block that the kernel reads,
 * the deadline of the request being served, and the stack on which Linux system calls are handled.
 * Written by its own thread only, but for `attention`. linux/entry.S knows the offsets up to
 * `message`. */
#ifndef RT_BLOCK_H
#define RT_BLOCK_H

#include "kernel/abi/message.h"

enum { RT_HANDLER_STACK = 24576 };

struct runtime_block {
        struct runtime_block *self;
        uint64_t handler_stack;    /* its top */
        uint64_t user_stack;       /* the program's, until linux/entry.S has pushed it */
        uint64_t serving_deadline; /* of the request that the thread serves; TIME_NEVER: none */
        uint64_t attention; /* not 0: looks at its signals before it goes back to the program */
        void *registers;    /* linux/threads.h: struct registers that it goes on with then */
        uint64_t resume_stack, resume_at; /* rsp and rip of these, for linux/entry.S alone */
        void *thread;                     /* linux/threads.h: struct thread */
        struct message_block message;
} __attribute__((aligned(1024)));

_Static_assert(sizeof(struct runtime_block) == 1024, "the message block stays within one page");
_Static_assert(offsetof(struct runtime_block, handler_stack) == 8, "linux/entry.S");
_Static_assert(offsetof(struct runtime_block, user_stack) == 16, "linux/entry.S");
_Static_assert(offsetof(struct runtime_block, attention) == 32, "linux/entry.S");
_Static_assert(offsetof(struct runtime_block, registers) == 40, "linux/entry.S");
_Static_assert(offsetof(struct runtime_block, resume_at) == 56, "linux/entry.S");

static inline struct runtime_block *runtime_block(void)
{
        struct runtime_block *block;
        __asm__("movq %%gs:0, %0" : "=r"(block));
        return block;
}

#endif
