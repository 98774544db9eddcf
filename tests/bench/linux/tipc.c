/* TIPC by generic netlink (<linux/tipc_netlink.h>), as the program `tipc` does it: the node's
 * identity is its IPv4 address, and the card is its bearer. */
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/tipc_netlink.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/bench/linux/guest.h"

struct request {
        struct nlmsghdr header;
        struct genlmsghdr generic;
        char attributes[256];
};

static void request_begin(struct request *request, unsigned family, unsigned command)
{
        *request = (struct request){
            .header = {.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN),
                       .nlmsg_type = (uint16_t)family,
                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
            .generic = {.cmd = (uint8_t)command, .version = 1},
        };
}

static struct nlattr *attribute_add(struct request *request, unsigned type, const void *value,
                                    size_t bytes)
{
        struct nlattr *attribute =
            (struct nlattr *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));
        attribute->nla_type = (uint16_t)type;
        attribute->nla_len = (uint16_t)(NLA_HDRLEN + bytes);
        if (bytes)
                memcpy((char *)attribute + NLA_HDRLEN, value, bytes);
        request->header.nlmsg_len =
            NLMSG_ALIGN(request->header.nlmsg_len) + NLA_ALIGN(attribute->nla_len);
        return attribute;
}

static void nest_end(struct request *request, struct nlattr *nest)
{
        char *end = (char *)request + request->header.nlmsg_len;
        nest->nla_len = (uint16_t)(end - (char *)nest);
}

/* Sends the request. What is answered before the acknowledgement stays in `answer`. */
static void request_do(int netlink, struct request *request, char *answer, size_t room,
                       const char *what)
{
        char bytes[4096];
        const struct nlmsghdr *header = (const struct nlmsghdr *)bytes;
        const struct nlmsgerr *error = NLMSG_DATA(header);
        if (send(netlink, request, request->header.nlmsg_len, 0) < 0)
                fail(what);
        for (;;) {
                ssize_t length = recv(netlink, bytes, sizeof bytes, 0);
                if (length < (ssize_t)NLMSG_HDRLEN)
                        fail(what);
                if (header->nlmsg_type == NLMSG_ERROR) {
                        errno = -error->error;
                        if (error->error)
                                fail(what);
                        return;
                }
                if (answer)
                        memcpy(answer, bytes, (size_t)length < room ? (size_t)length : room);
        }
}

static unsigned family_find(int netlink, const char *name)
{
        struct request request;
        char answer[1024] = {0};
        const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
        request_begin(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
        attribute_add(&request, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
        request_do(netlink, &request, answer, sizeof answer, "TIPC's netlink family");
        for (size_t at = NLMSG_LENGTH(GENL_HDRLEN); at + NLA_HDRLEN <= header->nlmsg_len;) {
                const struct nlattr *attribute = (const struct nlattr *)(answer + at);
                if (attribute->nla_type == CTRL_ATTR_FAMILY_ID)
                        return *(const uint16_t *)((const char *)attribute + NLA_HDRLEN);
                at += NLA_ALIGN(attribute->nla_len);
        }
        fail("TIPC's netlink family");
}

void tipc_start(const struct guest *guest)
{
        struct request request;
        struct nlattr *nest;
        uint64_t identity[2] = {0};
        int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
        unsigned family = family_find(netlink, TIPC_GENL_V2_NAME);
        memcpy(identity, guest->own, strnlen(guest->own, sizeof identity - 1));

        request_begin(&request, family, TIPC_NL_NET_SET);
        nest = attribute_add(&request, TIPC_NLA_NET | NLA_F_NESTED, NULL, 0);
        attribute_add(&request, TIPC_NLA_NET_NODEID, &identity[0], sizeof identity[0]);
        attribute_add(&request, TIPC_NLA_NET_NODEID_W1, &identity[1], sizeof identity[1]);
        nest_end(&request, nest);
        request_do(netlink, &request, NULL, 0, "TIPC's identity");

        request_begin(&request, family, TIPC_NL_BEARER_ENABLE);
        nest = attribute_add(&request, TIPC_NLA_BEARER | NLA_F_NESTED, NULL, 0);
        attribute_add(&request, TIPC_NLA_BEARER_NAME, "eth:eth0", sizeof "eth:eth0");
        nest_end(&request, nest);
        request_do(netlink, &request, NULL, 0, "TIPC's bearer");
        close(netlink);
}
