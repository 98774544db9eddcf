/* The rows of the node that calls. Each logs its figures as `bench NAME N`, and returns the outcome
 * that kept it from it, if one did. */
#ifndef TESTS_BENCH_PORTOLAN_ROWS_H
#define TESTS_BENCH_PORTOLAN_ROWS_H

#include <stdint.h>
#include "servers/rt/message/message.h"

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

/* The same as row_call, to the service on this node: near_ns, near_p99_ns. */
outcome_t row_near(const struct bench *bench);

/* The same as row_call while `load` runs: call_loaded_ns, call_loaded_p99_ns. */
outcome_t row_call_loaded(const struct bench *bench);

/* flight.c: calls with 64 KiB, 8 in flight, 32 MiB in all, bulk_bytes_s, or 4, bulk_short_bytes_s;
 * null calls, 64 in flight, call_rate_s; as many for the profiles of both nodes, and no figure. */
outcome_t row_bulk(const struct bench *bench);
outcome_t row_bulk_short(const struct bench *bench);
outcome_t row_rate(const struct bench *bench);
outcome_t row_rate_marked(const struct bench *bench);

/* So many bytes by calls as those of row_bulk, and nothing before them. */
outcome_t bulk_send(const struct bench *bench, uint64_t total);

/* Nanoseconds from one call with 64 KiB to the next at four fifths of the rate of row_bulk; and
 * such calls, for ever, at most 8 in flight. Returns why it could not go on. */
outcome_t bulk_period(const struct bench *bench, uint64_t *period);
outcome_t bulk_load(const struct bench *bench, uint64_t period);

/* incast.c: with `count` nodes that do the same, 1 MiB each to one; when all have: the frames for
 * which that node's card found no buffer, incast_card_drops. */
outcome_t row_incast(const struct bench *bench);

/* load.c: serves `load`, which begins when it is asked for; asks for it. */
outcome_t load_serve(struct bench *bench);
outcome_t load_begin(void);

/* files.c: a file from its beginning to its end, file_bytes_s; opening, reading and closing one of
 * 4 KiB, file_open_ns. */
outcome_t row_file_seq(const struct bench *bench);
outcome_t row_file_open(const struct bench *bench);

/* aead.c: what sealing alone costs: aead_bytes_s; and, for instructions, the packets of null calls.
 * The node's words say which cipher. */
outcome_t row_aead(const struct bench *bench);
outcome_t row_aead_call(const struct bench *bench);

#endif
