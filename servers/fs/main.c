/* The file server: interface fs on the right that is registered as `fs`, interface file on one
 * right for each open file. README.md has the map. A right to one file must reach that file and
 * nothing else.
 *
 *      fs [at=PATH]        PATH: where clients see the tree, for absolute links; /fs if not given
 */
#include <stdlib.h>
#include <string.h>

#include "servers/fs/boot.h"
#include "servers/fs/changes.h"
#include "servers/fs/listing.h"
#include "servers/fs/opens.h"
#include "servers/proto/file.h"
#include "servers/proto/fs.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"

enum { SERVICE_BADGE = 1 }; /* the right with which paths are used */

static struct {
        struct server server;
        struct tree tree;
        struct opens opens;
} fs;

/* The time that changes are given: a node has no clock that knows the date. */
enum { MODIFIED_UNKNOWN = 0 };

/* ---- interface fs ---- */

static outcome_t fs_open_path(struct request *request, const void *path, size_t path_length,
                              uint64_t flags, struct send_cap *file, uint64_t *size, uint64_t *kind)
{
        (void)request;
        struct node *node;
        handle_t right;
        outcome_t outcome = tree_open(&fs.tree, path, path_length, flags, MODIFIED_UNKNOWN, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        uint64_t badge = open_add(&fs.opens, node, flags);
        if (badge == 0) {
                node_drop(&fs.tree, node);
                return answered(REASON_OVERLOADED);
        }
        outcome =
            sys_right_mint(fs.server.port, badge, RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL, &right);
        if (outcome != OUTCOME_OK) {
                open_close(&fs.opens, badge);
                return answered(REASON_OVERLOADED);
        }
        *file = send_cap(right, SEND_CAP_MOVE);
        *size = node_size(node);
        *kind = node->kind;
        return OUTCOME_OK;
}

static void node_describe(const struct node *node, uint64_t *kind, uint64_t *size,
                          uint64_t *identity, uint64_t *modified)
{
        *kind = node->kind;
        *size = node_size(node);
        *identity = node->identity;
        *modified = node->modified;
}

static outcome_t fs_stat_path(struct request *request, const void *path, size_t path_length,
                              uint64_t follow, uint64_t *kind, uint64_t *size, uint64_t *identity,
                              uint64_t *modified)
{
        (void)request;
        struct node *node;
        outcome_t outcome = path_find_node(&fs.tree, path, path_length, follow != 0, &node);
        if (outcome == OUTCOME_OK)
                node_describe(node, kind, size, identity, modified);
        return outcome;
}

static outcome_t fs_list_path(struct request *request, const void *path, size_t path_length,
                              const void *after, size_t after_length, const void **records,
                              size_t *records_length)
{
        struct node *node;
        void *buffer = rt_request_buffer(request);
        if (!buffer)
                return answered(REASON_OVERLOADED);
        outcome_t outcome = path_find_node(&fs.tree, path, path_length, true, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (node->kind != FS_FOLDER)
                return answered(REASON_NOT_DIRECTORY);
        *records_length = listing_write(node, after, after_length, buffer, FS_LIST_MAX);
        *records = buffer;
        return OUTCOME_OK;
}

static outcome_t fs_readlink_path(struct request *request, const void *path, size_t path_length,
                                  const void **target, size_t *target_length)
{
        (void)request;
        struct node *node;
        outcome_t outcome = path_find_node(&fs.tree, path, path_length, false, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (node->kind != FS_LINK)
                return answered(REASON_INVALID);
        *target = node->link.target;
        *target_length = node->link.length;
        return OUTCOME_OK;
}

static outcome_t fs_mkdir_path(struct request *request, const void *path, size_t path_length)
{
        (void)request;
        return tree_mkdir(&fs.tree, path, path_length, MODIFIED_UNKNOWN);
}

static outcome_t fs_symlink_path(struct request *request, const void *target, size_t target_length,
                                 const void *path, size_t path_length)
{
        (void)request;
        return tree_symlink(&fs.tree, target, target_length, path, path_length, MODIFIED_UNKNOWN);
}

static outcome_t fs_unlink_path(struct request *request, const void *path, size_t path_length)
{
        (void)request;
        return tree_unlink(&fs.tree, path, path_length);
}

static outcome_t fs_rmdir_path(struct request *request, const void *path, size_t path_length)
{
        (void)request;
        return tree_rmdir(&fs.tree, path, path_length);
}

static outcome_t fs_rename_path(struct request *request, const void *from, size_t from_length,
                                const void *to, size_t to_length)
{
        (void)request;
        return tree_rename(&fs.tree, from, from_length, to, to_length);
}

static outcome_t fs_space_tell(struct request *request, uint64_t *used, uint64_t *limit)
{
        (void)request;
        *used = fs.tree.budget.used;
        *limit = fs.tree.budget.limit;
        return OUTCOME_OK;
}

static const struct fs_server fs_handlers = {
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
};

/* ---- interface file ---- */

/* The file of the right that the request came by, if it was opened for `flag` and is a file. */
static outcome_t file_of(const struct request *request, uint64_t flag, struct node **node)
{
        struct open_file *file = open_find(&fs.opens, request->badge);
        if (!file)
                return answered(REASON_STALE);
        if (flag && file->node->kind == FS_FOLDER)
                return answered(REASON_IS_DIRECTORY);
        if (flag && !(file->flags & flag))
                return answered(flag == FS_OPEN_WRITE ? REASON_READ_ONLY : REASON_REFUSED);
        *node = file->node;
        return OUTCOME_OK;
}

static outcome_t file_read_bytes(struct request *request, uint64_t offset, uint64_t count,
                                 const void **data, size_t *data_length)
{
        struct node *node;
        outcome_t outcome = file_of(request, FS_OPEN_READ, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (count > FS_CHUNK_MAX)
                count = FS_CHUNK_MAX;
        *data = content_view(&node->file, offset, count, data_length);
        if (*data)
                return OUTCOME_OK;
        void *buffer = rt_request_buffer(request);
        if (!buffer)
                return answered(REASON_OVERLOADED);
        *data_length = content_read(&node->file, offset, buffer, count);
        *data = buffer;
        return OUTCOME_OK;
}

static outcome_t file_write_bytes(struct request *request, uint64_t offset, const void *data,
                                  size_t data_length, uint64_t *count)
{
        struct node *node;
        outcome_t outcome = file_of(request, FS_OPEN_WRITE, &node);
        if (outcome == OUTCOME_OK)
                outcome = content_write(&node->file, &fs.tree.budget, offset, data, data_length);
        if (outcome != OUTCOME_OK)
                return outcome;
        node->modified = MODIFIED_UNKNOWN;
        *count = data_length;
        return OUTCOME_OK;
}

static outcome_t file_append_bytes(struct request *request, const void *data, size_t data_length,
                                   uint64_t *offset)
{
        struct node *node;
        outcome_t outcome = file_of(request, FS_OPEN_WRITE, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        *offset = node->file.size;
        node->modified = MODIFIED_UNKNOWN;
        return content_write(&node->file, &fs.tree.budget, *offset, data, data_length);
}

static outcome_t file_stat_tell(struct request *request, uint64_t *kind, uint64_t *size,
                                uint64_t *identity, uint64_t *modified)
{
        struct node *node;
        outcome_t outcome = file_of(request, 0, &node);
        if (outcome == OUTCOME_OK)
                node_describe(node, kind, size, identity, modified);
        return outcome;
}

static outcome_t file_truncate_to(struct request *request, uint64_t size)
{
        struct node *node;
        outcome_t outcome = file_of(request, FS_OPEN_WRITE, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        node->modified = MODIFIED_UNKNOWN;
        return content_truncate(&node->file, &fs.tree.budget, size);
}

/* Nothing waits to be written anywhere: it is all in memory. */
static outcome_t file_sync_all(struct request *request)
{
        struct node *node;
        return file_of(request, 0, &node);
}

static const struct file_server file_handlers = {
    .read = file_read_bytes,
    .write = file_write_bytes,
    .stat = file_stat_tell,
    .truncate = file_truncate_to,
    .sync = file_sync_all,
    .append = file_append_bytes,
};

/* ---- the loop ---- */

/* A right to one file reaches that file and no path. */
static outcome_t paths_only(const void *handlers, void *context, struct request *request)
{
        if (request->badge != SERVICE_BADGE)
                return answered(REASON_REFUSED);
        return fs_dispatch(handlers, context, request);
}

static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        /* A file's right is issued once, so its last copy is really gone. */
        (void)server;
        (void)issues;
        open_close(&fs.opens, badge);
}

/* ---- start ---- */

static const char *mounted_at(int count, char **arguments)
{
        for (int i = 1; i < count; i++) {
                if (strncmp(arguments[i], "at=", 3) == 0)
                        return arguments[i] + 3;
        }
        return "/fs";
}

static outcome_t fs_start(const char *at)
{
        handle_t right;
        outcome_t outcome = rt_server_init(&fs.server);
        fs.server.on_no_senders = on_no_senders;
        if (outcome == OUTCOME_OK)
                outcome = boot_load(&fs.tree, at);
        if (outcome != OUTCOME_OK)
                return outcome;
        opens_init(&fs.opens, &fs.tree);
        rt_server_add(&fs.server, FS_INTERFACE, paths_only, &fs_handlers, NULL);
        rt_server_add(&fs.server, FILE_INTERFACE, file_dispatch, &file_handlers, NULL);
        outcome = rt_server_right(&fs.server, SERVICE_BADGE, &right);
        if (outcome == OUTCOME_OK)
                outcome = rt_register("fs", right);
        return outcome;
}

int main(int count, char **arguments)
{
        outcome_t outcome = fs_start(mounted_at(count, arguments));
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&fs.server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return EXIT_FAILURE;
}
