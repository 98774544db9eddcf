/* Nodes and folders; see tree.h for the model. A folder stays sorted through every change, a node
 * knows how many names it has, and a folder its one. */
#include "servers/fs/tree.h"

#include <assert.h>
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
                const struct entry *entry = folder->folder.entries[middle];
                if (name_compare(entry->name, entry->name_length, name, length) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static bool name_is(const struct entry *entry, const char *name, size_t length)
{
        return name_compare(entry->name, entry->name_length, name, length) == 0;
}

/* The entry of that name, or NULL. */
static struct entry *entry_find(const struct node *folder, const char *name, size_t length)
{
        size_t position = folder_position(folder, name, length);
        if (position == folder->folder.count)
                return NULL;
        struct entry *entry = folder->folder.entries[position];
        return name_is(entry, name, length) ? entry : NULL;
}

struct node *folder_find(const struct node *folder, const char *name, size_t length)
{
        const struct entry *entry = entry_find(folder, name, length);
        return entry ? entry->node : NULL;
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

struct node *tree_find(const struct tree *tree, uint64_t identity)
{
        struct node *folder = tree->root;
        size_t at = 0;
        if (folder->identity == identity)
                return folder;
        /* A folder comes before what is in it; behind its last entry it goes on above. */
        while (folder != tree->root || at < folder->folder.count) {
                if (at == folder->folder.count) {
                        const struct entry *entry = folder->folder.entry;
                        folder = folder->folder.parent;
                        at = folder_position_after(folder, entry->name, entry->name_length);
                        continue;
                }
                struct node *node = folder->folder.entries[at]->node;
                if (node->identity == identity)
                        return node;
                at++;
                if (node->kind == FS_FOLDER) {
                        folder = node;
                        at = 0;
                }
        }
        return NULL;
}

/* Makes room for one more entry. */
static bool folder_reserve(struct tree *tree, struct node *folder)
{
        enum { FIRST_CAPACITY = 4 };
        size_t capacity = folder->folder.capacity, entry = sizeof(struct entry *);
        if (folder->folder.count < capacity)
                return true;
        size_t larger = capacity ? capacity + capacity / 2 : FIRST_CAPACITY;
        struct entry **entries =
            budget_resize(&tree->budget, folder->folder.entries, capacity * entry, larger * entry);
        if (!entries)
                return false;
        folder->folder.entries = entries;
        folder->folder.capacity = larger;
        return true;
}

/* A new entry, in no folder; NULL: there is no space. */
static struct entry *entry_make(struct tree *tree, const char *name, size_t length)
{
        struct entry *entry = budget_allocate(&tree->budget, sizeof *entry + length);
        if (!entry)
                return NULL;
        entry->name_length = length;
        memcpy(entry->name, name, length);
        return entry;
}

static void entry_release(struct tree *tree, struct entry *entry)
{
        budget_release(&tree->budget, entry, sizeof *entry + entry->name_length);
}

/* The entry of `folder` leads to the node. */
static void entry_lead(struct node *folder, struct entry *entry, struct node *node)
{
        entry->node = node;
        if (node->kind == FS_FOLDER) {
                node->folder.parent = folder;
                node->folder.entry = entry;
        }
}

/* Puts an entry into a folder that has room, as one more name of the node. */
static void folder_insert(struct node *folder, struct entry *entry, struct node *node)
{
        size_t position = folder_position(folder, entry->name, entry->name_length);
        struct entry **entries = folder->folder.entries;
        memmove(entries + position + 1, entries + position,
                (folder->folder.count - position) * sizeof *entries);
        entries[position] = entry;
        folder->folder.count++;
        node->links++;
        entry_lead(folder, entry, node);
}

/* Takes the entry at that position away, which is a name less of its node: returns that. */
static struct node *folder_take_out(struct tree *tree, struct node *folder, size_t position)
{
        struct entry **entries = folder->folder.entries, *entry = entries[position];
        struct node *node = entry->node;
        assert(position < folder->folder.count && node->links > 0);
        folder->folder.count--;
        memmove(entries + position, entries + position + 1,
                (folder->folder.count - position) * sizeof *entries);
        node->links--;
        if (node->kind == FS_FOLDER) {
                node->folder.parent = NULL;
                node->folder.entry = NULL;
        }
        entry_release(tree, entry);
        return node;
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

/* Gives a node back that has no name and is not held. */
static void node_release(struct tree *tree, struct node *node)
{
        struct budget *budget = &tree->budget;
        switch (node->kind) {
        case FS_FILE:
                content_release(&node->file, budget);
                break;
        case FS_FOLDER:
                budget_release(budget, node->folder.entries,
                               node->folder.capacity * sizeof(struct entry *));
                break;
        case FS_LINK:
                budget_release(budget, node->link.target, node->link.length);
                break;
        }
        budget_release(budget, node, sizeof *node);
}

/* Gives it back if nothing needs it any more. */
static void node_settle(struct tree *tree, struct node *node)
{
        if (node->holds == 0 && node->links == 0)
                node_release(tree, node);
}

outcome_t node_create(struct tree *tree, struct node *folder, const char *name, size_t length,
                      enum fs_kind kind, struct node **created)
{
        struct node *node = node_allocate(tree, kind);
        if (!node)
                return answered(REASON_NO_SPACE);
        outcome_t outcome = node_link(tree, node, folder, name, length);
        if (outcome == OUTCOME_OK)
                *created = node;
        node_settle(tree, node);
        return outcome;
}

outcome_t node_create_nameless(struct tree *tree, enum fs_kind kind, struct node **created)
{
        struct node *node = node_allocate(tree, kind);
        if (!node)
                return answered(REASON_NO_SPACE);
        node->holds = 1;
        *created = node;
        return OUTCOME_OK;
}

outcome_t node_link(struct tree *tree, struct node *node, struct node *folder, const char *name,
                    size_t length)
{
        assert(node->kind != FS_FOLDER || node->links == 0);
        if (node->links >= NODE_LINKS_MAX)
                return answered(REASON_OVERLOADED);
        if (!folder_reserve(tree, folder))
                return answered(REASON_NO_SPACE);
        struct entry *entry = entry_make(tree, name, length);
        if (!entry)
                return answered(REASON_NO_SPACE);
        folder_insert(folder, entry, node);
        return OUTCOME_OK;
}

outcome_t node_set_target(struct tree *tree, struct node *link, const char *target, size_t length)
{
        link->link.target = budget_allocate(&tree->budget, length);
        if (!link->link.target)
                return answered(REASON_NO_SPACE);
        memcpy(link->link.target, target, length);
        link->link.length = length;
        return OUTCOME_OK;
}

void folder_remove(struct tree *tree, struct node *folder, const char *name, size_t length)
{
        node_settle(tree, folder_take_out(tree, folder, folder_position(folder, name, length)));
}

outcome_t node_move(struct tree *tree, const struct name *from, const struct name *to)
{
        struct node *node = folder_find(from->folder, from->bytes, from->length);
        const bool replaces = folder_find(to->folder, to->bytes, to->length);
        struct entry *entry = entry_make(tree, to->bytes, to->length);
        if (!entry)
                return answered(REASON_NO_SPACE);
        if (!replaces && to->folder != from->folder && !folder_reserve(tree, to->folder)) {
                entry_release(tree, entry);
                return answered(REASON_NO_SPACE);
        }

        /* From here on nothing fails: the folder has room, or gets it from what is taken out. */
        if (replaces)
                folder_remove(tree, to->folder, to->bytes, to->length);
        folder_take_out(tree, from->folder,
                        folder_position(from->folder, from->bytes, from->length));
        folder_insert(to->folder, entry, node);
        return OUTCOME_OK;
}

void nodes_exchange(const struct name *a, const struct name *b)
{
        struct entry *one = entry_find(a->folder, a->bytes, a->length);
        struct entry *other = entry_find(b->folder, b->bytes, b->length);
        struct node *node = one->node;
        entry_lead(a->folder, one, other->node);
        entry_lead(b->folder, other, node);
}

void node_changed(struct tree *tree, struct node *node, uint64_t now)
{
        node_marked(tree, node, now);
        node->modified = now;
}

void node_marked(struct tree *tree, struct node *node, uint64_t now)
{
        node->version = tree->next_number++;
        node->changed = now;
}

bool node_access_due(const struct node *node, uint64_t now)
{
        enum { DAY = 24 * 60 * 60 };
        const int64_t accessed = (int64_t)node->accessed, at = (int64_t)now;
        return accessed < at && (accessed <= (int64_t)node->modified ||
                                 accessed <= (int64_t)node->changed || accessed <= at - DAY);
}

void node_accessed(struct node *node, uint64_t now)
{
        if (node_access_due(node, now))
                node->accessed = now;
}

void node_hold(struct node *node)
{
        node->holds++;
}

void node_drop(struct tree *tree, struct node *node)
{
        node->holds--;
        node_settle(tree, node);
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
        *tree = (struct tree){.budget = {.limit = limit}, .next_number = FS_IDENTITY_ROOT};
        tree->mounted_at = mounted_at;
        tree->root = node_allocate(tree, FS_FOLDER);
        if (!tree->root)
                return answered(REASON_NO_SPACE);
        tree->root->links = 1;
        tree->root->folder.parent = tree->root;
        return OUTCOME_OK;
}

void tree_end(struct tree *tree)
{
        /* Always down to the last entry, which goes, until only the root is left: no recursion,
         * since how deep the tree is was chosen by others. */
        struct node *at = tree->root;
        while (at != tree->root || at->folder.count > 0) {
                if (at->folder.count == 0) {
                        at = at->folder.parent;
                        continue;
                }
                const size_t last = at->folder.count - 1;
                struct node *node = at->folder.entries[last]->node;
                if (node->kind == FS_FOLDER && node->folder.count > 0)
                        at = node;
                else
                        node_settle(tree, folder_take_out(tree, at, last));
        }
        node_release(tree, tree->root);
        tree->root = NULL;
}
