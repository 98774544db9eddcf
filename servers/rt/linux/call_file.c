/* Dispatches Linux system calls about files, as call.c does all others. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/sockets.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/linux/user.h"

/* Calls on descriptors. */
static bool file_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        int file = (int)in->a;
        switch (number) {
        case SYS_read:
                *result = linux_read(file, (void *)in->b, in->c);
                return true;
        case SYS_write:
                *result = linux_write(file, (const void *)in->b, in->c);
                return true;
        case SYS_readv:
                *result = linux_readv(file, (const void *)in->b, in->c);
                return true;
        case SYS_writev:
                *result = linux_writev(file, (const void *)in->b, in->c);
                return true;
        case SYS_pread64:
                *result = linux_pread(file, (void *)in->b, in->c, in->d);
                return true;
        case SYS_pwrite64:
                *result = linux_pwrite(file, (const void *)in->b, in->c, in->d);
                return true;
        case SYS_preadv: /* with 64 bits to a word, in->d is the whole offset */
                *result = linux_preadv(file, (const void *)in->b, in->c, in->d);
                return true;
        case SYS_pwritev:
                *result = linux_pwritev(file, (const void *)in->b, in->c, in->d);
                return true;
        case SYS_preadv2: /* -1: at the open file's own offset */
                *result = in->f            ? -EOPNOTSUPP
                          : in->d + 1 == 0 ? linux_readv(file, (const void *)in->b, in->c)
                                           : linux_preadv(file, (const void *)in->b, in->c, in->d);
                return true;
        case SYS_pwritev2:
                *result = in->f            ? -EOPNOTSUPP
                          : in->d + 1 == 0 ? linux_writev(file, (const void *)in->b, in->c)
                                           : linux_pwritev(file, (const void *)in->b, in->c, in->d);
                return true;
        case SYS_lseek:
                *result = linux_lseek(file, (int64_t)in->b, (int)in->c);
                return true;
        case SYS_close:
                *result = linux_close(file);
                return true;
        case SYS_fstat:
                *result = linux_fstat(file, (void *)in->b);
                return true;
        case SYS_getdents64:
                *result = linux_getdents(file, (void *)in->b, in->c);
                return true;
        case SYS_fcntl:
                *result = linux_fcntl(file, (int)in->b, in->c);
                return true;
        case SYS_mmap:
                *result = linux_map_file(in);
                return true;
        case SYS_flock:
                *result = linux_flock(file, (int)in->b);
                return true;
        case SYS_ioctl:
                *result = linux_ioctl(file, (uint32_t)in->b, in->c);
                return true;
        case SYS_dup:
                *result = linux_dup(file, 0, false);
                return true;
        case SYS_dup2:
                *result = linux_dup2(file, (int)in->b);
                return true;
        case SYS_dup3:
                *result = linux_dup3(file, (int)in->b, (int)in->c);
                return true;
        case SYS_close_range:
                *result = linux_close_range((unsigned)in->a, (unsigned)in->b, (unsigned)in->c);
                return true;
        case SYS_epoll_create:
                *result = file <= 0 ? -EINVAL : linux_epoll_create(0);
                return true;
        case SYS_epoll_create1:
                *result = linux_epoll_create((int)in->a);
                return true;
        case SYS_epoll_ctl:
                *result = linux_epoll_ctl(file, (int)in->b, (int)in->c, (const void *)in->d);
                return true;
        case SYS_eventfd:
                *result = linux_eventfd((unsigned)in->a, 0);
                return true;
        case SYS_eventfd2:
                *result = linux_eventfd((unsigned)in->a, (int)in->b);
                return true;
        case SYS_signalfd:
                *result = linux_signalfd(file, (const void *)in->b, in->c, 0);
                return true;
        case SYS_signalfd4:
                *result = linux_signalfd(file, (const void *)in->b, in->c, (int)in->d);
                return true;
        case SYS_timerfd_create:
                *result = linux_timerfd_create(file, (int)in->b);
                return true;
        case SYS_timerfd_settime:
                *result =
                    linux_timerfd_settime(file, (int)in->b, (const void *)in->c, (void *)in->d);
                return true;
        case SYS_timerfd_gettime:
                *result = linux_timerfd_gettime(file, (void *)in->b);
                return true;
        case SYS_pipe:
                *result = linux_pipe((int32_t *)in->a, 0);
                return true;
        case SYS_pipe2:
                *result = linux_pipe((int32_t *)in->a, (int)in->b);
                return true;
        case SYS_ftruncate:
                *result = linux_ftruncate(file, in->b);
                return true;
        case SYS_fchmod:
                *result = linux_fchmod(file, (unsigned)in->b);
                return true;
        case SYS_fchown:
                *result = linux_fchown(file, (unsigned)in->b, (unsigned)in->c);
                return true;
        case SYS_fstatfs:
                *result = linux_fstatfs(file, (void *)in->b);
                return true;
        case SYS_fchdir:
                *result = linux_fchdir(file);
                return true;
        case SYS_sendfile:
                *result = linux_sendfile(file, (int)in->b, (int64_t *)in->c, in->d);
                return true;
        case SYS_copy_file_range:
                *result = linux_copy_file_range(in);
                return true;
        case SYS_fallocate:
                *result = linux_fallocate(file, (int64_t)in->c, (int64_t)in->d);
                return true;
        case SYS_fadvise64:
                *result = linux_fadvise(file, (int64_t)in->c, (int)in->d);
                return true;
        case SYS_syncfs:
                *result = linux_syncfs(file);
                return true;
        case SYS_sync: /* what is written is with its server */
                *result = 0;
                return true;
        case SYS_fsync:
        case SYS_fdatasync:
                *result = linux_fsync(file);
                return true;
        default:
                return false;
        }
}

