/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rights by name: a field for each, `portolan.rights.NAME`, from kernel/abi/rights.def. */
#ifndef WIRESHARK_RIGHTS_H
#define WIRESHARK_RIGHTS_H

#include <epan/packet.h>

/* Registers them with the protocol. Once, at start. */
void rights_register(void);

/* Adds a set of rights, two bytes at `at`, right by right. */
void rights_add(proto_tree *to, tvbuff_t *tvb, int at);

/* "send copy travel", or "no rights". */
const char *rights_text(wmem_allocator_t *pool, unsigned rights);

#endif
