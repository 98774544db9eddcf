/* Asks the keeper in lines, and reads its answers; see control.h. It may be gone at any time. */
#include "tools/ptl/control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/lib/socket.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/names.h"
#include "tools/ptl/owner.h"
#include "tools/ptl/source.h"

void control_adopt(struct control *control, int fd)
{
        *control = (struct control){.fd = fd};
}

/* Why nobody takes a connection. */
static void connect_complain(const struct layout *layout, const char *socket)
{
        int error = errno;
        if (error == ENOENT || error == ECONNREFUSED)
                complain("%s: no cluster is up there; `ptl up` starts one", layout->shown);
        else if (error == EAGAIN)
                complain("%s/%s takes no connection; `ptl down` ends the cluster", layout->shown,
                         socket);
        else if (error != EACCES || owner_check(layout))
                complain("%s/%s: %s; %s", layout->shown, socket, strerror(error), advice(error));
}

int control_connect(const struct layout *layout, const char *socket)
{
        int fd = socket_connect(socket);
        if (fd < 0)
                connect_complain(layout, socket);
        return fd;
}

bool control_open(struct control *control, const struct layout *layout)
{
        control_adopt(control, control_connect(layout, CONTROL_SOCKET));
        return control->fd >= 0;
}

void control_send(struct control *control, const char *command)
{
        char line[LINE_MAX_BYTES];
        int length = snprintf(line, sizeof line, "%s\n", command);
        control->answer = ANSWER_NONE;
        /* A keeper that refuses has closed its side, but what it said is there to be read. */
        if (!socket_send(control->fd, line, (size_t)length) && errno != EPIPE &&
            errno != ECONNRESET)
                control->answer = ANSWER_GONE;
}

static void control_line(void *context, char *line)
{
        struct control *control = context;
        const char *end = control->raw ? "\r\n" : "\n";
        if (!strncmp(line, "= ", 2)) {
                if (control->data)
                        control->data(control->context, line + 2);
                else
                        printf("%s\n", line + 2);
        } else if (!strncmp(line, ": ", 2)) {
                fprintf(stderr, "%s%s%s", line + 2, source_here(line + 2), end);
        } else if (!strncmp(line, "failed ", 7)) {
                control->failed |= 1u << node_number(line + 7);
        } else if (!strcmp(line, "ok")) {
                control->answer = ANSWER_OK;
        } else if (!strncmp(line, "error: ", 7)) {
                control->answer = ANSWER_ERROR;
                if (!control->quiet)
                        fprintf(stderr, "ptl: %s%s", line + 7, end);
        }
}

enum answer control_read(struct control *control)
{
        char bytes[4096];
        ssize_t count = recv(control->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (count > 0)
                line_feed(&control->lines, bytes, (size_t)count, control_line, control);
        else if ((count == 0 || (errno != EAGAIN && errno != EINTR)) &&
                 control->answer == ANSWER_NONE)
                control->answer = ANSWER_GONE;
        return control->answer;
}

bool control_ask(struct control *control, const char *command, int64_t deadline)
{
        struct pollfd wait = {.fd = control->fd, .events = POLLIN};
        control_send(control, command);
        while (control->answer == ANSWER_NONE) {
                if (poll(&wait, 1, clock_until(deadline)) == 0 && clock_ms() >= deadline)
                        return !control->quiet &&
                               complain("the keeper does not answer; `ptl down` ends the cluster");
                control_read(control);
        }
        if (control->answer == ANSWER_GONE && !control->quiet)
                complain("the keeper is gone, and the cluster with it; see keeper.log in the run "
                         "directory");
        return control->answer == ANSWER_OK;
}
