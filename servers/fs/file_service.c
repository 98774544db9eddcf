/* Interface file: what is asked of one open file. A right to one file reaches that file and nothing
 * else. A change is answered when the leases of what was there before have ended; so what anybody
 * has read under a lease is never behind an answered change. */
#include "servers/fs/service.h"
#include "servers/rt/task/random.h"

/* The file of the right that the request came by, if it was opened for `flag` and is a file. */
static outcome_t file_of(const struct request *request, uint64_t flag, struct node **node)
{
        struct open_file *file = open_find(&fs.opens, request->badge);
        if (!file)
                return answered(REASON_STALE);
        if (file->locker)
                return answered(REASON_REFUSED);
        if (flag && file->node->kind == FS_FOLDER)
                return answered(REASON_IS_DIRECTORY);
        if (flag && !(file->flags & flag))
                return answered(flag == FS_OPEN_WRITE ? REASON_READ_ONLY : REASON_REFUSED);
        *node = file->node;
        return OUTCOME_OK;
}

outcome_t content_answer(struct request *request, const struct content *content, uint64_t offset,
                         uint64_t count, const void **data, size_t *length)
{
        if (count > FS_CHUNK_MAX)
                count = FS_CHUNK_MAX;
        *data = content_view(content, offset, count, length);
        if (*data)
                return OUTCOME_OK;
        void *buffer = rt_request_buffer(request);
        if (!buffer)
                return answered(REASON_OVERLOADED);
        *length = content_read(content, offset, buffer, count);
        *data = buffer;
        return OUTCOME_OK;
}

/* What was opened by `file` is read: so many bytes were asked for. */
static void access_note(const struct open_file *file, uint64_t count)
{
        if (count > 0 && !(file->flags & FS_OPEN_UNNOTED))
                node_accessed(file->node, date_now());
}

static outcome_t file_read_bytes(struct request *request, uint64_t offset, uint64_t count,
                                 uint64_t lease, uint64_t *size, uint64_t *version,
                                 uint64_t *lease_out, const void **data, size_t *data_length)
{
        struct node *node;
        outcome_t outcome = file_of(request, FS_OPEN_READ, &node);
        if (outcome == OUTCOME_OK)
                outcome = content_answer(request, &node->file, offset, count, data, data_length);
        if (outcome != OUTCOME_OK)
                return outcome;
        struct open_file *file = open_find(&fs.opens, request->badge);
        access_note(file, count);
        *size = node->file.size;
        *version = node->version;
        open_note(file);
        if (lease > 0)
                *lease_out = open_lease(file, lease, rt_now());
        return OUTCOME_OK;
}

