#include "tools/ptl/keeper_state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/lib/socket.h"

struct client *client_add(struct keeper *keeper, int fd)
{
        for (unsigned i = 0; i < CLIENTS_MAX; i++) {
                struct client *client = &keeper->clients[i];
                if (client->fd >= 0)
                        continue;
                *client = (struct client){.fd = fd};
                return client;
        }
        close(fd);
        return NULL;
}

static void client_drop(struct keeper *keeper, struct client *client)
{
        close(client->fd);
        client->fd = -1;
        if (client->bound)
                keeper->ending = true;
        if (keeper->ender == client)
                keeper->ender = NULL;
}

static void send_line(struct keeper *keeper, struct client *client, const char *format,
                      va_list values)
{
        char line[512];
        int length = vsnprintf(line, sizeof line - 1, format, values);
        if (length > (int)sizeof line - 2)
                length = sizeof line - 2;
        line[length++] = '\n';
        /* The socket does not block: a client that lets its buffer fill up does not read. */
        if (send(client->fd, line, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT) != length)
                client_drop(keeper, client);
}

void client_send(struct keeper *keeper, struct client *client, const char *format, ...)
{
        va_list values;
        va_start(values, format);
        if (client->fd >= 0)
                send_line(keeper, client, format, values);
        va_end(values);
}

void clients_tell(struct keeper *keeper, const char *format, ...)
{
        va_list logged;
        va_start(logged, format);
        if (keeper->logging) {
                vfprintf(stderr, format, logged);
                fputc('\n', stderr);
        }
        va_end(logged);
        for (unsigned i = 0; i < CLIENTS_MAX; i++) {
                struct client *client = &keeper->clients[i];
                va_list values;
                va_start(values, format);
                if (client->fd >= 0 && (client->bound || client->waits || client->starts))
                        send_line(keeper, client, format, values);
                va_end(values);
        }
}

/* Whether a wait for this node is over, and badly. */
static bool over(const struct node *node, bool *bad)
{
        *bad = node->failed || !node->machine;
        return node->up || *bad;
}

static void client_settle(struct keeper *keeper, struct client *client)
{
        unsigned first = client->starts ? client->starts : 1;
        unsigned last = client->starts ? client->starts : keeper->setup.options->nodes;
        unsigned bad_node = 0;
        for (unsigned n = first; n <= last; n++) {
                bool bad;
                if (!over(&keeper->nodes[n], &bad))
                        return;
                if (bad && !bad_node)
                        bad_node = n;
        }
        client->waits = false;
        client->starts = 0;
        if (bad_node)
                client_send(keeper, client, "error: n%u did not come up", bad_node);
        else
                client_send(keeper, client, "ok");
}

void clients_settle(struct keeper *keeper)
{
        for (unsigned i = 0; i < CLIENTS_MAX; i++) {
                struct client *client = &keeper->clients[i];
                if (client->fd >= 0 && (client->waits || client->starts))
                        client_settle(keeper, client);
        }
}

/* The node of a command, or 0 after an answer that says what is wrong. */
static unsigned command_node(struct keeper *keeper, struct client *client, const char *name)
{
        unsigned number = node_number(name);
        if (number && number <= keeper->setup.options->nodes)
                return number;
        client_send(keeper, client, "error: %.20s: no such node; this cluster has n1 to n%u", name,
                    keeper->setup.options->nodes);
        return 0;
}

static void start(struct keeper *keeper, struct client *client, const char *name)
{
        unsigned number = command_node(keeper, client, name);
        if (!number)
                return;
        if (keeper->nodes[number].machine) {
                client_send(keeper, client, "error: n%u has power already", number);
                return;
        }
        client->starts = number;
        if (!node_power_on(keeper, number)) {
                client->starts = 0;
                client_send(keeper, client, "error: n%u cannot be started; see %s/keeper.log",
                            number, keeper->setup.layout->shown);
        }
}

static void stop(struct keeper *keeper, struct client *client, const char *name)
{
        unsigned number = command_node(keeper, client, name);
        if (!number)
                return;
        if (!keeper->nodes[number].machine) {
                client_send(keeper, client, "error: n%u has no power already", number);
                return;
        }
        node_power_off(keeper, number);
        client_send(keeper, client, "ok");
        clients_settle(keeper);
}

static void list(struct keeper *keeper, struct client *client)
{
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++) {
                const struct node *node = &keeper->nodes[n];
                if (node->machine)
                        client_send(keeper, client, "= n%u on %s %d", n,
                                    node->failed ? "failed" : stage_name(node->stage),
                                    (int)node->machine);
                else
                        client_send(keeper, client, "= n%u off", n);
        }
        client_send(keeper, client, "ok");
}

struct speaker {
        struct keeper *keeper;
        struct client *client;
};

static void client_command(void *context, char *line)
{
        struct keeper *keeper = ((struct speaker *)context)->keeper;
        struct client *client = ((struct speaker *)context)->client;
        if (!strcmp(line, "wait")) {
                client->waits = true;
                client_settle(keeper, client);
        } else if (!strcmp(line, "release")) {
                client->bound = false;
                client_send(keeper, client, "ok");
        } else if (!strncmp(line, "start ", 6)) {
                start(keeper, client, line + 6);
        } else if (!strncmp(line, "stop ", 5)) {
                stop(keeper, client, line + 5);
        } else if (!strcmp(line, "nodes")) {
                list(keeper, client);
        } else if (!strcmp(line, "down")) {
                keeper->ending = true;
                keeper->ender = client;
        } else {
                client_send(keeper, client, "error: %.40s: no such command", line);
        }
}

void client_read(struct keeper *keeper, struct client *client)
{
        struct speaker speaker = {keeper, client};
        char bytes[1024];
        ssize_t count = recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (count > 0)
                line_feed(&client->lines, bytes, (size_t)count, client_command, &speaker);
        else if (count == 0 || (errno != EAGAIN && errno != EINTR))
                client_drop(keeper, client);
}
