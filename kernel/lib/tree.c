/* A treap: a binary search tree by key that is also a heap by random weight. Insertion adds the
 * node as a leaf and rotates it up; removal rotates it down until it has at most one child. */
#include "kernel/lib/tree.h"
#include <stddef.h>

/* xorshift32 (Marsaglia 2003): the weights need only be independent of the keys. */
static uint32_t next_weight(void)
{
        static uint32_t state = 2463534242u;
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state;
}

static void replace_child(struct tree *tree, struct tree_node *parent, struct tree_node *old,
                          struct tree_node *new)
{
        if (!parent)
                tree->root = new;
        else if (parent->left == old)
                parent->left = new;
        else
                parent->right = new;
        if (new)
                new->parent = parent;
}

/* Makes `node` the parent of its parent. */
static void rotate_up(struct tree *tree, struct tree_node *node)
{
        struct tree_node *parent = node->parent;
        replace_child(tree, parent->parent, parent, node);
        if (parent->left == node) {
                parent->left = node->right;
                if (node->right)
                        node->right->parent = parent;
                node->right = parent;
        } else {
                parent->right = node->left;
                if (node->left)
                        node->left->parent = parent;
                node->left = parent;
        }
        parent->parent = node;
}

struct tree_node *tree_floor(const struct tree *tree, uint64_t key)
{
        struct tree_node *best = NULL;
        for (struct tree_node *node = tree->root; node;) {
                if (node->key <= key) {
                        best = node;
                        node = node->right;
                } else {
                        node = node->left;
                }
        }
        return best;
}

void tree_insert_after(struct tree *tree, struct tree_node *before, struct tree_node *node,
                       uint64_t key)
{
        struct tree_node *parent = before;
        struct tree_node **place = before ? &before->right : &tree->root;
        while (*place) {
                parent = *place;
                place = &parent->left;
        }
        if (!before)
                tree->first = node;
        *node = (struct tree_node){
            .parent = parent, .key = key, .weight = next_weight(), .linked = true};
        *place = node;
        while (node->parent && node->parent->weight < node->weight)
                rotate_up(tree, node);
}

void tree_insert(struct tree *tree, struct tree_node *node, uint64_t key)
{
        tree_insert_after(tree, tree_floor(tree, key), node, key);
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
        if (!node->linked)
                return;
        if (tree->first == node)
                tree->first = tree_next(node);
        while (node->left && node->right)
                rotate_up(tree,
                          node->left->weight > node->right->weight ? node->left : node->right);
        replace_child(tree, node->parent, node, node->left ? node->left : node->right);
        node->linked = false;
}

struct tree_node *tree_find(const struct tree *tree, uint64_t key)
{
        struct tree_node *node = tree_floor(tree, key);
        return node && node->key == key ? node : NULL;
}

struct tree_node *tree_next(const struct tree_node *node)
{
        if (node->right) {
                struct tree_node *next = node->right;
                while (next->left)
                        next = next->left;
                return next;
        }
        while (node->parent && node->parent->right == node)
                node = node->parent;
        return node->parent;
}
