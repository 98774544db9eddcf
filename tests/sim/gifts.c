/* The judge of what messages carry besides rights to call: snapshots of memory, whose content
 * follows from their number, and events, each bit of which is signalled once at most. */
#include <string.h>
#include "tests/sim/judge.h"

enum { BITS = 64 };

/* An event that an application has made and given away. */
struct event_gift {
        uint8_t node;
        uint32_t life;   /* of its application; 0: nobody waits for it */
        uint8_t used;    /* bits that somebody has tried to signal: the lowest ones */
        uint64_t taken;  /* of those, the ones that the signaller's kernel has accepted … */
        uint64_t came;   /* … and those that have arrived */
        uint64_t direct; /* signalled from a node that it was given to by its own */
        struct {
                uint8_t node;
                uint64_t since; /* when it was given the event: in a session of then */
        } signal[BITS];
};

static struct {
        struct event_gift *events;
        size_t count, room;
        size_t *snapshots; /* bytes, by number from 1 */
        size_t snapshot_count, snapshot_room;
} gifts;

void gifts_reset(void)
{
        gifts.count = 0;
        gifts.snapshot_count = 0;
}

/* ---- snapshots ------------------------------------------------------------------------------- */

uint64_t ledger_snapshot(size_t bytes)
{
        gifts.snapshots = ledger_grow(gifts.snapshots, gifts.snapshot_count, &gifts.snapshot_room,
                                      sizeof *gifts.snapshots);
        gifts.snapshots[gifts.snapshot_count++] = bytes;
        return gifts.snapshot_count;
}

size_t gifts_snapshots(const struct letter *letter)
{
        size_t bytes = 0;
        for (unsigned i = 0; i < letter->caps; i++)
                if (letter->kind[i] == GIFT_MEMORY && letter->cap[i])
                        bytes += gifts.snapshots[letter->cap[i] - 1];
        return bytes;
}

/* ---- events ---------------------------------------------------------------------------------- */

uint64_t ledger_event(void)
{
        gifts.events = ledger_grow(gifts.events, gifts.count, &gifts.room, sizeof *gifts.events);
        gifts.events[gifts.count++] =
            (struct event_gift){.node = the_sim.running->number, .life = truth_here()->life};
        return gifts.count;
}

static struct event_gift *event_of(uint64_t number)
{
        if (number == 0 || number > gifts.count)
                sim_fail("event %llu was never made", (unsigned long long)number);
        return number == 0 || number > gifts.count ? NULL : &gifts.events[number - 1];
}

uint64_t ledger_signals(uint64_t number, uint64_t since)
{
        struct event_gift *event = event_of(number);
        if (!event || event->used == BITS)
                return 0;
        event->signal[event->used].node = the_sim.running->number;
        event->signal[event->used].since = the_sim.running->booted + since;
        sim_trace(the_sim.running, "signals bit %u of event %llu", event->used,
                  (unsigned long long)number);
        return 1ull << event->used++;
}

void ledger_signalled(uint64_t number, uint64_t bit, bool direct)
{
        struct event_gift *event = event_of(number);
        if (!event)
                return;
        event->taken |= bit;
        if (direct)
                event->direct |= bit;
}

void ledger_event_came(uint64_t number, uint64_t bits)
{
        struct event_gift *event = event_of(number);
        const uint64_t used = event && event->used < BITS ? (1ull << event->used) - 1 : ~0ull;
        sim_digest(number ^ bits);
        sim_trace(the_sim.running, "event %llu has bits %llx", (unsigned long long)number,
                  (unsigned long long)bits);
        if (!event)
                return;
        if (bits & ~used)
                sim_fail("%s: event %llu has bits that nobody has signalled", the_sim.running->name,
                         (unsigned long long)number);
        event->came |= bits;
}

/* What was signalled has come, if both nodes have lived and known each other since. */
static void event_check(size_t number)
{
        const struct event_gift *event = &gifts.events[number - 1];
        for (unsigned i = 0; event->life && i < event->used; i++) {
                const bool lost = (event->taken & event->direct & ~event->came) >> i & 1;
                if (lost &&
                    truth_together(event->node, event->signal[i].node, event->signal[i].since))
                        sim_fail("bit %u of event %zu is lost: n%u, which lives, has signalled it",
                                 i, number, event->signal[i].node + 1u);
        }
}

void ledger_event_ends(uint64_t number)
{
        struct event_gift *event = event_of(number);
        sim_trace(the_sim.running, "event %llu has ended", (unsigned long long)number);
        if (!event)
                return;
        event_check(number);
        event->life = 0;
}

void gifts_die(uint32_t life)
{
        for (size_t i = 0; i < gifts.count; i++)
                if (gifts.events[i].life == life)
                        gifts.events[i].life = 0;
}

void gifts_check(void)
{
        for (size_t i = 1; i <= gifts.count; i++) {
                event_check(i);
                if (gifts.events[i - 1].life)
                        sim_fail("event %zu has not ended, though nobody holds it", i);
        }
}
