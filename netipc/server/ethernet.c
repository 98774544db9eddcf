/* Frames by the offsets of their RFCs. A length is believed only as far as there are bytes. */
#include "netipc/server/ethernet.h"
#include <string.h>
#include "servers/common/byte_order.h"
#include "servers/common/checksum.h"

enum {
        ETHERTYPE_IPV4 = 0x0800,
        ETHERTYPE_ARP = 0x0806,
        ARP_HARDWARE_ETHERNET = 1,
        ARP_REQUEST = 1,
        ARP_REPLY = 2,
        IPV4_HEADER = 20,
        IPV4_DO_NOT_FRAGMENT = 0x4000,
        IPV4_FRAGMENT_MASK = 0x3fff, /* more fragments, and the offset */
        IPV4_FIRST = 0x4500,         /* version, length of the header, type of service */
        IPV4_UDP = 17,
        IPV4_TTL_AND_UDP = 64 << 8 | IPV4_UDP,
        UDP_HEADER = 8,
};

const uint8_t ethernet_broadcast[ETHERNET_ADDRESS] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* The two words of an address, for the checksum. */
static uint32_t halves(uint32_t address)
{
        return (address >> 16) + (address & 0xffff);
}

/* The checksum of a datagram and its pseudo-header (RFC 768); 0 if the one inside is correct. */
static uint16_t udp_checksum(uint32_t sender, uint32_t target, const uint8_t *udp, size_t length)
{
        uint32_t sum = halves(sender) + halves(target) + IPV4_UDP + (uint32_t)length;
        return checksum_fold(checksum_add(sum, udp, length));
}

static struct frame parse_arp(const uint8_t *arp, size_t length)
{
        struct frame frame = {.kind = FRAME_OTHER};
        if (length < ARP_FRAME - ETHERNET_HEADER || get16(arp) != ARP_HARDWARE_ETHERNET ||
            get16(arp + 2) != ETHERTYPE_IPV4 || arp[4] != ETHERNET_ADDRESS || arp[5] != 4)
                return frame;
        unsigned operation = get16(arp + 6);
        if (operation != ARP_REQUEST && operation != ARP_REPLY)
                return frame;
        frame.kind = operation == ARP_REQUEST ? FRAME_ARP_REQUEST : FRAME_ARP_REPLY;
        memcpy(frame.sender_mac, arp + 8, ETHERNET_ADDRESS);
        frame.sender = get32(arp + 14);
        frame.target = get32(arp + 24);
        return frame;
}

/* Options, behind the first 20 bytes, are rare. */
static bool header_intact(const uint8_t *ip, size_t length)
{
        uint32_t sum = checksum_add(0, ip, IPV4_HEADER);
        if (length > IPV4_HEADER)
                sum = checksum_add(sum, ip + IPV4_HEADER, length - IPV4_HEADER);
        return checksum_fold(sum) == 0;
}

static struct frame parse_ipv4(const uint8_t *source_mac, const uint8_t *ip, size_t length)
{
        struct frame frame = {.kind = FRAME_OTHER};
        if (length < IPV4_HEADER || ip[0] >> 4 != 4)
                return frame;
        size_t header = (size_t)(ip[0] & 15) * 4, total = get16(ip + 2);
        if (header < IPV4_HEADER || total < header + UDP_HEADER || total > length ||
            get16(ip + 6) & IPV4_FRAGMENT_MASK || ip[9] != IPV4_UDP || !header_intact(ip, header))
                return frame;
        const uint8_t *udp = ip + header;
        size_t udp_length = get16(udp + 4);
        uint32_t sender = get32(ip + 12), target = get32(ip + 16);
        if (udp_length < UDP_HEADER || udp_length > total - header ||
            (get16(udp + 6) && udp_checksum(sender, target, udp, udp_length) != 0))
                return frame;
        frame.kind = FRAME_UDP;
        memcpy(frame.sender_mac, source_mac, ETHERNET_ADDRESS);
        frame.sender = sender;
        frame.target = target;
        frame.sender_port = get16(udp);
        frame.target_port = get16(udp + 2);
        frame.payload = udp + UDP_HEADER;
        frame.length = udp_length - UDP_HEADER;
        return frame;
}

