/* Starts the switch, reads its events, ends it; see keeper_switch.h. */
#include "tools/ptl/keeper_switch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/lib/socket.h"
#include "tools/lib/ended.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/arguments.h"
#include "tools/ptl/child.h"
#include "tools/ptl/keeper_client.h"
#include "tools/ptl/keeper_progress.h"

#define SWITCH_PROGRAM "tools/switch/portolan-switch"

enum { SWITCH_START_MS = 10000, SWITCH_END_MS = 3000, TRY_MS = 10 };

/* A file of the user's that the switch is to write; NULL: none. */
static bool output_add(struct arguments *arguments, const struct layout *layout, const char *option,
                       const char *file)
{
        char path[PATH_MAX];
        if (!file)
                return true;
        if (!layout_user_path(layout, file, path))
                return false;
        argument_add(arguments, "%s", option);
        argument_add(arguments, "%s", path);
        return true;
}

/* What all links between nodes do from the start. */
static void links_add(struct arguments *arguments, const struct options *options)
{
        if (!options->loss && !options->mtu)
                return;
        argument_add(arguments, "--default");
        if (!options->mtu)
                argument_add(arguments, "loss %s", options->loss);
        else
                argument_add(arguments, "loss %s mtu %u", options->loss ? options->loss : "0",
                             options->mtu);
}

static bool switch_arguments(struct arguments *arguments, const struct keeper_setup *setup)
{
        const struct options *options = setup->options;
        char path[PATH_MAX], mac[NODE_MAC];
        if (!layout_find(setup->layout, PLACE_BUILD, SWITCH_PROGRAM, path))
                return false;
        argument_add(arguments, "%s", path);
        argument_add(arguments, "--dir");
        argument_add(arguments, ".");
        for (unsigned n = 1; n <= options->nodes; n++) {
                node_mac(n, mac);
                argument_add(arguments, "--node");
                argument_add(arguments, "n%u=%s", n, mac);
        }
        argument_add(arguments, "--seed");
        argument_add(arguments, "%llu", (unsigned long long)options->seed);
        links_add(arguments, options);
        if (!output_add(arguments, setup->layout, "--capture", options->capture) ||
            !output_add(arguments, setup->layout, "--keylog", options->keylog))
                return false;
        if (options->direct) {
                argument_add(arguments, "--no-boot");
        } else {
                argument_add(arguments, "--tftp");
                argument_add(arguments, BOOT_FOLDER);
                argument_add(arguments, "--bootfile");
                argument_add(arguments, "boot.ipxe");
        }
        return true;
}

/* Says why the switch did not start, by what it said last; what it calls itself matters to
 * nobody. */
static void switch_complain(int status)
{
        static const char prefix[] = "portolan-switch: ";
        char line[PATH_MAX + 512] = "", end[ENDED_TEXT];
        FILE *log = fopen(SWITCH_LOG_NEW, "re");
        while (log && fgets(line, sizeof line, log))
                line[strcspn(line, "\n")] = 0;
        if (log)
                fclose(log);
        ended_text(status, end);
        if (*line)
                complain("%s", !strncmp(line, prefix, sizeof prefix - 1) ? line + sizeof prefix - 1
                                                                         : line);
        else
                complain("the switch %s, and said nothing", end);
}

/* Waits until the switch takes a connection; -1 with a complaint if it ends or the time is up. */
static int switch_connect(struct keeper *keeper)
{
        int64_t deadline = clock_ms() + SWITCH_START_MS;
        int status;
        while (clock_ms() < deadline) {
                int fd = socket_connect(SWITCH_CONTROL);
                if (fd >= 0)
                        return fd;
                if (waitpid(keeper->switch_process, &status, WNOHANG) > 0) {
                        keeper->switch_process = 0;
                        switch_complain(status);
                        return -1;
                }
                poll(NULL, 0, TRY_MS);
        }
        complain("the switch does not answer on %s/" SWITCH_CONTROL, keeper->setup.layout->shown);
        return -1;
}

bool switch_start(struct keeper *keeper)
{
        struct arguments arguments = {.count = 0};
        static const char subscribe[] = "events\n";
        unlink(SWITCH_LOG_NEW);
        if (!switch_arguments(&arguments, &keeper->setup))
                return false;
        keeper->switch_process = child_start(arguments.argv, SWITCH_LOG_NEW);
        if (keeper->switch_process < 0) {
                keeper->switch_process = 0;
                return complain("%s: %s; %s", arguments.argv[0], strerror(errno), advice(errno));
        }
        keeper->switch_events = switch_connect(keeper);
        if (keeper->switch_events < 0)
                return false;
        return socket_send(keeper->switch_events, subscribe, sizeof subscribe - 1) ||
               complain("the switch: %s", strerror(errno));
}

/* What the switch was to write from now on is lost; the cluster goes on. */
static void capture_failed(struct keeper *keeper, const char *option, const char *file,
                           const char *reason)
{
        snprintf(keeper->capture_failure, sizeof keeper->capture_failure,
                 ": ptl: %s=%.150s: %s; what came after is not in it", option, file ? file : "",
                 reason);
        clients_tell(keeper, "%s", keeper->capture_failure);
        clients_tell(keeper, "failed capture");
}

static void switch_line(void *context, char *line)
{
        struct keeper *keeper = context;
        unsigned number;
        enum stage stage;
        const char *text;
        if (stage_of_event(line, &number, &stage, &text))
                node_reached(keeper, number, stage, text);
        else if (stage_is_output_failure(line, "capture", &text))
                capture_failed(keeper, "CAPTURE", keeper->setup.options->capture, text);
        else if (stage_is_output_failure(line, "keylog", &text))
                capture_failed(keeper, "KEYLOG", keeper->setup.options->keylog, text);
}

void switch_read(struct keeper *keeper)
{
        char bytes[4096];
        ssize_t count = recv(keeper->switch_events, bytes, sizeof bytes, MSG_DONTWAIT);
        if (count > 0) {
                line_feed(&keeper->switch_lines, bytes, (size_t)count, switch_line, keeper);
        } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
                close(keeper->switch_events);
                keeper->switch_events = -1;
        }
}

void switch_end(struct keeper *keeper)
{
        int64_t deadline = clock_ms() + SWITCH_END_MS;
        if (keeper->switch_events >= 0)
                close(keeper->switch_events);
        keeper->switch_events = -1;
        if (!keeper->switch_process)
                return;
        /* It ends in order, so that a capture is whole. */
        kill(keeper->switch_process, SIGTERM);
        while (waitpid(keeper->switch_process, NULL, WNOHANG) == 0) {
                if (clock_ms() > deadline)
                        kill(keeper->switch_process, SIGKILL);
                poll(NULL, 0, TRY_MS);
        }
        keeper->switch_process = 0;
}
