/* Any bytes as a system description and as a manifest. What is accepted must lie within the text.
 */
#include <stdlib.h>
#include "cluster/system/description.h"
#include "cluster/system/manifest.h"

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
        return 0;
}
