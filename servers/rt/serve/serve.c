/* The serve loop. Between two messages it holds at most one request, in the struct arrival of
 * serve_step, and its answer, or one of a callback, which goes out with the next wait. */
#include "servers/rt/serve/serve.h"

#include "servers/rt/message/block.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/start/startup.h"

/* 0: the supervisor wants no heartbeat. */
static uint64_t heartbeat_period(void)
{
        const struct startup *startup = rt_startup();
        return startup ? startup->heartbeat_period : 0;
}

outcome_t rt_server_init(struct server *server)
{
        *server = (struct server){
            .deadline = TIME_NEVER,
            .receive_bytes = MESSAGE_BYTES_MAX,
            .most_caps = MESSAGE_CAPS,
            .next_heartbeat = heartbeat_period() ? 0 : TIME_NEVER,
        };
        return sys_port_create(&server->port);
}

outcome_t rt_server_add(struct server *server, unsigned number, dispatch_function *dispatch,
                        const void *handlers, void *context)
{
        unsigned i = 0;
        while (i < server->interface_count && server->interfaces[i].number != number)
                i++;
        if (i == SERVER_INTERFACES)
                return not_executed(REASON_NO_MEMORY);
        server->interfaces[i] = (struct server_interface){number, dispatch, handlers, context};
        if (i == server->interface_count)
                server->interface_count++;
        return OUTCOME_OK;
}

outcome_t rt_server_event(struct server *server, handle_t *event)
{
        if (!server->event) {
                outcome_t outcome = sys_event_create(&server->event);
                if (outcome != OUTCOME_OK)
                        return outcome;
                outcome = sys_port_bind(server->port, server->event, 0);
                if (outcome != OUTCOME_OK) {
                        sys_handle_close(server->event);
                        server->event = 0;
                        return outcome;
                }
        }
        *event = server->event;
        return OUTCOME_OK;
}

outcome_t rt_server_right(struct server *server, uint64_t badge, handle_t *right)
{
        uint64_t issues;
        outcome_t outcome = sys_right_issue(server->port, badge, RIGHTS_ALL, right, &issues);
        if (outcome_reason(outcome) == REASON_NOT_FOUND)
                outcome = sys_right_mint(server->port, badge, RIGHTS_ALL, right);
        return outcome;
}

void *rt_request_buffer(struct request *request)
{
        struct server *server = request->server;
        if (!server->answer_buffer &&
            rt_memory_allocate(MESSAGE_BYTES_MAX, (void **)&server->answer_buffer) != OUTCOME_OK)
                return NULL;
        return server->answer_buffer;
}

/* ---- one message ---------------------------------------------------------------------------- */

static void request_fill(struct request *request, struct server *server, struct arrival *arrival)
{
        request->server = server;
        request->context = server->context;
        request->badge = arrival->badge;
        request->reply = arrival->reply;
        request->deadline = arrival->deadline;
        request->trace = arrival->trace;
        request->interface = arrival->interface;
        request->method = arrival->method;
        request->priority = arrival->priority;
        request->word_count = arrival->word_count;
        request->cap_count = arrival->cap_count;
        request->idempotent = arrival->flags & MESSAGE_IDEMPOTENT;
        request->byte_count = arrival->bytes;
        request->bytes = arrival->buffer;
        request->words = arrival->words;
        request->caps = arrival->caps;
        message_clear(&request->answer);
}

/* The kernel's one-way messages: without capabilities and bytes, so no request is made of them.
 * False: it is none of them. */
static bool notice_serve(struct server *server, const struct arrival *arrival)
{
        if (arrival->interface != 0 || arrival->reply)
                return false;
        switch (arrival->method) {
        case KERNEL_EVENT:
                if (server->on_event)
                        server->on_event(server, arrival->words[1], arrival->words[0]);
                if (arrival->words[2] && server->on_event_end)
                        server->on_event_end(server, arrival->words[1]);
                return true;
        case KERNEL_COMPLETED:
                for (unsigned i = 0; server->on_completed && i < arrival->word_count; i++)
                        server->on_completed(server, arrival->words[i]);
                return true;
        case KERNEL_NO_SENDERS:
                if (server->on_no_senders)
                        server->on_no_senders(server, arrival->badge, arrival->words[0]);
                return true;
        case KERNEL_CANCEL:
                if (server->on_cancel)
                        server->on_cancel(server, arrival->badge, (handle_t)arrival->words[0]);
                return true;
        default:
                return false;
        }
}

/* The one message of interface 0 that is a call. */
static outcome_t fault_serve(struct server *server, struct request *request)
{
        if (request->method != KERNEL_FAULT)
                return answered(REASON_NO_METHOD);
        return server->on_fault ? server->on_fault(server, request) : answered(REASON_REFUSED);
}

static outcome_t request_dispatch(struct server *server, struct request *request)
{
        if (request->interface == 0)
                return fault_serve(server, request);
        if (server->on_request) {
                outcome_t outcome = server->on_request(server, request);
                if (outcome != RT_PASSED_ON)
                        return outcome;
        }
        for (unsigned i = 0; i < server->interface_count; i++) {
                const struct server_interface *interface = &server->interfaces[i];
                if (interface->number == request->interface)
                        return interface->dispatch(interface->handlers, interface->context,
                                                   request);
        }
        return answered(REASON_NO_METHOD);
}

