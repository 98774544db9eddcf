/* What a node loads and is told at boot: the kernel's command line and the list of Multiboot
 * modules, either as an iPXE script (cluster/boot/boot.ipxe chains to one for each hardware
 * address) or as QEMU's -kernel and -initrd. Pure text. */
#ifndef PTL_BOOT_H
#define PTL_BOOT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/ptl/names.h"

/* The folder, in the run directory, that TFTP serves. */
#define BOOT_FOLDER "tftp"

enum { BOOT_COMMAND_LINE = 512, BOOT_SCRIPT = 2048, BOOT_MODULES_TEXT = 512 };

struct boot_plan {
        unsigned nodes;
        bool files[NODES_MAX + 1]; /* node loads the archive of host files */
        unsigned long packed;      /* entries of that archive */
        bool plaintext;            /* packets in clear text */
        const char *cipher;        /* forced, or NULL */
        char cluster[PATH_MAX];    /* what identities are made of: the run directory */
};

/* A file that nodes load: its name in the TFTP folder, and the name that the kernel knows the
 * module by (the last word of its string); the first is the kernel itself, without one. */
struct boot_file {
        const char *file;
        const char *module;
};

enum { BOOT_FILES = 5, BOOT_FILES_ARCHIVE = 4 /* only for nodes that run fs */ };
extern const struct boot_file boot_files[BOOT_FILES];

/* The kernel's command line for a node, but for `card`, the PCI address of its card: iPXE knows it,
 * and whoever starts QEMU. entropy is fresh for every start of it. */
void boot_command_line(const struct boot_plan *plan, unsigned node, uint64_t entropy,
                       char text[BOOT_COMMAND_LINE]);

/* The name of the node's script in the TFTP folder, and its text. */
void boot_script_name(unsigned node, char name[NODE_FILE]);
void boot_script(const struct boot_plan *plan, unsigned node, uint64_t entropy,
                 char text[BOOT_SCRIPT]);

/* The value of QEMU's -initrd for a node: the modules, as paths from the run directory. */
void boot_initrd(const struct boot_plan *plan, unsigned node, char text[BOOT_MODULES_TEXT]);

#endif
