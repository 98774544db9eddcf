/* See share.h. Sums stay far below 2^64: a manifest has at most 2^40 bytes. */
#include "cluster/system/share.h"

void share_add(struct share *share, const struct manifest *const *alternatives, unsigned count)
{
        uint64_t most = 0;
        bool takes = false;
        for (unsigned i = 0; i < count; i++) {
                const struct manifest *manifest = alternatives[i];
                const uint64_t bytes = manifest->memory + manifest->kept;
                most = bytes > most ? bytes : most;
                takes |= manifest->rest;
                if (manifest_has_device(manifest, DEVICE_HARDWARE) &&
                    manifest->memory > share->again)
                        share->again = manifest->memory;
                if (manifest->grants & GRANT_INSTALL)
                        share->installed = SHARE_INSTALLED;
        }
        share->manifests += most;
        share->takers += takes;
}

uint64_t share_least(const struct share *share)
{
        return share->manifests + share->installed + SHARE_INIT;
}

uint64_t share_rest(const struct share *share, uint64_t bytes)
{
        const uint64_t page = 4096;
        uint64_t given = share_least(share) + share->again;
        if (share->takers == 0 || bytes <= given)
                return 0;
        return (bytes - given) / share->takers / page * page;
}
