/* Opening, making, removing, renaming; see changes.h. Each finds and checks everything first; what
 * it has made already it takes back if the rest fails. */
#include "servers/fs/changes.h"

#include <string.h>

/* Finds what has the path's last name, or may have it. A '/' behind it does not follow a link, as
 * it would elsewhere: what is changed is what the path names. */
static outcome_t find_last(const struct tree *tree, struct path path, struct place *place)
{
        const size_t length = path.length;
        while (path.length > 0 && path.bytes[path.length - 1] == '/')
                path.length--;
        outcome_t outcome = path_find(tree, path, false, place);
        place->folder_wanted = path.length < length;
        return outcome;
}

/* Finds where something new may come: EXISTS if something is there already. */
static outcome_t find_free(const struct tree *tree, struct path path, struct place *place)
{
        outcome_t outcome = find_last(tree, path, place);
        if (outcome != OUTCOME_OK)
                return outcome;
        return place->node ? answered(REASON_EXISTS) : OUTCOME_OK;
}

/* Finds something that may be taken from its place: there, and under a name. */
static outcome_t find_named(const struct tree *tree, struct path path, struct place *place)
{
        outcome_t outcome = find_last(tree, path, place);
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
                return flags & (FS_OPEN_WRITE | FS_OPEN_CREATE) ? answered(REASON_IS_DIRECTORY)
                                                                : OUTCOME_OK;
        if (flags & FS_OPEN_TRUNCATE) {
                (void)content_truncate(&node->file, &tree->budget, 0); /* 0 always succeeds */
                node_changed(tree, node, now);
        }
        return OUTCOME_OK;
}

/* A folder has got a name, or lost one. */
static void names_changed(struct node *folder, uint64_t now)
{
        folder->modified = folder->changed = now;
}

/* What is said of a node that was just made. */
static void made(struct node *node, uint64_t mode, uint64_t now)
{
        node->mode = mode & FS_MODE_MASK;
        node->modified = node->accessed = node->changed = now;
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
        if (outcome != OUTCOME_OK)
                return outcome;
        made(*node, mode, now);
        names_changed(place->folder, now);
        node_hold(*node);
        return OUTCOME_OK;
}

/* A file without a name, where `folder` is. */
static outcome_t open_nameless(struct tree *tree, const struct node *folder, uint64_t flags,
                               uint64_t mode, uint64_t now, struct node **node)
{
        if (!folder)
                return answered(REASON_NOT_FOUND);
        if (folder->kind != FS_FOLDER)
                return answered(REASON_NOT_DIRECTORY);
        outcome_t outcome = node_create_nameless(tree, FS_FILE, node);
        if (outcome != OUTCOME_OK)
                return outcome;
        made(*node, mode, now);
        (*node)->linkable = !(flags & FS_OPEN_EXCLUSIVE);
        return OUTCOME_OK;
}

static bool open_flags_valid(uint64_t flags)
{
        const uint64_t not_nameless = FS_OPEN_CREATE | FS_OPEN_TRUNCATE;
        if (flags & FS_OPEN_BENEATH && flags & FS_OPEN_IN_ROOT)
                return false;
        return !(flags & ~(uint64_t)FS_OPEN_KNOWN) && flags & (FS_OPEN_READ | FS_OPEN_WRITE) &&
               (flags & FS_OPEN_WRITE || !(flags & (FS_OPEN_TRUNCATE | FS_OPEN_NAMELESS))) &&
               !(flags & FS_OPEN_NAMELESS && flags & not_nameless);
}

outcome_t tree_open(struct tree *tree, struct path path, uint64_t flags, uint64_t mode,
                    uint64_t now, struct node **opened)
{
        if (!open_flags_valid(flags))
                return answered(REASON_INVALID);
        bool exclusive = (flags & FS_OPEN_CREATE) && (flags & FS_OPEN_EXCLUSIVE);
        bool follow = !exclusive && !(flags & FS_OPEN_NO_FOLLOW);
        struct place place;
        outcome_t outcome = path_find_confined(tree, path, flags, follow, &place);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (flags & FS_OPEN_NAMELESS)
                return open_nameless(tree, place.node, flags, mode, now, opened);
        if (!place.node)
                return open_new(tree, &place, flags, mode, now, opened);
        outcome = open_existing(tree, place.node, flags, now);
        if (outcome != OUTCOME_OK)
                return outcome;
        node_hold(place.node);
        *opened = place.node;
        return OUTCOME_OK;
}

