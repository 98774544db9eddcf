/* X25519 for the nodes' handshakes, which is most of what a handshake costs: what has been computed
 * once is remembered. Both ends of a handshake compute the same products, each from its own secret
 * and the other's point, and those of the nodes' own keys come again in each. All of it is as
 * libsodium has it; where a secret's point is not known, that computes.
 *
 *      publics    secret → its point
 *      products   two points → the product, computed from the secret of either
 *
 * Each table has one place for a key, which a later one takes. What is in them follows from nothing
 * but keys, so that they may outlive a seed. Some of what is remembered is computed all the same,
 * and has to be equal. */
#include <sodium.h>
#include <stdbool.h>
#include <string.h>
#include "tests/sim/sim.h"

enum { BYTES = crypto_scalarmult_curve25519_BYTES, PLACES = 1024, CHECK_EACH = 32 };

static struct public
{
        bool used;
        uint8_t secret[BYTES], point[BYTES];
}
publics[PLACES];

static struct product {
        bool used;
        uint8_t points[2][BYTES]; /* the lower one first */
        uint8_t product[BYTES];
} products[PLACES];

static unsigned place_of(const void *key)
{
        uint32_t word;
        memcpy(&word, key, sizeof word);
        return word % PLACES;
}

/* libsodium has just said `result` of `computed`. */
static void agree(int result, const uint8_t computed[BYTES], const uint8_t known[BYTES])
{
        if (result != 0 || memcmp(computed, known, BYTES) != 0)
                sim_fail("a point that the simulator remembers is wrong");
}

static bool is_checked(void)
{
        static unsigned count;
        return count++ % CHECK_EACH == 0;
}

int sim_curve_base(uint8_t *point, const uint8_t *secret)
{
        struct public *public = &publics[place_of(secret)];
        if (!public->used || memcmp(public->secret, secret, BYTES) != 0) {
                if (crypto_scalarmult_curve25519_base(point, secret) != 0)
                        return -1;
                public->used = true;
                memcpy(public->secret, secret, BYTES);
                memcpy(public->point, point, BYTES);
        }
        if (is_checked())
                agree(crypto_scalarmult_curve25519_base(point, secret), point, public->point);
        memcpy(point, public->point, BYTES);
        return 0;
}

int sim_curve(uint8_t *out, const uint8_t *secret, const uint8_t *point)
{
        const struct public *own = &publics[place_of(secret)];
        if (!own->used || memcmp(own->secret, secret, BYTES) != 0)
                return crypto_scalarmult_curve25519(out, secret, point);
        uint8_t points[2][BYTES];
        bool lower = memcmp(own->point, point, BYTES) < 0;
        memcpy(points[!lower], own->point, BYTES);
        memcpy(points[lower], point, BYTES);
        struct product *known = &products[place_of(points[0]) ^ place_of(points[1])];
        if (!known->used || memcmp(known->points, points, sizeof points) != 0) {
                if (crypto_scalarmult_curve25519(out, secret, point) != 0)
                        return -1;
                known->used = true;
                memcpy(known->points, points, sizeof points);
                memcpy(known->product, out, BYTES);
        }
        if (is_checked())
                agree(crypto_scalarmult_curve25519(out, secret, point), out, known->product);
        memcpy(out, known->product, BYTES);
        return 0;
}
