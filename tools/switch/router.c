/* ARP (RFC 826) and Neighbor Discovery (RFC 4861, 4.1 and 4.2) over Ethernet. */
#include "tools/switch/router.h"

#include <string.h>
#include "servers/common/byte_order.h"
#include "servers/common/checksum.h"

enum {
        ARP_HARDWARE = 14, /* RFC 826, offsets in the frame */
        ARP_PROTOCOL = 16,
        ARP_LENGTHS = 18,
        ARP_OPERATION = 20,
        ARP_SENDER_MAC = 22,
        ARP_SENDER = 28,
        ARP_TARGET_MAC = 32,
        ARP_TARGET = 38,
        ARP_END = 42,
        ARP_ETHERNET = 1,
        ARP_ETHERNET_IPV4_LENGTHS = 6 << 8 | 4,
        ARP_REQUEST = 1,
        ARP_REPLY = 2,
};

size_t arp_answer(const uint8_t *frame, size_t length, struct mac mac, uint32_t address,
                  uint8_t answer[ETHER_LONGEST])
{
        if (length < ARP_END || get16(frame + ETHER_TYPE) != TYPE_ARP ||
            get16(frame + ARP_HARDWARE) != ARP_ETHERNET ||
            get16(frame + ARP_PROTOCOL) != TYPE_IPV4 ||
            get16(frame + ARP_LENGTHS) != ARP_ETHERNET_IPV4_LENGTHS ||
            get16(frame + ARP_OPERATION) != ARP_REQUEST || get32(frame + ARP_TARGET) != address)
                return 0;
        memcpy(answer, frame, ARP_END);
        put16(answer + ARP_OPERATION, ARP_REPLY);
        mac_put(answer + ARP_SENDER_MAC, mac);
        put32(answer + ARP_SENDER, address);
        memcpy(answer + ARP_TARGET_MAC, frame + ARP_SENDER_MAC, 10); /* MAC and address */
        return ether_finish(answer, ARP_END, mac_get(frame + ETHER_FROM), mac, TYPE_ARP);
}

enum {
        IP6_HEADER = 40, /* RFC 8200, 3, offsets in the header */
        IP6_VERSION = 0,
        IP6_LENGTH = 4,
        IP6_NEXT = 6,
        IP6_HOPS = 7,
        IP6_FROM = 8,
        IP6_TO = 24,
        IP6_ADDRESS = 16,
        NEXT_ICMP6 = 58,
        HOPS_LINK = 255, /* RFC 4861, 6.1: it has crossed no router */
        ICMP6 = ETHER_HEADER + IP6_HEADER,
        ICMP6_CHECKSUM = 2,
        SOLICIT_TYPE = 133,
        SOLICIT_LENGTH = 8,
        ADVERTISE_TYPE = 134,
        ADVERTISE_HOPS = 4, /* RFC 4861, 4.2, offsets; all else is 0: nothing offered */
        ADVERTISE_HEADER = 16,
        OPTION_SOURCE_MAC = 1, /* RFC 4861, 4.6.1: type, length in units of 8 bytes, MAC */
        ADVERTISE_LENGTH = ADVERTISE_HEADER + 8,
        DEFAULT_HOPS = 64,
};

/* The ICMPv6 checksum with its pseudo header (RFC 8200, 8.1); 0 if the one inside is right. */
static uint16_t icmp6_checksum(const uint8_t *ip, size_t length)
{
        uint32_t sum = checksum_add(NEXT_ICMP6 + (uint32_t)length, ip + IP6_FROM, 2 * IP6_ADDRESS);
        return checksum_fold(checksum_add(sum, ip + IP6_HEADER, length));
}

static bool is_solicitation(const uint8_t *frame, size_t length)
{
        const uint8_t *ip = frame + ETHER_HEADER;
        if (length < ICMP6 + SOLICIT_LENGTH || get16(frame + ETHER_TYPE) != TYPE_IPV6 ||
            ip[IP6_VERSION] >> 4 != 6 || ip[IP6_NEXT] != NEXT_ICMP6 || ip[IP6_HOPS] != HOPS_LINK)
                return false;
        size_t carried = get16(ip + IP6_LENGTH);
        return carried >= SOLICIT_LENGTH && carried <= length - ICMP6 &&
               frame[ICMP6] == SOLICIT_TYPE && icmp6_checksum(ip, carried) == 0;
}

/* The link-local address of a MAC (RFC 4291, 2.5.6 and appendix A). */
static void link_local_put(uint8_t at[IP6_ADDRESS], struct mac mac)
{
        const uint8_t *b = mac.bytes;
        const uint8_t address[IP6_ADDRESS] = {0xfe,     0x80, 0,    0,    0,    0,    0,    0,
                                              b[0] ^ 2, b[1], b[2], 0xff, 0xfe, b[3], b[4], b[5]};
        memcpy(at, address, IP6_ADDRESS);
}

size_t router_answer(const uint8_t *frame, size_t length, struct mac mac,
                     uint8_t answer[ETHER_LONGEST])
{
        static const uint8_t none[IP6_ADDRESS];
        static const uint8_t all_nodes[IP6_ADDRESS] = {0xff, 2, [15] = 1};
        if (!is_solicitation(frame, length))
                return 0;
        const uint8_t *asker = frame + ETHER_HEADER + IP6_FROM;
        memset(answer, 0, ICMP6 + ADVERTISE_LENGTH);
        uint8_t *ip = answer + ETHER_HEADER;
        uint8_t *icmp = answer + ICMP6;
        ip[IP6_VERSION] = 6 << 4;
        put16(ip + IP6_LENGTH, ADVERTISE_LENGTH);
        ip[IP6_NEXT] = NEXT_ICMP6;
        ip[IP6_HOPS] = HOPS_LINK;
        link_local_put(ip + IP6_FROM, mac);
        bool has_address = memcmp(asker, none, IP6_ADDRESS) != 0;
        memcpy(ip + IP6_TO, has_address ? asker : all_nodes, IP6_ADDRESS);
        icmp[0] = ADVERTISE_TYPE;
        icmp[ADVERTISE_HOPS] = DEFAULT_HOPS;
        icmp[ADVERTISE_HEADER] = OPTION_SOURCE_MAC;
        icmp[ADVERTISE_HEADER + 1] = 1;
        mac_put(icmp + ADVERTISE_HEADER + 2, mac);
        put16(icmp + ICMP6_CHECKSUM, icmp6_checksum(ip, ADVERTISE_LENGTH));
        return ether_finish(answer, ICMP6 + ADVERTISE_LENGTH, mac_get(frame + ETHER_FROM), mac,
                            TYPE_IPV6);
}
