/* Key schedule, sealing, opening; see protect.h. */
#include "netipc/crypto/protect.h"

#include <assert.h>
#include <string.h>

/* --- keys --------------------------------------------------------------------------------------
 */

/* May write over the secret. */
static void derive(uint8_t out[PROTECT_SECRET], const uint8_t secret[PROTECT_SECRET],
                   const char *what, enum cipher cipher)
{
        char label[32] = "portolan ";
        size_t length = strlen(label);
        assert(length + strlen(what) < sizeof(label));
        memcpy(label + length, what, strlen(what));
        length += strlen(what);
        label[length++] = (char)cipher;
        crypto_generichash_blake2b(out, PROTECT_SECRET, (const uint8_t *)label, length, secret,
                                   PROTECT_SECRET);
}

void protect_key_take(struct cipher_key *key, enum cipher cipher, uint8_t secret[PROTECT_SECRET])
{
        uint8_t bytes[CIPHER_KEY];
        derive(bytes, secret, "key", cipher);
        derive(secret, secret, "next", cipher);
        cipher_key_set(key, cipher, bytes);
        sodium_memzero(bytes, sizeof(bytes));
}

void protect_sender_init(struct protect_sender *sender, enum cipher cipher,
                         const uint8_t secret[PROTECT_SECRET], uint64_t now)
{
        memset(sender, 0, sizeof(*sender));
        memcpy(sender->secret, secret, PROTECT_SECRET);
        protect_key_take(&sender->key, cipher, sender->secret);
        sender->began = now;
        sender->first = sender->next = 1;
}

void protect_receiver_init(struct protect_receiver *receiver, enum cipher cipher,
                           const uint8_t secret[PROTECT_SECRET])
{
        memset(receiver, 0, sizeof(*receiver));
        memcpy(receiver->secret, secret, PROTECT_SECRET);
        protect_key_take(&receiver->now, cipher, receiver->secret);
        protect_key_take(&receiver->after, cipher, receiver->secret);
}

/* --- out ---------------------------------------------------------------------------------------
 */

static void sender_advance(struct protect_sender *sender, uint64_t now)
{
        protect_key_take(&sender->key, sender->key.cipher, sender->secret);
        sender->phase++;
        sender->began = now;
        sender->first = sender->next;
}

/* False: nothing may be sealed any more. */
static bool sender_ready(struct protect_sender *sender, uint64_t now)
{
        bool full = sender->next - sender->first >= PROTECT_PHASE_PACKETS;
        bool due = full || now - sender->began >= PROTECT_PHASE_TIME;
        if (sender->next >= PROTECT_NUMBER_MAX)
                return false;
#define TX(field)                sender->field
#define PHASE_MAY_END(condition) bool may_end = condition;
#include "netipc/crypto/phases.def"
        if (due && may_end)
                sender_advance(sender, now);
        return sender->next - sender->first < PROTECT_PHASE_PACKETS;
}

uint64_t protect_seal(struct protect_sender *sender, uint8_t *packet, size_t count, uint64_t now)
{
        if (!sender_ready(sender, now))
                return 0;
        uint64_t number = sender->next++;
        uint8_t *frames = packet + PROTECT_HEADER;
        packet[PROTECT_HEADER_PHASE] = (uint8_t)sender->phase;
        memcpy(packet + PROTECT_HEADER_NUMBER, &number, sizeof(number));
        cipher_seal(&sender->key, number, packet, PROTECT_HEADER, frames, count, frames);
        return number;
}

void protect_acknowledged(struct protect_sender *sender, uint64_t number)
{
        assert(number < sender->next);
        if (number > sender->acknowledged)
                sender->acknowledged = number;
}

/* --- in ----------------------------------------------------------------------------------------
 */

#define NUMBER     number
#define RX(field)  RX_##field
#define RX_last    receiver->last
#define RX_first   receiver->first
#define RX_used    receiver->used
#define RX_largest largest
#define RX_late    late

/* The key that a packet says it is sealed with; NULL: there is no such phase now. */
static const struct cipher_key *key_meant(const struct protect_receiver *receiver, uint8_t phase,
                                          uint64_t number, uint64_t now)
{
        const bool late = now < receiver->late_until;
        const uint64_t largest = receiver->replay.largest;
        switch ((int8_t)(phase - (uint8_t)receiver->phase)) {
#define PHASE_KEY(distance, key, condition)                                                        \
        case distance:                                                                             \
                return (condition) ? &receiver->key : NULL;
#include "netipc/crypto/phases.def"
        default:
                return NULL;
        }
}

static void receiver_advance(struct protect_receiver *receiver, uint64_t now)
{
        receiver->before = receiver->now;
        receiver->now = receiver->after;
        protect_key_take(&receiver->after, receiver->now.cipher, receiver->secret);
        receiver->phase++;
        receiver->used = false;
        receiver->last = receiver->replay.largest;
        receiver->late_until = now + PROTECT_LATE;
}

/* The key of the phase before is kept no longer than it is needed. */
static void late_end(struct protect_receiver *receiver, uint64_t now)
{
        if (receiver->late_until == 0 || now < receiver->late_until)
                return;
        sodium_memzero(&receiver->before, sizeof(receiver->before));
        receiver->late_until = 0;
}

static void opened(struct protect_receiver *receiver, const struct cipher_key *key, uint64_t number,
                   uint64_t now)
{
        if (key == &receiver->before) {
                if (number > receiver->last)
                        receiver->last = number;
        } else {
                if (key == &receiver->after)
                        receiver_advance(receiver, now);
                if (!receiver->used || number < receiver->first)
                        receiver->first = number;
                receiver->used = true;
        }
        replay_note(&receiver->replay, number);
        late_end(receiver, now);
        assert(receiver->last < receiver->first);
}

enum crypto_refusal protect_open(struct protect_receiver *receiver, const uint8_t *packet,
                                 size_t length, uint8_t *plain, uint64_t now)
{
        uint64_t number;
        if (length < PROTECT_OVERHEAD)
                return CRYPTO_REFUSED_LENGTH;
        memcpy(&number, packet + PROTECT_HEADER_NUMBER, sizeof(number));
        if (replay_used(&receiver->replay, number) || number >= PROTECT_NUMBER_MAX)
                return CRYPTO_REFUSED_NUMBER;
        const struct cipher_key *key =
            key_meant(receiver, packet[PROTECT_HEADER_PHASE], number, now);
        if (!key)
                return CRYPTO_REFUSED_PHASE;
        if (!cipher_open(key, number, packet, PROTECT_HEADER, packet + PROTECT_HEADER,
                         length - PROTECT_OVERHEAD, plain))
                return CRYPTO_REFUSED_AUTHENTICATION;
        opened(receiver, key, number, now);
        return CRYPTO_TAKEN;
}

void protect_end(struct protect_sender *sender, struct protect_receiver *receiver)
{
        sodium_memzero(sender, sizeof(*sender));
        sodium_memzero(receiver, sizeof(*receiver));
}
