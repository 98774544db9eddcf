/* /dev/shm of this node: interface fs, by the right of a process to this server, interface file, by
 * one right for each open file, and the memory itself, for a process's map.
 *
 * Who maps a file has it open: the right comes with the question, and is known as this server's own
 * only if it has not left the node. What a process is given goes into its own task's table, so
 * nobody on another node can have it, where it would be a copy. Memory tells nobody of changes, so
 * what is read here is leased to nobody. */
#include "servers/process/memory_service.h"

#include <string.h>

#include "servers/common/least.h"
#include "servers/process/memory_files.h"
#include "servers/process/memory_locks.h"
#include "servers/process/process.h"
#include "servers/proto/fs.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/task/time.h"

enum { FOLDER_MODE = 01777 };

/* A number that no file server has, whose are odd (servers/fs/main.c). */
static uint32_t device(void)
{
        return (uint32_t)(processes.node << 1);
}

static uint64_t seconds_now(void)
{
        return rt_date() / RT_SECOND;
}

static struct memory_name name_of(const void *bytes, size_t length)
{
        return (struct memory_name){bytes, length};
}

static void describe(const struct memory_file *file, uint64_t *kind, uint64_t *size,
                     uint64_t *identity, uint64_t *modified, uint64_t *attributes)
{
        *kind = file ? FS_FILE : FS_FOLDER;
        *size = file ? file->size : memory_names();
        *identity = file ? file->identity : FS_IDENTITY_MEMORY;
        *modified = file ? file->modified : 0;
        *attributes =
            fs_attributes(file ? file->mode : FOLDER_MODE, file ? file->names : 1, device());
}

/* ---- rights ---------------------------------------------------------------------------------- */

outcome_t memory_open_right(struct memory_open *open, struct send_cap *file)
{
        handle_t right;
        if (sys_right_mint(processes.server.port, badge_of(BADGE_MEMORY, open->id),
                           RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL, &right) != OUTCOME_OK) {
                memory_open_close(open);
                return answered(REASON_OVERLOADED);
        }
        open->issues = 1;
        *file = send_cap(right, SEND_CAP_MOVE);
        return OUTCOME_OK;
}

struct memory_open *memory_open_of_badge(uint64_t badge)
{
        return badge_kind(badge) == BADGE_MEMORY ? memory_open_find(badge_id(badge)) : NULL;
}

bool memory_right_again(const struct received_cap *cap, handle_t *right)
{
        struct memory_open *open = cap->own ? memory_open_of_badge(cap->badge) : NULL;
        return open && sys_right_issue(processes.server.port, cap->badge,
                                       RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL, right,
                                       &open->issues) == OUTCOME_OK;
}

void memory_no_senders(uint64_t badge, uint64_t issues)
{
        struct memory_open *open = memory_open_find(badge_id(badge));
        if (!open || open->issues != issues)
                return; /* it was given out once more meanwhile */
        memory_locks_gone(badge);
        memory_open_close(open);
}

/* ---- by path --------------------------------------------------------------------------------- */

static outcome_t open_path(struct request *request, const void *path, size_t path_length,
                           uint64_t flags, uint64_t count, uint64_t lease, uint64_t mode,
                           struct send_cap *file, uint64_t *size, uint64_t *kind,
                           uint64_t *identity, uint64_t *modified, uint64_t *version,
                           uint64_t *lease_out, uint64_t *attributes, const void **data,
                           size_t *data_length)
{
        const struct process *process = process_itself(request);
        struct memory_open *open;
        (void)count;
        (void)lease;
        (void)data;
        (void)data_length;
        if (!process)
                return answered(REASON_REFUSED);
        outcome_t outcome = memory_open(name_of(path, path_length), flags, mode, process->spawner,
                                        seconds_now(), &open);
        if (outcome != OUTCOME_OK)
                return outcome;
        describe(open->file, kind, size, identity, modified, attributes);
        *version = open->file ? open->file->version : 1;
        *lease_out = 0;
        return memory_open_right(open, file);
}

