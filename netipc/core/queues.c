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

/* Where a message belongs that has something to send, and may. */
static uint8_t place_of(const struct outgoing *out)
{
        unsigned unsent = outgoing_unsent(out);
        core_assert(unsent && out->room != ROOM_NONE);
        if (out->room == ROOM_ASKED || unsent <= WIRE_SHORT) /* most are short */
                return 0;
        return (uint8_t)(31 - __builtin_clz((unsent + WIRE_SHORT - 1) / WIRE_SHORT));
}

static struct queue *queue_of(struct session *session, uint16_t reference)
{
        unsigned place = outgoing_at(session, reference)->place;
        core_assert(place <= PARKED);
        return place == PARKED ? &session->parked[reference & REPLY_REF ? 1 : 0]
                               : &session->ready[place];
}

/* Takes a message out of its queue, wherever it is in that. */
static void message_remove(struct session *session, uint16_t reference)
{
        struct outgoing *out = outgoing_at(session, reference);
        struct queue *queue = queue_of(session, reference);
        uint16_t before = NO_INDEX;
        core_assert(out->queued);
        for (uint16_t at = queue->head; at != reference; at = outgoing_at(session, at)->next)
                before = at;
        if (before == NO_INDEX)
                queue->head = out->next;
        else
                outgoing_at(session, before)->next = out->next;
        if (queue->tail == reference)
                queue->tail = before;
        if (queue->head == NO_INDEX && out->place != PARKED)
                session->ready_map &= ~(1u << out->place);
        out->queued = false;
}

void queue_push_message(struct session *session, uint16_t reference)
{
        struct outgoing *out = outgoing_at(session, reference);
        core_assert((reference & ~REPLY_REF) < session->call_count);
        if (out->queued && out->place != PARKED)
                return;
        if (out->queued)
                message_remove(session, reference); /* it waits for no room any more */
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
        bool waits = out->active && outgoing_unsent(out);
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
        struct outgoing *out = outgoing_at(session, reference);
        core_assert(session->ready[out->place].head == reference);
        if (out->room == ROOM_ASKED)
                message_remove(session, reference); /* until the answer */
        else
                first_moves(session, out->place);
}

void queue_park_message(struct session *session, uint16_t reference)
{
        struct outgoing *out = outgoing_at(session, reference);
        core_assert(out->active && out->room == ROOM_NONE);
        if (out->queued && out->place == PARKED)
                return;
        if (out->queued)
                message_remove(session, reference);
        out->queued = true;
        out->place = PARKED;
        struct queue *queue = queue_of(session, reference);
        uint16_t *link = &queue->head;
        while (*link != NO_INDEX && (int32_t)(outgoing_at(session, *link)->age - out->age) < 0)
                link = message_link(session, *link);
        out->next = *link;
        *link = reference;
        if (out->next == NO_INDEX)
                queue->tail = reference;
}

/* The one of a queue that asked longest ago; NO_INDEX: it is empty. */
static uint16_t longest_quiet(struct session *session, const struct queue *queue)
{
        uint16_t quiet = queue->head;
        for (uint16_t at = quiet; at != NO_INDEX; at = outgoing_at(session, at)->next)
                if ((int32_t)(outgoing_at(session, at)->asked -
                              outgoing_at(session, quiet)->asked) < 0)
                        quiet = at;
        return quiet;
}

/* One of a queue asks that still has to. */
static void one_asks(struct session *session, struct queue *queue, bool oldest)
{
        uint16_t reference;
        while ((reference = oldest ? queue->head : longest_quiet(session, queue)) != NO_INDEX) {
                struct outgoing *out = outgoing_at(session, reference);
                core_assert(out->queued && out->place == PARKED);
                message_remove(session, reference);
                if (!out->active || !outgoing_unsent(out))
                        continue;
                out->room = ROOM_ASKED;
                out->asked = ++session->asks;
                queue_push_message(session, reference);
                return;
        }
}

void queue_ask(struct session *session, bool oldest)
{
        one_asks(session, &session->parked[0], oldest);
        one_asks(session, &session->parked[1], oldest);
}

void queue_room_found(struct session *session, uint16_t reference)
{
        struct outgoing *out = outgoing_at(session, reference);
        core_assert(out->active && out->room != ROOM_FOUND);
        if (out->queued)
                message_remove(session, reference);
        out->room = ROOM_FOUND;
        if (outgoing_unsent(out))
                queue_push_message(session, reference);
        while (queues_parked(session))
                queue_ask(session, true);
        session->resume = CORE_NEVER;
        session->pause = PAUSE_MIN;
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
        session->releases.fresh = true;
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
