/* Directory records; see listing.h. Only whole records are written, without a byte left over
 * between them that was not set. */
#include "servers/fs/listing.h"

#include <string.h>

_Static_assert(sizeof(struct fs_record) + FS_NAME_MAX + 7 <= 512, "one record fits 512 bytes");

static void record_write(const struct node *node, char *out, size_t length)
{
        struct fs_record record = {
            .size = node_size(node),
            .identity = node->identity,
            .modified = node->modified,
            .kind = (uint16_t)node->kind,
            .name_length = (uint16_t)node->name_length,
        };
        memcpy(out, &record, sizeof record);
        memcpy(out + sizeof record, node->name, node->name_length);
        size_t used = sizeof record + node->name_length;
        memset(out + used, 0, length - used);
}

size_t listing_write(const struct node *folder, const char *after, size_t after_length, void *out,
                     size_t capacity)
{
        size_t written = 0;
        size_t position = folder_position_after(folder, after, after_length);
        for (; position < folder->folder.count; position++) {
                const struct node *node = folder->folder.entries[position];
                size_t length = fs_record_length(node->name_length);
                if (length > capacity - written)
                        break;
                record_write(node, (char *)out + written, length);
                written += length;
        }
        return written;
}
