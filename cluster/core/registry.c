/* See registry.h. Records are checked as a whole before the first one is applied. */
#include "cluster/core/registry_table.h"

#include <string.h>
#include "kernel/abi/outcome.h"

void registry_init(struct registry *registry, const char *node, uint64_t instance)
{
        memset(registry, 0, sizeof *registry);
        strncpy(registry->node, node, REGISTRY_NAME - 1);
        registry->own.instance = instance;
        registry->own.version = 1;
}

static void tell(const struct registry *registry, const char *node, const char *name, bool present)
{
        if (registry->changed)
                registry->changed(registry->context, node, name, present);
}

/* ---- own names ------------------------------------------------------------------------------- */

static enum registry_result own_set(struct registry *registry, const char *name, bool present)
{
        enum registry_result result;
        if (!is_name(name, strlen(name), NAME_LONGEST))
                return REGISTRY_INVALID;
        registry->own.version++;
        result = table_set(&registry->own, name, present);
        if (result == REGISTRY_OK)
                tell(registry, registry->node, name, present);
        else
                registry->own.version--;
        return result;
}

enum registry_result registry_add(struct registry *registry, const char *name)
{
        return own_set(registry, name, true);
}

enum registry_result registry_remove(struct registry *registry, const char *name)
{
        return own_set(registry, name, false);
}

/* ---- what changed ---------------------------------------------------------------------------- */

size_t registry_changes(const struct registry *registry, uint64_t instance, uint64_t version,
                        char *records, struct registry_answer *answer)
{
        const struct registry_table *own = &registry->own;
        size_t length = 0;
        answer->instance = own->instance;
        answer->version = own->version;
        answer->digest = registry_digest(own);
        answer->complete = instance != own->instance || version == 0 || version < own->dropped ||
                           version > own->version;
        for (unsigned i = 0; i < own->count; i++) {
                const struct registry_entry *entry = &own->entries[i];
                size_t name = strlen(entry->name);
                if (answer->complete ? !entry->present : entry->version <= version)
                        continue;
                records[length++] = entry->present ? '+' : '-';
                memcpy(records + length, entry->name, name);
                length += name;
                records[length++] = '\n';
        }
        return length;
}

/* ---- peers ----------------------------------------------------------------------------------- */

/* The peer's record, up or not. */
static struct registry_peer *peer_record(struct registry *registry, const char *node)
{
        for (unsigned i = 0; i < REGISTRY_PEERS; i++)
                if (node[0] != 0 && strcmp(registry->peers[i].node, node) == 0)
                        return &registry->peers[i];
        return NULL;
}

struct registry_peer *registry_peer(struct registry *registry, const char *node)
{
        struct registry_peer *peer = peer_record(registry, node);
        return peer && peer->up ? peer : NULL;
}

/* A place for another node: a free one, else that of a node that went; NULL: all are up. */
static struct registry_peer *peer_place(struct registry *registry)
{
        struct registry_peer *place = NULL;
        for (unsigned i = 0; i < REGISTRY_PEERS; i++) {
                struct registry_peer *peer = &registry->peers[i];
                if (peer->node[0] == 0)
                        return peer;
                if (!peer->up && !place)
                        place = peer;
        }
        return place;
}

static void peer_begin(struct registry_peer *peer, const char *node, uint64_t epoch_high,
                       uint64_t epoch_low)
{
        memset(peer, 0, sizeof *peer);
        strncpy(peer->node, node, REGISTRY_NAME - 1);
        peer->epoch[0] = epoch_high;
        peer->epoch[1] = epoch_low;
}

static bool same_epoch(const struct registry_peer *peer, uint64_t high, uint64_t low)
{
        return peer->epoch[0] == high && peer->epoch[1] == low;
}

static void peer_end(struct registry *registry, struct registry_peer *peer, unsigned reason)
{
        peer->up = false;
        peer->reason = (uint8_t)reason;
        for (unsigned i = 0; i < peer->table.count; i++)
                if (peer->table.entries[i].present)
                        tell(registry, peer->node, peer->table.entries[i].name, false);
}

