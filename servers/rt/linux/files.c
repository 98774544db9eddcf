/* Descriptors and open files. Reading and writing of files goes to their own right; what is written
 * to the console goes to the handle `stdout` or `tty`, or else to the log. */
#include "servers/rt/linux/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "servers/proto/file.h"
#include "servers/proto/fs.h"
#include "servers/proto/tty.h"
#include "servers/rt/bytes.h"
#include "servers/rt/log.h"
#include "servers/rt/memory.h"
#include "servers/rt/random.h"
#include "servers/rt/startup.h"

enum { TTY_CHUNK = 4096, VECTORS_MAX = 1024 };

static struct {
        uint8_t descriptors[OPEN_FILES]; /* index into `files` + 1; 0: free */
        struct open_file files[OPEN_FILES];
} table = {
    .descriptors = {1, 1, 1},
    .files = {{.kind = OPEN_CONSOLE, .references = 3, .flags = O_RDWR}},
};

uint64_t file_deadline(void)
{
        return RT_DEADLINE;
}

struct open_file *open_file_of(int descriptor)
{
        if (descriptor < 0 || descriptor >= OPEN_FILES || !table.descriptors[descriptor])
                return NULL;
        return &table.files[table.descriptors[descriptor] - 1];
}

static int descriptor_find(int at_least)
{
        for (int i = at_least < 0 ? 0 : at_least; i < OPEN_FILES; i++)
                if (!table.descriptors[i])
                        return i;
        return -1;
}

/* A new descriptor for a new open file, all zero but for its kind: its number, or a negated errno.
 */
static int64_t open_file_new(enum open_kind kind, struct open_file **file)
{
        int descriptor = descriptor_find(0);
        unsigned i = 0;
        while (i < OPEN_FILES && table.files[i].kind != OPEN_NONE)
                i++;
        if (descriptor < 0 || i == OPEN_FILES)
                return -EMFILE;
        table.files[i] = (struct open_file){.kind = (uint8_t)kind, .references = 1};
        table.descriptors[descriptor] = (uint8_t)(i + 1);
        *file = &table.files[i];
        return descriptor;
}

int64_t linux_close(int file)
{
        struct open_file *open = open_file_of(file);
        if (!open)
                return -EBADF;
        table.descriptors[file] = 0;
        if (--open->references)
                return 0;
        if (open->right)
                sys_handle_close(open->right);
        if (open->folder)
                rt_memory_free(open->folder, sizeof *open->folder);
        open->kind = OPEN_NONE;
        return 0;
}

int64_t linux_dup(int file, int at_least)
{
        struct open_file *open = open_file_of(file);
        int to = descriptor_find(at_least);
        if (!open)
                return -EBADF;
        if (to < 0)
                return -EMFILE;
        table.descriptors[to] = table.descriptors[file];
        open->references++;
        return to;
}

int64_t linux_dup2(int file, int to)
{
        struct open_file *open = open_file_of(file);
        if (!open || to < 0 || to >= OPEN_FILES)
                return -EBADF;
        if (file == to)
                return to;
        linux_close(to);
        table.descriptors[to] = table.descriptors[file];
        open->references++;
        return to;
}

/* ---- opening -------------------------------------------------------------------------------- */

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
        if (flags & O_TRUNC && access != O_RDONLY)
                out |= FS_OPEN_TRUNCATE;
        return out;
}

static int64_t open_device(const char *path)
{
        struct open_file *open;
        if (string_equal(path, "/dev/null"))
                return open_file_new(OPEN_NULL, &open);
        if (string_equal(path, "/dev/urandom") || string_equal(path, "/dev/random"))
                return open_file_new(OPEN_RANDOM, &open);
        if (string_equal(path, "/dev/tty"))
                return open_file_new(OPEN_CONSOLE, &open);
        return -ENOENT;
}

