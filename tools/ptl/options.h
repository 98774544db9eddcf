/* What the user chose for a cluster: variables of the environment, which is how make passes what is
 * typed behind `make run`. A variable that is not set, or is empty, means its default. */
#ifndef PTL_OPTIONS_H
#define PTL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/lib/cards.h"

enum { OPTION_MEMORY_MAX = 4096 }; /* MiB */

struct options {
        unsigned nodes;                 /* N, 1 to NODES_MAX; default 3 */
        const struct network_card *nic; /* NIC=CARD; NULL: mixed */
        unsigned memory;                /* MEM, MiB a node, 32 to 4096; default 128 */
        const char *place;              /* PLACE=fs:n3, or NULL */
        const char *system;             /* SYSTEM=FILE: another system description, or NULL */
        const char *files;              /* FILES=DIR, or NULL: the project's own README.md */
        const char *capture;            /* CAPTURE=FILE, or NULL */
        const char *loss;    /* LOSS, percent as the switch takes it ("5", "0.5"), or NULL */
        unsigned mtu;        /* MTU of all cards and links, 1280 to 9000; 0: as they are made */
        const char *accel;   /* ACCEL=tcg|kvm, or NULL: what works here */
        const char *machine; /* MACHINE=q35|pc, QEMU's; default q35 */
        uint64_t seed;       /* SEED; default a random one */
        bool plaintext;      /* PLAINTEXT=yes: packets between nodes in clear text */
        const char *cipher;  /* CIPHER, forced, or NULL: what is fastest */
        const char *keylog;  /* KEYLOG=FILE: the keys of all sessions, for Wireshark; or NULL */
        bool direct;         /* BOOT=direct: QEMU loads the kernel itself; default pxe */
        bool one_port;       /* SERIAL=one: log and shells of a node share a serial port */
        const char *ports;   /* PORTS=n1,n3: the nodes with serial ports for shells; NULL: all */
        unsigned gdb_node;   /* GDB=n2 or GDB=n2:1234: the node that waits; 0: none */
        unsigned gdb_port;   /* TCP port of its gdb socket; 0: a unix socket */
        unsigned timeout;    /* PTL_TIMEOUT, seconds a node has to come up; default 120 */
};

/* Gives the value of a variable, or NULL: getenv, but for the tests. The strings must live as long
 * as the options. */
typedef const char *option_lookup(const char *name);

/* Reads all options. Complains about the first value that is not one and returns false. */
bool options_read(struct options *options, option_lookup *lookup);

/* The network card of a node: of `mixed` nodes take turns, beginning with the default. */
const struct network_card *option_nic(const struct options *options, unsigned node);

/* Whether the node has serial ports for its shells; one that has none is reached through n1. */
bool option_has_ports(const struct options *options, unsigned node);

/* Whether it has one serial port for its log and its shells. */
static inline bool option_has_line(const struct options *options, unsigned node)
{
        return options->one_port && option_has_ports(options, node);
}

/* What NIC may be: "virtio, e1000 or mixed", as far as there is room. */
void option_nic_choices(char *text, size_t size);

/* The value of NIC: the name of a card, or "mixed". */
const char *option_nic_choice(const struct options *options);

/* True if that is the name of one of the variables above. */
bool option_known(const char *name);

#endif
