/* The Internet checksum (RFC 1071) of IPv4, UDP and ICMPv6: the ones' complement of the ones'
 * complement sum of 16-bit words. A block that holds its own correct checksum folds to 0. */
#ifndef COMMON_CHECKSUM_H
#define COMMON_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Adds the words of `length` bytes, at most 64 KiB together with those added before, to a sum that
 * begins with 0. An odd last byte counts as if a zero followed: only the last block may end so. */
uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t length);

/* The checksum of what was added. */
uint16_t checksum_fold(uint32_t sum);

#endif
