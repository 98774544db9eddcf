/* The switch between the cards, and what happens to frames on their way.
 *
 *      card ──link: lost, repeated, damaged, late──> port's queue ──bandwidth──> card
 *
 * Each direction of each pair of nodes is a link of its own, with its own faults and longest frame,
 * which may change. What goes to one node passes its port one after the other; a queue that
 * is full drops, as in an incast. */
#include <stdlib.h>
#include <string.h>
#include "tests/sim/sim.h"

enum {
        ADDRESS = 6,
        GROUP = 1, /* bit of an address's first byte */
        FRAME_LEAST = 60,
        QUEUE_BYTES = 128 << 10, /* of a port */
        HEADER = 14,
        FRAME_SURE = HEADER + 1280, /* every link takes it */
        FRAME_USUAL = HEADER + 1500,
        FRAME_MOST = HEADER + 9000,
};

#define DELAY_LEAST  (20 * SIM_US)
#define DELAY_SPREAD (100 * SIM_US)

/* ---- frames ---------------------------------------------------------------------------------- */

/* When the frame has passed the port of its receiver; 0: the queue is full. */
static uint64_t port_pass(struct port *port, uint64_t arrives, size_t length)
{
        uint64_t starts = arrives > port->busy ? arrives : port->busy;
        if ((starts - arrives) / port->byte_time > QUEUE_BYTES)
                return 0;
        port->busy = starts + length * port->byte_time;
        return port->busy;
}

static void damage(struct frame *frame)
{
        frame->bytes[sim_below(frame->length)] ^= (uint8_t)(1 + sim_below(255));
        if (sim_chance(200))
                frame->length = (uint16_t)(1 + sim_below(frame->length));
}

static void deliver(const struct node *from, unsigned to, const void *bytes, size_t length)
{
        struct network *network = &the_sim.network;
        const struct link *link = &network->link[from->number][to];
        uint64_t arrives = sim_time() + link->delay + sim_below(DELAY_LEAST);
        if (link->jitter && sim_chance(300)) {
                arrives += sim_below(link->jitter);
                the_sim.faults++;
        }
        uint64_t time =
            port_pass(&network->port[to], arrives, length < FRAME_LEAST ? FRAME_LEAST : length);
        struct frame *frame = time ? malloc(sizeof *frame + length) : NULL;
        if (!frame) {
                the_sim.faults++;
                return;
        }
        frame->from = from->number;
        frame->length = (uint16_t)length;
        memcpy(frame->bytes, bytes, length);
        if (sim_chance(link->damage)) {
                damage(frame);
                the_sim.faults++;
        }
        sim_event(
            (struct event){.time = time, .kind = EVENT_FRAME, .node = (uint8_t)to, .frame = frame});
}

/* Whether it goes to one of the nodes: damage may have changed the address that a peer was known
 * by. */
static bool is_for_a_node(const uint8_t *to)
{
        return to[0] & GROUP || (to[ADDRESS - 1] && to[ADDRESS - 1] <= the_sim.options.nodes);
}

static void send_one(const struct node *from, unsigned to, const void *bytes, size_t length)
{
        const struct link *link = &the_sim.network.link[from->number][to];
        if (length > link->most)
                return;
        if (link->cut || sim_chance(link->loss)) {
                the_sim.faults++;
                return;
        }
        deliver(from, to, bytes, length);
        if (sim_chance(link->twice)) {
                the_sim.faults++;
                deliver(from, to, bytes, length);
        }
}

void network_send(const struct node *from, const void *bytes, size_t length)
{
        const uint8_t *to = bytes;
        capture_frame(from, bytes, length);
        const bool lost = !is_for_a_node(to);
        for (unsigned i = 0; i < the_sim.options.nodes; i++) {
                const bool meant = to[0] & GROUP || to[ADDRESS - 1] == i + 1;
                if (i == from->number || (!meant && !lost))
                        continue;
                the_sim.network.link[from->number][i].carried += length;
                if (meant)
                        send_one(from, i, bytes, length);
        }
}

/* ---- faults ---------------------------------------------------------------------------------- */

static size_t frame_most(void)
{
        if (sim_chance(500))
                return FRAME_MOST;
        return sim_chance(500) ? FRAME_USUAL : FRAME_SURE + sim_below(FRAME_MOST - FRAME_SURE);
}

/* A path that takes less than it did is bad until that has been noticed. */
static void link_reset(struct link *link)
{
        size_t most = frame_most();
        bool worse = link->loss || most < link->most;
        *link = (struct link){.delay = DELAY_LEAST + sim_below(DELAY_SPREAD),
                              .most = most,
                              .cut_at = link->cut ? the_sim.now : link->cut_at,
                              .bad_at = worse ? the_sim.now : link->bad_at,
                              .carried = link->carried};
}

static void link_worsen(struct link *link)
{
        link_reset(link);
        if (sim_chance(600))
                link->loss = (unsigned)sim_below(sim_chance(200) ? 400 : 60);
        if (sim_chance(500))
                link->twice = (unsigned)sim_below(150);
        if (sim_chance(300))
                link->damage = (unsigned)sim_below(50);
        if (sim_chance(500))
                link->jitter = sim_below(sim_chance(100) ? 200 * SIM_MS : 3 * SIM_MS);
        if (sim_chance(100))
                link->delay += sim_below(30 * SIM_MS);
        link->bad_at = the_sim.now;
}

static void link_cut(unsigned from, unsigned to)
{
        the_sim.network.link[from][to].cut = true;
        sim_trace(&the_sim.node[from], "is cut from n%u", to + 1);
}

static void port_reset(struct port *port)
{
        port->byte_time = 8; /* ns: a gigabit a second */
}

static void port_slow(unsigned number)
{
        struct port *port = &the_sim.network.port[number];
        port->byte_time = sim_chance(500) ? 8 : 8 + sim_below(800);
        sim_trace(&the_sim.node[number], "has a port of %llu ns a byte",
                  (unsigned long long)port->byte_time);
}

void network_fault(void)
{
        unsigned a = (unsigned)sim_below(the_sim.options.nodes);
        unsigned b = (unsigned)sim_below(the_sim.options.nodes);
        struct network *network = &the_sim.network;
        the_sim.faults++;
        if (a == b) {
                if (sim_chance(100))
                        port_slow(a);
        } else if (sim_chance(50)) {
                link_cut(a, b);
                if (sim_chance(700))
                        link_cut(b, a);
        } else if (sim_chance(300)) {
                link_reset(&network->link[a][b]);
        } else {
                link_worsen(&network->link[a][b]);
        }
}

void network_heal(void)
{
        for (unsigned a = 0; a < the_sim.options.nodes; a++) {
                port_reset(&the_sim.network.port[a]);
                for (unsigned b = 0; b < the_sim.options.nodes; b++)
                        link_reset(&the_sim.network.link[a][b]);
        }
}
