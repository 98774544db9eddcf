/* The Internet checksum (RFC 1071) of IPv4, UDP and ICMPv6: the ones' complement of the ones'
 * complement sum of 16-bit words. A block that holds its own correct checksum folds to 0. */
#ifndef COMMON_CHECKSUM_H
#define COMMON_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>
#include "servers/common/byte_order.h"

/* Four bytes, at any alignment, in the processor's order. */
typedef uint32_t __attribute__((may_alias, aligned(1))) checksum_word;

/* A sum of such words as one of 16-bit words: the checksum is the same in whatever order the bytes
 * of words are, but for that order in the result (RFC 1071, section 2). */
static inline uint32_t checksum_narrow(uint64_t sum)
{
        sum = (sum & 0xffffffff) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16);
        uint16_t word = (uint16_t)((sum & 0xffff) + (sum >> 16));
        return get16((const uint8_t *)&word);
}

/* Adds the words of `length` bytes, at most 64 KiB together with those added before, to a sum that
 * begins with 0. An odd last byte counts as if a zero followed: only the last block may end so.
 * Inline: a header's length is known. */
static inline uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t length)
{
        uint64_t words = 0;
        for (; length >= sizeof(checksum_word); length -= sizeof(checksum_word)) {
                words += *(const checksum_word *)bytes;
                bytes += sizeof(checksum_word);
        }
        sum += checksum_narrow(words);
        if (length > 1)
                sum += get16(bytes);
        return length % 2 ? sum + ((uint32_t)bytes[length - 1] << 8) : sum;
}

/* The checksum of what was added. */
static inline uint16_t checksum_fold(uint32_t sum)
{
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        return (uint16_t)~sum;
}

#endif
