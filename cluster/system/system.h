/* A system description together with the manifests that it names, parsed: what can be looked at
 * before anything runs (checks.h, cycles.h, roles.h). Pure: the caller reads the files, and says
 * where complaints go. The texts must outlive it. */
#ifndef CLUSTER_SYSTEM_H
#define CLUSTER_SYSTEM_H

#include "cluster/system/description.h"
#include "cluster/system/manifest.h"
#include "cluster/system/share.h"

enum { SYSTEM_MANIFESTS = DESCRIPTION_COMPONENTS * COMPONENT_ALTERNATIVES };

struct system_manifest {
        struct text name;
        const char *file; /* where its author wrote it */
        struct manifest manifest;
};

struct system {
        const char *file; /* the description's */
        unsigned lines;   /* it has so many */
        struct description description;
        struct system_manifest manifests[SYSTEM_MANIFESTS]; /* those that could be read */
        unsigned manifest_count;
        struct text nodes; /* the cluster's */

        /* Is told each complaint. Line 0: it is about the file, or option, as a whole. */
        void (*complain)(struct system *system, const char *file, unsigned line, const char *what);
        unsigned errors;
};

/* Formats a complaint and counts it. */
__attribute__((format(printf, 4, 5))) void system_complain(struct system *system, const char *file,
                                                           unsigned line, const char *format, ...);

typedef const struct described_component *component_ref;

static inline component_ref component_at(const struct system *system, unsigned index)
{
        return &system->description.components[index];
}

/* The component of that name, or NULL. */
struct described_component *system_component(struct system *system, struct text name);

/* The manifest of that name, or NULL if it could not be read. */
const struct system_manifest *system_manifest(const struct system *system, struct text name);

/* Calls the body for each manifest of the component that could be read: whatever one of them may
 * do, the component may do. */
#define FOR_EACH_MANIFEST(system, component, entry)                                                \
        for (unsigned a_ = 0; a_ < (component)->alternative_count; a_++)                           \
                for (const struct system_manifest *entry =                                         \
                         system_manifest((system), (component)->alternatives[a_]);                 \
                     entry; entry = NULL)

bool component_provides(const struct system *system, component_ref component, struct text name);
bool component_admits(const struct system *system, component_ref component, enum admission which);
bool component_runs_on(const struct system *system, component_ref component, struct text node);

/* What the components of a node share, by the manifests that could be read. */
struct share system_share(const struct system *system, struct text node);

#endif
