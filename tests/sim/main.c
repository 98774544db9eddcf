/* Options and the report. */
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include "tests/sim/sim.h"

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

/* What the workers have used. */
static double processor_seconds(void)
{
        struct rusage used;
        getrusage(RUSAGE_CHILDREN, &used);
        return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
               (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static bool report(const struct done *done, double time)
{
        const double simulated = (double)done->simulated / 1e9;
        printf("%llu messages, %llu references, %llu faults, digest %016llx\n",
               (unsigned long long)done->calls, (unsigned long long)done->references,
               (unsigned long long)done->faults, (unsigned long long)done->digest);
        fprintf(stderr,
                "%.1f seeds a second, %.1f a second of processor time; %.0f s simulated in %.1f s: "
                "%.0f to 1\n",
                (double)done->seeds / time, (double)done->seeds / processor_seconds(), simulated,
                time, simulated / time);
        if (done->failed == UINT64_MAX)
                return true;
        printf("%s; again: make sim SEEDS=1 SEED=%llu NODES=%u CALLS=%u TRACE=yes\n", done->failure,
               (unsigned long long)done->failed, the_sim.options.nodes, the_sim.options.calls);
        return false;
}

int main(int argc, char **argv)
{
        static const struct option options[] = {{"seed", required_argument, 0, 's'},
                                                {"seeds", required_argument, 0, 'S'},
                                                {"nodes", required_argument, 0, 'n'},
                                                {"calls", required_argument, 0, 'c'},
                                                {"images", required_argument, 0, 'i'},
                                                {"net", required_argument, 0, 'N'},
                                                {"jobs", required_argument, 0, 'j'},
                                                {"capture", required_argument, 0, 'C'},
                                                {"keep", required_argument, 0, 'k'},
                                                {"play", no_argument, 0, 'p'},
                                                {"quiet", no_argument, 0, 'q'},
                                                {"trace", no_argument, 0, 't'},
                                                {0}};
        uint64_t seeds = 1;
        struct options chosen = {
            .seed = 1, .nodes = 3, .calls = 1000, .boot = "build/tests/sim/images"};
        const char *capture = NULL, *net = NULL, *keep = NULL;
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
                case 'p':
                        chosen.play = true;
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
                case 'k':
                        keep = optarg;
                        break;
                case 'q':
                        chosen.quiet = true;
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
        if (sodium_init() < 0) /* choose vector code, which the nodes' programs do not ask for */
                return 2;
        images_init(chosen.boot, net);
        workers_init();
        the_sim.options = chosen;
        capture_open(capture);
        if (chosen.play)
                return play_run() ? 0 : 1;
        const double began = seconds();
        struct done done = workers_run(seeds, jobs);
        capture_close();
        bool good = report(&done, seconds() - began);
        if (!good && keep)
                workers_replay(&done, keep);
        return good ? 0 : 1;
}
