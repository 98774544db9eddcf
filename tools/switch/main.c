/* The testbed's Ethernet switch: one process, one loop.
 *
 *      QEMU n1 ─ n1/switch.sock ─> ports ──> fabric ──> ports ─ n2/qemu.sock ─> QEMU n2
 *                                              │  └──> gateway (DHCP, TFTP …) ──> fabric
 *                                              └─────> capture <── secrets <── n1/keylog
 *      ptl ──── switch.ctl ──────> control ──> command ──> fabric, capture
 *
 * The loop waits until a socket is ready or the first deadline of the fabric or the gateway has
 * come. Only the loop's own functions know sockets and the clock; all else gets frames and the
 * time. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "tools/lib/complain.h"
#include "tools/lib/ready.h"
#include "tools/switch/command.h"
#include "tools/switch/control.h"
#include "tools/switch/gateway.h"
#include "tools/switch/options.h"
#include "tools/switch/ports.h"
#include "tools/switch/secrets.h"

enum {
        BURST_MAX = 64, /* frames from one node before the others have their turn */
        POLLS_MAX = 1 + CLIENTS_MAX + 1 + 2 * NODES_MAX,
};

struct program {
        struct options options;
        struct fabric fabric;
        struct gateway gateway;
        struct capture capture;
        struct secrets secrets;
        struct journal journal;
        struct ports ports;
        struct control control;
        struct testbed testbed;
        int signals;
        int tftp_directory;
};

static struct program program;

static uint64_t clock_read(clockid_t clock)
{
        struct timespec now;
        clock_gettime(clock, &now);
        return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static enum delivery frame_deliver(void *context, unsigned port, const uint8_t *frame,
                                   size_t length, uint64_t now)
{
        struct program *p = context;
        if (port < p->fabric.nodes)
                return ports_send(&p->ports, port, frame, length);
        gateway_input(&p->gateway, frame, length, now);
        return DELIVERED;
}

static void event_tell(void *context, const char *line)
{
        struct program *p = context;
        journal_add(&p->journal, line);
        control_event(&p->control, line);
}

/* What is to be written down is so no longer; `what` names it in the event. */
static void writing_ended(struct program *p, const char *what, const char *path, int error)
{
        char event[128];
        complain("%s: %s; the %s ends here, the switch goes on", path, strerror(error), what);
        snprintf(event, sizeof event, "%s failed %s", what, strerror(error));
        event_tell(p, event);
}

static void secret_record(void *context, const char *line, size_t length)
{
        struct program *p = context;
        if (!capture_secrets(&p->capture, line, length))
                writing_ended(p, "capture", p->capture.path, p->capture.error);
}

static void secrets_failed(void *context, const char *path, int error)
{
        writing_ended(context, "keylog", path, error);
}

static void frame_record(void *context, unsigned port, const uint8_t *frame, size_t length,
                         const char *comment, uint64_t now)
{
        struct program *p = context;
        secrets_take(&p->secrets, port);
        if (!capture_write(&p->capture, port, frame, length, comment, now))
                writing_ended(p, "capture", p->capture.path, p->capture.error);
}

static void gateway_send(void *context, const uint8_t *frame, size_t length, uint64_t now)
{
        struct program *p = context;
        fabric_input(&p->fabric, p->fabric.nodes, frame, length, now);
}

static bool line_run(void *context, const char *line, struct buffer *answer)
{
        struct program *p = context;
        return command_run(&p->testbed, line, answer);
}

static bool fabric_setup(struct program *p, struct problem *problem)
{
        const struct options *options = &p->options;
        const struct fabric_env env = {p, frame_deliver, frame_record};
        const struct gateway_env gateway_env = {p, gateway_send, event_tell};
        uint64_t seed = options->seed;
        if (!options->has_seed && getrandom(&seed, sizeof seed, 0) != sizeof seed)
                return problem_set(problem, "no random numbers: %s; give --seed", strerror(errno));
        if (!options->has_seed)
                seed &= UINT32_MAX; /* short enough to type again */
        fabric_init(&p->fabric, env, seed);
        gateway_init(&p->gateway, gateway_env, p->tftp_directory, options->bootfile);
        for (unsigned i = 0; i < options->count; i++) {
                const struct node_option *node = &options->nodes[i];
                fabric_add_node(&p->fabric, node->name, node->mac);
                gateway_add_node(&p->gateway, node->name, node->number, node->mac);
        }
        if (!options->no_boot && !fabric_add_gateway(&p->fabric, gateway_mac()))
                return problem_set(problem, "a --node has the gateway's MAC; give it another");
        p->fabric.default_impairment = options->impairment;
        return true;
}

/* Opens what the command line names relative to the current directory, before leaving it. */
static bool files_open(struct program *p, struct problem *problem)
{
        const struct options *options = &p->options;
        p->tftp_directory = -1;
        if (options->tftp) {
                p->tftp_directory = open(options->tftp, O_PATH | O_DIRECTORY | O_CLOEXEC);
                if (p->tftp_directory < 0)
                        return problem_set(problem, "--tftp %s: %s; name a directory",
                                           options->tftp, strerror(errno));
        }
        return !options->keylog || secrets_start(&p->secrets, options->keylog, problem);
}

static bool sockets_open(struct program *p, struct problem *problem)
{
        const struct control_env env = {p, line_run};
        if (chdir(p->options.directory) < 0)
                return problem_set(problem, "--dir %s: %s; make it first", p->options.directory,
                                   strerror(errno));
        if (!control_open(&p->control, "switch.ctl", env, problem))
                return false;
        for (unsigned i = 0; i < p->options.count; i++) {
                const char *name = p->options.nodes[i].name;
                if (!ports_add(&p->ports, name, problem) ||
                    (p->options.keylog && !secrets_add_node(&p->secrets, name, problem)))
                        return false;
        }
        return true;
}

static bool signals_setup(struct program *p, struct problem *problem)
{
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGHUP);
        sigprocmask(SIG_BLOCK, &set, NULL);
        signal(SIGPIPE, SIG_IGN);
        signal(SIGXFSZ, SIG_IGN); /* a capture that hits the limit is an error of its write */
        p->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
        if (p->signals < 0)
                return problem_set(problem, "signals: %s; allow more open files by `ulimit -n`",
                                   strerror(errno));
        return true;
}

