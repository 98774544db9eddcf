/* The keeper's loop: waits for signals, connections, the nodes' logs, the switch and clients, and
 * has each seen to by its part (keeper_state.h). It ends all when it is asked to, when the switch
 * or a bound client is gone, and when the run directory is not its own any more. */
#include "tools/ptl/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/lib/ended.h"
#include "tools/lib/ready.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/child.h"
#include "tools/ptl/files.h"
#include "tools/ptl/keeper_client.h"
#include "tools/ptl/keeper_command.h"
#include "tools/ptl/keeper_node.h"
#include "tools/ptl/keeper_progress.h"
#include "tools/ptl/keeper_switch.h"
#include "tools/ptl/lock.h"
#include "tools/ptl/logs.h"

/* Places in the poll set; the clients follow, and what the nodes' lines want. */
enum {
        POLL_SIGNALS,
        POLL_LISTENER,
        POLL_WATCH,
        POLL_SWITCH,
        POLL_CLIENTS,
        POLL_LINES = POLL_CLIENTS + CLIENTS_MAX,
        POLLS = POLL_LINES + NODES_MAX * LINE_POLLS,
};

enum { GUARD_MS = 500 };

/* So often the keeper looks at its clock; what is so much later than it should be was a stall. */
enum { TICK_MS = 100, STALL_MS = 200 };

static const char no_descriptors[] =
    "error: the keeper has no file descriptor left; raise its limit (`prlimit --nofile`), or "
    "`ptl down` ends the cluster\n";

static int signals_open(void)
{
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGCHLD);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGHUP);
        sigprocmask(SIG_BLOCK, &set, NULL);
        signal(SIGPIPE, SIG_IGN);
        return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Without the switch there is no cluster. */
static void switch_ended(struct keeper *keeper, int status)
{
        char end[ENDED_TEXT];
        ended_text(status, end);
        keeper->switch_process = 0;
        keeper->ending = true;
        clients_tell(keeper, ": ptl: the switch %s, and the cluster with it; see %s/switch.log",
                     end, keeper->setup.layout->shown);
}

/* Children have ended: machines, or the switch. */
static void children_reap(struct keeper *keeper)
{
        pid_t child;
        int status;
        while ((child = waitpid(-1, &status, WNOHANG)) > 0) {
                if (child == keeper->switch_process)
                        switch_ended(keeper, status);
                for (unsigned n = 1; n <= keeper->setup.options->nodes; n++)
                        if (child == keeper->nodes[n].machine)
                                node_ended(keeper, n, status);
        }
}

static void signals_read(struct keeper *keeper)
{
        struct signalfd_siginfo info;
        while (read(keeper->signals, &info, sizeof info) == sizeof info)
                if (info.ssi_signo != SIGCHLD)
                        keeper->ending = true;
        children_reap(keeper);
}

/* The nodes' logs have grown. Which ones does not matter: reading where nothing is new is cheap. */
static void watch_read(struct keeper *keeper)
{
        char events[4096] __attribute__((aligned(_Alignof(struct inotify_event))));
        while (read(keeper->watch, events, sizeof events) > 0)
                ;
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++)
                node_log_read(keeper, n);
}

static void connection_take(struct keeper *keeper)
{
        int fd = listener_accept(&keeper->listener, no_descriptors);
        if (fd >= 0)
                client_add(keeper, fd);
}

/* Without its run directory nobody could reach the cluster, and nobody would end it. */
static void directory_guard(struct keeper *keeper)
{
        const struct layout *layout = keeper->setup.layout;
        char file[PATH_MAX + sizeof LOCK_FILE + 1];
        if (clock_ms() < keeper->guard)
                return;
        keeper->guard = clock_ms() + GUARD_MS;
        snprintf(file, sizeof file, "%s/" LOCK_FILE, layout->real);
        if (lock_is_at(keeper->setup.lock, file))
                return;
        keeper->ending = true;
        clients_tell(keeper, ": ptl: %s was removed or renamed; the cluster ends", layout->shown);
}

/* The time of the next thing to do, in ms of the clock. */
static int64_t next_time(const struct keeper *keeper)
{
        int64_t next = listener_due(&keeper->listener);
        if (keeper->guard < next)
                next = keeper->guard;
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++) {
                int64_t check = node_next_check(keeper, n);
                next = check < next ? check : next;
        }
        return next;
}

/* How many nodes may have a line that the keeper holds. */
static unsigned lines_of(const struct keeper *keeper)
{
        return keeper->setup.options->one_port ? keeper->setup.options->nodes : 0;
}

/* Returns how many there are: no more than are needed (tools/lib/ready.h). */
static size_t polls_fill(struct keeper *keeper, struct pollfd set[POLLS])
{
        set[POLL_SIGNALS] = (struct pollfd){.fd = keeper->signals, .events = POLLIN};
        set[POLL_LISTENER] =
            (struct pollfd){.fd = listener_poll(&keeper->listener), .events = POLLIN};
        set[POLL_WATCH] = (struct pollfd){.fd = keeper->watch, .events = POLLIN};
        set[POLL_SWITCH] = (struct pollfd){.fd = keeper->switch_events, .events = POLLIN};
        for (unsigned i = 0; i < CLIENTS_MAX; i++)
                set[POLL_CLIENTS + i] =
                    (struct pollfd){.fd = keeper->clients[i].fd, .events = POLLIN};
        for (unsigned n = 1; n <= lines_of(keeper); n++)
                line_polls(&keeper->lines[n], set + POLL_LINES + (n - 1) * LINE_POLLS);
        return POLL_LINES + lines_of(keeper) * LINE_POLLS;
}

