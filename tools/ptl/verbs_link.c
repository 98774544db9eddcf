/* link, partition and heal: lines for the switch's control socket, which answers with lines and a
 * final `ok` or `error: …`. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/lib/socket.h"
#include "tools/ptl/control.h"
#include "tools/ptl/layout.h"
#include "tools/ptl/lines.h"
#include "tools/ptl/verbs.h"

enum { SWITCH_ANSWER_MS = 10000 };

struct answer_state {
        bool ended;
        bool good;
};

static void answer_line(void *context, char *line)
{
        struct answer_state *state = context;
        if (!strcmp(line, "ok")) {
                state->ended = state->good = true;
        } else if (!strncmp(line, "error: ", 7)) {
                state->ended = true;
                complain("%s", line + 7);
        } else {
                printf("%s\n", line);
        }
}

static bool switch_ask(int fd, const char *command)
{
        struct answer_state state = {.ended = false};
        struct line_reader lines = {.used = 0};
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int64_t deadline = clock_ms() + SWITCH_ANSWER_MS;
        char bytes[1024];
        ssize_t count = 1;
        if (!socket_send(fd, command, strlen(command)))
                return complain("the switch takes no command: %s", strerror(errno));
        while (!state.ended && count > 0 && poll(&wait, 1, clock_until(deadline)) > 0) {
                count = recv(fd, bytes, sizeof bytes, 0);
                if (count > 0)
                        line_feed(&lines, bytes, (size_t)count, answer_line, &state);
        }
        return state.ended ? state.good
                           : complain("the switch does not answer; `ptl down` ends the cluster");
}

int verb_switch(int argc, char **argv)
{
        struct layout layout;
        char command[LINE_MAX_BYTES];
        size_t used = 0;
        bool missing;
        for (int i = 0; i < argc; i++) {
                int length =
                    snprintf(command + used, sizeof command - used, "%s%s", i ? " " : "", argv[i]);
                used += (size_t)length;
                if (used >= sizeof command - 1 || strchr(argv[i], '\n')) {
                        complain("%s: too long, or more than one line", argv[0]);
                        return EXIT_USAGE;
                }
        }
        command[used++] = '\n';
        command[used] = 0;
        if (!layout_enter(&layout, false, &missing)) {
                if (missing)
                        complain("%s: no cluster is up there; `ptl up` starts one", layout.shown);
                return EXIT_FAILED;
        }
        int fd = control_connect(&layout, SWITCH_CONTROL);
        if (fd < 0)
                return EXIT_FAILED;
        bool good = switch_ask(fd, command);
        close(fd);
        return good ? EXIT_OK : EXIT_FAILED;
}
