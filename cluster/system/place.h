/* The nodes of a cluster, and which of them a component is placed on (the PLACE of description.h).
 * Pure. */
#ifndef CLUSTER_PLACE_H
#define CLUSTER_PLACE_H

#include <stdbool.h>
#include "cluster/system/text.h"

/* A list of names of at most `longest` bytes, none of them twice; not empty. */
bool list_valid(struct text list, char separator, size_t longest);

/* The nodes of a cluster as the kernel's command line has them (`n1,n2,n3`): false if one of the
 * names is not valid, stands twice, or there is none. */
bool nodes_valid(struct text nodes);
bool nodes_contain(struct text nodes, struct text node);

/* Checks a PLACE's form only: which nodes there are is not known to the parser. */
bool place_valid(struct text place);
/* Whether a valid PLACE puts a component on `node` of the cluster `nodes`. */
bool place_includes(struct text place, struct text node, struct text nodes);
/* The first node that a valid PLACE names and `nodes` does not have although it must; an empty text
 * if there is none. For `n2|n1` that is the last one, if none of them exists. */
struct text place_missing(struct text place, struct text nodes);

#endif
