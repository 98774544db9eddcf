/* The load beside which others measure: a bulk transfer below its own best rate, for ever once it
 * was asked for. It runs as a component of its own, to a service of its own, so it shares nothing
 * with them but the way. */
#include "servers/rt/serve/serve.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/time.h"
#include "tests/bench/portolan/rows.h"
#include "tests/bench/portolan/service.h"

static uint64_t period;

/* Answers when it is known how fast the transfer is to be; then it begins. */
static outcome_t begin(struct server *server, struct request *request)
{
        if (request->interface != BENCH_INTERFACE || request->method != BENCH_LOAD)
                return answered(REASON_NO_METHOD);
        server->stop = true;
        return bulk_period(server->context, &period);
}

outcome_t load_serve(struct bench *bench)
{
        static struct server server;
        handle_t right;
        outcome_t outcome = rt_server_init(&server);
        server.on_request = begin;
        server.context = bench;
        if (outcome == OUTCOME_OK)
                outcome = rt_server_right(&server, 1, &right);
        if (outcome == OUTCOME_OK)
                outcome = rt_register("load", right);
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&server);
        return outcome == OUTCOME_OK ? bulk_load(bench, period) : outcome;
}

outcome_t load_begin(void)
{
        struct message message = {.interface = BENCH_INTERFACE, .method = BENCH_LOAD};
        uint64_t deadline = rt_after(BENCH_PATIENCE);
        handle_t load;
        outcome_t outcome = rt_lookup("./load", deadline, &load);
        return outcome == OUTCOME_OK ? rt_call(load, deadline, &message, NULL) : outcome;
}
