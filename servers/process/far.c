/* Signals to processes of other nodes by their numbers, which say which node that is. That node's
 * process server is looked up for each, and asked in the name of the sender's spawner:
 *
 *      send ──> FREE ──look up──> LOOKING ──signal_as──> SENDING ──> answered, FREE
 *
 * The right to the other server is dropped with the answer, so no export is left behind. A job has
 * its share of the places, and no place waits longer than this server does, whatever its caller
 * would.
 *
 * Context: the one thread. */
#include <stdio.h>
#include <string.h>

#include "servers/process/process.h"
#include "servers/process/spawners.h"
#include "servers/proto/name.h"
#include "servers/rt/serve/service.h"

enum { FAR_SIGNALS = 8, FAR_SHARE = FAR_SIGNALS / 4 /* of a job */ };

struct far_signal {
        handle_t call, reply; /* reply 0: free, or nobody waits any more */
        handle_t server;      /* SENDING: the other node's; 0: LOOKING */
        bool busy;
        uint64_t job; /* the sender's */
        char spawner[SPAWNER_NAME];
        uint64_t target;
        unsigned signal;
        struct sent sent;
};

static struct far_signal list[FAR_SIGNALS];

static void far_end(struct far_signal *far, outcome_t outcome)
{
        if (far->reply && outcome == OUTCOME_OK)
                process_send_reply(far->reply, 0);
        else if (far->reply)
                rt_reply_outcome(far->reply, answered(outcome_reason(outcome)));
        if (far->server)
                sys_handle_close(far->server);
        *far = (struct far_signal){.call = far->call};
}

static outcome_t far_look_up(struct far_signal *far, const char *node, size_t length)
{
        char name[2 * STARTUP_NAME];
        outcome_t outcome = OUTCOME_OK;
        const int written = snprintf(name, sizeof name, "%.*s/process", (int)length, node);
        if (written < 0 || (size_t)written >= sizeof name)
                return answered(REASON_NOT_FOUND);
        if (!far->call)
                outcome = rt_server_call(
                    &processes.server,
                    (uint64_t)KEY_FAR << KEY_LOOKUP_SHIFT | (uint64_t)(far - list), &far->call);
        return outcome == OUTCOME_OK
                   ? name_lookup_start(rt_names(), far->call, RT_DEADLINE, name, (size_t)written, 0)
                   : outcome;
}

/* A free place, if the job has not got its share; NULL: it has, or there is none. */
static struct far_signal *place_find(uint64_t job)
{
        struct far_signal *place = NULL;
        unsigned own = 0;
        for (unsigned i = 0; i < FAR_SIGNALS; i++) {
                if (!list[i].busy)
                        place = &list[i];
                else if (list[i].job == job)
                        own++;
        }
        return own < FAR_SHARE ? place : NULL;
}

outcome_t far_send(const struct request *request, const struct process *asker, uint64_t target,
                   unsigned signal, const struct sent *sent)
{
        size_t length;
        const char *node = node_name(target >> PROCESS_NODE_SHIFT, &length);
        const char *spawner = spawner_name(asker->spawner);
        if (!node || !spawner)
                return answered(REASON_NOT_FOUND);
        struct far_signal *far = place_find(asker->job);
        if (!far)
                return answered(REASON_OVERLOADED);
        outcome_t outcome = far_look_up(far, node, length);
        if (outcome != OUTCOME_OK)
                return outcome;
        far->busy = true;
        far->job = asker->job;
        far->reply = request->reply;
        snprintf(far->spawner, sizeof far->spawner, "%s", spawner);
        far->target = target;
        far->signal = signal;
        far->sent = *sent;
        return RT_DEFERRED;
}

static void far_ask(struct far_signal *far)
{
        outcome_t outcome = process_signal_as_start(far->server, far->call, RT_DEADLINE,
                                                    far->spawner, strlen(far->spawner), far->target,
                                                    far->signal, (uint64_t)(int64_t)far->sent.code,
                                                    (uint64_t)far->sent.sender, far->sent.value);
        if (outcome != OUTCOME_OK)
                far_end(far, outcome);
}

void far_completed(unsigned index)
{
        struct far_signal *far = &list[index % FAR_SIGNALS];
        const bool looking = !far->server;
        if (!far->busy)
                return;
        outcome_t outcome = looking ? name_lookup_finish(far->call, &far->server)
                                    : process_signal_as_finish(far->call);
        if (outcome == not_executed(REASON_BUSY))
                return;
        if (looking && outcome == OUTCOME_OK && far->reply)
                far_ask(far);
        else
                far_end(far, outcome);
}

bool far_cancel(handle_t reply)
{
        for (unsigned i = 0; i < FAR_SIGNALS; i++)
                if (list[i].busy && list[i].reply == reply) {
                        rt_call_cancel(list[i].call);
                        return true;
                }
        return false;
}

outcome_t far_receive(const char *spawner, size_t length, uint64_t target, unsigned signal,
                      const struct sent *sent)
{
        struct process *process = process_known(target);
        const char *own = process ? spawner_name(process->spawner) : NULL;
        if (!process || !own)
                return answered(REASON_NOT_FOUND);
        if (strlen(own) != length || memcmp(own, spawner, length) != 0)
                return answered(REASON_REFUSED);
        return signal ? process_signal(process, signal, sent) : OUTCOME_OK;
}
