/* Ordered sets with 64-bit keys: a treap (Aragon and Seidel 1989). Its random weights keep the
 * expected depth logarithmic in whatever order keys are inserted. Equal keys stay in the order of
 * insertion. Intrusive; allocates nothing. */
#ifndef KERNEL_LIB_TREE_H
#define KERNEL_LIB_TREE_H

#include <stdbool.h>
#include <stdint.h>

struct tree_node {
        struct tree_node *parent, *child[2]; /* left, right */
        struct tree_node *previous, *next;   /* in order, or NULL */
        uint64_t key;
        uint32_t weight;
        bool linked;
};

struct tree {
        struct tree_node *root, *first;
        struct tree_node
            *recent; /* inserted or found last, where the next search begins; or NULL */
};

/* Inserts a node that is in no tree. */
void tree_insert(struct tree *tree, struct tree_node *node, uint64_t key);

/* The same if the node before it, tree_floor() of its key, is known already. */
void tree_insert_after(struct tree *tree, struct tree_node *before, struct tree_node *node,
                       uint64_t key);

/* Removes a node; does nothing if it is in no tree. */
void tree_remove(struct tree *tree, struct tree_node *node);

/* The node with the greatest key that is at most `key`, or NULL. */
struct tree_node *tree_floor(struct tree *tree, uint64_t key);

/* The node with exactly this key, or NULL. */
struct tree_node *tree_find(struct tree *tree, uint64_t key);

#endif
