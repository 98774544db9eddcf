/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts for the numbers on the wire, from the project's own lists: netipc/core/frames.def,
 * kernel/abi/errors.def and the interface descriptions (servers/proto/names.h, generated). */
#ifndef WIRESHARK_NAMES_H
#define WIRESHARK_NAMES_H

#include <epan/packet.h>
#include "netipc/core/wire.h"

struct proto_method;

extern const value_string packet_names[];
extern const value_string frame_names[];
extern const value_string hello_names[];
extern const value_string capability_names[];
extern const value_string reason_names[];

/* The results below live as long as the packet's dissection, or for ever. */

/* "fs", or the number. */
const char *interface_text(wmem_allocator_t *pool, unsigned interface);

/* "open", or the number. */
const char *method_text(wmem_allocator_t *pool, unsigned interface, unsigned method);

/* "fs.open" */
const char *full_method_text(wmem_allocator_t *pool, unsigned interface, unsigned method);

/* NULL if no description has it. */
const struct proto_method *method_find(unsigned interface, unsigned method);

/* "ok", "not found", "not executed: deadline" … */
const char *outcome_text(wmem_allocator_t *pool, unsigned outcome);

/* "#17" for slot 0, else "#SLOT.SEQUENCE". */
const char *call_text(wmem_allocator_t *pool, uint64_t call);

/* What portolan.kind says of a frame. */
const char *kind_text(const struct wire_frame *frame);

#endif
