/* The layout of RFC 2131, 2: a fixed part of 236 bytes, a magic number, options. */
#include "tools/switch/dhcp.h"

#include <string.h>
#include "servers/common/byte_order.h"

enum {
        OP = 0, /* RFC 2131, figure 1, offsets */
        HARDWARE_TYPE = 1,
        HARDWARE_LENGTH = 2,
        TRANSACTION = 4,
        SECONDS = 8,
        FLAGS = 10,
        CLIENT_ADDRESS = 12,
        YOUR_ADDRESS = 16,
        NEXT_SERVER = 20,
        CLIENT_HARDWARE = 28,
        SERVER_NAME = 44,
        FILE_NAME = 108,
        MAGIC = 236,
        OPTIONS = 240,
        OP_REQUEST = 1,
        OP_REPLY = 2,
        HARDWARE_ETHERNET = 1,
        FLAG_BROADCAST = 0x8000,
        REPLY_LEAST = 300, /* RFC 951, 3: the BOOTP message's whole length */
        LEASE_SECONDS = 24 * 60 * 60,
};

#define MAGIC_COOKIE UINT32_C(0x63825363)

_Static_assert(FILE_NAME + DHCP_BOOTFILE_MAX == MAGIC, "RFC 2131, figure 1");

enum option {
        OPTION_PAD = 0, /* RFC 2132 */
        OPTION_MASK = 1,
        OPTION_ROUTER = 3,
        OPTION_WANTED = 50,
        OPTION_LEASE = 51,
        OPTION_TYPE = 53,
        OPTION_SERVER = 54,
        OPTION_BOOTFILE = 67,
        OPTION_IPXE = 175,     /* encapsulates iPXE's own */
        IPXE_NO_PXEDHCP = 176, /* do not wait for proxy DHCP servers */
        OPTION_END = 255,
};

static bool option_take(struct dhcp_request *request, uint8_t code, const uint8_t *value,
                        size_t length)
{
        switch (code) {
        case OPTION_TYPE:
                request->type = value[0];
                return length == 1;
        case OPTION_WANTED:
                if (length == 4)
                        request->wanted = get32(value);
                return length == 4;
        case OPTION_SERVER:
                if (length == 4)
                        request->server = get32(value);
                return length == 4;
        default:
                return true;
        }
}

static bool options_parse(const uint8_t *at, const uint8_t *end, struct dhcp_request *request)
{
        while (at < end && *at != OPTION_END) {
                if (*at == OPTION_PAD) {
                        at++;
                        continue;
                }
                if (end - at < 2 || at[1] == 0 || end - at - 2 < at[1])
                        return false;
                if (!option_take(request, at[0], at + 2, at[1]))
                        return false;
                at += 2 + at[1];
        }
        return request->type >= DHCP_DISCOVER && request->type <= DHCP_INFORM;
}

bool dhcp_parse(const uint8_t *payload, size_t length, struct dhcp_request *request)
{
        if (length < OPTIONS || payload[OP] != OP_REQUEST ||
            payload[HARDWARE_TYPE] != HARDWARE_ETHERNET || payload[HARDWARE_LENGTH] != 6 ||
            get32(payload + MAGIC) != MAGIC_COOKIE)
                return false;
        *request = (struct dhcp_request){
            .transaction = get32(payload + TRANSACTION),
            .seconds = get16(payload + SECONDS),
            .flags = get16(payload + FLAGS),
            .client_address = get32(payload + CLIENT_ADDRESS),
            .client = mac_get(payload + CLIENT_HARDWARE),
        };
        return options_parse(payload + OPTIONS, payload + length, request);
}

bool dhcp_wants_broadcast(const struct dhcp_request *request)
{
        return request->flags & FLAG_BROADCAST;
}

static uint8_t *option_put(uint8_t *at, uint8_t code, const void *value, size_t length)
{
        *at++ = code;
        *at++ = (uint8_t)length;
        memcpy(at, value, length);
        return at + length;
}

static uint8_t *option_put32(uint8_t *at, uint8_t code, uint32_t value)
{
        uint8_t bytes[4];
        put32(bytes, value);
        return option_put(at, code, bytes, sizeof bytes);
}

/* What the client needs to use its address and to boot. */
static uint8_t *configuration_put(uint8_t *at, const struct dhcp_reply *reply)
{
        static const uint8_t no_pxedhcp[] = {IPXE_NO_PXEDHCP, 1, 1};
        at = option_put32(at, OPTION_LEASE, LEASE_SECONDS);
        at = option_put32(at, OPTION_MASK, reply->mask);
        at = option_put32(at, OPTION_ROUTER, reply->server);
        if (reply->bootfile)
                at = option_put(at, OPTION_BOOTFILE, reply->bootfile, strlen(reply->bootfile));
        return option_put(at, OPTION_IPXE, no_pxedhcp, sizeof no_pxedhcp);
}

size_t dhcp_build(uint8_t payload[DHCP_REPLY_MAX], const struct dhcp_request *request,
                  const struct dhcp_reply *reply)
{
        memset(payload, 0, DHCP_REPLY_MAX);
        payload[OP] = OP_REPLY;
        payload[HARDWARE_TYPE] = HARDWARE_ETHERNET;
        payload[HARDWARE_LENGTH] = 6;
        put32(payload + TRANSACTION, request->transaction);
        put16(payload + FLAGS, request->flags);
        mac_put(payload + CLIENT_HARDWARE, request->client);
        put32(payload + MAGIC, MAGIC_COOKIE);
        uint8_t type = (uint8_t)reply->type;
        uint8_t *at = option_put(payload + OPTIONS, OPTION_TYPE, &type, 1);
        at = option_put32(at, OPTION_SERVER, reply->server);
        if (reply->type != DHCP_NAK) {
                put32(payload + CLIENT_ADDRESS, request->client_address);
                put32(payload + YOUR_ADDRESS, reply->address);
                put32(payload + NEXT_SERVER, reply->server);
                if (reply->bootfile)
                        strcpy((char *)payload + FILE_NAME, reply->bootfile);
                at = configuration_put(at, reply);
        }
        *at++ = OPTION_END;
        size_t length = (size_t)(at - payload);
        return length < REPLY_LEAST ? REPLY_LEAST : length;
}
