/* The reader; see cpio.h. `at` only moves forward, over bytes that are known to be there. */
#include "servers/rt/pure/cpio.h"

#include "servers/rt/pure/bytes.h"

/* The header: six characters of magic, then fields of eight hexadecimal digits each. */
enum {
        MAGIC_LENGTH = 6,
        FIELD_LENGTH = 8,
        FIELD_INODE = 0,
        FIELD_MODE = 1,
        FIELD_LINKS = 4,
        FIELD_MODIFIED = 5,
        FIELD_SIZE = 6,
        FIELD_NAME_SIZE = 11,
        FIELD_CHECK = 12,
        FIELD_COUNT = 13,
        HEADER_LENGTH = MAGIC_LENGTH + FIELD_COUNT * FIELD_LENGTH,
        ALIGNMENT = 4,
};

/* The kind in a mode (inode(7)). */
enum { MODE_KIND = 0170000, MODE_FILE = 0100000, MODE_FOLDER = 0040000, MODE_LINK = 0120000 };

struct cpio cpio_open(const void *bytes, size_t length)
{
        return (struct cpio){.bytes = bytes, .length = length};
}

static bool field_read(const uint8_t *header, unsigned index, uint32_t *value)
{
        const uint8_t *at = header + MAGIC_LENGTH + index * FIELD_LENGTH;
        *value = 0;
        for (unsigned i = 0; i < FIELD_LENGTH; i++) {
                unsigned c = at[i], digit;
                if (c >= '0' && c <= '9')
                        digit = c - '0';
                else if (c >= 'a' && c <= 'f')
                        digit = c - 'a' + 10;
                else if (c >= 'A' && c <= 'F')
                        digit = c - 'A' + 10;
                else
                        return false;
                *value = *value << 4 | digit;
        }
        return true;
}

static bool bytes_are(const void *bytes, const char *string, size_t length)
{
        const char *at = bytes;
        for (size_t i = 0; i < length; i++)
                if (at[i] != string[i])
                        return false;
        return true;
}

static enum cpio_kind kind_of(uint32_t mode)
{
        switch (mode & MODE_KIND) {
        case MODE_FILE:
                return CPIO_FILE;
        case MODE_FOLDER:
                return CPIO_FOLDER;
        case MODE_LINK:
                return CPIO_LINK;
        default:
                return CPIO_OTHER;
        }
}

static bool header_read(const uint8_t *header, struct cpio_entry *entry, uint32_t *name_size)
{
        uint32_t size, modified, check;
        if (!bytes_are(header, "070701", MAGIC_LENGTH) ||
            !field_read(header, FIELD_INODE, &entry->inode) ||
            !field_read(header, FIELD_MODE, &entry->mode) ||
            !field_read(header, FIELD_LINKS, &entry->links) ||
            !field_read(header, FIELD_MODIFIED, &modified) ||
            !field_read(header, FIELD_SIZE, &size) ||
            !field_read(header, FIELD_NAME_SIZE, name_size) ||
            !field_read(header, FIELD_CHECK, &check))
                return false;
        entry->modified = (int64_t)((uint64_t)check << 32 | modified);
        entry->size = size;
        entry->kind = kind_of(entry->mode);
        return true;
}

/* Takes `size` bytes and the padding behind them; the padding may be missing at the very end. */
static bool take(struct cpio *cpio, size_t size, const uint8_t **bytes)
{
        if (size > cpio->length - cpio->at)
                return false;
        *bytes = cpio->bytes + cpio->at;
        cpio->at += size;
        size_t padding = -cpio->at % ALIGNMENT;
        cpio->at += padding < cpio->length - cpio->at ? padding : cpio->length - cpio->at;
        return true;
}

enum cpio_result cpio_next(struct cpio *cpio, struct cpio_entry *entry)
{
        static const char trailer[] = "TRAILER!!!";
        const uint8_t *header = cpio->bytes + cpio->at, *name;
        uint32_t name_size;
        if (cpio->length - cpio->at < HEADER_LENGTH || !header_read(header, entry, &name_size))
                goto damaged;
        cpio->at += HEADER_LENGTH;
        if (name_size < 2 || !take(cpio, name_size, &name) || name[name_size - 1] != 0)
                goto damaged;
        entry->name = (const char *)name;
        entry->name_length = name_size - 1;
        for (size_t i = 0; i < entry->name_length; i++)
                if (!name[i])
                        goto damaged;
        if (name_size == sizeof trailer && bytes_are(name, trailer, sizeof trailer)) {
                cpio->at = cpio->length;
                return CPIO_END;
        }
        if (!take(cpio, entry->size, &entry->data))
                goto damaged;
        return CPIO_ENTRY;
damaged:
        cpio->at = cpio->length;
        return CPIO_DAMAGED;
}

bool cpio_find(const void *bytes, size_t length, const char *name, struct cpio_entry *entry)
{
        struct cpio cpio = cpio_open(bytes, length);
        size_t name_length = string_length(name);
        while (cpio_next(&cpio, entry) == CPIO_ENTRY) {
                const char *at = entry->name;
                size_t left = entry->name_length;
                while (left && (*at == '/' || (left > 1 && at[0] == '.' && at[1] == '/'))) {
                        at++;
                        left--;
                }
                if (entry->kind == CPIO_FILE && left == name_length &&
                    bytes_are(at, name, name_length))
                        return true;
        }
        return false;
}
