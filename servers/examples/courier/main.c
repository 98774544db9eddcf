/* A courier keeps one right for whoever brings one. The right may lead to any node; nothing here
 * can tell, or needs to. */
#include <stdio.h>
#include "servers/proto/courier.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"

static struct {
        handle_t kept;  /* 0: none */
        outcome_t used; /* how the last call through it ended */
        uint64_t deadline_in;
        handle_t stalled; /* reply right of the call that is not answered, 0: none */
        uint64_t notes, wrong_notes;
} courier;

static outcome_t take(struct request *request, struct received_cap *what)
{
        (void)request;
        if (courier.kept)
                sys_handle_close(courier.kept);
        courier.kept = cap_take(what);
        return courier.kept ? OUTCOME_OK : answered(REASON_INVALID);
}

/* The courier of a node: the caller closes the handle. */
static outcome_t colleague(const void *node, size_t length, uint64_t deadline, handle_t *right)
{
        char name[32];
        snprintf(name, sizeof(name), "%.*s/courier", (int)length, (const char *)node);
        return rt_lookup(name, deadline, right);
}

static outcome_t pass(struct request *request, const void *node, size_t node_length)
{
        handle_t other;
        if (!courier.kept)
                return answered(REASON_NOT_FOUND);
        outcome_t outcome = colleague(node, node_length, request->deadline, &other);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = courier_take(other, request->deadline, courier.kept);
        courier.kept = 0;
        sys_handle_close(other);
        return outcome;
}

static outcome_t use(struct request *request, uint64_t number, uint64_t *result)
{
        if (!courier.kept)
                return answered(REASON_NOT_FOUND);
        courier.used = courier_poke(courier.kept, request->deadline, number, result);
        return courier.used;
}

static outcome_t used(struct request *request, uint64_t *outcome)
{
        (void)request;
        *outcome = courier.used;
        return OUTCOME_OK;
}

static outcome_t give_back(struct request *request, struct send_cap *what)
{
        (void)request;
        if (!courier.kept)
                return answered(REASON_NOT_FOUND);
        *what = cap_move(courier.kept);
        courier.kept = 0;
        return OUTCOME_OK;
}

static outcome_t poke(struct request *request, uint64_t number, uint64_t *result)
{
        (void)request;
        *result = number + 1;
        return OUTCOME_OK;
}

static outcome_t stall(struct request *request)
{
        if (courier.stalled)
                sys_handle_close(courier.stalled);
        courier.stalled = request->reply;
        courier.deadline_in = request->deadline - rt_now();
        return RT_DEFERRED;
}

/* Whether the stalled call's end has come here: its reply right is dead then. */
static outcome_t stalled(struct request *request, uint64_t *deadline_in, uint64_t *cancelled)
{
        (void)request;
        if (!courier.stalled)
                return answered(REASON_NOT_FOUND);
        *deadline_in = courier.deadline_in;
        *cancelled = sys_handle_info(courier.stalled, NULL, NULL, NULL) != OUTCOME_OK;
        return OUTCOME_OK;
}

static outcome_t stall_there(struct request *request, const void *node, size_t node_length)
{
        handle_t other;
        outcome_t outcome = colleague(node, node_length, request->deadline, &other);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = courier_stall(other, TIME_NEVER);
        sys_handle_close(other);
        return outcome;
}

static void note(struct request *request, uint64_t number)
{
        courier.notes++;
        courier.wrong_notes += request->reply || number != courier.notes;
}

static outcome_t noted(struct request *request, uint64_t *count, uint64_t *wrong)
{
        (void)request;
        *count = courier.notes;
        *wrong = courier.wrong_notes;
        return OUTCOME_OK;
}

static outcome_t tell(struct request *request, uint64_t number)
{
        if (!courier.kept)
                return answered(REASON_NOT_FOUND);
        return courier_note(courier.kept, request->deadline, number);
}

static const struct courier_server handlers = {.take = take,
                                               .pass = pass,
                                               .use = use,
                                               .give_back = give_back,
                                               .used = used,
                                               .poke = poke,
                                               .stall = stall,
                                               .stalled = stalled,
                                               .stall_there = stall_there,
                                               .note = note,
                                               .noted = noted,
                                               .tell = tell};

int main(void)
{
        struct server server;
        handle_t right;
        outcome_t outcome = rt_server_init(&server);
        if (outcome == OUTCOME_OK)
                outcome =
                    rt_server_add(&server, COURIER_INTERFACE, courier_dispatch, &handlers, NULL);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_right(&server, 1, &right);
        if (outcome == OUTCOME_OK)
                outcome = rt_register("courier", right);
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&server);
        rt_log("ended: %s", reason_text(outcome_reason(outcome)));
        return 1;
}
