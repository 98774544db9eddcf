/* Bytes as hexadecimal digits: small letters when written, both when read; pairs in the order of
 * the bytes. Of keys, so without tables: neither the time nor the memory touched depends on a
 * digit. Pure. */
#ifndef NETIPC_CRYPTO_HEX_H
#define NETIPC_CRYPTO_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes 2 × count digits and returns the place behind them; no 0 ends them. */
char *hex_write(char *to, const void *bytes, size_t count);

/* Reads 2 × count digits; false, with the bytes undefined, if there is anything else. */
bool hex_read(const char *from, void *bytes, size_t count);

#endif
