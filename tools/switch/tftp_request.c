/* The read request: opcode, file name, mode, then options as pairs of names and values, each ended
 * by a zero (RFC 1350, 5; RFC 2347). */
#include "tools/switch/tftp.h"

#include <string.h>
#include <strings.h>
#include "servers/common/byte_order.h"

enum { OPCODE_READ = 1, BLOCK_SIZE_LEAST = 8, BLOCK_SIZE_MOST = 65464, TIMEOUT_MOST = 255 };

struct strings {
        const uint8_t *at, *end;
};

/* The next string; NULL if none ends before the packet does. */
static const char *string_next(struct strings *strings)
{
        const uint8_t *start = strings->at;
        const uint8_t *zero = memchr(start, 0, (size_t)(strings->end - start));
        if (!zero)
                return NULL;
        strings->at = zero + 1;
        return (const char *)start;
}

/* A decimal number within bounds, or 0. */
static unsigned number_parse(const char *text, unsigned least, unsigned most)
{
        unsigned value = 0;
        const char *at = text;
        for (; *at >= '0' && *at <= '9' && value <= most; at++)
                value = value * 10 + (unsigned)(*at - '0');
        return at == text || *at || value < least || value > most ? 0 : value;
}

static void option_take(struct tftp_request *request, const char *name, const char *value)
{
        if (strcasecmp(name, "blksize") == 0)
                request->block_size = number_parse(value, BLOCK_SIZE_LEAST, BLOCK_SIZE_MOST);
        else if (strcasecmp(name, "timeout") == 0)
                request->timeout = number_parse(value, 1, TIMEOUT_MOST);
        else if (strcasecmp(name, "tsize") == 0)
                request->wants_size = true;
}

bool tftp_request_parse(const uint8_t *payload, size_t length, struct tftp_request *request)
{
        if (length < 2 || get16(payload) != OPCODE_READ)
                return false;
        struct strings strings = {payload + 2, payload + length};
        const char *file = string_next(&strings);
        const char *mode = file ? string_next(&strings) : NULL;
        if (!mode || strlen(file) >= TFTP_NAME_MAX)
                return false;
        *request = (struct tftp_request){.octet = strcasecmp(mode, "octet") == 0};
        strcpy(request->file, file);
        while (strings.at < strings.end) {
                const char *name = string_next(&strings);
                const char *value = name ? string_next(&strings) : NULL;
                if (!value)
                        return false;
                option_take(request, name, value);
        }
        return true;
}
