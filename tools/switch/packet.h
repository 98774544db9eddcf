/* Ethernet, IPv4 and UDP as far as the gateway needs them: strict readers and writers of whole
 * frames. The bytes are hostile; a reader says no rather than guess. */
#ifndef SWITCH_PACKET_H
#define SWITCH_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/switch/mac.h"

enum {
        ETHER_HEADER = 14, /* IEEE 802.3-2018, 3.1.1: destination, source, type */
        ETHER_TO = 0,
        ETHER_FROM = 6,
        ETHER_TYPE = 12,
        ETHER_SHORTEST = 60, /* without the check sequence */
        ETHER_LONGEST = 1514,
        TYPE_IPV4 = 0x0800,
        TYPE_ARP = 0x0806,
        TYPE_IPV6 = 0x86dd,
        UDP_PAYLOAD_MAX = ETHER_LONGEST - ETHER_HEADER - 20 - 8,
};

struct udp_packet {
        struct mac mac_from, mac_to;
        uint32_t from, to; /* IPv4 addresses */
        uint16_t port_from, port_to;
        const uint8_t *payload;
        size_t length;
};

/* Reads a whole, unfragmented IPv4 UDP packet with right checksums; payload points into the frame.
 */
bool udp_parse(const uint8_t *frame, size_t length, struct udp_packet *packet);

/* Writes a frame, padded to Ethernet's least length; the payload is at most UDP_PAYLOAD_MAX bytes.
 * Returns the frame's length. */
size_t udp_build(uint8_t frame[ETHER_LONGEST], const struct udp_packet *packet);

/* Writes an Ethernet header and pads a frame of `length` bytes to the least length, which it
 * returns. */
size_t ether_finish(uint8_t frame[ETHER_LONGEST], size_t length, struct mac to, struct mac from,
                    uint16_t type);

#endif
