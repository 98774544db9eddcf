/* A call and its answer, one after the other. */
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"
#include "tests/bench/marks.h"
#include "tests/bench/portolan/rows.h"
#include "tests/bench/portolan/service.h"
#include "tests/bench/samples.h"

static uint64_t samples[SAMPLES_MAX];
static uint8_t bytes[MESSAGE_BYTES_MAX];

/* One call, whose answer has so many bytes. */
static outcome_t round_make(const struct bench *bench, size_t answer_bytes)
{
        struct message message;
        struct arrival arrival;
        message_clear(&message);
        message.interface = BENCH_INTERFACE;
        message.method = BENCH_NULL;
        if (answer_bytes) {
                message.method = BENCH_REPLY;
                message.word_count = 1;
                message.words[0] = answer_bytes;
        }
        arrival_prepare(&arrival, bytes, sizeof bytes, 0);
        outcome_t outcome = rt_call(bench->right, rt_after(BENCH_PATIENCE), &message, &arrival);
        return outcome == OUTCOME_OK && arrival.bytes != answer_bytes ? answered(REASON_MALFORMED)
                                                                      : outcome;
}

static outcome_t rounds_make(const struct bench *bench, const char *name, size_t answer_bytes,
                             unsigned count)
{
        outcome_t outcome = OUTCOME_OK;
        bench_mark_row();
        for (unsigned i = 0; i < SAMPLES_WARM_UP + count && outcome == OUTCOME_OK; i++) {
                if (i == SAMPLES_WARM_UP)
                        bench_mark_begin();
                uint64_t begin = rt_now();
                outcome = round_make(bench, answer_bytes);
                if (i >= SAMPLES_WARM_UP)
                        samples[i - SAMPLES_WARM_UP] = rt_now() - begin;
        }
        bench_mark_end();
        if (outcome != OUTCOME_OK)
                return outcome;
        samples_sort(samples, count);
        rt_log("bench %s_ns %lu", name, sample_median(samples, count));
        rt_log("bench %s_p99_ns %lu", name, sample_p99(samples, count));
        return OUTCOME_OK;
}

outcome_t row_call(const struct bench *bench)
{
        return rounds_make(bench, "call", 0, bench->count);
}

outcome_t row_near(const struct bench *bench)
{
        struct bench near = {.count = bench->count};
        outcome_t outcome = rt_lookup("./bench", rt_after(BENCH_PATIENCE), &near.right);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = rounds_make(&near, "near", 0, near.count);
        sys_handle_close(near.right);
        return outcome;
}

outcome_t row_call_4k(const struct bench *bench)
{
        return rounds_make(bench, "call_4k", 4096, bench->count / 2);
}

outcome_t row_call_64k(const struct bench *bench)
{
        return rounds_make(bench, "call_64k", MESSAGE_BYTES_MAX, bench->count / 10);
}

outcome_t row_call_loaded(const struct bench *bench)
{
        outcome_t outcome = load_begin();
        return outcome == OUTCOME_OK ? rounds_make(bench, "call_loaded", 0, bench->count) : outcome;
}
