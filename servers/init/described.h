/* What the system description has, for the whole cluster: which names its components may register,
 * and on which nodes. For the name service, which tells by it what is absent from what nobody has.
 */
#ifndef INIT_DESCRIBED_H
#define INIT_DESCRIBED_H

#include "servers/init/init.h"

enum {
        DESCRIBED_NAMES = COMPONENT_ALTERNATIVES * MANIFEST_NAMES * COMPONENT_NAME,
        DESCRIBED_NODES = BOOTINFO_COMMAND_LINE, /* `nodes=` stands there */
        DESCRIBED_BYTES = DESCRIBED_NAMES + DESCRIBED_NODES,
};

_Static_assert(DESCRIBED_BYTES <= 4096, "the asker's space");

/* Writes the names and the nodes of the index-th component to `space`, which has DESCRIBED_BYTES:
 * names separated by blanks, nodes by commas. init itself is the first. False: there are no more.
 */
bool described_component(const struct init *init, uint64_t index, char *space, struct text *names,
                         struct text *nodes);
#endif
