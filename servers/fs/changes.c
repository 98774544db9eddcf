/* Opening, making, removing, renaming; see changes.h. Each finds and checks everything first; what
 * it has made already it takes back if the rest fails. */
#include "servers/fs/changes.h"

#include <string.h>

/* Finds what has the path's last name, or may have it. A '/' behind it does not follow a link, as
 * it would elsewhere: what is changed is what the path names. */
static outcome_t find_last(const struct tree *tree, const char *path, size_t length,
                           struct place *place)
{
        size_t bare = length;
        while (bare > 0 && path[bare - 1] == '/')
                bare--;
        outcome_t outcome = path_find(tree, path, bare, false, place);
        place->folder_wanted = bare < length;
        return outcome;
}

/* Finds where something new may come: EXISTS if something is there already. */
static outcome_t find_free(const struct tree *tree, const char *path, size_t length,
                           struct place *place)
{
        outcome_t outcome = find_last(tree, path, length, place);
        if (outcome != OUTCOME_OK)
                return outcome;
        return place->node ? answered(REASON_EXISTS) : OUTCOME_OK;
}

/* Finds something that may be taken from its place: there, and under a name. */
static outcome_t find_named(const struct tree *tree, const char *path, size_t length,
                            struct place *place)
{
        outcome_t outcome = find_last(tree, path, length, place);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (place->name_length == 0)
                return answered(REASON_INVALID);
        if (!place->node)
                return answered(REASON_NOT_FOUND);
        bool fits = !place->folder_wanted || place->node->kind == FS_FOLDER;
        return fits ? OUTCOME_OK : answered(REASON_NOT_DIRECTORY);
}

static outcome_t open_existing(struct tree *tree, struct node *node, uint64_t flags, uint64_t now)
{
        if ((flags & FS_OPEN_CREATE) && (flags & FS_OPEN_EXCLUSIVE))
                return answered(REASON_EXISTS);
        if (node->kind == FS_LINK)
                return answered(REASON_LINK_LOOP);
        if (node->kind == FS_FOLDER)
                return flags & FS_OPEN_WRITE ? answered(REASON_IS_DIRECTORY) : OUTCOME_OK;
        if (flags & FS_OPEN_TRUNCATE) {
                (void)content_truncate(&node->file, &tree->budget, 0); /* 0 always succeeds */
                node_changed(tree, node, now);
        }
        return OUTCOME_OK;
}

/* What is said of a node that was just made in a folder. */
static void made(struct node *folder, struct node *node, uint64_t mode, uint64_t now)
{
        node->mode = mode & FS_MODE_MASK;
        node->modified = folder->modified = now;
}

static outcome_t open_new(struct tree *tree, const struct place *place, uint64_t flags,
                          uint64_t mode, uint64_t now, struct node **node)
{
        if (!(flags & FS_OPEN_CREATE))
                return answered(REASON_NOT_FOUND);
        if (place->folder_wanted)
                return answered(REASON_IS_DIRECTORY);
        outcome_t outcome =
            node_create(tree, place->folder, place->name, place->name_length, FS_FILE, node);
        if (outcome == OUTCOME_OK)
                made(place->folder, *node, mode, now);
        return outcome;
}

