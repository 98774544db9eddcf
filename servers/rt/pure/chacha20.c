/* The block function as RFC 8439, 2.1 to 2.3, spells it out: no branch or index depends on the
 * key. */
#include "servers/rt/pure/chacha20.h"

static uint32_t rotate(uint32_t value, unsigned bits)
{
        return value << bits | value >> (32 - bits);
}

static void quarter_round(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
        *a += *b;
        *d = rotate(*d ^ *a, 16);
        *c += *d;
        *b = rotate(*b ^ *c, 12);
        *a += *b;
        *d = rotate(*d ^ *a, 8);
        *c += *d;
        *b = rotate(*b ^ *c, 7);
}

void chacha20_block(const uint8_t key[CHACHA20_KEY], const uint32_t counter_nonce[4],
                    uint8_t block[CHACHA20_BLOCK])
{
        uint32_t start[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, x[16];
        for (unsigned i = 0; i < 8; i++)
                start[4 + i] = (uint32_t)key[4 * i] | (uint32_t)key[4 * i + 1] << 8 |
                               (uint32_t)key[4 * i + 2] << 16 | (uint32_t)key[4 * i + 3] << 24;
        for (unsigned i = 0; i < 4; i++)
                start[12 + i] = counter_nonce[i];
        for (unsigned i = 0; i < 16; i++)
                x[i] = start[i];
        for (unsigned round = 0; round < 10; round++) {
                for (unsigned i = 0; i < 4; i++)
                        quarter_round(&x[i], &x[4 + i], &x[8 + i], &x[12 + i]);
                for (unsigned i = 0; i < 4; i++)
                        quarter_round(&x[i], &x[4 + (i + 1) % 4], &x[8 + (i + 2) % 4],
                                      &x[12 + (i + 3) % 4]);
        }
        for (unsigned i = 0; i < 16; i++) {
                uint32_t word = x[i] + start[i];
                for (unsigned j = 0; j < 4; j++)
                        block[4 * i + j] = (uint8_t)(word >> 8 * j);
        }
}
