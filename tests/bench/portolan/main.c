/* The Portolan side of `make bench-net` (tools/bench/README.md); the other is tests/bench/linux.
 *
 *      bench_rows mode=serve                      the service `bench`: `bench ready`
 *      bench_rows mode=sink                       the same as `sink`, for the load alone
 *      bench_rows mode=load                       the service `load`: a load beside other rows
 *      bench_rows mode=call rows=A,B count=N      the rows, in order: `bench NAME N`, `bench end`
 *
 * What cannot be measured is said, `bench failed: ROW: REASON`, and ends it. */
#include <stdlib.h>
#include <string.h>
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/time.h"
#include "tests/bench/portolan/rows.h"
#include "tests/bench/portolan/service.h"
#include "tests/bench/samples.h"

enum { NAME_BYTES = 32 };

static const struct {
        const char *name;
        outcome_t (*measure)(const struct bench *bench);
} rows[] = {
    {"call", row_call},           {"near", row_near},
    {"call_4k", row_call_4k},     {"call_64k", row_call_64k},
    {"bulk", row_bulk},           {"bulk_short", row_bulk_short},
    {"rate", row_rate},           {"file_seq", row_file_seq},
    {"file_open", row_file_open}, {"call_loaded", row_call_loaded},
    {"aead", row_aead},           {"aead_call", row_aead_call},
    {"incast", row_incast},       {"rate_marked", row_rate_marked},
};

static outcome_t row_measure(const struct bench *bench, const char *name)
{
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (!strcmp(rows[i].name, name))
                        return rows[i].measure(bench);
        return not_executed(REASON_NOT_FOUND);
}

static bool rows_measure(const struct bench *bench, const char *names)
{
        while (*names) {
                char name[NAME_BYTES] = {0};
                size_t length = strcspn(names, ",");
                memcpy(name, names, length < sizeof name ? length : sizeof name - 1);
                names += length + (names[length] == ',');
                outcome_t outcome = row_measure(bench, name);
                if (outcome != OUTCOME_OK) {
                        rt_log("bench failed: %s: %s%s", name, outcome_prefix(outcome),
                               reason_text(outcome_reason(outcome)));
                        return false;
                }
        }
        return true;
}

int main(void)
{
        const char *mode = startup_value(rt_startup(), "mode"),
                   *names = startup_value(rt_startup(), "rows");
        const char *count = startup_value(rt_startup(), "count");
        struct bench bench = {.count = count ? (unsigned)strtoul(count, NULL, 10) : 0};
        bool good = false, is_load = mode && !strcmp(mode, "load");
        outcome_t outcome = OUTCOME_OK;
        if (bench.count == 0 || bench.count > SAMPLES_MAX)
                bench.count = SAMPLES_MAX;
        if (mode && !strcmp(mode, "serve"))
                outcome = bench_serve("bench");
        else if (mode && !strcmp(mode, "sink"))
                outcome = bench_serve("sink");
        else
                outcome = rt_lookup(is_load ? "n2/sink" : "n2/bench", rt_after(BENCH_PATIENCE),
                                    &bench.right);
        if (outcome == OUTCOME_OK && is_load)
                outcome = load_serve(&bench);
        if (outcome != OUTCOME_OK)
                rt_log("bench failed: %s%s", outcome_prefix(outcome),
                       reason_text(outcome_reason(outcome)));
        else
                good = rows_measure(&bench, names ? names : "");
        rt_log("bench end");
        return !good;
}
