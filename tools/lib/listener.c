/* Opens, polls and accepts, with a descriptor in reserve; see listener.h. */
#include "tools/lib/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/socket.h"

static int spare_open(void)
{
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool listener_open(struct listener *listener, const char *path)
{
        *listener = (struct listener){.fd = socket_listen(path), .spare = -1};
        if (listener->fd >= 0)
                listener->spare = spare_open();
        return listener->fd >= 0;
}

int listener_poll(struct listener *listener)
{
        if (listener->due && clock_ms() >= listener->due)
                listener->due = 0;
        return listener->due ? -1 : listener->fd;
}

int64_t listener_due(const struct listener *listener)
{
        return listener->due ? listener->due : INT64_MAX;
}

void listener_refuse(int connection, const char *refusal)
{
        send(connection, refusal, strlen(refusal), MSG_NOSIGNAL | MSG_DONTWAIT);
        close(connection);
}

/* The host or the process has run out of something that may come back. */
static bool is_want(int error)
{
        return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Takes a connection in the place of the spare descriptor, to refuse it. */
static bool refuse_next(struct listener *listener, const char *refusal)
{
        if (listener->spare >= 0)
                close(listener->spare);
        int connection = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
        int error = errno;
        if (connection >= 0)
                listener_refuse(connection, refusal);
        listener->spare = spare_open();
        return connection >= 0 || !is_want(error);
}

int listener_accept(struct listener *listener, const char *refusal)
{
        int connection = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
        if (connection < 0 && is_want(errno) && !refuse_next(listener, refusal))
                listener->due = clock_ms() + LISTENER_REST_MS;
        if (connection >= 0 && listener->spare < 0)
                listener->spare = spare_open();
        return connection;
}

void listener_close(struct listener *listener)
{
        if (listener->fd >= 0)
                close(listener->fd);
        if (listener->spare >= 0)
                close(listener->spare);
        listener->fd = listener->spare = -1;
}
