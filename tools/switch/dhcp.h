/* DHCP messages (RFC 2131, options of RFC 2132): a bounded reader of what clients say, and a writer
 * of the answers that a PXE client needs. No state: the address of each node is fixed. */
#ifndef SWITCH_DHCP_H
#define SWITCH_DHCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/switch/mac.h"

enum {
        DHCP_SERVER_PORT = 67,
        DHCP_CLIENT_PORT = 68,
        DHCP_REPLY_MAX = 548,    /* RFC 2131, 2: what every client takes */
        DHCP_BOOTFILE_MAX = 128, /* with its final zero */
};

enum dhcp_type {
        DHCP_DISCOVER = 1, /* RFC 2132, 9.6 */
        DHCP_OFFER = 2,
        DHCP_REQUEST = 3,
        DHCP_DECLINE = 4,
        DHCP_ACK = 5,
        DHCP_NAK = 6,
        DHCP_RELEASE = 7,
        DHCP_INFORM = 8,
};

struct dhcp_request {
        enum dhcp_type type;
        uint32_t transaction;
        uint16_t seconds, flags;
        uint32_t client_address; /* what it has, or 0 */
        uint32_t wanted;         /* option 50, or 0 */
        uint32_t server;         /* option 54, or 0 */
        struct mac client;
};

struct dhcp_reply {
        enum dhcp_type type;
        uint32_t address; /* of the client; 0 in a NAK */
        uint32_t server, mask;
        const char *bootfile; /* shorter than DHCP_BOOTFILE_MAX; may be NULL */
};

/* Reads a client's message for Ethernet. False if it is anything else, or malformed. */
bool dhcp_parse(const uint8_t *payload, size_t length, struct dhcp_request *request);

/* True if the client asks for the answer by broadcast (RFC 2131, 4.1). */
bool dhcp_wants_broadcast(const struct dhcp_request *request);

/* Writes an answer; returns its length. */
size_t dhcp_build(uint8_t payload[DHCP_REPLY_MAX], const struct dhcp_request *request,
                  const struct dhcp_reply *reply);

#endif
