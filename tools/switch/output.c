/* See output.h. A file is looked at before it is emptied. */
#include "tools/switch/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int output_open(const char *path, bool secret, struct problem *problem)
{
        struct stat status;
        int fd =
            open(path, O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, secret ? 0600 : 0666);
        if (fd < 0) {
                problem_set(problem, "%s: %s; name a file that can be written", path,
                            strerror(errno));
                return -1;
        }
        if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
                problem_set(problem, "%s: not a regular file; name one", path);
        else if (ftruncate(fd, 0) == 0 && (!secret || fchmod(fd, 0600) == 0))
                return fd;
        else
                problem_set(problem, "%s: %s; name a file that can be written", path,
                            strerror(errno));
        close(fd);
        return -1;
}
