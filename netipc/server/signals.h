/* Events of other nodes that programs here hold. What such a program has is an event of ours, bound
 * to our port: whatever is signalled goes on in a one-way message with the bits. The kernel tells
 * when no handle is left; then the import is dropped, after the last bits.
 *
 * Bits that come while there is no room are OR-ed, so none is lost while both nodes live. An import
 * may have several proxies, one for each time that it came: nobody but who holds one could copy
 * it. */
#ifndef NETIPC_SERVER_SIGNALS_H
#define NETIPC_SERVER_SIGNALS_H

#include <stdbool.h>
#include "kernel/abi/rights.h"
#include "netipc/core/core.h"

enum { SIGNALS_MAX = 1024 };

struct far_event {
        core_import_t import; /* 0: free */
        uint64_t identity;    /* of the proxy, while `held` */
        uint64_t bits;        /* to be sent */
        bool held;            /* the proxy lives: somebody may have a handle */
        bool dead;            /* the import is not there any more */
};

struct far_events {
        struct far_event place[SIGNALS_MAX];
        handle_t port;      /* that the proxies are bound to, … */
        uint64_t first_key; /* … by their places, from this key on */
        unsigned used;      /* so many places have been used, the first ones */
        unsigned busy;      /* so many have bits to be sent, or end */
};

/* A handle with these rights to a new event that stands for the import; 0: there are too many, or
 * there is no memory. */
handle_t event_proxy(struct far_events *events, core_import_t import, uint32_t rights);

/* The import that the event with this identity stands for; 0: it is none of ours. */
core_import_t event_of(const struct far_events *events, uint64_t identity);

/* Whether any proxy stands for the import. */
bool event_stands_for(const struct far_events *events, core_import_t import);

/* What the kernel tells of the event in a place: bits; that no handle is left. */
void event_signalled(struct far_events *events, unsigned place, uint64_t bits);
void event_ended(struct far_events *events, unsigned place);

/* The import is dead: what is signalled from now on goes nowhere. */
void event_lost(struct far_events *events, core_import_t import);

/* Sends the bits that there is room for, and drops imports that nobody holds any more. */
void events_work(struct far_events *events);

#endif
