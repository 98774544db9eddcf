/* What stat says of a file, by its descriptor or its path. There are no users and permissions: what
 * exists may be read and written. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "servers/proto/file.h"
#include "servers/proto/fs.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/paths.h"

/* Of the root, which no service has; its device is 0. */
enum { ROOT_IDENTITY = 1 };

static void status_fill(struct stat *status, uint64_t device, uint64_t kind, uint64_t size,
                        uint64_t identity, uint64_t modified)
{
        bytes_zero(status, sizeof *status);
        status->st_dev = device;
        status->st_ino = identity;
        status->st_nlink = 1;
        status->st_mode = kind == FS_FOLDER ? S_IFDIR | 0755
                          : kind == FS_LINK ? S_IFLNK | 0777
                                            : S_IFREG | 0644;
        status->st_size = (off_t)size;
        status->st_blksize = FS_CHUNK_MAX;
        status->st_blocks = (blkcnt_t)((size + 511) / 512);
        status->st_atim.tv_sec = status->st_mtim.tv_sec = status->st_ctim.tv_sec = (time_t)modified;
}

static outcome_t file_describe(const struct open_file *open, uint64_t *kind, uint64_t *size,
                               uint64_t *identity, uint64_t *modified)
{
        if (open->kind != OPEN_FILE || !reader_describes(&open->reader))
                return file_stat(open->right, RT_DEADLINE, kind, size, identity, modified);
        *kind = FS_FILE;
        *size = open->reader.size;
        *identity = open->reader.identity;
        *modified = open->reader.modified;
        return OUTCOME_OK;
}

int64_t linux_fstat(int file, void *status)
{
        struct open_file *open = open_file_of(file);
        uint64_t kind = 0, size = 0, identity = 0, modified = 0;
        if (!open)
                return -EBADF;
        if (open->kind == OPEN_FOLDER && !open->right) {
                kind = FS_FOLDER;
                identity = ROOT_IDENTITY;
        } else if (open->kind == OPEN_FILE || open->kind == OPEN_FOLDER) {
                outcome_t outcome = file_describe(open, &kind, &size, &identity, &modified);
                if (outcome != OUTCOME_OK)
                        return file_error(outcome);
        }
        status_fill(status, open->device, kind, size, identity, modified);
        if (open->kind != OPEN_FILE && open->kind != OPEN_FOLDER)
                ((struct stat *)status)->st_mode = (open->pipe ? S_IFIFO : S_IFCHR) | 0666;
        return 0;
}

int64_t linux_stat(int directory, const char *path, void *status, int flags)
{
        char joined[JOINED_MAX];
        struct service_path to;
        uint64_t kind, size, identity, modified;
        if (!*path && flags & AT_EMPTY_PATH)
                return linux_fstat(directory, status);
        if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
                return -EINVAL;
        int64_t error = path_resolve(directory, path, joined, &to);
        if (!error && !to.right)
                status_fill(status, 0, FS_FOLDER, 0, ROOT_IDENTITY, 0);
        if (error || !to.right)
                return error;
        error = path_result(fs_stat(to.right, RT_DEADLINE, to.path, to.length,
                                    !(flags & AT_SYMLINK_NOFOLLOW), &kind, &size, &identity,
                                    &modified));
        if (!error)
                status_fill(status, to.device, kind, size, identity, modified);
        return error;
}

int64_t linux_access(int directory, const char *path, int mode)
{
        struct stat status;
        if (mode & ~(R_OK | W_OK | X_OK))
                return -EINVAL;
        return linux_stat(directory, path, &status, 0);
}
