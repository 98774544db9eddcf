/* The pool of call objects. Entries and their small buffers are kept for the next call; a buffer
 * for a large request is given back with its call. */
#include "netipc/server/far_calls.h"
#include <stdlib.h>

static bool buffers_ready(struct far_call *call, size_t bytes)
{
        if (!call->answer)
                call->answer = malloc(MESSAGE_BYTES_MAX);
        size_t capacity = bytes > FAR_CALL_BYTES_SMALL ? MESSAGE_BYTES_MAX : FAR_CALL_BYTES_SMALL;
        if (call->request_capacity != capacity) {
                free(call->request);
                call->request = malloc(capacity);
                call->request_capacity = call->request ? capacity : 0;
        }
        return call->answer && call->request;
}

/* The next entry, ready for a request; NULL: there is none, or no memory. */
static struct far_call *entry_next(struct far_calls *calls, size_t bytes)
{
        if (!calls->idle && calls->used == FAR_CALLS_MAX)
                return NULL;
        if (bytes > FAR_CALL_BYTES_SMALL && calls->large == FAR_CALLS_LARGE)
                return NULL;
        struct far_call *call = calls->idle ? calls->idle : &calls->pool[calls->used];
        uint64_t place = (uint64_t)(call - calls->pool);
        if (!call->object && sys_call_create_keyed(calls->port, place, &call->object) != OUTCOME_OK)
                return NULL;
        return buffers_ready(call, bytes) ? call : NULL;
}

static unsigned larger(unsigned a, unsigned b)
{
        return a > b ? a : b;
}

/* A peer that is not up leaves one place, the rest is divided among those that are. */
static unsigned share_of_peer(const struct far_calls *calls)
{
        unsigned up = larger(calls->peers_up, 1);
        unsigned peers = larger(calls->peers, up);
        return (FAR_CALLS_MAX - (peers - up)) / up;
}

/* Three quarters of the share. Only a peer that has as many in all is counted. */
static bool right_may_have_more(const struct far_calls *calls, uint8_t peer, uint64_t token,
                                unsigned share)
{
        unsigned busy = 0, most = larger(share - share / 4, 1);
        if (calls->busy[peer] < most)
                return true;
        for (unsigned i = 0; i < calls->used; i++) {
                const struct far_call *call = &calls->pool[i];
                busy += call->state != FAR_CALL_IDLE && call->peer == peer && call->token == token;
        }
        return busy < most;
}

/* Besides the first one. Each peer without any keeps a place. */
static bool peer_may_have_more(const struct far_calls *calls, uint8_t peer, uint64_t token)
{
        unsigned peers = larger(larger(calls->peers, calls->peers_up), calls->peers_busy);
        unsigned share = share_of_peer(calls), busy = calls->busy[peer];
        return busy < share && calls->taken + peers - calls->peers_busy < FAR_CALLS_MAX &&
               right_may_have_more(calls, peer, token, share);
}

/* Of those with large requests none takes more than it leaves. */
static bool large_may_have_more(const struct far_calls *calls, uint8_t peer, size_t bytes)
{
        return bytes <= FAR_CALL_BYTES_SMALL ||
               calls->large_of[peer] < FAR_CALLS_LARGE - calls->large;
}

bool far_call_room(struct far_calls *calls, uint8_t peer, uint64_t token, size_t bytes)
{
        return (!calls->busy[peer] || peer_may_have_more(calls, peer, token)) &&
               large_may_have_more(calls, peer, bytes) && entry_next(calls, bytes);
}

struct far_call *far_call_take(struct far_calls *calls, uint8_t peer, uint64_t token, size_t bytes)
{
        struct far_call *call = entry_next(calls, bytes);
        if (!call)
                return NULL;
        if (calls->idle)
                calls->idle = call->next_idle;
        else
                calls->used++;
        call->state = FAR_CALL_EXECUTING;
        calls->taken++;
        calls->peers_busy += calls->busy[peer]++ == 0;
        if (call->request_capacity > FAR_CALL_BYTES_SMALL) {
                calls->large++;
                calls->large_of[peer]++;
        }
        call->peer = peer;
        call->token = token;
        call->caller = 0;
        call->handle_count = 0;
        return call;
}

void far_call_ended(struct far_call *call, bool delivered)
{
        for (unsigned i = 0; !delivered && i < call->handle_count; i++)
                sys_handle_close(call->handle[i]);
        call->handle_count = 0;
}

/* If the request was delivered, the handles that went with it are stale numbers now: closing those
 * does no harm. */
void far_call_abandon(struct far_call *call)
{
        sys_handle_close(call->object);
        call->object = 0;
        far_call_ended(call, false);
}

void far_call_keep(struct far_calls *calls, struct far_call *call, uint64_t now)
{
        call->state = FAR_CALL_ANSWERING;
        call->since = now;
        calls->answering++;
}

void far_call_end(struct far_calls *calls, struct far_call *call)
{
        far_call_ended(call, false);
        calls->answering -= call->state == FAR_CALL_ANSWERING;
        call->state = FAR_CALL_IDLE;
        call->next_idle = calls->idle;
        calls->idle = call;
        calls->taken--;
        calls->peers_busy -= --calls->busy[call->peer] == 0;
        call->caller = 0;
        if (call->request_capacity > FAR_CALL_BYTES_SMALL) {
                calls->large--;
                calls->large_of[call->peer]--;
                free(call->request);
                call->request = NULL;
                call->request_capacity = 0;
        }
}

struct far_call *far_call_of(struct far_calls *calls, core_call_t caller)
{
        for (unsigned i = 0; i < calls->used; i++)
                if (calls->pool[i].state != FAR_CALL_IDLE && calls->pool[i].caller == caller)
                        return &calls->pool[i];
        return NULL;
}