/* Calls by path, relative to an open folder. */
static bool path_at_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        int directory = (int)in->a;
        const char *path = (const char *)in->b;
        switch (number) {
        case SYS_openat:
                *result = linux_openat(directory, path, (int)in->c, (unsigned)in->d);
                return true;
        case LINUX_OPENAT2:
                *result = linux_openat2(directory, path, (const uint64_t *)in->c, in->d);
                return true;
        case SYS_newfstatat:
                *result = linux_stat(directory, path, (void *)in->c, (int)in->d);
                return true;
        case SYS_faccessat:
                *result = linux_access(directory, path, (int)in->c, 0);
                return true;
        case SYS_faccessat2:
                *result = linux_access(directory, path, (int)in->c, (int)in->d);
                return true;
        case SYS_fchmodat:
                *result = linux_chmod(directory, path, (unsigned)in->c, 0);
                return true;
        case LINUX_FCHMODAT2:
                *result = linux_chmod(directory, path, (unsigned)in->c, (int)in->d);
                return true;
        case SYS_fchownat:
                *result =
                    linux_chown(directory, path, (unsigned)in->c, (unsigned)in->d, (int)in->e);
                return true;
        case SYS_readlinkat:
                *result = linux_readlink(directory, path, (char *)in->c, in->d);
                return true;
        case SYS_symlinkat:
                *result = linux_symlink((const char *)in->a, (int)in->b, (const char *)in->c);
                return true;
        case SYS_mkdirat:
                *result = linux_mkdir(directory, path, (unsigned)in->c);
                return true;
        case SYS_unlinkat:
                *result = linux_unlink(directory, path, (int)in->c);
                return true;
        case SYS_execveat:
                *result = linux_execve(directory, path, (const char *const *)in->c,
                                       (const char *const *)in->d, (int)in->e);
                return true;
        case SYS_mknodat:
                *result = linux_mknod(directory, path, (unsigned)in->c);
                return true;
        case SYS_linkat:
                *result = linux_link(directory, path, (int)in->c, (const char *)in->d, (int)in->e);
                return true;
        case SYS_statx:
                *result = linux_statx(directory, path, (int)in->c, (unsigned)in->d, (void *)in->e);
                return true;
        case SYS_utimensat:
                *result = linux_utimensat(directory, path, (const void *)in->c, (int)in->d);
                return true;
        case SYS_renameat:
        case SYS_renameat2:
                *result = linux_rename(directory, path, (int)in->c, (const char *)in->d,
                                       number == SYS_renameat2 ? (unsigned)in->e : 0);
                return true;
        default:
                return false;
        }
}

