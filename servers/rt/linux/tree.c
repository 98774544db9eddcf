/* Operations on names in folders: links, making folders, removing, renaming. */
#include <errno.h>
#include <fcntl.h>

#include "servers/proto/fs.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/paths.h"

int64_t linux_readlink(int directory, const char *path, char *to, uint64_t bytes)
{
        char joined[JOINED_MAX], target[FS_PATH_MAX];
        struct service_path at;
        size_t length;
        int64_t error = path_resolve(directory, path, joined, &at);
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
        int64_t error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        return path_result(
            fs_symlink(to.right, RT_DEADLINE, target, string_length(target), to.path, to.length));
}

int64_t linux_mkdir(int directory, const char *path)
{
        char joined[JOINED_MAX];
        struct service_path to;
        int64_t error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        return path_result(fs_mkdir(to.right, RT_DEADLINE, to.path, to.length));
}

int64_t linux_unlink(int directory, const char *path, int flags)
{
        char joined[JOINED_MAX];
        struct service_path to;
        int64_t error = path_resolve(directory, path, joined, &to);
        if (error)
                return error;
        outcome_t outcome = flags & AT_REMOVEDIR
                                ? fs_rmdir(to.right, RT_DEADLINE, to.path, to.length)
                                : fs_unlink(to.right, RT_DEADLINE, to.path, to.length);
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
        return path_result(fs_rename(old_path.right, RT_DEADLINE, old_path.path, old_path.length,
                                     new_path.path, new_path.length));
}

int64_t linux_getcwd(char *to, uint64_t bytes)
{
        if (bytes < 2)
                return -ERANGE;
        to[0] = '/';
        to[1] = 0;
        return 2;
}