/* The folder's path is kept: readdir and the …at calls begin there. */
static int64_t folder_begin(struct open_file *open, int directory, const char *path)
{
        char joined[JOINED_MAX];
        size_t length;
        int64_t error = path_join(directory, path, joined, &length);
        if (error)
                return error;
        if (length > sizeof open->folder->path)
                return -ENAMETOOLONG;
        if (rt_memory_allocate(sizeof *open->folder, (void **)&open->folder) != OUTCOME_OK)
                return -ENOMEM;
        bytes_copy(open->folder->path, joined, length);
        open->folder->path_length = length;
        return 0;
}

int64_t linux_openat(int directory, const char *path, int flags)
{
        char joined[JOINED_MAX];
        struct service_path to;
        struct open_file *open;
        uint64_t kind;
        int64_t device = open_device(path);
        if (device != -ENOENT)
                return device;
        int64_t error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        int64_t descriptor = open_file_new(OPEN_FILE, &open);
        if (descriptor < 0)
                return descriptor;
        open->flags = flags;
        outcome_t outcome = fs_open(to.right, file_deadline(), to.path, to.length,
                                    open_flags(flags), &open->right, NULL, &kind);
        error = path_result(outcome);
        if (!error && kind == FS_FOLDER) {
                open->kind = OPEN_FOLDER;
                error = folder_begin(open, directory, path);
        } else if (!error && flags & O_DIRECTORY) {
                error = -ENOTDIR;
        }
        if (error)
                linux_close((int)descriptor);
        return error ? error : descriptor;
}

/* ---- the console ---------------------------------------------------------------------------- */

static handle_t console_output(void)
{
        handle_t out = rt_handle("stdout");
        return out ? out : rt_handle("tty");
}

static int64_t console_write(const uint8_t *from, uint64_t count)
{
        handle_t out = console_output();
        uint64_t done = 0;
        if (!out) {
                rt_log_bytes(from, count);
                return (int64_t)count;
        }
        while (done < count) {
                uint64_t part = count - done < TTY_CHUNK ? count - done : TTY_CHUNK, written = 0;
                outcome_t outcome = tty_write(out, file_deadline(), from + done, part, &written);
                if (outcome != OUTCOME_OK)
                        return done ? (int64_t)done : linux_error(outcome);
                done += written < part ? written : part;
        }
        return (int64_t)done;
}

/* Waits as long as a person takes to type. */
static int64_t console_read(uint8_t *to, uint64_t count)
{
        handle_t in = rt_handle("stdin");
        size_t length = 0;
        uint64_t lost = 0;
        if (!in)
                in = rt_handle("tty");
        if (!in || !count)
                return 0;
        uint64_t part = count < TTY_CHUNK ? count : TTY_CHUNK;
        outcome_t outcome = tty_read(in, TIME_NEVER, part, to, part, &length, &lost);
        if (outcome == OUTCOME_OK && lost > 0)
                return -EIO;
        return outcome == OUTCOME_OK ? (int64_t)length : linux_error(outcome);
}

/* ---- files ---------------------------------------------------------------------------------- */

static int64_t file_read_at(const struct open_file *open, uint8_t *to, uint64_t count,
                            uint64_t offset)
{
        uint64_t done = 0;
        while (done < count) {
                uint64_t part = count - done < FS_CHUNK_MAX ? count - done : FS_CHUNK_MAX;
                size_t length = 0;
                outcome_t outcome = file_read(open->right, file_deadline(), offset + done, part,
                                              to + done, part, &length);
                if (outcome != OUTCOME_OK)
                        return done ? (int64_t)done : linux_error(outcome);
                done += length;
                if (length < part)
                        break;
        }
        return (int64_t)done;
}

