/* Opening files, where they are read and written, how long they are. What is done with an open file
 * goes to the file's own right. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "servers/proto/file.h"
#include "servers/proto/fs.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/made.h"
#include "servers/rt/linux/paths.h"
#include "servers/rt/linux/reopen.h"
#include "servers/rt/task/held.h"
#include "servers/rt/task/memory.h"

/* ---- opening -------------------------------------------------------------------------------- */

/* What a file or folder that the process makes is not to have of its mode: umask(2). */
static struct {
        unsigned bits;
} mask = {S_IWGRP | S_IWOTH};

int64_t linux_umask(unsigned mode)
{
        const unsigned old = mask.bits;
        mask.bits = mode & (S_IRWXU | S_IRWXG | S_IRWXO);
        return old;
}

unsigned mode_mask(void)
{
        return mask.bits;
}

unsigned mode_masked(unsigned mode)
{
        return mode & ~mask.bits & FS_MODE_MASK;
}

/* Whether they are to make a file without a name in a folder. */
static bool is_nameless(int flags)
{
        return (flags & O_TMPFILE) == O_TMPFILE;
}

static uint64_t open_flags(int flags)
{
        uint64_t out = 0;
        int access = flags & O_ACCMODE;
        if (access == O_RDONLY || access == O_RDWR)
                out |= FS_OPEN_READ;
        if (access == O_WRONLY || access == O_RDWR)
                out |= FS_OPEN_WRITE;
        if (flags & O_CREAT)
                out |= FS_OPEN_CREATE;
        if (flags & O_EXCL)
                out |= FS_OPEN_EXCLUSIVE;
        if (flags & O_TRUNC) /* also of who only reads it then */
                out |= FS_OPEN_TRUNCATE | FS_OPEN_WRITE;
        if (flags & O_NOFOLLOW)
                out |= FS_OPEN_NO_FOLLOW;
        if (flags & O_NOATIME)
                out |= FS_OPEN_UNNOTED;
        if (is_nameless(flags))
                out |= FS_OPEN_NAMELESS;
        return out | FS_OPEN_ATTRIBUTES;
}

/* A folder to be read by its descriptor. Its path is kept of one that no file service has. */
static int64_t folder_begin(struct open_file *open, const char *joined)
{
        const size_t length = folder_is_served(open) ? 0 : string_length(joined);
        if (length > sizeof open->folder->path)
                return -ENAMETOOLONG;
        if (rt_memory_allocate(sizeof *open->folder, (void **)&open->folder) != OUTCOME_OK)
                return -ENOMEM;
        bytes_copy(open->folder->path, joined, length);
        open->folder->path_length = length;
        return 0;
}

/* Flags that are not known, or would be taken for what they are not: a file that is not to be
 * opened, or not through a cache, or that signals. */
static int64_t flags_check(int flags)
{
        enum { LARGE_FILE = 0100000 }; /* open(2): of every file */
        const int known = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND |
                          O_NONBLOCK | O_SYNC | LARGE_FILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME |
                          O_CLOEXEC;
        if (is_nameless(flags) && ((flags & O_ACCMODE) == O_RDONLY || flags & (O_CREAT | O_TRUNC)))
                return -EINVAL;
        if (is_nameless(flags))
                flags &= ~O_TMPFILE;
        return flags & ~known || (flags & O_ACCMODE) == O_ACCMODE ||
                       (flags & O_CREAT && flags & O_DIRECTORY)
                   ? -EINVAL
                   : 0;
}

