/* What stands between the death of the bus server and the memory that devices were told of. */
#ifndef INIT_FENCE_H
#define INIT_FENCE_H

#include "kernel/abi/bootinfo.h"

/* Takes bus mastering from all PCI functions but bridges: none of them reads or writes memory any
 * more, nor sends an interrupt as a message, until somebody who may touch configuration space lets
 * it. For the moment before the bus server's account goes. The server must not run meanwhile. */
void fence_devices(const struct bootinfo *info);

#endif
