/* The messages of IKpsk2, token by token; see noise.h. The names of the small functions are those
 * of the framework's section 5. */
#include "netipc/crypto/noise.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static const char protocol_name[] = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b";

enum { BLOCK = 128 /* bytes of a BLAKE2b block */ };

_Static_assert(sizeof(protocol_name) - 1 <= NOISE_HASH, "section 5.2: short names are padded");
_Static_assert(NOISE_KEY == crypto_scalarmult_curve25519_BYTES, "X25519");
_Static_assert(NOISE_TAG == crypto_aead_chacha20poly1305_ietf_ABYTES, "RFC 8439");

/* --- hash functions ----------------------------------------------------------------------------
 */

struct bytes {
        const void *at;
        size_t count;
};

/* May write over what it reads. */
static void hash_of(uint8_t out[NOISE_HASH], struct bytes first, struct bytes second)
{
        crypto_generichash_blake2b_state state;
        crypto_generichash_blake2b_init(&state, NULL, 0, NOISE_HASH);
        crypto_generichash_blake2b_update(&state, first.at, first.count);
        crypto_generichash_blake2b_update(&state, second.at, second.count);
        crypto_generichash_blake2b_final(&state, out, NOISE_HASH);
        sodium_memzero(&state, sizeof(state));
}

/* RFC 2104, with keys of one hash. */
static void hmac(uint8_t out[NOISE_HASH], const uint8_t key[NOISE_HASH], const void *data,
                 size_t count)
{
        uint8_t inner[BLOCK], outer[BLOCK], digest[NOISE_HASH];
        memset(inner, 0x36, sizeof(inner));
        memset(outer, 0x5c, sizeof(outer));
        for (unsigned i = 0; i < NOISE_HASH; i++) {
                inner[i] ^= key[i];
                outer[i] ^= key[i];
        }
        hash_of(digest, (struct bytes){inner, BLOCK}, (struct bytes){data, count});
        hash_of(out, (struct bytes){outer, BLOCK}, (struct bytes){digest, NOISE_HASH});
        sodium_memzero(inner, sizeof(inner));
        sodium_memzero(outer, sizeof(outer));
        sodium_memzero(digest, sizeof(digest));
}

/* Section 4.3; `outputs` are 2 or 3. */
static void hkdf(uint8_t out[][NOISE_HASH], unsigned outputs,
                 const uint8_t chaining_key[NOISE_HASH], const uint8_t *input, size_t count)
{
        uint8_t key[NOISE_HASH], data[NOISE_HASH + 1];
        size_t before = 0;
        hmac(key, chaining_key, input, count);
        for (unsigned i = 0; i < outputs; i++) {
                data[before] = (uint8_t)(i + 1);
                hmac(out[i], key, data, before + 1);
                memcpy(data, out[i], NOISE_HASH);
                before = NOISE_HASH;
        }
        sodium_memzero(key, sizeof(key));
        sodium_memzero(data, sizeof(data));
}

/* --- symmetric state ---------------------------------------------------------------------------
 */

static void mix_hash(struct noise_symmetric *s, const void *data, size_t count)
{
        hash_of(s->hash, (struct bytes){s->hash, NOISE_HASH}, (struct bytes){data, count});
}

static void initialize(struct noise_symmetric *s, const struct noise_terms *terms,
                       const uint8_t responder[NOISE_KEY])
{
        memset(s, 0, sizeof(*s));
        memcpy(s->hash, protocol_name, sizeof(protocol_name) - 1);
        memcpy(s->chaining_key, s->hash, NOISE_HASH);
        mix_hash(s, terms->prologue, terms->prologue_length);
        mix_hash(s, responder, NOISE_KEY);
}

static void mix_key(struct noise_symmetric *s, const uint8_t input[NOISE_KEY])
{
        uint8_t out[2][NOISE_HASH];
        hkdf(out, 2, s->chaining_key, input, NOISE_KEY);
        memcpy(s->chaining_key, out[0], NOISE_HASH);
        memcpy(s->key, out[1], NOISE_KEY);
        sodium_memzero(out, sizeof(out));
}

static void mix_key_and_hash(struct noise_symmetric *s, const uint8_t psk[NOISE_KEY])
{
        uint8_t out[3][NOISE_HASH];
        hkdf(out, 3, s->chaining_key, psk, NOISE_KEY);
        memcpy(s->chaining_key, out[0], NOISE_HASH);
        mix_hash(s, out[1], NOISE_HASH);
        memcpy(s->key, out[2], NOISE_KEY);
        sodium_memzero(out, sizeof(out));
}

/* In psk handshakes the ephemeral key is mixed twice (section 9.2). */
static void mix_ephemeral(struct noise_symmetric *s, const uint8_t key[NOISE_KEY])
{
        mix_hash(s, key, NOISE_KEY);
        mix_key(s, key);
}

/* False: the product is zero, for which the other's point is to blame. */
static bool mix_product(struct noise_symmetric *s, const uint8_t secret[NOISE_KEY],
                        const uint8_t point[NOISE_KEY])
{
        uint8_t product[NOISE_KEY];
        bool good = crypto_scalarmult_curve25519(product, secret, point) == 0;
        if (good)
                mix_key(s, product);
        sodium_memzero(product, sizeof(product));
        return good;
}

