/* Who may claim what: the components that the supervisor has admitted, and the badges by which they
 * and their devices are known.
 *
 *      badge 0                                the supervisor
 *      BADGE_COMPONENT | generation | index   a component of the table below
 *      BADGE_FUNCTION  | generation | index   a function, while it is claimed
 *
 * Generations are never used twice, so a message or a no-senders note from an earlier holder is
 * recognised and refused. Pure. */
#ifndef DRIVERS_BUS_PCI_AUTHORITY_H
#define DRIVERS_BUS_PCI_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "servers/proto/pci_layout.h"

enum badge_kind { BADGE_SUPERVISOR = 0, BADGE_COMPONENT = 1, BADGE_FUNCTION = 2 };

enum { COMPONENTS_MAX = 32, COMPONENT_NAME = 24 };

struct component {
        char name[COMPONENT_NAME]; /* "": not in use */
        uint64_t badge;            /* of its right; 0: none now */
        struct pci_id ids[PCI_ADMIT_IDS];
        unsigned id_count;
};

struct authority {
        uint64_t generation; /* the last one used */
        struct component components[COMPONENTS_MAX];
};

/* A badge that was never used before. index: 0 to 255. */
uint64_t badge_make(struct authority *authority, enum badge_kind kind, unsigned index);
enum badge_kind badge_kind(uint64_t badge);
unsigned badge_index(uint64_t badge);

/* The component with that name; if there is none, a free entry with the name set. NULL: the name is
 * empty or too long, or all entries are in use. */
struct component *component_named(struct authority *authority, const void *name, size_t length);

/* The component that holds the badge, or NULL. */
struct component *component_of(struct authority *authority, uint64_t badge);

#endif
