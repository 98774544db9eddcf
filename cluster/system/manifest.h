/* A component's manifest: what it may have. One line for each:
 *
 *      program NAME                    what is run: /bin/NAME of the boot archive
 *      provides NAME...                names that it may register
 *      needs NAME...                   names that it may look up; it may wait for their answers
 *      asks NAME...                    names that it may look up, but never waits for
 *      device pci VENDOR:DEVICE [optional]
 *                                      (hexadecimal) a PCI device, through the bus server;
 *                                      `optional`: a node may be without it, though others ask
 *                                      for what it provides
 *      device ioports BASE COUNT       I/O ports, but not those of PCI's configuration space
 *      device irq LINE                 an interrupt line
 *      device console                  the kernel's log
 *      device line                     the serial line on which the kernel says its log, which it
 *                                      leaves to the component, and the log to be read; `log=` says
 *                                      from where on it is to be said
 *      device hardware                 all devices and DMA memory: for the bus server
 *      module NAME                     a module of the boot loader, boot.cpio included
 *      memory SIZE [rest]              its account: bytes, or with K, M, G; and with `rest` what
 *                                      the node has left when all others have theirs (share.h)
 *      stack SIZE                      of that the stack, MANIFEST_STACK_DEFAULT otherwise
 *      keeps SIZE                      memory that stays when the component dies, for the next one;
 *                                      gone when the node boots again
 *      priority NUMBER                 0 to PRIORITY_COMPONENT_MAX
 *      restart always|backoff|never    after its death: always; until it has failed
 *                                      RESTART_FAILURES times in a row, or has left with status
 *                                      0; not at all
 *      grants control|peers|spawn|install
 *                                      it may kill and crash others; announce other nodes' names;
 *                                      start programs on any node; put other programs in the
 *                                      place of components' own
 *      spawns MEMORY NUMBER            with `grants spawn`: the most that its programs may have on
 *                                      each node, and how many they may be (servers/process)
 *      heartbeat SECONDS               it gives a sign of life that often, or is ended
 *      admits name|log|pci             it hands out the rights of that kind, which say who holds
 *                                      them (servers/init)
 *      argument KEY [VALUE...]         an argument that the description may give it: with one of
 *                                      these values, or with any. A manifest without such a line
 *                                      takes all arguments
 *
 * `needs *` and `asks *` allow every name but `control`, `process` and `install`, which `grants
 * control`, `grants spawn` and `grants install` give.
 *
 * Pure, like description.h; what it fills points into the text. The text may be hostile. */
#ifndef CLUSTER_MANIFEST_H
#define CLUSTER_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cluster/system/lines.h"
#include "cluster/system/text.h"

enum {
        MANIFEST_NAMES = 16,
        MANIFEST_DEVICES = 8,
        MANIFEST_MODULES = 4,
        MANIFEST_ARGUMENTS = 8,
        MANIFEST_MEMORY_DEFAULT = 4 << 20,
        MANIFEST_MEMORY_MIN = 64 << 10,
        MANIFEST_STACK_DEFAULT = 64 << 10,
        MANIFEST_SPAWN_MOST = 1000,
        HEARTBEAT_MAX = 60,
        RESTART_FAILURES = 8,
        PRIORITY_COMPONENT_DEFAULT = 100,
        PRIORITY_COMPONENT_MAX = 250, /* init stays above */
};

enum device_kind {
        DEVICE_PCI,
        DEVICE_IOPORTS,
        DEVICE_IRQ,
        DEVICE_CONSOLE,
        DEVICE_LINE,
        DEVICE_HARDWARE,
};

struct manifest_device {
        enum device_kind kind;
        uint32_t first;  /* PCI vendor, first I/O port, interrupt line */
        uint32_t second; /* PCI device, number of I/O ports */
        bool optional;   /* PCI: a node may be without it */
        unsigned line;
};

struct name_list {
        struct text names[MANIFEST_NAMES];
        unsigned lines[MANIFEST_NAMES];
        unsigned count;
};

bool name_list_has(const struct name_list *list, struct text name);

enum restart_policy { RESTART_BACKOFF, RESTART_ALWAYS, RESTART_NEVER };

/* The kinds of rights that say who holds them: to the bus server, the name service and the log. In
 * that order a component gets them: the device decides which of its manifests holds. */
enum admission { ADMISSION_PCI, ADMISSION_NAME, ADMISSION_LOG, ADMISSIONS };

struct manifest_argument {
        struct text key;
        struct text values; /* words; empty: any */
};

enum manifest_grants {
        GRANT_CONTROL = 1 << 0,
        GRANT_PEERS = 1 << 1,
        GRANT_SPAWN = 1 << 2,
        GRANT_INSTALL = 1 << 3,
};

/* The grant without which a name cannot be looked up, whatever else a manifest says; 0: none. */
static inline unsigned name_grant(struct text name)
{
        if (text_is(name, "control"))
                return GRANT_CONTROL;
        if (text_is(name, "process"))
                return GRANT_SPAWN;
        return text_is(name, "install") ? GRANT_INSTALL : 0;
}

/* The word of a manifest for one grant. */
const char *grant_name(enum manifest_grants grant);

struct manifest {
        struct text program;
        unsigned program_line;
        struct name_list provides, needs, asks;
        struct manifest_device devices[MANIFEST_DEVICES];
        unsigned device_count;
        struct text modules[MANIFEST_MODULES];
        unsigned module_count;
        uint64_t memory; /* bytes, whole pages */
        bool rest;       /* and what the node has left */
        uint64_t stack;  /* bytes, whole pages, of `memory`: less than it */
        unsigned stack_line;
        uint64_t kept; /* bytes, whole pages, beside `memory` */
        uint8_t priority;
        enum restart_policy restart;
        unsigned grants;       /* enum manifest_grants */
        uint64_t spawn_memory; /* bytes, whole pages; 0: as much as there is */
        unsigned spawn_line;
        unsigned spawn_number; /* 0: as many as there may be */
        unsigned heartbeat;    /* seconds; 0: none */
        unsigned admits;       /* 1 << enum admission */
        struct manifest_argument arguments[MANIFEST_ARGUMENTS];
        unsigned argument_count;
};

bool manifest_has_device(const struct manifest *manifest, enum device_kind kind);

/* The names that init itself registers on each node: interface proc for everybody, for whom `grants
 * control`, and for whom `grants install`. */
enum init_name { INIT_NAME_PROC, INIT_NAME_CONTROL, INIT_NAME_INSTALL, INIT_NAMES };
const char *init_name(enum init_name which);

/* What the kind is called in manifests, and the right in startup pages. */
const char *admission_name(enum admission which);

/* Parses a whole text of `length` bytes. False: *error says where and why, and *out is not to be
 * used. */
bool manifest_parse(const char *text, size_t length, struct manifest *out,
                    struct parse_error *error);

#endif