/* *offset: where to write, and then behind what was written. */
static int64_t file_write_at(const struct open_file *open, const uint8_t *from, uint64_t count,
                             uint64_t *offset)
{
        uint64_t done = 0;
        while (done < count) {
                uint64_t part = count - done < FS_CHUNK_MAX ? count - done : FS_CHUNK_MAX;
                uint64_t written = part;
                outcome_t outcome =
                    open->flags & O_APPEND
                        ? file_append(open->right, file_deadline(), from + done, part, offset)
                        : file_write(open->right, file_deadline(), *offset, from + done, part,
                                     &written);
                if (outcome != OUTCOME_OK)
                        return done ? (int64_t)done : linux_error(outcome);
                written = written < part ? written : part;
                *offset += written;
                done += written;
        }
        return (int64_t)done;
}

static int64_t read_at(struct open_file *open, void *to, uint64_t count, uint64_t *offset)
{
        int64_t done = 0;
        switch (open->kind) {
        case OPEN_CONSOLE:
                return console_read(to, count);
        case OPEN_NULL:
                return 0;
        case OPEN_RANDOM:
                done = linux_getrandom(to, count);
                return done == -ENOSYS ? -EIO : done;
        case OPEN_FOLDER:
                return -EISDIR;
        default:
                if ((open->flags & O_ACCMODE) == O_WRONLY)
                        return -EBADF;
                done = file_read_at(open, to, count, *offset);
                if (done > 0)
                        *offset += (uint64_t)done;
                return done;
        }
}

static int64_t write_at(struct open_file *open, const void *from, uint64_t count, uint64_t *offset)
{
        switch (open->kind) {
        case OPEN_CONSOLE:
                return console_write(from, count);
        case OPEN_FILE:
                if ((open->flags & O_ACCMODE) == O_RDONLY)
                        return -EBADF;
                return file_write_at(open, from, count, offset);
        case OPEN_FOLDER:
                return -EBADF;
        default:
                return (int64_t)count;
        }
}

int64_t linux_read(int file, void *to, uint64_t count)
{
        struct open_file *open = open_file_of(file);
        return open ? read_at(open, to, count, &open->offset) : -EBADF;
}

int64_t linux_write(int file, const void *from, uint64_t count)
{
        struct open_file *open = open_file_of(file);
        return open ? write_at(open, from, count, &open->offset) : -EBADF;
}

int64_t linux_pread(int file, void *to, uint64_t count, uint64_t offset)
{
        struct open_file *open = open_file_of(file);
        return open ? read_at(open, to, count, &offset) : -EBADF;
}

int64_t linux_pwrite(int file, const void *from, uint64_t count, uint64_t offset)
{
        struct open_file *open = open_file_of(file);
        return open ? write_at(open, from, count, &offset) : -EBADF;
}

/* One after the other; ends at the first that is not done as a whole. */
static int64_t vectors_do(int file, const struct iovec *vector, uint64_t count, bool writes)
{
        int64_t done = 0;
        for (uint64_t i = 0; i < count && i < VECTORS_MAX; i++) {
                uint64_t length = vector[i].iov_len;
                int64_t part = writes ? linux_write(file, vector[i].iov_base, length)
                                      : linux_read(file, vector[i].iov_base, length);
                if (part < 0)
                        return done ? done : part;
                done += part;
                if ((uint64_t)part < length)
                        break;
        }
        return done;
}

int64_t linux_readv(int file, const void *vectors, uint64_t count)
{
        return vectors_do(file, vectors, count, false);
}

/* A line that libc hands over in two pieces is to be one line of the log. */
static int64_t console_writev(const struct iovec *vector, uint64_t count)
{
        uint8_t line[RT_LOG_LINE] = {0};
        uint64_t length = 0;
        for (uint64_t i = 0; i < count; i++) {
                if (vector[i].iov_len > sizeof line - length)
                        return -1;
                bytes_copy(line + length, vector[i].iov_base, vector[i].iov_len);
                length += vector[i].iov_len;
        }
        return console_write(line, length);
}

int64_t linux_writev(int file, const void *vectors, uint64_t count)
{
        const struct open_file *open = open_file_of(file);
        if (open && open->kind == OPEN_CONSOLE && count <= 8) {
                int64_t done = console_writev(vectors, count);
                if (done >= 0)
                        return done;
        }
        return vectors_do(file, vectors, count, true);
}

