/* RELEASE on the wire: references are given back (PROTOCOL.md, Frames). Entries follow. */
#ifndef NETIPC_FRAMES_RELEASE_H
#define NETIPC_FRAMES_RELEASE_H

#include "netipc/core/numbers.h"

struct wire_release {
        uint8_t type; /* FRAME_RELEASE */
        uint8_t count;
        uint16_t reserved;
        uint32_t sequence; /* of the release frame, from 1: a frame counts once */
};

struct wire_release_entry {
        uint32_t export_id;
        uint32_t generation;
        uint32_t count; /* references given back: at least 1 */
};

#define WIRE_RELEASE_FIELDS(FIELD)                                                                 \
        FIELD(wire_release, count, 1, release_count)                                               \
        FIELD(wire_release, reserved, 2, reserved)                                                 \
        FIELD(wire_release, sequence, 4, release_sequence)
#define WIRE_RELEASE_ENTRY_FIELDS(FIELD)                                                           \
        FIELD(wire_release_entry, export_id, 0, export_id)                                         \
        FIELD(wire_release_entry, generation, 4, generation)                                       \
        FIELD(wire_release_entry, count, 8, release_references)
WIRE_RELEASE_FIELDS(WIRE_AT)
WIRE_RELEASE_ENTRY_FIELDS(WIRE_AT)
WIRE_SIZE(wire_release, 8);
WIRE_SIZE(wire_release_entry, 12);

/* Entry number `index` of the payload, index < count. */
static inline struct wire_release_entry wire_release_entry_at(const uint8_t *payload,
                                                              unsigned index)
{
        struct wire_release_entry entry;
        memcpy(&entry, payload + index * sizeof(entry), sizeof(entry));
        return entry;
}

static inline enum wire_error release_check(const struct wire_release *release,
                                            const uint8_t *payload)
{
        if (release->count == 0 || release->count > WIRE_RELEASE_MAX)
                return WIRE_BAD_COUNT;
        if (release->sequence == 0)
                return WIRE_BAD_RESERVED;
        for (unsigned i = 0; i < release->count; i++) {
                struct wire_release_entry entry = wire_release_entry_at(payload, i);
                if (entry.export_id <= WIRE_ROOT_EXPORT || entry.generation == 0 ||
                    entry.count == 0)
                        return WIRE_BAD_RESERVED;
        }
        return WIRE_OK;
}

#endif
