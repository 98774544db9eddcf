/* Intrusive doubly linked lists. A node on no list points to itself, so removing it twice is
 * harmless, and a dying object can leave every list without asking whether it is on one. */
#ifndef KERNEL_LIB_LIST_H
#define KERNEL_LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
        struct list *next, *prev;
};

#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

/* Walks a list; the body must not remove nodes. */
#define list_for_each(node, head)                                                                  \
        for (struct list *node = (head)->next; node != (head); node = node->next)

static inline void list_init(struct list *list)
{
        list->next = list->prev = list;
}

static inline bool list_empty(const struct list *list)
{
        return list->next == list;
}

static inline void list_insert_before(struct list *position, struct list *node)
{
        struct list *before = position->prev;
        node->prev = before;
        node->next = position;
        before->next = node;
        position->prev = node;
}

static inline void list_append(struct list *list, struct list *node)
{
        list_insert_before(list, node);
}

static inline void list_prepend(struct list *list, struct list *node)
{
        list_insert_before(list->next, node);
}

static inline void list_remove(struct list *node)
{
        struct list *before = node->prev, *after = node->next;
        before->next = after;
        after->prev = before;
        list_init(node);
}

/* A ring is a list without a head: its owner points to the first node, or to none. A node that is
 * alone in a ring is not linked, so that it comes and goes with one store. */
#define ring_append(first, node, link)                                                             \
        do {                                                                                       \
                if (__builtin_expect(!!(first), 0))                                                \
                        list_insert_before(&(first)->link, &(node)->link);                         \
                else                                                                               \
                        (first) = (node);                                                          \
        } while (0)

#define ring_prepend(first, node, link)                                                            \
        do {                                                                                       \
                ring_append(first, node, link);                                                    \
                (first) = (node);                                                                  \
        } while (0)

/* The node is in the ring. */
#define ring_remove(first, node, link)                                                             \
        do {                                                                                       \
                struct list *next_ = (node)->link.next;                                            \
                if (__builtin_expect(next_ == &(node)->link, 1)) {                                 \
                        (first) = NULL;                                                            \
                        break;                                                                     \
                }                                                                                  \
                if ((first) == (node))                                                             \
                        (first) = container_of(next_, __typeof__(*(first)), link);                 \
                list_remove(&(node)->link);                                                        \
        } while (0)

#endif
