/* What stat says of a file, by its descriptor or its path, of the service that has it, and times.
 * There is one user, 0, who may do everything: a mode is kept, and nothing is refused by it but to
 * run a program, as with Linux. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "servers/proto/file.h"
#include "servers/proto/fs.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/made.h"
#include "servers/rt/linux/paths.h"
#include "servers/rt/linux/reopen.h"

/* Of the root and of devices, which no service has: their number is 0. */
enum { ROOT_IDENTITY = 1, ROOT_ATTRIBUTES = 1 << FS_MODE_BITS | 0755 };

static void status_fill(struct stat *status, uint64_t kind, uint64_t size, uint64_t identity,
                        uint64_t modified, uint64_t attributes)
{
        bytes_zero(status, sizeof *status);
        status->st_dev = fs_device(attributes);
        status->st_ino = identity;
        status->st_nlink = fs_links(attributes);
        status->st_mode = (kind == FS_FOLDER ? S_IFDIR
                           : kind == FS_LINK ? S_IFLNK
                                             : S_IFREG) |
                          fs_mode(attributes);
        status->st_size = (off_t)size;
        status->st_blksize = FS_CHUNK_MAX;
        status->st_blocks = (blkcnt_t)((size + 511) / 512);
        status->st_atim.tv_sec = status->st_mtim.tv_sec = status->st_ctim.tv_sec = (time_t)modified;
}

static outcome_t file_describe(struct open_file *open, uint64_t *kind, uint64_t *size,
                               uint64_t *identity, uint64_t *modified, uint64_t *attributes)
{
        unsigned tries = 0;
        outcome_t outcome;
        if (open->kind != OPEN_FILE || !reader_describes(&open->reader)) {
                do
                        outcome = file_stat(open->right, RT_DEADLINE, kind, size, identity,
                                            modified, attributes);
                while (file_again(open, outcome, &tries));
                return outcome;
        }
        *kind = FS_FILE;
        *size = open->reader.size;
        *identity = open->reader.identity;
        *modified = open->reader.modified;
        *attributes = open->reader.attributes;
        return OUTCOME_OK;
}

int64_t linux_fstat(int file, void *status)
{
        struct open_file *open = open_file_of(file);
        uint64_t kind = 0, size = 0, identity = 0, modified = 0, attributes = ROOT_ATTRIBUTES;
        if (!open)
                return -EBADF;
        if (open->kind == OPEN_LOST)
                return -ESTALE;
        if (made_device_status(open, status))
                return 0;
        if (open->kind == OPEN_FOLDER && !open->right) {
                kind = FS_FOLDER;
                identity = open->identity ? open->identity : ROOT_IDENTITY;
        } else if (open->kind == OPEN_FILE || open->kind == OPEN_FOLDER) {
                outcome_t outcome =
                    file_describe(open, &kind, &size, &identity, &modified, &attributes);
                if (outcome != OUTCOME_OK)
                        return file_error(outcome);
        }
        status_fill(status, kind, size, identity, modified, attributes);
        if (open->kind == OPEN_TEXT) {
                status_fill(status, FS_FILE, open->text->length, open->identity, 0,
                            1 << FS_MODE_BITS | 0444);
        } else if (open->kind != OPEN_FILE && open->kind != OPEN_FOLDER)
                ((struct stat *)status)->st_mode =
                    (open->socket                            ? S_IFSOCK
                     : open->pipe || open->kind == OPEN_PIPE ? S_IFIFO
                                                             : S_IFCHR) |
                    0666;
        return 0;
}

int64_t linux_stat(int directory, const char *path, void *status, int flags)
{
        char joined[JOINED_MAX];
        struct service_path to;
        uint64_t kind, size, identity, modified, attributes;
        struct made made;
        size_t length;
        if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
                return -EINVAL;
        if (!*path && flags & AT_EMPTY_PATH) {
                if (directory != AT_FDCWD)
                        return linux_fstat(directory, status);
                path = ".";
        }
        int64_t error = *path ? path_join(directory, path, joined, &length) : -ENOENT;
        if (!error && !(flags & AT_SYMLINK_NOFOLLOW))
                made_follow(joined, &length);
        if (!error && made_find(joined, &made))
                return made_status(&made, status);
        if (!error)
                error = path_service(joined, length, &to);
        if (!error && !to.right)
                status_fill(status, FS_FOLDER, 0, ROOT_IDENTITY, 0, ROOT_ATTRIBUTES);
        if (error || !to.right)
                return error;
        error = path_result(fs_stat(to.right, RT_DEADLINE, to.path, to.length,
                                    !(flags & AT_SYMLINK_NOFOLLOW), &kind, &size, &identity,
                                    &modified, &attributes));
        if (!error)
                status_fill(status, kind, size, identity, modified, attributes);
        return error;
}

