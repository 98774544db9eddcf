/* A folder's entries; see listing.h. */
#include "servers/fs/listing.h"

_Static_assert(FS_ENTRY_MOST == RECORD_HEAD + 5 * 8 + ((FS_NAME_MAX + 7) & ~7),
               "the longest name of all, padded, behind five words");

size_t listing_write(const struct node *folder, const char *after, size_t after_length, void *out,
                     size_t capacity)
{
        struct packer packer = packer_of(out, capacity);
        size_t position = folder_position_after(folder, after, after_length);
        for (; position < folder->folder.count; position++) {
                const struct entry *name = folder->folder.entries[position];
                const struct node *node = name->node;
                const struct fs_entry entry = {
                    .name = name->name,
                    .name_length = name->name_length,
                    .kind = node->kind,
                    .size = node_size(node),
                    .identity = node->identity,
                    .modified = node->modified,
                };
                if (!fs_entry_pack(&packer, &entry))
                        break;
        }
        return packer.length;
}
