/* The pool of call objects. Entries and their small buffers are kept for the next call; a buffer
 * for a large request is given back with its call. */
#include "netipc/server/far_calls.h"
#include <stdlib.h>

static bool buffers_ready(struct far_call *call, size_t bytes)
{
        if (!call->answer)
                call->answer = malloc(MESSAGE_BYTES_MAX);
        if (call->request_capacity < bytes || !call->request) {
                size_t capacity =
                    bytes > FAR_CALL_BYTES_SMALL ? MESSAGE_BYTES_MAX : FAR_CALL_BYTES_SMALL;
                free(call->request);
                call->request = malloc(capacity);
                call->request_capacity = call->request ? capacity : 0;
        }
        return call->answer && call->request;
}

struct far_call *far_call_take(struct far_calls *calls, uint8_t peer, size_t bytes)
{
        if (calls->busy[peer] >= calls->share || (!calls->idle && calls->used == FAR_CALLS_MAX))
                return NULL;
        struct far_call *call = calls->idle ? calls->idle : &calls->pool[calls->used];
        uint64_t place = (uint64_t)(call - calls->pool);
        if (!call->object && sys_call_create_keyed(calls->port, place, &call->object) != OUTCOME_OK)
                return NULL;
        if (!buffers_ready(call, bytes))
                return NULL;
        if (calls->idle)
                calls->idle = call->next_idle;
        else
                calls->used++;
        call->state = FAR_CALL_EXECUTING;
        calls->busy[peer]++;
        call->peer = peer;
        call->caller = 0;
        call->moved_count = 0;
        return call;
}

void far_call_ended(struct far_call *call, bool delivered)
{
        for (unsigned i = 0; !delivered && i < call->moved_count; i++)
                sys_handle_close(call->moved[i]);
        call->moved_count = 0;
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
        calls->answering -= call->state == FAR_CALL_ANSWERING;
        call->state = FAR_CALL_IDLE;
        call->next_idle = calls->idle;
        calls->idle = call;
        calls->busy[call->peer]--;
        call->caller = 0;
        if (call->request_capacity > FAR_CALL_BYTES_SMALL) {
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
