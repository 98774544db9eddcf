/* What is before a packet of the protocol in a frame of its two nodes: Ethernet, IPv4 and UDP. */
#ifndef TEST_HEADERS_H
#define TEST_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        ETHERNET_SIZE = 14,
        IPV4_SIZE = 20,
        UDP_SIZE = 8,
        HEADERS_SIZE = ETHERNET_SIZE + IPV4_SIZE + UDP_SIZE,
};

/* Fills the headers of a frame with `length` bytes behind them, from node 0 or 1 to the other, or
 * to all. */
void headers_fill(uint8_t frame[HEADERS_SIZE], unsigned from, bool all, size_t length);

#endif
