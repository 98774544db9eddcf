#include "gdb.h"

#include <stdio.h>

#include "names.h"

void gdb_announce(const struct layout *layout, const struct options *options)
{
        char where[PATH_MAX + NODE_FILE];
        if (!options->gdb_node)
                return;
        if (options->gdb_port)
                snprintf(where, sizeof where, "127.0.0.1:%u", options->gdb_port);
        else
                snprintf(where, sizeof where, "%s/n%u/gdb.sock", layout->shown, options->gdb_node);
        fprintf(stderr, "ptl: n%u waits for gdb; type:\n", options->gdb_node);
        fprintf(stderr,
                "gdb -ex 'set architecture i386:x86-64' -ex 'target remote %s' "
                "%s/boot/portolan.elf\n",
                where, layout->build);
}
