/* What the test files of the file server's tree share. */
#ifndef TEST_FS_H
#define TEST_FS_H

#include <check.h>
#include <stdio.h>
#include <string.h>
#include "servers/fs/changes.h"
#include "servers/fs/paths.h"
#include "servers/fs/tree.h"

#define TEXT(text) (text), strlen(text)
#define PATH(text) ((struct path){NULL, TEXT(text)})

/* A tree for one test: `tree_of(limit)` before, `tree_gone` after, which also checks that
 * everything was given back. */
static inline struct tree *tree_of(size_t limit)
{
        static struct tree tree;
        ck_assert_uint_eq(tree_start(&tree, limit, "/fs"), OUTCOME_OK);
        return &tree;
}

static inline void tree_gone(struct tree *tree)
{
        ck_assert(tree_check(tree));
        tree_end(tree);
        ck_assert_uint_eq(tree->budget.used, 0);
}

/* Makes a file with a text, or replaces one. */
static inline struct node *file_put(struct tree *tree, const char *path, const char *text)
{
        struct node *node;
        uint64_t flags = FS_OPEN_WRITE | FS_OPEN_CREATE | FS_OPEN_TRUNCATE;
        ck_assert_uint_eq(tree_open(tree, PATH(path), flags, 0644, 0, &node), OUTCOME_OK);
        ck_assert_uint_eq(content_write(&node->file, &tree->budget, 0, text, strlen(text)),
                          OUTCOME_OK);
        node_drop(tree, node);
        return node;
}

/* The text of a file, or of the outcome of opening it. */
static inline const char *file_text(struct tree *tree, const char *path)
{
        static char text[256];
        struct node *node;
        outcome_t outcome = tree_open(tree, PATH(path), FS_OPEN_READ, 0644, 0, &node);
        if (outcome != OUTCOME_OK)
                return reason_text(outcome_reason(outcome));
        if (node->kind == FS_FOLDER)
                strcpy(text, "folder");
        else
                text[content_read(&node->file, 0, text, sizeof text - 1)] = 0;
        node_drop(tree, node);
        return text;
}

Suite *content_suite(void);
Suite *tree_suite(void);
Suite *paths_suite(void);
Suite *changes_suite(void);
Suite *archive_suite(void);
Suite *listing_suite(void);
Suite *opens_suite(void);
Suite *waits_suite(void);
Suite *digests_suite(void);
Suite *notes_suite(void);
Suite *clients_suite(void);

#endif
