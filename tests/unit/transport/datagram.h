/* A whole frame with a UDP datagram, in one buffer. */
#ifndef TESTS_TRANSPORT_DATAGRAM_H
#define TESTS_TRANSPORT_DATAGRAM_H

#include <string.h>
#include "netipc/server/ethernet.h"

/* Its length; `frame` has room for it, and for ETHERNET_FRAME_MIN. */
static inline size_t datagram_build(uint8_t *frame, const struct station *from, const uint8_t *mac,
                                    uint32_t target, uint16_t target_port, const void *payload,
                                    size_t length)
{
        frame_build_udp(frame, from, mac, target, 1, target_port, length);
        memcpy(frame + UDP_FRAME_HEADERS, payload, length);
        return frame_pad(frame, UDP_FRAME_HEADERS + length);
}

#endif
