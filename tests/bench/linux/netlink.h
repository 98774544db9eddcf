/* Requests by netlink (netlink(7), <linux/netlink.h>): a header, then attributes, some of which
 * hold others. One request at a time; whatever is refused ends the guest. */
#ifndef TESTS_BENCH_LINUX_NETLINK_H
#define TESTS_BENCH_LINUX_NETLINK_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stddef.h>

struct request {
        struct nlmsghdr header;
        char rest[1024]; /* the family's own header, and attributes */
};

/* Begins a request of a kind with the family's own header, of so many bytes. */
void request_begin(struct request *request, unsigned type, unsigned flags, const void *own,
                   size_t bytes);

/* The same for a command of a generic family. */
void request_begin_generic(struct request *request, unsigned family, unsigned command);

/* Adds an attribute; one without bytes may get others behind it, up to nest_end. */
struct nlattr *attribute_add(struct request *request, unsigned type, const void *value,
                             size_t bytes);
void nest_end(struct request *request, struct nlattr *nest);

/* Sends the request. What is answered before the acknowledgement stays in `answer` (NULL: is not
 * wanted). */
void request_do(int netlink, struct request *request, char *answer, size_t room, const char *what);

/* A socket for requests of that protocol. */
int netlink_open(int protocol);

/* The number of a generic family. */
unsigned family_find(int netlink, const char *name);

#endif