/* The file of a path; *file NULL: the folder. */
static outcome_t file_at(const struct request *request, const void *path, size_t path_length,
                         struct memory_file **file)
{
        return process_itself(request) ? memory_find_name(name_of(path, path_length), file)
                                       : answered(REASON_REFUSED);
}

static outcome_t stat_path(struct request *request, const void *path, size_t path_length,
                           uint64_t follow, uint64_t *kind, uint64_t *size, uint64_t *identity,
                           uint64_t *modified, uint64_t *attributes, struct optional_word *accessed,
                           struct optional_word *changed)
{
        struct memory_file *file;
        outcome_t outcome = file_at(request, path, path_length, &file);
        (void)follow, (void)accessed, (void)changed; /* a file has one time */
        if (outcome == OUTCOME_OK)
                describe(file, kind, size, identity, modified, attributes);
        return outcome;
}

static outcome_t list_path(struct request *request, const void *path, size_t path_length,
                           const void *after, size_t after_length, struct optional_word unnoted,
                           const void **entries, size_t *entries_length)
{
        struct memory_name last = name_of(after, after_length);
        struct memory_file *folder;
        outcome_t outcome = file_at(request, path, path_length, &folder);
        (void)unnoted;
        if (outcome != OUTCOME_OK)
                return outcome;
        if (folder)
                return answered(REASON_NOT_DIRECTORY);
        void *buffer = rt_request_buffer(request);
        if (!buffer)
                return answered(REASON_OVERLOADED);
        struct packer packer = packer_of(buffer, FS_LIST_MAX);
        const struct memory_file *file;
        const char *name;
        while ((name = memory_name_after(last, &file))) {
                const struct fs_entry entry = {
                    .name = name,
                    .name_length = strlen(name),
                    .kind = FS_FILE,
                    .size = file->size,
                    .identity = file->identity,
                    .modified = file->modified,
                };
                if (!fs_entry_pack(&packer, &entry))
                        break;
                last = name_of(name, strlen(name));
        }
        *entries = buffer;
        *entries_length = packer.length;
        return OUTCOME_OK;
}

static outcome_t readlink_path(struct request *request, const void *path, size_t path_length,
                               const void **target, size_t *target_length)
{
        struct memory_file *file;
        outcome_t outcome = file_at(request, path, path_length, &file);
        (void)target;
        (void)target_length;
        return outcome == OUTCOME_OK ? answered(REASON_INVALID) : outcome;
}

static outcome_t rmdir_path(struct request *request, const void *path, size_t path_length)
{
        struct memory_file *file;
        outcome_t outcome = file_at(request, path, path_length, &file);
        if (outcome != OUTCOME_OK)
                return outcome;
        return answered(file ? REASON_NOT_DIRECTORY : REASON_BUSY);
}

static outcome_t unlink_path(struct request *request, const void *path, size_t path_length)
{
        return process_itself(request) ? memory_unlink(name_of(path, path_length))
                                       : answered(REASON_REFUSED);
}

static outcome_t rename_path(struct request *request, const void *from, size_t from_length,
                             const void *to, size_t to_length)
{
        return process_itself(request)
                   ? memory_rename(name_of(from, from_length), name_of(to, to_length))
                   : answered(REASON_REFUSED);
}

static outcome_t link_path(struct request *request, const void *from, size_t from_length,
                           const void *to, size_t to_length)
{
        const struct process *process = process_itself(request);
        return process ? memory_link(name_of(from, from_length), name_of(to, to_length),
                                     process->spawner)
                       : answered(REASON_REFUSED);
}

static void space_fill(uint64_t *used, uint64_t *limit)
{
        *used = memory_used();
        *limit = memory_most();
}

static outcome_t space(struct request *request, uint64_t *used, uint64_t *limit)
{
        space_fill(used, limit);
        return process_itself(request) ? OUTCOME_OK : answered(REASON_REFUSED);
}

