/* Takes the run directory, starts a keeper and waits for its word; see cluster.h. Who does not get
 * the directory is told who has it. */
#include "tools/ptl/cluster.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/lib/socket.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/batch.h"
#include "tools/ptl/boot.h"
#include "tools/ptl/files.h"
#include "tools/ptl/gdb.h"
#include "tools/ptl/keeper.h"
#include "tools/ptl/lock.h"
#include "tools/ptl/machine.h"
#include "tools/ptl/owner.h"
#include "tools/ptl/processes.h"

enum {
        PROBE_MS = 20000,
        END_MS = 15000,
        LEAVING_MS = 2000, /* for what a killed keeper leaves to be gone */
};

int signals_take(void)
{
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGHUP);
        sigaddset(&set, SIGQUIT);
        sigaddset(&set, SIGALRM);
        sigaddset(&set, SIGUSR1);
        sigaddset(&set, SIGUSR2);
        sigprocmask(SIG_BLOCK, &set, NULL);
        signal(SIGPIPE, SIG_IGN);
        int signals = signalfd(-1, &set, SFD_CLOEXEC);
        if (signals < 0)
                complain("signals: %s; %s", strerror(errno), advice(errno));
        return signals;
}

static void announce(const struct cluster *cluster, const char *accelerator)
{
        const struct options *options = &cluster->options;
        fprintf(stderr,
                "ptl: %u node%s, %s, %u MiB each, boot %s, accelerator %s, seed %" PRIu64
                ", in %s\n",
                options->nodes, options->nodes == 1 ? "" : "s", option_nic_choice(options),
                options->memory, options->direct ? "direct" : "pxe", accelerator, options->seed,
                cluster->layout.shown);
}

/* The best that works here; NULL, with a complaint, if the user wants what does not. Guests would
 * hang, and say nothing. */
static const char *accelerator_choose(const char *wanted)
{
        const char *best = machine_accelerator();
        if (!wanted || strcmp(wanted, "kvm") || !strcmp(best, "kvm"))
                return wanted ? wanted : best;
        complain(
            "ACCEL=kvm: KVM does not work here: it takes a processor with vmx or svm, and access "
            "to /dev/kvm; ACCEL=tcg works everywhere");
        return NULL;
}

static bool keeper_launch(struct cluster *cluster, int lock)
{
        static struct boot_plan plan; /* the keeper, a copy of this process, goes on using it */
        const char *accelerator = accelerator_choose(cluster->options.accel);
        int control;
        if (!accelerator)
                return false;
        if (!files_prepare(&cluster->layout, &cluster->options, &plan))
                return false;
        announce(cluster, accelerator);
        gdb_announce(&cluster->layout, &cluster->options);
        struct keeper_setup setup = {&cluster->layout, &cluster->options, &plan, accelerator, lock};
        cluster->keeper = keeper_start(&setup, &control);
        if (cluster->keeper < 0) {
                files_remove();
                return false;
        }
        control_adopt(&cluster->control, control);
        return true;
}

/* Waits for the keeper's word that all nodes are up. */
static bool nodes_wait(struct cluster *cluster)
{
        struct pollfd wait[] = {{.fd = cluster->control.fd, .events = POLLIN},
                                {.fd = cluster->signals, .events = POLLIN}};
        while (cluster->control.answer == ANSWER_NONE) {
                if (poll(wait, 2, -1) < 0)
                        continue;
                if (wait[1].revents) {
                        cluster->broken = true;
                        return false;
                }
                control_read(&cluster->control);
        }
        if (cluster->control.answer == ANSWER_GONE)
                complain("the keeper ended; see %s/keeper.log", cluster->layout.shown);
        return cluster->control.answer == ANSWER_OK;
}

static bool shell_wait(struct cluster *cluster)
{
        struct batch batch;
        enum batch_end end = batch_open(&batch, 1, cluster->signals, clock_ms() + PROBE_MS);
        if (end != BATCH_DONE)
                return complain("n1: its batch shell does not answer: %s; see %s/n1/serial.log",
                                batch_end_text(end), cluster->layout.shown);
        batch_close(&batch);
        return true;
}

