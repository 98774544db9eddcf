/* What a child of vfork gives back to its parent. It has a copy of its parent's memory, as any
 * child (fork.h); but what it writes where the parent's calling function and those above it keep
 * their variables is there, too, when the parent goes on: FRAME bytes of the stack from the stack
 * pointer on. So a caller of vfork sees what went wrong, and so does posix_spawn of glibc's.
 *
 *      parent   its stack ──before──> loan <──after── the same place of its stack   child
 *                   ^                   │
 *                   └── what differs ───┘      when the parent goes on
 *
 * The loan is memory that both have, at one address; of all else of the parent's a child changes
 * nothing. Words that the child has not changed stay as the parent's other threads have left them.
 *
 * Context: the parent's thread that calls vfork; in the child, its end or its execve. */
#ifndef RT_LINUX_VFORK_H
#define RT_LINUX_VFORK_H

#include "kernel/abi/memory.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/task/memory.h"

struct loan_pages;

struct loan {
        struct loan_pages *pages; /* NULL: there is none */
        handle_t memory;
        uint64_t frame, bytes; /* of the parent's stack */
};

/* Makes one of what is at the stack pointer: that the child has changed nothing. NO_MEMORY. */
outcome_t loan_make(struct loan *loan, uint64_t stack);

/* Takes what is there, as the child will have it. Does nothing without a loan. Context: no other
 * thread runs until the memory is copied: else what one changes meanwhile seems the child's. */
void loan_fill(const struct loan *loan);

/* Whether a mapping is the loan's: it is mapped in the child rather than copied. */
static inline bool loan_is(const struct loan *loan, const struct memory_mapping *mapping)
{
        return loan->pages && mapping->address == (uint64_t)loan->pages;
}

/* The child has ended, or another program: puts what it has changed in place, and the loan is gone.
 * Also if the child was never started. */
void loan_settle(struct loan *loan);

/* In the child. It has this loan, or none. */
void loan_forked(const struct loan *loan);

/* It is about to end, or perhaps to become another program. Does nothing in a process without a
 * loan. */
void loan_give_back(void);

#endif
