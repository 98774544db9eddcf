/* Packets on their way: as its link says, each may be lost, repeated, damaged or overtaken. */
#include <stdlib.h>
#include <string.h>
#include "tests/sim/core/sim.h"

enum { DELAY_MIN = 20 * 1000, DELAY_SPREAD = 100 * 1000 }; /* ns of a healthy link */

struct core_address network_address(unsigned node)
{
        return (struct core_address){0x0a000001 + node, WIRE_UDP_PORT};
}

static void deliver_later(struct node *from, unsigned to, const void *bytes, size_t length)
{
        struct sim *sim = from->sim;
        const struct link *link = &sim->link[from->number][to];
        struct packet *packet = malloc(sizeof(*packet));
        packet->from = network_address(from->number);
        packet->length = (uint32_t)length;
        memcpy(packet->bytes, bytes, length);
        if (sim_chance(sim, link->damage)) {
                sim->faults++;
                packet->bytes[sim_below(sim, length)] ^= (uint8_t)(1 + sim_below(sim, 255));
                if (sim_chance(sim, 200))
                        packet->length = (uint32_t)sim_below(sim, length);
        }
        uint64_t delay = link->delay + sim_below(sim, DELAY_MIN);
        if (link->jitter && sim_chance(sim, 300)) {
                sim->faults++;
                delay += sim_below(sim, link->jitter);
        }
        sim_event(sim, (struct event){.time = sim->now + delay,
                                      .kind = EVENT_PACKET,
                                      .node = (uint8_t)to,
                                      .packet = packet});
}

static void send_one(struct node *from, unsigned to, const void *bytes, size_t length)
{
        struct sim *sim = from->sim;
        const struct link *link = &sim->link[from->number][to];
        if (link->cut || sim_chance(sim, link->loss)) {
                sim->faults++;
                return;
        }
        deliver_later(from, to, bytes, length);
        if (sim_chance(sim, link->twice)) {
                sim->faults++;
                deliver_later(from, to, bytes, length);
        }
}

void network_send(struct node *from, struct core_address to, const void *packet, size_t length)
{
        bool all = to.ipv4 == CORE_BROADCAST.ipv4;
        for (unsigned i = 0; i < from->sim->options.nodes; i++)
                if (i != from->number && (all || to.ipv4 == network_address(i).ipv4))
                        send_one(from, i, packet, length);
}

static void link_reset(struct sim *sim, struct link *link)
{
        *link = (struct link){.delay = DELAY_MIN + sim_below(sim, DELAY_SPREAD)};
}

static void link_worsen(struct sim *sim, struct link *link)
{
        link_reset(sim, link);
        if (sim_chance(sim, 600))
                link->loss = (uint32_t)sim_below(sim, sim_chance(sim, 200) ? 400 : 60);
        if (sim_chance(sim, 500))
                link->twice = (uint32_t)sim_below(sim, 150);
        if (sim_chance(sim, 300))
                link->damage = (uint32_t)sim_below(sim, 50);
        if (sim_chance(sim, 500))
                link->jitter = sim_below(sim, sim_chance(sim, 100) ? 200 * SIM_MS : 3 * SIM_MS);
        if (sim_chance(sim, 100))
                link->delay += sim_below(sim, 30 * SIM_MS);
}

/* Cuts a link, in one direction or in both. */
static void partition(struct sim *sim, unsigned a, unsigned b)
{
        sim->link[a][b].cut = true;
        if (sim_chance(sim, 700))
                sim->link[b][a].cut = true;
        sim_trace(sim, &sim->node[a], "cut from n%u", b + 1);
}

void network_fault(struct sim *sim)
{
        unsigned a = (unsigned)sim_below(sim, sim->options.nodes);
        unsigned b = (unsigned)sim_below(sim, sim->options.nodes);
        sim->faults++;
        if (a == b)
                return;
        if (sim_chance(sim, 50))
                partition(sim, a, b);
        else if (sim_chance(sim, 300))
                link_reset(sim, &sim->link[a][b]);
        else
                link_worsen(sim, &sim->link[a][b]);
}

void network_heal(struct sim *sim)
{
        for (unsigned a = 0; a < sim->options.nodes; a++)
                for (unsigned b = 0; b < sim->options.nodes; b++)
                        link_reset(sim, &sim->link[a][b]);
}
