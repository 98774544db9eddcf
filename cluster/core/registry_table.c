/* One table of names; see registry_table.h. Its digest is a sum over the names that are there, so
 * it does not tell how the table came about. */
#include "cluster/core/registry_table.h"

#include <string.h>

/* Index of the name, or of where it belongs. */
static unsigned table_place(const struct registry_table *table, const char *name)
{
        unsigned low = 0, high = table->count;
        while (low < high) {
                unsigned middle = (low + high) / 2;
                if (strcmp(table->entries[middle].name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

struct registry_entry *table_entry(struct registry_table *table, const char *name)
{
        unsigned place = table_place(table, name);
        if (place == table->count || strcmp(table->entries[place].name, name) != 0)
                return NULL;
        return &table->entries[place];
}

bool table_remembers(const struct registry_table *table, const char *name)
{
        unsigned place = table_place(table, name);
        return place < table->count && strcmp(table->entries[place].name, name) == 0;
}

bool table_has(const struct registry_table *table, const char *name)
{
        unsigned place = table_place(table, name);
        return place < table->count && strcmp(table->entries[place].name, name) == 0 &&
               table->entries[place].present;
}

/* Drops all entries that are not present. */
static void table_compact(struct registry_table *table)
{
        unsigned kept = 0;
        for (unsigned i = 0; i < table->count; i++) {
                const struct registry_entry *entry = &table->entries[i];
                if (entry->present)
                        table->entries[kept++] = *entry;
                else if (entry->version > table->dropped)
                        table->dropped = entry->version;
        }
        table->count = kept;
}

static enum registry_result table_insert(struct registry_table *table, const char *name)
{
        if (table->count == REGISTRY_NAMES)
                table_compact(table);
        if (table->count == REGISTRY_NAMES)
                return REGISTRY_FULL;

        unsigned place = table_place(table, name);
        struct registry_entry *entry = &table->entries[place];

        memmove(entry + 1, entry, (table->count - place) * sizeof *entry);
        table->count++;
        memset(entry, 0, sizeof *entry);
        memcpy(entry->name, name, strlen(name));
        entry->version = table->version;
        entry->present = true;
        return REGISTRY_OK;
}

enum registry_result table_set(struct registry_table *table, const char *name, bool present)
{
        struct registry_entry *entry = table_entry(table, name);
        if (present ? entry && entry->present : !entry || !entry->present)
                return present ? REGISTRY_EXISTS : REGISTRY_MISSING;
        if (!entry)
                return table_insert(table, name);
        entry->present = present;
        entry->version = table->version;
        return REGISTRY_OK;
}

/* FNV-1a with 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv). It detects damage and defects, not
 * forgery: a peer can only falsify its own table. */
static uint64_t name_hash(const char *name)
{
        uint64_t hash = 0xcbf29ce484222325ull;
        while (*name != 0)
                hash = (hash ^ (unsigned char)*name++) * 0x100000001b3ull;
        return hash;
}

uint64_t registry_digest(const struct registry_table *table)
{
        uint64_t digest = 0;
        for (unsigned i = 0; i < table->count; i++)
                if (table->entries[i].present)
                        digest += name_hash(table->entries[i].name);
        return digest;
}

const char *table_check(const struct registry_table *table)
{
        if (table->count > REGISTRY_NAMES)
                return "more entries than there is room for";
        for (unsigned i = 0; i < table->count; i++) {
                const struct registry_entry *entry = &table->entries[i];
                if (!memchr(entry->name, 0, REGISTRY_NAME) ||
                    !is_name(entry->name, strlen(entry->name), NAME_LONGEST))
                        return "a name is not valid";
                if (i > 0 && strcmp(table->entries[i - 1].name, entry->name) >= 0)
                        return "names are not sorted";
                if (entry->version > table->version)
                        return "an entry is newer than its table";
        }
        return table->dropped > table->version ? "dropped more than there was" : NULL;
}