/* Waits for what is next. A node that is found dead may have been alive on a host that did not run
 * it: so the log says when the host stood still, as far as this process felt it. */
static void next_await(struct keeper *keeper, struct pollfd *set, size_t count)
{
        int64_t tick = clock_ms() + TICK_MS, next = next_time(keeper);
        ready_wait(set, count, (next < tick ? next : tick) * 1000000);
        int64_t late = clock_ms() - tick;
        if (late > STALL_MS && keeper->logging)
                complain("the host stood still for %lld ms, until %lld ms of its clock",
                         (long long)late, (long long)clock_ms());
}

/* What is read may have come before poll was asked, or not at all (tools/lib/ready.h): so nothing
 * here blocks. */
static void keeper_step(struct keeper *keeper)
{
        struct pollfd set[POLLS];
        size_t count = polls_fill(keeper, set);
        next_await(keeper, set, count);
        for (unsigned n = 1; n <= lines_of(keeper); n++)
                line_serve(&keeper->lines[n], set + POLL_LINES + (n - 1) * LINE_POLLS);
        if (set[POLL_SWITCH].revents)
                switch_read(keeper);
        if (set[POLL_WATCH].revents)
                watch_read(keeper);
        if (set[POLL_SIGNALS].revents)
                signals_read(keeper);
        for (unsigned i = 0; i < CLIENTS_MAX; i++)
                if (set[POLL_CLIENTS + i].revents && keeper->clients[i].fd >= 0)
                        client_read(keeper, &keeper->clients[i], command_obey);
        if (set[POLL_LISTENER].revents)
                connection_take(keeper);
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++)
                node_check(keeper, n);
        waits_settle(keeper);
        directory_guard(keeper);
}

static bool keeper_open(struct keeper *keeper)
{
        keeper->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (keeper->watch < 0)
                return complain("the nodes' logs cannot be followed: %s; %s", strerror(errno),
                                errno == EMFILE ? "raise the host's fs.inotify.max_user_instances"
                                                : advice(errno));
        if (keeper->signals < 0)
                return complain("signals: %s; %s", strerror(errno), advice(errno));
        return listener_open(&keeper->listener, CONTROL_SOCKET) ||
               complain("%s/" CONTROL_SOCKET ": %s; %s", keeper->setup.layout->shown,
                        strerror(errno), advice(errno));
}

/* From here on the logs are this cluster's. */
static bool logs_begin(const struct keeper *keeper)
{
        return (logs_turn(keeper->setup.options->nodes) && !rename(SWITCH_LOG_NEW, "switch.log")) ||
               complain("%s: the logs of the cluster before: %s; %s", keeper->setup.layout->shown,
                        strerror(errno), advice(errno));
}

static bool cluster_start(struct keeper *keeper)
{
        char reason[NODE_REASON];
        if (!keeper_open(keeper) || !switch_start(keeper) || !logs_begin(keeper))
                return false;
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++)
                if (!node_power_on(keeper, n, reason))
                        return complain("%s", reason);
        return true;
}

static void cluster_end(struct keeper *keeper)
{
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++)
                if (keeper->nodes[n].machine)
                        child_kill(keeper->nodes[n].machine);
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++)
                node_power_off(keeper, n);
        switch_end(keeper);
        /* The directory may have another owner by now. */
        if (lock_is_at(keeper->setup.lock, LOCK_FILE))
                files_remove();
}

/* The keeper's standard error is its starter's until the cluster has begun to start, so that what
 * goes wrong there is seen; then its log. */
static void errors_to_log(struct keeper *keeper)
{
        int log = open("keeper.log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
        if (log >= 0)
                keeper->logging = dup2(log, STDERR_FILENO) >= 0;
        close(log);
}

static _Noreturn void keeper_main(const struct keeper_setup *setup, int starter)
{
        static struct keeper keeper; /* large */
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        setsid();
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        close(null);
        keeper = (struct keeper){.setup = *setup, .switch_events = -1};
        keeper.listener = (struct listener){.fd = -1, .spare = -1};
        keeper.signals = signals_open();
        for (unsigned i = 0; i < CLIENTS_MAX; i++)
                keeper.clients[i].fd = -1;
        for (unsigned n = 0; n <= NODES_MAX; n++) {
                keeper.nodes[n].log = -1;
                line_clear(&keeper.lines[n]);
        }
        struct client *client = client_add(&keeper, starter);
        client->bound = true;
        client->waits = true;
        keeper.ending = !cluster_start(&keeper);
        if (keeper.ending)
                client_send(&keeper, client, "error: the cluster did not start");
        errors_to_log(&keeper);
        while (!keeper.ending)
                keeper_step(&keeper);
        cluster_end(&keeper);
        if (keeper.ender && !keeper.ender->bound && *keeper.capture_failure)
                client_send(&keeper, keeper.ender, "%s", keeper.capture_failure);
        if (keeper.ender)
                client_send(&keeper, keeper.ender, "ok");
        exit(0);
}

pid_t keeper_start(const struct keeper_setup *setup, int *control)
{
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
                complain("the keeper cannot be started: %s; %s", strerror(errno), advice(errno));
                return -1;
        }
        fflush(NULL);
        pid_t keeper = fork();
        if (keeper == 0) {
                close(ends[0]);
                lock_sign(setup->lock);
                keeper_main(setup, ends[1]);
        }
        close(ends[1]);
        if (keeper < 0) {
                complain("the keeper cannot be started: %s; %s", strerror(errno), advice(errno));
                close(ends[0]);
                return -1;
        }
        *control = ends[0];
        return keeper;
}
