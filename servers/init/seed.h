/* The node's randomness: what init finds at its start and gives on to all it starts (the startup
 * page's entropy). */
#ifndef INIT_SEED_H
#define INIT_SEED_H

#include "servers/init/boot.h"

/* Mixes into init's generator QEMU's file opt/org.portolan/seed, if there is one, and the kernel's
 * command line: with `seed=`, and with the addresses that differ from node to node. RDRAND is there
 * by itself. Says on the console which of them this node has, and if none of it is secret, what
 * would be. */
void seed_read(const struct boot *boot);

#endif
