/* CRC-32C by table, by instruction and by folding; see crc32c.h. All give the same. */
#include "netipc/core/crc32c.h"

#include <string.h>

/* What a byte makes of the remainder is the sum (exclusive or) of what its bits make of it. */
#define BIT(byte, bit, value) ((byte) >> (bit)&1 ? (value) : 0u)
#define BYTE(byte)                                                                                 \
        (BIT(byte, 0, 0xf26b8303u) ^ BIT(byte, 1, 0xe13b70f7u) ^ BIT(byte, 2, 0xc79a971fu) ^       \
         BIT(byte, 3, 0x8ad958cfu) ^ BIT(byte, 4, 0x105ec76fu) ^ BIT(byte, 5, 0x20bd8edeu) ^       \
         BIT(byte, 6, 0x417b1dbcu) ^ BIT(byte, 7, 0x82f63b78u))
#define BYTES_4(byte)  BYTE(byte), BYTE(byte + 1), BYTE(byte + 2), BYTE(byte + 3)
#define BYTES_16(byte) BYTES_4(byte), BYTES_4(byte + 4), BYTES_4(byte + 8), BYTES_4(byte + 12)
#define BYTES_64(byte) BYTES_16(byte), BYTES_16(byte + 16), BYTES_16(byte + 32), BYTES_16(byte + 48)

static const uint32_t table[256] = {BYTES_64(0), BYTES_64(64), BYTES_64(128), BYTES_64(192)};

uint32_t crc32c_portable(const void *bytes, size_t length)
{
        const uint8_t *at = bytes;
        uint32_t sum = UINT32_MAX;
        for (; length; length--)
                sum = table[(uint8_t)sum ^ *at++] ^ sum >> 8;
        return ~sum;
}

__attribute__((target("sse4.2"))) static inline uint64_t word_add(uint64_t sum, const uint8_t *at)
{
        uint64_t word;
        memcpy(&word, at, sizeof(word));
        return __builtin_ia32_crc32di(sum, word);
}

__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint64_t sum, const uint8_t *at,
                                                                 size_t length)
{
        for (; length >= 32; length -= 32, at += 32)
                sum = word_add(word_add(word_add(word_add(sum, at), at + 8), at + 16), at + 24);
        for (; length >= 8; length -= 8, at += 8)
                sum = word_add(sum, at);
        for (; length; length--)
                sum = __builtin_ia32_crc32qi((uint32_t)sum, *at++);
        return ~(uint32_t)sum;
}

/* ---- folding ---------------------------------------------------------------------------------
 *
 * V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction"
 * (Intel, 2009). Sixteen bytes that stand n bits before others have the same remainder as the sum
 * of their halves' products with powers of x modulo the polynomial: n + 64 for the first half, n
 * for the second, both less 33, which are the power's place in its word and the bit by which a
 * product of reflected words is short. So four blocks are folded onto the next four until less is
 * left, and those four onto one. Its remainder is that of all before it. */

enum { BLOCK = 16, LANES = 4, ROUND = LANES * BLOCK, FOLD_LEAST = 2 * ROUND };

#define FOLDS __attribute__((target("sse4.2,pclmul")))

typedef long long block __attribute__((vector_size(BLOCK)));

FOLDS static inline block block_at(const uint8_t *at)
{
        block found;
        memcpy(&found, at, sizeof(found));
        return found;
}

/* The power is the second factor: the emulator multiplies in as many steps as that has bits. */
FOLDS static inline block fold(block folded, block powers, block onto)
{
        return __builtin_ia32_pclmulqdq128(folded, powers, 0x00) ^
               __builtin_ia32_pclmulqdq128(folded, powers, 0x11) ^ onto;
}

FOLDS static uint32_t by_folding(uint32_t sum, const uint8_t *at, size_t length)
{
        const block by_round = {0x740eef02, 0x9e4addf8}; /* x^543, x^479 */
        const block by_block = {0xf20c0dfe, 0x493c7d27}; /* x^159, x^95 */
        block a = block_at(at) ^ (block) { sum, 0 };
        block b = block_at(at + 16), c = block_at(at + 32), d = block_at(at + 48);
        at += ROUND;
        length -= ROUND;
        for (; length >= ROUND; length -= ROUND, at += ROUND) {
                a = fold(a, by_round, block_at(at));
                b = fold(b, by_round, block_at(at + 16));
                c = fold(c, by_round, block_at(at + 32));
                d = fold(d, by_round, block_at(at + 48));
        }
        uint8_t last[BLOCK];
        a = fold(fold(fold(a, by_block, b), by_block, c), by_block, d);
        memcpy(last, &a, sizeof(last));
        return by_instruction(word_add(word_add(0, last), last + 8), at, length);
}

uint32_t crc32c(const void *bytes, size_t length)
{
        __builtin_cpu_init(); /* asks the processor once in a program's life */
        if (!__builtin_cpu_supports("sse4.2"))
                return crc32c_portable(bytes, length);
        return length >= FOLD_LEAST && __builtin_cpu_supports("pclmul")
                   ? by_folding(UINT32_MAX, bytes, length)
                   : by_instruction(UINT32_MAX, bytes, length);
}
