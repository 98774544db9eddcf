/* Intrusive queues; see queues.h. */
#include "netipc/core/queues.h"

typedef uint16_t *link_function(struct session *session, uint16_t index);

static uint16_t *message_link(struct session *session, uint16_t reference)
{
        return &outgoing_at(session, reference)->next;
}

static uint16_t *call_link(struct session *session, uint16_t slot)
{
        return &session->calls[slot].next;
}

static uint16_t *export_link(struct session *session, uint16_t id)
{
        return &session->exports[id].next;
}

static uint16_t *stalled_link(struct session *session, uint16_t id)
{
        return &session->exports[id].stalled_next;
}

static uint16_t *import_link(struct session *session, uint16_t id)
{
        return &session->imports[id].next;
}

static void push(struct session *session, struct queue *queue, link_function *link, uint16_t index)
{
        core_assert(index != NO_INDEX);
        *link(session, index) = NO_INDEX;
        if (queue->head == NO_INDEX)
                queue->head = index;
        else
                *link(session, queue->tail) = index;
        queue->tail = index;
        core_assert(queue->head != NO_INDEX);
}

static uint16_t pop(struct session *session, struct queue *queue, link_function *link)
{
        uint16_t index = queue->head;
        if (index != NO_INDEX)
                queue->head = *link(session, index);
        return index;
}

/* Where a message belongs that has something to send. */
static uint8_t place_of(const struct outgoing *out)
{
        core_assert(out->unsent);
        return (uint8_t)(31 - __builtin_clz((unsigned)__builtin_popcountll(out->unsent)));
}

void queue_push_message(struct session *session, uint16_t reference)
{
        struct outgoing *out = outgoing_at(session, reference);
        if (out->queued)
                return;
        core_assert((reference & ~REPLY_REF) < session->call_count);
        out->queued = true;
        out->place = place_of(out);
        push(session, &session->ready[out->place], message_link, reference);
        session->ready_map |= 1u << out->place;
        core_assert(out->place < READY_QUEUES);
}

/* Takes the first message of a queue to where it belongs now. False: it is there. */
static bool first_moves(struct session *session, unsigned place)
{
        struct queue *queue = &session->ready[place];
        uint16_t reference = queue->head;
        struct outgoing *out = outgoing_at(session, reference);
        bool waits = out->active && out->unsent;
        core_assert(out->queued && out->place == place);
        if (waits && place_of(out) >= place)
                return false;
        pop(session, queue, message_link);
        out->queued = false;
        if (queue->head == NO_INDEX)
                session->ready_map &= ~(1u << place);
        if (waits)
                queue_push_message(session, reference);
        return true;
}

uint16_t queue_first_message(struct session *session, bool longest)
{
        while (session->ready_map) {
                unsigned place = longest ? 31u - (unsigned)__builtin_clz(session->ready_map)
                                         : (unsigned)__builtin_ctz(session->ready_map);
                core_assert(place < READY_QUEUES && session->ready[place].head != NO_INDEX);
                if (!first_moves(session, place))
                        return session->ready[place].head;
        }
        return NO_INDEX;
}

void queue_settle_message(struct session *session, uint16_t reference)
{
        unsigned place = outgoing_at(session, reference)->place;
        core_assert(session->ready[place].head == reference);
        first_moves(session, place);
}

void queue_park_message(struct session *session, uint16_t reference)
{
        struct outgoing *out = outgoing_at(session, reference);
        if (out->queued)
                return;
        core_assert(out->active && out->refused);
        out->queued = true;
        push(session, &session->parked, message_link, reference);
}

void queue_resume(struct session *session)
{
        uint16_t reference;
        while ((reference = pop(session, &session->parked, message_link)) != NO_INDEX) {
                struct outgoing *out = outgoing_at(session, reference);
                core_assert(out->queued);
                out->queued = false;
                if (out->active && out->unsent)
                        queue_push_message(session, reference);
        }
        session->resume = CORE_NEVER;
        core_assert(session->parked.head == NO_INDEX);
}

void queue_push_cancel(struct session *session, uint16_t slot)
{
        core_assert(session->calls[slot].cancel_queued);
        push(session, &session->cancels, call_link, slot);
}

uint16_t queue_pop_cancel(struct session *session)
{
        return pop(session, &session->cancels, call_link);
}

void queue_push_export(struct session *session, uint16_t id)
{
        core_assert(session->exports[id].dead_queued);
        push(session, &session->dead, export_link, id);
}

uint16_t queue_pop_export(struct session *session)
{
        return pop(session, &session->dead, export_link);
}

void queue_push_import(struct session *session, uint16_t id)
{
        core_assert(session->imports[id].release_queued);
        push(session, &session->release, import_link, id);
}

uint16_t queue_pop_import(struct session *session)
{
        return pop(session, &session->release, import_link);
}

void queue_push_stalled(struct session *session, uint16_t id)
{
        if (session->exports[id].stalled)
                return;
        core_assert(session->exports[id].state == EXPORT_LIVE);
        session->exports[id].stalled = true;
        push(session, &session->stalled, stalled_link, id);
}

uint16_t queue_pop_stalled(struct session *session)
{
        uint16_t id = pop(session, &session->stalled, stalled_link);
        if (id != NO_INDEX)
                session->exports[id].stalled = false;
        return id;
}
