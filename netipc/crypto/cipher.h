/* The two ciphers for packets, as one: AEAD with keys of 32 bytes, nonces of 64 bits and tags of
 * 16.
 *
 * Which one is faster depends on the processor and on what emulates it, not on what CPUID says:
 * under emulation AES-GCM has taken a third of ChaCha20-Poly1305's instructions and three times its
 * time. So each node measures both at its start, says in each handshake what they cost it, and the
 * responder takes the one that costs both together least. A cost of 0 says that the node does not
 * take the cipher: its processor lacks it, or the other one is forced.
 *
 * Pure; the measuring is the caller's, who has a clock. */
#ifndef NETIPC_CRYPTO_CIPHER_H
#define NETIPC_CRYPTO_CIPHER_H

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cipher {
        CIPHER_CHACHA20_POLY1305, /* RFC 8439 */
        CIPHER_AES_256_GCM,       /* NIST SP 800-38D */
        CIPHERS,
};

enum { CIPHER_KEY = 32, CIPHER_TAG = 16 };

struct cipher_key {
        enum cipher cipher;
        union {
                uint8_t bytes[CIPHER_KEY];
                crypto_aead_aes256gcm_state aes; /* with its round keys */
        };
};

const char *cipher_name(enum cipher cipher);

/* Whether this processor has it. */
bool cipher_available(enum cipher cipher);

/* `cipher` must be available. */
void cipher_key_set(struct cipher_key *key, enum cipher cipher, const uint8_t bytes[CIPHER_KEY]);

/* Seals `count` bytes and writes the tag behind them; `out` may be `plain`. A nonce is used once
 * with a key, ever. */
void cipher_seal(const struct cipher_key *key, uint64_t nonce, const void *associated,
                 size_t associated_count, const void *plain, size_t count, uint8_t *out);

/* Opens `count` bytes with the tag behind them; `out` may be `sealed`. False: they are not what was
 * sealed, and `out` has been cleared. */
bool cipher_open(const struct cipher_key *key, uint64_t nonce, const void *associated,
                 size_t associated_count, const uint8_t *sealed, size_t count, void *out);

/* What the responder takes, by what each side says that `count` bytes cost it (any unit that both
 * use, 0: does not take it). CIPHERS: there is none for both. */
enum cipher cipher_choose(const uint32_t ours[CIPHERS], const uint32_t theirs[CIPHERS]);

#endif