/* The folder has neither a time nor a mode of its own. */
static outcome_t touch_path(struct request *request, const void *path, size_t path_length,
                            uint64_t follow, uint64_t modified)
{
        struct memory_file *file;
        outcome_t outcome = file_at(request, path, path_length, &file);
        (void)follow;
        if (outcome == OUTCOME_OK && !file)
                outcome = answered(REASON_READ_ONLY);
        if (outcome == OUTCOME_OK)
                file->modified = modified;
        return outcome;
}

/* The one time that is kept is that of the content: whoever would set that of the access alone is
 * refused. */
static outcome_t time_wanted(uint64_t which, uint64_t *modified)
{
        if (!which || which & ~(uint64_t)FS_TIMES_KNOWN)
                return answered(REASON_INVALID);
        if (!(which & (FS_TIMES_MODIFIED | FS_TIMES_MODIFIED_NOW)))
                return answered(REASON_NO_METHOD);
        if (which & FS_TIMES_MODIFIED_NOW)
                *modified = seconds_now();
        return OUTCOME_OK;
}

static outcome_t times_path(struct request *request, const void *path, size_t path_length,
                            uint64_t follow, uint64_t which, uint64_t accessed, uint64_t modified)
{
        outcome_t outcome = time_wanted(which, &modified);
        (void)accessed;
        return outcome == OUTCOME_OK ? touch_path(request, path, path_length, follow, modified)
                                     : outcome;
}

static outcome_t chmod_path(struct request *request, const void *path, size_t path_length,
                            uint64_t mode)
{
        struct memory_file *file;
        outcome_t outcome = file_at(request, path, path_length, &file);
        if (outcome == OUTCOME_OK && !file)
                outcome = answered(REASON_READ_ONLY);
        if (outcome == OUTCOME_OK)
                file->mode = mode & FS_MODE_MASK;
        return outcome;
}

/* ---- what is open ---------------------------------------------------------------------------- */

/* The open file that the request came by, if it may do what `flag` says (0: anything). */
static outcome_t open_of(const struct request *request, uint64_t flag, struct memory_open **open)
{
        *open = memory_open_of_badge(request->badge);
        if (!*open)
                return answered(REASON_STALE);
        if ((*open)->locker)
                return answered(REASON_REFUSED);
        if (flag && !(*open)->file)
                return answered(REASON_IS_DIRECTORY);
        if (flag && !((*open)->flags & flag))
                return answered(flag & FS_OPEN_WRITE ? REASON_READ_ONLY : REASON_REFUSED);
        return OUTCOME_OK;
}

/* A copy of the bytes there are, which others change meanwhile. */
static outcome_t bytes_answer(struct request *request, const struct memory_file *file,
                              uint64_t offset, uint64_t count, const void **data, size_t *length)
{
        if (count > FS_CHUNK_MAX)
                count = FS_CHUNK_MAX;
        void *buffer = rt_request_buffer(request);
        if (!buffer)
                return answered(REASON_OVERLOADED);
        *length = memory_read(file, offset, buffer, count);
        *data = buffer;
        return OUTCOME_OK;
}

static outcome_t read_bytes(struct request *request, uint64_t offset, uint64_t count,
                            uint64_t lease, uint64_t *size, uint64_t *version, uint64_t *lease_out,
                            const void **data, size_t *data_length)
{
        struct memory_open *open;
        outcome_t outcome = open_of(request, FS_OPEN_READ, &open);
        (void)lease;
        if (outcome != OUTCOME_OK)
                return outcome;
        *size = open->file->size;
        *version = open->file->version;
        *lease_out = 0;
        return bytes_answer(request, open->file, offset, count, data, data_length);
}

static outcome_t read_next(struct request *request, uint64_t count, uint64_t number,
                           const void **data, size_t *data_length)
{
        struct memory_open *open;
        outcome_t outcome = open_of(request, FS_OPEN_READ, &open);
        (void)number;
        if (outcome == OUTCOME_OK)
                outcome = bytes_answer(request, open->file, open->offset, count, data, data_length);
        if (outcome == OUTCOME_OK)
                open->offset += *data_length;
        return outcome;
}

