/* See newc.h. */
#include "tools/image/newc.h"

#include <string.h>

static const char trailer[] = NEWC_TRAILER;

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

uint64_t newc_size(const char *name, uint64_t size)
{
        return padded(NEWC_HEADER + strlen(name) + 1) + padded(size);
}

bool newc_begin(struct newc_writer *writer, const char *name, uint32_t mode, uint32_t modified,
                uint32_t size)
{
        char header[NEWC_HEADER + 1];
        size_t name_size = strlen(name) + 1;
        /* magic, inode, mode, uid, gid, links, time, size, device (2), special (2), name, check */
        snprintf(header, sizeof header,
                 "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", writer->next_inode++,
                 mode, 0u, 0u, 1u, modified, size, 0u, 0u, 0u, 0u, (unsigned)name_size, 0u);
        return newc_data(writer, header, NEWC_HEADER) && newc_data(writer, name, name_size) &&
               newc_pad(writer);
}

bool newc_end(struct newc_writer *writer)
{
        writer->next_inode = 0;
        return newc_begin(writer, trailer, 0, 0, 0);
}