int64_t linux_access(int directory, const char *path, int mode, int flags)
{
        struct stat status;
        if (mode & ~(R_OK | W_OK | X_OK) ||
            flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
                return -EINVAL;
        int64_t error = linux_stat(directory, path, &status, flags & ~AT_EACCESS);
        if (error)
                return error;
        const bool runs = S_ISDIR(status.st_mode) || status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH);
        if (mode & W_OK && !status.st_dev && !S_ISCHR(status.st_mode) && !S_ISFIFO(status.st_mode))
                return -EROFS;
        return mode & X_OK && !runs ? -EACCES : 0;
}

/* ---- mode and owner -------------------------------------------------------------------------- */

int64_t linux_chmod(int directory, const char *path, unsigned mode, int flags)
{
        char joined[JOINED_MAX];
        struct service_path to;
        if (flags)
                return flags == AT_SYMLINK_NOFOLLOW ? -EOPNOTSUPP : -EINVAL;
        int64_t error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        return path_result(fs_chmod(to.right, RT_DEADLINE, to.path, to.length, mode));
}

int64_t linux_fchmod(int file, unsigned mode)
{
        struct open_file *open = open_file_of(file);
        unsigned tries = 0;
        outcome_t outcome;
        if (!open)
                return -EBADF;
        if (!open_file_has_server(open))
                return -EROFS;
        do
                outcome = file_chmod(open->right, RT_DEADLINE, mode);
        while (file_again(open, outcome, &tries));
        return file_error(outcome);
}

/* All is user 0's and group 0's, and can be nobody else's. */
static int64_t owner_check(unsigned user, unsigned group)
{
        return (user && user != -1u) || (group && group != -1u) ? -EPERM : 0;
}

int64_t linux_chown(int directory, const char *path, unsigned user, unsigned group, int flags)
{
        struct stat status;
        int64_t error = linux_stat(directory, path, &status, flags);
        return error ? error : owner_check(user, group);
}

int64_t linux_fchown(int file, unsigned user, unsigned group)
{
        return open_file_of(file) ? owner_check(user, group) : -EBADF;
}

/* <linux/stat.h>, which libc's header does not go with; statx(2). */
struct statx_timestamp {
        int64_t tv_sec;
        uint32_t tv_nsec, reserved;
};

struct statx {
        uint32_t stx_mask, stx_blksize;
        uint64_t stx_attributes;
        uint32_t stx_nlink, stx_uid, stx_gid;
        uint16_t stx_mode, reserved;
        uint64_t stx_ino, stx_size, stx_blocks, stx_attributes_mask;
        struct statx_timestamp stx_atime, stx_btime, stx_ctime, stx_mtime;
        uint32_t stx_rdev_major, stx_rdev_minor, stx_dev_major, stx_dev_minor;
        uint64_t stx_more[14];
};

_Static_assert(sizeof(struct statx) == 256 && offsetof(struct statx, stx_mtime) == 112, "statx(2)");

enum { STATX_BASIC_STATS = 0x7ff };

#define STATX_RESERVED 0x80000000u

static struct statx_timestamp timestamp(const struct timespec *time)
{
        return (struct statx_timestamp){.tv_sec = time->tv_sec, .tv_nsec = (uint32_t)time->tv_nsec};
}

