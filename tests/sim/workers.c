/* Seeds in several processes, up to the first that fails, and that one once more.
 *
 *      worker i ──every jobs-th seed──> struct board, in memory that all share
 *
 * Each worker goes on while its next seed is before the earliest that has failed, so what is
 * reported is the earliest of all, whatever the number of workers. A worker that crashes has noted
 * its seed before. The failing seed is then run again, alone, with trace and capture: it has to
 * fail as before, with the same digest. */
#include <execinfo.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include "tests/sim/sim.h"

/* Of the processor's time: then a seed hangs. */
#define SEED_SECONDS (60 + the_sim.options.calls / 2000)

/* What the workers have done so far. */
struct board {
        _Atomic uint64_t failed; /* the earliest seed that has; UINT64_MAX: none */
        struct done done[JOBS_MAX];
};

static struct board *board;
static struct done *mine; /* of this process */

static void seed_failed(uint64_t seed)
{
        uint64_t earliest = atomic_load(&board->failed);
        while (seed < earliest && !atomic_compare_exchange_weak(&board->failed, &earliest, seed))
                ;
}

/* ---- crashes --------------------------------------------------------------------------------- */

void sim_panic(const char *text)
{
        sim_trace(the_sim.running, "panic: %s", text);
        fprintf(stderr, "sim: SEED=%llu: kernel panic: %s\n",
                (unsigned long long)the_sim.options.seed, text);
        fflush(stdout);
        seed_failed(the_sim.options.seed);
        _exit(1);
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
        seed_failed(the_sim.options.seed);
        _exit(1);
}

static void crashes_catch(void)
{
        static char stack[64 << 10];
        static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGPROF};
        const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
        sigaltstack(&alternate, NULL);
        for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++) {
                struct sigaction action = {.sa_sigaction = crashed,
                                           .sa_flags = SA_ONSTACK | SA_SIGINFO};
                sigaction(signals[i], &action, NULL);
        }
}

/* ---- one worker ------------------------------------------------------------------------------ */

static void watch(unsigned seconds)
{
        const struct itimerval timer = {.it_value.tv_sec = seconds};
        setitimer(ITIMER_PROF, &timer, NULL);
}

/* Until it has come to its end it counts as failed, so that a crash needs no more words. */
static void seed_run(uint64_t seed)
{
        the_sim.options.seed = mine->failed = seed;
        mine->last_digest = 0;
        snprintf(mine->failure, sizeof mine->failure, "seed %llu crashes",
                 (unsigned long long)seed);
        watch(SEED_SECONDS);
        bool good = sim_run();
        watch(0);
        mine->seeds++;
        mine->calls += the_sim.calls;
        mine->references += the_sim.references;
        mine->faults += the_sim.faults;
        mine->simulated += the_sim.simulated;
        mine->digest ^= mine->last_digest = the_sim.digest;
        if (good) {
                mine->failed = UINT64_MAX;
                return;
        }
        snprintf(mine->failure, sizeof mine->failure, "%s", the_sim.failure);
        seed_failed(seed);
}

static void seeds_run(uint64_t first, uint64_t seeds, unsigned step)
{
        for (uint64_t i = 0; i < seeds && first + i < atomic_load(&board->failed); i += step)
                seed_run(first + i);
}

static void done_add(struct done *sum, const struct done *done)
{
        sum->seeds += done->seeds;
        sum->calls += done->calls;
        sum->references += done->references;
        sum->faults += done->faults;
        sum->simulated += done->simulated;
        sum->digest ^= done->digest;
        if (done->failed >= sum->failed)
                return;
        sum->failed = done->failed;
        sum->last_digest = done->last_digest;
        memcpy(sum->failure, done->failure, sizeof sum->failure);
}

/* ---- all of them ----------------------------------------------------------------------------- */

void workers_init(void)
{
        board =
            mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (board == MAP_FAILED) {
                perror("sim: memory");
                exit(2);
        }
        crashes_catch();
}

static void worker_begin(unsigned number)
{
        mine = &board->done[number];
        *mine = (struct done){.failed = UINT64_MAX};
}

struct done workers_run(uint64_t seeds, unsigned jobs)
{
        const uint64_t first = the_sim.options.seed;
        struct done sum = {.failed = UINT64_MAX};
        atomic_store(&board->failed, UINT64_MAX);
        fflush(stdout);
        for (unsigned i = 0; i < jobs; i++) {
                worker_begin(i);
                pid_t child = fork();
                if (child < 0) {
                        perror("sim: a process");
                        exit(2);
                }
                if (child > 0)
                        continue;
                seeds_run(first + i, i < seeds ? seeds - i : 0, jobs);
                fflush(stdout);
                _exit(0);
        }
        for (unsigned i = 0; i < jobs; i++) {
                int status;
                wait(&status);
                if (WIFSIGNALED(status))
                        fprintf(stderr, "sim: a process was ended by signal %d\n",
                                WTERMSIG(status));
        }
        for (unsigned i = 0; i < jobs; i++)
                done_add(&sum, &board->done[i]);
        return sum;
}

/* ---- the seed that failed -------------------------------------------------------------------- */

static _Noreturn void again(const struct done *failed, const char *trace, const char *frames)
{
        if (!freopen(trace, "w", stdout)) {
                perror(trace);
                _exit(2);
        }
        worker_begin(0);
        the_sim.options.trace = true;
        capture_open(frames);
        seed_run(failed->failed);
        capture_close();
        fflush(stdout);
        _exit(0);
}

void workers_replay(const struct done *failed, const char *directory)
{
        char trace[256], frames[256];
        const struct done *replay = &board->done[0];
        mkdir(directory, 0777);
        snprintf(trace, sizeof trace, "%s/%llu.trace", directory,
                 (unsigned long long)failed->failed);
        snprintf(frames, sizeof frames, "%s/%llu.pcapng", directory,
                 (unsigned long long)failed->failed);
        fflush(stdout);
        pid_t child = fork();
        if (child == 0)
                again(failed, trace, frames);
        if (child < 0 || waitpid(child, NULL, 0) != child)
                return;
        bool same = replay->failed == failed->failed &&
                    replay->last_digest == failed->last_digest &&
                    strcmp(replay->failure, failed->failure) == 0;
        printf("%s, %s: seed %llu once more, %s\n", trace, frames,
               (unsigned long long)failed->failed,
               same ? "which failed alike" : "WHICH DID NOT FAIL ALIKE: the simulator is at fault");
}
