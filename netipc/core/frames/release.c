/* RELEASE: references are given back, in batches. It is repeated under its old sequence number
 * until it was acknowledged; the receiver counts each number once.
 *
 *      release queue ──► batch ──put──► in flight ──acked──► free
 *                          ▲               │
 *                          └─────lost──────┘
 *
 * What was queued since the last flush waits for the next one: who drops an import may hear of
 * its last local right before it hears of a message that passes it on, in the same moment. */
#include "netipc/core/exports.h"
#include "netipc/core/frames/frame.h"
#include "netipc/core/imports.h"
#include "netipc/core/queues.h"
#include "netipc/core/session.h"

enum { RELEASE_DELAY = 10 * 1000 * 1000 }; /* ns that releases wait for company */

void releases_init(struct releases *releases)
{
        releases->next = 1;
        releases->deadline = CORE_NEVER;
}

bool release_waiting(const struct session *session)
{
        return session->releases.resend || session->release.head != NO_INDEX;
}

/* Moves waiting imports into a batch. Leaves out those that came to life again meanwhile. */
static void batch_fill(struct session *session, struct release_batch *batch)
{
        uint16_t id;
        batch->count = 0;
        while (batch->count < WIRE_RELEASE_MAX && (id = queue_pop_import(session)) != NO_INDEX) {
                core_assert(id != WIRE_ROOT_EXPORT);
                uint32_t count = import_give_back(session, id);
                if (count == 0)
                        continue;
                if (break_count() && count > 1)
                        count--;
                batch->entry[batch->count++] =
                    (struct wire_release_entry){id, session->imports[id].generation, count};
        }
}

static struct release_batch *batch_resend(struct session *session)
{
        struct releases *releases = &session->releases;
        for (unsigned i = 0; i < RELEASE_RING; i++) {
                struct release_batch *batch = &releases->ring[i];
                if (!batch->sequence || !batch->unsent)
                        continue;
                core_assert(releases->resend > 0);
                batch->unsent = false;
                releases->resend--;
                return batch;
        }
        return NULL;
}

/* The next batch to transmit, or NULL. */
static struct release_batch *batch_next(struct session *session)
{
        struct releases *releases = &session->releases;
        releases->deadline = CORE_NEVER;
        if (releases->resend)
                return batch_resend(session);
        struct release_batch *batch = &releases->ring[releases->next % RELEASE_RING];
        if (session->release.head == NO_INDEX || batch->sequence)
                return NULL;
        batch_fill(session, batch);
        if (batch->count == 0)
                return NULL;
        core_assert(releases->next && batch->count <= WIRE_RELEASE_MAX);
        batch->sequence = releases->next;
        batch->unsent = false;
        releases->next = order_after(releases->next);
        return batch;
}

static void batch_put(struct packet *packet, const struct release_batch *batch)
{
        struct wire_release frame = {
            .type = FRAME_RELEASE, .count = batch->count, .sequence = batch->sequence};
        packet_append(packet, &frame, sizeof(frame));
        packet_append(packet, batch->entry, batch->count * sizeof(batch->entry[0]));
        packet_note(packet, (struct item){.type = FRAME_RELEASE, .tag = batch->sequence});
}

void release_put(struct session *session, struct packet *packet, uint64_t now)
{
        struct releases *releases = &session->releases;
        if (!release_waiting(session)) {
                releases->deadline = CORE_NEVER; /* what waited was acknowledged after all */
                return;
        }
        if (releases->deadline == CORE_NEVER)
                releases->deadline = now + RELEASE_DELAY;
        bool due = now >= releases->deadline;
        if (!packet->eliciting && !releases->resend && !due)
                return;
        size_t most = sizeof(struct wire_release) + sizeof(releases->ring[0].entry);
        const struct release_batch *batch;
        while ((releases->resend || !releases->fresh || due) && packet_fits(packet, most) &&
               (batch = batch_next(session)))
                batch_put(packet, batch);
}

/* Whether a RELEASE is new; notes it. */
static bool sequence_new(struct releases *releases, uint32_t sequence)
{
        if (order_before(releases->seen, sequence)) {
                uint32_t step = sequence - releases->seen;
                releases->seen_map = step < RELEASE_WINDOW ? releases->seen_map << step : 0;
                releases->seen_map |= 1;
                releases->seen = sequence;
                return true;
        }
        uint32_t back = releases->seen - sequence;
        if (back >= RELEASE_WINDOW || releases->seen_map >> back & 1)
                return false;
        releases->seen_map |= 1ull << back;
        return true;
}

bool release_take(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        (void)now;
        if (!sequence_new(&session->releases, frame->release.sequence))
                return true;
        for (unsigned i = 0; i < frame->release.count && !session->failed; i++) {
                struct wire_release_entry entry = wire_release_entry_at(frame->payload, i);
                if (!export_release(session, entry.export_id, entry.generation, entry.count))
                        session_fail(session, "gives back references that it does not have");
        }
        return true;
}

static struct release_batch *batch_of(struct session *session, const struct item *item)
{
        struct release_batch *batch = &session->releases.ring[item->tag % RELEASE_RING];
        return batch->sequence == item->tag ? batch : NULL;
}

void release_acked(struct session *session, const struct item *item)
{
        struct release_batch *batch = batch_of(session, item);
        if (!batch)
                return;
        if (batch->unsent)
                session->releases.resend--;
        batch->unsent = false;
        batch->sequence = 0;
        core_assert(session->releases.resend <= RELEASE_RING);
}

void release_lost(struct session *session, const struct item *item, bool refused)
{
        struct release_batch *batch = batch_of(session, item);
        (void)refused;
        if (!batch || batch->unsent)
                return;
        batch->unsent = true;
        session->releases.resend++;
        core_assert(batch->count && session->releases.resend <= RELEASE_RING);
}
