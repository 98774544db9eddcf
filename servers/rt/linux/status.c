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
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/made.h"
#include "servers/rt/linux/paths.h"
#include "servers/rt/linux/reopen.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"

/* Of pipes, sockets, terminals and what else is open without a file. */
static const dev_t STREAMS_DEVICE = UINT32_MAX;

/* Of the root and of devices, which no service has: their number is 0. */
enum { ROOT_IDENTITY = 1, ROOT_ATTRIBUTES = 1 << FS_MODE_BITS | 0755 };

/* What is said of a file or a folder. */
struct said {
        uint64_t kind, size, identity, modified, attributes;
        struct optional_word accessed, changed; /* not given: as modified */
};

static void status_fill(struct stat *status, const struct said *said)
{
        bytes_zero(status, sizeof *status);
        status->st_dev = fs_device(said->attributes);
        status->st_ino = said->identity;
        status->st_nlink = fs_links(said->attributes);
        status->st_mode = (said->kind == FS_FOLDER ? S_IFDIR
                           : said->kind == FS_LINK ? S_IFLNK
                                                   : S_IFREG) |
                          fs_mode(said->attributes);
        status->st_size = (off_t)said->size;
        status->st_blksize = FS_CHUNK_MAX;
        status->st_blocks = (blkcnt_t)((said->size + 511) / 512);
        status->st_mtim.tv_sec = (time_t)said->modified;
        status->st_atim.tv_sec =
            (time_t)(said->accessed.given ? said->accessed.word : said->modified);
        status->st_ctim.tv_sec =
            (time_t)(said->changed.given ? said->changed.word : said->modified);
}

static void root_status_fill(struct stat *status, uint64_t identity)
{
        status_fill(
            status,
            &(struct said){.kind = FS_FOLDER, .identity = identity, .attributes = ROOT_ATTRIBUTES});
}

/* Asked of the server each time: names, and accesses, are not what a lease speaks of. */
static int64_t file_status(struct open_file *open, struct stat *status)
{
        struct said said;
        unsigned tries = 0;
        outcome_t outcome;
        do
                outcome =
                    file_stat(open->right, RT_DEADLINE, &said.kind, &said.size, &said.identity,
                              &said.modified, &said.attributes, &said.accessed, &said.changed);
        while (file_again(open, outcome, &tries));
        if (outcome == OUTCOME_OK)
                status_fill(status, &said);
        return file_error(outcome);
}

/* A pipe in this process is numbered by its ring, what has a right by that, which those that it was
 * handed on to have as well, and all else by its place in the table. */
static uint64_t stream_identity(const struct open_file *open)
{
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        const handle_t right = open->kind != OPEN_CONSOLE ? 0
                               : open->right              ? open->right
                                                          : rt_handle("tty");
        if (right && sys_handle_info(right, &type, &rights, &identity) == OUTCOME_OK)
                return identity;
        return open->ring ? (uintptr_t)open->ring : (uintptr_t)open;
}

static void stream_status_fill(const struct open_file *open, struct stat *status)
{
        status->st_dev = STREAMS_DEVICE;
        status->st_ino = stream_identity(open);
        status->st_mode = (open->socket                            ? S_IFSOCK
                           : open->pipe || open->kind == OPEN_PIPE ? S_IFIFO
                                                                   : S_IFCHR) |
                          0666;
}

int64_t linux_fstat(int file, void *to)
{
        struct open_file *open = open_file_of(file);
        struct stat *status = to;
        if (!open)
                return -EBADF;
        if (open->kind == OPEN_LOST)
                return -ESTALE;
        if (made_device_status(open, status))
                return 0;
        if (open_file_has_server(open))
                return file_status(open, status);
        root_status_fill(status, 0);
        if (open->kind == OPEN_FOLDER)
                status->st_ino = open->identity ? open->identity : ROOT_IDENTITY;
        else if (open->kind == OPEN_TEXT)
                status_fill(status, &(struct said){.kind = FS_FILE,
                                                   .size = open->text->length,
                                                   .identity = open->identity,
                                                   .attributes = 1 << FS_MODE_BITS | 0444});
        else
                stream_status_fill(open, status);
        return 0;
}

