/* Nodes and folders; see tree.h for the model. A folder stays sorted through every change, and a
 * node knows the one folder that it is in. */
#include "servers/fs/tree.h"

#include <string.h>

static int name_compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
        int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
        if (order != 0)
                return order;
        return (a_length > b_length) - (a_length < b_length);
}

bool entry_name_valid(const char *name, size_t length)
{
        if (length == 0 || length > FS_NAME_MAX)
                return false;
        if (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')))
                return false;
        return !memchr(name, '/', length) && !memchr(name, 0, length);
}

/* The position of the first entry whose name is not before `name`. */
static size_t folder_position(const struct node *folder, const char *name, size_t length)
{
        size_t low = 0, high = folder->folder.count;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const struct node *entry = folder->folder.entries[middle];
                if (name_compare(entry->name, entry->name_length, name, length) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static bool name_is(const struct node *node, const char *name, size_t length)
{
        return name_compare(node->name, node->name_length, name, length) == 0;
}

struct node *folder_find(const struct node *folder, const char *name, size_t length)
{
        size_t position = folder_position(folder, name, length);
        if (position == folder->folder.count)
                return NULL;
        struct node *entry = folder->folder.entries[position];
        return name_is(entry, name, length) ? entry : NULL;
}

size_t folder_position_after(const struct node *folder, const char *name, size_t length)
{
        if (length == 0)
                return 0;
        size_t position = folder_position(folder, name, length);
        bool same = position < folder->folder.count &&
                    name_is(folder->folder.entries[position], name, length);
        return position + same;
}

/* The node after this one, in the order in which a folder comes before what is in it; NULL: it was
 * the last. */
static struct node *node_after(struct node *node)
{
        if (node->kind == FS_FOLDER && node->folder.count > 0)
                return node->folder.entries[0];
        for (; node->parent != node; node = node->parent) {
                const struct node *folder = node->parent;
                size_t next = folder_position_after(folder, node->name, node->name_length);
                if (next < folder->folder.count)
                        return folder->folder.entries[next];
        }
        return NULL;
}

struct node *tree_find(const struct tree *tree, uint64_t identity)
{
        struct node *node = tree->root;
        while (node && node->identity != identity)
                node = node_after(node);
        return node;
}

/* Makes room for one more entry. */
static bool folder_reserve(struct tree *tree, struct node *folder)
{
        enum { FIRST_CAPACITY = 4 };
        size_t capacity = folder->folder.capacity, entry = sizeof(struct node *);
        if (folder->folder.count < capacity)
                return true;
        size_t larger = capacity ? capacity + capacity / 2 : FIRST_CAPACITY;
        struct node **entries =
            budget_resize(&tree->budget, folder->folder.entries, capacity * entry, larger * entry);
        if (!entries)
                return false;
        folder->folder.entries = entries;
        folder->folder.capacity = larger;
        return true;
}

/* Puts a node that has its name into a folder that has room. */
static void folder_insert(struct node *folder, struct node *node)
{
        size_t position = folder_position(folder, node->name, node->name_length);
        struct node **entries = folder->folder.entries;
        memmove(entries + position + 1, entries + position,
                (folder->folder.count - position) * sizeof *entries);
        entries[position] = node;
        folder->folder.count++;
        node->parent = folder;
}

static void folder_take_out(struct node *node)
{
        struct node *folder = node->parent;
        size_t position = folder_position(folder, node->name, node->name_length);
        struct node **entries = folder->folder.entries;
        folder->folder.count--;
        memmove(entries + position, entries + position + 1,
                (folder->folder.count - position) * sizeof *entries);
        node->parent = NULL;
}

static struct node *node_allocate(struct tree *tree, enum fs_kind kind)
{
        struct node *node = budget_allocate(&tree->budget, sizeof *node);
        if (!node)
                return NULL;
        node->kind = kind;
        node->mode = kind == FS_FILE ? 0644 : kind == FS_FOLDER ? 0755 : 0777;
        node->identity = node->version = tree->next_number++;
        return node;
}

/* Gives a node back that is in no folder and not held. */
static void node_release(struct tree *tree, struct node *node)
{
        struct budget *budget = &tree->budget;
        switch (node->kind) {
        case FS_FILE:
                content_release(&node->file, budget);
                break;
        case FS_FOLDER:
                budget_release(budget, node->folder.entries,
                               node->folder.capacity * sizeof(struct node *));
                break;
        case FS_LINK:
                budget_release(budget, node->link.target, node->link.length);
                break;
        }
        budget_release(budget, node->name, node->name_length);
        budget_release(budget, node, sizeof *node);
}

static char *bytes_copy(struct tree *tree, const char *bytes, size_t length)
{
        char *copy = budget_allocate(&tree->budget, length);
        if (copy)
                memcpy(copy, bytes, length);
        return copy;
}

outcome_t node_create(struct tree *tree, struct node *folder, const char *name, size_t length,
                      enum fs_kind kind, struct node **created)
{
        if (!folder_reserve(tree, folder))
                return answered(REASON_NO_SPACE);
        struct node *node = node_allocate(tree, kind);
        if (!node)
                return answered(REASON_NO_SPACE);
        node->name = bytes_copy(tree, name, length);
        if (!node->name) {
                node_release(tree, node);
                return answered(REASON_NO_SPACE);
        }
        node->name_length = length;
        folder_insert(folder, node);
        *created = node;
        return OUTCOME_OK;
}

outcome_t node_set_target(struct tree *tree, struct node *link, const char *target, size_t length)
{
        link->link.target = bytes_copy(tree, target, length);
        if (!link->link.target)
                return answered(REASON_NO_SPACE);
        link->link.length = length;
        return OUTCOME_OK;
}

void node_remove(struct tree *tree, struct node *node)
{
        folder_take_out(node);
        if (node->holds == 0)
                node_release(tree, node);
}

outcome_t node_move(struct tree *tree, struct node *node, struct node *folder, const char *name,
                    size_t length)
{
        struct node *replaced = folder_find(folder, name, length);
        char *copy = bytes_copy(tree, name, length);
        if (!copy)
                return answered(REASON_NO_SPACE);
        if (!replaced && folder != node->parent && !folder_reserve(tree, folder)) {
                budget_release(&tree->budget, copy, length);
                return answered(REASON_NO_SPACE);
        }

        /* From here on nothing fails: the folder has room, or gets it from what is taken out. */
        if (replaced)
                node_remove(tree, replaced);
        folder_take_out(node);
        budget_release(&tree->budget, node->name, node->name_length);
        node->name = copy;
        node->name_length = length;
        folder_insert(folder, node);
        return OUTCOME_OK;
}

void node_changed(struct tree *tree, struct node *node, uint64_t now)
{
        node->version = tree->next_number++;
        node->modified = now;
}

void node_hold(struct node *node)
{
        node->holds++;
}

void node_drop(struct tree *tree, struct node *node)
{
        node->holds--;
        if (node->holds == 0 && !node->parent)
                node_release(tree, node);
}

uint64_t node_size(const struct node *node)
{
        switch (node->kind) {
        case FS_FILE:
                return node->file.size;
        case FS_FOLDER:
                return node->folder.count;
        default:
                return node->link.length;
        }
}

outcome_t tree_start(struct tree *tree, size_t limit, const char *mounted_at)
{
        *tree = (struct tree){.budget = {.limit = limit}, .next_number = 1};
        tree->mounted_at = mounted_at;
        tree->root = node_allocate(tree, FS_FOLDER);
        if (!tree->root)
                return answered(REASON_NO_SPACE);
        tree->root->parent = tree->root;
        return OUTCOME_OK;
}

void tree_end(struct tree *tree)
{
        /* Always down to the first leaf, which goes, until only the root is left: no recursion,
         * since how deep the tree is was chosen by others. */
        struct node *at = tree->root;
        while (at != tree->root || at->folder.count > 0) {
                if (at->kind == FS_FOLDER && at->folder.count > 0) {
                        at = at->folder.entries[at->folder.count - 1];
                        continue;
                }
                struct node *parent = at->parent;
                node_remove(tree, at);
                at = parent;
        }
        node_release(tree, tree->root);
        tree->root = NULL;
}
