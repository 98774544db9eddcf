/* The buffers of the callers hold what 16 nodes with their longest names need (boot_test.c). */
#include "tools/ptl/boot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct boot_file boot_files[BOOT_FILES] = {
    {"portolan.elf", NULL},
    {"init.elf", "init"},
    {"boot.cpio", "boot.cpio"},
    {"system.description", "system"},
    [BOOT_FILES_ARCHIVE] = {"files.cpio", "files"},
};

static bool loads(const struct boot_plan *plan, unsigned node, unsigned file)
{
        return file != BOOT_FILES_ARCHIVE || plan->files[node];
}

void boot_command_line(const struct boot_plan *plan, unsigned node, uint64_t entropy,
                       char text[BOOT_COMMAND_LINE])
{
        char name[NODE_NAME], list[NODE_LIST];
        node_name(node, name);
        node_list(plan->nodes, list);
        int used = snprintf(text, BOOT_COMMAND_LINE,
                            "node=%s id=%016" PRIx64 " cluster=%016" PRIx64
                            " nodes=%s ip=10.77.0.%u seed=%016" PRIx64,
                            name, identity(plan->cluster, name), identity(plan->cluster, NULL),
                            list, 10 + node, entropy);
        if (plan->plaintext)
                used += snprintf(text + used, BOOT_COMMAND_LINE - (size_t)used, " plaintext=yes");
        if (plan->cipher)
                snprintf(text + used, BOOT_COMMAND_LINE - (size_t)used, " cipher=%s", plan->cipher);
}

void boot_script_name(unsigned node, char name[NODE_FILE])
{
        char mac[NODE_MAC];
        node_mac(node, mac);
        for (char *c = mac; *c; c++)
                if (*c == ':')
                        *c = '-';
        snprintf(name, NODE_FILE, "node-%s.ipxe", mac);
}

void boot_script(const struct boot_plan *plan, unsigned node, uint64_t entropy,
                 char text[BOOT_SCRIPT])
{
        char command_line[BOOT_COMMAND_LINE];
        boot_command_line(plan, node, entropy, command_line);
        /* An error in a line ends the script; boot.ipxe, which chained to it, says so. */
        int used = snprintf(text, BOOT_SCRIPT, "#!ipxe\nkernel %s %s card=${netX/busloc}\n",
                            boot_files[0].file, command_line);
        for (unsigned i = 1; i < BOOT_FILES; i++)
                if (loads(plan, node, i))
                        used += snprintf(text + used, BOOT_SCRIPT - (size_t)used, "module %s %s\n",
                                         boot_files[i].file, boot_files[i].module);
        snprintf(text + used, BOOT_SCRIPT - (size_t)used, "boot\n");
}

void boot_initrd(const struct boot_plan *plan, unsigned node, char text[BOOT_MODULES_TEXT])
{
        int used = 0;
        for (unsigned i = 1; i < BOOT_FILES; i++)
                if (loads(plan, node, i))
                        used += snprintf(text + used, BOOT_MODULES_TEXT - (size_t)used,
                                         "%s" BOOT_FOLDER "/%s %s", i > 1 ? "," : "",
                                         boot_files[i].file, boot_files[i].module);
}