/* The root is no service's. */
static int64_t root_open(int flags)
{
        struct open_file *open;
        if ((flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT)
                return -EISDIR;
        int64_t descriptor = open_file_new(OPEN_FOLDER, &open);
        if (descriptor < 0)
                return descriptor;
        open->flags = flags;
        if (rt_memory_allocate(sizeof *open->folder, (void **)&open->folder) == OUTCOME_OK)
                return descriptor;
        linux_close((int)descriptor);
        return -ENOMEM;
}

/* ---- confined paths -------------------------------------------------------------------------- */

/* openat2(2): how a path is confined. */
enum {
        RESOLVE_NO_XDEV = 1,
        RESOLVE_NO_MAGICLINKS = 2,
        RESOLVE_NO_SYMLINKS = 4,
        RESOLVE_BENEATH = 8,
        RESOLVE_IN_ROOT = 16,
        RESOLVE_CACHED = 32,
        RESOLVE_KNOWN = 63,
};

/* What the file server is asked for, which alone can tell where a path leads: flags of an open. A
 * folder that no file server has confines nobody (EINVAL); where links may lead elsewhere nobody
 * can say that they do not (RESOLVE_NO_XDEV alone: EINVAL). What the layer has are links that lead
 * anywhere. */
static int64_t path_confine(int directory, const char *path, unsigned resolve, uint64_t *confined)
{
        const bool stays = resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT);
        char joined[JOINED_MAX];
        struct service_path from, to;
        struct made made;
        int64_t error = path_lead(directory, *path == '/' ? "/" : ".", false, joined, &made, &from);
        if (!error)
                error = path_lead(directory, path, false, joined, &made, &to);
        if (error)
                return error;
        if (stays && !from.folder)
                return -EINVAL;
        if (resolve & RESOLVE_NO_XDEV && !stays && !(resolve & RESOLVE_NO_SYMLINKS))
                return -EINVAL;
        if (resolve & RESOLVE_NO_XDEV && (from.made != to.made || !from.right != !to.right ||
                                          !string_equal(from.service, to.service)))
                return -EXDEV;
        const bool leads = to.made && (made.kind == MADE_LINK || made.kind == MADE_DESCRIPTOR);
        if (leads && resolve & (RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS))
                return -ELOOP;
        if (to.right && *to.service) /* elsewhere are no links */
                *confined = (resolve & RESOLVE_NO_SYMLINKS ? FS_OPEN_NO_LINKS : 0) |
                            (resolve & RESOLVE_BENEATH ? FS_OPEN_BENEATH : 0) |
                            (resolve & RESOLVE_IN_ROOT ? FS_OPEN_IN_ROOT : 0);
        return 0;
}

/* ---- what is there --------------------------------------------------------------------------- */

/* Opens what a path leads to as *open, which is new; confined: of FS_OPEN_CONFINED. */
static int64_t path_open(struct service_path *to, struct open_file *open, int flags, unsigned mode,
                         uint64_t confined)
{
        outcome_t outcome;
        uint64_t kind;
        open->flags = flags;
        do
                outcome = reader_open(&open->reader, to->right, to->path, to->length,
                                      open_flags(flags) | confined, mode & FS_MODE_MASK,
                                      &open->right, &kind);
        while (path_again(to, outcome));
        open->identity = open->reader.identity;
        open->device = fs_device(open->reader.attributes);
        string_set(open->service, sizeof open->service, to->service);
        const int64_t error = path_result(outcome);
        if (error)
                return error == -EAGAIN ? -ENFILE : error; /* it has its share of open files */
        if (kind == FS_FOLDER)
                open->kind = OPEN_FOLDER;
        else if (flags & O_DIRECTORY && !is_nameless(flags))
                return -ENOTDIR;
        return 0;
}

int64_t folder_open_at(struct service_path *to, struct open_file **open)
{
        int64_t error;
        *open = open_file_add(OPEN_FILE, &error);
        if (!*open)
                return error;
        error = path_open(to, *open, O_RDONLY | O_DIRECTORY, 0, 0);
        if (error)
                open_file_drop(*open);
        return error;
}

/* resolve: how the path is confined, as openat2(2) has it; 0: it is not. */
static int64_t open_any(int directory, const char *path, int flags, unsigned mode, unsigned resolve)
{
        char joined[JOINED_MAX];
        struct service_path to;
        struct open_file *open;
        uint64_t confined = 0;
        struct made made;
        int64_t error = !*path ? -ENOENT : flags_check(flags);
        if (!error)
                error = resolve ? path_confine(directory, path, resolve, &confined) : 0;
        if (!error)
                error = path_lead(directory, path, !(flags & O_NOFOLLOW), joined, &made, &to);
        if (error)
                return error;
        if (!to.right && is_nameless(flags))
                return -EOPNOTSUPP;
        if (!to.right)
                return to.made ? made_open(&made, joined, flags) : root_open(flags);
        int64_t descriptor = open_file_new(OPEN_FILE, &open);
        if (descriptor < 0)
                return descriptor;
        error = path_open(&to, open, flags, mode, confined);
        if (error == -EACCES && confined & FS_OPEN_BENEATH)
                error = -EXDEV;
        if (!error && open->kind == OPEN_FOLDER)
                error = folder_begin(open, joined);
        if (error)
                linux_close((int)descriptor);
        return error ? error : descriptor;
}