static bool peer_name_valid(const struct registry *registry, const char *node)
{
        return is_name(node, strlen(node), NODE_NAME_LONGEST) && strcmp(node, registry->node) != 0;
}

struct registry_peer *registry_peer_up(struct registry *registry, const char *node,
                                       uint64_t epoch_high, uint64_t epoch_low)
{
        struct registry_peer *peer = peer_record(registry, node);
        if (!peer_name_valid(registry, node))
                return NULL;
        if (peer && peer->up)
                peer_end(registry, peer, REASON_NODE_RESTARTED);
        if (!peer)
                peer = peer_place(registry);
        if (!peer)
                return NULL;
        peer_begin(peer, node, epoch_high, epoch_low);
        peer->up = true;
        return peer;
}

void registry_peer_down(struct registry *registry, const char *node, uint64_t epoch_high,
                        uint64_t epoch_low, unsigned reason)
{
        struct registry_peer *peer = peer_record(registry, node);
        if (!peer && peer_name_valid(registry, node)) {
                peer = peer_place(registry);
                if (peer)
                        peer_begin(peer, node, epoch_high, epoch_low);
        }
        if (peer && !peer->up)
                peer->reason = (uint8_t)reason;
        else if (peer && same_epoch(peer, epoch_high, epoch_low))
                peer_end(registry, peer, reason);
}

bool registry_peer_has(const struct registry_peer *peer, const char *name)
{
        return peer->up && table_has(&peer->table, name);
}

struct registry_peer *registry_find(struct registry *registry, const char *name, const char *after)
{
        struct registry_peer *found = NULL;
        for (unsigned i = 0; i < REGISTRY_PEERS; i++) {
                struct registry_peer *peer = &registry->peers[i];
                if (registry_peer_has(peer, name) && strcmp(peer->node, after) > 0 &&
                    (!found || strcmp(peer->node, found->node) < 0))
                        found = peer;
        }
        return found;
}

/* ---- applying a peer's answer ---------------------------------------------------------------- */

struct record {
        bool present;
        char name[REGISTRY_NAME];
};

/* Takes the record at *offset. False at the end, or if there is no record (*valid tells which). */
static bool record_next(const char *records, size_t length, size_t *offset, struct record *record,
                        bool *valid)
{
        const char *at = records + *offset;
        const char *end = *offset < length ? memchr(at, '\n', length - *offset) : NULL;
        *valid = *offset == length;
        if (!end || (*at != '+' && *at != '-') || !is_name(at + 1, end - at - 1, NAME_LONGEST))
                return false;
        *valid = true;
        memset(record, 0, sizeof *record);
        record->present = *at == '+';
        memcpy(record->name, at + 1, end - at - 1);
        *offset += end - at + 1;
        return true;
}

static bool records_valid(const char *records, size_t length, bool complete)
{
        struct record record;
        size_t offset = 0;
        unsigned count = 0;
        bool valid;
        while (record_next(records, length, &offset, &record, &valid)) {
                if (++count > REGISTRY_NAMES || (complete && !record.present))
                        return false;
        }
        return valid;
}

static void records_apply(struct registry *registry, struct registry_peer *peer,
                          const char *records, size_t length)
{
        struct record record;
        size_t offset = 0;
        bool valid;
        while (record_next(records, length, &offset, &record, &valid)) {
                struct registry_entry *entry = table_entry(&peer->table, record.name);
                if (table_set(&peer->table, record.name, record.present) == REGISTRY_OK)
                        tell(registry, peer->node, record.name, record.present);
                else if (entry)
                        entry->version = peer->table.version;
        }
}

/* Applies a whole table: names that are not in it are gone. This comes before names are added, so
 * that there is room. */
