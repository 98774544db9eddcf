/* Lines of a key log; see keylog.h. The indexes are numbers, so their digits begin with the
 * highest. */
#include "netipc/crypto/keylog.h"

#include <assert.h>
#include <string.h>

#include "netipc/crypto/hex.h"

static const char word[] = "PORTOLAN_SESSION ";

/* --- out */

static char *index_write(char *to, uint32_t index)
{
        const uint8_t bytes[] = {(uint8_t)(index >> 24), (uint8_t)(index >> 16),
                                 (uint8_t)(index >> 8), (uint8_t)index};
        to = hex_write(to, bytes, sizeof(bytes));
        *to++ = ' ';
        return to;
}

static char *text_write(char *to, const char *text)
{
        size_t length = strlen(text);
        memcpy(to, text, length);
        return to + length;
}

size_t keylog_write(char line[KEYLOG_LINE], const struct handshake_result *result,
                    uint32_t initiator_index, uint32_t responder_index)
{
        char *to = text_write(line, word);
        to = hex_write(to, result->ephemeral, NOISE_KEY);
        *to++ = ' ';
        to = index_write(to, initiator_index);
        to = index_write(to, responder_index);
        to = text_write(to, cipher_name(result->cipher));
        *to++ = ' ';
        to = hex_write(to, result->split.from_initiator, NOISE_KEY);
        *to++ = ' ';
        to = hex_write(to, result->split.from_responder, NOISE_KEY);
        *to = 0;
        assert(to - line < KEYLOG_LINE);
        return (size_t)(to - line);
}

/* --- in */

/* What is left of a line. */
struct rest {
        const char *at;
        size_t length;
};

/* The next word, up to a blank or the end; its length, 0: there is none. */
static size_t next(struct rest *rest, const char **found)
{
        const char *blank = memchr(rest->at, ' ', rest->length);
        size_t length = blank ? (size_t)(blank - rest->at) : rest->length;
        *found = rest->at;
        rest->at += length + (blank != 0);
        rest->length -= length + (blank != 0);
        return length;
}

static bool bytes_next(struct rest *rest, void *bytes, size_t count)
{
        const char *digits;
        return next(rest, &digits) == 2 * count && hex_read(digits, bytes, count);
}

static bool index_next(struct rest *rest, uint32_t *index)
{
        uint8_t bytes[4];
        if (!bytes_next(rest, bytes, sizeof(bytes)))
                return false;
        *index = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
                 bytes[3];
        return true;
}

static bool cipher_next(struct rest *rest, enum cipher *cipher)
{
        const char *name;
        size_t length = next(rest, &name);
        for (*cipher = 0; *cipher < CIPHERS; (*cipher)++)
                if (length == strlen(cipher_name(*cipher)) &&
                    memcmp(name, cipher_name(*cipher), length) == 0)
                        return true;
        return false;
}

bool keylog_read(const char *line, size_t length, struct keylog_session *session)
{
        const size_t begin = sizeof(word) - 1;
        if (length < begin || memcmp(line, word, begin) != 0)
                return false;
        struct rest rest = {line + begin, length - begin};
        return bytes_next(&rest, session->ephemeral, NOISE_KEY) &&
               index_next(&rest, &session->initiator_index) &&
               index_next(&rest, &session->responder_index) &&
               cipher_next(&rest, &session->cipher) &&
               bytes_next(&rest, session->from_initiator, NOISE_KEY) &&
               bytes_next(&rest, session->from_responder, NOISE_KEY) && rest.length == 0;
}
