/* CRC-32C by table and by instruction; see crc32c.h. */
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

__attribute__((target("sse4.2"))) static uint32_t by_instruction(const uint8_t *at, size_t length)
{
        uint64_t sum = UINT32_MAX;
        for (; length >= 32; length -= 32, at += 32)
                sum = word_add(word_add(word_add(word_add(sum, at), at + 8), at + 16), at + 24);
        for (; length >= 8; length -= 8, at += 8)
                sum = word_add(sum, at);
        for (; length; length--)
                sum = __builtin_ia32_crc32qi((uint32_t)sum, *at++);
        return ~(uint32_t)sum;
}

uint32_t crc32c(const void *bytes, size_t length)
{
        __builtin_cpu_init(); /* asks the processor once in a program's life */
        return __builtin_cpu_supports("sse4.2") ? by_instruction(bytes, length)
                                                : crc32c_portable(bytes, length);
}
