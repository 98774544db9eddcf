/* Simulated time, and the life of the nodes. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/sim/core/sim.h"

enum { CRASH_CHANCE = 12, FAULT_GAP = 40, STUCK_MAX = 20000 }; /* per 1,000 faults; ms; events */

static const uint64_t TIME_LIMIT = 300 * SIM_S;  /* for the calls of one seed */
static const uint64_t SETTLE_LIMIT = 30 * SIM_S; /* for the calls to end once the faults have */
static const uint64_t DRAIN_TIME = 4 * SIM_S;

/* xoroshiro128+ (Blackman and Vigna). */
uint64_t sim_random(struct sim *sim)
{
        uint64_t a = sim->random[0], b = sim->random[1], sum = a + b;
        b ^= a;
        sim->random[0] = (a << 24 | a >> 40) ^ b ^ b << 16;
        sim->random[1] = b << 37 | b >> 27;
        return sum;
}

uint64_t sim_below(struct sim *sim, uint64_t bound)
{
        return bound ? (sim_random(sim) >> 11) % bound : 0;
}

bool sim_chance(struct sim *sim, unsigned per_thousand)
{
        return sim_below(sim, 1000) < per_thousand;
}

void sim_digest(struct sim *sim, uint64_t value)
{
        sim->digest = (sim->digest ^ value) * 0x100000001b3ull;
        sim->digest ^= sim->digest >> 29;
}

void sim_fail(struct sim *sim, const char *format, ...)
{
        if (sim->failure)
                return;
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(sim->detail, sizeof(sim->detail), format, arguments);
        va_end(arguments);
        sim->failure = sim->detail;
}

void sim_trace(struct sim *sim, const struct node *node, const char *format, ...)
{
        if (!sim->options.trace)
                return;
        printf("%11.6f ", (double)sim->now / 1e9);
        if (node)
                printf("n%u ", node->number + 1u);
        va_list arguments;
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        putchar('\n');
}

void *sim_grow(void *array, size_t count, size_t *room, size_t size)
{
        if (count < *room)
                return array;
        *room = *room ? *room * 2 : 256;
        array = realloc(array, *room * size);
        if (!array)
                abort();
        return array;
}

/* --- events: a binary heap ------------------------------------------------------------------- */

static bool event_before(const struct event *a, const struct event *b)
{
        return a->time != b->time ? a->time < b->time : a->order < b->order;
}

void sim_event(struct sim *sim, struct event event)
{
        event.order = sim->order++;
        sim->heap = sim_grow(sim->heap, sim->heap_count, &sim->heap_room, sizeof(event));
        size_t at = sim->heap_count++;
        for (; at && event_before(&event, &sim->heap[(at - 1) / 2]); at = (at - 1) / 2)
                sim->heap[at] = sim->heap[(at - 1) / 2];
        sim->heap[at] = event;
}

static struct event event_take(struct sim *sim)
{
        struct event first = sim->heap[0], last = sim->heap[--sim->heap_count];
        size_t at = 0;
        for (;;) {
                size_t child = 2 * at + 1;
                if (child >= sim->heap_count)
                        break;
                if (child + 1 < sim->heap_count &&
                    event_before(&sim->heap[child + 1], &sim->heap[child]))
                        child++;
                if (!event_before(&sim->heap[child], &last))
                        break;
                sim->heap[at] = sim->heap[child];
                at = child;
        }
        if (sim->heap_count)
                sim->heap[at] = last;
        return first;
}

/* --- nodes ----------------------------------------------------------------------------------- */

static void tick_schedule(struct node *node)
{
        uint64_t due = core_next_deadline(node->core);
        if (due < node->sim->now)
                due = node->sim->now;
        if (node->next_tick > node->sim->now && due >= node->next_tick)
                return; /* an earlier tick is scheduled, and will look again */
        node->next_tick = due;
        sim_event(node->sim, (struct event){.time = due, .kind = EVENT_TICK, .node = node->number});
}

static void node_settle(struct node *node)
{
        app_after_core(node);
        tick_schedule(node);
}

static void node_start(struct node *node)
{
        struct core_config config = {.cluster = 1,
                                     .node = 100 + node->number,
                                     .peers = NODES_MAX,
                                     .calls = 48,
                                     .exports = 128,
                                     .content = (300u << 10) >> node->number % 3};
        snprintf(config.name, sizeof(config.name), "n%u", node->number + 1u);
        struct core_environment environment = app_environment(node);
        node->life++;
        node->next_tick = 0;
        node->core = core_create(&environment, &config, node->sim->now);
        sim_trace(node->sim, node, "starts");
        app_start(node);
        node_settle(node);
}

static void node_crash(struct node *node)
{
        sim_trace(node->sim, node, "crashes");
        ledger_node_lost(node->sim, node);
        app_stop(node);
        sim_event(node->sim,
                  (struct event){.time = node->sim->now + sim_below(node->sim, 3 * SIM_S),
                                 .kind = EVENT_START,
                                 .node = node->number});
}

static void event_fault(struct sim *sim)
{
        struct node *node = &sim->node[sim_below(sim, sim->options.nodes)];
        if (sim->calm)
                return;
        if (sim_chance(sim, CRASH_CHANCE) && node->core) {
                sim->faults++;
                node_crash(node);
        } else {
                network_fault(sim);
        }
        sim_event(sim, (struct event){.time = sim->now + sim_below(sim, FAULT_GAP * SIM_MS),
                                      .kind = EVENT_FAULT});
}

