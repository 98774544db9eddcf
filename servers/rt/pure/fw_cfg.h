/* Files that QEMU hands to its guest (docs/specs/fw_cfg.rst of QEMU 7.2): for what must not pass
 * the network, such as keys. They come by `-fw_cfg name=opt/org.portolan/NAME,file=FILE`.
 *
 * The device is two I/O ports: a key, written to the first, selects an item; each read of the
 * second gives its next byte. Key 0 is a signature, key 0x19 the directory. On a machine without
 * the device the ports read as anything: that is no signature. What the directory says is not
 * trusted. */
#ifndef RT_FW_CFG_H
#define RT_FW_CFG_H

#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"

enum { FW_CFG_PORT = 0x510, FW_CFG_PORTS = 2, FW_CFG_FILES_MAX = 256 };

#define FW_CFG_KEYS   "opt/org.portolan/keys"   /* of the node, for the transport */
#define FW_CFG_KEYLOG "opt/org.portolan/keylog" /* if it is there, the transport logs its keys */
#define FW_CFG_SEED   "opt/org.portolan/seed"   /* secret random bytes, for init */

/* The device, or what stands for it in a test. */
struct fw_cfg {
        void (*select)(void *context, uint16_t key);
        uint8_t (*next)(void *context);
        void *context;
};

/* Reads the file of that name whole: *length bytes, at most `room`. NOT_FOUND: there is no such
 * file, or no such device; TOO_LONG. Pure but for the device. */
outcome_t fw_cfg_read(const struct fw_cfg *device, const char *name, void *to, size_t room,
                      size_t *length);

#endif
