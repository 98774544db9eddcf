/* The judge's view of nodes: who lives, who has met whom, and what they say of each other. */
#include <string.h>
#include "servers/proto/nodes.h"
#include "tests/sim/judge.h"

/* How long what has happened to a node, or between two, can be a reason for its peers to lose it.
 * */
#define DISTURBANCE (10 * SIM_S)
/* How long a transport may not know yet that its card's driver has ended, or the link of that. */
#define LINK_NEWS (500 * SIM_MS)
/* How long it believes in its peers without one (netipc/PROTOCOL.md). */
#define LINK_PATIENCE (2 * SIM_S)

enum { LOSS_BORNE = 0 /* per 1,000 */ };

static struct {
        uint32_t lives;
        struct truth node[NODES_MAX];
} all;

struct truth *truth_of(unsigned node)
{
        return &all.node[node];
}

struct truth *truth_here(void)
{
        return truth_of(the_sim.running->number);
}

void truth_reset(void)
{
        memset(&all, 0, sizeof all);
}

bool truth_together(unsigned a, unsigned b, uint64_t time)
{
        const struct truth *one = truth_of(a), *other = truth_of(b);
        return !one->hungry && !other->hungry && one->met[b] && one->since[b] < time &&
               other->met[a] && other->since[a] < time;
}

/* ---- components ------------------------------------------------------------------------------ */

void ledger_begins(const struct node *node, const char *program)
{
        struct truth *truth = truth_of(node->number);
        if (strcmp(program, "app") == 0)
                truth->life = ++all.lives;
        if (strcmp(program, "net") == 0)
                truth->net_began = sim_time();
}

void ledger_dies(const struct node *node, const char *program)
{
        struct truth *truth = truth_of(node->number);
        if (strcmp(program, "net") == 0) {
                truth->net_began = 0;
                memset(truth->met, 0, sizeof truth->met);
                memset(truth->since, 0, sizeof truth->since);
                memset(truth->lost, 0, sizeof truth->lost);
        }
        if (strcmp(program, "card") == 0)
                ledger_link(node, false);
        if (strcmp(program, "app") == 0) {
                ledger_abandon(truth->life);
                gifts_die(truth->life);
                truth->life = 0;
                truth->viewed = false;
        }
}

void ledger_hungers(const struct node *node)
{
        truth_of(node->number)->hungry = true;
}

/* A transport that has had no link for long has given up its peers. */
static void alone_check(const struct node *node)
{
        const struct truth *truth = truth_of(node->number);
        const uint64_t since = truth->link_lost;
        const uint64_t patience = LINK_PATIENCE + LINK_NEWS + node->paused - truth->link_paused;
        if (truth->link_since || since + patience > sim_time() || !truth->net_began ||
            truth->net_began > since)
                return;
        for (unsigned i = 0; i < the_sim.options.nodes; i++)
                if (truth->met[i])
                        sim_fail("%s has had no link for %.3f s, and believes in n%u", node->name,
                                 (double)(sim_time() - since) / 1e9, i + 1);
}

void ledger_link(const struct node *node, bool up)
{
        struct truth *truth = truth_of(node->number);
        if (up)
                alone_check(node);
        if (!up && truth->link_since) {
                truth->link_lost = node_time(node);
                truth->link_paused = node->paused;
        }
        truth->link_since = up ? sim_time() : 0;
}

/* ---- peers ----------------------------------------------------------------------------------- */

/* Whether something has happened lately that can keep two nodes from hearing of each other. */
static bool disturbed(const struct node *a, const struct node *b)
{
        const uint64_t after = sim_time() < DISTURBANCE ? 0 : sim_time() - DISTURBANCE;
        const struct link *there = &the_sim.network.link[a->number][b->number];
        const struct link *back = &the_sim.network.link[b->number][a->number];
        return a->unheard_at > after || a->unplugged || b->unplugged || b->unheard_at > after ||
               !truth_of(b->number)->net_began || there->cut || back->cut ||
               there->cut_at > after || back->cut_at > after || there->loss > LOSS_BORNE ||
               back->loss > LOSS_BORNE || there->bad_at > after || back->bad_at > after;
}

/* A transport that has no link of its own knows nothing of its peers. */
static void lost_check(const struct node *node, const struct node *peer, unsigned reason)
{
        const struct truth *here = truth_of(node->number);
        const uint64_t news = LINK_NEWS + node->paused - here->link_paused;
        const bool linked = here->link_since || here->link_lost + news > sim_time();
        if (reason == REASON_NODE_DIED && !linked)
                sim_fail("%s finds %s dead, but has no link itself", node->name, peer->name);
        if (reason == REASON_NODE_DIED && !disturbed(node, peer))
                sim_fail("%s finds %s dead, but nothing has happened to it", node->name,
                         peer->name);
        if (reason == REASON_LINK_LOST && !disturbed(node, peer) && !disturbed(peer, node))
                sim_fail("%s loses %s by a link, but that is as it was", node->name, peer->name);
}

/* Lost and met in one step: by a hello, which says of which life it is. */
static void met_check(const struct node *node, const struct node *peer, uint64_t epoch)
{
        const struct truth *here = truth_of(node->number);
        const bool same = here->epoch[peer->number] == epoch;
        if (!here->since[peer->number] || here->met[peer->number] ||
            here->since[peer->number] + SIM_US < sim_time())
                return;
        if (here->last_lost[peer->number] == REASON_LINK_LOST && !same)
                sim_fail("%s loses %s by a link, but that has restarted", node->name, peer->name);
        if (here->last_lost[peer->number] == REASON_NODE_RESTARTED && same)
                sim_fail("%s takes %s for restarted, and meets the same", node->name, peer->name);
}