struct frame frame_parse(const uint8_t *bytes, size_t length)
{
        struct frame other = {.kind = FRAME_OTHER};
        if (length < ETHERNET_HEADER)
                return other;
        const uint8_t *content = bytes + ETHERNET_HEADER;
        switch (get16(bytes + 2 * ETHERNET_ADDRESS)) {
        case ETHERTYPE_ARP:
                return parse_arp(content, length - ETHERNET_HEADER);
        case ETHERTYPE_IPV4:
                return parse_ipv4(bytes + ETHERNET_ADDRESS, content, length - ETHERNET_HEADER);
        default:
                return other;
        }
}

static uint8_t *build_ethernet(uint8_t *frame, const struct station *own, const uint8_t *mac,
                               unsigned type)
{
        memcpy(frame, mac, ETHERNET_ADDRESS);
        memcpy(frame + ETHERNET_ADDRESS, own->mac, ETHERNET_ADDRESS);
        put16(frame + 2 * ETHERNET_ADDRESS, type);
        return frame + ETHERNET_HEADER;
}

size_t frame_pad(uint8_t *frame, size_t length)
{
        if (length >= ETHERNET_FRAME_MIN)
                return length;
        memset(frame + length, 0, ETHERNET_FRAME_MIN - length);
        return ETHERNET_FRAME_MIN;
}

size_t frame_build_arp(uint8_t *frame, const struct station *own, const uint8_t *mac,
                       uint32_t target)
{
        uint8_t *arp = build_ethernet(frame, own, mac ? mac : ethernet_broadcast, ETHERTYPE_ARP);
        put16(arp, ARP_HARDWARE_ETHERNET);
        put16(arp + 2, ETHERTYPE_IPV4);
        arp[4] = ETHERNET_ADDRESS;
        arp[5] = 4;
        put16(arp + 6, mac ? ARP_REPLY : ARP_REQUEST);
        memcpy(arp + 8, own->mac, ETHERNET_ADDRESS);
        put32(arp + 14, own->address);
        if (mac)
                memcpy(arp + 18, mac, ETHERNET_ADDRESS);
        else
                memset(arp + 18, 0, ETHERNET_ADDRESS);
        put32(arp + 24, target);
        return frame_pad(frame, ARP_FRAME);
}

void frame_build_udp(uint8_t *frame, const struct station *own, const uint8_t *mac, uint32_t target,
                     uint16_t source_port, uint16_t target_port, size_t length)
{
        uint8_t *ip = build_ethernet(frame, own, mac, ETHERTYPE_IPV4);
        uint32_t total = (uint32_t)(IPV4_HEADER + UDP_HEADER + length);
        uint32_t words = IPV4_FIRST + total + IPV4_DO_NOT_FRAGMENT + IPV4_TTL_AND_UDP;
        put32(ip, (uint32_t)IPV4_FIRST << 16 | total);
        put32(ip + 4, IPV4_DO_NOT_FRAGMENT);
        put16(ip + 8, IPV4_TTL_AND_UDP);
        put16(ip + 10, checksum_fold(words + halves(own->address) + halves(target)));
        put32(ip + 12, own->address);
        put32(ip + 16, target);
        uint8_t *udp = ip + IPV4_HEADER;
        put16(udp, source_port);
        put16(udp + 2, target_port);
        put16(udp + 4, (uint16_t)(UDP_HEADER + length));
        /* No UDP checksum (RFC 768 allows that over IPv4): the payload has a better one. */
        put16(udp + 6, 0);
}

bool address_parse(const char *text, uint32_t *address)
{
        uint32_t value = 0;
        for (unsigned part = 0; part < 4; part++) {
                unsigned byte = 0, digits = 0;
                for (; *text >= '0' && *text <= '9' && digits < 3; text++, digits++)
                        byte = byte * 10 + (unsigned)(*text - '0');
                if (digits == 0 || byte > 255 || (part < 3 && *text++ != '.'))
                        return false;
                value = value << 8 | byte;
        }
        *address = value;
        return *text == 0 || *text == '/';
}
