/* Interface fs: what is asked by path, from the root or from the open folder whose right it is
 * asked by. Handlers only find, and leave the rest to changes.h; what is opened is a right of its
 * own. */
#include "servers/fs/changes.h"
#include "servers/fs/listing.h"
#include "servers/fs/service.h"

outcome_t open_right(uint64_t badge, struct send_cap *file)
{
        handle_t right;
        if (sys_right_mint(fs.server.port, badge, RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL, &right) !=
            OUTCOME_OK) {
                open_close(&fs.opens, badge);
                return answered(REASON_OVERLOADED);
        }
        *file = send_cap(right, SEND_CAP_MOVE);
        return OUTCOME_OK;
}

/* A path from where the right that it came by begins. */
static struct path path_asked(const struct request *request, const void *path, size_t length)
{
        return (struct path){folder_of(request), path, length};
}

/* A path from where the right begins that came with the request. INVALID: it is none to a folder,
 * or to the service. */
static outcome_t path_within(const struct received_cap *right, const void *path, size_t length,
                             struct path *to)
{
        const struct request by = {.badge = right->badge};
        *to = path_asked(&by, path, length);
        return right->own && client_of(&by) ? OUTCOME_OK : answered(REASON_INVALID);
}

/* Before an open that truncates; what it makes anew nobody has a lease of. */
static outcome_t truncation_admit(struct path path, uint64_t flags)
{
        struct place place;
        const bool there =
            path_find_confined(&fs.tree, path, flags, true, &place) == OUTCOME_OK && place.node;
        return there ? change_admit(place.node) : OUTCOME_OK;
}

/* Opens; *badge: of the open file. Opening may change the tree: what it needs is looked for before
 * that. */
