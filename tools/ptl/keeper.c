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
#include "tools/lib/socket.h"
#include "tools/ptl/files.h"
#include "tools/ptl/keeper_state.h"

/* Places in the poll set; the clients follow. */
enum { POLL_SIGNALS, POLL_LISTENER, POLL_WATCH, POLL_SWITCH, POLL_CLIENTS };

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

/* A child has ended: a machine, or the switch, without which there is no cluster. */
static void children_reap(struct keeper *keeper)
{
        pid_t child;
        int status;
        while ((child = waitpid(-1, &status, WNOHANG)) > 0) {
                if (child == keeper->switch_process) {
                        keeper->switch_process = 0;
                        keeper->ending = true;
                        clients_tell(keeper,
                                     ": ptl: the switch was ended by %s %d, and the cluster with "
                                     "it; see %s/switch.log",
                                     WIFSIGNALED(status) ? "signal" : "its status",
                                     WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                                     keeper->setup.layout->shown);
                }
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

static void connections_take(struct keeper *keeper)
{
        int fd = accept4(keeper->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
                client_add(keeper, fd);
}

static int timeout(const struct keeper *keeper)
{
        int64_t next = INT64_MAX;
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++) {
                int64_t check = node_next_check(keeper, n);
                next = check < next ? check : next;
        }
        return next == INT64_MAX ? -1 : clock_until(next) + 1;
}

static void keeper_step(struct keeper *keeper)
{
        struct pollfd set[POLL_CLIENTS + CLIENTS_MAX];
        set[POLL_SIGNALS] = (struct pollfd){.fd = keeper->signals, .events = POLLIN};
        set[POLL_LISTENER] = (struct pollfd){.fd = keeper->listener, .events = POLLIN};
        set[POLL_WATCH] = (struct pollfd){.fd = keeper->watch, .events = POLLIN};
        set[POLL_SWITCH] = (struct pollfd){.fd = keeper->switch_events, .events = POLLIN};
        for (unsigned i = 0; i < CLIENTS_MAX; i++)
                set[POLL_CLIENTS + i] =
                    (struct pollfd){.fd = keeper->clients[i].fd, .events = POLLIN};
        if (poll(set, POLL_CLIENTS + CLIENTS_MAX, timeout(keeper)) < 0)
                return;
        if (set[POLL_SWITCH].revents)
                switch_read(keeper);
        if (set[POLL_WATCH].revents)
                watch_read(keeper);
        if (set[POLL_SIGNALS].revents)
                signals_read(keeper);
        for (unsigned i = 0; i < CLIENTS_MAX; i++)
                if (set[POLL_CLIENTS + i].revents && keeper->clients[i].fd >= 0)
                        client_read(keeper, &keeper->clients[i]);
        if (set[POLL_LISTENER].revents)
                connections_take(keeper);
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++)
                node_check(keeper, n);
}

static bool keeper_open(struct keeper *keeper)
{
        keeper->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (keeper->signals < 0 || keeper->watch < 0)
                return complain("the keeper: %s", strerror(errno));
        keeper->listener = socket_listen(CONTROL_SOCKET);
        return keeper->listener >= 0 ||
               complain("%s/" CONTROL_SOCKET ": %s", keeper->setup.layout->shown, strerror(errno));
}

static bool cluster_start(struct keeper *keeper)
{
        if (!keeper_open(keeper) || !switch_start(keeper))
                return false;
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++)
                if (!node_power_on(keeper, n))
                        return false;
        return true;
}

static void cluster_end(struct keeper *keeper)
{
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++)
                if (keeper->nodes[n].machine)
                        kill(keeper->nodes[n].machine, SIGKILL);
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++)
                node_power_off(keeper, n);
        switch_end(keeper);
        files_remove();
        if (truncate(LOCK_FILE, 0))
                complain("%s/" LOCK_FILE ": %s", keeper->setup.layout->shown, strerror(errno));
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
        keeper = (struct keeper){.setup = *setup, .switch_events = -1, .listener = -1};
        keeper.signals = signals_open();
        for (unsigned i = 0; i < CLIENTS_MAX; i++)
                keeper.clients[i].fd = -1;
        for (unsigned n = 0; n <= NODES_MAX; n++)
                keeper.nodes[n].log = -1;
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

/* The lock file tells who holds it. */
static void lock_sign(int lock)
{
        if (ftruncate(lock, 0) || dprintf(lock, "%d\n", (int)getpid()) < 0)
                complain(LOCK_FILE ": %s", strerror(errno));
}

pid_t keeper_start(const struct keeper_setup *setup, int *control)
{
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
                complain("the keeper: %s", strerror(errno));
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
                complain("the keeper: %s", strerror(errno));
                close(ends[0]);
                return -1;
        }
        *control = ends[0];
        return keeper;
}
