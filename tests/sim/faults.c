/* What goes wrong: at random moments something of the cluster. A fault of a link is the network's;
 * the others are
 *
 *      crash       a node loses its power, and boots again after a while
 *      death       a component ends as by a fault, and init starts another one
 *      fuse        both of these after so many frames or system calls, so that they come in every
 *                  state of what is going on, and not seldom in the short ones
 *      pause       a node stands still: no clock of its own runs late, all of its work does. While
 *                  it is short nobody may take the node for dead
 *      slow        a node's system calls take more time
 *      plug        a node's card has no link: the node knows, and loses nobody else by it for death
 *      want        a component gets no memory, from its heap and its account, for a while
 *
 * When the faults are over all that lasts is undone, and every node has its power. */
#include <string.h>
#include "tests/sim/sim.h"

enum { FAULT_GAP = 120 /* ms at most, between two of a node */ };

#define CRASH_TIME (3 * SIM_S)
#define PLUG_TIME  (8 * SIM_S)
#define WANT_TIME  (8 * SIM_S)
#define COST       (2 * SIM_US)

/* Who stands still for less is alive, and no other node may take it for dead. */
#define PAUSE_BORNE (300 * SIM_MS)

static struct node *some_node(void)
{
        return &the_sim.node[sim_below(the_sim.options.nodes)];
}

/* A component of the node, but not init, whose end is its node's. */
static struct thread *some_component(const struct node *node)
{
        struct thread *thread =
            node->thread_count ? node->threads[sim_below(node->thread_count)] : NULL;
        return thread && strcmp(thread_name(thread), "init") != 0 ? thread : NULL;
}

static void fault_crash(struct node *node)
{
        uint64_t until = the_sim.now + sim_below(CRASH_TIME);
        node_crash(node);
        sim_event((struct event){.time = until, .kind = EVENT_BOOT, .node = node->number});
}

static void fault_death(struct node *node)
{
        struct thread *thread = some_component(node);
        if (!thread)
                return;
        sim_trace(node, "%s dies", thread_name(thread));
        node_kill(node, thread);
}

/* ---- fuses ----------------------------------------------------------------------------------- */

enum { FUSE_FRAMES = 30, FUSE_CALLS = 300, FUSE_BLOWN = ~0u };

static void fault_fuse(struct node *node)
{
        struct thread *thread = some_component(node);
        if (sim_chance(400))
                node->fuse = 1 + (unsigned)sim_below(FUSE_FRAMES);
        else if (thread)
                thread->fuse = 1 + (unsigned)sim_below(FUSE_CALLS);
}

void fuse_burn(struct node *node, unsigned *fuse)
{
        if (*fuse == 0 || *fuse == FUSE_BLOWN || --*fuse > 0)
                return;
        *fuse = FUSE_BLOWN;
        sim_event((struct event){.time = sim_time(), .kind = EVENT_FUSE, .node = node->number});
}

void fuse_blows(struct node *node)
{
        if (!node->kernel || the_sim.calm)
                return;
        node->hurt_at = node->unheard_at = node_time(node);
        if (node->fuse == FUSE_BLOWN) {
                fault_crash(node);
                return;
        }
        for (unsigned i = 0; i < node->thread_count; i++)
                if (node->threads[i]->fuse == FUSE_BLOWN) {
                        sim_trace(node, "%s dies at a call", thread_name(node->threads[i]));
                        node_kill(node, node->threads[i]);
                        return;
                }
}

/* ---- others ---------------------------------------------------------------------------------- */

static void fault_pause(struct node *node)
{
        uint64_t time = sim_below(sim_chance(100) ? 4 * SIM_S : PAUSE_BORNE);
        bool again = node->now > the_sim.now;
        sim_trace(node, "stands still for %.3f ms", (double)time / 1e6);
        node_pause(node, time);
        if (time > PAUSE_BORNE || again)
                node->unheard_at = node->now;
}

static void fault_slow(struct node *node)
{
        node->cost = sim_chance(500) ? COST : COST + sim_below(30 * COST);
        sim_trace(node, "needs %llu ns for a system call", (unsigned long long)node->cost);
}

static void fault_plug(struct node *node)
{
        uint64_t time = 1 + sim_below(sim_chance(500) ? PLUG_TIME : SIM_S);
        if (node->unplugged)
                return;
        node_plug(node, false);
        sim_event(
            (struct event){.time = the_sim.now + time, .kind = EVENT_PLUG, .node = node->number});
}

static void fault_want(struct node *node)
{
        struct thread *thread = some_component(node);
        if (!thread)
                return;
        uint64_t time = 1 + sim_below(WANT_TIME);
        thread_starve(thread, the_sim.now + time);
        ledger_hungers(node);
        sim_trace(node, "%s gets no memory for %.3f ms", thread_name(thread), (double)time / 1e6);
}

void fault_happens(void)
{
        static const struct {
                unsigned share; /* per 1,000 */
                void (*happen)(struct node *node);
        } kinds[] = {{10, fault_crash}, {8, fault_death}, {12, fault_fuse}, {15, fault_pause},
                     {10, fault_slow},  {6, fault_plug},  {10, fault_want}};
        uint64_t which = sim_below(1000);
        struct node *node = some_node();
        if (the_sim.calm)
                return;
        sim_event((struct event){.time = the_sim.now +
                                         sim_below(FAULT_GAP * SIM_MS / the_sim.options.nodes),
                                 .kind = EVENT_FAULT});
        for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
                if (which < kinds[i].share) {
                        the_sim.faults++;
                        if (node->kernel)
                                kinds[i].happen(node);
                        node->hurt_at = node_time(node);
                        if (kinds[i].happen != fault_pause)
                                node->unheard_at = node->hurt_at;
                        return;
                }
                which -= kinds[i].share;
        }
        network_fault();
}

void faults_end(void)
{
        network_heal();
        for (unsigned i = 0; i < the_sim.options.nodes; i++) {
                struct node *node = &the_sim.node[i];
                node->cost = COST;
                node->fuse = 0;
                node_plug(node, true);
                for (unsigned j = 0; j < node->thread_count; j++) {
                        node->threads[j]->fuse = 0;
                        if (node->threads[j]->starved)
                                thread_feed(node->threads[j]);
                }
        }
}

void faults_begin(void)
{
        faults_end();
        if (!the_sim.options.quiet && !sim_chance(50)) /* a few seeds have no faults at all */
                sim_event((struct event){.time = the_sim.now + 300 * SIM_MS, .kind = EVENT_FAULT});
}
