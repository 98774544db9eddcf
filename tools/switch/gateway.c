/* Sorts the frames that come in, and turns the services' answers into frames and events. */
#include "tools/switch/gateway.h"

#include <stdio.h>
#include <string.h>

#include "tools/switch/dhcp.h"
#include "tools/switch/packet.h"
#include "tools/switch/router.h"

#define BROADCAST_ADDRESS UINT32_C(0xffffffff)

enum { EVENT_MAX = 512, ESCAPED_MAX = 3 * TFTP_NAME_MAX };

struct mac gateway_mac(void)
{
        return (struct mac){{0x52, 0x55, 0x0a, 0x4d, 0x00, 0x01}};
}

static const struct gateway_node *node_find(const struct gateway *gateway, struct mac mac)
{
        for (unsigned i = 0; i < gateway->count; i++) {
                if (mac_equal(gateway->nodes[i].mac, mac))
                        return &gateway->nodes[i];
        }
        return NULL;
}

static void udp_send(struct gateway *gateway, struct mac mac_to, uint32_t to, uint16_t port_from,
                     uint16_t port_to, const uint8_t *payload, size_t length)
{
        uint8_t frame[ETHER_LONGEST];
        const struct udp_packet packet = {
            .mac_from = gateway_mac(),
            .mac_to = mac_to,
            .from = GATEWAY_ADDRESS,
            .to = to,
            .port_from = port_from,
            .port_to = port_to,
            .payload = payload,
            .length = length,
        };
        size_t frame_length = udp_build(frame, &packet);
        gateway->env.send(gateway->env.context, frame, frame_length, gateway->now);
}

static void dhcp_report(struct gateway *gateway, const struct gateway_node *node)
{
        char line[EVENT_MAX];
        snprintf(line, sizeof line, "%s dhcp %u.%u.%u.%u", node->name, node->address >> 24,
                 node->address >> 16 & 255, node->address >> 8 & 255, node->address & 255);
        gateway->env.report(gateway->env.context, line);
}

/* The answer to a message (RFC 2131, 4.3); 0 for none. */
static enum dhcp_type dhcp_decide(const struct dhcp_request *request, uint32_t address)
{
        uint32_t named = request->wanted ? request->wanted : request->client_address;
        switch (request->type) {
        case DHCP_DISCOVER:
                return DHCP_OFFER;
        case DHCP_REQUEST:
                if (request->server && request->server != GATEWAY_ADDRESS)
                        return 0;
                return named == address ? DHCP_ACK : DHCP_NAK;
        case DHCP_INFORM:
                return DHCP_ACK;
        default:
                return 0;
        }
}

static void dhcp_input(struct gateway *gateway, const struct udp_packet *packet)
{
        struct dhcp_request request;
        uint8_t payload[DHCP_REPLY_MAX];
        if (!dhcp_parse(packet->payload, packet->length, &request))
                return;
        const struct gateway_node *node = node_find(gateway, request.client);
        if (!node)
                return;
        enum dhcp_type answer = dhcp_decide(&request, node->address);
        if (answer == 0)
                return;
        const struct dhcp_reply reply = {
            .type = answer,
            .address = request.type == DHCP_INFORM ? 0 : node->address,
            .server = GATEWAY_ADDRESS,
            .mask = GATEWAY_MASK,
            .bootfile = gateway->bootfile,
        };
        size_t length = dhcp_build(payload, &request, &reply);
        struct mac mac = node->mac;
        uint32_t to = node->address;
        if (answer == DHCP_NAK || dhcp_wants_broadcast(&request)) {
                memset(mac.bytes, 0xff, sizeof mac.bytes);
                to = BROADCAST_ADDRESS;
        }
        udp_send(gateway, mac, to, DHCP_SERVER_PORT, DHCP_CLIENT_PORT, payload, length);
        if (request.type == DHCP_REQUEST && answer == DHCP_ACK)
                dhcp_report(gateway, node);
}

