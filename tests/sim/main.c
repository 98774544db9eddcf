/* Options, seeds, the report. */
#include <execinfo.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include "tests/sim/sim.h"

enum { SEED_SECONDS = 60 }; /* of real time, after which a seed is taken to hang */

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

int main(int argc, char **argv)
{
        static const struct option options[] = {{"seed", required_argument, 0, 's'},
                                                {"seeds", required_argument, 0, 'S'},
                                                {"nodes", required_argument, 0, 'n'},
                                                {"calls", required_argument, 0, 'c'},
                                                {"images", required_argument, 0, 'i'},
                                                {"trace", no_argument, 0, 't'},
                                                {0}};
        uint64_t seeds = 1, seed = 1, digest = 0;
        bool trace = false;
        unsigned nodes = 3, calls = 1000;
        const char *directory = "build/tests/sim/images";
        for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
                switch (c) {
                case 's':
                        seed = number(optarg);
                        break;
                case 'S':
                        seeds = number(optarg);
                        break;
                case 'n':
                        nodes = (unsigned)number(optarg);
                        break;
                case 'c':
                        calls = (unsigned)number(optarg);
                        break;
                case 'i':
                        directory = optarg;
                        break;
                case 't':
                        trace = true;
                        break;
                default:
                        return 2;
                }
        }
        images_init(directory);
        crashes_catch();
        for (uint64_t i = 0; i < seeds; i++) {
                the_sim.options = (struct options){.seed = seed + i,
                                                   .nodes = nodes,
                                                   .calls = calls,
                                                   .boot = directory,
                                                   .trace = trace};
                alarm(SEED_SECONDS);
                if (!sim_run()) {
                        printf("SEED=%llu: %s\n", (unsigned long long)(seed + i), the_sim.failure);
                        return 1;
                }
                digest ^= the_sim.digest;
        }
        printf("digest %016llx\n", (unsigned long long)digest);
        return 0;
}
