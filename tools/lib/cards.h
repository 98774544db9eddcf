/* The network cards that the testbed can give to nodes: one for each file drivers/net/DRIVER/card,
 * the default first. The table is made from these files by `make` (tools/lib/cards). */
#ifndef TOOLS_LIB_CARDS_H
#define TOOLS_LIB_CARDS_H

#include <stddef.h>

struct network_card {
        const char *name;   /* as in NIC=… */
        const char *driver; /* its folder, and its manifest */
        const char *device; /* for QEMU's -device */
        const char *mtu;    /* the property of that device that sets its MTU; NULL: none does */
};

extern const struct network_card network_cards[];
extern const size_t network_card_count; /* at least 1 */

#endif
