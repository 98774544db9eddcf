/* Netlink; see netlink.h. */
#include "tests/bench/linux/netlink.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include "tests/bench/linux/guest.h"

void request_begin(struct request *request, unsigned type, unsigned flags, const void *own,
                   size_t bytes)
{
        *request = (struct request){
            .header = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(bytes),
                       .nlmsg_type = (uint16_t)type,
                       .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags)},
        };
        memcpy(request->rest, own, bytes);
}

void request_begin_generic(struct request *request, unsigned family, unsigned command)
{
        const struct genlmsghdr generic = {.cmd = (uint8_t)command, .version = 1};
        request_begin(request, family, 0, &generic, sizeof generic);
}

struct nlattr *attribute_add(struct request *request, unsigned type, const void *value,
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

void nest_end(struct request *request, struct nlattr *nest)
{
        char *end = (char *)request + request->header.nlmsg_len;
        nest->nla_len = (uint16_t)(end - (char *)nest);
}

/* Sends the request. What is answered before the acknowledgement stays in `answer`. */
void request_do(int netlink, struct request *request, char *answer, size_t room, const char *what)
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

unsigned family_find(int netlink, const char *name)
{
        struct request request;
        char answer[1024] = {0};
        const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
        request_begin_generic(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
        attribute_add(&request, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
        request_do(netlink, &request, answer, sizeof answer, name);
        for (size_t at = NLMSG_LENGTH(GENL_HDRLEN); at + NLA_HDRLEN <= header->nlmsg_len;) {
                const struct nlattr *attribute = (const struct nlattr *)(answer + at);
                if (attribute->nla_type == CTRL_ATTR_FAMILY_ID)
                        return *(const uint16_t *)((const char *)attribute + NLA_HDRLEN);
                at += NLA_ALIGN(attribute->nla_len);
        }
        fail(name);
}

int netlink_open(int protocol)
{
        int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
        if (netlink < 0)
                fail("netlink");
        return netlink;
}
