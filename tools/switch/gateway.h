/* The machine behind the port `boot`: 10.77.0.1, which gives each node its fixed
 * address 10.77.0.(10 + its number) and its boot file. It answers ARP, router solicitations, DHCP
 * and TFTP, and only nodes that the command line names; it reaches nothing else. */
#ifndef SWITCH_GATEWAY_H
#define SWITCH_GATEWAY_H

#include <stddef.h>
#include <stdint.h>

#include "tools/switch/fabric.h"
#include "tools/switch/tftp.h"

#define GATEWAY_ADDRESS UINT32_C(0x0a4d0001) /* 10.77.0.1 */
#define GATEWAY_MASK    UINT32_C(0xffffff00)
#define NODE_ADDRESS_0  (GATEWAY_ADDRESS + 9) /* n1 is 10.77.0.11 */

struct gateway_env {
        void *context;
        void (*send)(void *context, const uint8_t *frame, size_t length, uint64_t now);
        /* What happened, in a line such as `n1 dhcp 10.77.0.11`, without newline. */
        void (*report)(void *context, const char *line);
};

struct gateway_node {
        char name[PORT_NAME_MAX];
        struct mac mac;
        uint32_t address;
};

struct gateway {
        struct gateway_env env;
        const char *bootfile; /* may be NULL */
        uint64_t now;         /* while a frame or a deadline is handled */
        struct gateway_node nodes[NODES_MAX];
        unsigned count;
        struct tftp tftp;
};

/* The gateway's own MAC address. */
struct mac gateway_mac(void);

/* Starts a gateway that serves the files beneath an open directory (-1: none), which stays the
 * caller's, as does the name of the boot file. */
void gateway_init(struct gateway *gateway, struct gateway_env env, int directory,
                  const char *bootfile);

/* Adds a node; `number` is 1 for n1. At most NODES_MAX are added. */
void gateway_add_node(struct gateway *gateway, const char *name, unsigned number, struct mac mac);

/* A frame for the gateway: any content. */
void gateway_input(struct gateway *gateway, const uint8_t *frame, size_t length, uint64_t now);

/* Does what is due; gateway_deadline says when that is, UINT64_MAX never. */
void gateway_tick(struct gateway *gateway, uint64_t now);
uint64_t gateway_deadline(const struct gateway *gateway);

void gateway_destroy(struct gateway *gateway);

#endif
