/* See members.h. Nothing is remembered of the table but its version: it is made anew for each who
 * asks, from what the core knows. */
#include "netipc/server/members.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "servers/common/byte_order.h"
#include "servers/common/name.h"
#include "netipc/server/journal.h"
#include "netipc/server/transport.h"

struct watch {
        struct watch *next;
        uint64_t badge;
        uint64_t bits;
        handle_t event;
        unsigned node;        /* whose program watches: 1 + the slot of the peer; 0: this one */
        handle_t given;       /* to the watch itself, until it has surely arrived; 0: no more */
        uint64_t given_until; /* when that is */
};

static struct {
        char expected[1024]; /* "n1,n2,n3," */
        bool joined;         /* they have all been met */
        bool changed;        /* since members_work() */
        uint64_t changes;    /* in this life */
        uint64_t last_badge;
        struct watch *watches;
        unsigned given; /* watches that still have that handle */
} members;

/* ---- the nodes that are expected ------------------------------------------------------------- */

void members_init(const char *nodes)
{
        size_t used = 0;
        members.joined = false;
        members.changed = true;
        members.expected[0] = 0;
        for (size_t length; *nodes; nodes += length + (nodes[length] == ',')) {
                length = strcspn(nodes, ",");
                if (!is_name(nodes, length, NODE_NAME_LONGEST)) {
                        journal("warning: nodes=%.*s: no node can have that name", (int)length,
                                nodes);
                        continue;
                }
                if (length + 2 > sizeof(members.expected) - used)
                        continue;
                memcpy(members.expected + used, nodes, length);
                used += length;
                members.expected[used++] = ',';
                members.expected[used] = 0;
        }
}

/* The next name of the list after *at, copied to `name`; false at the end. */
static bool next_expected(const char **at, char name[16])
{
        size_t length = strcspn(*at, ",");
        if (length == 0)
                return false;
        memset(name, 0, 16);
        memcpy(name, *at, length);
        *at += length + 1;
        return true;
}

bool member_named(const char *name, struct core_peer_info *info)
{
        for (unsigned i = 0; i < core_peer_slots(transport.core); i++)
                if (core_peer(transport.core, i, transport.now, info) &&
                    strcmp(info->name, name) == 0)
                        return true;
        return false;
}

bool member_is_up(const struct core_peer_info *info)
{
        return info->state == CORE_PEER_UP || info->state == CORE_PEER_SUSPECT;
}

static void joined_check(void)
{
        char name[16], line[256];
        const char *at = members.expected;
        struct core_peer_info info;
        size_t used = 0;
        line[0] = '\0';
        while (next_expected(&at, name)) {
                if (strcmp(name, transport.node) == 0)
                        continue;
                if (!member_named(name, &info) || !member_is_up(&info))
                        return;
                if (used < sizeof(line) - 20)
                        used += (size_t)snprintf(line + used, sizeof(line) - used, " %s", name);
        }
        members.joined = true;
        journal("boot: joined%s", line);
}

bool members_joined(void)
{
        return members.joined;
}

/* ---- the table ------------------------------------------------------------------------------- */

/* Counted from a random number, so that none is that of an earlier life. */
static uint64_t version_now(void)
{
        return get64(core_epoch(transport.core)) + members.changes;
}

static struct node_record record_make(const char *name, enum node_state state, const uint8_t *epoch)
{
        struct node_record record = {.state = (uint16_t)state};
        memcpy(record.name, name, strlen(name));
        if (epoch) {
                record.epoch_high = get64(epoch);
                record.epoch_low = get64(epoch + 8);
        }
        return record;
}

static struct node_record record_of(const struct core_peer_info *peer)
{
        enum node_state state = member_is_up(peer) ? NODE_STATE_UP : NODE_STATE_DEAD;
        struct node_record record = record_make(peer->name, state, peer->epoch);
        record.reason = (uint16_t)peer->reason;
        record.rtt = peer->rtt;
        return record;
}

