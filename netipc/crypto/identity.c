/* Hashes of keys; see identity.h. Each has a label of its own, so none is another's value. */
#include "netipc/crypto/identity.h"

#include <sodium.h>
#include <string.h>

uint64_t identity_short(const uint8_t public_key[NOISE_KEY])
{
        static const char label[] = "portolan node";
        crypto_generichash_blake2b_state state;
        uint64_t id;
        crypto_generichash_blake2b_init(&state, NULL, 0, sizeof(id));
        crypto_generichash_blake2b_update(&state, (const uint8_t *)label, sizeof(label) - 1);
        crypto_generichash_blake2b_update(&state, public_key, NOISE_KEY);
        crypto_generichash_blake2b_final(&state, (uint8_t *)&id, sizeof(id));
        return id;
}

void identity_mac_key(uint8_t key[MAC_KEY], const uint8_t psk[NOISE_KEY],
                      const uint8_t public_key[NOISE_KEY])
{
        static const char label[] = "portolan mac";
        crypto_generichash_blake2b_state state;
        crypto_generichash_blake2b_init(&state, psk, NOISE_KEY, MAC_KEY);
        crypto_generichash_blake2b_update(&state, (const uint8_t *)label, sizeof(label) - 1);
        crypto_generichash_blake2b_update(&state, public_key, NOISE_KEY);
        crypto_generichash_blake2b_final(&state, key, MAC_KEY);
}

void identity_init(struct identity *identity, const uint8_t secret[NOISE_KEY],
                   const uint8_t psk[NOISE_KEY], uint64_t cluster,
                   const uint8_t epoch[IDENTITY_EPOCH])
{
        memset(identity, 0, sizeof(*identity));
        noise_pair_make(&identity->pair, secret);
        memcpy(identity->psk, psk, NOISE_KEY);
        memcpy(identity->epoch, epoch, IDENTITY_EPOCH);
        identity->cluster = cluster;
        identity->node = identity_short(identity->pair.public_key);
        identity_mac_key(identity->mac_key, psk, identity->pair.public_key);
}

bool identity_first(const uint8_t ours[NOISE_KEY], const uint8_t theirs[NOISE_KEY])
{
        return memcmp(ours, theirs, NOISE_KEY) > 0;
}
