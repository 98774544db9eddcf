/* What sealing alone costs, beside which sealed packets are measured: whole packets, one after the
 * other; and for a null call the two packets of the caller's node, one sealed and one opened, each
 * with a message and an acknowledgement and nothing else. By the code that the nodes use:
 * sodium_init() would choose another. */
#include <string.h>
#include "netipc/core/wire.h"
#include "netipc/crypto/cipher.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"
#include "tests/bench/marks.h"
#include "tests/bench/portolan/rows.h"

enum { AEAD_PACKETS = 4096, CALL_FRAMES = sizeof(struct wire_msg) + sizeof(struct wire_ack) };

/* The cipher that the node's sessions use: it was forced. */
static bool key_make(struct cipher_key *key)
{
        static const uint8_t bytes[CIPHER_KEY] = {1};
        const char *name = startup_value(rt_startup(), "cipher");
        for (enum cipher cipher = 0; cipher < CIPHERS; cipher++) {
                if (!name || strcmp(name, cipher_name(cipher)) != 0 || !cipher_available(cipher))
                        continue;
                cipher_key_set(key, cipher, bytes);
                return true;
        }
        return false;
}

static const struct wire_outer outer;

outcome_t row_aead(const struct bench *bench)
{
        static uint8_t packet[WIRE_FRAMES_BASE + CIPHER_TAG];
        struct cipher_key key;
        (void)bench;
        if (!key_make(&key))
                return not_executed(REASON_NOT_FOUND);
        uint64_t begin = rt_now();
        for (uint64_t i = 1; i <= AEAD_PACKETS; i++)
                cipher_seal(&key, i, &outer, sizeof outer, packet, WIRE_FRAMES_BASE, packet);
        rt_log("bench aead_bytes_s %llu", (unsigned long long)AEAD_PACKETS * WIRE_FRAMES_BASE *
                                              RT_SECOND / (rt_now() - begin));
        return OUTCOME_OK;
}

outcome_t row_aead_call(const struct bench *bench)
{
        static uint8_t plain[CALL_FRAMES], sealed[CALL_FRAMES + CIPHER_TAG];
        struct cipher_key key;
        if (!key_make(&key))
                return not_executed(REASON_NOT_FOUND);
        cipher_seal(&key, 1, &outer, sizeof outer, plain, sizeof plain, sealed);
        bench_mark_row();
        bench_mark_begin();
        for (unsigned i = 0; i < bench->count; i++) {
                cipher_seal(&key, 1, &outer, sizeof outer, plain, sizeof plain, sealed);
                if (!cipher_open(&key, 1, &outer, sizeof outer, sealed, sizeof plain, plain))
                        return not_executed(REASON_INVALID);
        }
        bench_mark_end();
        return OUTCOME_OK;
}
