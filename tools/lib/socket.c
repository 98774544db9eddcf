/* Connects, listens and sends; see socket.h. */
#include "tools/lib/socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { BACKLOG = 32 };

bool socket_address(struct sockaddr_un *address, const char *path)
{
        *address = (struct sockaddr_un){.sun_family = AF_UNIX};
        if (strlen(path) >= sizeof address->sun_path) {
                errno = ENAMETOOLONG;
                return false;
        }
        strcpy(address->sun_path, path);
        return true;
}

static int close_failed(int fd)
{
        int error = errno;
        close(fd);
        errno = error;
        return -1;
}

int socket_connect(const char *path)
{
        static const struct timeval patience = {.tv_sec = SOCKET_PATIENCE_S};
        struct sockaddr_un address;
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -1;
        if (!socket_address(&address, path) ||
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) ||
            connect(fd, (struct sockaddr *)&address, sizeof address))
                return close_failed(fd);
        return fd;
}

int socket_listen(const char *path)
{
        struct sockaddr_un address;
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -1;
        unlink(path);
        if (!socket_address(&address, path) ||
            bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, BACKLOG))
                return close_failed(fd);
        return fd;
}

bool socket_send(int fd, const char *bytes, size_t count)
{
        while (count) {
                ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
                if (sent < 0 && errno == EINTR)
                        continue;
                if (sent < 0)
                        return false;
                bytes += sent;
                count -= (size_t)sent;
        }
        return true;
}
