/* Operations on names in folders: links, making folders, removing, renaming. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "servers/proto/fs.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/made.h"
#include "servers/rt/linux/paths.h"
#include "servers/rt/start/startup.h"

int64_t linux_readlink(int directory, const char *path, char *to, uint64_t bytes)
{
        char joined[JOINED_MAX], target[FS_PATH_MAX];
        struct service_path at;
        struct made made;
        size_t length;
        int64_t error = (int)bytes > 0 ? path_resolve(directory, path, joined, &at) : -EINVAL;
        if (error == -EROFS)
                return made_find(joined, &made) ? made_readlink(&made, to, bytes) : -EINVAL;
        if (error)
                return error;
        error = path_result(
            fs_readlink(at.right, RT_DEADLINE, at.path, at.length, target, sizeof target, &length));
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
        int64_t error = *target ? path_resolve(directory, path, joined, &to) : -ENOENT;
        if (error)
                return error;
        return path_result(
            fs_symlink(to.right, RT_DEADLINE, target, string_length(target), to.path, to.length));
}

int64_t linux_mkdir(int directory, const char *path, unsigned mode)
{
        char joined[JOINED_MAX];
        struct service_path to;
        struct stat there;
        int64_t error = path_resolve(directory, path, joined, &to);
        if (error == -EROFS && !linux_stat(directory, path, &there, AT_SYMLINK_NOFOLLOW))
                return -EEXIST;
        if (error)
                return error;
        return path_result(fs_mkdir(to.right, RT_DEADLINE, to.path, to.length, mode_masked(mode)));
}

/* What is wrong with a path that ends with no name of its own, as "." and "/" do, for who would
 * remove it: unlink(2), rmdir(2). */
static int64_t last_check(const char *path, bool folder)
{
        size_t end = string_length(path);
        while (end && path[end - 1] == '/')
                end--;
        size_t start = end;
        while (start && path[start - 1] != '/')
                start--;
        const size_t length = end - start;
        const bool dots = length && length <= 2 && path[start] == '.' && path[end - 1] == '.';
        if (!*path || (length && !dots))
                return 0;
        return !folder ? -EISDIR : !length ? -EBUSY : length == 1 ? -EINVAL : -ENOTEMPTY;
}

int64_t linux_unlink(int directory, const char *path, int flags)
{
        char joined[JOINED_MAX];
        struct service_path to;
        int64_t error = flags & ~AT_REMOVEDIR ? -EINVAL : last_check(path, flags & AT_REMOVEDIR);
        if (!error)
                error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        outcome_t outcome = flags & AT_REMOVEDIR
                                ? fs_rmdir(to.right, RT_DEADLINE, to.path, to.length)
                                : fs_unlink(to.right, RT_DEADLINE, to.path, to.length);
        return path_result(outcome);
}

struct place {
        char joined[JOINED_MAX];
        struct service_path at;
};

/* Two places of one service; -EXDEV: they are of two. */
static int64_t places_find(int from_directory, const char *from, struct place *old,
                           int to_directory, const char *to, struct place *new)
{
        int64_t error = path_resolve(from_directory, from, old->joined, &old->at);
        if (!error)
                error = path_resolve(to_directory, to, new->joined, &new->at);
        if (error)
                return error;
        const size_t service = (size_t)(old->at.path - old->joined);
        return service == (size_t)(new->at.path - new->joined) &&
                       bytes_equal(old->joined, new->joined, service)
                   ? 0
                   : -EXDEV;
}

int64_t linux_rename(int from_directory, const char *from, int to_directory, const char *to)
{
        struct place old, new;
        int64_t error = places_find(from_directory, from, &old, to_directory, to, &new);
        if (error)
                return error;
        return path_result(fs_rename(old.at.right, RT_DEADLINE, old.at.path, old.at.length,
                                     new.at.path, new.at.length));
}

int64_t linux_link(int from_directory, const char *from, int to_directory, const char *to,
                   int flags)
{
        struct place old, new;
        if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
                return -EINVAL;
        int64_t error = places_find(from_directory, from, &old, to_directory, to, &new);
        if (error)
                return error;
        outcome_t outcome = fs_link(old.at.right, RT_DEADLINE, old.at.path, old.at.length,
                                    new.at.path, new.at.length);
        return outcome_reason(outcome) == REASON_NO_METHOD ? -EPERM : path_result(outcome);
}

/* ---- the current folder ---------------------------------------------------------------------- */

/* As the program would say it, without a slash in front. At first it is what the spawner said to
 * the layer (start/linux.c), or the root. */
static struct {
        bool begun;
        char path[FS_PATH_MAX];
} folder;

const char *current_folder(void)
{
        const struct startup *startup = rt_startup();
        if (!folder.begun && startup && startup->program.entry) {
                const char *first = startup_argument(startup, 1);
                string_set(folder.path, sizeof folder.path, first ? slashes_skip(first) : "");
        }
        folder.begun = true;
        return folder.path;
}

void path_tidy(char *path)
{
        size_t out = 0;
        for (const char *at = slashes_skip(path); *at; at = slashes_skip(at)) {
                size_t length = 0;
                while (at[length] && at[length] != '/')
                        length++;
                if (length == 2 && at[0] == '.' && at[1] == '.') {
                        while (out && path[--out] != '/')
                                ;
                } else {
                        if (out)
                                path[out++] = '/';
                        for (size_t i = 0; i < length; i++)
                                path[out++] = at[i];
                }
                at += length;
        }
        path[out] = 0;
}

bool path_tidied(const char *path, char *to, size_t size)
{
        bool fits = string_set(to, size, path);
        path_tidy(to);
        return fits;
}

static int64_t folder_check(const char *path)
{
        struct stat status;
        int64_t error = linux_stat(AT_FDCWD, path, &status, 0);
        return error || S_ISDIR(status.st_mode) ? error : -ENOTDIR;
}

static int64_t folder_enter(char joined[JOINED_MAX])
{
        char absolute[JOINED_MAX + 1] = "/";
        path_tidy(joined);
        if (string_length(joined) >= sizeof folder.path)
                return -ENAMETOOLONG;
        string_set(absolute + 1, JOINED_MAX, joined);
        /* The root is there, though no service has it. */
        int64_t error = *joined ? folder_check(absolute) : 0;
        if (error)
                return error;
        folder.begun = true;
        string_set(folder.path, sizeof folder.path, joined);
        return 0;
}

int64_t linux_chdir(int directory, const char *path)
{
        char joined[JOINED_MAX];
        size_t length;
        if (!*path)
                return -ENOENT;
        int64_t error = path_join(directory, path, joined, &length);
        return error ? error : folder_enter(joined);
}

int64_t linux_fchdir(int file)
{
        struct open_file *open = open_file_of(file);
        char joined[JOINED_MAX];
        if (!open)
                return -EBADF;
        if (open->kind != OPEN_FOLDER)
                return -ENOTDIR;
        bytes_copy(joined, open->folder->path, open->folder->path_length);
        joined[open->folder->path_length] = 0;
        return folder_enter(joined);
}

int64_t linux_getcwd(char *to, uint64_t bytes)
{
        const char *path = current_folder();
        size_t length = string_length(path);
        if (bytes < length + 2)
                return -ERANGE;
        to[0] = '/';
        bytes_copy(to + 1, path, length + 1);
        return (int64_t)length + 2;
}
