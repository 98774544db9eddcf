/* One openat per name; O_NOFOLLOW on each. */
#include "tools/switch/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WALK = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
enum { READ = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

static int fail(int error)
{
        errno = error;
        return -1;
}

/* Opens one name in a directory. ELOOP and ENOTDIR are what O_NOFOLLOW says of a link. */
static int name_open(int directory, const char *name, size_t length, int flags)
{
        char copy[NAME_MAX + 1];
        if (length > NAME_MAX)
                return fail(ENAMETOOLONG);
        memcpy(copy, name, length);
        copy[length] = 0;
        if (length == 0 || strcmp(copy, ".") == 0 || strcmp(copy, "..") == 0)
                return fail(EACCES);
        int fd = openat(directory, copy, flags);
        return fd < 0 && errno == ELOOP ? fail(EACCES) : fd;
}

/* Takes a descriptor that may be anything; keeps it if it is a regular file. */
static int regular_check(int fd, uint64_t *size)
{
        struct stat status;
        bool regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
        if (regular) {
                *size = (uint64_t)status.st_size;
                return fd;
        }
        close(fd);
        return fail(EACCES);
}

int beneath_open(int directory, const char *path, uint64_t *size)
{
        int at = dup(directory);
        path += strspn(path, "/");
        while (at >= 0) {
                size_t length = strcspn(path, "/");
                bool last = path[length] == 0;
                int next = name_open(at, path, length, last ? READ : WALK);
                int error = errno;
                close(at);
                errno = error;
                if (last)
                        return next < 0 ? -1 : regular_check(next, size);
                at = next;
                path += length + 1;
        }
        return -1;
}
