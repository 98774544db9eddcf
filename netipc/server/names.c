/* The difference between what the name service was told and what the core knows, told one peer at a
 * time. Nothing is marked as told before the call that told it has succeeded. */
#include "netipc/server/names.h"
#include <string.h>
#include "servers/common/byte_order.h"
#include "netipc/server/capabilities.h"
#include "netipc/server/journal.h"
#include "servers/proto/name.h"
#include "servers/rt/start/startup.h"

enum { NAMES_PEERS = 255 }; /* the most that the core has */

#define NAMES_PAUSE     (200 * RT_MILLISECOND) /* after the first failure, then twice as long … */
#define NAMES_PAUSE_MAX (10 * RT_SECOND)       /* … up to this */
#define NAMES_LOG_PAUSE RT_SECOND              /* between two lines about failures */

/* What the name service was told of the peer in a slot of the core: that it is up, or why it is
 * not. */
struct told {
        bool up;
        enum reason reason; /* of one that is not up; 0: nothing was told */
        core_import_t root; /* identifies the session */
        char node[16];
        uint8_t epoch[16];
};

/* What could not be told of the peer in a slot, until it can, or there is other news. */
struct refused {
        uint64_t pause; /* before it is tried again; 0: nothing has failed */
        uint64_t retry_at;
        bool up, logged;
        core_import_t root;
        char node[16];
};

static struct {
        handle_t call;
        bool busy;
        bool stale;        /* the call in progress went to an earlier name service */
        bool changed;      /* an update may be pending */
        unsigned slot;     /* that the last call was about … */
        struct told next;  /* … and what is true when it has succeeded */
        handle_t moved;    /* with the call: comes back if that is not executed */
        uint64_t retry_at; /* the earliest of those of `refused`; 0: there is none */
        uint64_t log_at;   /* no earlier line about a failure */
        struct told told[NAMES_PEERS];
        struct refused refused[NAMES_PEERS];
} names;

outcome_t names_init(handle_t port, uint64_t key)
{
        return sys_call_create_keyed(port, key, &names.call);
}

void names_changed(void)
{
        names.changed = true;
}

void names_begin_anew(void)
{
        memset(names.told, 0, sizeof(names.told));
        memset(names.refused, 0, sizeof(names.refused));
        names.stale = names.busy;
        names.changed = true;
}

/* ---- what fails ------------------------------------------------------------------------------ */

static bool is_the_refused(const struct refused *refused, const struct told *news)
{
        return refused->pause && refused->up == news->up && refused->root == news->root &&
               strcmp(refused->node, news->node) == 0;
}

/* names.next could not be told of names.slot: that is tried again later, less and less often, and
 * says nothing of any other peer. It is logged once. */
static void failed(outcome_t outcome, uint64_t now)
{
        struct refused *refused = &names.refused[names.slot];
        if (is_the_refused(refused, &names.next)) {
                refused->pause = rt_earlier(2 * refused->pause, NAMES_PAUSE_MAX);
        } else {
                *refused = (struct refused){
                    .pause = NAMES_PAUSE, .up = names.next.up, .root = names.next.root};
                memcpy(refused->node, names.next.node, sizeof(refused->node));
        }
        refused->retry_at = now + refused->pause;
        if (refused->logged || now < names.log_at)
                return;
        refused->logged = true;
        names.log_at = now + NAMES_LOG_PAUSE;
        journal("name service: %s: %s%s", names.next.node, outcome_prefix(outcome),
                reason_text(outcome_reason(outcome)));
}

/* Whether the news are to wait, because they could not be told a moment ago. */
static bool waits(unsigned slot, const struct told *news, uint64_t now)
{
        const struct refused *refused = &names.refused[slot];
        if (!is_the_refused(refused, news) || now >= refused->retry_at)
                return false;
        names.retry_at =
            names.retry_at ? rt_earlier(names.retry_at, refused->retry_at) : refused->retry_at;
        return true;
}

/* ---- one peer's news ------------------------------------------------------------------------- */

/* The peer, of which nothing is told yet. */
static struct told told_of(const struct core_peer_info *peer)
{
        struct told told = {.root = peer->root};
        memcpy(told.node, peer->name, sizeof(told.node));
        memcpy(told.epoch, peer->epoch, sizeof(told.epoch));
        return told;
}

