/* Clients' buffers: `line` collects input up to a newline, `out` holds what the client has not
 * taken yet, which is bounded by BUFFER_MAX. */
#include "tools/switch/control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/lib/socket.h"

static const char no_descriptors[] =
    "error: the switch has no file descriptor left; raise `ulimit -n`, and try again\n";

/* True if somebody accepts connections at the path. */
static bool is_served(const char *path)
{
        int fd = socket_connect(path);
        bool served = fd >= 0 || errno == EAGAIN;
        if (fd >= 0)
                close(fd);
        return served;
}

bool control_open(struct control *control, const char *path, struct control_env env,
                  struct problem *problem)
{
        memset(control, 0, sizeof *control);
        control->env = env;
        control->path = path;
        control->listener = (struct listener){.fd = -1, .spare = -1};
        for (unsigned i = 0; i < CLIENTS_MAX; i++)
                control->clients[i].fd = -1;
        if (is_served(path))
                return problem_set(problem,
                                   "%s: another switch runs here; end it, or choose another folder",
                                   path);
        return listener_open(&control->listener, path) ||
               problem_set(problem, "%s: %s; it must lie in a folder that can be written", path,
                           strerror(errno));
}

size_t control_poll(struct control *control, struct pollfd *polls, int64_t *due)
{
        size_t count = 0;
        bool room = false;
        for (unsigned i = 0; i < CLIENTS_MAX; i++) {
                const struct client *client = &control->clients[i];
                short events = client->half_closed ? 0 : POLLIN;
                if (client->out.used)
                        events |= POLLOUT;
                if (client->fd >= 0)
                        polls[count++] = (struct pollfd){client->fd, events, 0};
                else
                        room = true;
        }
        if (room)
                polls[count++] = (struct pollfd){listener_poll(&control->listener), POLLIN, 0};
        *due = listener_due(&control->listener);
        return count;
}

static void client_close(struct client *client)
{
        close(client->fd);
        buffer_free(&client->out);
        client->fd = -1;
}

static void client_accept(struct control *control)
{
        int fd = listener_accept(&control->listener, no_descriptors);
        for (unsigned i = 0; fd >= 0 && i < CLIENTS_MAX; i++) {
                struct client *client = &control->clients[i];
                if (client->fd >= 0)
                        continue;
                *client = (struct client){.fd = fd};
                return;
        }
        if (fd >= 0)
                close(fd);
}

/* Sends as much as the client takes; disconnects it if it is gone, has left too much unread, or has
 * said its last and got its answers. */
static void client_send(struct client *client)
{
        ssize_t sent = 0;
        while (client->out.used > 0 && sent >= 0) {
                sent = send(client->fd, client->out.bytes, client->out.used,
                            MSG_DONTWAIT | MSG_NOSIGNAL);
                if (sent > 0)
                        buffer_remove(&client->out, (size_t)sent);
        }
        bool gone = sent < 0 && errno != EAGAIN && errno != EINTR;
        bool served = client->half_closed && !client->wants_events && client->out.used == 0;
        if (gone || served || client->out.overflow)
                client_close(client);
}

/* Runs the whole lines that have come in; keeps the rest. */
static void lines_run(struct control *control, struct client *client)
{
        char *newline;
        while ((newline = memchr(client->line, '\n', client->used))) {
                size_t length = (size_t)(newline - client->line) + 1;
                *newline = 0;
                if (control->env.run(control->env.context, client->line, &client->out))
                        client->wants_events = true;
                client->used -= length;
                memmove(client->line, client->line + length, client->used);
        }
        if (client->used == sizeof client->line) {
                buffer_add(&client->out, "error: the line is too long\n");
                client_send(client);
                if (client->fd >= 0)
                        client_close(client);
        }
}

/* Reads once. A client that has closed its sending side still gets its answers and events. */
static void client_receive(struct control *control, struct client *client)
{
        ssize_t got = recv(client->fd, client->line + client->used,
                           sizeof client->line - client->used, MSG_DONTWAIT);
        if (got > 0) {
                client->used += (size_t)got;
                lines_run(control, client);
        } else if (got == 0 && !client->half_closed) {
                client->half_closed = true;
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
                client_close(client);
        }
}

static struct client *client_find(struct control *control, int fd)
{
        for (unsigned i = 0; i < CLIENTS_MAX; i++) {
                if (control->clients[i].fd == fd)
                        return &control->clients[i];
        }
        return NULL;
}

void control_handle(struct control *control, const struct pollfd *polls, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                if (polls[i].revents == 0)
                        continue;
                struct client *client = client_find(control, polls[i].fd);
                if (!client) {
                        client_accept(control);
                        continue;
                }
                if (polls[i].revents & ~POLLOUT)
                        client_receive(control, client);
                if (client->fd >= 0)
                        client_send(client);
        }
}

void control_event(struct control *control, const char *line)
{
        for (unsigned i = 0; i < CLIENTS_MAX; i++) {
                struct client *client = &control->clients[i];
                if (client->fd < 0 || !client->wants_events)
                        continue;
                buffer_add(&client->out, "event %s\n", line);
        }
}

void control_close(struct control *control)
{
        for (unsigned i = 0; i < CLIENTS_MAX; i++) {
                struct client *client = &control->clients[i];
                if (client->fd >= 0)
                        client_send(client);
                if (client->fd >= 0)
                        client_close(client);
        }
        if (control->listener.fd < 0)
                return;
        listener_close(&control->listener);
        unlink(control->path);
}
