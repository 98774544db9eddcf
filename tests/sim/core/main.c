/* make sim-core: runs seeds until one fails. See README.md for the options. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "netipc/core/breakage.h"
#include "tests/sim/core/sim.h"

struct request {
        uint64_t seed, seeds;
        struct options options;
};

static void usage(void)
{
        fprintf(stderr,
                "usage: sim [--seed N] [--seeds N] [--nodes N] [--calls N]\n"
                "Runs `seeds` simulations, beginning with `seed`; one seed alone is traced.\n");
        exit(2);
}

static uint64_t number(const char *text, uint64_t least, uint64_t most)
{
        char *end;
        errno = 0;
        unsigned long long value = text ? strtoull(text, &end, 10) : 0;
        if (!text || !*text || *end || errno || value < least || value > most) {
                fprintf(stderr, "sim: %s: not a number from %llu to %llu; give another\n",
                        text ? text : "nothing", (unsigned long long)least,
                        (unsigned long long)most);
                exit(2);
        }
        return value;
}

static struct request arguments_read(char **arguments)
{
        struct request request = {.seed = 1, .seeds = 100, .options = {.nodes = 3, .calls = 1000}};
        for (; *arguments; arguments += 2) {
                if (!strcmp(*arguments, "--seed"))
                        request.seed = number(arguments[1], 0, UINT64_MAX / 2);
                else if (!strcmp(*arguments, "--seeds"))
                        request.seeds = number(arguments[1], 1, UINT32_MAX);
                else if (!strcmp(*arguments, "--nodes"))
                        request.options.nodes = (unsigned)number(arguments[1], 2, NODES_MAX);
                else if (!strcmp(*arguments, "--calls"))
                        request.options.calls = (unsigned)number(arguments[1], 1, 1000000);
                else
                        usage();
        }
        request.options.trace = request.seeds == 1;
        return request;
}

static void failure_tell(const struct sim *sim)
{
        static const char *const defects[] = {
            [CORE_BREAK_NONE] = "",
            [CORE_BREAK_duplicate] = " BREAK=duplicate",
            [CORE_BREAK_reorder] = " BREAK=reorder",
            [CORE_BREAK_leak] = " BREAK=leak",
            [CORE_BREAK_epoch] = " BREAK=epoch",
            [CORE_BREAK_count] = " BREAK=count",
        };
        const struct options *options = &sim->options;
        printf("failed after %llu calls, %llu faults, digest %016llx: %s\n"
               "to replay it: make sim-core SEED=%llu SEEDS=1 NODES=%u CALLS=%u%s\n",
               (unsigned long long)sim->calls, (unsigned long long)sim->faults,
               (unsigned long long)sim->digest, sim->failure, (unsigned long long)options->seed,
               options->nodes, options->calls, defects[CORE_BREAK]);
}

int main(int count, char **arguments)
{
        (void)count;
        struct request request = arguments_read(arguments + 1);
        uint64_t calls = 0, faults = 0, digest = 0xcbf29ce484222325ull;
        struct sim *sim = malloc(sizeof(*sim));
        for (uint64_t i = 0; i < request.seeds; i++) {
                memset(sim, 0, sizeof(*sim));
                sim->options = request.options;
                sim->options.seed = request.seed + i;
                sim->digest = 0xcbf29ce484222325ull;
                bool good = sim_run(sim);
                calls += sim->calls;
                faults += sim->faults;
                digest = (digest ^ sim->digest) * 0x100000001b3ull;
                sim_free(sim);
                if (good)
                        continue;
                failure_tell(sim);
                return 1;
        }
        printf("%llu calls, %llu faults, digest %016llx\n", (unsigned long long)calls,
               (unsigned long long)faults, (unsigned long long)digest);
        free(sim);
        return 0;
}
