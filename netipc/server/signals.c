/* A table of proxies; see signals.h. We keep no handle of a proxy, or the kernel could not tell
 * that the last one is gone. */
#include "netipc/server/signals.h"
#include "netipc/server/transport.h"

/* A place that is free; NULL: there is none. */
static struct far_event *place_take(struct far_events *events)
{
        unsigned i = 0;
        while (i < events->used && events->place[i].import)
                i++;
        if (i == SIGNALS_MAX)
                return NULL;
        if (i == events->used)
                events->used++;
        return &events->place[i];
}

/* Binds the new event; a handle to be given away, with these rights at most. */
static outcome_t event_bind(const struct far_events *events, handle_t event, uint64_t key,
                            uint32_t rights, uint64_t *identity, handle_t *given)
{
        enum object_kind type;
        uint32_t all;
        outcome_t outcome = sys_handle_info(event, &type, &all, identity);
        if (outcome == OUTCOME_OK)
                outcome = sys_port_bind(events->port, event, key);
        if (outcome == OUTCOME_OK)
                outcome = sys_handle_copy(
                    event, rights & (RIGHT_SIGNAL | RIGHT_COPY | RIGHT_TRAVEL), given);
        return outcome;
}

handle_t event_proxy(struct far_events *events, core_import_t import, uint32_t rights)
{
        handle_t event, given = 0;
        struct far_event *place = place_take(events);
        if (!place || sys_event_create(&event) != OUTCOME_OK)
                return 0;
        *place = (struct far_event){0};
        uint64_t key = events->first_key + (uint64_t)(place - events->place);
        if (event_bind(events, event, key, rights, &place->identity, &given) == OUTCOME_OK) {
                place->import = import;
                place->held = true;
                sys_handle_close(event);
        } else {
                sys_object_destroy(event);
        }
        return given;
}

core_import_t event_of(const struct far_events *events, uint64_t identity)
{
        for (unsigned i = 0; i < events->used; i++) {
                const struct far_event *place = &events->place[i];
                if (place->import && place->held && place->identity == identity)
                        return place->import;
        }
        return 0;
}

bool event_stands_for(const struct far_events *events, core_import_t import)
{
        unsigned i = 0;
        while (i < events->used && events->place[i].import != import)
                i++;
        return i < events->used;
}

static bool is_busy(const struct far_event *place)
{
        return place->import && (!place->held || place->bits);
}

/* Whether another proxy stands for the same import. */
static bool is_shared(const struct far_events *events, const struct far_event *place)
{
        for (unsigned i = 0; i < events->used; i++)
                if (&events->place[i] != place && events->place[i].import == place->import)
                        return true;
        return false;
}

void event_signalled(struct far_events *events, unsigned place, uint64_t bits)
{
        struct far_event *event = &events->place[place];
        if (!event->import || event->dead || !bits)
                return;
        events->busy += !is_busy(event);
        event->bits |= bits;
}

void event_ended(struct far_events *events, unsigned place)
{
        struct far_event *event = &events->place[place];
        if (!event->import || !event->held)
                return;
        events->busy += !is_busy(event);
        event->held = false;
}

void event_lost(struct far_events *events, core_import_t import)
{
        for (unsigned i = 0; i < events->used; i++) {
                struct far_event *event = &events->place[i];
                if (event->import != import)
                        continue;
                events->busy -= is_busy(event);
                event->bits = 0;
                event->dead = true;
                events->busy += is_busy(event);
        }
}

/* False: there is no room for them now. */
static bool bits_send(struct far_event *event)
{
        const struct core_message message = {
            .words = 1, .word = {event->bits}, .deadline = CORE_NEVER};
        if (!event->bits)
                return true;
        if (!core_ready(transport.core, event->import, &message))
                return false;
        outcome_t outcome = core_send(transport.core, event->import, &message, transport.now);
        unsigned reason = outcome_reason(outcome);
        if (reason == REASON_OVERLOADED || reason == REASON_NO_MEMORY)
                return false;
        event->bits = 0;
        return true;
}

void events_work(struct far_events *events)
{
        for (unsigned i = 0; events->busy && i < events->used; i++) {
                struct far_event *event = &events->place[i];
                if (!is_busy(event) || !bits_send(event))
                        continue;
                events->busy--;
                if (event->held)
                        continue;
                if (!event->dead && !is_shared(events, event) &&
                    !fetch_brings(&transport.fetches, event->import))
                        core_import_drop(transport.core, event->import);
                event->import = 0;
        }
}
