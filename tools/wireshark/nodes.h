/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of nodes, as their hellos tell: by identity, and by the address from which they speak.
 * Where packets are sealed only beacons are hellos; who names himself so proves nothing to who has
 * no key. What is said lives in Wireshark's file scope. */
#ifndef WIRESHARK_NODES_H
#define WIRESHARK_NODES_H

#include <epan/packet.h>
#include "netipc/core/wire.h"

/* Another file. */
void nodes_reset(void);

/* A hello that passed its checks. */
void nodes_hear(const address *from, const struct wire_hello *hello);

/* NULL: no hello has told. */
const char *nodes_of_id(guint64 node);
const char *nodes_at(const address *at);

#endif
