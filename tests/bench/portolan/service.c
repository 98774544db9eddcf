/* The service's loop is the runtime's; its answers are made by hand (service.h). */
#include "tests/bench/portolan/service.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/serve.h"
#include "servers/rt/serve/service.h"
#include "tests/bench/marks.h"

/* An answer's bytes are what lies in the buffer: nobody looks at them. */
static outcome_t reply_bytes(struct request *request)
{
        void *bytes = rt_request_buffer(request);
        if (!bytes || request->word_count != 1 || request->words[0] > MESSAGE_BYTES_MAX)
                return answered(REASON_INVALID);
        request->answer.buffer_count = 1;
        request->answer.buffers[0] = (struct message_buffer){(uint64_t)bytes, request->words[0]};
        return OUTCOME_OK;
}

/* Whoever comes waits for the others. */
static outcome_t meet(struct server *server, struct request *request)
{
        static handle_t waiting[MEET_MAX];
        static unsigned count;
        static const struct message nothing;
        if (request->word_count != 1 || request->words[0] > MEET_MAX || count == MEET_MAX)
                return answered(REASON_INVALID);
        waiting[count++] = request->reply;
        if (count >= request->words[0])
                while (count > 0)
                        rt_server_reply(server, waiting[--count], &nothing);
        return RT_DEFERRED;
}

/* The node's profile counts from the one to the other. */
static outcome_t mark(const struct request *request)
{
        if (request->word_count != 1)
                return answered(REASON_INVALID);
        if (request->words[0]) {
                bench_mark_end();
        } else {
                bench_mark_row();
                bench_mark_begin();
        }
        return OUTCOME_OK;
}

static outcome_t answer(struct server *server, struct request *request)
{
        if (request->interface != BENCH_INTERFACE)
                return RT_PASSED_ON;
        switch (request->method) {
        case BENCH_NULL:
        case BENCH_SINK:
                return OUTCOME_OK;
        case BENCH_REPLY:
                return reply_bytes(request);
        case BENCH_MEET:
                return meet(server, request);
        case BENCH_MARK:
                return mark(request);
        default:
                return answered(REASON_NO_METHOD);
        }
}

outcome_t bench_serve(const char *name)
{
        static struct server server;
        handle_t right;
        outcome_t outcome = rt_server_init(&server);
        server.on_request = answer;
        if (outcome == OUTCOME_OK)
                outcome = rt_server_right(&server, 1, &right);
        if (outcome == OUTCOME_OK)
                outcome = rt_register(name, right);
        if (outcome == OUTCOME_OK)
                rt_log("bench ready");
        return outcome == OUTCOME_OK ? rt_serve(&server) : outcome;
}
