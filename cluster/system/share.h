/* How the memory of a node is shared out. What a manifest says is reserved when its component
 * starts, and a manifest that says `rest` gets what is left then:
 *
 *      | kernel, modules | init | installed | name | log | pci | … | again | rest …        |
 *                                      └──── what manifests say ───┘
 *
 * `installed` is for programs that are installed while the node runs, where a component may do that
 * (`grants install`).
 * `again` is the bus server's memory once more: drivers may still hold its old account when its
 * successor starts. A small node goes without it. init shares out by these numbers; before it
 * boots, the host says by the same ones what does not fit. Pure. */
#ifndef CLUSTER_SHARE_H
#define CLUSTER_SHARE_H

#include <stdint.h>
#include "cluster/system/manifest.h"

/* For init itself: handles, calls, rights and events of its components. */
enum { SHARE_INIT = 256 << 10, SHARE_INSTALLED = 1 << 20 };

/* Bytes. Begins as {0}, and takes the components of one node. */
struct share {
        uint64_t manifests; /* the sum of what they say */
        uint64_t again;
        uint64_t installed;
        unsigned takers; /* components with `rest` */
};

/* Adds a component, by the manifests of its alternatives: whichever takes most counts. */
void share_add(struct share *share, const struct manifest *const *alternatives, unsigned count);

/* What the node needs beside the kernel and its modules. */
uint64_t share_least(const struct share *share);

/* What each taker gets on top of what its manifest says, of a node that has `bytes` for all; 0 if
 * there is nothing left. Whole pages. */
uint64_t share_rest(const struct share *share, uint64_t bytes);

#endif