static int64_t file_size(const struct open_file *open, uint64_t *size)
{
        return linux_error(file_stat(open->right, file_deadline(), NULL, size, NULL, NULL));
}

int64_t linux_lseek(int file, int64_t offset, int whence)
{
        struct open_file *open = open_file_of(file);
        uint64_t base = 0;
        if (!open)
                return -EBADF;
        if (open->kind == OPEN_CONSOLE)
                return -ESPIPE;
        if (open->kind == OPEN_FOLDER) {
                if (offset || whence != SEEK_SET)
                        return -EINVAL;
                open->folder->position = open->folder->after_length = 0;
                open->folder->records_length = open->folder->records_at = 0;
                open->folder->ended = false;
                return 0;
        }
        if (whence == SEEK_CUR)
                base = open->offset;
        else if (whence == SEEK_END && open->kind == OPEN_FILE && file_size(open, &base))
                return -EIO;
        else if (whence != SEEK_SET && whence != SEEK_END)
                return -EINVAL;
        int64_t to;
        if (__builtin_add_overflow((int64_t)base, offset, &to) || to < 0)
                return -EINVAL;
        open->offset = (uint64_t)to;
        return to;
}

int64_t linux_fcntl(int file, int command, uint64_t argument)
{
        struct open_file *open = open_file_of(file);
        if (!open)
                return -EBADF;
        switch (command) {
        case F_DUPFD:
        case F_DUPFD_CLOEXEC:
                return linux_dup(file, (int)argument);
        case F_GETFD:
        case F_SETFD: /* there is no exec */
                return 0;
        case F_GETFL:
                return open->flags & (O_ACCMODE | O_APPEND);
        case F_SETFL:
                open->flags = (open->flags & ~O_APPEND) | ((int)argument & O_APPEND);
                return 0;
        default:
                return -EINVAL;
        }
}

/* The console says that it is a terminal, so that libc writes line by line. */
int64_t linux_ioctl(int file, uint64_t command, uint64_t argument)
{
        struct open_file *open = open_file_of(file);
        if (!open)
                return -EBADF;
        if (open->kind != OPEN_CONSOLE || command != TIOCGWINSZ)
                return -ENOTTY;
        *(struct winsize *)argument = (struct winsize){.ws_row = 24, .ws_col = 80};
        return 0;
}

int64_t linux_ftruncate(int file, uint64_t size)
{
        struct open_file *open = open_file_of(file);
        if (!open)
                return -EBADF;
        if (open->kind != OPEN_FILE)
                return -EINVAL;
        return linux_error(file_truncate(open->right, file_deadline(), size));
}

int64_t linux_fsync(int file)
{
        struct open_file *open = open_file_of(file);
        if (!open)
                return -EBADF;
        return open->kind == OPEN_FILE ? linux_error(file_sync(open->right, file_deadline())) : 0;
}

void status_fill(void *to, uint64_t kind, uint64_t size, uint64_t identity, uint64_t modified)
{
        struct stat *status = to;
        bytes_zero(status, sizeof *status);
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

int64_t linux_fstat(int file, void *status)
{
        struct open_file *open = open_file_of(file);
        uint64_t kind = 0, size = 0, identity = 0, modified = 0;
        if (!open)
                return -EBADF;
        if (open->kind == OPEN_FILE || open->kind == OPEN_FOLDER) {
                outcome_t outcome =
                    file_stat(open->right, file_deadline(), &kind, &size, &identity, &modified);
                if (outcome != OUTCOME_OK)
                        return linux_error(outcome);
        }
        status_fill(status, kind, size, identity, modified);
        if (open->kind != OPEN_FILE && open->kind != OPEN_FOLDER)
                ((struct stat *)status)->st_mode = S_IFCHR | 0666;
        return 0;
}
