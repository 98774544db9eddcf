/* Operations on names in folders: links of both kinds, making folders, removing, renaming. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "servers/proto/file.h"
#include "servers/proto/fs.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/made.h"
#include "servers/rt/linux/paths.h"
#include "servers/rt/linux/reopen.h"
#include "servers/rt/message/message.h"
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

/* path_resolve() of a name that something is to get: EEXIST where nothing can be changed, and
 * something is there. */
static int64_t free_resolve(int directory, const char *path, char joined[JOINED_MAX],
                            struct service_path *to)
{
        struct stat there;
        int64_t error = path_resolve(directory, path, joined, to);
        return error == -EROFS && !linux_stat(directory, path, &there, AT_SYMLINK_NOFOLLOW)
                   ? -EEXIST
                   : error;
}

int64_t linux_mkdir(int directory, const char *path, unsigned mode)
{
        char joined[JOINED_MAX];
        struct service_path to;
        int64_t error = free_resolve(directory, path, joined, &to);
        if (error)
                return error;
        return path_result(fs_mkdir(to.right, RT_DEADLINE, to.path, to.length, mode_masked(mode)));
}

/* What is wrong with a path that ends with no name of its own, as "." and "/" do, for who would
 * remove or rename it: unlink(2), rmdir(2), rename(2). */
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

/* Whether two joined paths are of one service: what is before the path within it is the same. */
static bool same_service(const char *a_joined, const struct service_path *a, const char *b_joined,
                         const struct service_path *b)
{
        const size_t length = (size_t)(a->path - a_joined);
        return length == (size_t)(b->path - b_joined) && bytes_equal(a_joined, b_joined, length);
}

int64_t linux_rename(int from_directory, const char *from, int to_directory, const char *to,
                     unsigned flags)
{
        enum { NO_REPLACE = 1, EXCHANGE = 2 }; /* rename(2) */
        char old_joined[JOINED_MAX], new_joined[JOINED_MAX];
        struct service_path old_path, new_path;
        if (flags & ~(unsigned)(NO_REPLACE | EXCHANGE) || flags == (NO_REPLACE | EXCHANGE))
                return -EINVAL;
        const int64_t error = path_resolve(from_directory, from, old_joined, &old_path);
        const int64_t to_error = path_resolve(to_directory, to, new_joined, &new_path);
        if ((error == -EROFS && !to_error) || (!error && to_error == -EROFS))
                return -EXDEV;
        if (error || to_error)
                return error ? error : to_error;
        if (!same_service(old_joined, &old_path, new_joined, &new_path))
                return -EXDEV;
        if (last_check(from, true) || last_check(to, true))
                return -EBUSY;
        const uint64_t how = flags == NO_REPLACE ? FS_RENAME_NO_REPLACE : FS_RENAME_EXCHANGE;
        outcome_t outcome = flags
                                ? fs_rename_as(old_path.right, RT_DEADLINE, old_path.path,
                                               old_path.length, new_path.path, new_path.length, how)
                                : fs_rename(old_path.right, RT_DEADLINE, old_path.path,
                                            old_path.length, new_path.path, new_path.length);
        return path_result(outcome);
}

/* ---- more names of a file -------------------------------------------------------------------- */

static int64_t link_result(outcome_t outcome)
{
        const int64_t error = path_result(outcome);
        if (error == -EAGAIN && outcome_class(outcome) == OUTCOME_ANSWERED)
                return -EMLINK;
        if (outcome_reason(outcome) == REASON_NO_METHOD)
                return -EPERM;
        return error == -EISDIR ? -EPERM : error;
}

/* Links the file that is open as `file`. */
static int64_t link_open(int file, int to_directory, const char *to)
{
        struct open_file *open = open_file_of(file);
        char joined[JOINED_MAX];
        struct service_path path;
        unsigned tries = 0;
        outcome_t outcome;
        if (!open)
                return -EBADF;
        if (!open_file_has_server(open))
                return -EXDEV;
        do /* its server may be another one by now */
                outcome =
                    file_stat(open->right, RT_DEADLINE, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
        while (file_again(open, outcome, &tries));
        int64_t error = file_error(outcome);
        if (!error)
                error = free_resolve(to_directory, to, joined, &path);
        if (error)
                return error;
        error = link_result(
            fs_link_open(path.right, RT_DEADLINE, cap_copy(open->right), path.path, path.length));
        return error == -EINVAL ? -EXDEV : error;
}

/* Links what has that joined path, which is none of what the layer has. */
static int64_t link_path(const char *old_joined, size_t length, int to_directory, const char *to,
                         bool follow)
{
        char joined[JOINED_MAX];
        struct service_path from, path;
        int64_t error = path_service(old_joined, length, &from);
        if (!error)
                error = free_resolve(to_directory, to, joined, &path);
        if (error)
                return error;
        if (!from.right || !same_service(old_joined, &from, joined, &path))
                return -EXDEV;
        return link_result((follow ? fs_link_followed : fs_link)(
            from.right, RT_DEADLINE, from.path, from.length, path.path, path.length));
}

int64_t linux_link(int from_directory, const char *from, int to_directory, const char *to,
                   int flags)
{
        const bool follow = flags & AT_SYMLINK_FOLLOW;
        char joined[JOINED_MAX];
        struct made made;
        size_t length;
        if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
                return -EINVAL;
        if (!*from && !(flags & AT_EMPTY_PATH))
                return -ENOENT;
        if (!*from)
                return from_directory == AT_FDCWD ? -EPERM /* a folder */
                                                  : link_open(from_directory, to_directory, to);
        int64_t error = path_join(from_directory, from, joined, &length);
        if (error)
                return error;
        if (follow)
                made_follow(joined, &length);
        if (!made_find(joined, &made))
                return link_path(joined, length, to_directory, to, follow);
        if (made.kind == MADE_DESCRIPTOR && follow)
                return link_open((int)made.place, to_directory, to);
        return made.kind == MADE_NOTHING ? -ENOENT : -EXDEV;
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
