/* Any text as a key file: what is read fits itself, and is written and read again as the same. */
#include <assert.h>
#include <string.h>

#include "netipc/crypto/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct keys keys, again;
        struct keys_error error;
        char text[KEYS_TEXT];
        if (!keys_read((const char *)data, size, &keys, &error)) {
                assert(error.what);
                return 0;
        }
        assert(keys.count <= KEYS_NODES && keys.self < keys.count);
        size_t length = keys_write(&keys, text);
        assert(keys_read(text, length, &again, &error) && !memcmp(&keys, &again, sizeof(keys)));
        return 0;
}
