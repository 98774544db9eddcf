/* CRC-32C, the checksum of iSCSI (RFC 3720, 12.1; test vectors in B.4): Castagnoli's polynomial,
 * bits reflected, begun with ones and inverted at the end. It finds damage, all of up to 32 bits in
 * a row; it hinders nobody who forges. */
#ifndef NETIPC_CRC32C_H
#define NETIPC_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of `length` bytes, by the processor's instructions if it has them (SSE4.2, PCLMULQDQ). */
uint32_t crc32c(const void *bytes, size_t length);

/* The same on any processor. */
uint32_t crc32c_portable(const void *bytes, size_t length);

#endif