int64_t linux_stat(int directory, const char *path, void *status, int flags)
{
        char joined[JOINED_MAX];
        struct service_path to;
        struct said said;
        struct made made;
        outcome_t outcome;
        if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
                return -EINVAL;
        if (!*path && flags & AT_EMPTY_PATH) {
                if (directory != AT_FDCWD)
                        return linux_fstat(directory, status);
                path = ".";
        }
        const bool follow = !(flags & AT_SYMLINK_NOFOLLOW);
        int64_t error = path_lead(directory, path, follow, joined, &made, &to);
        if (!error && to.made)
                return made_status(&made, status);
        if (!error && !to.right)
                root_status_fill(status, ROOT_IDENTITY);
        if (error || !to.right)
                return error;
        do
                outcome = fs_stat(to.right, RT_DEADLINE, to.path, to.length, follow, &said.kind,
                                  &said.size, &said.identity, &said.modified, &said.attributes,
                                  &said.accessed, &said.changed);
        while (path_again(&to, outcome));
        error = path_result(outcome);
        if (!error)
                status_fill(status, &said);
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
        outcome_t outcome;
        if (flags)
                return flags == AT_SYMLINK_NOFOLLOW ? -EOPNOTSUPP : -EINVAL;
        int64_t error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        do
                outcome = fs_chmod(to.right, RT_DEADLINE, to.path, to.length, mode);
        while (path_again(&to, outcome));
        return path_result(outcome);
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

enum { BLOCK = 4096, TMPFS_MAGIC = 0x1021994, ACCESS_RELATIVE = 1 << 12 /* ST_RELATIME */ };

static void space_fill(uint64_t used, uint64_t limit, uint64_t device, struct statfs *status)
{
        bytes_zero(status, sizeof *status);
        status->f_type = TMPFS_MAGIC;
        status->f_bsize = status->f_frsize = BLOCK;
        status->f_blocks = limit / BLOCK;
        status->f_bfree = status->f_bavail = used < limit ? (limit - used) / BLOCK : 0;
        status->f_namelen = FS_NAME_MAX;
        status->f_flags = ACCESS_RELATIVE;
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

/* Whole seconds, and which of them (enum fs_times); now is the server's. */
struct times {
        uint64_t which, accessed, modified;
};

static int64_t times_wanted(const struct timespec times[2], struct times *wanted)
{
        static const struct {
                uint64_t given, now;
        } flags[] = {{FS_TIMES_ACCESSED, FS_TIMES_ACCESSED_NOW},
                     {FS_TIMES_MODIFIED, FS_TIMES_MODIFIED_NOW}};
        *wanted = (struct times){.which = times ? 0 : flags[0].now | flags[1].now};
        for (int i = 0; times && i < 2; i++) {
                const int64_t part = times[i].tv_nsec;
                if (part == UTIME_NOW)
                        wanted->which |= flags[i].now;
                else if (part >= 0 && (uint64_t)part < RT_SECOND)
                        wanted->which |= flags[i].given;
                else if (part != UTIME_OMIT)
                        return -EINVAL;
        }
        wanted->accessed = times ? (uint64_t)times[0].tv_sec : 0;
        wanted->modified = times ? (uint64_t)times[1].tv_sec : 0;
        return 0;
}

static int64_t file_times_set(int file, const struct times *wanted)
{
        struct open_file *open = open_file_of(file);
        unsigned tries = 0;
        outcome_t outcome;
        if (!open)
                return -EBADF;
        if (!open_file_has_server(open))
                return -EROFS;
        do
                outcome = file_times(open->right, RT_DEADLINE, wanted->which, wanted->accessed,
                                     wanted->modified);
        while (file_again(open, outcome, &tries));
        return file_error(outcome);
}

int64_t linux_utimensat(int directory, const char *path, const void *times, int flags)
{
        char joined[JOINED_MAX];
        struct service_path to;
        struct times wanted;
        outcome_t outcome;
        if (flags & ~AT_SYMLINK_NOFOLLOW || (!path && flags))
                return -EINVAL;
        int64_t error = times_wanted(times, &wanted);
        if (error || !wanted.which)
                return error;
        if (!path)
                return file_times_set(directory, &wanted);
        error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        do
                outcome = fs_times(to.right, RT_DEADLINE, to.path, to.length,
                                   !(flags & AT_SYMLINK_NOFOLLOW), wanted.which, wanted.accessed,
                                   wanted.modified);
        while (path_again(&to, outcome));
        return path_result(outcome);
}
