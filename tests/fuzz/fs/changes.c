/* libFuzzer: any sequence of changes leaves a tree whose invariants hold; a change that fails has
 * changed nothing that its budget shows; open files keep their nodes; all of it is given back.
 *
 * The input: a byte for the budget, then operations: a byte that says which, and paths, each a byte
 * of length (0 to 15) and so many characters of a small alphabet, so that paths often meet. They
 * begin at the root, or at a folder that is open. */
#include <stdlib.h>
#include "servers/fs/changes.h"
#include "servers/fs/listing.h"
#include "servers/fs/opens.h"

enum { PATH_MAX_BYTES = 15, HELD = 4 };

struct input {
        const uint8_t *at, *end;
};

static uint8_t take(struct input *input)
{
        return input->at < input->end ? *input->at++ : 0;
}

static size_t take_text(struct input *input, char *path)
{
        static const char alphabet[16] = "////..abcdefgl\0u";
        size_t length = take(input) & PATH_MAX_BYTES;
        for (size_t i = 0; i < length; i++)
                path[i] = alphabet[take(input) & 15];
        return length;
}

/* One that begins where `open` is, if that is a folder. */
static struct path take_path(struct input *input, const struct open_file *open, char *bytes)
{
        const bool within = open && open->node->kind == FS_FOLDER;
        const size_t length = take_text(input, bytes);
        return (struct path){within ? open->node : NULL, bytes, length};
}

static void change_content(struct tree *tree, struct node *node, struct input *input)
{
        static uint8_t data[9000], out[9000];
        if (node->kind != FS_FILE)
                return;
        uint64_t offset = (uint64_t)take(input) * 100;
        size_t count = (size_t)take(input) * 35, length;
        if (take(input) & 1)
                (void)content_truncate(&node->file, &tree->budget, offset);
        else
                (void)content_write(&node->file, &tree->budget, offset, data, count);
        (void)content_read(&node->file, offset, out, count);
        (void)content_view(&node->file, offset, count, &length);
}

static void open_something(struct tree *tree, struct opens *opens, uint64_t *badge,
                           struct input *input)
{
        char bytes[PATH_MAX_BYTES];
        struct node *node;
        const struct path path = take_path(input, open_find(opens, *badge), bytes);
        const uint64_t flags = take(input), more = take(input);
        if (tree_open(tree, path, flags | more << 8, 0644, 0, &node) != OUTCOME_OK)
                return;
        change_content(tree, node, input);
        open_close(opens, *badge);
        *badge = open_add(opens, node, FS_OPEN_READ);
        if (*badge == 0)
                abort();
}

static void operate(struct tree *tree, struct opens *opens, uint64_t *badges, struct input *input)
{
        char bytes[PATH_MAX_BYTES], other[PATH_MAX_BYTES], records[600], at[PATH_MAX_BYTES + 1];
        uint8_t operation = take(input);
        size_t length = 0, used = tree->budget.used;
        outcome_t outcome = OUTCOME_OK;
        const struct open_file *open = open_find(opens, badges[operation >> 4 & (HELD - 1)]);
        struct node *node;
        struct path path = {0};
        if ((operation & 15) > 1)
                path = take_path(input, open, bytes);
        switch (operation & 15) {
        case 0:
        case 1:
                open_something(tree, opens, &badges[operation >> 4 & (HELD - 1)], input);
                return;
        case 2:
                outcome = tree_mkdir(tree, path, 0755, 0);
                break;
        case 3:
                outcome = tree_symlink(tree, other, take_text(input, other), path, 0);
                break;
        case 4:
                outcome = tree_unlink(tree, path, 0);
                break;
        case 5:
                outcome = tree_rmdir(tree, path, 0);
                break;
        case 6:
                node = take(input) & 1 ? NULL : path.folder;
                outcome =
                    tree_rename(tree, path, (struct path){node, other, take_text(input, other)},
                                take(input), 0);
                break;
        case 7:
                outcome = tree_link(tree, path, operation >> 4 & 1,
                                    (struct path){NULL, other, take_text(input, other)}, 0);
                break;
        case 8:
                if (open)
                        outcome = tree_link_node(tree, open->node, path, 0);
                break;
        default:
                if (path_find_node(tree, path, true, &node) != OUTCOME_OK ||
                    node->kind != FS_FOLDER)
                        break;
                (void)listing_write(node, other, take_text(input, other), records, sizeof records);
                if (path_of_folder(tree, node, at, sizeof at, &length) == OUTCOME_OK &&
                    (path_find_node(tree, (struct path){NULL, at, length}, false, &path.folder) !=
                         OUTCOME_OK ||
                     path.folder != node))
                        abort();
                break;
        }
        /* A folder's table may have grown for an entry that then found no space. */
        enum { TABLE = 4096 };
        if (outcome != OUTCOME_OK && tree->budget.used > used + TABLE)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct opens opens;
        struct input input = {data, data + size};
        struct tree tree;
        uint64_t badges[HELD] = {0};
        if (tree_start(&tree, 600u + take(&input) * 400u, "/fs") != OUTCOME_OK)
                abort();
        opens_init(&opens, &tree, 0, 0);
        while (input.at < input.end) {
                operate(&tree, &opens, badges, &input);
                if (!tree_check(&tree))
                        abort();
        }
        for (int i = 0; i < HELD; i++)
                open_close(&opens, badges[i]);
        tree_end(&tree);
        if (tree.budget.used != 0)
                abort();
        return 0;
}
