/* Bytes as the wire has them: big-endian numbers at any alignment, and MAC addresses.
 *
 * The callers check bounds; nothing here does. */
#ifndef SWITCH_BYTES_H
#define SWITCH_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct mac {
        uint8_t bytes[6];
};

static inline uint16_t get16(const uint8_t *at)
{
        return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get32(const uint8_t *at)
{
        return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static inline void put16(uint8_t *at, uint16_t value)
{
        at[0] = (uint8_t)(value >> 8);
        at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
        put16(at, (uint16_t)(value >> 16));
        put16(at + 2, (uint16_t)value);
}

static inline struct mac mac_get(const uint8_t *at)
{
        return (struct mac){{at[0], at[1], at[2], at[3], at[4], at[5]}};
}

static inline void mac_put(uint8_t *at, struct mac mac)
{
        memcpy(at, mac.bytes, sizeof mac.bytes);
}

static inline bool mac_equal(struct mac a, struct mac b)
{
        return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

/* True for broadcast and multicast: the group bit of IEEE 802-2014, 8.2.2. */
static inline bool mac_is_group(struct mac mac)
{
        return mac.bytes[0] & 1;
}

#endif
