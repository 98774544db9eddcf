/* Many calls in flight: each has a call object, whose completion comes to one port by its place.
 *
 *      idle place ── start ──> under way ── completed, collected ──> idle place
 *
 * One thread: what is waited for is the port, at most until the next start is due. */
#include <stddef.h>
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"
#include "tests/bench/marks.h"
#include "tests/bench/portolan/rows.h"
#include "tests/bench/portolan/service.h"

enum {
        PLACES_MAX = 64,
        BULK_CALLS = 8,
        BULK_BYTES = 32 << 20,
        BULK_SHORT_BYTES = 4 << 20,
        LOAD_PERCENT = 80
};

struct flight {
        handle_t port;
        unsigned places;
        unsigned idle_count;
        unsigned idle[PLACES_MAX];
        handle_t calls[PLACES_MAX];
};

static uint8_t bytes[MESSAGE_BYTES_MAX];

static outcome_t flight_open(struct flight *flight, unsigned places)
{
        outcome_t outcome = sys_port_create(&flight->port);
        flight->places = places;
        flight->idle_count = 0;
        for (unsigned i = 0; i < places && outcome == OUTCOME_OK; i++) {
                flight->idle[flight->idle_count++] = places - 1 - i;
                outcome = sys_call_create_keyed(flight->port, i, &flight->calls[i]);
        }
        return outcome;
}

static void flight_close(struct flight *flight)
{
        for (unsigned i = 0; i < flight->places; i++)
                sys_handle_close(flight->calls[i]);
        sys_handle_close(flight->port);
}

/* Starts a call; the caller knows that a place is idle. */
static outcome_t flight_start(struct flight *flight, const struct bench *bench,
                              const struct message *message)
{
        struct arrival nothing = {0};
        unsigned place = flight->idle[--flight->idle_count];
        return rt_call_start(bench->right, flight->calls[place], rt_after(BENCH_PATIENCE), message,
                             &nothing);
}

/* Collects all whose completion the next message tells, waiting for it until `deadline`. */
static outcome_t flight_wait(struct flight *flight, uint64_t deadline)
{
        struct arrival arrival, answer = {0};
        arrival_prepare(&arrival, NULL, 0, 0);
        outcome_t outcome = rt_receive(flight->port, deadline, &arrival);
        for (unsigned i = 0; i < arrival.word_count && outcome == OUTCOME_OK; i++) {
                unsigned place = (unsigned)arrival.words[i];
                outcome = rt_call_finish(flight->calls[place], &answer);
                flight->idle[flight->idle_count++] = place;
        }
        return outcome;
}

/* Makes so many calls of one kind, with as many in flight as there are places. */
static outcome_t flight_run(struct flight *flight, const struct bench *bench,
                            const struct message *message, unsigned count)
{
        outcome_t outcome = OUTCOME_OK;
        for (unsigned started = 0;
             outcome == OUTCOME_OK && (started < count || flight->idle_count < flight->places);) {
                if (started < count && flight->idle_count) {
                        outcome = flight_start(flight, bench, message);
                        started++;
                } else {
                        outcome = flight_wait(flight, rt_after(BENCH_PATIENCE));
                }
        }
        return outcome;
}

static struct flight flight;

/* How long so many calls take, so many at once. */
static outcome_t run_timed(const struct bench *bench, const struct message *message,
                           unsigned places, unsigned count, uint64_t *took)
{
        outcome_t outcome = flight_open(&flight, places);
        if (outcome == OUTCOME_OK)
                outcome = flight_run(&flight, bench, message, places * 2);
        uint64_t begin = rt_now();
        if (outcome == OUTCOME_OK)
                outcome = flight_run(&flight, bench, message, count);
        *took = rt_now() - begin;
        flight_close(&flight);
        return outcome;
}

static const struct message null_message = {.interface = BENCH_INTERFACE, .method = BENCH_NULL};

