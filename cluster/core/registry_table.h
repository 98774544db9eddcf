/* One table of names: sorted, versioned. Internal to the registry; registry.h has the model. */
#ifndef CLUSTER_REGISTRY_TABLE_H
#define CLUSTER_REGISTRY_TABLE_H

#include "cluster/core/registry.h"

/* The entry of the name, present or not; NULL if there is none. */
struct registry_entry *table_entry(struct registry_table *table, const char *name);
bool table_has(const struct registry_table *table, const char *name);
/* Whether the name is there, or was, as far as is known. */
bool table_remembers(const struct registry_table *table, const char *name);

/* Marks a name as present or not, under the table's next version. Entries that are not present make
 * room for new ones. EXISTS or MISSING: it is so already; FULL. */
enum registry_result table_set(struct registry_table *table, const char *name, bool present);

const char *table_check(const struct registry_table *table);

#endif
