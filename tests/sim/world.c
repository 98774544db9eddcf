/* Simulated time: events in order; random numbers; the trace; a run from its begin to its end. */
#include "tests/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For the calls of a seed, of which a part must be made. */
#define CALLS_LIMIT (120 * SIM_S + the_sim.options.calls / 1000 * 30 * SIM_S)
enum { LEAST_PART = 8 };
#define SETTLE_LIMIT (30 * SIM_S) /* for the calls to end once the faults have */
#define DRAIN_TIME   (6 * SIM_S)

struct sim the_sim;

/* xoroshiro128+ (Blackman and Vigna). */
uint64_t sim_random(void)
{
        uint64_t a = the_sim.random[0], b = the_sim.random[1], sum = a + b;
        b ^= a;
        the_sim.random[0] = (a << 24 | a >> 40) ^ b ^ b << 16;
        the_sim.random[1] = b << 37 | b >> 27;
        return sum;
}

uint64_t sim_below(uint64_t bound)
{
        return bound ? (sim_random() >> 11) % bound : 0;
}

bool sim_chance(unsigned per_thousand)
{
        return sim_below(1000) < per_thousand;
}

static void random_begin(uint64_t seed)
{
        for (unsigned i = 0; i < 2; i++) { /* splitmix64 */
                uint64_t z = seed += 0x9e3779b97f4a7c15ull;
                z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
                z = (z ^ z >> 27) * 0x94d049bb133111ebull;
                the_sim.random[i] = z ^ z >> 31;
        }
}

void sim_digest(uint64_t value)
{
        the_sim.digest = (the_sim.digest ^ value) * 0x100000001b3ull;
        the_sim.digest ^= the_sim.digest >> 29;
}

uint64_t sim_time(void)
{
        return the_sim.thread ? the_sim.running->now : the_sim.now;
}

void sim_fail(const char *format, ...)
{
        if (the_sim.failure)
                return;
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(the_sim.detail, sizeof the_sim.detail, format, arguments);
        va_end(arguments);
        the_sim.failure = the_sim.detail;
        sim_trace(NULL, "FAILURE: %s", the_sim.detail);
}

void sim_trace(const struct node *node, const char *format, ...)
{
        if (!the_sim.options.trace)
                return;
        printf("%13.6f ", (double)sim_time() / 1e6);
        if (node)
                printf("%s ", node->name);
        va_list arguments;
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        putchar('\n');
}

/* --- events: a binary heap ------------------------------------------------------------------- */

static bool event_before(const struct event *a, const struct event *b)
{
        return a->time != b->time ? a->time < b->time : a->order < b->order;
}

void sim_event(struct event event)
{
        struct sim *sim = &the_sim;
        event.order = sim->order++;
        if (sim->heap_count == sim->heap_room) {
                sim->heap_room = sim->heap_room ? 2 * sim->heap_room : 256;
                sim->heap = realloc(sim->heap, sim->heap_room * sizeof event);
                if (!sim->heap)
                        abort();
        }
        size_t at = sim->heap_count++;
        for (; at && event_before(&event, &sim->heap[(at - 1) / 2]); at = (at - 1) / 2)
                sim->heap[at] = sim->heap[(at - 1) / 2];
        sim->heap[at] = event;
}

