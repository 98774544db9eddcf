/* A pool of call objects; see replies.h. A call is received as soon as it is made, so the port
 * never holds more than one. */
#include "netipc/server/replies.h"
#include <stdlib.h>

struct unused_reply {
        struct unused_reply *next;
        handle_t reply;
};

outcome_t replies_init(struct far_replies *replies, handle_t completions, uint64_t first_key)
{
        replies->completions = completions;
        replies->first_key = first_key;
        outcome_t outcome = sys_port_create(&replies->port);
        return outcome == OUTCOME_OK
                   ? sys_right_mint(replies->port, 1, RIGHT_SEND | RIGHT_PROXY, &replies->right)
                   : outcome;
}

static void reply_end(struct far_reply *reply)
{
        sys_handle_close(reply->call);
        reply->call = 0;
        reply->import = 0;
}

/* A free place with its buffer and call object; NULL: there is none. */
static struct far_reply *reply_begin(struct far_replies *replies)
{
        unsigned i = 0;
        while (i < REPLIES_MAX && replies->pool[i].call)
                i++;
        if (i == REPLIES_MAX)
                return NULL;
        struct far_reply *reply = &replies->pool[i];
        if (!reply->answer)
                reply->answer = malloc(MESSAGE_BYTES_MAX);
        if (!reply->answer || sys_call_create_keyed(replies->completions, replies->first_key + i,
                                                    &reply->call) != OUTCOME_OK)
                return NULL;
        return reply;
}

handle_t reply_proxy(struct far_replies *replies, core_import_t import)
{
        const struct message question = {.interface = UINT16_MAX};
        struct arrival space, arrival;
        struct far_reply *reply = reply_begin(replies);
        if (!reply)
                return 0;
        arrival_prepare(&space, reply->answer, MESSAGE_BYTES_MAX, MESSAGE_CAPS);
        arrival_prepare(&arrival, NULL, 0, 0);
        if (rt_call_start(replies->right, reply->call, TIME_NEVER, &question, &space) !=
                OUTCOME_OK ||
            rt_receive(replies->port, 0, &arrival) != OUTCOME_OK) {
                reply_end(reply);
                return 0;
        }
        reply->import = import;
        return arrival.reply;
}

core_import_t reply_answered(struct far_replies *replies, unsigned place, outcome_t *outcome,
                             struct arrival *arrival)
{
        struct far_reply *reply = &replies->pool[place];
        core_import_t import = reply->import;
        if (!reply->call)
                return 0;
        arrival_prepare(arrival, reply->answer, MESSAGE_BYTES_MAX, MESSAGE_CAPS);
        *outcome = rt_call_finish(reply->call, arrival);
        if (*outcome == not_executed(REASON_BUSY))
                return 0; /* the notice was for a call before this one */
        reply_end(reply);
        return import;
}

void reply_lost(struct far_replies *replies, core_import_t import)
{
        for (unsigned i = 0; i < REPLIES_MAX; i++)
                if (replies->pool[i].call && replies->pool[i].import == import)
                        reply_end(&replies->pool[i]);
}

/* Without memory the caller is told that its receiver died. */
void reply_unused(struct far_replies *replies, handle_t reply)
{
        struct unused_reply *unused = malloc(sizeof(*unused));
        if (!unused) {
                sys_handle_close(reply);
                return;
        }
        *unused = (struct unused_reply){replies->unused, reply};
        replies->unused = unused;
}

void replies_end(struct far_replies *replies, enum reason reason)
{
        struct unused_reply *unused;
        while ((unused = replies->unused)) {
                replies->unused = unused->next;
                if (reason)
                        rt_reply_outcome(unused->reply, perhaps_executed(reason));
                sys_handle_close(unused->reply);
                free(unused);
        }
}
