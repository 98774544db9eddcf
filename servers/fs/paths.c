/* Walks along a path; see paths.h.
 *
 * What is still to be walked stands at the end of a buffer. A link's target is put in front of it,
 * so that links need no recursion:
 *
 *      rest:  [ . . . . . . . . . d / e ]         at the link c -> x/y
 *      rest:  [ . . . . . x / y / d / e ]         goes on in the folder that holds c
 */
#include "servers/fs/paths.h"

#include <string.h>

struct walk {
        const struct tree *tree;
        struct node *folder; /* where the rest begins */
        struct node *floor;  /* of who is confined: where it begins, and does not leave */
        uint64_t confined;   /* FS_OPEN_CONFINED; 0: it is not */
        unsigned links;      /* followed so far */
        size_t begin;        /* of the rest in the buffer; it ends with the buffer */
        char rest[FS_PATH_MAX + 1];
};

static bool rest_empty(const struct walk *walk)
{
        return walk->begin == sizeof walk->rest;
}

/* Puts bytes before the rest, if they fit. */
static bool rest_prepend(struct walk *walk, const char *bytes, size_t length)
{
        if (length > walk->begin)
                return false;
        walk->begin -= length;
        memcpy(walk->rest + walk->begin, bytes, length);
        return true;
}

static void skip_slashes(struct walk *walk)
{
        while (!rest_empty(walk) && walk->rest[walk->begin] == '/')
                walk->begin++;
}

/* Goes on with the target of `link` in front of the rest. */
static outcome_t walk_link(struct walk *walk, const struct node *link)
{
        const char *target = link->link.target, *mounted_at = walk->tree->mounted_at;
        size_t length = link->link.length, mount = strlen(mounted_at);
        if (++walk->links > PATH_LINKS_MAX || walk->confined & FS_OPEN_NO_LINKS)
                return answered(REASON_LINK_LOOP);
        if (target[0] == '/' && walk->confined & FS_OPEN_BENEATH)
                return answered(REASON_REFUSED);
        if (target[0] == '/' && walk->confined & FS_OPEN_IN_ROOT) {
                walk->folder = walk->floor;
        } else if (target[0] == '/') {
                walk->folder = walk->tree->root;
                if (length >= mount && memcmp(target, mounted_at, mount) == 0 &&
                    (length == mount || target[mount] == '/')) {
                        target += mount;
                        length -= mount;
                }
        }
        if (!rest_prepend(walk, target, length))
                return answered(REASON_NAME_TOO_LONG);
        skip_slashes(walk);
        return OUTCOME_OK;
}

static bool is_up(const char *name, size_t length)
{
        return length == 2 && name[0] == '.' && name[1] == '.';
}

/* What a name stands for in walk->folder; NULL if nothing. */
static struct node *walk_name(const struct walk *walk, const char *name, size_t length)
{
        if (length == 1 && name[0] == '.')
                return walk->folder;
        if (is_up(name, length))
                return walk->folder == walk->floor && walk->confined & FS_OPEN_IN_ROOT
                           ? walk->folder
                           : walk->folder->folder.parent;
        return folder_find(walk->folder, name, length);
}

/* The path ends with this name in walk->folder. */
static outcome_t walk_end(const struct walk *walk, struct node *node, const char *name,
                          size_t length, bool folder_wanted, struct place *place)
{
        if (folder_wanted && node && node->kind != FS_FOLDER)
                return answered(REASON_NOT_DIRECTORY);
        if (!node && walk->folder->links == 0)
                return answered(REASON_NOT_FOUND); /* nothing can be made there */
        place->folder = walk->folder;
        place->node = node;
        place->folder_wanted = folder_wanted;
        place->name_length = entry_name_valid(name, length) ? length : 0;
        memcpy(place->name, name, place->name_length);
        return OUTCOME_OK;
}

/* Takes one name from the rest, which is not empty. Sets *ended once the place is found. */
static outcome_t walk_step(struct walk *walk, bool follow, struct place *place, bool *ended)
{
        const char *name = walk->rest + walk->begin;
        size_t left = sizeof walk->rest - walk->begin;
        const char *slash = memchr(name, '/', left);
        size_t length = slash ? (size_t)(slash - name) : left;
        if (length > FS_NAME_MAX)
                return answered(REASON_NAME_TOO_LONG);
        if (walk->confined & FS_OPEN_BENEATH && walk->folder == walk->floor && is_up(name, length))
                return answered(REASON_REFUSED);

        struct node *node = walk_name(walk, name, length);
        walk->begin += length;
        if (node && node->kind == FS_LINK && (slash || follow))
                return walk_link(walk, node);
        skip_slashes(walk);
        if (rest_empty(walk)) {
                *ended = true;
                return walk_end(walk, node, name, length, slash, place);
        }
        if (!node)
                return answered(REASON_NOT_FOUND);
        if (node->kind != FS_FOLDER)
                return answered(REASON_NOT_DIRECTORY);
        walk->folder = node;
        return OUTCOME_OK;
}

outcome_t path_find_confined(const struct tree *tree, struct path path, uint64_t flags, bool follow,
                             struct place *place)
{
        struct node *begin = path.folder ? path.folder : tree->root;
        struct walk walk = {.tree = tree,
                            .folder = begin,
                            .floor = begin,
                            .confined = flags & FS_OPEN_CONFINED,
                            .begin = sizeof walk.rest};
        if (path.length > FS_PATH_MAX)
                return answered(REASON_NAME_TOO_LONG);
        if (path.length > 0 && memchr(path.bytes, 0, path.length))
                return answered(REASON_INVALID);
        (void)rest_prepend(&walk, path.bytes, path.length);
        skip_slashes(&walk);

        bool ended = false;
        while (!ended && !rest_empty(&walk)) {
                outcome_t outcome = walk_step(&walk, follow, place, &ended);
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        /* Nothing but slashes, or a link to such: the folder itself. */
        if (!ended)
                return walk_end(&walk, walk.folder, ".", 1, true, place);
        return OUTCOME_OK;
}

outcome_t path_find(const struct tree *tree, struct path path, bool follow, struct place *place)
{
        return path_find_confined(tree, path, 0, follow, place);
}

outcome_t path_find_node(const struct tree *tree, struct path path, bool follow, struct node **node)
{
        struct place place;
        outcome_t outcome = path_find(tree, path, follow, &place);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!place.node)
                return answered(REASON_NOT_FOUND);
        *node = place.node;
        return OUTCOME_OK;
}

outcome_t path_of_folder(const struct tree *tree, const struct node *folder, char *to, size_t size,
                         size_t *length)
{
        size_t at = size;
        if (folder->links == 0)
                return answered(REASON_NOT_FOUND);
        for (; folder != tree->root; folder = folder->folder.parent) {
                const struct entry *entry = folder->folder.entry;
                const size_t slash = at < size;
                if (entry->name_length + slash > at)
                        return answered(REASON_NAME_TOO_LONG);
                if (slash)
                        to[--at] = '/';
                at -= entry->name_length;
                memcpy(to + at, entry->name, entry->name_length);
        }
        *length = size - at;
        memmove(to, to + at, *length);
        return OUTCOME_OK;
}
