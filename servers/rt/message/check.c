/* Whether a message is what its interface description says: the one place where generated code
 * looks at what came before it believes it. */
#include "servers/rt/message/message.h"

bool parameters_check(const uint64_t *words, unsigned word_count, unsigned cap_count, size_t bytes,
                      unsigned expected_words, unsigned expected_buffers, unsigned expected_caps)
{
        if (word_count != expected_words + expected_buffers || cap_count != expected_caps)
                return false;
        for (unsigned i = 0; i < expected_buffers; i++) {
                uint64_t length = words[expected_words + i];
                if (length > bytes)
                        return false;
                bytes -= length;
        }
        return bytes == 0;
}