/* Section 5.1: a key's first nonce is zero. In this pattern none seals a second message; it is
 * wiped, so that none could. */
static const uint8_t first_nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

static uint8_t *encrypt_and_hash(struct noise_symmetric *s, const void *plain, size_t count,
                                 uint8_t *out)
{
        crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plain, count, s->hash, NOISE_HASH,
                                                  NULL, first_nonce, s->key);
        sodium_memzero(s->key, sizeof(s->key));
        mix_hash(s, out, count + NOISE_TAG);
        return out + count + NOISE_TAG;
}

static bool decrypt_and_hash(struct noise_symmetric *s, const uint8_t *sealed, void *out,
                             size_t count)
{
        if (crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed, count + NOISE_TAG,
                                                      s->hash, NOISE_HASH, first_nonce, s->key))
                return false;
        sodium_memzero(s->key, sizeof(s->key));
        mix_hash(s, sealed, count + NOISE_TAG);
        return true;
}

static void split_take(const struct noise_symmetric *s, struct noise_split *split)
{
        uint8_t out[2][NOISE_HASH];
        hkdf(out, 2, s->chaining_key, NULL, 0);
        memcpy(split->from_initiator, out[0], NOISE_KEY);
        memcpy(split->from_responder, out[1], NOISE_KEY);
        memcpy(split->hash, s->hash, NOISE_HASH);
        sodium_memzero(out, sizeof(out));
}

/* --- messages ----------------------------------------------------------------------------------
 */

void noise_pair_make(struct noise_pair *pair, const uint8_t random[NOISE_KEY])
{
        memcpy(pair->secret, random, NOISE_KEY);
        crypto_scalarmult_curve25519_base(pair->public_key, pair->secret);
}

bool noise_first_write(struct noise_initiator *initiator, const struct noise_terms *terms,
                       const uint8_t remote[NOISE_KEY], const uint8_t random[NOISE_KEY],
                       const void *payload, size_t length, uint8_t *message)
{
        struct noise_symmetric *s = &initiator->symmetric;
        const struct noise_pair *self = terms->self;
        initialize(s, terms, remote);
        noise_pair_make(&initiator->ephemeral, random);
        memcpy(message, initiator->ephemeral.public_key, NOISE_KEY);
        mix_ephemeral(s, initiator->ephemeral.public_key);
        if (!mix_product(s, initiator->ephemeral.secret, remote))
                return false;
        uint8_t *end = encrypt_and_hash(s, self->public_key, NOISE_KEY, message + NOISE_KEY);
        if (!mix_product(s, self->secret, remote))
                return false;
        end = encrypt_and_hash(s, payload, length, end);
        assert((size_t)(end - message) == length + NOISE_FIRST_OVERHEAD);
        return true;
}

bool noise_first_read(struct noise_responder *responder, const struct noise_terms *terms,
                      const uint8_t *message, void *payload, size_t length)
{
        struct noise_symmetric *s = &responder->symmetric;
        const struct noise_pair *self = terms->self;
        initialize(s, terms, self->public_key);
        memcpy(responder->remote_ephemeral, message, NOISE_KEY);
        mix_ephemeral(s, responder->remote_ephemeral);
        message += NOISE_KEY;
        if (!mix_product(s, self->secret, responder->remote_ephemeral) ||
            !decrypt_and_hash(s, message, responder->remote_static, NOISE_KEY))
                return false;
        message += NOISE_KEY + NOISE_TAG;
        return mix_product(s, self->secret, responder->remote_static) &&
               decrypt_and_hash(s, message, payload, length);
}

bool noise_second_write(struct noise_responder *responder, const struct noise_terms *terms,
                        const uint8_t random[NOISE_KEY], const void *payload, size_t length,
                        uint8_t *message, struct noise_split *split)
{
        struct noise_symmetric *s = &responder->symmetric;
        struct noise_pair ephemeral;
        noise_pair_make(&ephemeral, random);
        memcpy(message, ephemeral.public_key, NOISE_KEY);
        mix_ephemeral(s, ephemeral.public_key);
        bool good = mix_product(s, ephemeral.secret, responder->remote_ephemeral) &&
                    mix_product(s, ephemeral.secret, responder->remote_static);
        if (good) {
                mix_key_and_hash(s, terms->psk);
                encrypt_and_hash(s, payload, length, message + NOISE_KEY);
                split_take(s, split);
        }
        sodium_memzero(&ephemeral, sizeof(ephemeral));
        sodium_memzero(responder, sizeof(*responder));
        return good;
}

bool noise_second_read(struct noise_initiator *initiator, const struct noise_terms *terms,
                       const uint8_t *message, void *payload, size_t length,
                       struct noise_split *split)
{
        struct noise_symmetric s = initiator->symmetric;
        mix_ephemeral(&s, message);
        bool good = mix_product(&s, initiator->ephemeral.secret, message) &&
                    mix_product(&s, terms->self->secret, message);
        if (good) {
                mix_key_and_hash(&s, terms->psk);
                good = decrypt_and_hash(&s, message + NOISE_KEY, payload, length);
        }
        if (good) {
                split_take(&s, split);
                sodium_memzero(initiator, sizeof(*initiator));
        }
        sodium_memzero(&s, sizeof(s));
        return good;
}
