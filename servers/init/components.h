/* The components of this node: which they are, what their manifests say. */
#ifndef INIT_COMPONENTS_H
#define INIT_COMPONENTS_H

#include "servers/init/init.h"

/* Makes a waiting component of each line of the description that is for this node. One whose
 * manifest cannot be used is given up, with a line on the console, and the others go on. False: the
 * description itself cannot be used. */
bool components_read(struct init *init);

struct component *component_named(struct init *init, struct text name);
/* The component whose present run has that number; NULL: none. */
struct component *component_of_run(struct init *init, uint64_t run);

static inline const struct manifest *component_manifest(const struct component *component)
{
        return &component->manifests[component->alternative];
}

/* Whether its manifest says that it hands out such rights. */
static inline bool component_admits(const struct component *component, enum admission which)
{
        return component_manifest(component)->admits & 1u << which;
}

/* Bytes that it may have. */
uint64_t component_memory(const struct init *init, const struct component *component);

/* Whether the manifest in use lists a device of that kind. */
static inline bool component_has_device(const struct component *component, enum device_kind kind)
{
        return manifest_has_device(component_manifest(component), kind);
}

#endif
