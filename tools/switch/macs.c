/* A table small enough to be searched from its front; fixed addresses stand first. */
#include "tools/switch/macs.h"

#include <stddef.h>

static struct mac_entry *entry_find(const struct macs *macs, struct mac mac)
{
        for (unsigned i = 0; i < macs->count; i++) {
                if (mac_equal(macs->entries[i].mac, mac))
                        return (struct mac_entry *)&macs->entries[i];
        }
        return NULL;
}

bool macs_fix(struct macs *macs, struct mac mac, unsigned port)
{
        if (macs->count == MACS_MAX || entry_find(macs, mac))
                return false;
        macs->entries[macs->count++] = (struct mac_entry){mac, true, port, 0};
        return true;
}

/* A place for a new address; NULL if fixed ones fill the table. */
static struct mac_entry *entry_make(struct macs *macs)
{
        if (macs->count < MACS_MAX) {
                macs->entries[macs->count].fixed = false;
                return &macs->entries[macs->count++];
        }
        struct mac_entry *oldest = NULL;
        for (unsigned i = 0; i < macs->count; i++) {
                struct mac_entry *entry = &macs->entries[i];
                if (!entry->fixed && (!oldest || entry->seen < oldest->seen))
                        oldest = entry;
        }
        return oldest;
}

void macs_learn(struct macs *macs, struct mac mac, unsigned port, uint64_t now)
{
        if (mac_is_group(mac))
                return;
        struct mac_entry *entry = entry_find(macs, mac);
        if (!entry)
                entry = entry_make(macs);
        if (entry && !entry->fixed)
                *entry = (struct mac_entry){mac, false, port, now};
}

bool macs_find(const struct macs *macs, struct mac mac, uint64_t now, unsigned *port)
{
        const struct mac_entry *entry = entry_find(macs, mac);
        if (!entry || (!entry->fixed && now - entry->seen > MAC_AGE_NS))
                return false;
        *port = entry->port;
        return true;
}
