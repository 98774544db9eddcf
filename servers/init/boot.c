/* Reads bootinfo and modules; see boot.h. A text may lack its end, and a module may be missing. */
#include "servers/init/boot.h"

#include <stdio.h>
#include <string.h>
#include "servers/rt/pure/cpio.h"
#include "cluster/system/description.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"

/* A field of the bootinfo that may lack its end. */
static struct text field(const char *bytes, size_t size)
{
        return (struct text){bytes, strnlen(bytes, size)};
}

static const struct boot_module *module_of(const struct boot *boot, struct text name)
{
        for (unsigned i = 0; i < boot->info->module_count && i < BOOTINFO_MODULES; i++) {
                const struct boot_module *module = &boot->info->modules[i];
                if (text_equal(field(module->name, sizeof module->name), name))
                        return module;
        }
        return NULL;
}

handle_t boot_module(const struct boot *boot, struct text name)
{
        const struct boot_module *module = module_of(boot, name);
        return module ? module->memory : 0;
}

bool boot_file(const struct boot *boot, const char *folder, struct text name, struct text *content)
{
        char path[64];
        struct cpio_entry entry;
        snprintf(path, sizeof path, "%s/%.*s", folder, (int)name.length, name.at);
        if (!cpio_find(boot->programs.at, boot->programs.length, path, &entry))
                return false;
        *content = (struct text){(const char *)entry.data, entry.size};
        return true;
}

bool boot_manifest_next(struct cpio *archive, struct text *name, struct text *content)
{
        struct cpio_entry entry;
        while (cpio_next(archive, &entry) == CPIO_ENTRY) {
                struct text path = {entry.name, entry.name_length}, folder;
                if (entry.kind != CPIO_FILE || !text_next(&path, '/', &folder) ||
                    !text_is(folder, "manifest"))
                        continue;
                *name = path;
                *content = (struct text){(const char *)entry.data, entry.size};
                return true;
        }
        return false;
}

static bool module_map(const struct boot *boot, const char *name, struct text *content)
{
        const struct boot_module *module = module_of(boot, text_of(name));
        void *address;
        outcome_t outcome;
        if (!module || module->memory == 0 || module->size == 0) {
                rt_log("the boot loader gave no module %s", name);
                return false;
        }
        outcome = rt_memory_map(module->memory, 0, page_up(module->size), MAP_READ, &address);
        if (outcome != OUTCOME_OK) {
                rt_log("module %s: %s", name, reason_text(outcome_reason(outcome)));
                return false;
        }
        *content = (struct text){address, module->size};
        return true;
}

static bool cluster_read(struct boot *boot)
{
        if (!text_value(boot->command_line, "node", &boot->node) || !name_valid(boot->node)) {
                rt_log("the kernel's command line has no valid node=NAME");
                return false;
        }
        if (!text_value(boot->command_line, "nodes", &boot->nodes))
                boot->nodes = boot->node;
        if (!nodes_valid(boot->nodes) || !nodes_contain(boot->nodes, boot->node)) {
                rt_log("nodes= of the kernel's command line is no list of nodes with this one");
                return false;
        }
        return true;
}

bool boot_read(struct boot *boot, const struct bootinfo *info)
{
        boot->info = info;
        boot->command_line = field(info->command_line, sizeof info->command_line);
        return cluster_read(boot) && module_map(boot, "system", &boot->description) &&
               module_map(boot, "boot.cpio", &boot->programs);
}