static outcome_t tell_up(const struct told *next)
{
        handle_t root = bridge_proxy(next->root, RIGHTS_ALL);
        if (!root)
                return not_executed(REASON_NO_MEMORY);
        names.moved = root;
        return name_peer_up_start(rt_handle("name"), names.call, RT_DEADLINE, next->node,
                                  strlen(next->node), get64(next->epoch), get64(next->epoch + 8),
                                  root);
}

static outcome_t tell_down(const struct told *next)
{
        names.moved = 0;
        return name_peer_down_start(rt_handle("name"), names.call, RT_DEADLINE, next->node,
                                    strlen(next->node), get64(next->epoch), get64(next->epoch + 8),
                                    next->reason);
}

/* Why the announcement became stale. */
static enum reason gone(const struct told *told, const struct core_peer_info *peer)
{
        if (peer->reason)
                return peer->reason;
        if (strcmp(told->node, peer->name) != 0)
                return REASON_NODE_DIED; /* its slot is another node's now */
        bool same_life = memcmp(told->epoch, peer->epoch, sizeof(peer->epoch)) == 0;
        return same_life ? REASON_LINK_LOST : REASON_NODE_RESTARTED;
}

/* Whether the departure of a peer is still to be told, for instance to a restarted name service. */
static bool is_down_untold(const struct told *told, const struct core_peer_info *peer)
{
        return peer->reason &&
               (told->reason != peer->reason || strcmp(told->node, peer->name) != 0);
}

/* What the name service is to be told of a slot next; false: nothing. The end of an announced
 * session is told before the next one. */
static bool slot_news(struct core *core, unsigned slot, uint64_t now, struct told *news)
{
        struct core_peer_info peer = {0};
        const struct told *told = &names.told[slot];
        bool known = core_peer(core, slot, now, &peer);
        bool up = known && peer.root != 0;
        *news = told_of(&peer);
        if (told->up && up && told->root == peer.root)
                return false;
        if (told->up) {
                *news = *told;
                news->reason = gone(told, &peer);
        } else if (!up) {
                news->reason = peer.reason;
        }
        news->up = up && !told->up;
        return told->up || up || (known && is_down_untold(told, &peer));
}

/* Starts the call that tells a slot's news, if there is any, and it is not to wait. */
static bool slot_tell(struct core *core, unsigned slot, uint64_t now)
{
        struct told news;
        if (!slot_news(core, slot, now, &news) || waits(slot, &news, now))
                return false;
        names.slot = slot;
        names.next = news;
        outcome_t outcome = news.up ? tell_up(&names.next) : tell_down(&names.next);
        names.busy = outcome == OUTCOME_OK;
        if (!names.busy) {
                failed(outcome, now);
                waits(slot, &news, now);
        }
        return names.busy;
}

void names_done(uint64_t now)
{
        if (!names.busy)
                return;
        names.busy = false;
        names.changed = true;
        outcome_t outcome = name_peer_down_finish(names.call);
        if (outcome_class(outcome) == OUTCOME_NOT_EXECUTED && names.moved)
                sys_handle_close(names.moved);
        bool stale = names.stale;
        names.stale = false;
        if (stale)
                return;
        if (outcome != OUTCOME_OK) {
                failed(outcome, now);
                return;
        }
        names.told[names.slot] = names.next;
        names.refused[names.slot].pause = 0;
}

uint64_t names_work(struct core *core, uint64_t now)
{
        if (names.busy)
                return TIME_NEVER;
        if (!names.changed && !(names.retry_at && now >= names.retry_at))
                return names.retry_at ? names.retry_at : TIME_NEVER;
        names.changed = false;
        names.retry_at = 0;
        /* From the one after the last: none waits longer than for all others once. */
        unsigned slots = core_peer_slots(core), first = names.slot + 1;
        for (unsigned i = 0; i < slots; i++)
                if (slot_tell(core, (first + i) % slots, now))
                        return TIME_NEVER;
        return names.retry_at ? names.retry_at : TIME_NEVER;
}
