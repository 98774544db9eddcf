/* The cluster's nodes as programs may know them: a table, which has a version, and watches on it.
 *
 *      table ──version──► watch ──the table is another, now or later──► the event is signalled
 *        ▲                                                                    │
 *        └────────────────────────────────────────────────────────────────────┘
 *
 * The table has this node, those with which there is or was a session, and those that the boot
 * configuration names: who is only heard of, which anybody can bring about, is not in it. So it
 * changes when a session begins or ends, and never otherwise.
 *
 * A watch is a right to our port that its holder keeps: it ends with the kernel's notice that no
 * handle to it is left. Each node has so many at most, so that none uses up another's. The answer
 * to a far program comes back to our own port, where a right arrives as a badge, its handle closed:
 * so we keep one of our own meanwhile. */
#ifndef NETIPC_SERVER_MEMBERS_H
#define NETIPC_SERVER_MEMBERS_H

#include <stdbool.h>
#include "netipc/core/core.h"
#include "kernel/abi/rights.h"
#include "servers/proto/nodes.h"

enum { WATCHES_EACH = 16 };                /* of the programs of one node */
enum { WATCH_GIVEN = 1000 * 1000 * 1000 }; /* ns, for which we hold a new one, too */

/* The nodes that the boot configuration names: "n1,n2". What is no node's name is left out. */
void members_init(const char *nodes);

/* A session has begun or ended. For the core's callbacks. */
void members_changed(void);

/* Whether all those that the boot configuration names have been met at some time together. */
bool members_joined(void);

/* Says `boot: joined …` once that is so, and signals the watches if there has been a change. It
 * looks only then: nodes that are away cost nothing. To be called before each wait. */
void members_work(void);

/* Fills the table; returns how many records. */
unsigned members_table(struct node_record table[NODE_TABLE_MAX], uint64_t *version);

/* A peer of that name, whatever its state; false: there is none. */
bool member_named(const char *name, struct core_peer_info *info);
bool member_is_up(const struct core_peer_info *info);

/* Begins a watch; the event is taken over, *watch is ours: it is to be copied into the answer at
 * once. INVALID, OVERLOADED, NO_MEMORY. */
outcome_t members_watch(uint64_t version, uint64_t bits, handle_t event, handle_t *watch);

/* No handle is left to the watch with that badge. */
void members_unwatch(uint64_t badge);

#endif
