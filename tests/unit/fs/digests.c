/* Digests are those of the content, whatever has changed since, and are made once. */
#include "servers/fs/digests.h"
#include <sodium/crypto_generichash_blake2b.h>
#include "tests/unit/fs/test_fs.h"

enum { PLENTY = 16 << 20 };

static struct digests digests;
static struct tree *tree;

static void setup(void)
{
        digests = (struct digests){0};
        tree = tree_of(PLENTY);
}

static void teardown(void)
{
        tree_gone(tree);
}

static void ck_digest(const struct node *node, const void *bytes, size_t count)
{
        uint8_t expected[FS_DIGEST];
        crypto_generichash_blake2b(expected, sizeof expected, bytes, count, NULL, 0);
        ck_assert_mem_eq(digest_of(&digests, node), expected, FS_DIGEST);
}

START_TEST(a_digest_is_that_of_the_content)
{
        struct node *node = file_put(tree, "f", "text"), *empty = file_put(tree, "e", "");
        ck_digest(node, "text", 4);
        ck_digest(empty, "", 0);
        content_write(&node->file, &tree->budget, 2, "st", 2);
        node_changed(tree, node, 0);
        ck_digest(node, "test", 4);
        ck_digest(empty, "", 0);
}
END_TEST

START_TEST(a_digest_is_made_once_for_a_version)
{
        struct node *node = file_put(tree, "f", "text");
        const uint8_t *first = digest_of(&digests, node);
        content_write(&node->file, &tree->budget, 2, "st", 2);
        ck_assert_ptr_eq(digest_of(&digests, node), first);
        ck_digest(node, "text", 4); /* nobody has said that it is changed */
}
END_TEST

START_TEST(any_number_of_files_have_digests_but_long_ones)
{
        char name[8];
        for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 2 * DIGESTS_MAX; i++) {
                        snprintf(name, sizeof name, "f%d", i);
                        ck_digest(file_put(tree, name, name), name, strlen(name));
                }
        }
        struct node *node = file_put(tree, "long", "");
        content_truncate(&node->file, &tree->budget, FS_DIGEST_MOST + 1);
        ck_assert_ptr_null(digest_of(&digests, node));
        content_truncate(&node->file, &tree->budget, FS_DIGEST_MOST);
        ck_assert_ptr_nonnull(digest_of(&digests, node));
}
END_TEST

Suite *digests_suite(void)
{
        Suite *suite = suite_create("fs/digests");
        TCase *tcase = tcase_create("digests");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, a_digest_is_that_of_the_content);
        tcase_add_test(tcase, a_digest_is_made_once_for_a_version);
        tcase_add_test(tcase, any_number_of_files_have_digests_but_long_ones);
        suite_add_tcase(suite, tcase);
        return suite;
}
