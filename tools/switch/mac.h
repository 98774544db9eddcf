/* MAC addresses as the wire has them. The callers check bounds; nothing here does. */
#ifndef SWITCH_MAC_H
#define SWITCH_MAC_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct mac {
        uint8_t bytes[6];
};

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