static bool setup(struct program *p, struct problem *problem)
{
        p->control.listener.fd = -1;
        secrets_init(&p->secrets, (struct secrets_env){p, secret_record, secrets_failed});
        if (!signals_setup(p, problem) || !files_open(p, problem) || !fabric_setup(p, problem))
                return false;
        p->testbed = (struct testbed){
            .fabric = &p->fabric,
            .capture = &p->capture,
            .journal = &p->journal,
            .time_shift = clock_read(CLOCK_REALTIME) - clock_read(CLOCK_MONOTONIC),
            .key_log = p->secrets.fd,
        };
        if (p->options.capture && !testbed_capture(&p->testbed, p->options.capture, problem))
                return false;
        return sockets_open(p, problem);
}

/* Takes what a node has sent. Frames that are due go first, so that none is overtaken. */
static void node_receive(struct program *p, unsigned node)
{
        static uint8_t bytes[DATAGRAM_MAX];
        size_t length;
        for (unsigned i = 0; i < BURST_MAX && ports_receive(&p->ports, node, bytes, &length); i++) {
                uint64_t now = clock_read(CLOCK_MONOTONIC);
                fabric_run(&p->fabric, now);
                fabric_input(&p->fabric, node, bytes, length, now);
        }
}

/* Waits for a socket, a deadline, or until `due` (ms). */
static void polls_wait(struct program *p, struct pollfd *polls, size_t count, int64_t due)
{
        uint64_t deadline = fabric_deadline(&p->fabric);
        uint64_t others[] = {gateway_deadline(&p->gateway),
                             due == INT64_MAX ? UINT64_MAX : (uint64_t)due * 1000000};
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
                deadline = others[i] < deadline ? others[i] : deadline;
        ready_wait(polls, count, deadline > INT64_MAX ? INT64_MAX : (int64_t)deadline);
}

/* Whether a signal asks for the end. */
static bool signal_came(int signals)
{
        struct signalfd_siginfo info;
        return read(signals, &info, sizeof info) == sizeof info;
}

/* One turn: wait, then what is due, then frames, then commands. False when it is the last. */
static bool turn(struct program *p)
{
        struct pollfd polls[POLLS_MAX];
        unsigned nodes = p->fabric.nodes;
        struct pollfd *in = polls + 1, *out = in + nodes, *clients = out + nodes;
        polls[0] = (struct pollfd){p->signals, POLLIN, 0};
        for (unsigned i = 0; i < nodes; i++) {
                in[i] = (struct pollfd){p->ports.port[i].in, POLLIN, 0};
                bool waits = ports_waits(&p->ports, i);
                out[i] = (struct pollfd){waits ? p->ports.port[i].out : -1, POLLOUT, 0};
        }
        int64_t due;
        size_t client_count = control_poll(&p->control, clients, &due);
        polls_wait(p, polls, 1 + 2 * nodes + client_count, due);
        uint64_t now = clock_read(CLOCK_MONOTONIC);
        fabric_run(&p->fabric, now);
        gateway_tick(&p->gateway, now);
        for (unsigned i = 0; i < nodes; i++) {
                if (out[i].revents)
                        ports_flush(&p->ports, i);
                if (in[i].revents)
                        node_receive(p, i);
        }
        control_handle(&p->control, clients, client_count);
        return !(polls[0].revents && signal_came(p->signals)) && !p->testbed.quit;
}

static void teardown(struct program *p)
{
        secrets_stop(&p->secrets);
        capture_stop(&p->capture);
        ports_close(&p->ports);
        control_close(&p->control);
        gateway_destroy(&p->gateway);
        fabric_destroy(&p->fabric);
        journal_destroy(&p->journal);
}

int main(int count, char **arguments)
{
        struct problem problem;
        if (!options_parse(count, arguments, &program.options, &problem)) {
                complain("%s", problem.text);
                return 2;
        }
        if (program.options.help) {
                fputs(options_usage, stdout);
                return 0;
        }
        bool ready = setup(&program, &problem);
        if (ready) {
                printf("ready seed=%llu\n", (unsigned long long)program.fabric.seed);
                fflush(stdout);
                while (turn(&program))
                        ;
        } else {
                complain("%s", problem.text);
        }
        teardown(&program);
        return ready ? 0 : 1;
}
