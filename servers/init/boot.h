/* What init finds at its start: the kernel's bootinfo and the boot loader's modules, mapped.
 * Nothing of it is trusted: a module that is missing or damaged is reported on the console. */
#ifndef INIT_BOOT_H
#define INIT_BOOT_H

#include <stdbool.h>
#include "kernel/abi/bootinfo.h"
#include "cluster/system/text.h"
#include "servers/rt/pure/cpio.h"

struct boot {
        const struct bootinfo *info;
        struct text command_line;
        struct text node;  /* this node's name */
        struct text nodes; /* the cluster's; this one alone if the command line has no `nodes=` */
        struct text description;
        struct text programs; /* boot.cpio */
};

/* False: a line on the console says what is missing. */
bool boot_read(struct boot *boot, const struct bootinfo *info);

/* The module of that name; 0: there is none, or it is empty. */
handle_t boot_module(const struct boot *boot, struct text name);

/* The next manifest of boot.cpio, from cpio_open(boot->programs…) on. False: there are no more. */
bool boot_manifest_next(struct cpio *archive, struct text *name, struct text *content);

/* A file of boot.cpio: FOLDER/NAME. False: it is not there. */
bool boot_file(const struct boot *boot, const char *folder, struct text name, struct text *content);

#endif