outcome_t tree_open(struct tree *tree, const char *path, size_t length, uint64_t flags,
                    uint64_t mode, uint64_t now, struct node **opened)
{
        if ((flags & ~(uint64_t)FS_OPEN_KNOWN) || !(flags & (FS_OPEN_READ | FS_OPEN_WRITE)) ||
            ((flags & FS_OPEN_TRUNCATE) && !(flags & FS_OPEN_WRITE)))
                return answered(REASON_INVALID);
        bool exclusive = (flags & FS_OPEN_CREATE) && (flags & FS_OPEN_EXCLUSIVE);
        bool follow = !exclusive && !(flags & FS_OPEN_NO_FOLLOW);
        struct place place;
        outcome_t outcome = path_find(tree, path, length, follow, &place);
        if (outcome != OUTCOME_OK)
                return outcome;
        struct node *node = place.node;
        outcome = node ? open_existing(tree, node, flags, now)
                       : open_new(tree, &place, flags, mode, now, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        node_hold(node);
        *opened = node;
        return OUTCOME_OK;
}

outcome_t tree_mkdir(struct tree *tree, const char *path, size_t length, uint64_t mode,
                     uint64_t now)
{
        struct place place;
        struct node *node;
        outcome_t outcome = find_free(tree, path, length, &place);
        if (outcome == OUTCOME_OK)
                outcome = node_create(tree, place.folder, place.name, place.name_length, FS_FOLDER,
                                      &node);
        if (outcome == OUTCOME_OK)
                made(place.folder, node, mode, now);
        return outcome;
}

outcome_t tree_symlink(struct tree *tree, const char *target, size_t target_length,
                       const char *path, size_t length, uint64_t now)
{
        if (target_length == 0 || memchr(target, 0, target_length))
                return answered(REASON_INVALID);
        if (target_length > FS_PATH_MAX)
                return answered(REASON_NAME_TOO_LONG);
        struct place place;
        outcome_t outcome = find_free(tree, path, length, &place);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (place.folder_wanted)
                return answered(REASON_NOT_FOUND);
        struct node *node;
        outcome = node_create(tree, place.folder, place.name, place.name_length, FS_LINK, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = node_set_target(tree, node, target, target_length);
        if (outcome != OUTCOME_OK)
                node_remove(tree, node);
        else
                made(place.folder, node, node->mode, now);
        return outcome;
}

outcome_t tree_unlink(struct tree *tree, const char *path, size_t length, uint64_t now)
{
        struct place place;
        outcome_t outcome = find_named(tree, path, length, &place);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (place.node->kind == FS_FOLDER)
                return answered(REASON_IS_DIRECTORY);
        node_remove(tree, place.node);
        place.folder->modified = now;
        return OUTCOME_OK;
}

outcome_t tree_rmdir(struct tree *tree, const char *path, size_t length, uint64_t now)
{
        struct place place;
        outcome_t outcome = find_named(tree, path, length, &place);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (place.node->kind != FS_FOLDER)
                return answered(REASON_NOT_DIRECTORY);
        if (place.node->folder.count > 0)
                return answered(REASON_NOT_EMPTY);
        node_remove(tree, place.node);
        place.folder->modified = now;
        return OUTCOME_OK;
}

/* Whether `folder` is `node` or within it. */
static bool folder_within(const struct node *folder, const struct node *node)
{
        while (folder != node && folder->parent != folder)
                folder = folder->parent;
        return folder == node;
}

/* Whether `node` may take the place of `replaced`. */
static outcome_t may_replace(const struct node *node, const struct node *replaced)
{
        if (node->kind != FS_FOLDER)
                return replaced->kind == FS_FOLDER ? answered(REASON_IS_DIRECTORY) : OUTCOME_OK;
        if (replaced->kind != FS_FOLDER)
                return answered(REASON_NOT_DIRECTORY);
        return replaced->folder.count > 0 ? answered(REASON_NOT_EMPTY) : OUTCOME_OK;
}

outcome_t tree_rename(struct tree *tree, const char *from, size_t from_length, const char *to,
                      size_t to_length, uint64_t now)
{
        struct place source, target;
        outcome_t outcome = find_named(tree, from, from_length, &source);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = find_last(tree, to, to_length, &target);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (target.name_length == 0)
                return answered(REASON_INVALID);
        if (target.node == source.node)
                return OUTCOME_OK;
        if (target.folder_wanted && source.node->kind != FS_FOLDER)
                return answered(REASON_NOT_DIRECTORY);
        if (folder_within(target.folder, source.node))
                return answered(REASON_INVALID);
        if (target.node) {
                outcome = may_replace(source.node, target.node);
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        outcome = node_move(tree, source.node, target.folder, target.name, target.name_length);
        if (outcome == OUTCOME_OK)
                source.folder->modified = target.folder->modified = now;
        return outcome;
}