static void peer_met(const struct node *node, const struct node *peer, uint64_t epoch)
{
        sim_trace(node, "meets %s", peer->name);
        met_check(node, peer, epoch);
        truth_here()->epoch[peer->number] = epoch;
}

static void peer_lost(const struct node *node, const struct node *peer, unsigned reason)
{
        sim_trace(node, "loses %s: %s", peer->name, reason_text(reason));
        lost_check(node, peer, reason);
        truth_here()->last_lost[peer->number] = reason;
        truth_here()->lost[peer->number] |= 1u << reason;
}

void ledger_peer(const char *name, bool up, unsigned reason, uint64_t epoch)
{
        const struct node *node = the_sim.running;
        for (unsigned i = 0; i < the_sim.options.nodes; i++) {
                const struct node *peer = &the_sim.node[i];
                if (strcmp(peer->name, name) != 0)
                        continue;
                if (up)
                        peer_met(node, peer, epoch);
                else
                        peer_lost(node, peer, reason);
                truth_here()->met[i] = up;
                truth_here()->since[i] = sim_time();
        }
}

/* ---- the nodes, as applications see them ----------------------------------------------------- */

static unsigned number_of(const char *name)
{
        unsigned i = 0;
        while (i < the_sim.options.nodes && strcmp(the_sim.node[i].name, name) != 0)
                i++;
        return i;
}

void ledger_view(const char *name, const struct node_record *table, size_t count)
{
        struct truth *truth = truth_here();
        truth->viewed = true;
        truth->view_of = (uint8_t)number_of(name);
        memset(truth->view, 0, sizeof truth->view);
        for (size_t i = 0; i < count; i++) {
                unsigned number = number_of(table[i].name);
                if (number == the_sim.options.nodes)
                        sim_fail("%s has a node %s in its table", name, table[i].name);
                else if (table[i].state == NODE_STATE_UP)
                        truth->view[number] = __builtin_bswap64(table[i].epoch_high);
        }
        sim_trace(the_sim.running, "has read the nodes of %s: %zu", name, count);
}

void ledger_unwatched(const char *name, outcome_t outcome)
{
        const enum reason reason = outcome_reason(outcome);
        if (reason == REASON_NOT_FOUND || reason == REASON_REFUSED || reason == REASON_INVALID ||
            reason == REASON_WRONG_TYPE)
                sim_fail("%s cannot watch the nodes of %s: %s", the_sim.running->name, name,
                         reason_text(reason));
}

/* The first node of which the application's view is not that of whom it watches; as many as there
 * are: it is true. */
static unsigned missed(unsigned number)
{
        const struct truth *truth = truth_of(number), *there = truth_of(truth->view_of);
        for (unsigned i = 0; i < the_sim.options.nodes; i++)
                if (!truth->viewed || (i != truth->view_of && truth->view[i] != there->epoch[i]))
                        return i;
        return the_sim.options.nodes;
}

static void missed_check(unsigned number)
{
        const unsigned node = missed(number);
        if (node < the_sim.options.nodes)
                sim_fail("n%u watches n%u, and has missed what happened to n%u", number + 1,
                         truth_of(number)->view_of + 1, node + 1);
}

/* ---- names ----------------------------------------------------------------------------------- */

void ledger_names(const void *lines, size_t bytes)
{
        const uint8_t *at = lines;
        uint64_t digest = 0xcbf29ce484222325ull; /* FNV-1a (Fowler, Noll, Vo) */
        for (size_t i = 0; i < bytes; i++)
                digest = (digest ^ at[i]) * 0x100000001b3ull;
        if (truth_here()->names != digest)
                sim_trace(the_sim.running, "lists %.*s", (int)bytes, (const char *)lines);
        truth_here()->names = digest;
        truth_here()->listed_at = sim_time();
}

/* ---- the end of a run ------------------------------------------------------------------------ */

/* In the life that the peer's transport has now. */
static bool has_met(const struct truth *truth, unsigned peer)
{
        return truth->met[peer] && truth->since[peer] >= truth_of(peer)->net_began;
}

/* The first other node that it has not met; as many as there are: it has met all. */
static unsigned unmet(unsigned number)
{
        unsigned i = 0;
        while (i < the_sim.options.nodes && (i == number || has_met(truth_of(number), i)))
                i++;
        return i;
}

bool truth_whole(void)
{
        for (unsigned i = 0; i < the_sim.options.nodes; i++) {
                const struct truth *truth = truth_of(i);
                if (!truth->life || !truth->net_began || !truth->link_since ||
                    unmet(i) < the_sim.options.nodes || missed(i) < the_sim.options.nodes)
                        return false;
        }
        return true;
}

static void view_check(unsigned number)
{
        const struct node *node = &the_sim.node[number];
        const struct truth *truth = truth_of(number);
        if (unmet(number) < the_sim.options.nodes)
                sim_fail("%s has not met n%u again", node->name, unmet(number) + 1);
        if (truth->names != truth_of(0)->names || truth->listed_at + SIM_S < sim_time())
                sim_fail("%s lists other names than n1", node->name);
}

void truth_check(void)
{
        for (unsigned i = 0; i < the_sim.options.nodes; i++) {
                view_check(i);
                missed_check(i);
        }
}
