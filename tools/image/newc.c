/* See newc.h. Every byte goes through newc_data, which counts it: padding follows from the
 * count. */
#include "tools/image/newc.h"

#include <string.h>

/* The name of the last entry, which is empty. */
static const char trailer[] = "TRAILER!!!";

bool newc_data(struct newc_writer *writer, const void *data, size_t bytes)
{
        writer->written += bytes;
        return bytes == 0 || fwrite(data, 1, bytes, writer->stream) == bytes;
}

bool newc_pad(struct newc_writer *writer)
{
        static const char zeros[4];
        return newc_data(writer, zeros, -writer->written & 3);
}

static uint64_t padded(uint64_t bytes)
{
        return (bytes + 3) & ~(uint64_t)3;
}

static uint64_t entry_size(size_t name_length, uint64_t size)
{
        return padded(NEWC_HEADER + name_length + 1) + padded(size);
}

/* What stands before a name, so that it is no trailer. */
static const char *name_prefix(const char *name)
{
        return strcmp(name, trailer) == 0 ? "./" : "";
}

uint64_t newc_size(const char *name, uint64_t size)
{
        return entry_size(strlen(name_prefix(name)) + strlen(name), size);
}

uint64_t newc_end_size(void)
{
        return entry_size(strlen(trailer), 0);
}

static bool header_write(struct newc_writer *writer, uint32_t inode, const char *prefix,
                         const struct newc_entry *entry)
{
        char header[NEWC_HEADER + 1];
        size_t prefix_length = strlen(prefix), name_size = strlen(entry->name) + 1;
        uint64_t modified = (uint64_t)entry->modified;
        /* magic, inode, mode, uid, gid, links, time, size, device (2), special (2), name, check */
        snprintf(header, sizeof header,
                 "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", inode, entry->mode,
                 0u, 0u, 1u, (uint32_t)modified, entry->size, 0u, 0u, 0u, 0u,
                 (unsigned)(prefix_length + name_size), (uint32_t)(modified >> 32));
        return newc_data(writer, header, NEWC_HEADER) && newc_data(writer, prefix, prefix_length) &&
               newc_data(writer, entry->name, name_size) && newc_pad(writer);
}

bool newc_begin(struct newc_writer *writer, const struct newc_entry *entry)
{
        return header_write(writer, writer->next_inode++, name_prefix(entry->name), entry);
}

bool newc_end(struct newc_writer *writer)
{
        return header_write(writer, 0, "", &(struct newc_entry){.name = trailer});
}
