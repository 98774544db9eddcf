/* The sockets block for nobody: what a client has no room for is lost to it, and it is dropped. */
#include "tools/ptl/keeper_client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char too_many[] =
    "error: the keeper serves as many clients as it can; try again when one has ended\n";

struct client *client_add(struct keeper *keeper, int fd)
{
        for (unsigned i = 0; i < CLIENTS_MAX; i++) {
                struct client *client = &keeper->clients[i];
                if (client->fd >= 0)
                        continue;
                *client = (struct client){.fd = fd};
                return client;
        }
        listener_refuse(fd, too_many);
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
        char line[CLIENT_LINE];
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

struct speaker {
        struct keeper *keeper;
        struct client *client;
        client_line *function;
};

static void line_pass(void *context, char *line)
{
        struct speaker *speaker = context;
        speaker->function(speaker->keeper, speaker->client, line);
}

void client_read(struct keeper *keeper, struct client *client, client_line *function)
{
        struct speaker speaker = {keeper, client, function};
        char bytes[1024];
        ssize_t count = recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (count > 0)
                line_feed(&client->lines, bytes, (size_t)count, line_pass, &speaker);
        else if (count == 0 || (errno != EAGAIN && errno != EINTR))
                client_drop(keeper, client);
}
