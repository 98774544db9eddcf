/* The newc reader; see newc.h. */
#include "newc.h"

#include <string.h>

/* Offsets in the header, cpio(5) "New ASCII Format": each number is eight hexadecimal digits. */
enum {
        MAGIC = 0,
        MODE = 14,
        MODIFIED = 46,
        SIZE = 54,
        NAME_SIZE = 94,
        HEADER = 110,
        DIGITS = 8,
        ALIGNMENT = 4,
};

static bool number(const uint8_t *digits, uint32_t *value)
{
        *value = 0;
        for (int i = 0; i < DIGITS; i++) {
                uint8_t c = digits[i];
                unsigned digit;
                if (c >= '0' && c <= '9')
                        digit = c - '0';
                else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
                        digit = (c | 0x20) - 'a' + 10;
                else
                        return false;
                *value = *value << 4 | digit;
        }
        return true;
}

/* The next multiple of ALIGNMENT, or the end of the bytes, whose padding may be missing. */
static size_t aligned(const struct newc *newc, size_t at)
{
        size_t up = (at + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
        return up < newc->length ? up : newc->length;
}

static bool header_read(const uint8_t *header, struct newc_member *member, uint32_t *size,
                        uint32_t *name_size)
{
        if (memcmp(header + MAGIC, "070701", 6) != 0 && memcmp(header + MAGIC, "070702", 6) != 0)
                return false;
        return number(header + MODE, &member->mode) &&
               number(header + MODIFIED, &member->modified) && number(header + SIZE, size) &&
               number(header + NAME_SIZE, name_size);
}

enum newc_result newc_next(struct newc *newc, struct newc_member *member)
{
        static const char trailer[] = "TRAILER!!!";
        uint32_t size, name_size;
        size_t left = newc->length - newc->at;
        if (left == 0)
                return NEWC_END;
        const uint8_t *header = newc->bytes + newc->at;
        if (left < HEADER || !header_read(header, member, &size, &name_size))
                return NEWC_DAMAGED;
        /* The name is followed by a 0, which name_size counts. */
        if (name_size == 0 || name_size > left - HEADER || header[HEADER + name_size - 1] != 0)
                return NEWC_DAMAGED;
        size_t data = aligned(newc, newc->at + HEADER + name_size);
        if (size > newc->length - data)
                return NEWC_DAMAGED;
        member->name = (const char *)header + HEADER;
        member->name_length = name_size - 1;
        member->data = newc->bytes + data;
        member->size = size;
        if (name_size == sizeof trailer && memcmp(member->name, trailer, sizeof trailer) == 0)
                return NEWC_END;
        newc->at = aligned(newc, data + size);
        return NEWC_MEMBER;
}