static outcome_t write_at(struct memory_open *open, uint64_t offset, const void *data,
                          size_t data_length)
{
        outcome_t outcome = memory_write(open->file, offset, data, data_length, open->spawner);
        if (outcome == OUTCOME_OK)
                open->file->modified = seconds_now();
        return outcome;
}

static outcome_t write_bytes(struct request *request, uint64_t offset, const void *data,
                             size_t data_length, uint64_t *count)
{
        struct memory_open *open;
        outcome_t outcome = open_of(request, FS_OPEN_WRITE, &open);
        *count = data_length;
        return outcome == OUTCOME_OK ? write_at(open, offset, data, data_length) : outcome;
}

static outcome_t append_bytes(struct request *request, const void *data, size_t data_length,
                              uint64_t *offset)
{
        struct memory_open *open;
        outcome_t outcome = open_of(request, FS_OPEN_WRITE, &open);
        if (outcome != OUTCOME_OK)
                return outcome;
        *offset = open->file->size;
        return write_at(open, *offset, data, data_length);
}

static outcome_t write_next(struct request *request, const void *data, size_t data_length,
                            uint64_t append, uint64_t number, uint64_t *count)
{
        struct memory_open *open;
        outcome_t outcome = open_of(request, FS_OPEN_WRITE, &open);
        (void)number;
        if (outcome != OUTCOME_OK)
                return outcome;
        const uint64_t offset = append ? open->file->size : open->offset;
        outcome = write_at(open, offset, data, data_length);
        if (outcome == OUTCOME_OK)
                open->offset = offset + data_length;
        *count = data_length;
        return outcome;
}

static outcome_t truncate_to(struct request *request, uint64_t size)
{
        struct memory_open *open;
        outcome_t outcome = open_of(request, FS_OPEN_WRITE, &open);
        if (outcome == OUTCOME_OK)
                outcome = memory_resize(open->file, size, open->spawner);
        if (outcome == OUTCOME_OK)
                open->file->modified = seconds_now();
        return outcome;
}

static outcome_t seek(struct request *request, uint64_t by, uint64_t whence, uint64_t number,
                      uint64_t *offset)
{
        struct memory_open *open;
        outcome_t outcome = open_of(request, 0, &open);
        int64_t to;
        (void)number;
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!open->file)
                return answered(REASON_IS_DIRECTORY);
        const uint64_t base = whence == FILE_WHENCE_START     ? 0
                              : whence == FILE_WHENCE_CURRENT ? open->offset
                                                              : open->file->size;
        if (__builtin_add_overflow((int64_t)base, (int64_t)by, &to) || to < 0)
                return answered(REASON_INVALID);
        *offset = open->offset = (uint64_t)to;
        return OUTCOME_OK;
}

/* The next server has nothing of this one: there is no token. */
static outcome_t share(struct request *request, uint64_t offset, uint64_t *token)
{
        struct memory_open *open;
        outcome_t outcome = open_of(request, 0, &open);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!open->file)
                return answered(REASON_IS_DIRECTORY);
        if (offset > INT64_MAX)
                return answered(REASON_INVALID);
        open->offset = offset;
        *token = 0;
        return OUTCOME_OK;
}

static outcome_t stat_open(struct request *request, uint64_t *kind, uint64_t *size,
                           uint64_t *identity, uint64_t *modified, uint64_t *attributes,
                           struct optional_word *accessed, struct optional_word *changed)
{
        struct memory_open *open;
        outcome_t outcome = open_of(request, 0, &open);
        (void)accessed, (void)changed;
        if (outcome == OUTCOME_OK)
                describe(open->file, kind, size, identity, modified, attributes);
        return outcome;
}

/* What a program needs to be run: none is read from here. */
static outcome_t digest(struct request *request, uint64_t *kind, uint64_t *size,
                        const void **digest_out, size_t *digest_length)
{
        uint64_t identity, modified, attributes;
        struct optional_word accessed, changed;
        *digest_out = NULL;
        *digest_length = 0;
        return stat_open(request, kind, size, &identity, &modified, &attributes, &accessed,
                         &changed);
}

