/* start, stop, on and sh. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/batch.h"
#include "tools/ptl/cluster.h"
#include "tools/ptl/commands.h"
#include "tools/ptl/names.h"
#include "tools/ptl/shown.h"
#include "tools/ptl/source.h"
#include "tools/ptl/terminal.h"
#include "tools/ptl/verbs.h"

enum {
        KEEPER_MS = 10000,
        START_MS = 86400 * 1000, /* the keeper has the deadline */
        ON_MS = 120 * 1000,      /* for a command, unless -t says otherwise */
};

bool cluster_enter(struct layout *layout)
{
        bool missing;
        if (layout_enter(layout, false, &missing))
                return true;
        if (missing)
                complain("%s: no cluster is up there; `ptl up` starts one", layout->shown);
        return false;
}

unsigned node_argument(const char *name)
{
        unsigned number = node_number(name);
        if (!number)
                complain("%s: not a node's name; nodes are n1, n2 and so on", name);
        return number;
}

/* Has the keeper do something with a node. */
static int node_command(const char *command, const char *node, int64_t deadline)
{
        struct layout layout;
        struct control control;
        char line[LINE_MAX_BYTES];
        if (!node_argument(node))
                return EXIT_USAGE;
        if (!cluster_enter(&layout) || !control_open(&control, &layout))
                return EXIT_FAILED;
        snprintf(line, sizeof line, "%s %s", command, node);
        return control_ask(&control, line, deadline) ? EXIT_OK : EXIT_FAILED;
}

int verb_start(int argc, char **argv)
{
        bool old = argc == 3;
        if (old && strcmp(argv[1], "--old")) {
                complain("usage: ptl start [--old] NODE");
                return EXIT_USAGE;
        }
        return node_command(old ? "start-old" : "start", argv[argc - 1], clock_ms() + START_MS);
}

int verb_stop(int argc, char **argv)
{
        (void)argc;
        return node_command("stop", argv[1], clock_ms() + KEEPER_MS);
}

/* -t SECONDS in front of the node's name. */
static bool time_argument(int *argc, char ***argv, int64_t *milliseconds)
{
        char *end;
        if (strcmp((*argv)[1], "-t"))
                return *argc == 3;
        if (*argc != 5)
                return false;
        double seconds = strtod((*argv)[2], &end);
        if (*end || !(seconds > 0 && seconds <= 86400))
                return false;
        *milliseconds = (int64_t)(seconds * 1000);
        *argv += 2;
        return true;
}

bool cluster_is_up(const struct layout *layout)
{
        struct control control;
        if (!control_open(&control, layout))
                return false;
        close(control.fd);
        return true;
}

/* Tells why there is no talking to a node: there may be no cluster at all. */
static void end_complain(const struct layout *layout, const char *name, enum batch_end end)
{
        bool reached = end != BATCH_UNREACHABLE && end != BATCH_DENIED;
        if (reached || cluster_is_up(layout))
                complain("%s: %s", name, batch_end_text(end));
}

static int on_status(const struct layout *layout, const char *name, enum batch_end end, int status)
{
        if (end == BATCH_DONE)
                return status;
        end_complain(layout, name, end);
        return end == BATCH_DEADLINE      ? EXIT_TIMEOUT
               : end == BATCH_INTERRUPTED ? EXIT_INTERRUPTED
                                          : EXIT_NO_NODE;
}

int verb_on(int argc, char **argv)
{
        struct layout layout;
        struct batch batch;
        int64_t milliseconds = ON_MS;
        int status = 0;
        if (!time_argument(&argc, &argv, &milliseconds)) {
                complain("usage: ptl on [-t SECONDS] NODE 'COMMAND'");
                return EXIT_NO_NODE;
        }
        unsigned number = node_argument(argv[1]);
        if (!number || !cluster_enter(&layout))
                return EXIT_NO_NODE;
        if (!batch_takes(argv[2])) {
                complain("%s: a command is one line of at most %d bytes, without Ctrl-C; this one "
                         "was not run",
                         argv[1], BATCH_LINE_MAX);
                return EXIT_NO_NODE;
        }
        int signals = signals_take();
        int64_t deadline = clock_ms() + milliseconds;
        enum batch_end end = batch_open(&batch, number, signals, deadline);
        if (end == BATCH_DONE) {
                end = batch_run(&batch, argv[2], deadline, shown_write, NULL, &status);
                shown_end();
                batch_close(&batch);
        }
        return on_status(&layout, argv[1], end, status);
}

int verb_sh(int argc, char **argv)
{
        struct layout layout;
        (void)argc;
        unsigned number = node_argument(argv[1]);
        if (!number)
                return EXIT_USAGE;
        if (!cluster_enter(&layout))
                return EXIT_FAILED;
        int signals = signals_take();
        if (signals < 0)
                return EXIT_FAILED;
        if (!isatty(STDIN_FILENO))
                return cluster_is_up(&layout) ? commands_run(number, signals, NULL) : EXIT_FAILED;
        if (batch_goes_through(number)) {
                complain("%s: it has no port for a user's shell; `ptl on` runs a command there",
                         argv[1]);
                return EXIT_FAILED;
        }
        fprintf(stderr, "ptl: the shell of %s; `exit` or Ctrl-] leaves it\n", argv[1]);
        switch (terminal_bridge(number, signals, NULL)) {
        case BRIDGE_LEFT:
                return EXIT_OK;
        case BRIDGE_SIGNAL:
                return EXIT_INTERRUPTED;
        case BRIDGE_BUSY:
                complain("%s: its shell is in use; `ptl on` runs a command beside it", argv[1]);
                return EXIT_FAILED;
        default:
                end_complain(&layout, argv[1], BATCH_UNREACHABLE);
                return EXIT_FAILED;
        }
}
