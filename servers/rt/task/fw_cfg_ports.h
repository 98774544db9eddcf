/* QEMU's files (servers/rt/pure/fw_cfg.h), by a right to the device's I/O ports.
 *
 * Whoever holds the ports reads all files, so they go to init and to the transport alone. */
#ifndef RT_FW_CFG_PORTS_H
#define RT_FW_CFG_PORTS_H

#include "kernel/abi/rights.h"
#include "servers/rt/pure/fw_cfg.h"

/* fw_cfg_read() by the right `ports`: FW_CFG_PORTS from FW_CFG_PORT on. */
outcome_t fw_cfg_read_ports(handle_t ports, const char *name, void *to, size_t room,
                            size_t *length);

#endif
