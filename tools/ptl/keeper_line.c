/* Moves bytes between a machine's one line and those who want a part of it; see keeper_line.h. */
#include "tools/ptl/keeper_line.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "servers/proto/line.h"
#include "tools/lib/clock.h"
#include "tools/lib/socket.h"
#include "tools/ptl/names.h"

enum { CONNECT_MS = 10000, TRY_MS = 10, POLL_LINE = 0, POLL_SIDES = 1 };

static const char no_room[] = "the line is in use\n";

/* ---- opening and closing -------------------------------------------------------------------- */

static void fd_close(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

void line_clear(struct line *line)
{
        *line = (struct line){.fd = -1, .log = -1};
        for (unsigned i = 0; i < LINE_SIDES; i++)
                line->sides[i] =
                    (struct line_side){.listener = {.fd = -1, .spare = -1}, .client = -1};
}

void line_close(struct line *line)
{
        fd_close(&line->fd);
        fd_close(&line->log);
        for (unsigned i = 0; i < LINE_SIDES; i++) {
                fd_close(&line->sides[i].client);
                listener_close(&line->sides[i].listener);
        }
        line_clear(line);
}

/* The machine has a socket a moment after its start. */
static int machine_connect(unsigned node)
{
        int64_t deadline = clock_ms() + CONNECT_MS;
        char path[NODE_FILE];
        int fd;
        node_file(node, "line.sock", path);
        while ((fd = socket_connect(path)) < 0 && clock_ms() < deadline)
                poll(NULL, 0, TRY_MS);
        return fd;
}

bool line_open(struct line *line, unsigned node)
{
        static const char *const names[LINE_SIDES] = {"shell.sock", "batch.sock"};
        char path[NODE_FILE];
        line_clear(line);
        node_file(node, "serial.log", path);
        line->log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        bool opened = line->log >= 0;
        for (unsigned i = 0; i < LINE_SIDES && opened; i++) {
                node_file(node, names[i], path);
                opened = listener_open(&line->sides[i].listener, path);
        }
        if (opened)
                line->fd = machine_connect(node);
        if (line->fd >= 0)
                return true;
        int error = errno;
        line_close(line);
        errno = error;
        return false;
}

/* ---- to the machine ------------------------------------------------------------------------- */

/* Sends what waits, as far as it is taken. */
static void out_send(struct line *line)
{
        ssize_t sent = send(line->fd, line->out, line->out_length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0)
                return;
        line->out_length -= (size_t)sent;
        memmove(line->out, line->out + sent, line->out_length);
}

static bool out_has_room(const struct line *line)
{
        return LINE_OUT - line->out_length > 2 * SHELL_LINE_MAX;
}

static void out_add(struct line *line, char byte)
{
        if (line->out_length < LINE_OUT)
                line->out[line->out_length++] = byte;
}

/* A byte of a command: with its last one the whole of it goes out. */
static void command_take(struct line *line, char byte)
{
        if (line->command_length < sizeof line->command)
                line->command[line->command_length++] = byte;
        if (byte != '\n' && byte != SHELL_CANCEL)
                return;
        line->command[line->command_length - 1] = byte;
        out_add(line, LINE_COMMAND);
        for (size_t i = 0; i < line->command_length; i++)
                out_add(line, line->command[i]);
        line->command_length = 0;
}

static void client_read(struct line *line, unsigned index)
{
        struct line_side *side = &line->sides[index];
        char bytes[1024];
        ssize_t count = recv(side->client, bytes, sizeof bytes, MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
                fd_close(&side->client);
                if (index == LINE_COMMANDS)
                        line->command_length = line->held_length = 0;
                return;
        }
        for (ssize_t i = 0; i < count; i++)
                if (index == LINE_COMMANDS)
                        command_take(line, bytes[i]);
                else if (bytes[i] != LINE_COMMAND) /* it would begin one */
                        out_add(line, bytes[i]);
}

/* ---- from the machine ----------------------------------------------------------------------- */

/* Answers that were not taken: false, some are left. */
static bool held_send(struct line *line)
{
        int client = line->sides[LINE_COMMANDS].client;
        if (client < 0)
                line->held_length = 0;
        if (line->held_length == 0)
                return true;
        ssize_t sent = send(client, line->held, line->held_length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
                line->held_length -= (size_t)sent;
                memmove(line->held, line->held + sent, line->held_length);
        }
        return line->held_length == 0;
}

static void machine_read(struct line *line)
{
        char bytes[LINE_PIECE], log[LINE_PIECE], screen[LINE_PIECE];
        size_t logged = 0, shown = 0;
        ssize_t count = recv(line->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
                fd_close(&line->fd); /* the machine is gone */
        for (ssize_t i = 0; i < count; i++) {
                char byte = bytes[i];
                switch (channels_take(&line->channels, &byte)) {
                case CHANNEL_LOG:
                        log[logged++] = byte;
                        screen[shown++] = byte;
                        break;
                case CHANNEL_SCREEN:
                        screen[shown++] = byte;
                        break;
                case CHANNEL_BATCH:
                        line->held[line->held_length++] = byte;
                        break;
                default:
                        break;
                }
        }
        if (write(line->log, log, logged) < 0)
                logged = 0; /* a full disk: the rest is as it was */
        int client = line->sides[LINE_SHELL].client;
        if (client >= 0)
                send(client, screen, shown, MSG_NOSIGNAL | MSG_DONTWAIT);
        held_send(line);
}

/* ---- the keeper's loop ---------------------------------------------------------------------- */

void line_polls(struct line *line, struct pollfd set[LINE_POLLS])
{
        bool held = !held_send(line), room = out_has_room(line);
        set[POLL_LINE] = (struct pollfd){
            .fd = line->fd, .events = (held ? 0 : POLLIN) | (line->out_length > 0 ? POLLOUT : 0)};
        for (unsigned i = 0; i < LINE_SIDES; i++) {
                struct line_side *side = &line->sides[i];
                bool waits = held && i == LINE_COMMANDS;
                set[POLL_SIDES + 2 * i] = (struct pollfd){
                    .fd = side->client < 0 ? listener_poll(&side->listener) : -1, .events = POLLIN};
                set[POLL_SIDES + 2 * i + 1] =
                    (struct pollfd){.fd = room || waits ? side->client : -1,
                                    .events = (room ? POLLIN : 0) | (waits ? POLLOUT : 0)};
        }
}

void line_serve(struct line *line, const struct pollfd set[LINE_POLLS])
{
        if (line->fd < 0)
                return;
        for (unsigned i = 0; i < LINE_SIDES; i++) {
                struct line_side *side = &line->sides[i];
                if (set[POLL_SIDES + 2 * i + 1].revents & ~POLLOUT && side->client >= 0)
                        client_read(line, i);
                if (set[POLL_SIDES + 2 * i].revents && side->client < 0)
                        side->client = listener_accept(&side->listener, no_room);
        }
        if (set[POLL_LINE].revents & ~POLLOUT && held_send(line))
                machine_read(line);
        if (line->fd >= 0 && line->out_length > 0)
                out_send(line);
}
