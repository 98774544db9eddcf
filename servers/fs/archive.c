/* From cpio members to nodes; see archive.h. A member is in the tree as a whole or not at all;
 * folders made on the way to one that is left out stay. */
#include "servers/fs/archive.h"

#include <string.h>

#include "servers/rt/pure/cpio.h"

/* Takes the next name off a path: false at its end. */
static bool next_name(const char **path, size_t *length, const char **name, size_t *name_length)
{
        while (*length > 0 && **path == '/') {
                ++*path;
                --*length;
        }
        const char *slash = *length > 0 ? memchr(*path, '/', *length) : NULL;
        *name = *path;
        *name_length = slash ? (size_t)(slash - *path) : *length;
        *path += *name_length;
        *length -= *name_length;
        return *name_length > 0;
}

static bool is_dot(const char *name, size_t length)
{
        return length == 1 && name[0] == '.';
}

/* Finds the folder and the last name of a member; makes folders that are missing. A member that is
 * the root itself has no last name (length 0). INVALID: it cannot be in a tree. */
static outcome_t find_folder(struct tree *tree, const struct cpio_entry *member,
                             struct node **folder, const char **last, size_t *last_length)
{
        const char *path = member->name, *name;
        size_t length = member->name_length, name_length;
        *folder = tree->root;
        *last = member->name;
        *last_length = 0;
        while (next_name(&path, &length, &name, &name_length)) {
                if (is_dot(name, name_length))
                        continue;
                if (!entry_name_valid(name, name_length))
                        return answered(REASON_INVALID);
                if (*last_length > 0) {
                        struct node *next = folder_find(*folder, *last, *last_length);
                        outcome_t outcome = OUTCOME_OK;
                        if (!next)
                                outcome = node_create(tree, *folder, *last, *last_length, FS_FOLDER,
                                                      &next);
                        if (outcome != OUTCOME_OK)
                                return outcome;
                        if (next->kind != FS_FOLDER)
                                return answered(REASON_INVALID);
                        *folder = next;
                }
                *last = name;
                *last_length = name_length;
        }
        return OUTCOME_OK;
}

static bool member_kind(const struct cpio_entry *member, enum fs_kind *kind)
{
        switch (member->kind) {
        case CPIO_FILE:
                *kind = FS_FILE;
                return true;
        case CPIO_FOLDER:
                *kind = FS_FOLDER;
                return true;
        case CPIO_LINK:
                *kind = FS_LINK;
                return member->size > 0 && member->size <= FS_PATH_MAX &&
                       !memchr(member->data, 0, member->size);
        default:
                return false;
        }
}

/* Gives a node what the member says of it. */
static outcome_t node_fill(struct tree *tree, struct node *node, const struct cpio_entry *member,
                           uint64_t now)
{
        node->modified = node->changed = (uint64_t)member->modified;
        node->accessed = (int64_t)now > member->modified ? now : node->modified;
        node->mode = member->mode & FS_MODE_MASK;
        if (node->kind == FS_FILE) {
                content_release(&node->file, &tree->budget);
                node->file.shared = member->data;
                node->file.shared_length = node->file.size = member->size;
        } else if (node->kind == FS_LINK) {
                return node_set_target(tree, node, (const char *)member->data, member->size);
        }
        return OUTCOME_OK;
}

static outcome_t member_load(struct tree *tree, const struct cpio_entry *member, uint64_t now)
{
        enum fs_kind kind;
        struct node *folder, *node;
        const char *name;
        size_t length;
        if (!member_kind(member, &kind))
                return answered(REASON_INVALID);
        outcome_t outcome = find_folder(tree, member, &folder, &name, &length);
        if (outcome != OUTCOME_OK)
                return outcome;
        node = length > 0 ? folder_find(folder, name, length) : tree->root;
        if (node && (node->kind != kind || kind == FS_LINK))
                return answered(REASON_INVALID);
        bool made = !node;
        if (made)
                outcome = node_create(tree, folder, name, length, kind, &node);
        if (outcome == OUTCOME_OK)
                outcome = node_fill(tree, node, member, now);
        if (outcome != OUTCOME_OK && made && node)
                folder_remove(tree, folder, name, length);
        return outcome;
}

static void member_report(struct archive_report *report, const struct cpio_entry *member,
                          outcome_t outcome)
{
        if (outcome == OUTCOME_OK) {
                report->served++;
                return;
        }
        if (report->left_out < ARCHIVE_NAMED)
                report->missing[report->left_out] =
                    (struct archive_missing){member->name, member->name_length, outcome};
        report->left_out++;
}

void archive_load(struct tree *tree, const void *archive, size_t length, uint64_t now,
                  struct archive_report *report)
{
        struct cpio cpio = cpio_open(archive, length);
        struct cpio_entry member;
        enum cpio_result result;
        *report = (struct archive_report){0};
        while ((result = cpio_next(&cpio, &member)) == CPIO_ENTRY)
                member_report(report, &member, member_load(tree, &member, now));
        report->damaged = result == CPIO_DAMAGED;
}
