/* WireGuard by netlink (<linux/wireguard.h>), as the program `wg` does it: a device wg0, whose only
 * peer is the other guest. Keys come of the guests' addresses: nothing here is secret. What is sent
 * to the peer's address within the tunnel is sealed, with ChaCha20-Poly1305. */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <linux/wireguard.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tests/bench/linux/guest.h"
#include "tests/bench/linux/netlink.h"

#define DEVICE "wg0"

enum { PORT = 51820 };

static void private_key(const char *address, uint8_t key[WG_KEY_LEN])
{
        crypto_generichash(key, WG_KEY_LEN, (const uint8_t *)address, strlen(address), NULL, 0);
}

static void device_make(void)
{
        const struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
        struct request request;
        int netlink = netlink_open(NETLINK_ROUTE);
        request_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
        attribute_add(&request, IFLA_IFNAME, DEVICE, sizeof DEVICE);
        struct nlattr *info = attribute_add(&request, IFLA_LINKINFO, NULL, 0);
        attribute_add(&request, IFLA_INFO_KIND, WG_GENL_NAME, sizeof WG_GENL_NAME);
        nest_end(&request, info);
        request_do(netlink, &request, NULL, 0, "WireGuard's device");
        close(netlink);
}

static void peer_add(struct request *request, const char *address)
{
        uint8_t secret[WG_KEY_LEN], public[WG_KEY_LEN];
        const uint16_t family = AF_INET;
        const uint8_t any = 0; /* bits of the prefix: all addresses are the peer's */
        const struct in_addr prefix = {0};
        struct sockaddr_in endpoint = {.sin_family = AF_INET, .sin_port = htons(PORT)};
        inet_pton(AF_INET, address, &endpoint.sin_addr);
        private_key(address, secret);
        crypto_scalarmult_base(public, secret);
        struct nlattr *peers = attribute_add(request, WGDEVICE_A_PEERS | NLA_F_NESTED, NULL, 0);
        struct nlattr *peer = attribute_add(request, NLA_F_NESTED, NULL, 0);
        attribute_add(request, WGPEER_A_PUBLIC_KEY, public, sizeof public);
        attribute_add(request, WGPEER_A_ENDPOINT, &endpoint, sizeof endpoint);
        struct nlattr *allowed =
            attribute_add(request, WGPEER_A_ALLOWEDIPS | NLA_F_NESTED, NULL, 0);
        struct nlattr *all = attribute_add(request, NLA_F_NESTED, NULL, 0);
        attribute_add(request, WGALLOWEDIP_A_FAMILY, &family, sizeof family);
        attribute_add(request, WGALLOWEDIP_A_IPADDR, &prefix, sizeof prefix);
        attribute_add(request, WGALLOWEDIP_A_CIDR_MASK, &any, sizeof any);
        nest_end(request, all);
        nest_end(request, allowed);
        nest_end(request, peer);
        nest_end(request, peers);
}

static void device_set(const struct guest *guest)
{
        struct request request;
        uint8_t secret[WG_KEY_LEN];
        const uint16_t port = PORT;
        int netlink = netlink_open(NETLINK_GENERIC);
        private_key(guest->own, secret);
        request_begin_generic(&request, family_find(netlink, WG_GENL_NAME), WG_CMD_SET_DEVICE);
        attribute_add(&request, WGDEVICE_A_IFNAME, DEVICE, sizeof DEVICE);
        attribute_add(&request, WGDEVICE_A_PRIVATE_KEY, secret, sizeof secret);
        attribute_add(&request, WGDEVICE_A_LISTEN_PORT, &port, sizeof port);
        peer_add(&request, guest->peer);
        request_do(netlink, &request, NULL, 0, "WireGuard's peer");
        close(netlink);
}

void tunnel_address(const char *address, char within[INET_ADDRSTRLEN])
{
        unsigned last = 0;
        if (sscanf(address, "%*u.%*u.%*u.%u", &last) != 1)
                fail(address);
        snprintf(within, INET_ADDRSTRLEN, "10.78.0.%u", last & 0xff);
}

void wireguard_start(const struct guest *guest)
{
        char within[INET_ADDRSTRLEN];
        if (sodium_init() < 0)
                fail("libsodium");
        device_make();
        device_set(guest);
        tunnel_address(guest->own, within);
        address_set(DEVICE, within, 0);
}
