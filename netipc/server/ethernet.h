/* Ethernet, ARP and UDP over IPv4, as far as the transport's bearer needs them. Pure.
 *
 * Sources: IEEE 802.3 clause 3; RFC 826 (ARP); RFC 791 (IPv4); RFC 768 (UDP); RFC 1071 (checksum).
 * Frames come from anybody on the wire: every length is checked, and whatever does not fit is
 * not for us. Addresses are in host order here. */
#ifndef NETIPC_SERVER_ETHERNET_H
#define NETIPC_SERVER_ETHERNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        ETHERNET_ADDRESS = 6,
        ETHERNET_HEADER = 14,
        ETHERNET_FRAME_MIN = 60,   /* without the checksum; shorter frames are padded */
        ETHERNET_FRAME_MAX = 9014, /* 9000 bytes behind the header */
        ARP_FRAME = ETHERNET_HEADER + 28,
        UDP_FRAME_HEADERS = ETHERNET_HEADER + 20 + 8,
        UDP_PAYLOAD_MAX = ETHERNET_FRAME_MAX - UDP_FRAME_HEADERS,
};

enum frame_kind { FRAME_OTHER, FRAME_ARP_REQUEST, FRAME_ARP_REPLY, FRAME_UDP };

struct frame {
        enum frame_kind kind;
        uint8_t sender_mac[ETHERNET_ADDRESS]; /* of the Ethernet header; ARP: of the ARP packet */
        uint32_t sender, target;              /* IPv4 addresses */
        uint16_t sender_port, target_port;    /* UDP */
        const uint8_t *payload;               /* UDP: within the frame */
        size_t length;
};

/* What a frame is. FRAME_OTHER for everything that is not a whole and valid ARP packet for IPv4
 * over Ethernet or an unfragmented UDP datagram with a correct checksum (0: it has none). */
struct frame frame_parse(const uint8_t *bytes, size_t length);

/* Who sends: our own addresses. */
struct station {
        uint8_t mac[ETHERNET_ADDRESS];
        uint32_t address;
};

/* Builds an ARP request for `target` (mac NULL), or the reply to whoever has `mac` and `target`.
 * `frame` has room for ETHERNET_FRAME_MIN bytes; returns the frame's length. */
size_t frame_build_arp(uint8_t *frame, const struct station *own, const uint8_t *mac,
                       uint32_t target);

/* Builds the headers, UDP_FRAME_HEADERS bytes, of a UDP datagram with a payload of `length` bytes,
 * at most UDP_PAYLOAD_MAX. */
void frame_build_udp(uint8_t *frame, const struct station *own, const uint8_t *mac, uint32_t target,
                     uint16_t source_port, uint16_t target_port, size_t length);

/* Pads a frame of so many bytes, which has room for ETHERNET_FRAME_MIN; returns its length then. */
size_t frame_pad(uint8_t *frame, size_t length);

/* The broadcast address. */
extern const uint8_t ethernet_broadcast[ETHERNET_ADDRESS];

/* "10.77.0.11" in host order; false if it is no address. */
bool address_parse(const char *text, uint32_t *address);

#endif
