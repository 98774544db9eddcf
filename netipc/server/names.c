/* The difference between what the name service was told and what the core knows, told one peer at a
 * time. Nothing is marked as told before the call that told it has succeeded. */
#include "netipc/server/names.h"
#include <string.h>
#include "kernel/common/byte_order.h"
#include "netipc/server/bridge.h"
#include "netipc/server/journal.h"
#include "servers/proto/name.h"
#include "servers/rt/startup.h"

enum { NAMES_PEERS = 255 }; /* the most that the core has */

#define NAMES_PAUSE (200 * RT_MILLISECOND) /* after a failure */

/* What the name service was told of the peer in a slot of the core: that it is up, or why it is
 * not. */
struct told {
        bool up;
        enum reason reason; /* of one that is not up; 0: nothing was told */
        core_import_t root; /* identifies the session */
        char node[16];
        uint8_t epoch[16];
};

static struct {
        handle_t call;
        bool busy;
        bool stale;        /* the call in progress went to an earlier name service */
        bool changed;      /* an update may be pending */
        unsigned slot;     /* that the call in progress is about … */
        struct told next;  /* … and what is true when it has succeeded */
        handle_t moved;    /* with the call: comes back if that is not executed */
        uint64_t retry_at; /* 0: no failure */
        struct told told[NAMES_PEERS];
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
        names.stale = names.busy;
        names.changed = true;
}

static void failed(const char *node, outcome_t outcome, uint64_t now)
{
        journal("name service: %s: %s%s", node, outcome_prefix(outcome),
                reason_text(outcome_reason(outcome)));
        names.retry_at = now + NAMES_PAUSE;
}

/* The peer, of which nothing is told yet. */
static struct told told_of(const struct core_peer_info *peer)
{
        struct told told = {.root = peer->root};
        memcpy(told.node, peer->name, sizeof(told.node));
        memcpy(told.epoch, peer->epoch, sizeof(told.epoch));
        return told;
}

static outcome_t tell_up(const struct core_peer_info *peer)
{
        struct told *next = &names.next;
        handle_t root = bridge_proxy(peer->root, RIGHTS_ALL);
        if (!root)
                return not_executed(REASON_NO_MEMORY);
        *next = told_of(peer);
        next->up = true;
        names.moved = root;
        return name_peer_up_start(rt_handle("name"), names.call, RT_DEADLINE, next->node,
                                  strlen(next->node), get64(next->epoch), get64(next->epoch + 8),
                                  root);
}

static outcome_t tell_down(const struct told *who, enum reason reason)
{
        struct told *next = &names.next;
        *next = *who;
        next->up = false;
        next->reason = reason;
        names.moved = 0;
        return name_peer_down_start(rt_handle("name"), names.call, RT_DEADLINE, next->node,
                                    strlen(next->node), get64(next->epoch), get64(next->epoch + 8),
                                    reason);
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

/* Starts the call that tells a slot's news, if there is any. True: a call is in progress, or
 * failed. The end of an announced session is told before the next one. */
static bool slot_tell(struct core *core, unsigned slot, uint64_t now)
{
        struct core_peer_info peer = {0};
        const struct told *told = &names.told[slot];
        bool known = core_peer(core, slot, now, &peer);
        bool up = known && peer.root != 0;
        struct told this = told_of(&peer);
        outcome_t outcome;
        if (told->up && up && told->root == peer.root)
                return false;
        if (told->up)
                outcome = tell_down(told, gone(told, &peer));
        else if (up)
                outcome = tell_up(&peer);
        else if (known && is_down_untold(told, &peer))
                outcome = tell_down(&this, peer.reason);
        else
                return false;
        names.slot = slot;
        names.busy = outcome == OUTCOME_OK;
        if (!names.busy)
                failed(told->up ? told->node : peer.name, outcome, now);
        return true;
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
        if (outcome == OUTCOME_OK && !stale)
                names.told[names.slot] = names.next;
        else if (outcome != OUTCOME_OK)
                failed(names.next.node, outcome, now);
}

uint64_t names_work(struct core *core, uint64_t now)
{
        if (names.busy)
                return TIME_NEVER;
        if (now < names.retry_at)
                return names.retry_at;
        if (!names.changed && !names.retry_at)
                return TIME_NEVER;
        names.changed = false;
        names.retry_at = 0;
        for (unsigned slot = 0; slot < core_peer_slots(core); slot++)
                if (slot_tell(core, slot, now))
                        break;
        return names.retry_at ? names.retry_at : TIME_NEVER;
}