static void event_act(struct node *node)
{
        struct sim *sim = node->sim;
        if (sim->calm)
                return;
        if (node->core) {
                app_act(node);
                node_settle(node);
        }
        uint64_t gap = sim_below(sim, sim_chance(sim, 300) ? SIM_MS / 10 : sim->pace);
        sim_event(sim,
                  (struct event){.time = sim->now + gap, .kind = EVENT_ACT, .node = node->number});
}

static void event_packet(struct node *node, struct packet *packet)
{
        sim_digest(node->sim, packet->length);
        if (node->core) {
                core_packet_in(node->core, packet->from, packet->bytes, packet->length,
                               node->sim->now);
                node_settle(node);
        }
        free(packet);
}

static void event_do(struct sim *sim, const struct event *event)
{
        struct node *node = &sim->node[event->node];
        sim->stuck = event->time == sim->now ? sim->stuck + 1 : 0;
        if (sim->stuck > STUCK_MAX)
                sim_fail(sim, "n%u: is due again and again, and does nothing", event->node + 1);
        sim->now = event->time;
        sim_digest(sim, event->time ^ (uint64_t)event->kind << 56);
        switch (event->kind) {
        case EVENT_PACKET:
                event_packet(node, event->packet);
                return;
        case EVENT_TICK:
                if (!node->core || node->next_tick != event->time)
                        return;
                node->next_tick = 0;
                core_tick(node->core, sim->now);
                node_settle(node);
                return;
        case EVENT_ACT:
                event_act(node);
                return;
        case EVENT_ANSWER:
                if (!node->core)
                        return;
                app_answer(node, event->index, event->use);
                node_settle(node);
                return;
        case EVENT_FAULT:
                event_fault(sim);
                return;
        case EVENT_START:
                node_start(node);
                return;
        }
}

static void run_until(struct sim *sim, uint64_t end, bool (*enough)(struct sim *sim))
{
        while (sim->heap_count && sim->heap[0].time <= end && !sim->failure && !enough(sim)) {
                struct event event = event_take(sim);
                event_do(sim, &event);
        }
}

/* --- a run ----------------------------------------------------------------------------------- */

static bool calls_made(struct sim *sim)
{
        return sim->calls >= sim->options.calls;
}

static bool node_quiet(const struct node *node)
{
        struct core_peer_info peer;
        if (!node->core || !app_idle(node))
                return false;
        for (unsigned i = 0; i < core_peer_slots(node->core); i++)
                if (core_peer(node->core, i, node->sim->now, &peer) &&
                    peer.calls_out + peer.calls_in)
                        return false;
        return true;
}

static bool calls_ended(struct sim *sim)
{
        for (unsigned i = 0; i < sim->options.nodes; i++)
                if (!node_quiet(&sim->node[i]))
                        return false;
        return true;
}

static bool never(struct sim *sim)
{
        (void)sim;
        return false;
}

static void begin(struct sim *sim)
{
        uint64_t seed = sim->options.seed;
        for (unsigned i = 0; i < 2; i++) { /* splitmix64 */
                uint64_t z = seed += 0x9e3779b97f4a7c15ull;
                z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
                z = (z ^ z >> 27) * 0x94d049bb133111ebull;
                sim->random[i] = z ^ z >> 31;
        }
        static const uint64_t paces[] = {4 * SIM_MS, 4 * SIM_MS, 20 * SIM_MS, 80 * SIM_MS};
        sim->pace = paces[sim_below(sim, 4)];
        sim->bulk = sim_chance(sim, 100) ? 400 : 50;
        sim->now = SIM_S;
        network_heal(sim);
        for (unsigned i = 0; i < sim->options.nodes; i++) {
                struct event event = {.time = sim->now + sim_below(sim, 50 * SIM_MS),
                                      .kind = EVENT_START,
                                      .node = (uint8_t)i};
                sim->node[i].sim = sim;
                sim->node[i].number = (uint8_t)i;
                sim_event(sim, event);
                event.kind = EVENT_ACT;
                event.time += 20 * SIM_MS;
                sim_event(sim, event);
        }
        if (!sim_chance(sim, 50)) /* a few seeds have no faults at all */
                sim_event(sim,
                          (struct event){.time = sim->now + 100 * SIM_MS, .kind = EVENT_FAULT});
}

static void end(struct sim *sim)
{
        for (unsigned i = 0; i < sim->options.nodes; i++) {
                struct node *node = &sim->node[i];
                if (node->core)
                        app_stop(node);
                if (node->memory)
                        sim_fail(sim, "n%u: %zu allocations were never given back", i + 1,
                                 node->memory);
        }
}

bool sim_run(struct sim *sim)
{
        begin(sim);
        run_until(sim, sim->now + TIME_LIMIT, calls_made);
        if (!sim->failure && !calls_made(sim))
                sim_fail(sim, "only %llu calls could be made", (unsigned long long)sim->calls);
        sim->calm = true;
        sim_trace(sim, NULL, "the faults end");
        network_heal(sim);
        run_until(sim, sim->now + SETTLE_LIMIT, calls_ended);
        if (!sim->failure && !calls_ended(sim))
                sim_fail(sim, "calls do not end");
        sim_trace(sim, NULL, "all rights are dropped");
        for (unsigned i = 0; i < sim->options.nodes && !sim->failure; i++) {
                app_drop_all(&sim->node[i]);
                node_settle(&sim->node[i]);
        }
        run_until(sim, sim->now + DRAIN_TIME, never);
        if (!sim->failure)
                ledger_drained(sim);
        end(sim);
        return !sim->failure;
}

void sim_free(struct sim *sim)
{
        while (sim->heap_count)
                free(event_take(sim).packet);
        free(sim->heap);
        free(sim->objects);
        free(sim->entries);
        free(sim->streams);
}
