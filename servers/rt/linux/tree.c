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

int64_t linux_readlink(int directory, const char *path, char *to, uint64_t bytes)
{
        char joined[JOINED_MAX], target[FS_PATH_MAX];
        struct service_path at;
        struct made made;
        outcome_t outcome;
        size_t length;
        int64_t error =
            (int)bytes > 0 ? path_lead(directory, path, false, joined, &made, &at) : -EINVAL;
        if (error)
                return error;
        if (!at.right)
                return at.made ? made_readlink(&made, to, bytes) : -EINVAL;
        do
                outcome = fs_readlink(at.right, RT_DEADLINE, at.path, at.length, target,
                                      sizeof target, &length);
        while (path_again(&at, outcome));
        error = path_result(outcome);
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
        outcome_t outcome;
        int64_t error = *target ? path_resolve(directory, path, joined, &to) : -ENOENT;
        if (error)
                return error;
        do
                outcome = fs_symlink(to.right, RT_DEADLINE, target, string_length(target), to.path,
                                     to.length);
        while (path_again(&to, outcome));
        return path_result(outcome);
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
        outcome_t outcome;
        int64_t error = free_resolve(directory, path, joined, &to);
        if (error)
                return error;
        do
                outcome = fs_mkdir(to.right, RT_DEADLINE, to.path, to.length, mode_masked(mode));
        while (path_again(&to, outcome));
        return path_result(outcome);
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
        outcome_t outcome;
        do
                outcome = (flags & AT_REMOVEDIR ? fs_rmdir : fs_unlink)(to.right, RT_DEADLINE,
                                                                        to.path, to.length);
        while (path_again(&to, outcome));
        return path_result(outcome);
}

/* path_again() of a call by *from about *to as well. */
static bool paths_again(struct service_path *from, struct service_path *to, outcome_t outcome)
{
        if (!path_again(from, outcome))
                return false;
        if (to->folder) {
                file_refresh(to->folder);
                to->right = to->folder->right;
        }
        return true;
}

/* Both are of one service. */
static outcome_t rename_ask(const struct service_path *from, const struct service_path *to,
                            uint64_t how)
{
        if (from->folder != to->folder)
                return fs_rename_into(from->right, RT_DEADLINE, from->path, from->length,
                                      cap_copy(to->right), to->path, to->length, how);
        return how ? fs_rename_as(from->right, RT_DEADLINE, from->path, from->length, to->path,
                                  to->length, how)
                   : fs_rename(from->right, RT_DEADLINE, from->path, from->length, to->path,
                               to->length);
}

int64_t linux_rename(int from_directory, const char *from, int to_directory, const char *to,
                     unsigned flags)
{
        enum { NO_REPLACE = 1, EXCHANGE = 2 }; /* rename(2) */
        char old_joined[JOINED_MAX], new_joined[JOINED_MAX];
        struct service_path old_path, new_path;
        outcome_t outcome;
        if (flags & ~(unsigned)(NO_REPLACE | EXCHANGE) || flags == (NO_REPLACE | EXCHANGE))
                return -EINVAL;
        const int64_t error = path_resolve(from_directory, from, old_joined, &old_path);
        const int64_t to_error = path_resolve(to_directory, to, new_joined, &new_path);
        if ((error == -EROFS && !to_error) || (!error && to_error == -EROFS))
                return -EXDEV;
        if (error || to_error)
                return error ? error : to_error;
        if (!string_equal(old_path.service, new_path.service))
                return -EXDEV;
        if (last_check(from, true) || last_check(to, true))
                return -EBUSY;
        const uint64_t how = flags == NO_REPLACE ? FS_RENAME_NO_REPLACE
                             : flags             ? FS_RENAME_EXCHANGE
                                                 : 0;
        do
                outcome = rename_ask(&old_path, &new_path, how);
        while (paths_again(&old_path, &new_path, outcome));
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
        do
                outcome = fs_link_open(path.right, RT_DEADLINE, cap_copy(open->right), path.path,
                                       path.length);
        while (path_again(&path, outcome));
        error = link_result(outcome);
        return error == -EINVAL ? -EXDEV : error;
}

static outcome_t link_ask(const struct service_path *from, const struct service_path *to,
                          bool follow)
{
        if (from->folder != to->folder)
                return fs_link_into(from->right, RT_DEADLINE, from->path, from->length, follow,
                                    cap_copy(to->right), to->path, to->length);
        return (follow ? fs_link_followed : fs_link)(from->right, RT_DEADLINE, from->path,
                                                     from->length, to->path, to->length);
}

/* Links what *from leads to, which is none of what the layer has. */
static int64_t link_path(struct service_path *from, int to_directory, const char *to, bool follow)
{
        char joined[JOINED_MAX];
        struct service_path path;
        outcome_t outcome;
        int64_t error = free_resolve(to_directory, to, joined, &path);
        if (error)
                return error;
        if (!from->right || !string_equal(from->service, path.service))
                return -EXDEV;
        do
                outcome = link_ask(from, &path, follow);
        while (paths_again(from, &path, outcome));
        return link_result(outcome);
}

int64_t linux_link(int from_directory, const char *from, int to_directory, const char *to,
                   int flags)
{
        const bool follow = flags & AT_SYMLINK_FOLLOW;
        char joined[JOINED_MAX];
        struct service_path path;
        struct made made;
        if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
                return -EINVAL;
        if (!*from && flags & AT_EMPTY_PATH)
                return from_directory == AT_FDCWD ? -EPERM /* a folder */
                                                  : link_open(from_directory, to_directory, to);
        int64_t error = path_lead(from_directory, from, follow, joined, &made, &path);
        if (error)
                return error;
        if (!path.made)
                return link_path(&path, to_directory, to, follow);
        if (made.kind == MADE_DESCRIPTOR && follow)
                return link_open((int)made.place, to_directory, to);
        return made.kind == MADE_NOTHING ? -ENOENT : -EXDEV;
}
