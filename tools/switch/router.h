/* What the gateway says of itself: ARP for its IPv4 address, and IPv6 router advertisements, for
 * which iPXE would wait 16 seconds otherwise. */
#ifndef SWITCH_ROUTER_H
#define SWITCH_ROUTER_H

#include <stddef.h>
#include <stdint.h>

#include "tools/switch/mac.h"
#include "tools/switch/packet.h"

/* Answers an ARP request for `address`. Returns the answer's length, or 0 if the frame is none. */
size_t arp_answer(const uint8_t *frame, size_t length, struct mac mac, uint32_t address,
                  uint8_t answer[ETHER_LONGEST]);

/* Answers an ICMPv6 router solicitation with an advertisement that offers no prefix, no DHCPv6 and
 * no default route. Returns the answer's length, or 0 if the frame is none. */
size_t router_answer(const uint8_t *frame, size_t length, struct mac mac,
                     uint8_t answer[ETHER_LONGEST]);

#endif
