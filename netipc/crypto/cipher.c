/* Both ciphers by libsodium; see cipher.h. */
#include "netipc/crypto/cipher.h"

#include <assert.h>
#include <cpuid.h>
#include <string.h>

_Static_assert(CIPHER_KEY == crypto_aead_aes256gcm_KEYBYTES, "");
_Static_assert(CIPHER_KEY == crypto_aead_chacha20poly1305_ietf_KEYBYTES, "");
_Static_assert(CIPHER_TAG == crypto_aead_aes256gcm_ABYTES, "");
_Static_assert(CIPHER_TAG == crypto_aead_chacha20poly1305_ietf_ABYTES, "");

enum { NONCE = 12 };

const char *cipher_name(enum cipher cipher)
{
        switch (cipher) {
        case CIPHER_CHACHA20_POLY1305:
                return "chacha20-poly1305";
        case CIPHER_AES_256_GCM:
                return "aes-256-gcm";
        default:
                return "none";
        }
}

/* What libsodium's code for AES-GCM uses; its own check asks for a sodium_init() before, which
 * would also choose slower code for the hash under emulation. */
static bool processor_has_aes(void)
{
        const unsigned needed = bit_AES | bit_PCLMUL | bit_SSSE3;
        unsigned a, b, c = 0, d;
        return __get_cpuid(1, &a, &b, &c, &d) && (c & needed) == needed;
}

bool cipher_available(enum cipher cipher)
{
        return cipher == CIPHER_CHACHA20_POLY1305 ||
               (cipher == CIPHER_AES_256_GCM && processor_has_aes());
}

void cipher_key_set(struct cipher_key *key, enum cipher cipher, const uint8_t bytes[CIPHER_KEY])
{
        assert(cipher < CIPHERS);
        key->cipher = cipher;
        if (cipher == CIPHER_AES_256_GCM)
                crypto_aead_aes256gcm_beforenm(&key->aes, bytes);
        else
                memcpy(key->bytes, bytes, CIPHER_KEY);
}

/* As in the handshake: 32 zero bits, then the number, little-endian. */
static void nonce_make(uint64_t number, uint8_t nonce[NONCE])
{
        memset(nonce, 0, 4);
        memcpy(nonce + 4, &number, sizeof(number));
}

void cipher_seal(const struct cipher_key *key, uint64_t number, const void *associated,
                 size_t associated_count, const void *plain, size_t count, uint8_t *out)
{
        uint8_t nonce[NONCE];
        nonce_make(number, nonce);
        if (key->cipher == CIPHER_AES_256_GCM)
                crypto_aead_aes256gcm_encrypt_afternm(out, NULL, plain, count, associated,
                                                      associated_count, NULL, nonce, &key->aes);
        else
                crypto_aead_chacha20poly1305_ietf_encrypt(
                    out, NULL, plain, count, associated, associated_count, NULL, nonce, key->bytes);
}

bool cipher_open(const struct cipher_key *key, uint64_t number, const void *associated,
                 size_t associated_count, const uint8_t *sealed, size_t count, void *out)
{
        uint8_t nonce[NONCE];
        nonce_make(number, nonce);
        if (key->cipher == CIPHER_AES_256_GCM)
                return crypto_aead_aes256gcm_decrypt_afternm(
                           out, NULL, NULL, sealed, count + CIPHER_TAG, associated,
                           associated_count, nonce, &key->aes) == 0;
        return crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed,
                                                         count + CIPHER_TAG, associated,
                                                         associated_count, nonce, key->bytes) == 0;
}

enum cipher cipher_choose(const uint32_t ours[CIPHERS], const uint32_t theirs[CIPHERS])
{
        enum cipher best = CIPHERS;
        uint64_t least = UINT64_MAX;
        for (enum cipher i = 0; i < CIPHERS; i++) {
                uint64_t cost = (uint64_t)ours[i] + theirs[i];
                if (!ours[i] || !theirs[i] || cost >= least)
                        continue;
                best = i;
                least = cost;
        }
        return best;
}
