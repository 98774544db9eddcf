/* Any bytes as a system description and as a manifest, and both together as a system. What is
 * accepted must lie within the text, and nothing of it may upset the checks. */
#include <stdlib.h>
#include <string.h>
#include "cluster/system/checks.h"
#include "cluster/system/cycles.h"
#include "cluster/system/roles.h"
#include "cluster/system/together.h"

static const char *begin, *end;

static void inside(struct text text)
{
        if (text.length > 0 && (text.at < begin || text.at + text.length > end))
                abort();
}

static void description_try(const char *text, size_t size)
{
        static struct description description;
        struct text nodes = {"n1,n2,n3", 8}, node = {"n2", 2};
        struct parse_error wrong;
        if (!description_parse(text, size, &description, &wrong))
                return;
        for (unsigned i = 0; i < description.count; i++) {
                const struct described_component *component = &description.components[i];
                inside(component->name);
                inside(component->with);
                inside(component->arguments);
                inside(component->place);
                for (unsigned j = 0; j < component->alternative_count; j++)
                        inside(component->alternatives[j]);
                if (place_includes(component->place, node, nodes) &&
                    place_missing(component->place, node).length > 0 &&
                    text_equal(component->place, node))
                        abort();
        }
}

static void manifest_try(const char *text, size_t size)
{
        static struct manifest manifest;
        struct parse_error wrong;
        if (!manifest_parse(text, size, &manifest, &wrong))
                return;
        inside(manifest.program);
        for (unsigned i = 0; i < manifest.needs.count; i++)
                inside(manifest.needs.names[i]);
        for (unsigned i = 0; i < manifest.module_count; i++)
                inside(manifest.modules[i]);
        if (manifest.memory < MANIFEST_MEMORY_MIN || manifest.memory % 4096 != 0)
                abort();
}

static void complaint_take(struct system *system, const char *file, unsigned line, const char *what)
{
        if (!file || line > system->lines || what[0] == 0)
                abort();
}

/* A system of the description before the first 0x01 and of the manifest behind it, which all of its
 * components have. */
static void system_try(const char *text, size_t size)
{
        static struct system system;
        static struct manifest common;
        struct parse_error wrong;
        const char *middle = size > 0 ? memchr(text, 1, size) : NULL;
        if (!middle || !description_parse(text, middle - text, &system.description, &wrong) ||
            !manifest_parse(middle + 1, end - middle - 1, &common, &wrong))
                return;
        system.file = "system";
        system.lines = size + 1;
        system.nodes = text_of("n1,n2,n3");
        system.complain = complaint_take;
        system.manifest_count = 0;
        for (unsigned i = 0; i < system.description.count; i++)
                system.manifests[system.manifest_count++] =
                    (struct system_manifest){.name = system.description.components[i].name,
                                             .file = "manifest",
                                             .manifest = common};
        check_roles(&system, PURPOSE_TESTBED | PURPOSE_FILES);
        check_places(&system);
        check_arguments(&system);
        check_names(&system);
        check_conflicts(&system);
        check_cycles(&system);
        check_together(&system);
}

/* The kernel's command line goes the same way. */
static void command_line_try(const char *text, size_t size)
{
        struct text line = {text, size}, node, nodes;
        if (!text_value(line, "node", &node) || !text_value(line, "nodes", &nodes))
                return;
        inside(node);
        inside(nodes);
        if (nodes_valid(nodes) && nodes_contain(nodes, node) && !name_valid(node))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        begin = (const char *)data;
        end = begin + size;
        description_try(begin, size);
        manifest_try(begin, size);
        command_line_try(begin, size);
        system_try(begin, size);
        return 0;
}