static void unnamed_remove(struct registry *registry, struct registry_peer *peer,
                           const char *records, size_t length)
{
        struct record record;
        size_t offset = 0;
        bool valid;
        for (unsigned i = 0; i < peer->table.count; i++)
                peer->table.entries[i].version = 0;
        while (record_next(records, length, &offset, &record, &valid)) {
                struct registry_entry *entry = table_entry(&peer->table, record.name);
                if (entry)
                        entry->version = peer->table.version;
        }
        for (unsigned i = 0; i < peer->table.count; i++) {
                struct registry_entry *entry = &peer->table.entries[i];
                if (!entry->present || entry->version == peer->table.version)
                        continue;
                entry->present = false;
                entry->version = peer->table.version;
                tell(registry, peer->node, entry->name, false);
        }
}

enum registry_result registry_apply(struct registry *registry, struct registry_peer *peer,
                                    const struct registry_answer *answer, const char *records,
                                    size_t length)
{
        struct registry_table *table = &peer->table;
        if (answer->instance == 0 || answer->version == 0 ||
            !records_valid(records, length, answer->complete))
                return REGISTRY_INVALID;
        if (!answer->complete &&
            (answer->instance != table->instance || answer->version < table->version))
                return REGISTRY_INVALID;

        table->dropped = 0;
        table->instance = answer->instance;
        table->version = answer->version;
        if (answer->complete)
                unnamed_remove(registry, peer, records, length);
        records_apply(registry, peer, records, length);
        if (registry_digest(table) == answer->digest)
                return REGISTRY_OK;
        table->instance = 0;
        return REGISTRY_DIFFERS;
}

/* ---- listing --------------------------------------------------------------------------------- */

/* The table of the first node after `after`, with its name; NULL at the end. */
static const struct registry_table *table_after(const struct registry *registry, const char *after,
                                                const char **node)
{
        const struct registry_table *found = NULL;
        if (strcmp(registry->node, after) > 0) {
                *node = registry->node;
                found = &registry->own;
        }
        for (unsigned i = 0; i < REGISTRY_PEERS; i++) {
                const struct registry_peer *peer = &registry->peers[i];
                if (!peer->up || strcmp(peer->node, after) <= 0 ||
                    (found && strcmp(peer->node, *node) > 0))
                        continue;
                *node = peer->node;
                found = &peer->table;
        }
        return found;
}

/* Appends the table's lines after `after`; false when one did not fit. */
static bool table_list(const struct registry_table *table, const char *node, const char *after,
                       char *lines, size_t capacity, size_t *length)
{
        for (unsigned i = 0; i < table->count; i++) {
                const struct registry_entry *entry = &table->entries[i];
                size_t node_length = strlen(node), name_length = strlen(entry->name);
                if (!entry->present || strcmp(entry->name, after) <= 0)
                        continue;
                if (node_length + name_length + 2 > capacity - *length)
                        return false;
                memcpy(lines + *length, node, node_length);
                *length += node_length;
                lines[(*length)++] = '/';
                memcpy(lines + *length, entry->name, name_length);
                *length += name_length;
                lines[(*length)++] = '\n';
        }
        return true;
}

/* The table of exactly that node; NULL if there is none. */
static const struct registry_table *table_of(const struct registry *registry, const char *node)
{
        if (strcmp(registry->node, node) == 0)
                return &registry->own;
        for (unsigned i = 0; i < REGISTRY_PEERS; i++)
                if (registry->peers[i].up && strcmp(registry->peers[i].node, node) == 0)
                        return &registry->peers[i].table;
        return NULL;
}

size_t registry_list(const struct registry *registry, const char *after_node,
                     const char *after_name, char *lines, size_t capacity)
{
        const struct registry_table *table = table_of(registry, after_node);
        const char *node = after_node;
        size_t length = 0;
        if (table && !table_list(table, node, after_name, lines, capacity, &length))
                return length;
        while ((table = table_after(registry, node, &node)))
                if (!table_list(table, node, "", lines, capacity, &length))
                        break;
        return length;
}

const char *registry_check(const struct registry *registry)
{
        const char *wrong = table_check(&registry->own);
        for (unsigned i = 0; i < REGISTRY_PEERS && !wrong; i++) {
                const struct registry_peer *peer = &registry->peers[i];
                if (peer->node[0] != 0)
                        wrong = table_check(&peer->table);
                else if (peer->up)
                        wrong = "a peer without a name is up";
        }
        return wrong;
}
