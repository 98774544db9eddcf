/* Sealed packets: the input is a list of steps of two bytes. They seal, deliver, repeat, lose,
 * damage and shorten packets, acknowledge, and let time pass. Judged: what is opened is what was
 * sealed, once, and what was not changed is opened unless its number or phase is too old. */
#include <assert.h>

#include "tests/unit/crypto/bench.h"

enum { KEPT = 32, FRAMES = 24, PACKET = FRAMES + PROTECT_OVERHEAD };

static struct protect_sender sender;
static struct protect_receiver receiver;
static struct kept {
        uint8_t bytes[PACKET];
        uint64_t number;
        bool opened;
} kept[KEPT];
static uint64_t now;

static void start(bool aes)
{
        const uint8_t secret[PROTECT_SECRET] = {7};
        enum cipher cipher = aes && cipher_available(CIPHER_AES_256_GCM) ? CIPHER_AES_256_GCM
                                                                         : CIPHER_CHACHA20_POLY1305;
        protect_sender_init(&sender, cipher, secret, 0);
        protect_receiver_init(&receiver, cipher, secret);
        memset(kept, 0, sizeof(kept));
        now = 0;
}

/* What a packet carries says which it is. */
static void frames_of(uint64_t number, uint8_t frames[FRAMES])
{
        for (unsigned i = 0; i < FRAMES; i++)
                frames[i] = (uint8_t)(number * 31 + i);
}

static void seal(struct kept *packet)
{
        bench_header(packet->bytes, TYPE_SEALED, 77);
        frames_of(sender.next, packet->bytes + PROTECT_HEADER);
        packet->number = protect_seal(&sender, packet->bytes, FRAMES, now);
        packet->opened = false;
}

static void deliver(struct kept *packet)
{
        uint8_t plain[FRAMES], expected[FRAMES];
        if (!packet->number)
                return;
        enum crypto_refusal refusal = protect_open(&receiver, packet->bytes, PACKET, plain, now);
        frames_of(packet->number, expected);
        if (refusal == CRYPTO_TAKEN)
                assert(!packet->opened && !memcmp(plain, expected, FRAMES));
        else
                assert(refusal == CRYPTO_REFUSED_NUMBER || refusal == CRYPTO_REFUSED_PHASE);
        packet->opened |= refusal == CRYPTO_TAKEN;
        assert(packet->opened || refusal != CRYPTO_REFUSED_NUMBER ||
               receiver.replay.largest - packet->number >= REPLAY_WINDOW);
}

static void deliver_damaged(const struct kept *packet, uint8_t where)
{
        uint8_t bytes[PACKET], plain[FRAMES];
        struct protect_receiver before = receiver;
        size_t length = where < PACKET ? PACKET : where - PACKET;
        if (!packet->number || length > PACKET)
                return;
        memcpy(bytes, packet->bytes, PACKET);
        bytes[where % PACKET] ^= (uint8_t)(1 << where % 8);
        enum crypto_refusal refusal = protect_open(&receiver, bytes, length, plain, now);
        assert(refusal != CRYPTO_TAKEN);
        assert(!memcmp(&before, &receiver, sizeof(before)));
}

static void step(uint8_t what, uint8_t which)
{
        struct kept *packet = &kept[which % KEPT];
        switch (what % 8) {
        case 0:
        case 1:
                seal(packet);
                break;
        case 2:
        case 3:
                deliver(packet);
                break;
        case 4:
                deliver_damaged(packet, (uint8_t)(what + which));
                break;
        case 5:
                if (packet->opened)
                        protect_acknowledged(&sender, packet->number);
                break;
        case 6:
                now += which * 1000000000ull;
                break;
        default: /* many packets are lost, a phase comes to its end */
                sender.next += which * (which % 4 ? 1000ull : PROTECT_PHASE_PACKETS / 64);
                break;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size == 0)
                return 0;
        start(data[0] & 1);
        for (size_t i = 1; i + 1 < size; i += 2)
                step(data[i], data[i + 1]);
        protect_end(&sender, &receiver);
        return 0;
}
