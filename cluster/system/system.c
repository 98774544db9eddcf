/* Finds components and manifests in a system that was parsed; see system.h. */
#include "cluster/system/system.h"

#include <stdarg.h>
#include <stdio.h>

enum { COMPLAINT_BYTES = 1536 };

void system_complain(struct system *system, const char *file, unsigned line, const char *format,
                     ...)
{
        char what[COMPLAINT_BYTES];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(what, sizeof what, format, arguments);
        va_end(arguments);
        system->complain(system, file, line, what);
        system->errors++;
}

struct described_component *system_component(struct system *system, struct text name)
{
        for (unsigned i = 0; i < system->description.count; i++)
                if (text_equal(system->description.components[i].name, name))
                        return &system->description.components[i];
        return NULL;
}

const struct system_manifest *system_manifest(const struct system *system, struct text name)
{
        for (unsigned i = 0; i < system->manifest_count; i++)
                if (text_equal(system->manifests[i].name, name))
                        return &system->manifests[i];
        return NULL;
}

bool component_provides(const struct system *system, component_ref component, struct text name)
{
        FOR_EACH_MANIFEST(system, component, entry)
        if (name_list_has(&entry->manifest.provides, name))
                return true;
        return false;
}

bool component_admits(const struct system *system, component_ref component, enum admission which)
{
        FOR_EACH_MANIFEST(system, component, entry)
        if (entry->manifest.admits & 1u << which)
                return true;
        return false;
}

bool component_runs_on(const struct system *system, component_ref component, struct text node)
{
        return place_includes(component->place, node, system->nodes);
}

struct share system_share(const struct system *system, struct text node)
{
        struct share share = {0};
        for (unsigned i = 0; i < system->description.count; i++) {
                component_ref component = component_at(system, i);
                const struct manifest *alternatives[COMPONENT_ALTERNATIVES];
                unsigned count = 0;
                FOR_EACH_MANIFEST(system, component, entry)
                alternatives[count++] = &entry->manifest;
                if (component_runs_on(system, component, node))
                        share_add(&share, alternatives, count);
        }
        return share;
}