static outcome_t file_stat_tell(struct request *request, uint64_t *kind, uint64_t *size,
                                uint64_t *identity, uint64_t *modified, uint64_t *attributes,
                                struct optional_word *accessed, struct optional_word *changed)
{
        struct node *node;
        outcome_t outcome = file_of(request, 0, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        node_describe(node, kind, size, identity, modified, attributes);
        *accessed = optional_word(node->accessed);
        *changed = optional_word(node->changed);
        return OUTCOME_OK;
}

static outcome_t file_digest_tell(struct request *request, uint64_t *kind, uint64_t *size,
                                  const void **digest, size_t *digest_length)
{
        struct node *node;
        outcome_t outcome = file_of(request, 0, &node);
        if (outcome == OUTCOME_OK && node->kind == FS_FILE)
                outcome = file_of(request, FS_OPEN_READ, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        *kind = node->kind;
        *size = node_size(node);
        if (node->kind == FS_FILE && (*digest = digest_of(&fs.digests, node)))
                *digest_length = FS_DIGEST;
        return OUTCOME_OK;
}

/* ---- changes ---- */

outcome_t change_admit(const struct node *node)
{
        uint64_t now = rt_now();
        return waits_room(&fs.waits, node->identity) ||
                       opens_leased_until(&fs.opens, node, now) == now
                   ? OUTCOME_OK
                   : answered(REASON_OVERLOADED);
}

outcome_t change_answer(const struct request *request, struct node *node, uint64_t result)
{
        uint64_t now = rt_now();
        struct open_file *file = open_find(&fs.opens, request->badge);
        if (file)
                open_note(file);
        struct wait wait = {.reply = request->reply,
                            .interface = request->interface,
                            .method = request->method,
                            .due = opens_leased_until(&fs.opens, node, now),
                            .identity = node->identity,
                            .result = result};
        if (wait.due == now || !wait.reply)
                return OUTCOME_OK;
        node->lease_from = now + OPENS_UNLEASED;
        waits_add(&fs.waits, &wait);
        fs.server.deadline = waits_next(&fs.waits);
        return RT_DEFERRED;
}

static void wait_answer(const struct wait *wait)
{
        if (wait->interface == FS_INTERFACE && wait->method == FS_METHOD_OPEN)
                open_reply(wait->reply, wait->result);
        else if (wait->interface == FS_INTERFACE && wait->method == FS_METHOD_CHMOD)
                fs_chmod_reply(wait->reply);
        else if (wait->interface == FS_INTERFACE && wait->method == FS_METHOD_TIMES)
                fs_times_reply(wait->reply);
        else if (wait->interface == FS_INTERFACE)
                fs_touch_reply(wait->reply);
        else if (wait->method == FILE_METHOD_WRITE)
                file_write_reply(wait->reply, wait->result);
        else if (wait->method == FILE_METHOD_APPEND)
                file_append_reply(wait->reply, wait->result);
        else if (wait->method == FILE_METHOD_TOUCH)
                file_touch_reply(wait->reply);
        else if (wait->method == FILE_METHOD_TIMES)
                file_times_reply(wait->reply);
        else if (wait->method == FILE_METHOD_CHMOD)
                file_chmod_reply(wait->reply);
        else if (wait->method == FILE_METHOD_WRITE_NEXT)
                file_write_next_reply(wait->reply, wait->result);
        else
                file_truncate_reply(wait->reply);
}

void waits_answer(uint64_t now)
{
        struct wait wait;
        while (waits_take(&fs.waits, now, &wait))
                wait_answer(&wait);
        fs.server.deadline = waits_next(&fs.waits);
}

/* So many bytes were written: none are no change. */
static void write_note(struct node *node, size_t count)
{
        if (count > 0)
                node_changed(&fs.tree, node, date_now());
}

/* The file that may be written, if a change of it can be answered. */
static outcome_t file_to_change(const struct request *request, struct node **node)
{
        outcome_t outcome = file_of(request, FS_OPEN_WRITE, node);
        return outcome == OUTCOME_OK ? change_admit(*node) : outcome;
}

static outcome_t file_write_bytes(struct request *request, uint64_t offset, const void *data,
                                  size_t data_length, uint64_t *count)
{
        struct node *node;
        outcome_t outcome = file_to_change(request, &node);
        if (outcome == OUTCOME_OK)
                outcome = content_write(&node->file, &fs.tree.budget, offset, data, data_length);
        if (outcome != OUTCOME_OK)
                return outcome;
        write_note(node, data_length);
        *count = data_length;
        return change_answer(request, node, data_length);
}

static outcome_t file_append_bytes(struct request *request, const void *data, size_t data_length,
                                   uint64_t *offset)
{
        struct node *node;
        outcome_t outcome = file_to_change(request, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        *offset = node->file.size;
        outcome = content_write(&node->file, &fs.tree.budget, *offset, data, data_length);
        if (outcome != OUTCOME_OK)
                return outcome;
        write_note(node, data_length);
        return change_answer(request, node, *offset);
}

static outcome_t file_truncate_to(struct request *request, uint64_t size)
{
        struct node *node;
        outcome_t outcome = file_to_change(request, &node);
        if (outcome == OUTCOME_OK)
                outcome = content_truncate(&node->file, &fs.tree.budget, size);
        if (outcome != OUTCOME_OK)
                return outcome;
        node_changed(&fs.tree, node, date_now());
        return change_answer(request, node, 0);
}

/* The file or folder whose right allows to change what is said of it. */
static outcome_t node_to_change(const struct request *request, struct node **node)
{
        outcome_t outcome = file_of(request, 0, node);
        if (outcome != OUTCOME_OK)
                return outcome;
        const struct open_file *file = open_find(&fs.opens, request->badge);
        return file->flags & (FS_OPEN_WRITE | FS_OPEN_ATTRIBUTES) ? OUTCOME_OK
                                                                  : answered(REASON_READ_ONLY);
}

outcome_t times_change(const struct request *request, struct node *node, uint64_t which,
                       uint64_t accessed, uint64_t modified)
{
        const uint64_t now = date_now();
        if (!which || which & ~(uint64_t)FS_TIMES_KNOWN)
                return answered(REASON_INVALID);
        outcome_t outcome = change_admit(node);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (which & (FS_TIMES_ACCESSED | FS_TIMES_ACCESSED_NOW))
                node->accessed = which & FS_TIMES_ACCESSED_NOW ? now : accessed;
        if (which & (FS_TIMES_MODIFIED | FS_TIMES_MODIFIED_NOW))
                node->modified = which & FS_TIMES_MODIFIED_NOW ? now : modified;
        node_marked(&fs.tree, node, now);
        return change_answer(request, node, 0);
}

static outcome_t file_times_now(struct request *request, uint64_t which, uint64_t accessed,
                                uint64_t modified)
{
        struct node *node;
        outcome_t outcome = node_to_change(request, &node);
        return outcome == OUTCOME_OK ? times_change(request, node, which, accessed, modified)
                                     : outcome;
}

static outcome_t file_touch_now(struct request *request, uint64_t modified)
{
        return file_times_now(request, FS_TIMES_MODIFIED, 0, modified);
}

static outcome_t file_chmod_now(struct request *request, uint64_t mode)
{
        struct node *node;
        outcome_t outcome = node_to_change(request, &node);
        if (outcome == OUTCOME_OK)
                outcome = change_admit(node);
        if (outcome != OUTCOME_OK)
                return outcome;
        node->mode = mode & FS_MODE_MASK;
        node_marked(&fs.tree, node, date_now());
        return change_answer(request, node, 0);
}

/* ---- at the offset that is shared ---- */

void open_note(struct open_file *file)
{
        if (!file->note)
                return;
        file->note->version = file->node->version;
        file->note->offset = file->offset;
}

/* A call at the offset is executed: it has read from, or led to, `at`. */
static void request_note(struct open_file *file, uint64_t request, uint64_t at)
{
        open_note(file);
        if (!file->note)
                return;
        file->note->request = request;
        file->note->request_at = at;
}

static outcome_t file_read_next_bytes(struct request *request, uint64_t count, uint64_t number,
                                      const void **data, size_t *data_length)
{
        struct node *node;
        outcome_t outcome = file_of(request, FS_OPEN_READ, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        struct open_file *file = open_find(&fs.opens, request->badge);
        outcome = content_answer(request, &node->file, file->offset, count, data, data_length);
        if (outcome != OUTCOME_OK)
                return outcome;
        access_note(file, count);
        file->offset += *data_length;
        request_note(file, number, file->offset - *data_length);
        return OUTCOME_OK;
}

static outcome_t file_write_next_bytes(struct request *request, const void *data,
                                       size_t data_length, uint64_t append, uint64_t number,
                                       uint64_t *count)
{
        struct node *node;
        outcome_t outcome = file_to_change(request, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        struct open_file *file = open_find(&fs.opens, request->badge);
        const uint64_t offset = append ? node->file.size : file->offset;
        outcome = content_write(&node->file, &fs.tree.budget, offset, data, data_length);
        if (outcome != OUTCOME_OK)
                return outcome;
        file->offset = offset + data_length;
        write_note(node, data_length);
        request_note(file, number, offset);
        *count = data_length;
        return change_answer(request, node, data_length);
}

static outcome_t file_seek_to(struct request *request, uint64_t by, uint64_t whence,
                              uint64_t number, uint64_t *offset)
{
        struct node *node;
        outcome_t outcome = file_of(request, 0, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (node->kind != FS_FILE)
                return answered(REASON_IS_DIRECTORY);
        struct open_file *file = open_find(&fs.opens, request->badge);
        outcome = open_seek(file, by, (enum file_whence)whence);
        *offset = file->offset;
        if (outcome == OUTCOME_OK)
                request_note(file, number, file->offset);
        return outcome;
}

static outcome_t file_share_offset(struct request *request, uint64_t offset, uint64_t *token)
{
        struct node *node;
        outcome_t outcome = file_of(request, 0, &node);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (node->kind != FS_FILE)
                return answered(REASON_IS_DIRECTORY);
        if (offset > INT64_MAX)
                return answered(REASON_INVALID);
        struct open_file *file = open_find(&fs.opens, request->badge);
        file->offset = offset;
        if (!file->note && random_bytes(token, sizeof *token))
                file->note = note_add(&fs.notes, *token, request->badge);
        if (file->note) {
                file->note->identity = node->identity;
                file->note->flags = file->flags;
                open_note(file);
        }
        *token = file->note ? file->note->token : 0;
        return OUTCOME_OK;
}

static outcome_t file_space_tell(struct request *request, uint64_t *used, uint64_t *limit)
{
        struct node *node;
        *used = fs.tree.budget.used;
        *limit = fs.tree.budget.limit;
        return file_of(request, 0, &node);
}

/* Nothing waits to be written anywhere: it is all in memory. */
static outcome_t file_sync_all(struct request *request)
{
        struct node *node;
        return file_of(request, 0, &node);
}

const struct file_server file_handlers = {
    .read = file_read_bytes,
    .write = file_write_bytes,
    .stat = file_stat_tell,
    .truncate = file_truncate_to,
    .sync = file_sync_all,
    .append = file_append_bytes,
    .digest = file_digest_tell,
    .touch = file_touch_now,
    .read_next = file_read_next_bytes,
    .write_next = file_write_next_bytes,
    .seek = file_seek_to,
    .chmod = file_chmod_now,
    .space = file_space_tell,
    .lock = file_lock_part,
    .lock_test = file_lock_look,
    .locker = file_locker_make,
    .share = file_share_offset,
    .times = file_times_now,
};