/* Closes what the answer would have moved, when there is nobody to answer. */
static void answer_drop(struct message *answer)
{
        for (unsigned i = 0; i < answer->cap_count; i++)
                if (answer->caps[i].flags & SEND_CAP_MOVE)
                        sys_handle_close(answer->caps[i].handle);
}

/* Serves what has arrived. Puts into *reply, which is 0, what is to be answered with
 * request->answer. */
static void request_serve(struct server *server, struct request *request, struct arrival *arrival,
                          handle_t *reply)
{
        struct runtime_block *block = runtime_block();
        if (notice_serve(server, arrival))
                return;
        request_fill(request, server, arrival);
        block->serving_deadline = request->reply ? request->deadline : TIME_NEVER;
        outcome_t outcome = request_dispatch(server, request);
        block->serving_deadline = TIME_NEVER;
        arrival_drop(arrival);
        *reply = outcome == RT_DEFERRED ? 0 : request->reply;
        if (outcome == RT_DEFERRED)
                return;
        if (outcome == OUTCOME_OK) {
                if (!request->reply)
                        answer_drop(&request->answer);
                return;
        }
        message_clear(&request->answer);
        request->answer.outcome = outcome;
}

/* ---- time ----------------------------------------------------------------------------------- */

static void heartbeat(struct server *server, uint64_t now)
{
        sys_event_signal(rt_handle("heartbeat"), 1);
        rt_log_flush();
        server->next_heartbeat = now + heartbeat_period();
}

/* Calls on_time if it is due, and signals the heartbeat. Returns when the next one is. */
static uint64_t time_serve(struct server *server)
{
        if (server->deadline == TIME_NEVER && server->next_heartbeat == TIME_NEVER)
                return TIME_NEVER;
        uint64_t now = rt_now();
        if (server->deadline <= now) {
                server->deadline = TIME_NEVER;
                if (server->on_time)
                        server->on_time(server, now);
        }
        if (server->next_heartbeat <= now)
                heartbeat(server, now);
        return server->next_heartbeat;
}

/* ---- the loop ------------------------------------------------------------------------------- */

static outcome_t buffers_prepare(struct server *server)
{
        if (server->receive_buffer || server->receive_bytes == 0)
                return OUTCOME_OK;
        return rt_memory_allocate(server->receive_bytes, (void **)&server->receive_buffer);
}

/* Sends the answer that was to go with the wait. */
static void answer_send(struct server *server)
{
        if (server->answered)
                rt_reply(server->answered, &server->answer);
        server->answered = 0;
}

void rt_server_reply(struct server *server, handle_t reply, const struct message *message)
{
        answer_send(server);
        if (message->buffer_count || message->cap_count) {
                rt_reply(reply, message);
                return;
        }
        server->answered = reply;
        __builtin_memcpy(&server->answer, message, offsetof(struct message, buffers));
}

static outcome_t server_wait(struct server *server, uint64_t until, struct arrival *arrival)
{
        if (server->signal)
                answer_send(server);
        outcome_t outcome =
            server->answered
                ? rt_reply_receive(server->port, server->answered, &server->answer, until, arrival)
                : rt_signal_receive(server->port, server->signal, server->signal_bits, until,
                                    arrival);
        server->answered = 0;
        server->signal = 0;
        return outcome;
}

/* Waits once, with an answer to be sent first, and serves what came. DEADLINE at `until`. */
static outcome_t serve_step(struct server *server, uint64_t until, struct request *request,
                            handle_t *reply)
{
        struct arrival arrival;
        outcome_t outcome;
        /* The answer goes first: callbacks may overwrite what it is made of. */
        if (*reply && (server->on_idle || server->deadline != TIME_NEVER)) {
                rt_reply(*reply, &request->answer);
                *reply = 0;
        }
        uint64_t wait = rt_earlier(until, time_serve(server));
        if (server->on_idle)
                server->on_idle(server);
        wait = rt_earlier(wait, server->deadline);
        arrival_prepare(&arrival, server->receive_buffer, server->receive_bytes, server->most_caps);
        if (*reply)
                answer_send(server); /* one goes with the wait; a handler has given another */
        if (*reply)
                outcome = rt_reply_receive(server->port, *reply, &request->answer, wait, &arrival);
        else
                outcome = server_wait(server, wait, &arrival);
        *reply = 0;
        if (outcome == OUTCOME_OK)
                request_serve(server, request, &arrival, reply);
        else if (outcome_reason(outcome) == REASON_DEADLINE && wait < until)
                return OUTCOME_OK;
        return outcome;
}

outcome_t rt_serve_one(struct server *server, uint64_t deadline)
{
        struct request request = {0};
        handle_t reply = 0;
        outcome_t outcome = buffers_prepare(server);
        if (outcome == OUTCOME_OK)
                outcome = serve_step(server, deadline, &request, &reply);
        if (reply)
                rt_reply(reply, &request.answer);
        answer_send(server);
        return outcome;
}

outcome_t rt_serve(struct server *server)
{
        struct request request = {0};
        handle_t reply = 0;
        outcome_t outcome = buffers_prepare(server);
        while (outcome == OUTCOME_OK && !server->stop)
                outcome = serve_step(server, TIME_NEVER, &request, &reply);
        if (reply)
                rt_reply(reply, &request.answer);
        answer_send(server);
        return outcome;
}