/* The basic fields, whatever was asked for, and nothing else: what is there the mask says. */
int64_t linux_statx(int directory, const char *path, int flags, unsigned mask, void *to)
{
        struct statx *status = to;
        struct stat from;
        if (mask & STATX_RESERVED || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
                return -EINVAL;
        int64_t error = linux_stat(directory, path, &from, flags & ~AT_STATX_SYNC_TYPE);
        if (error)
                return error;
        bytes_zero(status, sizeof *status);
        status->stx_mask = STATX_BASIC_STATS;
        status->stx_blksize = (uint32_t)from.st_blksize;
        status->stx_nlink = (uint32_t)from.st_nlink;
        status->stx_mode = (uint16_t)from.st_mode;
        status->stx_ino = from.st_ino;
        status->stx_size = (uint64_t)from.st_size;
        status->stx_blocks = (uint64_t)from.st_blocks;
        status->stx_rdev_major = major(from.st_rdev);
        status->stx_rdev_minor = minor(from.st_rdev);
        status->stx_dev_major = major(from.st_dev);
        status->stx_dev_minor = minor(from.st_dev);
        status->stx_atime = timestamp(&from.st_atim);
        status->stx_mtime = timestamp(&from.st_mtim);
        status->stx_ctime = timestamp(&from.st_ctim);
        return 0;
}

/* ---- the file service ------------------------------------------------------------------------ */

enum { BLOCK = 4096, TMPFS_MAGIC = 0x1021994, NO_ACCESS_TIMES = 1 << 10 /* ST_NOATIME */ };

static void space_fill(uint64_t used, uint64_t limit, uint64_t device, struct statfs *status)
{
        bytes_zero(status, sizeof *status);
        status->f_type = TMPFS_MAGIC;
        status->f_bsize = status->f_frsize = BLOCK;
        status->f_blocks = limit / BLOCK;
        status->f_bfree = status->f_bavail = used < limit ? (limit - used) / BLOCK : 0;
        status->f_namelen = FS_NAME_MAX;
        status->f_flags = NO_ACCESS_TIMES;
        status->f_fsid.__val[0] = (int)device;
}

/* The root, and what the layer has there: a little that is full and stays as it is. */
static void root_space_fill(struct statfs *status)
{
        space_fill(BLOCK, BLOCK, 0, status);
        status->f_files = made_count();
        status->f_flags |= 1; /* ST_RDONLY */
}

int64_t linux_statfs(const char *path, void *to)
{
        struct service_path service;
        char joined[JOINED_MAX];
        struct stat there;
        uint64_t used = 0, limit = 0;
        int64_t error = linux_stat(AT_FDCWD, path, &there, 0);
        if (!error)
                error = path_resolve(AT_FDCWD, path, joined, &service);
        if (error == -EROFS || (!error && !service.right)) {
                root_space_fill(to);
                return 0;
        }
        if (!error)
                error = path_result(fs_space(service.right, RT_DEADLINE, &used, &limit));
        if (!error)
                space_fill(used, limit, there.st_dev, to);
        return error;
}

int64_t linux_fstatfs(int file, void *to)
{
        struct open_file *open = open_file_of(file);
        uint64_t used = 0, limit = 0;
        if (!open)
                return -EBADF;
        file_refresh(open);
        if (!open_file_has_server(open)) {
                root_space_fill(to);
                return 0;
        }
        int64_t error = file_error(file_space(open->right, RT_DEADLINE, &used, &limit));
        if (!error)
                space_fill(used, limit, open->device, to);
        return error;
}

/* ---- times ----------------------------------------------------------------------------------- */

/* The time that is asked for, in whole seconds: of the last change. There is none of the last
 * access: who would set that alone is refused. */
static int64_t time_wanted(const struct timespec times[2], bool *none, int64_t *seconds)
{
        struct timespec now;
        linux_clock_gettime(CLOCK_REALTIME, &now);
        *seconds = now.tv_sec;
        *none = times && times[0].tv_nsec == UTIME_OMIT && times[1].tv_nsec == UTIME_OMIT;
        for (int i = 0; times && i < 2; i++)
                if ((times[i].tv_nsec < 0 || times[i].tv_nsec > 999999999) &&
                    times[i].tv_nsec != UTIME_NOW && times[i].tv_nsec != UTIME_OMIT)
                        return -EINVAL;
        if (times && times[1].tv_nsec == UTIME_OMIT)
                return *none ? 0 : -EOPNOTSUPP;
        if (times && times[1].tv_nsec != UTIME_NOW)
                *seconds = times[1].tv_sec;
        return 0;
}

static int64_t file_touch_by(int file, int64_t seconds)
{
        struct open_file *open = open_file_of(file);
        unsigned tries = 0;
        outcome_t outcome;
        if (!open)
                return -EBADF;
        if (!open_file_has_server(open))
                return -EROFS;
        do
                outcome = file_touch(open->right, RT_DEADLINE, (uint64_t)seconds);
        while (file_again(open, outcome, &tries));
        return file_error(outcome);
}

int64_t linux_utimensat(int directory, const char *path, const void *times, int flags)
{
        char joined[JOINED_MAX];
        struct service_path to;
        bool none;
        int64_t seconds;
        int64_t error =
            flags & ~AT_SYMLINK_NOFOLLOW ? -EINVAL : time_wanted(times, &none, &seconds);
        if (error || none)
                return error;
        if (!path)
                return file_touch_by(directory, seconds);
        error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        return path_result(fs_touch(to.right, RT_DEADLINE, to.path, to.length,
                                    !(flags & AT_SYMLINK_NOFOLLOW), (uint64_t)seconds));
}