int64_t linux_openat(int directory, const char *path, int flags, unsigned mode)
{
        int64_t descriptor = open_any(directory, path, flags, mode_masked(mode), 0);
        if (descriptor >= 0)
                descriptor_close_on_exec((int)descriptor, flags & O_CLOEXEC);
        return descriptor;
}

/* openat2(2), by <linux/openat2.h>. What is in a cache alone (RESOLVE_CACHED) never is. */
int64_t linux_openat2(int directory, const char *path, const uint64_t *how, uint64_t bytes)
{
        enum { FLAGS, MODE, RESOLVE, WORDS, MODE_MOST = 07777 };
        if (bytes < WORDS * sizeof *how)
                return -EINVAL;
        if (bytes > PAGE_SIZE)
                return -E2BIG;
        for (uint64_t i = WORDS * sizeof *how; i < bytes; i++)
                if (((const uint8_t *)how)[i])
                        return -E2BIG;
        const int flags = (int)how[FLAGS];
        const unsigned mode = (unsigned)how[MODE], resolve = (unsigned)how[RESOLVE];
        const bool makes = flags & O_CREAT || is_nameless(flags);
        if (how[FLAGS] > INT32_MAX || how[MODE] > (makes ? MODE_MOST : 0) ||
            how[RESOLVE] & ~(uint64_t)RESOLVE_KNOWN ||
            (resolve & RESOLVE_BENEATH && resolve & RESOLVE_IN_ROOT))
                return -EINVAL;
        if (resolve & RESOLVE_CACHED)
                return -EAGAIN;
        if (*path == '/' && resolve & RESOLVE_BENEATH)
                return -EXDEV;
        if (*path == '/' && resolve & RESOLVE_IN_ROOT)
                path = *slashes_skip(path) ? slashes_skip(path) : ".";
        int64_t descriptor = open_any(directory, path, flags, mode_masked(mode), resolve);
        if (descriptor >= 0)
                descriptor_close_on_exec((int)descriptor, flags & O_CLOEXEC);
        return descriptor;
}

/* memfd_create(2), by <linux/memfd.h>: a file of /dev/shm that never has a name there. Nothing can
 * be sealed, so who says that it means to is refused; so are large pages. */
int64_t linux_memfd_create(const char *name, unsigned flags)
{
        enum { CLOSE_ON_EXEC = 1, NAME_MOST = 249, MODE = 0777 };
        if (flags & ~(unsigned)CLOSE_ON_EXEC || string_length(name) > NAME_MOST)
                return -EINVAL;
        if (!path_is_memory("dev/shm"))
                return -ENOSYS; /* a component has none */
        int64_t descriptor = open_any(AT_FDCWD, "/dev/shm", O_TMPFILE | O_EXCL | O_RDWR, MODE, 0);
        if (descriptor < 0)
                return descriptor;
        open_file_of((int)descriptor)->flags = O_RDWR;
        descriptor_close_on_exec((int)descriptor, flags & CLOSE_ON_EXEC);
        return descriptor;
}

/* fcntl(2): a file that is memory has the one seal that there are no others. */
int64_t file_seals(struct open_file *open, bool adds)
{
        enum { SEALED = 1 }; /* F_SEAL_SEAL */
        if (!open_file_is_memory(open))
                return -EINVAL;
        return adds ? -EPERM : SEALED;
}

/* ---- places and sizes ------------------------------------------------------------------------ */

static int64_t file_size(struct open_file *open, uint64_t *size)
{
        unsigned tries = 0;
        outcome_t outcome;
        *size = open->reader.size;
        if (reader_knows_size(&open->reader))
                return 0;
        do
                outcome =
                    file_stat(open->right, RT_DEADLINE, NULL, size, NULL, NULL, NULL, NULL, NULL);
        while (file_again(open, outcome, &tries));
        return file_error(outcome);
}

/* Positions are counts of entries; the folder is read again up to there. */
static int64_t folder_seek(struct open_folder *folder, int64_t offset, int whence)
{
        if (whence == SEEK_CUR && offset == 0)
                return (int64_t)(folder->position > folder->skip ? folder->position : folder->skip);
        if (whence != SEEK_SET || offset < 0)
                return -EINVAL;
        folder->position = folder->after_length = 0;
        folder->records_length = folder->records_at = 0;
        folder->ended = false;
        folder->skip = (uint64_t)offset;
        return offset;
}

