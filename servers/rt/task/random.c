/* Every request mixes fresh words of RDRAND into the key, if there are any, so that neither source
 * has to be good alone. */
#include "servers/rt/task/random.h"

#include <cpuid.h>
#include "servers/rt/pure/bytes.h"
#include "servers/rt/pure/chacha20.h"
#include "servers/rt/start/startup.h"

enum { RDRAND_TRIES = 10 }; /* as Intel advises (SDM volume 1, 7.3.17) */

static struct {
        bool started, seeded;
        bool has_rdrand;
        uint8_t key[CHACHA20_KEY];
} generator;

static bool hardware_word(uint64_t *word)
{
        for (unsigned i = 0; i < RDRAND_TRIES; i++) {
                uint8_t ok;
                __asm__ volatile("rdrand %0; setc %1" : "=r"(*word), "=qm"(ok) : : "cc");
                if (ok)
                        return true;
        }
        return false;
}

static void key_mix(const void *from, size_t count)
{
        const uint8_t *bytes = from;
        for (size_t i = 0; i < count; i++)
                generator.key[i % CHACHA20_KEY] ^= bytes[i];
}

static void generator_start(void)
{
        unsigned a, b, c = 0, d;
        generator.started = true;
        generator.has_rdrand = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_RDRND);
        const struct startup *startup = rt_startup();
        if (startup && startup->entropy_bytes >= 16 && startup->entropy_bytes <= STARTUP_ENTROPY) {
                key_mix(startup->entropy, startup->entropy_bytes);
                generator.seeded = true;
        }
}

static void hardware_mix(void)
{
        uint64_t words[CHACHA20_KEY / 8];
        for (unsigned i = 0; i < CHACHA20_KEY / 8; i++)
                if (!hardware_word(&words[i]))
                        return;
        key_mix(words, sizeof words);
        generator.seeded = true;
}

bool random_bytes(void *to, size_t count)
{
        if (!generator.started)
                generator_start();
        if (generator.has_rdrand)
                hardware_mix();
        if (!generator.seeded)
                return false;
        uint8_t *out = to, block[CHACHA20_BLOCK];
        while (count) {
                /* The first half of each block is the next key, the second goes out. */
                static const uint32_t nonce[4];
                chacha20_block(generator.key, nonce, block);
                bytes_copy(generator.key, block, CHACHA20_KEY);
                size_t part = count < CHACHA20_KEY ? count : CHACHA20_KEY;
                bytes_copy(out, block + CHACHA20_KEY, part);
                out += part;
                count -= part;
        }
        bytes_zero(block, sizeof block);
        return true;
}
