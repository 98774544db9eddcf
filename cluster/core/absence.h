/* Why nobody has a name: what is said to whoever looks it up in vain.
 *
 *      the node that is to have it                        what is said
 *      ────────────────────────────────────────────────   ────────────────────────────────────
 *      is none of the cluster                             not found
 *      is up, and the name is not one of its              not found
 *      is up, and has had the name or is to have it       not running
 *      is up, and has not told its names so far           not running
 *      is one of the description, and never came up       not running
 *      went                                               node died, link lost, node restarted
 *      went out of reach with the transport of this one   receiver died, after 3 s link lost
 *
 * A name is one of a node's if the system description has it there, or if the node has ever told
 * it. So `not found` is true: the node's own name service says so, or nobody knows such a name.
 * Programs rely on that, since they create what is not found. */
#ifndef CLUSTER_ABSENCE_H
#define CLUSTER_ABSENCE_H

#include "cluster/core/registry.h"

/* Why `name` is not to be had on `node` (enum reason). node "": on any node. If several nodes could
 * have it, `not running` takes precedence, since that may change at once; then the reason of the
 * first node in the order of names. */
unsigned registry_absence(const struct registry *registry, const char *node, const char *name);

/* Whether what is absent for that reason may be there a moment later: its component is restarted,
 * or its node comes up. */
bool absence_may_end(unsigned reason);

#endif