/* A file has no holes that anybody knows of: lseek(2) allows that. */
static int64_t data_seek(struct open_file *open, int64_t *offset, int whence)
{
        uint64_t size;
        int64_t error = open->kind == OPEN_FILE ? file_size(open, &size) : -EINVAL;
        if (error)
                return error;
        if (*offset < 0 || (uint64_t)*offset >= size)
                return -ENXIO;
        if (whence == SEEK_HOLE)
                *offset = (int64_t)size;
        return 0;
}

int64_t linux_lseek(int file, int64_t offset, int whence)
{
        struct open_file *open = open_file_of(file);
        uint64_t base = 0;
        int64_t error = 0;
        if (!open)
                return -EBADF;
        if (!open_file_has_places(open))
                return -ESPIPE;
        if (open->kind == OPEN_FOLDER)
                return folder_seek(open->folder, offset, whence);
        if (whence == SEEK_DATA || whence == SEEK_HOLE) {
                error = data_seek(open, &offset, whence);
                whence = SEEK_SET;
        }
        if (open->shared && !error)
                return shared_seek(open, offset, whence);
        if (error)
                return error;
        if (whence == SEEK_CUR)
                base = open->offset;
        else if (whence == SEEK_END && open->kind == OPEN_FILE)
                error = file_size(open, &base);
        else if (whence == SEEK_END && open->kind == OPEN_TEXT)
                base = open->text->length;
        else if (whence != SEEK_SET && whence != SEEK_END)
                error = -EINVAL;
        if (error)
                return error;
        int64_t to;
        if (__builtin_add_overflow((int64_t)base, offset, &to) || to < 0)
                return -EINVAL;
        open->offset = (uint64_t)to;
        return to;
}

int64_t linux_ftruncate(int file, uint64_t size)
{
        struct open_file *open = open_file_of(file);
        unsigned tries = 0;
        outcome_t outcome;
        if (!open)
                return -EBADF;
        if (open->kind != OPEN_FILE || size > INT64_MAX || (open->flags & O_ACCMODE) == O_RDONLY)
                return -EINVAL;
        do
                outcome = file_truncate(open->right, RT_DEADLINE, size);
        while (file_again(open, outcome, &tries));
        open->changed |= outcome == OUTCOME_OK;
        return write_error(outcome);
}

int64_t linux_truncate(const char *path, uint64_t size)
{
        int64_t file = size > INT64_MAX ? -EINVAL : linux_openat(AT_FDCWD, path, O_WRONLY, 0);
        if (file < 0)
                return file;
        int64_t error = linux_ftruncate((int)file, size);
        linux_close((int)file);
        return error;
}

int64_t linux_fsync(int file)
{
        struct open_file *open = open_file_of(file);
        unsigned tries = 0;
        outcome_t outcome;
        if (!open)
                return -EBADF;
        if (!open_file_has_server(open))
                return open->kind == OPEN_FOLDER ? 0 : -EINVAL;
        do
                outcome = file_sync(open->right, RT_DEADLINE);
        while (file_again(open, outcome, &tries));
        return file_error(outcome);
}

int64_t linux_syncfs(int file)
{
        return open_file_of(file) ? 0 : -EBADF;
}

/* Advice that nothing follows from. */
int64_t linux_fadvise(int file, int64_t bytes, int advice)
{
        const struct open_file *open = open_file_of(file);
        if (!open)
                return -EBADF;
        if (!open_file_has_places(open))
                return -ESPIPE;
        return bytes < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE ? -EINVAL : 0;
}

/* Room is not kept for anybody: libc writes zeros then. */
int64_t linux_fallocate(int file, int64_t offset, int64_t bytes)
{
        const struct open_file *open = open_file_of(file);
        if (!open || (open->flags & O_ACCMODE) == O_RDONLY)
                return -EBADF;
        if (offset < 0 || bytes <= 0)
                return -EINVAL;
        if (!open_file_has_places(open))
                return -ESPIPE;
        return open->kind == OPEN_FILE ? -EOPNOTSUPP : -ENODEV;
}

/* A file, and nothing else: there are no pipes and devices in a file server. */
int64_t linux_mknod(int directory, const char *path, unsigned mode)
{
        if ((mode & S_IFMT) && (mode & S_IFMT) != S_IFREG)
                return -EPERM;
        int64_t file = linux_openat(directory, path, O_WRONLY | O_CREAT | O_EXCL, mode);
        if (file >= 0)
                linux_close((int)file);
        return file < 0 ? file : 0;
}