static outcome_t path_opened(const struct request *request, struct path path, uint64_t flags,
                             uint64_t mode, uint64_t *badge)
{
        struct client *client = client_of(request);
        struct node *node;
        if (!opens_room_for(&fs.opens, client))
                return answered(REASON_OVERLOADED);
        outcome_t outcome = flags & FS_OPEN_TRUNCATE ? truncation_admit(path, flags) : OUTCOME_OK;
        if (outcome == OUTCOME_OK)
                outcome = tree_open(&fs.tree, path, flags, mode, date_now(), &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        *badge = open_add(&fs.opens, node, flags);
        open_charge(open_find(&fs.opens, *badge), client);
        return OUTCOME_OK;
}

static outcome_t fs_open_path(struct request *request, const void *path, size_t path_length,
                              uint64_t flags, uint64_t count, uint64_t lease, uint64_t mode,
                              struct send_cap *file, uint64_t *size, uint64_t *kind,
                              uint64_t *identity, uint64_t *modified, uint64_t *version,
                              uint64_t *lease_out, uint64_t *attributes, const void **data,
                              size_t *data_length)
{
        uint64_t badge;
        outcome_t outcome =
            path_opened(request, path_asked(request, path, path_length), flags, mode, &badge);
        if (outcome != OUTCOME_OK)
                return outcome;
        struct open_file *open = open_find(&fs.opens, badge);
        struct node *node = open->node;
        if (flags & FS_OPEN_TRUNCATE && change_answer(request, node, badge) == RT_DEFERRED)
                return RT_DEFERRED;
        /* Bytes whose reading has to be noted are asked for by who reads them. */
        const bool noted = !(flags & FS_OPEN_UNNOTED) && node_access_due(node, date_now());
        if (count > 0 && flags & FS_OPEN_READ && node->kind == FS_FILE && !noted)
                outcome = content_answer(request, &node->file, 0, count, data, data_length);
        if (outcome != OUTCOME_OK) {
                open_close(&fs.opens, badge);
                return outcome;
        }
        node_describe(node, kind, size, identity, modified, attributes);
        *version = node->version;
        *lease_out = open_lease(open, lease, rt_now());
        return open_right(badge, file);
}

void open_reply(handle_t reply, uint64_t badge)
{
        const struct open_file *open = open_find(&fs.opens, badge);
        struct send_cap file;
        uint64_t size, kind, identity, modified, attributes;
        node_describe(open->node, &kind, &size, &identity, &modified, &attributes);
        uint64_t version = open->node->version;
        outcome_t outcome = open_right(badge, &file);
        if (outcome == OUTCOME_OK)
                fs_open_reply(reply, file, size, kind, identity, modified, version, 0, attributes,
                              NULL, 0);
        else
                rt_reply_outcome(reply, outcome);
}

/* Without a date the numbers that it began with may be those of another boot, of other files. */
static outcome_t fs_reopen_known(struct request *request, uint64_t device, uint64_t identity,
                                 uint64_t version, uint64_t flags, struct send_cap *file)
{
        struct client *client = client_of(request);
        if (flags &
            ~(uint64_t)(FS_OPEN_READ | FS_OPEN_WRITE | FS_OPEN_ATTRIBUTES | FS_OPEN_UNNOTED))
                return answered(REASON_INVALID);
        if (!opens_room_for(&fs.opens, client))
                return answered(REASON_OVERLOADED);
        struct node *node = device == fs.device && rt_boot_date()
                                ? opens_known(&fs.opens, identity, version)
                                : NULL;
        if (!node || node->kind == FS_LINK)
                return answered(REASON_STALE);
        if (node->kind == FS_FOLDER && flags & FS_OPEN_WRITE)
                return answered(REASON_IS_DIRECTORY);
        node_hold(node);
        uint64_t badge = open_add(&fs.opens, node, flags);
        open_charge(open_find(&fs.opens, badge), client);
        return open_right(badge, file);
}

/* Opens the file of a note. STALE: the note is void. */
static outcome_t note_open(struct note *note, struct client *client, struct send_cap *right)
{
        struct node *node =
            note->locked ? NULL : opens_known(&fs.opens, note->identity, note->version);
        if (!node || node->kind != FS_FILE) {
                note_drop(&fs.notes, note);
                return answered(REASON_STALE);
        }
        if (!opens_room_for(&fs.opens, client))
                return answered(REASON_OVERLOADED);
        node_hold(node);
        uint64_t badge = open_add(&fs.opens, node, note->flags);
        outcome_t outcome = open_right(badge, right);
        if (outcome != OUTCOME_OK)
                return outcome;
        struct open_file *file = open_find(&fs.opens, badge);
        open_charge(file, client);
        file->note = note;
        file->offset = note->offset;
        note_resumed(&fs.notes, note, badge);
        return OUTCOME_OK;
}

/* One more right to an open file. */
static outcome_t open_right_again(uint64_t badge, struct send_cap *right)
{
        struct open_file *file = open_find(&fs.opens, badge);
        uint64_t issues;
        handle_t handle;
        if (sys_right_issue(fs.server.port, badge, RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL, &handle,
                            &issues) != OUTCOME_OK)
                return answered(REASON_OVERLOADED);
        file->issues = issues;
        *right = send_cap(handle, SEND_CAP_MOVE);
        return OUTCOME_OK;
}

static outcome_t fs_resume_shared(struct request *request, uint64_t token, uint64_t last,
                                  struct send_cap *file, uint64_t *executed, uint64_t *at)
{
        struct note *note = rt_boot_date() ? note_find(&fs.notes, token) : NULL;
        if (!note)
                return answered(REASON_STALE);
        *executed = note_executed(&fs.notes, note, last, at);
        const uint64_t badge = note_badge(&fs.notes, note);
        return badge ? open_right_again(badge, file) : note_open(note, client_of(request), file);
}

static outcome_t fs_stat_path(struct request *request, const void *path, size_t path_length,
                              uint64_t follow, uint64_t *kind, uint64_t *size, uint64_t *identity,
                              uint64_t *modified, uint64_t *attributes,
                              struct optional_word *accessed, struct optional_word *changed)
{
        struct node *node;
        outcome_t outcome =
            path_find_node(&fs.tree, path_asked(request, path, path_length), follow != 0, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        node_describe(node, kind, size, identity, modified, attributes);
        *accessed = optional_word(node->accessed);
        *changed = optional_word(node->changed);
        return OUTCOME_OK;
}

static outcome_t fs_list_path(struct request *request, const void *path, size_t path_length,
                              const void *after, size_t after_length, struct optional_word unnoted,
                              const void **entries, size_t *entries_length)
{
        struct node *node;
        void *buffer = rt_request_buffer(request);
        if (!buffer)
                return answered(REASON_OVERLOADED);
        outcome_t outcome =
            path_find_node(&fs.tree, path_asked(request, path, path_length), true, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (node->kind != FS_FOLDER)
                return answered(REASON_NOT_DIRECTORY);
        if (!unnoted.given || !unnoted.word)
                node_accessed(node, date_now());
        *entries_length = listing_write(node, after, after_length, buffer, FS_LIST_MAX);
        *entries = buffer;
        return OUTCOME_OK;
}

static outcome_t fs_readlink_path(struct request *request, const void *path, size_t path_length,
                                  const void **target, size_t *target_length)
{
        struct node *node;
        outcome_t outcome =
            path_find_node(&fs.tree, path_asked(request, path, path_length), false, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (node->kind != FS_LINK)
                return answered(REASON_INVALID);
        node_accessed(node, date_now());
        *target = node->link.target;
        *target_length = node->link.length;
        return OUTCOME_OK;
}

static outcome_t fs_mkdir_path(struct request *request, const void *path, size_t path_length,
                               uint64_t mode)
{
        return tree_mkdir(&fs.tree, path_asked(request, path, path_length), mode, date_now());
}

static outcome_t fs_symlink_path(struct request *request, const void *target, size_t target_length,
                                 const void *path, size_t path_length)
{
        return tree_symlink(&fs.tree, target, target_length, path_asked(request, path, path_length),
                            date_now());
}

static outcome_t fs_unlink_path(struct request *request, const void *path, size_t path_length)
{
        return tree_unlink(&fs.tree, path_asked(request, path, path_length), date_now());
}

static outcome_t fs_rmdir_path(struct request *request, const void *path, size_t path_length)
{
        return tree_rmdir(&fs.tree, path_asked(request, path, path_length), date_now());
}

static outcome_t fs_rename_path_as(struct request *request, const void *from, size_t from_length,
                                   const void *to, size_t to_length, uint64_t how)
{
        return tree_rename(&fs.tree, path_asked(request, from, from_length),
                           path_asked(request, to, to_length), how, date_now());
}

static outcome_t fs_rename_path(struct request *request, const void *from, size_t from_length,
                                const void *to, size_t to_length)
{
        return fs_rename_path_as(request, from, from_length, to, to_length, 0);
}

static outcome_t fs_rename_path_into(struct request *request, const void *from, size_t from_length,
                                     struct received_cap *folder, const void *to, size_t to_length,
                                     uint64_t how)
{
        struct path target;
        outcome_t outcome = path_within(folder, to, to_length, &target);
        return outcome == OUTCOME_OK ? tree_rename(&fs.tree, path_asked(request, from, from_length),
                                                   target, how, date_now())
                                     : outcome;
}

static outcome_t fs_link_path(struct request *request, const void *from, size_t from_length,
                              const void *to, size_t to_length)
{
        return tree_link(&fs.tree, path_asked(request, from, from_length), false,
                         path_asked(request, to, to_length), date_now());
}

static outcome_t fs_link_path_followed(struct request *request, const void *from,
                                       size_t from_length, const void *to, size_t to_length)
{
        return tree_link(&fs.tree, path_asked(request, from, from_length), true,
                         path_asked(request, to, to_length), date_now());
}

static outcome_t fs_link_path_into(struct request *request, const void *from, size_t from_length,
                                   uint64_t follow, struct received_cap *folder, const void *to,
                                   size_t to_length)
{
        struct path target;
        outcome_t outcome = path_within(folder, to, to_length, &target);
        return outcome == OUTCOME_OK ? tree_link(&fs.tree, path_asked(request, from, from_length),
                                                 follow != 0, target, date_now())
                                     : outcome;
}

/* Numbers of files are no secret: the right says that the caller has this one, which may be without
 * a name so that nobody else has it. */
static outcome_t fs_link_open_file(struct request *request, struct received_cap *right,
                                   const void *to, size_t to_length)
{
        const struct open_file *file = right->own ? open_find(&fs.opens, right->badge) : NULL;
        return file && !file->locker
                   ? tree_link_node(&fs.tree, file->node, path_asked(request, to, to_length),
                                    date_now())
                   : answered(REASON_INVALID);
}

static outcome_t fs_where_folder(struct request *request, const void **path, size_t *path_length)
{
        const struct node *folder = folder_of(request);
        void *buffer = rt_request_buffer(request);
        if (!buffer)
                return answered(REASON_OVERLOADED);
        *path = buffer;
        return path_of_folder(&fs.tree, folder ? folder : fs.tree.root, buffer, FS_PATH_MAX,
                              path_length);
}

static outcome_t fs_times_path(struct request *request, const void *path, size_t path_length,
                               uint64_t follow, uint64_t which, uint64_t accessed,
                               uint64_t modified)
{
        struct node *node;
        outcome_t outcome =
            path_find_node(&fs.tree, path_asked(request, path, path_length), follow != 0, &node);
        return outcome == OUTCOME_OK ? times_change(request, node, which, accessed, modified)
                                     : outcome;
}

static outcome_t fs_touch_path(struct request *request, const void *path, size_t path_length,
                               uint64_t follow, uint64_t modified)
{
        return fs_times_path(request, path, path_length, follow, FS_TIMES_MODIFIED, 0, modified);
}

static outcome_t fs_chmod_path(struct request *request, const void *path, size_t path_length,
                               uint64_t mode)
{
        struct node *node;
        outcome_t outcome =
            path_find_node(&fs.tree, path_asked(request, path, path_length), true, &node);
        if (outcome == OUTCOME_OK)
                outcome = change_admit(node);
        if (outcome != OUTCOME_OK)
                return outcome;
        node->mode = mode & FS_MODE_MASK;
        node_marked(&fs.tree, node, date_now());
        return change_answer(request, node, 0);
}

/* By the right that is registered alone: who has a share cannot make more of it. */
static outcome_t fs_client_make(struct request *request, struct send_cap *right)
{
        handle_t handle;
        if (folder_of(request) || client_of(request) != &fs.opens.clients.list[0])
                return answered(REASON_REFUSED);
        uint64_t badge = client_add(&fs.opens.clients);
        if (!badge)
                return answered(REASON_OVERLOADED);
        outcome_t outcome =
            sys_right_mint(fs.server.port, badge, RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL, &handle);
        if (outcome != OUTCOME_OK) {
                client_gone(client_find(&fs.opens.clients, badge));
                return answered(REASON_OVERLOADED);
        }
        *right = send_cap(handle, SEND_CAP_MOVE);
        return OUTCOME_OK;
}

static outcome_t fs_space_tell(struct request *request, uint64_t *used, uint64_t *limit)
{
        (void)request;
        *used = fs.tree.budget.used;
        *limit = fs.tree.budget.limit;
        return OUTCOME_OK;
}

const struct fs_server path_handlers = {
    .open = fs_open_path,
    .stat = fs_stat_path,
    .list = fs_list_path,
    .readlink = fs_readlink_path,
    .mkdir = fs_mkdir_path,
    .symlink = fs_symlink_path,
    .unlink = fs_unlink_path,
    .rmdir = fs_rmdir_path,
    .rename = fs_rename_path,
    .space = fs_space_tell,
    .touch = fs_touch_path,
    .chmod = fs_chmod_path,
    .reopen = fs_reopen_known,
    .resume = fs_resume_shared,
    .client = fs_client_make,
    .link = fs_link_path,
    .link_followed = fs_link_path_followed,
    .link_open = fs_link_open_file,
    .rename_as = fs_rename_path_as,
    .times = fs_times_path,
    .rename_into = fs_rename_path_into,
    .link_into = fs_link_path_into,
    .where = fs_where_folder,
};
