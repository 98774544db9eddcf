/* From description and manifests to the table of components; see components.h. It is made once,
 * before anything runs. */
#include "servers/init/components.h"

#include <string.h>
#include "cluster/system/share.h"
#include "servers/init/together.h"
#include "servers/rt/task/log.h"

static bool manifest_read(const struct init *init, const struct component *component,
                          struct text name, struct manifest *manifest)
{
        struct text content;
        struct parse_error wrong;
        if (!boot_file(&init->boot, "manifest", name, &content)) {
                rt_log("%s cannot run: boot.cpio has no manifest %.*s", component->name,
                       (int)name.length, name.at);
                return false;
        }
        if (manifest_parse(content.at, content.length, manifest, &wrong))
                return true;
        rt_log("%s cannot run: manifest %.*s:%u: %s", component->name, (int)name.length, name.at,
               wrong.line, wrong.what);
        return false;
}

/* Finds the manifests of a component that is `*`. Those that cannot be read say nothing. */
static void alternatives_find(const struct init *init, struct described_component *described)
{
        static struct manifest manifest;
        struct cpio archive = cpio_open(init->boot.programs.at, init->boot.programs.length);
        struct text name, content;
        struct parse_error wrong;
        while (boot_manifest_next(&archive, &name, &content))
                if (manifest_parse(content.at, content.length, &manifest, &wrong) &&
                    name_list_has(&manifest.provides, described->name) &&
                    !alternative_add(described, name))
                        rt_log("%.*s: one manifest too many provides it: %.*s is left out",
                               (int)described->name.length, described->name.at, (int)name.length,
                               name.at);
}

static void component_add(struct init *init, struct described_component *described)
{
        struct component *component = &init->components[init->count++];
        component->described = described;
        memcpy(component->name, described->name.at, described->name.length);
        component->state = PROCESS_WAITING;
        if (described->any)
                alternatives_find(init, described);
        if (described->alternative_count == 0) {
                rt_log("%s cannot run: no manifest of boot.cpio provides it", component->name);
                component->state = PROCESS_GIVEN_UP;
        }
        for (unsigned i = 0; i < described->alternative_count; i++)
                if (!manifest_read(init, component, described->alternatives[i],
                                   &component->manifests[i]))
                        component->state = PROCESS_GIVEN_UP;
}

/* Before anything runs: what is free is for the components then. */
static void memory_share(struct init *init)
{
        struct share share = {0};
        uint64_t used = 0, limit = 0;
        for (unsigned i = 0; i < init->count; i++) {
                const struct component *component = &init->components[i];
                const struct manifest *alternatives[COMPONENT_ALTERNATIVES];
                unsigned count = component->described->alternative_count;
                for (unsigned j = 0; j < count; j++)
                        alternatives[j] = &component->manifests[j];
                if (component->state != PROCESS_GIVEN_UP)
                        share_add(&share, alternatives, count);
        }
        sys_account_info(init->boot.info->account, &used, &limit);
        init->rest = share_rest(&share, limit - used);
}

bool components_read(struct init *init)
{
        struct description *description = &init->description;
        struct parse_error wrong;
        if (!description_parse(init->boot.description.at, init->boot.description.length,
                               description, &wrong)) {
                rt_log("system description:%u: %s", wrong.line, wrong.what);
                return false;
        }
        for (unsigned i = 0; i < description->count; i++)
                if (place_includes(description->components[i].place, init->boot.node,
                                   init->boot.nodes))
                        component_add(init, &description->components[i]);
        together_read(init);
        memory_share(init);
        return true;
}

struct component *component_named(struct init *init, struct text name)
{
        for (unsigned i = 0; i < init->count; i++)
                if (text_is(name, init->components[i].name))
                        return &init->components[i];
        return NULL;
}

struct component *component_of_run(struct init *init, uint64_t run)
{
        for (unsigned i = 0; i < init->count; i++)
                if (init->components[i].state == PROCESS_RUNNING && init->components[i].run == run)
                        return &init->components[i];
        return NULL;
}

uint64_t component_memory(const struct init *init, const struct component *component)
{
        const struct manifest *manifest = component_manifest(component);
        return manifest->memory + (manifest->rest ? init->rest : 0);
}