unsigned members_table(struct node_record table[NODE_TABLE_MAX], uint64_t *version)
{
        const char *at = members.expected;
        struct core_peer_info peer;
        char name[16];
        unsigned count = 0;
        *version = version_now();
        table[count++] = record_make(transport.node, NODE_STATE_SELF, core_epoch(transport.core));
        for (unsigned i = 0; i < core_peer_slots(transport.core) && count < NODE_TABLE_MAX; i++)
                if (core_peer(transport.core, i, transport.now, &peer) &&
                    peer.state != CORE_PEER_NEW)
                        table[count++] = record_of(&peer);
        while (count < NODE_TABLE_MAX && next_expected(&at, name))
                if (strcmp(name, transport.node) != 0 &&
                    (!member_named(name, &peer) || peer.state == CORE_PEER_NEW))
                        table[count++] = record_make(name, NODE_STATE_JOINING, NULL);
        return count;
}

/* ---- watches --------------------------------------------------------------------------------- */

static struct watch *watch_make(uint64_t bits, handle_t event, handle_t *right)
{
        struct watch *watch = malloc(sizeof(*watch));
        if (!watch)
                return NULL;
        *watch = (struct watch){.next = members.watches,
                                .badge = BADGE_WATCH | ++members.last_badge,
                                .bits = bits,
                                .event = event};
        if (sys_right_mint(transport.server.port, watch->badge, RIGHTS_ALL, right) == OUTCOME_OK)
                return watch;
        free(watch);
        return NULL;
}

/* Whose program has made the event: it is ours, or stands for a peer's. */
static unsigned node_of(handle_t event)
{
        enum object_kind kind;
        uint32_t rights;
        uint64_t identity;
        if (sys_handle_info(event, &kind, &rights, &identity) != OUTCOME_OK)
                return 0;
        core_import_t import = event_of(&transport.events, identity);
        return import ? 1 + core_import_slot(import) : 0;
}

static bool has_too_many(unsigned node)
{
        unsigned count = 0;
        for (const struct watch *watch = members.watches; watch; watch = watch->next)
                count += watch->node == node;
        return count >= WATCHES_EACH;
}

outcome_t members_watch(uint64_t version, uint64_t bits, handle_t event, handle_t *right)
{
        unsigned node = node_of(event);
        struct watch *watch = NULL;
        outcome_t outcome = OUTCOME_OK;
        if (bits == 0)
                outcome = answered(REASON_INVALID);
        else if (has_too_many(node))
                outcome = answered(REASON_OVERLOADED);
        else if (!(watch = watch_make(bits, event, right)))
                outcome = answered(REASON_NO_MEMORY);
        if (!watch) {
                sys_handle_close(event);
                return outcome;
        }
        watch->node = node;
        watch->given = *right;
        watch->given_until = transport.now + WATCH_GIVEN;
        members.watches = watch;
        members.given++;
        if (version != version_now())
                sys_event_signal(event, bits);
        return OUTCOME_OK;
}

static void given_end(struct watch *watch)
{
        if (watch->given) {
                sys_handle_close(watch->given);
                watch->given = 0;
                members.given--;
        }
}

void members_unwatch(uint64_t badge)
{
        for (struct watch **link = &members.watches; *link; link = &(*link)->next) {
                struct watch *watch = *link;
                if (watch->badge != badge)
                        continue;
                *link = watch->next;
                given_end(watch);
                sys_handle_close(watch->event);
                free(watch);
                return;
        }
}

/* ---- changes --------------------------------------------------------------------------------- */

void members_changed(void)
{
        members.changes++;
        members.changed = true;
}

void members_work(void)
{
        if (members.given)
                for (struct watch *watch = members.watches; watch; watch = watch->next)
                        if (transport.now >= watch->given_until)
                                given_end(watch);
        if (!members.changed)
                return;
        members.changed = false;
        if (!members.joined)
                joined_check();
        for (const struct watch *watch = members.watches; watch; watch = watch->next)
                sys_event_signal(watch->event, watch->bits);
}
