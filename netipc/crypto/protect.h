/* Packets of a session: sealed and opened, each direction with its own keys.
 *
 *      packet = outer header (16, in clear, authenticated) | frames, sealed | tag (16)
 *
 *      secret 0 ──"next"──► secret 1 ──"next"──► secret 2      each overwritten by the next:
 *         │"key"               │"key"               │"key"     what is stolen opens nothing
 *      key of phase 0       key of phase 1       key of phase 2   that was sealed before
 *
 * secret 0 of a direction is that half of the handshake's split; both arrows are BLAKE2b-256 keyed
 * by the secret, of their name and the cipher.
 *
 * The packet number is the nonce: it starts at 1, grows by one with each packet over all phases,
 * and is never used again. The header names the phase, modulo 256. A sender begins the next phase
 * by itself, after PROTECT_PHASE_TIME or PROTECT_PHASE_PACKETS, but not before a packet of this
 * phase was acknowledged: so its receiver is never more than one phase behind, and has, beside the
 * key of the phase it knows of, the next one and, for late packets, the one before for
 * PROTECT_LATE. A packet says which key is meant, so each costs one attempt at most. Within a
 * session numbers and phases grow together: a number on the wrong side of a phase's first one is
 * refused.
 *
 * Opening checks the number first, then the phase, then the tag, and changes nothing before all
 * three are right: neither window, nor phase, nor times.
 *
 * Pure: time (ns, never backwards) is given. */
#ifndef NETIPC_CRYPTO_PROTECT_H
#define NETIPC_CRYPTO_PROTECT_H

#include "netipc/crypto/cipher.h"
#include "netipc/crypto/refusal.h"
#include "netipc/crypto/replay.h"

enum {
        PROTECT_HEADER = 16,       /* bytes in front of what is sealed */
        PROTECT_HEADER_PHASE = 2,  /* where they have the phase, a byte … */
        PROTECT_HEADER_NUMBER = 8, /* … and the packet number, 8 bytes, little-endian */
        PROTECT_OVERHEAD = PROTECT_HEADER + CIPHER_TAG,
        PROTECT_SECRET = 32,
};

#define PROTECT_PHASE_TIME    120000000000ull /* ns */
#define PROTECT_PHASE_PACKETS (1ull << 32)
#define PROTECT_LATE          5000000000ull /* ns; longer than a silent peer counts as alive */
#define PROTECT_NUMBER_MAX    (1ull << 62)

struct protect_sender {
        struct cipher_key key;
        uint8_t secret[PROTECT_SECRET]; /* of the phase after this */
        uint64_t phase;                 /* from 0 */
        uint64_t began;                 /* this phase */
        uint64_t first;                 /* number of this phase */
        uint64_t next;                  /* number */
        uint64_t acknowledged;          /* largest number that was; 0: none */
};

struct protect_receiver {
        struct cipher_key before, now, after; /* keys of phase - 1, phase, phase + 1 */
        uint8_t secret[PROTECT_SECRET];       /* of phase + 2 */
        uint64_t phase;
        uint64_t first;      /* smallest number that came in this phase; only if `used` */
        bool used;           /* a packet of this phase has come */
        uint64_t last;       /* largest number that came in the phase before */
        uint64_t late_until; /* `before` counts before this time; 0: there is none */
        struct replay replay;
};

/* Takes the key of the secret's phase, and moves the secret to the next phase: for who has a key
 * log. */
void protect_key_take(struct cipher_key *key, enum cipher cipher, uint8_t secret[PROTECT_SECRET]);

void protect_sender_init(struct protect_sender *sender, enum cipher cipher,
                         const uint8_t secret[PROTECT_SECRET], uint64_t now);
void protect_receiver_init(struct protect_receiver *receiver, enum cipher cipher,
                           const uint8_t secret[PROTECT_SECRET]);

/* Seals a packet in its place: PROTECT_HEADER bytes, of which it writes phase and number, then
 * `count` bytes, then room for the tag. Returns its number; 0: there are no more, or the peer has
 * acknowledged nothing for a whole phase; the session has to end. */
uint64_t protect_seal(struct protect_sender *sender, uint8_t *packet, size_t count, uint64_t now);

/* The peer has acknowledged this number, of a packet that was sent. */
void protect_acknowledged(struct protect_sender *sender, uint64_t number);

/* Opens a packet of `length` bytes to `plain`, which has room for length - PROTECT_OVERHEAD bytes
 * and may be where they are sealed. Anything but CRYPTO_TAKEN: it is to be dropped, and nothing has
 * changed (but what `plain` holds). */
enum crypto_refusal protect_open(struct protect_receiver *receiver, const uint8_t *packet,
                                 size_t length, uint8_t *plain, uint64_t now);

/* Wipes all keys. */
void protect_end(struct protect_sender *sender, struct protect_receiver *receiver);

#endif
