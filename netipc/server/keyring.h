/* The node's keys, as whoever started the machine gave them: by QEMU's file opt/org.portolan/keys,
 * so that they pass no network and no command line; else by a module `keys` of the boot loader,
 * which passes the boot network (PROTOCOL.md, The boot network). The transport alone has both (its
 * manifest), and only until it has read. */
#ifndef NETIPC_KEYRING_H
#define NETIPC_KEYRING_H

#include "kernel/abi/rights.h"
#include "netipc/crypto/keys.h"

/* Reads this node's keys, by the ports of fw_cfg, for the name and the cluster that it was booted
 * with. NULL: there are none, or they cannot be used; a line in the log says which, and why. */
const struct keys *keyring_read(handle_t fw_cfg_ports, const char *node, uint64_t cluster);

#endif
