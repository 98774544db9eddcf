/* The treap, beside a sorted array. */
#include "tests/unit/kernel/host_tests.h"
#include "kernel/lib/tree.h"

enum { NODES = 300, ROUNDS = 20000, KEYS = 200 };

static struct tree_node nodes[NODES];
static struct tree tree;
static struct tree_node *sorted[NODES];
static unsigned count;

/* Behind all equals: where a new node belongs. */
static unsigned position_after(uint64_t key)
{
        unsigned at = 0;
        while (at < count && sorted[at]->key <= key)
                at++;
        return at;
}

static unsigned check_below(const struct tree_node *node)
{
        unsigned below = 1;
        if (node->child[0]) {
                check_that(node->child[0]->parent == node);
                check_that(node->child[0]->weight <= node->weight);
                below += check_below(node->child[0]);
        }
        if (node->child[1]) {
                check_that(node->child[1]->parent == node);
                check_that(node->child[1]->weight <= node->weight);
                below += check_below(node->child[1]);
        }
        return below;
}

static void check_same(void)
{
        struct tree_node *node = tree.first;
        for (unsigned i = 0; i < count; i++, node = node->next)
                check_that(node == sorted[i]);
        check_that(!node);
        check_that((tree.root ? check_below(tree.root) : 0) == count);
}

static void check_search(uint64_t key)
{
        unsigned after = position_after(key);
        struct tree_node *floor = tree_floor(&tree, key), *found = tree_find(&tree, key);
        check_that(floor == (after ? sorted[after - 1] : NULL));
        check_that(found ? found->key == key : !floor || floor->key != key);
}

START_TEST(a_treap_keeps_order_like_a_sorted_array)
{
        srandom(1);
        for (unsigned round = 0; round < ROUNDS; round++) {
                struct tree_node *node = &nodes[random() % NODES];
                uint64_t key = (uint64_t)random() % KEYS;
                if (!node->linked) {
                        unsigned at = position_after(key);
                        memmove(&sorted[at + 1], &sorted[at], (count - at) * sizeof(sorted[0]));
                        sorted[at] = node;
                        count++;
                        tree_insert(&tree, node, key);
                } else {
                        unsigned at = 0;
                        while (sorted[at] != node)
                                at++;
                        memmove(&sorted[at], &sorted[at + 1], (--count - at) * sizeof(sorted[0]));
                        tree_remove(&tree, node);
                        tree_remove(&tree, node);
                }
                check_search(key);
                if (round % 64 == 0)
                        check_same();
        }
        check_same();
}
END_TEST

static unsigned depth(const struct tree_node *node)
{
        unsigned left = node ? depth(node->child[0]) : 0, right = node ? depth(node->child[1]) : 0;
        return node ? 1 + (left > right ? left : right) : 0;
}

START_TEST(ascending_keys_do_not_make_a_list_of_it)
{
        for (unsigned i = 0; i < NODES; i++)
                tree_insert(&tree, &nodes[i], i);
        check_that(depth(tree.root) < 40);
}
END_TEST

START_TEST(the_greatest_keys_are_found)
{
        tree_insert(&tree, &nodes[0], UINT64_MAX);
        check_that(!tree_floor(&tree, UINT64_MAX - 1));
        check_that(tree_find(&tree, UINT64_MAX) == (&nodes[0]));
}
END_TEST

Suite *tree_suite(void)
{
        Suite *suite = suite_create("tree");
        TCase *tests = tcase_create("tree");
        tcase_add_test(tests, a_treap_keeps_order_like_a_sorted_array);
        tcase_add_test(tests, ascending_keys_do_not_make_a_list_of_it);
        tcase_add_test(tests, the_greatest_keys_are_found);
        suite_add_tcase(suite, tests);
        return suite;
}