static struct message bulk_message(void)
{
        struct message message = {.interface = BENCH_INTERFACE, .method = BENCH_SINK};
        message.buffer_count = 1;
        message.buffers[0] = (struct message_buffer){(uint64_t)bytes, sizeof bytes};
        return message;
}

static outcome_t bulk_time(const struct bench *bench, uint64_t total, uint64_t *took)
{
        struct message message = bulk_message();
        return run_timed(bench, &message, BULK_CALLS, (unsigned)(total / sizeof bytes), took);
}

static outcome_t bulk_measure(const struct bench *bench, const char *name, uint64_t total)
{
        uint64_t took;
        outcome_t outcome = bulk_time(bench, total, &took);
        if (outcome == OUTCOME_OK)
                rt_log("bench %s_bytes_s %llu", name, total * RT_SECOND / took);
        return outcome;
}

outcome_t row_bulk(const struct bench *bench)
{
        return bulk_measure(bench, "bulk", BULK_BYTES);
}

outcome_t row_bulk_short(const struct bench *bench)
{
        return bulk_measure(bench, "bulk_short", BULK_SHORT_BYTES);
}

outcome_t row_rate(const struct bench *bench)
{
        uint64_t took;
        unsigned count = bench->count * 4;
        outcome_t outcome = run_timed(bench, &null_message, PLACES_MAX, count, &took);
        if (outcome == OUTCOME_OK)
                rt_log("bench call_rate_s %llu", count * RT_SECOND / took);
        return outcome;
}

/* The profiles of both nodes begin to count, or end. */
static outcome_t marks_set(const struct bench *bench, bool ends)
{
        struct message message = {.interface = BENCH_INTERFACE, .method = BENCH_MARK};
        message.word_count = 1;
        message.words[0] = ends;
        outcome_t outcome = rt_call(bench->right, rt_after(BENCH_PATIENCE), &message, NULL);
        if (ends) {
                bench_mark_end();
        } else {
                bench_mark_row();
                bench_mark_begin();
        }
        return outcome;
}

outcome_t row_rate_marked(const struct bench *bench)
{
        outcome_t outcome = flight_open(&flight, PLACES_MAX);
        if (outcome == OUTCOME_OK)
                outcome = flight_run(&flight, bench, &null_message, PLACES_MAX * 2);
        if (outcome == OUTCOME_OK)
                outcome = marks_set(bench, false);
        if (outcome == OUTCOME_OK)
                outcome = flight_run(&flight, bench, &null_message, bench->count * 4);
        if (outcome == OUTCOME_OK)
                outcome = marks_set(bench, true);
        flight_close(&flight);
        return outcome;
}

outcome_t bulk_send(const struct bench *bench, uint64_t total)
{
        struct message message = bulk_message();
        outcome_t outcome = flight_open(&flight, BULK_CALLS);
        if (outcome == OUTCOME_OK)
                outcome = flight_run(&flight, bench, &message, (unsigned)(total / sizeof bytes));
        flight_close(&flight);
        return outcome;
}

outcome_t bulk_load(const struct bench *bench, uint64_t period)
{
        struct message message = bulk_message();
        outcome_t outcome = flight_open(&flight, BULK_CALLS);
        uint64_t due = rt_now();
        while (outcome == OUTCOME_OK) {
                if (flight.idle_count && rt_now() >= due) {
                        outcome = flight_start(&flight, bench, &message);
                        due += period;
                        continue;
                }
                outcome = flight_wait(&flight, flight.idle_count ? due : rt_after(BENCH_PATIENCE));
                if (outcome_reason(outcome) == REASON_DEADLINE)
                        outcome = OUTCOME_OK;
        }
        return outcome;
}

outcome_t bulk_period(const struct bench *bench, uint64_t *period)
{
        uint64_t took;
        outcome_t outcome = bulk_time(bench, BULK_BYTES, &took);
        *period = took / (BULK_BYTES / sizeof bytes) * 100 / LOAD_PERCENT;
        return outcome;
}
