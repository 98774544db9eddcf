/* `ptl run`, which is `make run`: a cluster from start to end, with n1's shell. With a terminal the
 * user types; otherwise the commands are lines of standard input. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tools/lib/complain.h"
#include "tools/ptl/cluster.h"
#include "tools/ptl/commands.h"
#include "tools/ptl/terminal.h"
#include "tools/ptl/verbs.h"

enum { RUN_NODE = 1 };

static int run_terminal(struct cluster *cluster)
{
        fprintf(stderr,
                "ptl: the shell of n1: `help` lists its commands; Ctrl-C at an empty prompt, "
                "twice, or `exit` ends the cluster\n");
        switch (terminal_bridge(RUN_NODE, cluster->signals, &cluster->control)) {
        case BRIDGE_LEFT:
                return EXIT_OK;
        case BRIDGE_SIGNAL:
                cluster->broken = true;
                return EXIT_FAILED;
        case BRIDGE_CLOSED:
                complain("n1 stopped; the cluster ends");
                return EXIT_FAILED;
        case BRIDGE_BUSY:
                complain("n1: its shell is in use by another ptl; the cluster ends");
                return EXIT_FAILED;
        default:
                complain("the keeper ended; see %s/keeper.log", cluster->layout.shown);
                return EXIT_FAILED;
        }
}

/* The commands may all have been done, but this was not the cluster that was asked for. */
static void nodes_died(const struct cluster *cluster)
{
        for (unsigned n = 1; n <= cluster->options.nodes; n++)
                if (cluster->control.failed & 1u << n)
                        complain("n%u died or did not come up again while the cluster ran; see "
                                 "%s/n%u/serial.log",
                                 n, cluster->layout.shown, n);
}

int verb_run(int argc, char **argv)
{
        static struct cluster cluster; /* large */
        if (argc > 1 && strcmp(argv[1], "--with-parent")) {
                complain("usage: ptl run [--with-parent]");
                return EXIT_USAGE;
        }
        /* make may be killed, too: then nobody is left who wants this cluster. */
        if (argc > 1)
                prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (!cluster_start(&cluster))
                return cluster.broken ? EXIT_INTERRUPTED : EXIT_FAILED;
        int status = isatty(STDIN_FILENO)
                         ? run_terminal(&cluster)
                         : commands_run(RUN_NODE, cluster.signals, &cluster.control);
        cluster_end(&cluster);
        nodes_died(&cluster);
        if (cluster.control.failed && status == EXIT_OK)
                status = EXIT_FAILED;
        return cluster.broken ? EXIT_INTERRUPTED : status;
}
