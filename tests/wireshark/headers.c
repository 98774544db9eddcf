/* Headers of sample frames; see headers.h. */
#include "tests/wireshark/headers.h"

#include <string.h>

#include "netipc/core/wire.h"
#include "servers/common/byte_order.h"
#include "servers/common/checksum.h"

void headers_fill(uint8_t frame[HEADERS_SIZE], unsigned from, bool all, size_t length)
{
        uint8_t *ethernet = frame, *ipv4 = frame + ETHERNET_SIZE, *udp = ipv4 + IPV4_SIZE;
        memset(frame, 0, HEADERS_SIZE);
        memset(ethernet, all ? 0xff : 0, 6);
        if (!all)
                memcpy(ethernet, (uint8_t[]){0x52, 0x54, 0, 0, 0, (uint8_t)(2 - from)}, 6);
        memcpy(ethernet + 6, (uint8_t[]){0x52, 0x54, 0, 0, 0, (uint8_t)(1 + from)}, 6);
        put16(ethernet + 12, 0x0800);
        ipv4[0] = 0x45;
        put16(ipv4 + 2, (uint16_t)(IPV4_SIZE + UDP_SIZE + length));
        ipv4[8] = 64;
        ipv4[9] = 17;
        memcpy(ipv4 + 12, (uint8_t[]){10, 0, 0, (uint8_t)(1 + from)}, 4);
        memcpy(ipv4 + 16, (uint8_t[]){10, 0, 0, (uint8_t)(2 - from)}, 4);
        if (all)
                memset(ipv4 + 16, 0xff, 4);
        put16(ipv4 + 10, checksum_fold(checksum_add(0, ipv4, IPV4_SIZE)));
        put16(udp, WIRE_UDP_PORT);
        put16(udp + 2, WIRE_UDP_PORT);
        put16(udp + 4, (uint16_t)(UDP_SIZE + length));
}
