/* Every request mixes fresh words of RDRAND into the key, if there are any. What is mixed in is
 * XORed and run through the block function, so that no two inputs cancel each other. */
#include "servers/rt/task/random.h"

#include <cpuid.h>
#include "servers/rt/pure/bytes.h"
#include "servers/rt/pure/chacha20.h"
#include "servers/rt/start/startup.h"

enum { RDRAND_TRIES = 10 }; /* as Intel advises (SDM volume 1, 7.3.17) */

static struct {
        bool started;
        bool has_rdrand;
        enum random_quality quality;
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

/* The first half of a block is the next key; the second may go out. */
static void advance(uint8_t block[CHACHA20_BLOCK])
{
        static const uint32_t nonce[4];
        chacha20_block(generator.key, nonce, block);
        bytes_copy(generator.key, block, CHACHA20_KEY);
}

static void key_mix(const void *from, size_t count, enum random_quality quality)
{
        const uint8_t *bytes = from;
        uint8_t block[CHACHA20_BLOCK];
        for (size_t i = 0; i < count; i++) {
                generator.key[i % CHACHA20_KEY] ^= bytes[i];
                if (i % CHACHA20_KEY == CHACHA20_KEY - 1 || i == count - 1)
                        advance(block);
        }
        bytes_zero(block, sizeof block);
        if (count && generator.quality < quality)
                generator.quality = quality;
}

static void hardware_mix(void)
{
        uint64_t words[CHACHA20_KEY / 8];
        for (unsigned i = 0; i < CHACHA20_KEY / 8; i++)
                if (!hardware_word(&words[i]))
                        return;
        key_mix(words, sizeof words, RANDOM_SECRET);
        bytes_zero(words, sizeof words);
}

static void generator_start(void)
{
        unsigned a, b, c = 0, d;
        const struct startup *startup = rt_startup();
        generator.started = true;
        generator.has_rdrand = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_RDRND);
        if (startup && startup->entropy_bytes >= 16 && startup->entropy_bytes <= STARTUP_ENTROPY)
                key_mix(startup->entropy, startup->entropy_bytes,
                        startup->entropy_secret ? RANDOM_SECRET : RANDOM_PUBLIC);
}

static void ready(void)
{
        if (!generator.started)
                generator_start();
        if (generator.has_rdrand)
                hardware_mix();
}

enum random_quality random_quality(void)
{
        ready();
        return generator.quality;
}

void random_stir(const void *from, size_t count, enum random_quality quality)
{
        ready();
        key_mix(from, count, quality);
}

void random_forked(uint64_t process)
{
        const uint64_t what[2] = {process, __builtin_ia32_rdtsc()};
        random_stir(what, sizeof what, RANDOM_NONE);
}

static bool draw(void *to, size_t count, enum random_quality least)
{
        uint8_t *out = to, block[CHACHA20_BLOCK];
        ready();
        if (generator.quality < least)
                return false;
        while (count) {
                advance(block);
                size_t part = count < CHACHA20_KEY ? count : CHACHA20_KEY;
                bytes_copy(out, block + CHACHA20_KEY, part);
                out += part;
                count -= part;
        }
        bytes_zero(block, sizeof block);
        return true;
}

bool random_bytes(void *to, size_t count)
{
        return draw(to, count, RANDOM_SECRET);
}

bool random_distinct(void *to, size_t count)
{
        return draw(to, count, RANDOM_PUBLIC);
}
