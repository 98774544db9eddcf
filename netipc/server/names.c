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

/* What the name service was told of the peer in a slot of the core: that this node is up. */
struct told {
        bool up;
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

outcome_t names_init(handle_t event, uint64_t bit)
{
        return sys_call_create(event, bit, &names.call);
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

static outcome_t tell_up(const struct core_peer_info *peer)
{
        struct told *next = &names.next;
        handle_t root = bridge_proxy(peer->root, RIGHTS_ALL);
        if (!root)
                return not_executed(REASON_NO_MEMORY);
        *next = (struct told){.up = true, .root = peer->root};
        memcpy(next->node, peer->name, sizeof(next->node));
        memcpy(next->epoch, peer->epoch, sizeof(next->epoch));
        names.moved = root;
        return name_peer_up_start(rt_handle("name"), names.call, RT_DEADLINE, next->node,
                                  strlen(next->node), get64(next->epoch), get64(next->epoch + 8),
                                  root);
}

static outcome_t tell_down(const struct told *told, enum reason reason)
{
        struct told *next = &names.next;
        *next = *told;
        next->up = false;
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

/* Starts the call that tells a slot's news, if there is any. True: a call is in progress, or failed.
 * The end of an announced session is told before the next one. */
static bool slot_tell(struct core *core, unsigned slot, uint64_t now)
{
        struct core_peer_info peer = {0};
        const struct told *told = &names.told[slot];
        bool up = core_peer(core, slot, now, &peer) && peer.root != 0;
        bool same = told->up && up && told->root == peer.root;
        if (same || (!told->up && !up))
                return false;
        outcome_t outcome = told->up ? tell_down(told, gone(told, &peer)) : tell_up(&peer);
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
