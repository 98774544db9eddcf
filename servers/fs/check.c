/* The tree's invariants as a function (tree_check of tree.h), for tests and fuzzers. */
#include "servers/fs/tree.h"

#include <string.h>

static bool entries_in_order(const struct node *folder)
{
        for (size_t i = 0; i < folder->folder.count; i++) {
                const struct entry *entry = folder->folder.entries[i];
                if (!entry_name_valid(entry->name, entry->name_length))
                        return false;
                /* In strict order each name comes right after the ones before it. */
                if (folder_position_after(folder, entry->name, entry->name_length) != i + 1)
                        return false;
        }
        return folder->folder.count <= folder->folder.capacity;
}

/* How many names a node has in a folder and below it. */
static size_t names_of(const struct node *node, const struct node *folder)
{
        size_t names = 0;
        for (size_t i = 0; i < folder->folder.count; i++) {
                const struct node *at = folder->folder.entries[i]->node;
                names += at == node;
                if (at->kind == FS_FOLDER)
                        names += names_of(node, at);
        }
        return names;
}

static bool folder_check(const struct tree *tree, const struct node *folder);

/* The node of an entry of `folder`. */
static bool entry_check(const struct tree *tree, const struct node *folder,
                        const struct entry *entry)
{
        const struct node *node = entry->node;
        switch (node->kind) {
        case FS_FILE:
                if (!content_check(&node->file))
                        return false;
                break;
        case FS_LINK:
                if (!node->link.target || node->link.length > FS_PATH_MAX)
                        return false;
                break;
        case FS_FOLDER:
                return node->links == 1 && node->folder.parent == folder &&
                       node->folder.entry == entry && folder_check(tree, node);
        default:
                return false;
        }
        return node->links <= NODE_LINKS_MAX && node->links == names_of(node, tree->root);
}

static bool folder_check(const struct tree *tree, const struct node *folder)
{
        if (!entries_in_order(folder))
                return false;
        for (size_t i = 0; i < folder->folder.count; i++) {
                if (!entry_check(tree, folder, folder->folder.entries[i]))
                        return false;
        }
        return true;
}

bool tree_check(const struct tree *tree)
{
        const struct node *root = tree->root;
        return root && root->kind == FS_FOLDER && root->links == 1 && root->folder.parent == root &&
               !root->folder.entry && tree->budget.used <= tree->budget.limit &&
               folder_check(tree, root);
}
