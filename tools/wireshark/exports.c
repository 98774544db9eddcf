/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of exports with their history; see exports.h. */
#include "tools/wireshark/exports.h"
#include "tools/wireshark/map.h"
#include "netipc/core/numbers.h"

/* From that frame on. */
struct state {
        guint32 frame, count;
        bool dead, counted; /* counted: the first reference was seen */
};

struct entry {
        struct export export;
        wmem_array_t *states;
};

struct exports {
        wmem_map_t *by_name; /* id and generation → struct entry */
        wmem_array_t *entries;
};

static guint64 key_of(guint32 id, guint32 generation)
{
        return (guint64)id << 32 | generation;
}

static struct entry *entry_find(const struct exports *exports, guint32 id, guint32 generation)
{
        return map_get(exports->by_name, key_of(id, generation));
}

static struct entry *entry_make(struct exports *exports, guint32 id, guint32 generation)
{
        struct entry *entry = entry_find(exports, id, generation);
        if (entry || wmem_array_get_count(exports->entries) >= EXPORTS_MAX)
                return entry;
        entry = wmem_new0(wmem_file_scope(), struct entry);
        entry->export.id = id;
        entry->export.generation = generation;
        entry->states = wmem_array_sized_new(wmem_file_scope(), sizeof(struct state), 2);
        map_put(exports->by_name, key_of(id, generation), entry);
        wmem_array_append(exports->entries, &entry, 1);
        return entry;
}

struct exports *exports_new(void)
{
        struct exports *exports = wmem_new0(wmem_file_scope(), struct exports);
        exports->by_name = map_new();
        exports->entries = wmem_array_new(wmem_file_scope(), sizeof(struct entry *));
        exports_given(exports, 0, WIRE_ROOT_EXPORT, WIRE_ROOT_GENERATION, 0, "root");
        return exports;
}

const struct export *exports_find(const struct exports *exports, guint32 id, guint32 generation)
{
        const struct entry *entry = entry_find(exports, id, generation);
        return entry ? &entry->export : NULL;
}

/* The last state before a frame has passed, or nothing. */
static struct state state_at(const struct entry *entry, guint32 frame)
{
        const struct state *states = wmem_array_get_raw(entry->states);
        guint low = 0, high = wmem_array_get_count(entry->states);
        while (low < high) {
                guint middle = (low + high) / 2;
                if (states[middle].frame <= frame)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low ? states[low - 1] : (struct state){0};
}

static void state_add(struct entry *entry, struct state state, guint32 frame)
{
        state.frame = frame;
        wmem_array_append(entry->states, &state, 1);
}

void exports_given(struct exports *exports, guint32 frame, guint32 id, guint32 generation,
                   guint32 count, const char *name)
{
        struct entry *entry = entry_make(exports, id, generation);
        if (!entry)
                return;
        bool is_new = wmem_array_get_count(entry->states) == 0;
        struct state state = state_at(entry, frame);
        if (!entry->export.name)
                entry->export.name = name;
        if (count == 0 && !is_new)
                return;
        state.count += count;
        state.counted |= is_new && count > 0;
        state_add(entry, state, frame);
}

void exports_released(struct exports *exports, guint32 frame, guint32 id, guint32 generation,
                      guint32 count)
{
        struct entry *entry = entry_find(exports, id, generation);
        if (!entry)
                return;
        struct state state = state_at(entry, frame);
        state.count -= MIN(count, state.count);
        /* Whoever gives back gives all that it has: from now on the count is known. */
        state.counted = true;
        state_add(entry, state, frame);
}

void exports_dead(struct exports *exports, guint32 frame, guint32 id, guint32 generation)
{
        struct entry *entry = entry_find(exports, id, generation);
        if (!entry)
                return;
        struct state state = state_at(entry, frame);
        state.dead = true;
        state_add(entry, state, frame);
}

void exports_at(const struct exports *exports, guint32 frame,
                void (*show)(void *context, const struct export *export, guint32 count, bool dead),
                void *context)
{
        struct entry *const *entries = wmem_array_get_raw(exports->entries);
        for (guint i = 0; i < wmem_array_get_count(exports->entries); i++) {
                const struct state *first = wmem_array_get_raw(entries[i]->states);
                struct state state = state_at(entries[i], frame);
                if (first->frame <= frame && (state.count || !state.counted))
                        show(context, &entries[i]->export, state.count, state.dead);
        }
}