/* Their older forms. */
static bool path_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        const char *path = (const char *)in->a;
        switch (number) {
        case SYS_memfd_create:
                *result = linux_memfd_create(path, (unsigned)in->b);
                return true;
        case SYS_open:
                *result = linux_openat(AT_FDCWD, path, (int)in->b, (unsigned)in->c);
                return true;
        case SYS_creat:
                *result =
                    linux_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, (unsigned)in->b);
                return true;
        case SYS_mknod:
                *result = linux_mknod(AT_FDCWD, path, (unsigned)in->b);
                return true;
        case SYS_chmod:
                *result = linux_chmod(AT_FDCWD, path, (unsigned)in->b, 0);
                return true;
        case SYS_chown:
                *result = linux_chown(AT_FDCWD, path, (unsigned)in->b, (unsigned)in->c, 0);
                return true;
        case SYS_lchown:
                *result = linux_chown(AT_FDCWD, path, (unsigned)in->b, (unsigned)in->c,
                                      AT_SYMLINK_NOFOLLOW);
                return true;
        case SYS_stat:
                *result = linux_stat(AT_FDCWD, path, (void *)in->b, 0);
                return true;
        case SYS_lstat:
                *result = linux_stat(AT_FDCWD, path, (void *)in->b, AT_SYMLINK_NOFOLLOW);
                return true;
        case SYS_access:
                *result = linux_access(AT_FDCWD, path, (int)in->b, 0);
                return true;
        case SYS_readlink:
                *result = linux_readlink(AT_FDCWD, path, (char *)in->b, in->c);
                return true;
        case SYS_symlink:
                *result = linux_symlink(path, AT_FDCWD, (const char *)in->b);
                return true;
        case SYS_mkdir:
                *result = linux_mkdir(AT_FDCWD, path, (unsigned)in->b);
                return true;
        case SYS_unlink:
                *result = linux_unlink(AT_FDCWD, path, 0);
                return true;
        case SYS_rmdir:
                *result = linux_unlink(AT_FDCWD, path, AT_REMOVEDIR);
                return true;
        case SYS_rename:
                *result = linux_rename(AT_FDCWD, path, AT_FDCWD, (const char *)in->b, 0);
                return true;
        case SYS_link:
                *result = linux_link(AT_FDCWD, path, AT_FDCWD, (const char *)in->b, 0);
                return true;
        case SYS_execve:
                *result = linux_execve(AT_FDCWD, path, (const char *const *)in->b,
                                       (const char *const *)in->c, 0);
                return true;
        case SYS_truncate:
                *result = linux_truncate(path, in->b);
                return true;
        case SYS_statfs:
                *result = linux_statfs(path, (void *)in->b);
                return true;
        case SYS_chdir:
                *result = linux_chdir(path);
                return true;
        case SYS_getcwd:
                *result = linux_getcwd((char *)in->a, in->b);
                return true;
        default:
                return false;
        }
}

/* Calls about files are made one after the other; one that waits for a pipe or a terminal gives the
 * lock back meanwhile (console.c). */
bool linux_file_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        files_lock();
        bool known = file_call(number, in, result) || path_call(number, in, result) ||
                     path_at_call(number, in, result) || linux_socket_call(number, in, result);
        files_unlock();
        return known;
}
