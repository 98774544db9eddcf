/* TIPC by generic netlink (<linux/tipc_netlink.h>), as the program `tipc` does it: the node's
 * identity is its IPv4 address, and the card is its bearer. */
#include <linux/tipc_netlink.h>
#include <string.h>
#include <unistd.h>
#include "tests/bench/linux/guest.h"
#include "tests/bench/linux/netlink.h"

void tipc_start(const struct guest *guest)
{
        struct request request;
        struct nlattr *nest;
        uint64_t identity[2] = {0};
        int netlink = netlink_open(NETLINK_GENERIC);
        unsigned family = family_find(netlink, TIPC_GENL_V2_NAME);
        memcpy(identity, guest->own, strnlen(guest->own, sizeof identity - 1));

        request_begin_generic(&request, family, TIPC_NL_NET_SET);
        nest = attribute_add(&request, TIPC_NLA_NET | NLA_F_NESTED, NULL, 0);
        attribute_add(&request, TIPC_NLA_NET_NODEID, &identity[0], sizeof identity[0]);
        attribute_add(&request, TIPC_NLA_NET_NODEID_W1, &identity[1], sizeof identity[1]);
        nest_end(&request, nest);
        request_do(netlink, &request, NULL, 0, "TIPC's identity");

        request_begin_generic(&request, family, TIPC_NL_BEARER_ENABLE);
        nest = attribute_add(&request, TIPC_NLA_BEARER | NLA_F_NESTED, NULL, 0);
        attribute_add(&request, TIPC_NLA_BEARER_NAME, "eth:eth0", sizeof "eth:eth0");
        nest_end(&request, nest);
        request_do(netlink, &request, NULL, 0, "TIPC's bearer");
        close(netlink);
}