outcome_t tree_mkdir(struct tree *tree, struct path path, uint64_t mode, uint64_t now)
{
        struct place place;
        struct node *node;
        outcome_t outcome = find_free(tree, path, &place);
        if (outcome == OUTCOME_OK)
                outcome = node_create(tree, place.folder, place.name, place.name_length, FS_FOLDER,
                                      &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        made(node, mode, now);
        names_changed(place.folder, now);
        return OUTCOME_OK;
}

outcome_t tree_symlink(struct tree *tree, const char *target, size_t target_length,
                       struct path path, uint64_t now)
{
        if (target_length == 0 || memchr(target, 0, target_length))
                return answered(REASON_INVALID);
        if (target_length > FS_PATH_MAX)
                return answered(REASON_NAME_TOO_LONG);
        struct place place;
        outcome_t outcome = find_free(tree, path, &place);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (place.folder_wanted)
                return answered(REASON_NOT_FOUND);
        struct node *node;
        outcome = node_create(tree, place.folder, place.name, place.name_length, FS_LINK, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = node_set_target(tree, node, target, target_length);
        if (outcome != OUTCOME_OK) {
                folder_remove(tree, place.folder, place.name, place.name_length);
                return outcome;
        }
        made(node, node->mode, now);
        names_changed(place.folder, now);
        return OUTCOME_OK;
}

outcome_t tree_link_node(struct tree *tree, struct node *node, struct path to, uint64_t now)
{
        struct place place;
        if (node->links == 0 && !node->linkable)
                return answered(REASON_NOT_FOUND);
        outcome_t outcome = find_free(tree, to, &place);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (node->kind == FS_FOLDER)
                return answered(REASON_IS_DIRECTORY);
        if (place.folder_wanted)
                return answered(REASON_NOT_FOUND);
        outcome = node_link(tree, node, place.folder, place.name, place.name_length);
        if (outcome != OUTCOME_OK)
                return outcome;
        node->linkable = false;
        node->changed = now;
        names_changed(place.folder, now);
        return OUTCOME_OK;
}

outcome_t tree_link(struct tree *tree, struct path from, bool follow, struct path to, uint64_t now)
{
        struct node *node;
        outcome_t outcome = path_find_node(tree, from, follow, &node);
        return outcome == OUTCOME_OK ? tree_link_node(tree, node, to, now) : outcome;
}

/* Takes a name away, and the node with it if that was the last one. */
static void name_removed(struct tree *tree, const struct place *place, uint64_t now)
{
        place->node->changed = now;
        folder_remove(tree, place->folder, place->name, place->name_length);
        names_changed(place->folder, now);
}

outcome_t tree_unlink(struct tree *tree, struct path path, uint64_t now)
{
        struct place place;
        outcome_t outcome = find_named(tree, path, &place);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (place.node->kind == FS_FOLDER)
                return answered(REASON_IS_DIRECTORY);
        name_removed(tree, &place, now);
        return OUTCOME_OK;
}

outcome_t tree_rmdir(struct tree *tree, struct path path, uint64_t now)
{
        struct place place;
        outcome_t outcome = find_named(tree, path, &place);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (place.node->kind != FS_FOLDER)
                return answered(REASON_NOT_DIRECTORY);
        if (place.node->folder.count > 0)
                return answered(REASON_NOT_EMPTY);
        name_removed(tree, &place, now);
        return OUTCOME_OK;
}

/* Whether `folder` is `node` or within it. */
static bool folder_within(const struct node *folder, const struct node *node)
{
        while (folder != node && folder->folder.parent != folder)
                folder = folder->folder.parent;
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

/* Whether what has the one name may have the other one, in the order in which Linux asks. */
static outcome_t may_rename(const struct place *source, const struct place *target, uint64_t how)
{
        const struct node *node = source->node, *there = target->node;
        if (how & FS_RENAME_NO_REPLACE && there)
                return answered(REASON_EXISTS);
        if (how & FS_RENAME_EXCHANGE && !there)
                return answered(REASON_NOT_FOUND);
        const struct node *slashed = how & FS_RENAME_EXCHANGE ? there : node;
        if (target->folder_wanted && slashed->kind != FS_FOLDER)
                return answered(REASON_NOT_DIRECTORY);
        if (folder_within(target->folder, node))
                return answered(REASON_INVALID);
        if (there && folder_within(source->folder, there))
                return answered(how & FS_RENAME_EXCHANGE ? REASON_INVALID : REASON_NOT_EMPTY);
        return there && there != node && !(how & FS_RENAME_EXCHANGE) ? may_replace(node, there)
                                                                     : OUTCOME_OK;
}

static struct name name_of(const struct place *place)
{
        return (struct name){place->folder, place->name, place->name_length};
}

outcome_t tree_rename(struct tree *tree, struct path from, struct path to, uint64_t how,
                      uint64_t now)
{
        struct place source, target;
        if (how & ~(uint64_t)FS_RENAME_KNOWN || how == FS_RENAME_KNOWN)
                return answered(REASON_INVALID);
        outcome_t outcome = find_named(tree, from, &source);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = find_last(tree, to, &target);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (target.name_length == 0)
                return answered(REASON_INVALID);
        outcome = may_rename(&source, &target, how);
        if (outcome != OUTCOME_OK || target.node == source.node)
                return outcome;

        const struct name old = name_of(&source), new = name_of(&target);
        const bool stays = target.node && (how & FS_RENAME_EXCHANGE || target.node->links > 1 ||
                                           target.node->holds > 0);
        if (how & FS_RENAME_EXCHANGE)
                nodes_exchange(&old, &new);
        else
                outcome = node_move(tree, &old, &new);
        if (outcome != OUTCOME_OK)
                return outcome;
        source.node->changed = now;
        if (stays)
                target.node->changed = now;
        names_changed(source.folder, now);
        names_changed(target.folder, now);
        return OUTCOME_OK;
}
