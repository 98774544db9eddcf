/* `ptl run`, which is `make run`: a cluster from start to end, with n1's shell. With a terminal the
 * user types; otherwise the commands are lines of standard input. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tools/ptl/batch.h"
#include "tools/ptl/clock.h"
#include "tools/ptl/cluster.h"
#include "tools/ptl/complain.h"
#include "tools/ptl/lines.h"
#include "tools/ptl/terminal.h"
#include "tools/ptl/verbs.h"

enum { RUN_NODE = 1, COMMAND_MS = 600 * 1000, HEAR_MS = 2000 };

struct run {
        struct cluster *cluster;
        struct batch_watch watch; /* the keeper, while a command runs */
        struct batch batch;
        bool open;  /* the batch shell is */
        bool ended; /* no more commands are wanted */
        bool failed;
};

static bool to_stdout(void *context, const char *bytes, size_t count)
{
        (void)context;
        return fwrite(bytes, 1, count, stdout) == count && !fflush(stdout);
}

/* The keeper has something to tell. */
static bool keeper_heard(void *context)
{
        struct control *control = context;
        return control_read(control) != ANSWER_GONE && !(control->failed & 1u << RUN_NODE);
}

/* The machine went away under a command: the keeper is about to tell why. */
static void keeper_hear(struct control *control)
{
        int64_t deadline = clock_ms() + HEAR_MS;
        struct pollfd wait = {.fd = control->fd, .events = POLLIN};
        while (!(control->failed & 1u << RUN_NODE) && poll(&wait, 1, clock_until(deadline)) > 0)
                if (control_read(control) == ANSWER_GONE)
                        return;
}

/* `exit`, alone or with a status. */
static bool is_exit(const char *line)
{
        return !strncmp(line, "exit", 4) && (!line[4] || strchr(" \t", line[4]));
}

/* Runs a command. What makes further ones pointless ends the run. */
static void command_run(struct run *run, const char *line)
{
        int64_t deadline = clock_ms() + COMMAND_MS;
        enum batch_end end = BATCH_DONE;
        int status = 0;
        if (!batch_takes(line)) {
                complain("standard input: Ctrl-C is no part of a command");
                run->failed = true;
                return;
        }
        if (!run->open) {
                end = batch_open(&run->batch, RUN_NODE, run->cluster->signals, deadline);
                run->open = end == BATCH_DONE;
                run->batch.watch = &run->watch;
        }
        if (end == BATCH_DONE)
                end = batch_run(&run->batch, line, deadline, to_stdout, NULL, &status);
        if (end == BATCH_DONE && !status)
                return;
        run->failed = true;
        if (end == BATCH_DONE)
                return;
        if (end == BATCH_LOST)
                keeper_hear(&run->cluster->control);
        complain("n%u: %s: %s", RUN_NODE, line, batch_end_text(end));
        if (run->open)
                batch_close(&run->batch);
        run->open = false;
        run->ended = end != BATCH_RESTARTED;
}

/* No more commands come, but some may still run in the background. */
static void commands_end(struct run *run)
{
        if (run->open)
                command_run(run, "wait");
        run->ended = true;
}

static void run_line(void *context, char *line)
{
        struct run *run = context;
        line += strspn(line, " \t");
        if (run->ended || !*line)
                return;
        command_run(run, line);
        if (is_exit(line) && !run->ended)
                commands_end(run);
}

/* A line that was cut would be another command. */
static bool input_fits(const struct line_reader *lines)
{
        return lines->used < LINE_MAX_BYTES - 1 ||
               complain("standard input: a command has at most %d bytes", BATCH_LINE_MAX - 1);
}

static void input_read(struct run *run, struct line_reader *lines)
{
        char bytes[512];
        ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
        if (count < 0 && errno == EINTR)
                return;
        for (ssize_t i = 0; i < count && !run->ended; i++) {
                line_feed(lines, bytes + i, 1, run_line, run);
                if (!input_fits(lines))
                        run->ended = run->failed = true;
        }
        if (count > 0)
                return;
        if (lines->used) /* a last line without its end */
                line_feed(lines, "\n", 1, run_line, run);
        if (!run->ended)
                commands_end(run);
}

static int run_commands(struct cluster *cluster)
{
        struct line_reader lines = {.used = 0};
        struct run run = {.cluster = cluster};
        run.watch = (struct batch_watch){cluster->control.fd, keeper_heard, &cluster->control};
        struct pollfd wait[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                {.fd = cluster->signals, .events = POLLIN},
                                {.fd = cluster->control.fd, .events = POLLIN}};
        cluster->control.answer = ANSWER_NONE;
        while (!run.ended) {
                if (poll(wait, 3, -1) < 0)
                        continue;
                if (wait[1].revents)
                        cluster->broken = run.ended = true;
                else if (wait[2].revents && control_read(&cluster->control) == ANSWER_GONE)
                        run.failed = run.ended = true;
                else if (wait[0].revents)
                        input_read(&run, &lines);
        }
        if (run.open)
                batch_close(&run.batch);
        return run.failed ? EXIT_FAILED : EXIT_OK;
}

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
        int status = isatty(STDIN_FILENO) ? run_terminal(&cluster) : run_commands(&cluster);
        cluster_end(&cluster);
        if (cluster.control.failed & CONTROL_CAPTURE && status == EXIT_OK)
                status = EXIT_FAILED;
        return cluster.broken ? EXIT_INTERRUPTED : status;
}
