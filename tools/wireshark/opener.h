/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens the sealed packets of one direction of a session, in whatever order a capture has them.
 *
 *      phases   … │ before │ now │ …       netipc/crypto/protect.h
 *                             ▲ moves when a packet of a later phase has been opened
 *
 * It differs from what a node does: a packet counts each time that it comes, and a capture may
 * begin in any phase. A packet names its phase modulo 256; as long as nothing was opened, those
 * 256 and more later are tried as well. Only what has been opened moves anything, and what a
 * hostile capture can make it search is bounded. Lives in Wireshark's file scope. */
#ifndef WIRESHARK_OPENER_H
#define WIRESHARK_OPENER_H

#include <glib.h>
#include "netipc/crypto/protect.h"

struct opener;

/* Another file. */
void opener_reset(void);

/* Of phase 0's secret. The cipher must be available. */
struct opener *opener_new(enum cipher cipher, const uint8_t secret[PROTECT_SECRET]);

/* Frees one that has not been used for more than a first packet. Its keys are gone. */
void opener_free(struct opener *opener);

/* The key that opens a packet of `length` bytes, at least PROTECT_OVERHEAD; NULL: there is none. It
 * lives as long as the opener. */
const struct cipher_key *opener_key(struct opener *opener, const uint8_t *packet, size_t length);

/* The key that a packet of which the capture has not all names; nothing proves that it fits. NULL:
 * it is not among those that have opened a packet, or its cipher cannot open a part. */
const struct cipher_key *opener_key_named(const struct opener *opener, const uint8_t *packet);

/* Opens the first `count` bytes behind the header by that key, right or wrong. */
void opener_open_part(const struct cipher_key *key, const uint8_t *packet, size_t count,
                      uint8_t *plain);

/* Opens a packet by a key from above: length - PROTECT_OVERHEAD bytes. False: it does not fit. */
bool opener_open(const struct cipher_key *key, const uint8_t *packet, size_t length,
                 uint8_t *plain);

#endif
