/* The key log of a testbed: the lines with which a capture can be read (netipc/crypto/keylog.h),
 * written to QEMU's debug console, a device of one I/O port whose bytes QEMU puts into a file of
 * the host. They pass no log and no network. Off, unless QEMU's file opt/org.portolan/keylog asks
 * for it and the device is there. */
#ifndef NETIPC_SERVER_KEY_LOG_H
#define NETIPC_SERVER_KEY_LOG_H

#include "kernel/abi/rights.h"
#include "netipc/core/core.h"

/* Whether this node is to write a key log, by the ports of fw_cfg; says it in the log if so, or if
 * it is asked for and cannot be. Called once, at the start. */
bool key_log_open(handle_t fw_cfg_ports);

/* core_environment.key_log: a line, with its line feed, before it returns. Only once it is open. */
void key_log_write(void *context, const char *line, size_t length);

#endif
