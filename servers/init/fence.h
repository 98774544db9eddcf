/* Keeps devices from writing into memory that the bus server gave them, once that server is
 * dead. */
#ifndef INIT_FENCE_H
#define INIT_FENCE_H

#include "kernel/abi/bootinfo.h"

/* Clears bus mastering in all PCI functions but bridges: none of them accesses memory or sends an
 * interrupt as a message until it is set again. To be called before the bus server's account is
 * destroyed; the server must not run meanwhile. */
void fence_devices(const struct bootinfo *info);

#endif
