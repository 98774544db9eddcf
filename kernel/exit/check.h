/* The invariant checker: walks all objects and compares every list, queue, state and count that is
 * kept in two places. A debug build calls it after every entry into the kernel; other builds do not
 * contain it.
 *
 * Context: kernel lock held, between operations: no object is half made or half destroyed. */
#ifndef KERNEL_EXIT_CHECK_H
#define KERNEL_EXIT_CHECK_H

/* Panics with the condition that does not hold. */
void kernel_check(void);

#endif