static struct event event_take(void)
{
        struct sim *sim = &the_sim;
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

uint64_t sim_horizon(void)
{
        return the_sim.heap_count ? the_sim.heap[0].time : UINT64_MAX;
}

static void event_do(const struct event *event)
{
        struct node *node = &the_sim.node[event->node];
        the_sim.now = event->time;
        sim_digest(event->time ^ (uint64_t)event->kind << 56);
        switch (event->kind) {
        case EVENT_NODE:
                if (node->wake != event->time)
                        return;
                node->wake = 0;
                node_run(node);
                return;
        case EVENT_FRAME:
                sim_digest(event->frame->length);
                network_arrived(node, event->frame);
                return;
        case EVENT_BOOT:
                node_boot(node);
                return;
        case EVENT_FAULT:
                fault_happens();
                return;
        case EVENT_FUSE:
                fuse_blows(node);
                return;
        case EVENT_PLUG:
                node_plug(node, true);
                return;
        }
}

void sim_until(uint64_t end, bool (*enough)(void))
{
        while (the_sim.heap_count && the_sim.heap[0].time <= end && !the_sim.failure && !enough()) {
                struct event event = event_take();
                event_do(&event);
        }
}

/* --- what applications ask ------------------------------------------------------------------- */

bool sim_calm(void)
{
        return the_sim.calm;
}

bool sim_draining(void)
{
        return the_sim.draining;
}

uint64_t sim_pace(void)
{
        return the_sim.pace;
}

unsigned sim_gifts(void)
{
        return the_sim.gifts;
}

unsigned sim_bulk(void)
{
        return the_sim.bulk;
}

bool sim_aes(void)
{
        return the_sim.aes;
}

uint32_t sim_first_number(void)
{
        return the_sim.first_number;
}

const char *sim_some_node(void)
{
        return the_sim.node[sim_below(the_sim.options.nodes)].name;
}

void sim_told(const char *format, ...)
{
        char text[200];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        sim_trace(the_sim.running, "%s", text);
}

/* --- a run ----------------------------------------------------------------------------------- */

void sim_begin(void)
{
        struct options options = the_sim.options;
        struct event *heap = the_sim.heap;
        size_t room = the_sim.heap_room;
        memset(&the_sim, 0, sizeof the_sim);
        the_sim.options = options;
        the_sim.heap = heap;
        the_sim.heap_room = room;
        random_begin(options.seed);
        ledger_reset();
        static const uint64_t paces[] = {4 * SIM_MS, 4 * SIM_MS, 20 * SIM_MS, 80 * SIM_MS};
        the_sim.pace = paces[sim_below(4)];
        the_sim.clear = options.seed % 4 == 3;
        the_sim.aes = options.seed / 4 % 4 != 0;
        the_sim.bulk = sim_chance(100) ? 400 : 50;
        the_sim.gifts = options.quiet ? 950 : 400;
        the_sim.first_number = 1;
        if (sim_chance(250))
                the_sim.first_number = UINT32_MAX - (uint32_t)sim_below(sim_chance(500) ? 8 : 300);
        the_sim.now = SIM_S;
        for (unsigned i = 0; i < options.nodes; i++) {
                struct node *node = &the_sim.node[i];
                node->number = (uint8_t)i;
                snprintf(node->name, sizeof node->name, "n%u", i + 1);
                sim_event((struct event){.time = the_sim.now + sim_below(50 * SIM_MS),
                                         .kind = EVENT_BOOT,
                                         .node = (uint8_t)i});
        }
        network_heal();
}

static void nodes_check(void)
{
        for (unsigned i = 0; i < the_sim.options.nodes; i++)
                node_check(&the_sim.node[i]);
}

void sim_end(void)
{
        for (unsigned i = 0; i < the_sim.options.nodes; i++)
                if (the_sim.node[i].kernel)
                        node_crash(&the_sim.node[i]);
        while (the_sim.heap_count)
                free(event_take().frame);
}

static bool calls_made(void)
{
        return the_sim.calls >= the_sim.options.calls;
}

static bool never(void)
{
        return false;
}

bool sim_run(void)
{
        sim_begin();
        faults_begin();
        sim_until(the_sim.now + CALLS_LIMIT, calls_made);
        if (the_sim.calls < the_sim.options.calls / LEAST_PART)
                sim_fail("only %llu calls could be made", (unsigned long long)the_sim.calls);
        the_sim.calm = true;
        sim_trace(NULL, "the faults end");
        faults_end();
        sim_until(the_sim.now + SETTLE_LIMIT, ledger_settled);
        sim_trace(NULL, "all rights are dropped");
        the_sim.draining = true;
        sim_until(the_sim.now + DRAIN_TIME, never);
        ledger_check();
        nodes_check();
        the_sim.simulated = the_sim.now - SIM_S;
        sim_end();
        return !the_sim.failure;
}
