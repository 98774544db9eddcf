/* The tree's invariants as a function (tree_check of tree.h), for tests and fuzzers. */
#include "servers/fs/tree.h"

#include <string.h>

static bool entries_in_order(const struct node *folder)
{
        for (size_t i = 0; i < folder->folder.count; i++) {
                const struct node *entry = folder->folder.entries[i];
                if (entry->parent != folder || !entry_name_valid(entry->name, entry->name_length))
                        return false;
                /* In strict order each name comes right after the ones before it. */
                if (folder_position_after(folder, entry->name, entry->name_length) != i + 1)
                        return false;
        }
        return folder->folder.count <= folder->folder.capacity;
}

static bool node_check(const struct node *node)
{
        switch (node->kind) {
        case FS_FILE:
                return content_check(&node->file);
        case FS_LINK:
                return node->link.target && node->link.length <= FS_PATH_MAX;
        case FS_FOLDER:
                break;
        default:
                return false;
        }
        if (!entries_in_order(node))
                return false;
        for (size_t i = 0; i < node->folder.count; i++) {
                if (!node_check(node->folder.entries[i]))
                        return false;
        }
        return true;
}

bool tree_check(const struct tree *tree)
{
        const struct node *root = tree->root;
        return root && root->kind == FS_FOLDER && root->parent == root && !root->name &&
               tree->budget.used <= tree->budget.limit && node_check(root);
}
