/* Options, seeds, the report. */
#include <execinfo.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include "tests/sim/sim.h"

enum { SEED_SECONDS = 120 /* of real time: then a seed hangs */, JOBS_MAX = 64 };

void sim_panic(const char *text)
{
        sim_trace(the_sim.running, "panic: %s", text);
        fprintf(stderr, "sim: SEED=%llu: kernel panic: %s\n",
                (unsigned long long)the_sim.options.seed, text);
        exit(1);
}

/* A program or the kernel has crashed, or goes round and round: says in which seed, and where. */
static void crashed(int signal, siginfo_t *info, void *context)
{
        const ucontext_t *where = context;
        void *addresses[40];
        fflush(stdout);
        dprintf(STDERR_FILENO, "SEED=%llu: signal %d at %.6f ms in %s: address %p, rip %llx\n",
                (unsigned long long)the_sim.options.seed, signal, (double)sim_time() / 1e6,
                the_sim.running ? the_sim.running->name : "the simulator", info->si_addr,
                (unsigned long long)where->uc_mcontext.gregs[REG_RIP]);
        backtrace_symbols_fd(addresses, backtrace(addresses, 40), STDERR_FILENO);
        _exit(1);
}

static void crashes_catch(void)
{
        static char stack[64 << 10];
        static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM};
        const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
        sigaltstack(&alternate, NULL);
        for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++) {
                struct sigaction action = {.sa_sigaction = crashed,
                                           .sa_flags = SA_ONSTACK | SA_SIGINFO};
                sigaction(signals[i], &action, NULL);
        }
}

static unsigned long long number(const char *text)
{
        char *end;
        unsigned long long value = strtoull(text, &end, 10);
        if (end == text || *end) {
                fprintf(stderr, "sim: %s is no number\n", text);
                exit(2);
        }
        return value;
}

static double seconds(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What a worker has done. */
struct done {
        uint64_t seeds, calls, faults, simulated, digest;
        uint64_t failed; /* the seed; UINT64_MAX: none */
        char failure[200];
};

/* Runs every step-th seed, until one fails. */
static struct done seeds_run(uint64_t first, uint64_t seeds, unsigned step)
{
        struct done done = {.failed = UINT64_MAX};
        for (uint64_t i = 0; i < seeds && done.failed == UINT64_MAX; i += step) {
                the_sim.options.seed = first + i;
                alarm(SEED_SECONDS);
                if (!sim_run()) {
                        done.failed = first + i;
                        snprintf(done.failure, sizeof done.failure, "%s", the_sim.failure);
                }
                done.seeds++;
                done.calls += the_sim.calls;
                done.faults += the_sim.faults;
                done.simulated += the_sim.simulated;
                done.digest ^= the_sim.digest;
        }
        return done;
}

static void done_add(struct done *sum, const struct done *done)
{
        sum->seeds += done->seeds;
        sum->calls += done->calls;
        sum->faults += done->faults;
        sum->simulated += done->simulated;
        sum->digest ^= done->digest;
        if (done->failed >= sum->failed)
                return;
        sum->failed = done->failed;
        memcpy(sum->failure, done->failure, sizeof sum->failure);
}

/* As many processes as jobs; the earliest of the seeds that failed is reported. One that has
 * crashed has said so itself. */
static bool workers_run(struct done *sum, uint64_t seeds, unsigned jobs)
{
        const uint64_t first = the_sim.options.seed;
        int results[JOBS_MAX][2];
        bool good = true;
        for (unsigned i = 0; i < jobs; i++) {
                if (pipe(results[i]) != 0)
                        exit(2);
                if (fork() != 0)
                        continue;
                struct done done = seeds_run(first + i, seeds - i, jobs);
                bool told = write(results[i][1], &done, sizeof done) == sizeof done;
                _exit(told ? 0 : 2);
        }
        for (unsigned i = 0; i < jobs; i++) {
                struct done done;
                close(results[i][1]);
                if (read(results[i][0], &done, sizeof done) == sizeof done)
                        done_add(sum, &done);
                else
                        good = false;
                wait(NULL);
        }
        return good;
}

static bool report(const struct done *done, double time)
{
        printf("%llu messages, %llu faults, digest %016llx\n", (unsigned long long)done->calls,
               (unsigned long long)done->faults, (unsigned long long)done->digest);
        fprintf(stderr, "%.1f seeds a second; %.0f s simulated in %.1f s\n",
                (double)done->seeds / time, (double)done->simulated / 1e9, time);
        if (done->failed == UINT64_MAX)
                return true;
        printf("%s; again: make sim SEEDS=1 SEED=%llu NODES=%u CALLS=%u TRACE=yes\n", done->failure,
               (unsigned long long)done->failed, the_sim.options.nodes, the_sim.options.calls);
        return false;
}

int main(int argc, char **argv)
{
        static const struct option options[] = {
            {"seed", required_argument, 0, 's'},   {"seeds", required_argument, 0, 'S'},
            {"nodes", required_argument, 0, 'n'},  {"calls", required_argument, 0, 'c'},
            {"images", required_argument, 0, 'i'}, {"net", required_argument, 0, 'N'},
            {"jobs", required_argument, 0, 'j'},   {"capture", required_argument, 0, 'C'},
            {"trace", no_argument, 0, 't'},        {0}};
        uint64_t seeds = 1;
        struct options chosen = {
            .seed = 1, .nodes = 3, .calls = 1000, .boot = "build/tests/sim/images"};
        const char *capture = NULL, *net = NULL;
        unsigned jobs = 1;
        for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
                switch (c) {
                case 's':
                        chosen.seed = number(optarg);
                        break;
                case 'S':
                        seeds = number(optarg);
                        break;
                case 'n':
                        chosen.nodes = (unsigned)number(optarg);
                        break;
                case 'c':
                        chosen.calls = (unsigned)number(optarg);
                        break;
                case 'i':
                        chosen.boot = optarg;
                        break;
                case 'N':
                        net = optarg;
                        break;
                case 'j':
                        jobs = (unsigned)number(optarg);
                        break;
                case 'C':
                        capture = optarg;
                        break;
                case 't':
                        chosen.trace = true;
                        break;
                default:
                        return 2;
                }
        }
        if (chosen.nodes < 1 || chosen.nodes > NODES_MAX) {
                fprintf(stderr, "sim: --nodes: from 1 to %u\n", NODES_MAX);
                return 2;
        }
        if (jobs < 1 || jobs > JOBS_MAX || (jobs > 1 && (capture || chosen.trace))) {
                fprintf(stderr, "sim: --jobs: from 1 to %u, and one with a trace or a capture\n",
                        JOBS_MAX);
                return 2;
        }
        images_init(chosen.boot, net);
        crashes_catch();
        the_sim.options = chosen;
        capture_open(capture);
        const double began = seconds();
        struct done done = {.failed = UINT64_MAX};
        bool whole = true;
        if (jobs > 1 && seeds > 1)
                whole = workers_run(&done, seeds, jobs < seeds ? jobs : (unsigned)seeds);
        else
                done = seeds_run(chosen.seed, seeds, 1);
        capture_close();
        return report(&done, seconds() - began) && whole ? 0 : 1;
}
