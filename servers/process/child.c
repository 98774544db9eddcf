/* What a process may ask by the right that it was started with: file services by their names,
 * which are looked up for it at the name service, and lines of the log. Whatever else it reaches,
 * its spawner has given to it. */
#include <string.h>

#include "servers/process/process.h"
#include "servers/proto/log.h"
#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"

/* ---- names -------------------------------------------------------------------------------------
 */

static outcome_t lookup_begin(unsigned index, struct request *request, uint64_t wait)
{
        struct lookup *lookup = &processes.lookups[index];
        outcome_t outcome = OUTCOME_OK;
        if (!lookup->call)
                outcome =
                    rt_server_call(&processes.server,
                                   (uint64_t)KEY_LOOKUP << KEY_LOOKUP_SHIFT | index, &lookup->call);
        if (outcome == OUTCOME_OK)
                outcome = name_lookup_start(rt_names(), lookup->call, request->deadline,
                                            lookup->name, strlen(lookup->name), wait);
        if (outcome != OUTCOME_OK)
                return outcome;
        lookup->reply = request->reply;
        return RT_DEFERRED;
}

static outcome_t look_up(struct request *request, const void *name, size_t name_length,
                         uint64_t wait, struct send_cap *right)
{
        (void)right;
        char text[sizeof processes.lookups[0].name];
        unsigned i = 0;
        if (name_length >= sizeof text)
                return answered(REASON_NOT_FOUND);
        memcpy(text, name, name_length);
        text[name_length] = 0;
        const bool known = file_service_length(text) == name_length || strcmp(text, "stream") == 0;
        if (!process_itself(request) || !known)
                return answered(REASON_REFUSED);
        while (i < LOOKUPS && processes.lookups[i].reply)
                i++;
        if (i == LOOKUPS)
                return answered(REASON_OVERLOADED);
        memcpy(processes.lookups[i].name, text, sizeof text);
        return lookup_begin(i, request, wait);
}

void lookup_completed(unsigned index)
{
        struct lookup *lookup = &processes.lookups[index];
        handle_t right = 0, reply = lookup->reply;
        outcome_t outcome = name_lookup_finish(lookup->call, &right);
        if (!reply || outcome == not_executed(REASON_BUSY))
                return;
        lookup->reply = 0;
        if (outcome == OUTCOME_OK)
                name_lookup_reply(reply, cap_move(right));
        else
                rt_reply_outcome(reply, answered(outcome_reason(outcome)));
}

/* The outcome still comes. */
bool lookup_cancel(handle_t reply)
{
        for (unsigned i = 0; i < LOOKUPS; i++)
                if (processes.lookups[i].reply == reply) {
                        rt_call_cancel(processes.lookups[i].call);
                        return true;
                }
        return false;
}

/* ---- the log -----------------------------------------------------------------------------------
 */

static void log_line(struct request *request, const void *text, size_t text_length)
{
        const struct process *process = process_itself(request);
        if (process)
                rt_log("%s (%lu): %.*s", process->name, process->id,
                       (int)(text_length < RT_LOG_LINE ? text_length : RT_LOG_LINE),
                       (const char *)text);
}

outcome_t child_init(void)
{
        static const struct name_server names = {.lookup = look_up};
        static const struct log_server log = {.write = log_line};
        outcome_t outcome =
            rt_server_add(&processes.server, NAME_INTERFACE, name_dispatch, &names, NULL);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_add(&processes.server, LOG_INTERFACE, log_dispatch, &log, NULL);
        return outcome;
}
