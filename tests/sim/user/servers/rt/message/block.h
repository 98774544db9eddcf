/* In place of the runtime's header of this name: an image has one thread, so its block needs no
 * register to be found by. */
#ifndef RT_BLOCK_H
#define RT_BLOCK_H

#include "kernel/abi/message.h"

struct runtime_block {
        uint64_t serving_deadline;
        struct message_block message;
} __attribute__((aligned(1024)));

extern struct runtime_block the_block;

static inline struct runtime_block *runtime_block(void)
{
        return &the_block;
}

#endif
