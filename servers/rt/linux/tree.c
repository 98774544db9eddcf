/* Calls by path: which file service a path belongs to, and what it is asked. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "servers/proto/fs.h"
#include "servers/rt/bytes.h"
#include "servers/rt/linux/files.h"
#include "servers/rt/service.h"
#include "servers/rt/startup.h"

/* ---- paths ---------------------------------------------------------------------------------- */

/* Services by the path's beginning: the one that was used last is remembered. */
static struct {
        char name[2 * STARTUP_NAME];
        struct service service;
} last;

static const char *slashes_skip(const char *path)
{
        for (;;) {
                if (*path == '/')
                        path++;
                else if (path[0] == '.' && (path[1] == '/' || !path[1]))
                        path++;
                else
                        return path;
        }
}

int64_t path_join(int directory, const char *path, char joined[JOINED_MAX], size_t *length)
{
        size_t at = 0;
        if (*path != '/' && directory != AT_FDCWD) {
                struct open_file *open = open_file_of(directory);
                if (!open)
                        return -EBADF;
                if (open->kind != OPEN_FOLDER)
                        return -ENOTDIR;
                at = open->folder->path_length;
                bytes_copy(joined, open->folder->path, at);
                joined[at++] = '/';
        }
        path = slashes_skip(path);
        size_t rest = string_length(path);
        if (rest >= JOINED_MAX - at)
                return -ENAMETOOLONG;
        bytes_copy(joined + at, path, rest + 1);
        *length = at + rest;
        return 0;
}

/* The right of the service called `name`. */
static int64_t service_find(const char *name, size_t length, handle_t *right)
{
        bool same = string_length(last.name) == length;
        for (size_t i = 0; same && i < length; i++)
                same = last.name[i] == name[i];
        if (!same) {
                if (length >= sizeof last.name)
                        return -ENOENT;
                if (last.service.right)
                        sys_handle_close(last.service.right);
                bytes_copy(last.name, name, length);
                last.name[length] = 0;
                last.service = (struct service){.name = last.name};
        }
        handle_t granted = rt_handle(last.name);
        if (granted) {
                *right = granted;
                return 0;
        }
        return linux_error(service_get(&last.service, file_deadline(), right));
}

int64_t path_resolve(int directory, const char *path, char joined[JOINED_MAX],
                     struct service_path *to)
{
        size_t length;
        if (!*path)
                return -ENOENT;
        int64_t error = path_join(directory, path, joined, &length);
        if (error)
                return error;
        size_t service = file_service_length(joined);
        if (!service)
                return -ENOENT;
        error = service_find(joined, service, &to->right);
        to->path = joined + service;
        to->length = length - service;
        return error;
}

int64_t path_result(outcome_t outcome)
{
        service_result(&last.service, outcome);
        return linux_error(outcome);
}

/* ---- calls ---------------------------------------------------------------------------------- */

int64_t linux_stat(int directory, const char *path, void *status, int flags)
{
        char joined[JOINED_MAX];
        struct service_path to;
        uint64_t kind, size, identity, modified;
        if (!*path && flags & AT_EMPTY_PATH)
                return linux_fstat(directory, status);
        if (*path == '/' && !*slashes_skip(path)) {
                status_fill(status, FS_FOLDER, 0, 0, 0);
                return 0;
        }
        int64_t error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        error = path_result(fs_stat(to.right, file_deadline(), to.path, to.length,
                                    !(flags & AT_SYMLINK_NOFOLLOW), &kind, &size, &identity,
                                    &modified));
        if (!error)
                status_fill(status, kind, size, identity, modified);
        return error;
}

/* Rights of users are not known: what is there may be read and written. */
int64_t linux_access(int directory, const char *path, int mode)
{
        struct stat status;
        (void)mode;
        return linux_stat(directory, path, &status, 0);
}

int64_t linux_readlink(int directory, const char *path, char *to, uint64_t bytes)
{
        char joined[JOINED_MAX], target[FS_PATH_MAX];
        struct service_path at;
        size_t length;
        int64_t error = path_resolve(directory, path, joined, &at);
        if (error)
                return error;
        error = path_result(fs_readlink(at.right, file_deadline(), at.path, at.length, target,
                                        sizeof target, &length));
        if (error)
                return error;
        length = length < bytes ? length : bytes;
        bytes_copy(to, target, length);
        return (int64_t)length;
}

int64_t linux_symlink(const char *target, int directory, const char *path)
{
        char joined[JOINED_MAX];
        struct service_path to;
        int64_t error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        return path_result(fs_symlink(to.right, file_deadline(), target, string_length(target),
                                      to.path, to.length));
}

int64_t linux_mkdir(int directory, const char *path)
{
        char joined[JOINED_MAX];
        struct service_path to;
        int64_t error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        return path_result(fs_mkdir(to.right, file_deadline(), to.path, to.length));
}

