/* IPv4 (RFC 791) and UDP (RFC 768) over Ethernet. */
#include "tools/switch/packet.h"

#include <string.h>
#include "servers/common/byte_order.h"
#include "servers/common/checksum.h"

enum {
        IP_HEADER = 20, /* RFC 791, 3.1, offsets in the header */
        IP_VERSION = 0,
        IP_LENGTH = 2,
        IP_FRAGMENT = 6,
        IP_TTL = 8,
        IP_PROTOCOL = 9,
        IP_CHECKSUM = 10,
        IP_FROM = 12,
        IP_TO = 16,
        IP_FRAGMENT_BITS = 0x3fff, /* more fragments, and the offset */
        PROTOCOL_UDP = 17,
        TTL = 64,
        UDP_HEADER = 8, /* RFC 768, offsets in the header */
        UDP_FROM = 0,
        UDP_TO = 2,
        UDP_LENGTH = 4,
        UDP_CHECKSUM = 6,
};

/* The checksum of a UDP packet with its pseudo header; 0 if the one inside is right. */
static uint16_t udp_checksum(const uint8_t *ip, const uint8_t *udp, size_t length)
{
        uint32_t sum = checksum_add(PROTOCOL_UDP + (uint32_t)length, ip + IP_FROM, 8);
        return checksum_fold(checksum_add(sum, udp, length));
}

/* Finds what an IPv4 header carries: its length, and the packet's, within `length`. */
static bool ip_parse(const uint8_t *ip, size_t length, size_t *header, size_t *total)
{
        if (length < IP_HEADER || ip[IP_VERSION] >> 4 != 4)
                return false;
        *header = (size_t)(ip[IP_VERSION] & 15) * 4;
        *total = get16(ip + IP_LENGTH);
        return *header >= IP_HEADER && *total >= *header && *total <= length &&
               checksum_fold(checksum_add(0, ip, *header)) == 0 &&
               (get16(ip + IP_FRAGMENT) & IP_FRAGMENT_BITS) == 0;
}

bool udp_parse(const uint8_t *frame, size_t length, struct udp_packet *packet)
{
        if (length < ETHER_HEADER || get16(frame + ETHER_TYPE) != TYPE_IPV4)
                return false;
        const uint8_t *ip = frame + ETHER_HEADER;
        size_t header, total;
        if (!ip_parse(ip, length - ETHER_HEADER, &header, &total) ||
            ip[IP_PROTOCOL] != PROTOCOL_UDP || total - header < UDP_HEADER)
                return false;
        const uint8_t *udp = ip + header;
        size_t udp_length = get16(udp + UDP_LENGTH);
        if (udp_length < UDP_HEADER || udp_length > total - header)
                return false;
        if (get16(udp + UDP_CHECKSUM) != 0 && udp_checksum(ip, udp, udp_length) != 0)
                return false;
        *packet = (struct udp_packet){
            .mac_from = mac_get(frame + ETHER_FROM),
            .mac_to = mac_get(frame + ETHER_TO),
            .from = get32(ip + IP_FROM),
            .to = get32(ip + IP_TO),
            .port_from = get16(udp + UDP_FROM),
            .port_to = get16(udp + UDP_TO),
            .payload = udp + UDP_HEADER,
            .length = udp_length - UDP_HEADER,
        };
        return true;
}

size_t ether_finish(uint8_t frame[ETHER_LONGEST], size_t length, struct mac to, struct mac from,
                    uint16_t type)
{
        mac_put(frame + ETHER_TO, to);
        mac_put(frame + ETHER_FROM, from);
        put16(frame + ETHER_TYPE, type);
        if (length >= ETHER_SHORTEST)
                return length;
        memset(frame + length, 0, ETHER_SHORTEST - length);
        return ETHER_SHORTEST;
}

size_t udp_build(uint8_t frame[ETHER_LONGEST], const struct udp_packet *packet)
{
        uint8_t *ip = frame + ETHER_HEADER;
        uint8_t *udp = ip + IP_HEADER;
        size_t udp_length = UDP_HEADER + packet->length;
        memset(ip, 0, IP_HEADER + UDP_HEADER);
        ip[IP_VERSION] = 4 << 4 | IP_HEADER / 4;
        put16(ip + IP_LENGTH, (uint16_t)(IP_HEADER + udp_length));
        ip[IP_TTL] = TTL;
        ip[IP_PROTOCOL] = PROTOCOL_UDP;
        put32(ip + IP_FROM, packet->from);
        put32(ip + IP_TO, packet->to);
        put16(ip + IP_CHECKSUM, checksum_fold(checksum_add(0, ip, IP_HEADER)));
        put16(udp + UDP_FROM, packet->port_from);
        put16(udp + UDP_TO, packet->port_to);
        put16(udp + UDP_LENGTH, (uint16_t)udp_length);
        memcpy(udp + UDP_HEADER, packet->payload, packet->length);
        uint16_t sum = udp_checksum(ip, udp, udp_length);
        put16(udp + UDP_CHECKSUM, sum ? sum : 0xffff); /* RFC 768: 0 says that there is none */
        return ether_finish(frame, ETHER_HEADER + IP_HEADER + udp_length, packet->mac_to,
                            packet->mac_from, TYPE_IPV4);
}