static outcome_t touch_open(struct request *request, uint64_t modified)
{
        struct memory_open *open;
        outcome_t outcome = open_of(request, FS_OPEN_WRITE | FS_OPEN_ATTRIBUTES, &open);
        if (outcome == OUTCOME_OK)
                open->file->modified = modified;
        return outcome;
}

static outcome_t times_open(struct request *request, uint64_t which, uint64_t accessed,
                            uint64_t modified)
{
        outcome_t outcome = time_wanted(which, &modified);
        (void)accessed;
        return outcome == OUTCOME_OK ? touch_open(request, modified) : outcome;
}

static outcome_t chmod_open(struct request *request, uint64_t mode)
{
        struct memory_open *open;
        outcome_t outcome = open_of(request, FS_OPEN_WRITE | FS_OPEN_ATTRIBUTES, &open);
        if (outcome == OUTCOME_OK)
                open->file->mode = mode & FS_MODE_MASK;
        return outcome;
}

/* Nothing waits to be written anywhere. */
static outcome_t sync_open(struct request *request)
{
        struct memory_open *open;
        return open_of(request, 0, &open);
}

static outcome_t space_open(struct request *request, uint64_t *used, uint64_t *limit)
{
        struct memory_open *open;
        space_fill(used, limit);
        return open_of(request, 0, &open);
}

/* ---- the memory itself ----------------------------------------------------------------------- */

outcome_t memory_map_part(struct request *request, struct received_cap *right, uint64_t offset,
                          uint64_t count, uint64_t *memory, uint64_t *at, uint64_t *bytes)
{
        const struct process *process = process_itself(request);
        const struct memory_open *open =
            process && right->own ? memory_open_of_badge(right->badge) : NULL;
        if (!open || open->locker || !open->file || !(open->flags & FS_OPEN_READ))
                return answered(REASON_REFUSED);
        const uint64_t end = page_up(open->file->size);
        uint64_t start;
        if (!count || (offset | count) % PAGE_SIZE)
                return answered(REASON_INVALID);
        if (count > end || offset > end - count)
                return answered(REASON_NOT_FOUND);
        const struct memory_extent *extent = memory_extent_at(open->file, offset, &start);
        *at = offset - start;
        *bytes = least(count, extent->length - *at);
        const uint32_t rights =
            RIGHT_READ | RIGHT_COPY | (open->flags & FS_OPEN_WRITE ? RIGHT_WRITE : 0);
        return sys_handle_grant(process->spawned.task, extent->memory, rights, memory);
}

outcome_t memory_service_init(void)
{
        static const struct fs_server paths = {
            .open = open_path,
            .stat = stat_path,
            .list = list_path,
            .readlink = readlink_path,
            .unlink = unlink_path,
            .rmdir = rmdir_path,
            .rename = rename_path,
            .space = space,
            .touch = touch_path,
            .chmod = chmod_path,
            .link = link_path,
            .times = times_path,
        };
        static const struct file_server files = {
            .read = read_bytes,
            .write = write_bytes,
            .stat = stat_open,
            .truncate = truncate_to,
            .sync = sync_open,
            .append = append_bytes,
            .digest = digest,
            .touch = touch_open,
            .read_next = read_next,
            .write_next = write_next,
            .seek = seek,
            .chmod = chmod_open,
            .space = space_open,
            .lock = memory_lock_part,
            .lock_test = memory_lock_look,
            .locker = memory_locker_make,
            .share = share,
            .times = times_open,
        };
        outcome_t outcome =
            rt_server_add(&processes.server, FS_INTERFACE, fs_dispatch, &paths, NULL);
        if (outcome == OUTCOME_OK)
                outcome =
                    rt_server_add(&processes.server, FILE_INTERFACE, file_dispatch, &files, NULL);
        return outcome;
}