int64_t linux_unlink(int directory, const char *path, int flags)
{
        char joined[JOINED_MAX];
        struct service_path to;
        int64_t error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        outcome_t outcome = flags & AT_REMOVEDIR
                                ? fs_rmdir(to.right, file_deadline(), to.path, to.length)
                                : fs_unlink(to.right, file_deadline(), to.path, to.length);
        return path_result(outcome);
}

int64_t linux_rename(int from_directory, const char *from, int to_directory, const char *to)
{
        char old_joined[JOINED_MAX], new_joined[JOINED_MAX];
        struct service_path old_path, new_path;
        int64_t error = path_resolve(from_directory, from, old_joined, &old_path);
        if (!error)
                error = path_resolve(to_directory, to, new_joined, &new_path);
        if (error)
                return error;
        size_t service = (size_t)(old_path.path - old_joined);
        if (service != (size_t)(new_path.path - new_joined))
                return -EXDEV;
        for (size_t i = 0; i < service; i++)
                if (old_joined[i] != new_joined[i])
                        return -EXDEV;
        return path_result(fs_rename(old_path.right, file_deadline(), old_path.path,
                                     old_path.length, new_path.path, new_path.length));
}

int64_t linux_getcwd(char *to, uint64_t bytes)
{
        if (bytes < 2)
                return -ERANGE;
        to[0] = '/';
        to[1] = 0;
        return 2;
}

/* ---- folders -------------------------------------------------------------------------------- */

/* The next records of the folder; false at its end. */
static int64_t records_fetch(struct open_folder *folder, bool *more)
{
        size_t service = file_service_length(folder->path);
        handle_t right;
        *more = false;
        if (folder->ended)
                return 0;
        int64_t error = service_find(folder->path, service, &right);
        if (error)
                return error;
        error =
            path_result(fs_list(right, file_deadline(), folder->path + service,
                                folder->path_length - service, folder->after, folder->after_length,
                                folder->records, sizeof folder->records, &folder->records_length));
        if (error)
                return error;
        folder->records_at = 0;
        folder->ended = fs_list_ended(folder->records_length);
        *more = folder->records_length > 0;
        return 0;
}

/* Writes one entry as Linux lays it out; 0: there is no room. */
static size_t entry_write(uint8_t *to, uint64_t room, uint64_t identity, uint64_t position,
                          uint64_t kind, const char *name, size_t length)
{
        size_t whole = (offsetof(struct dirent, d_name) + length + 1 + 7) & ~(size_t)7;
        struct dirent *entry = (struct dirent *)to;
        if (whole > room)
                return 0;
        entry->d_ino = identity;
        entry->d_off = (off_t)position;
        entry->d_reclen = (unsigned short)whole;
        entry->d_type = kind == FS_FOLDER ? DT_DIR : kind == FS_LINK ? DT_LNK : DT_REG;
        bytes_copy(entry->d_name, name, length);
        entry->d_name[length] = 0;
        return whole;
}

/* One record of the service as an entry; 0: no room, or no record left. */
static size_t record_write(struct open_folder *folder, uint8_t *to, uint64_t room)
{
        const struct fs_record *record =
            (const struct fs_record *)(folder->records + folder->records_at);
        size_t left = folder->records_length - folder->records_at;
        if (left < sizeof *record || record->name_length == 0 ||
            record->name_length > FS_NAME_MAX || fs_record_length(record->name_length) > left) {
                folder->records_at = folder->records_length;
                return 0;
        }
        const char *name = (const char *)(record + 1);
        size_t written = entry_write(to, room, record->identity, folder->position + 1, record->kind,
                                     name, record->name_length);
        if (!written)
                return 0;
        folder->position++;
        folder->after_length = record->name_length;
        bytes_copy(folder->after, name, record->name_length);
        folder->records_at += fs_record_length(record->name_length);
        return written;
}

int64_t linux_getdents(int file, void *to, uint64_t bytes)
{
        struct open_file *open = open_file_of(file);
        uint8_t *out = to;
        uint64_t done = 0;
        if (!open)
                return -EBADF;
        if (open->kind != OPEN_FOLDER)
                return -ENOTDIR;
        struct open_folder *folder = open->folder;
        for (;;) {
                size_t written;
                bool more = true;
                if (folder->position < 2) {
                        written = entry_write(out + done, bytes - done, 1, folder->position + 1,
                                              FS_FOLDER, "..", folder->position + 1);
                        folder->position += written != 0;
                } else if (folder->records_at < folder->records_length) {
                        written = record_write(folder, out + done, bytes - done);
                } else {
                        int64_t error = records_fetch(folder, &more);
                        if (error)
                                return done ? (int64_t)done : error;
                        if (more)
                                continue;
                        return (int64_t)done;
                }
                if (!written)
                        return done ? (int64_t)done : -EINVAL;
                done += written;
        }
}
