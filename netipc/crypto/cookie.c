/* MACs and cookies; see cookie.h. */
#include "netipc/crypto/cookie.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define SECOND 1000000000ull /* ns */

_Static_assert(COOKIE_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "XChaCha20");
_Static_assert(COOKIE_SEALED ==
                   COOKIE_NONCE + COOKIE_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
               "XChaCha20-Poly1305");

void cookie_mac1(uint8_t mac[COOKIE_MAC], const uint8_t mac_key[32], const void *message,
                 size_t count)
{
        crypto_generichash_blake2b(mac, COOKIE_MAC, message, count, mac_key, 32);
}

void cookie_mac2(uint8_t mac[COOKIE_MAC], const struct cookie_held *held, const void *message,
                 size_t count, uint64_t now)
{
        if (now < held->until)
                crypto_generichash_blake2b(mac, COOKIE_MAC, message, count, held->cookie,
                                           COOKIE_BYTES);
        else
                memset(mac, 0, COOKIE_MAC);
}

bool cookie_wanted(struct cookie_jar *jar, uint64_t now)
{
        if (now >= jar->counted_until) {
                jar->counted_until = now + SECOND;
                jar->counted = 0;
                memset(jar->shares, 0, sizeof(jar->shares));
        }
        jar->counted += jar->counted <= COOKIE_CALM;
        return jar->counted > COOKIE_CALM;
}

static void cookie_make(const struct cookie_jar *jar, uint32_t address, uint16_t port,
                        uint8_t cookie[COOKIE_BYTES])
{
        uint8_t place[6];
        memcpy(place, &address, sizeof(address));
        memcpy(place + 4, &port, sizeof(port));
        crypto_generichash_blake2b(cookie, COOKIE_BYTES, place, sizeof(place), jar->secret,
                                   COOKIE_SECRET);
}

bool cookie_shown(const struct cookie_jar *jar, uint32_t address, uint16_t port,
                  const uint8_t *message, size_t count, uint64_t now)
{
        struct cookie_held expected = {.until = UINT64_MAX};
        uint8_t mac[COOKIE_MAC];
        if (now >= jar->secret_until)
                return false;
        cookie_make(jar, address, port, expected.cookie);
        cookie_mac2(mac, &expected, message, count, now);
        return sodium_memcmp(mac, message + count, COOKIE_MAC) == 0;
}

bool cookie_share(struct cookie_jar *jar, uint32_t address, uint16_t port)
{
        uint8_t cookie[COOKIE_BYTES];
        cookie_make(jar, address, port, cookie);
        uint8_t *taken = &jar->shares[cookie[0] % COOKIE_SHARES];
        assert(*taken <= COOKIE_SHARE);
        if (*taken == COOKIE_SHARE)
                return false;
        ++*taken;
        return true;
}

/* The key that cookies are sealed with. */
static void seal_key(uint8_t key[32], const uint8_t mac_key[32])
{
        static const uint8_t label[] = {'c', 'o', 'o', 'k', 'i', 'e'};
        crypto_generichash_blake2b(key, 32, label, sizeof(label), mac_key, 32);
}

void cookie_seal(struct cookie_jar *jar, const uint8_t mac_key[32], uint32_t address, uint16_t port,
                 const uint8_t mac1[COOKIE_MAC], const uint8_t random[COOKIE_NONCE + COOKIE_SECRET],
                 uint8_t *sealed, uint64_t now)
{
        uint8_t cookie[COOKIE_BYTES], key[32];
        if (now >= jar->secret_until) {
                memcpy(jar->secret, random + COOKIE_NONCE, COOKIE_SECRET);
                jar->secret_until = now + COOKIE_LIFE;
        }
        cookie_make(jar, address, port, cookie);
        seal_key(key, mac_key);
        memcpy(sealed, random, COOKIE_NONCE);
        crypto_aead_xchacha20poly1305_ietf_encrypt(
            sealed + COOKIE_NONCE, NULL, cookie, COOKIE_BYTES, mac1, COOKIE_MAC, NULL, random, key);
        assert(now < jar->secret_until);
}

bool cookie_open(struct cookie_held *held, const uint8_t mac_key[32],
                 const uint8_t mac1[COOKIE_MAC], const uint8_t *sealed, uint64_t now)
{
        uint8_t cookie[COOKIE_BYTES], key[32];
        seal_key(key, mac_key);
        if (crypto_aead_xchacha20poly1305_ietf_decrypt(cookie, NULL, NULL, sealed + COOKIE_NONCE,
                                                       COOKIE_SEALED - COOKIE_NONCE, mac1,
                                                       COOKIE_MAC, sealed, key))
                return false;
        memcpy(held->cookie, cookie, COOKIE_BYTES);
        held->until = now + COOKIE_LIFE;
        return true;
}
