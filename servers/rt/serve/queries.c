/* Questions for clients; see queries.h. The bytes of a name stay while a call has them. */
#include "servers/rt/serve/queries.h"

#include "servers/proto/name.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/time.h"

/* Between two questions while the name service restarts. */
#define AGAIN_AFTER (10 * RT_MILLISECOND)

static void query_answer(struct query *query, outcome_t outcome)
{
        rt_reply_outcome(query->reply, outcome);
        query->reply = 0;
}

/* The place is free, though its call's outcome may be still to come. */
static void query_drop(struct query *query, enum reason reason)
{
        query_answer(query, answered(reason));
        if (!query->under_way || query->stale)
                return;
        query->stale = true;
        query->current ^= 1;
        rt_call_cancel(query->call);
}

/* ---- asking ------------------------------------------------------------------------------------
 */

/* Whether the question died with the name service, and is to be put to its successor. */
static bool is_to_be_repeated(struct query *query, outcome_t outcome)
{
        if (outcome_class(outcome) == OUTCOME_ANSWERED ||
            outcome_reason(outcome) != REASON_RECEIVER_DIED ||
            rt_after(AGAIN_AFTER) >= query->deadline)
                return false;
        query->again_at = rt_after(AGAIN_AFTER);
        return true;
}

static outcome_t query_start(struct query *query)
{
        outcome_t outcome =
            name_lookup_start(rt_names(), query->call, query->deadline, query->name[query->current],
                              query->length, query->wait);
        query->under_way = outcome == OUTCOME_OK;
        return is_to_be_repeated(query, outcome) ? OUTCOME_OK : outcome;
}

void queries_completed(struct queries *queries, uint64_t key)
{
        handle_t right = 0;
        if (key < queries->key || key - queries->key >= queries->count)
                return;
        struct query *query = &queries->list[key - queries->key];
        outcome_t outcome = name_lookup_finish(query->call, &right);
        if (outcome == not_executed(REASON_BUSY))
                return;
        bool wanted = !query->stale;
        query->under_way = query->stale = false;
        query->again_at = 0;
        if (!wanted) {
                if (right)
                        sys_handle_close(right);
        } else if (outcome == OUTCOME_OK) {
                name_lookup_reply(query->reply, cap_move(right));
                query->reply = 0;
        } else if (!is_to_be_repeated(query, outcome)) {
                query_answer(query, answered(outcome_reason(outcome)));
        }
}

uint64_t queries_work(struct queries *queries, uint64_t now)
{
        uint64_t until = TIME_NEVER;
        for (struct query *query = queries->list; query < queries->list + queries->count; query++) {
                outcome_t outcome = OUTCOME_OK;
                if (!query->reply || query->under_way)
                        continue;
                if (now >= query->again_at)
                        outcome = query_start(query);
                if (outcome != OUTCOME_OK)
                        query_answer(query, answered(outcome_reason(outcome)));
                else if (!query->under_way)
                        until = rt_earlier(until, query->again_at);
        }
        return until;
}

bool queries_cancel(struct queries *queries, handle_t reply)
{
        for (unsigned i = 0; i < queries->count; i++) {
                if (!reply || queries->list[i].reply != reply)
                        continue;
                query_drop(&queries->list[i], REASON_CANCELLED);
                return true;
        }
        return false;
}

/* ---- places ------------------------------------------------------------------------------------
 */

/* Those that a client has; *oldest is the one that it has had for the longest time. */
static unsigned places_of(struct queries *queries, uint64_t client, struct query **oldest)
{
        unsigned places = 0;
        *oldest = NULL;
        for (struct query *query = queries->list; query < queries->list + queries->count; query++) {
                if (!query->reply || query->client != client)
                        continue;
                places++;
                if (!*oldest || query->order < (*oldest)->order)
                        *oldest = query;
        }
        return places;
}

/* The oldest of who has the most, if the client has at least two fewer; NULL: it has not. */
static struct query *place_to_take(struct queries *queries, uint64_t client)
{
        struct query *oldest, *found = NULL;
        unsigned most = places_of(queries, client, &oldest) + 1;
        for (unsigned i = 0; i < queries->count; i++) {
                unsigned places = places_of(queries, queries->list[i].client, &oldest);
                if (places <= most)
                        continue;
                most = places;
                found = oldest;
        }
        return found;
}

/* A free place, best one whose call is done; NULL: there is none. */
static struct query *place_free(struct queries *queries)
{
        struct query *found = NULL;
        for (struct query *query = queries->list; query < queries->list + queries->count; query++)
                if (!query->reply && (!found || !query->under_way))
                        found = query;
        return found;
}

static struct query *place_for(struct queries *queries, uint64_t client)
{
        struct query *place = place_free(queries);
        if (place)
                return place;
        place = place_to_take(queries, client);
        if (place)
                query_drop(place, REASON_OVERLOADED);
        return place;
}

outcome_t queries_begin(struct queries *queries, const struct request *request, uint64_t client,
                        const void *name, size_t length, uint64_t wait)
{
        outcome_t outcome = OUTCOME_OK;
        if (length > sizeof queries->list[0].name[0])
                return answered(REASON_NOT_FOUND);
        struct query *query = place_for(queries, client);
        if (!query)
                return answered(REASON_OVERLOADED);
        if (!query->call)
                outcome =
                    rt_server_call(queries->server,
                                   queries->key + (uint64_t)(query - queries->list), &query->call);
        if (outcome != OUTCOME_OK)
                return outcome;
        bytes_copy(query->name[query->current], name, length);
        query->length = length;
        query->client = client;
        query->order = queries->asked++;
        query->wait = wait;
        query->deadline = request->deadline;
        query->again_at = 0;
        if (!query->under_way)
                outcome = query_start(query);
        if (outcome != OUTCOME_OK)
                return outcome;
        query->reply = request->reply;
        return RT_DEFERRED;
}
