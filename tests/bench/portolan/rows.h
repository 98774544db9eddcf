/* The rows of the node that calls. Each logs its figures as `bench NAME N`, and returns the outcome
 * that kept it from it, if one did. */
#ifndef TESTS_BENCH_PORTOLAN_ROWS_H
#define TESTS_BENCH_PORTOLAN_ROWS_H

#include "servers/rt/message.h"

/* Many times what anything here takes: so late is a failure. */
#define BENCH_PATIENCE (60 * RT_SECOND)

/* What a row is given: the service on the other node, and how many rounds it makes. */
struct bench {
        handle_t right;
        unsigned count;
};

/* rounds.c: one call after the other. Figures: NAME_ns, the median, and NAME_p99_ns. */
outcome_t row_call(const struct bench *bench);
outcome_t row_call_4k(const struct bench *bench);
outcome_t row_call_64k(const struct bench *bench);

#endif
