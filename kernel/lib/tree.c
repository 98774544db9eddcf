/* A treap: a binary search tree by key that is also a heap by random weight. A new node becomes a
 * leaf and rises past all that are lighter; removal lowers a node until it has at most one child.
 * The nodes are also linked in order: of two neighbours the one lower in the tree has no child on
 * the other's side, so a new node between them has its place there. */
#include "kernel/lib/tree.h"
#include <stddef.h>

/* A linear congruential generator (Knuth 1997, 3.3.4): the weights need only be independent of the
 * keys. The high bits, which decide most comparisons, are its best. */
static uint32_t next_weight(void)
{
        static uint32_t state;
        return state = state * 1664525 + 1013904223;
}

static void adopt(struct tree_node *parent, bool side, struct tree_node *child)
{
        parent->child[side] = child;
        if (child)
                child->parent = parent;
}

static void replace_child(struct tree *tree, struct tree_node *parent, struct tree_node *old,
                          struct tree_node *new)
{
        if (parent)
                adopt(parent, parent->child[1] == old, new);
        else if ((tree->root = new))
                new->parent = NULL;
}

struct tree_node *tree_floor(struct tree *tree, uint64_t key)
{
        struct tree_node *best = tree->recent;
        if (best && best->key <= key && (!best->next || best->next->key > key))
                return best;
        best = NULL;
        for (struct tree_node *node = tree->root; node;) {
                if (node->key <= key)
                        best = node;
                node = node->child[node->key <= key];
        }
        return best ? tree->recent = best : NULL;
}

void tree_insert_after(struct tree *tree, struct tree_node *before, struct tree_node *node,
                       uint64_t key)
{
        struct tree_node *next = before ? before->next : tree->first, *above;
        struct tree_node *parent = before && !before->child[1] ? before : next;
        *node = (struct tree_node){.child = {NULL, NULL},
                                   .previous = before,
                                   .next = next,
                                   .key = key,
                                   .weight = next_weight(),
                                   .linked = true};
        *(before ? &before->next : &tree->first) = node;
        if (next)
                next->previous = node;
        for (; parent && parent->weight < node->weight; parent = above) {
                bool side = parent->key <= key;
                above = parent->parent;
                adopt(parent, side, node->child[!side]);
                adopt(node, !side, parent);
        }
        node->parent = parent;
        *(parent ? &parent->child[parent->key <= key] : &tree->root) = node;
        tree->recent = node;
}

void tree_insert(struct tree *tree, struct tree_node *node, uint64_t key)
{
        tree_insert_after(tree, tree_floor(tree, key), node, key);
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
        struct tree_node **child = node->child;
        if (!node->linked)
                return;
        while (child[0] && child[1]) {
                bool side = child[1]->weight > child[0]->weight;
                struct tree_node *risen = child[side];
                replace_child(tree, node->parent, node, risen);
                adopt(node, side, risen->child[!side]);
                adopt(risen, !side, node);
        }
        replace_child(tree, node->parent, node, child[0] ? child[0] : child[1]);
        *(node->previous ? &node->previous->next : &tree->first) = node->next;
        if (node->next)
                node->next->previous = node->previous;
        if (tree->recent == node)
                tree->recent = node->previous;
        node->linked = false;
}

struct tree_node *tree_find(struct tree *tree, uint64_t key)
{
        struct tree_node *node = tree_floor(tree, key);
        return node && node->key == key ? node : NULL;
}
