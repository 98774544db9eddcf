/* Figures between nodes, by the guests' clocks.
 *
 *      bench_net mode=serve           answers calls of the interface below: the service `bench`
 *      bench_net mode=call count=N    on another node, with `bench` and `fs` on n2:
 *          far_call    N null calls, one after the other
 *          fs_killed   fs is killed while it is read: from the kill until the reader has its error
 *          node_death  calls without end: from the last answer until the error, so at most how long
 *                      it took to notice the node's death. Whoever runs this ends n2's machine when
 *                      it reads `bench watching`.
 *
 * It logs `bench NAME median N p99 N worst N ns` or `bench NAME N ns: reason`, and `bench end`. */
#include <stdlib.h>
#include <string.h>
#include "servers/proto/file.h"
#include "servers/proto/files.h"
#include "servers/proto/fs.h"
#include "servers/proto/proc.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/time.h"

enum { BENCH_INTERFACE = 47, BENCH_METHOD_NULL = 1 };
enum { COUNT_DEFAULT = 2000, COUNT_MAX = 20000, WARM_UP = 100 };

/* Many times what is promised: so late is a failure. */
#define PATIENCE (60 * RT_SECOND)

static uint64_t samples[COUNT_MAX];

/* ---- the server ---- */

static outcome_t answer(struct server *server, struct request *request)
{
        (void)server;
        if (request->interface != BENCH_INTERFACE || request->method != BENCH_METHOD_NULL)
                return answered(REASON_NO_METHOD);
        return OUTCOME_OK;
}

static outcome_t serve(void)
{
        static struct server server;
        handle_t right;
        outcome_t outcome = rt_server_init(&server);
        server.on_request = answer;
        if (outcome == OUTCOME_OK)
                outcome = rt_server_right(&server, 1, &right);
        if (outcome == OUTCOME_OK)
                outcome = rt_register("bench", right);
        return outcome == OUTCOME_OK ? rt_serve(&server) : outcome;
}

/* ---- the client ---- */

static outcome_t null_call(handle_t right)
{
        struct message message = {.interface = BENCH_INTERFACE, .method = BENCH_METHOD_NULL};
        return rt_call(right, rt_after(PATIENCE), &message, NULL);
}

static int sample_compare(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
        return (x > y) - (x < y);
}

static outcome_t far_call(handle_t right, unsigned count)
{
        outcome_t outcome = OUTCOME_OK;
        for (unsigned i = 0; i < WARM_UP && outcome == OUTCOME_OK; i++)
                outcome = null_call(right);
        for (unsigned i = 0; i < count && outcome == OUTCOME_OK; i++) {
                uint64_t begin = rt_now();
                outcome = null_call(right);
                samples[i] = rt_now() - begin;
        }
        qsort(samples, count, sizeof(samples[0]), sample_compare);
        if (outcome == OUTCOME_OK)
                rt_log("bench far_call median %lu p99 %lu worst %lu ns", samples[count / 2],
                       samples[count * 99ull / 100], samples[count - 1]);
        return outcome;
}

static void ended(const char *name, uint64_t since, outcome_t outcome)
{
        rt_log("bench %s %lu ns: %s%s", name, rt_now() - since, outcome_prefix(outcome),
               reason_text(outcome_reason(outcome)));
}

/* Reads the file again and again from the moment in which its server is to be killed. */
static outcome_t fs_killed(void)
{
        static const char path[] = "README.md";
        static char data[4096];
        handle_t fs, control, file;
        uint64_t deadline = rt_after(PATIENCE);
        size_t length;
        outcome_t outcome = rt_lookup("n2/fs", deadline, &fs);
        if (outcome == OUTCOME_OK)
                outcome = rt_lookup("n2/control", deadline, &control);
        if (outcome == OUTCOME_OK)
                outcome = fs_open(fs, deadline, path, sizeof(path) - 1, FS_OPEN_READ, 0, 0, 0,
                                  &file, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL);
        if (outcome == OUTCOME_OK)
                outcome = file_read(file, deadline, 0, sizeof(data), 0, NULL, NULL, NULL, data,
                                    sizeof(data), &length);
        uint64_t begin = rt_now();
        if (outcome == OUTCOME_OK)
                outcome = proc_kill(control, deadline, "fs", 2);
        if (outcome != OUTCOME_OK)
                return outcome;
        do {
                outcome = file_read(file, deadline, 0, sizeof(data), 0, NULL, NULL, NULL, data,
                                    sizeof(data), &length);
        } while (outcome == OUTCOME_OK && rt_now() < deadline);
        ended("fs_killed", begin, outcome);
        return OUTCOME_OK;
}

static void node_death(handle_t right)
{
        uint64_t last = rt_now(), deadline = rt_after(PATIENCE);
        outcome_t outcome;
        rt_log("bench watching");
        while ((outcome = null_call(right)) == OUTCOME_OK && last < deadline)
                last = rt_now();
        ended("node_death", last, outcome);
}

static outcome_t measure(unsigned count)
{
        handle_t right;
        outcome_t outcome = rt_lookup("n2/bench", rt_after(PATIENCE), &right);
        if (outcome == OUTCOME_OK)
                outcome = far_call(right, count);
        if (outcome == OUTCOME_OK)
                outcome = fs_killed();
        if (outcome == OUTCOME_OK)
                node_death(right);
        return outcome;
}

/* ---- the command line ---- */

int main(void)
{
        const char *mode = startup_value(rt_startup(), "mode"),
                   *value = startup_value(rt_startup(), "count");
        unsigned long count = value ? strtoul(value, NULL, 10) : COUNT_DEFAULT;
        if (count == 0 || count > COUNT_MAX)
                count = COUNT_DEFAULT;
        outcome_t outcome = mode && !strcmp(mode, "serve") ? serve() : measure((unsigned)count);
        if (outcome != OUTCOME_OK)
                rt_log("bench failed: %s%s", outcome_prefix(outcome),
                       reason_text(outcome_reason(outcome)));
        rt_log("bench end");
        return outcome != OUTCOME_OK;
}