static void tftp_send(void *context, const struct tftp_client *client, uint16_t server_port,
                      const uint8_t *payload, size_t length)
{
        udp_send(context, client->mac, client->address, server_port, client->port, payload, length);
}

/* A name that clients chose, as one printable word: other bytes, and '%', become %XX. */
static void name_escape(const char *name, char escaped[ESCAPED_MAX])
{
        for (; *name; name++) {
                uint8_t byte = (uint8_t)*name;
                bool plain = byte > ' ' && byte < 0x7f && byte != '%';
                escaped += sprintf(escaped, plain ? "%c" : "%%%02X", byte);
        }
        *escaped = 0;
}

static void tftp_report(void *context, const struct tftp_client *client, enum tftp_event event,
                        const char *file, uint64_t bytes, const char *why)
{
        struct gateway *gateway = context;
        const struct gateway_node *node = node_find(gateway, client->mac);
        char escaped[ESCAPED_MAX], line[ESCAPED_MAX + EVENT_MAX];
        if (!node)
                return;
        file += strspn(file, "/");
        name_escape(*file ? file : "/", escaped);
        if (event == TFTP_STARTED)
                snprintf(line, sizeof line, "%s tftp %s", node->name, escaped);
        else if (event == TFTP_DONE)
                snprintf(line, sizeof line, "%s tftp-done %s %llu", node->name, escaped,
                         (unsigned long long)bytes);
        else
                snprintf(line, sizeof line, "%s tftp-failed %s %s", node->name, escaped, why);
        gateway->env.report(gateway->env.context, line);
}

static void tftp_packet_input(struct gateway *gateway, const struct udp_packet *packet)
{
        const struct tftp_client client = {
            .mac = packet->mac_from,
            .address = packet->from,
            .port = packet->port_from,
        };
        tftp_input(&gateway->tftp, &client, packet->port_to, packet->payload, packet->length,
                   gateway->now);
}

void gateway_init(struct gateway *gateway, struct gateway_env env, int directory,
                  const char *bootfile)
{
        const struct tftp_env tftp_env = {gateway, tftp_send, tftp_report};
        memset(gateway, 0, sizeof *gateway);
        gateway->env = env;
        gateway->bootfile = bootfile;
        tftp_init(&gateway->tftp, tftp_env, directory);
}

void gateway_add_node(struct gateway *gateway, const char *name, unsigned number, struct mac mac)
{
        struct gateway_node *node = &gateway->nodes[gateway->count++];
        snprintf(node->name, sizeof node->name, "%s", name);
        node->mac = mac;
        node->address = NODE_ADDRESS_0 + number;
}

void gateway_input(struct gateway *gateway, const uint8_t *frame, size_t length, uint64_t now)
{
        uint8_t answer[ETHER_LONGEST];
        struct udp_packet packet;
        gateway->now = now;
        if (length < ETHER_HEADER || !node_find(gateway, mac_get(frame + ETHER_FROM)))
                return;
        size_t answered = arp_answer(frame, length, gateway_mac(), GATEWAY_ADDRESS, answer);
        if (answered == 0)
                answered = router_answer(frame, length, gateway_mac(), answer);
        if (answered > 0) {
                gateway->env.send(gateway->env.context, answer, answered, now);
                return;
        }
        if (!udp_parse(frame, length, &packet))
                return;
        if (packet.port_to == DHCP_SERVER_PORT)
                dhcp_input(gateway, &packet);
        else if (packet.to == GATEWAY_ADDRESS)
                tftp_packet_input(gateway, &packet);
}

void gateway_tick(struct gateway *gateway, uint64_t now)
{
        gateway->now = now;
        tftp_tick(&gateway->tftp, now);
}

uint64_t gateway_deadline(const struct gateway *gateway)
{
        return tftp_deadline(&gateway->tftp);
}

void gateway_destroy(struct gateway *gateway)
{
        tftp_destroy(&gateway->tftp);
}
