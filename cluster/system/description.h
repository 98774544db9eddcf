/* The system description: which components run, where, with what arguments. One line for each:
 *
 *      component NAME [is MANIFEST|MANIFEST...] on PLACE [KEY=VALUE...]
 *
 *      PLACE   *           every node
 *              n1,n3       these nodes
 *              n2|n1       the first of these that the cluster has
 *
 * MANIFEST (manifest.h) is NAME where nothing else is said; of several, init takes the first whose
 * devices the node has. KEY=VALUE are arguments for the component. `#` begins a comment.
 *
 * The parser is pure: no allocation, no system call. It is used by init and by the host's
 * `describe`. What it fills points into the text, which must live as long. The text may be hostile.
 */
#ifndef CLUSTER_DESCRIPTION_H
#define CLUSTER_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cluster/system/lines.h"
#include "cluster/system/text.h"

enum { DESCRIPTION_COMPONENTS = 48, COMPONENT_ALTERNATIVES = 4 };

struct described_component {
        struct text name;
        struct text alternatives[COMPONENT_ALTERNATIVES];
        unsigned alternative_count; /* at least 1 */
        struct text place;
        struct text arguments; /* KEY=VALUE separated by blanks, checked */
        unsigned line;
};

struct description {
        struct described_component components[DESCRIPTION_COMPONENTS];
        unsigned count;
};

/* Parses a whole text of `length` bytes. False: *error says where and why, and *out is not to be
 * used. */
bool description_parse(const char *text, size_t length, struct description *out,
                       struct parse_error *error);

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