/* Whether a keeper serves the run directory. */
static bool keeper_listens(void)
{
        int keeper = socket_connect(CONTROL_SOCKET);
        if (keeper >= 0)
                close(keeper);
        return keeper >= 0;
}

/* Somebody else has the lock: who that is, and how to end it. */
static bool taken_complain(const struct layout *layout, const char mark[MARK_TEXT])
{
        pid_t signer = lock_signer(), holder = process_find(mark);
        int process = (int)(holder ? holder : signer);
        if (keeper_listens())
                return complain("%s: a cluster is up there already (its keeper is process %d); "
                                "`ptl down` ends it, PTL_DIR=DIR chooses another place",
                                layout->shown, (int)signer);
        return complain("%s: another ptl (process %d) is starting or ending a cluster there; "
                        "`ptl down` ends it, PTL_DIR=DIR chooses another place",
                        layout->shown, process);
}

/* Makes the run directory this process's: a descriptor that holds its lock, or -1 with a
 * complaint. */
static int directory_take(const struct layout *layout)
{
        char mark[MARK_TEXT];
        if (!owner_check(layout) || !directory_check(layout))
                return -1;
        cluster_mark(layout->real, mark);
        int lock = lock_take(clock_ms());
        if (lock < 0 && errno == EWOULDBLOCK && !keeper_listens())
                lock = lock_take(clock_ms() + LEAVING_MS);
        if (lock >= 0) {
                lock_sign(lock);
                process_mark(mark);
        } else if (errno == EWOULDBLOCK) {
                taken_complain(layout, mark);
        } else {
                complain("%s/" LOCK_FILE ": %s; %s", layout->shown, strerror(errno), advice(errno));
        }
        return lock;
}

bool cluster_start(struct cluster *cluster)
{
        bool missing;
        if (!options_read(&cluster->options, (option_lookup *)getenv) ||
            !layout_enter(&cluster->layout, true, &missing))
                return false;
        cluster->signals = signals_take();
        if (cluster->signals < 0)
                return false;
        int lock = directory_take(&cluster->layout);
        if (lock < 0)
                return false;
        bool launched = keeper_launch(cluster, lock);
        close(lock);
        if (!launched) {
                struct pollfd interrupted = {.fd = cluster->signals, .events = POLLIN};
                cluster->broken = poll(&interrupted, 1, 0) > 0;
                return false;
        }
        if (nodes_wait(cluster) && shell_wait(cluster))
                return true;
        cluster_end(cluster);
        return false;
}

bool cluster_release(struct cluster *cluster)
{
        bool released = control_ask(&cluster->control, "release", clock_ms() + END_MS);
        close(cluster->control.fd);
        return released;
}

/* A killed keeper's children died with it, but what scripts have started may be left, and nobody
 * has cleared up. */
static void leavings_end(const struct layout *layout)
{
        char mark[MARK_TEXT];
        cluster_mark(layout->real, mark);
        if (!processes_end(mark, LEAVING_MS))
                return;
        int lock = lock_take(clock_ms());
        if (lock >= 0)
                files_remove();
        close(lock);
}

void cluster_end(struct cluster *cluster)
{
        int status;
        int64_t deadline = clock_ms() + END_MS;
        struct pollfd wait = {.fd = cluster->control.fd, .events = POLLIN};
        control_send(&cluster->control, "down");
        while (cluster->control.answer != ANSWER_GONE && clock_ms() < deadline) {
                poll(&wait, 1, clock_until(deadline));
                cluster->control.answer = ANSWER_NONE;
                control_read(&cluster->control);
        }
        if (cluster->control.answer != ANSWER_GONE)
                kill(cluster->keeper, SIGKILL);
        waitpid(cluster->keeper, &status, 0);
        if (WIFSIGNALED(status))
                leavings_end(&cluster->layout);
        close(cluster->control.fd);
}
