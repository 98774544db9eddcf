/* Digits by libsodium's codecs, which do not branch on what they carry; see hex.h. */
#include "netipc/crypto/hex.h"

#include <sodium.h>

char *hex_write(char *to, const void *bytes, size_t count)
{
        const uint8_t *from = bytes;
        for (size_t i = 0; i < count; i++) {
                char pair[3];
                sodium_bin2hex(pair, sizeof(pair), from + i, 1);
                *to++ = pair[0];
                *to++ = pair[1];
        }
        return to;
}

bool hex_read(const char *from, void *bytes, size_t count)
{
        size_t made;
        const char *end;
        return sodium_hex2bin(bytes, count, from, 2 * count, NULL, &made, &end) == 0 &&
               made == count && end == from + 2 * count;
}
