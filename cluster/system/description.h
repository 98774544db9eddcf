/* The system description: which components run, where, with what arguments. One line for each:
 *
 *      component NAME [is MANIFEST|MANIFEST...] [with OTHER] on PLACE [KEY=VALUE...]
 *      component NAME is * [with OTHER] on PLACE [KEY=VALUE...]
 *
 *      PLACE   *           every node
 *              n1,n3       these nodes
 *              n2|n1       the first of these that the cluster has
 *
 * MANIFEST (manifest.h) is NAME unless something else is said; of several, the device that the node
 * has decides. `*` stands for all manifests that provide NAME, so another driver needs no line.
 *
 * A component has a task of its own, unless it is `with` another: then it lies in that one's task,
 * beside it (together.h). Both run the same programs and exchange the same messages as apart.
 *
 * KEY=VALUE are arguments that the manifest lists. `#` begins a comment.
 *
 * The parser is pure: no allocation, no system call. init and the host's `describe` use it. The
 * result points into the text, which must outlive it. The text may be hostile. */
#ifndef CLUSTER_DESCRIPTION_H
#define CLUSTER_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cluster/system/lines.h"
#include "cluster/system/place.h"
#include "cluster/system/text.h"

enum {
        DESCRIPTION_COMPONENTS = 48,
        COMPONENT_ALTERNATIVES = 6,
        /* A startup page has room for so much besides the words of the kernel's command line. */
        COMPONENT_ARGUMENTS = 16,
        COMPONENT_ARGUMENT_BYTES = 512,
};

struct described_component {
        struct text name;
        struct text alternatives[COMPONENT_ALTERNATIVES];
        unsigned alternative_count; /* at least 1, unless `any` */
        bool any; /* `is *`: the reader adds the manifests, which the parser does not know */
        struct text with; /* the component whose task it is in; empty: it has its own */
        struct text place;
        struct text arguments; /* KEY=VALUE separated by blanks, checked */
        unsigned line;
        bool moved; /* `place` is not from the text: somebody has put another one there */
};

struct description {
        struct described_component components[DESCRIPTION_COMPONENTS];
        unsigned count;
};

/* Adds an alternative. False: there is no room for more. */
bool alternative_add(struct described_component *component, struct text name);

/* Parses a whole text of `length` bytes. False: *error says where and why, and *out is not to be
 * used. */
bool description_parse(const char *text, size_t length, struct description *out,
                       struct parse_error *error);

#endif
