/* See peers.h. What was not answered is asked, or told, again after a pause: so no single message
 * is needed for the tables to become equal, and no call stays open. */
#include "servers/name/peers.h"

#include <string.h>
#include "servers/proto/directory.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"

#define CALL_DEADLINE RT_DEFAULT_WAIT
#define CALL_PAUSE    RT_SECOND       /* after a failure */
#define PEER_RETURN   (3 * RT_SECOND) /* a transport that lives finds all its peers in that time */

static struct registry_peer *entry_of(struct names *names, const struct name_peer *peer)
{
        return &names->registry.peers[peer - names->peers];
}

/* The call objects are kept: a call in progress ends on its own. */
static void peer_close(struct names *names, struct name_peer *peer)
{
        if (peer->right != 0) {
                sys_unwatch(peer->right, names->event, NAMES_RIGHT_DIED);
                sys_handle_close(peer->right);
        }
        peer->right = 0;
        peer->lost_at = 0;
        peer->told = peer->telling_version = 0;
        peer->stale = peer->asking;
        if (peer->asking)
                rt_call_cancel(peer->call);
        if (peer->telling)
                rt_call_cancel(peer->tell);
}

/* Whether it is a node's name (copied), and the right one that can be watched. */
static outcome_t newcomer_check(struct names *names, struct text node, handle_t right,
                                char name[REGISTRY_NAME])
{
        if (right == 0 || !is_name(node.at, node.length, NODE_NAME_LONGEST) ||
            !name_copy(name, node))
                return answered(REASON_INVALID);
        return sys_watch(right, names->event, NAMES_RIGHT_DIED);
}

outcome_t peer_up(struct names *names, struct text node, uint64_t epoch_high, uint64_t epoch_low,
                  handle_t right)
{
        struct registry_peer *entry = NULL;
        char name[REGISTRY_NAME];
        outcome_t outcome = newcomer_check(names, node, right, name);
        if (outcome == OUTCOME_OK) {
                entry = registry_peer_up(&names->registry, name, epoch_high, epoch_low);
                if (!entry) {
                        sys_unwatch(right, names->event, NAMES_RIGHT_DIED);
                        outcome = answered(REASON_OVERLOADED);
                }
        }
        if (!entry) {
                if (right != 0)
                        sys_handle_close(right);
                return outcome;
        }
        struct name_peer *peer = &names->peers[entry - names->registry.peers];
        peer_close(names, peer);
        peer->right = right;
        peer->ask_at = peer->tell_at = 0;
        peer->news_instance = peer->news_version = 0;
        names_work(names);
        return OUTCOME_OK;
}

outcome_t peer_down(struct names *names, struct text node, uint64_t epoch_high, uint64_t epoch_low,
                    uint64_t reason)
{
        struct registry_peer *entry;
        char name[REGISTRY_NAME];
        if (!name_copy(name, node))
                return answered(REASON_INVALID);
        entry = registry_peer(&names->registry, name);
        registry_peer_down(&names->registry, name, epoch_high, epoch_low,
                           reason > 0 && reason < 32 ? (unsigned)reason : REASON_NODE_DIED);
        if (entry && !entry->up)
                peer_close(names, &names->peers[entry - names->registry.peers]);
        names_work(names);
        return OUTCOME_OK;
}

void peers_sweep(struct names *names, uint64_t now)
{
        for (unsigned i = 0; i < REGISTRY_PEERS; i++) {
                struct name_peer *peer = &names->peers[i];
                struct registry_peer *entry = entry_of(names, peer);
                enum object_kind type;
                uint32_t rights;
                uint64_t identity;
                if (peer->right == 0)
                        continue;
                outcome_t outcome = sys_handle_info(peer->right, &type, &rights, &identity);
                if (outcome == OUTCOME_OK)
                        continue;
                enum reason reason = outcome_reason(outcome);
                registry_peer_down(&names->registry, entry->node, entry->epoch[0], entry->epoch[1],
                                   reason);
                peer_close(names, peer);
                if (reason == REASON_RECEIVER_DIED)
                        peer->lost_at = now;
        }
}

/* Its right died, and no transport has said anything of it since. */
static void peer_give_up(struct names *names, struct name_peer *peer, uint64_t now)
{
        struct registry_peer *entry = entry_of(names, peer);
        uint64_t end = peer->lost_at + PEER_RETURN;
        if (now < end) {
                names_wake_at(names, end);
                return;
        }
        peer->lost_at = 0;
        registry_peer_down(&names->registry, entry->node, entry->epoch[0], entry->epoch[1],
                           REASON_LINK_LOST);
}

/* ---- what has changed there ------------------------------------------------------------------ */

/* Whether there is more than what is known of the peer's table, as far as the peer has said. */
static bool has_news(const struct name_peer *peer, const struct registry_table *table)
{
        return peer->news_instance != 0 &&
               (peer->news_instance != table->instance || peer->news_version > table->version);
}

void peer_changed(struct names *names, struct text node, uint64_t instance, uint64_t version)
{
        char name[REGISTRY_NAME];
        struct registry_peer *entry =
            name_copy(name, node) ? registry_peer(&names->registry, name) : NULL;
        if (!entry)
                return; /* it is asked when it comes */
        struct name_peer *peer = &names->peers[entry - names->registry.peers];
        peer->news_instance = instance;
        peer->news_version = version;
        if (!has_news(peer, &entry->table))
                return;
        peer->ask_at = 0;
        names_work(names);
}

static void peer_ask(struct names *names, struct name_peer *peer,
                     const struct registry_table *table, uint64_t now)
{
        outcome_t outcome = OUTCOME_OK;
        if (peer->call == 0)
                outcome = rt_server_call(
                    &names->server, NAMES_KEY_ASK + (uint64_t)(peer - names->peers), &peer->call);
        if (outcome == OUTCOME_OK)
                outcome = directory_changes_start(peer->right, peer->call, now + CALL_DEADLINE,
                                                  table->instance, table->version, peer->records,
                                                  sizeof peer->records);
        peer->asking = outcome == OUTCOME_OK;
        peer->stale = false;
        peer->ask_at = peer->asking ? TIME_NEVER : now + CALL_PAUSE;
}

/* One answer has all that there was to tell. What changed since then was told meanwhile, or will
 * be. */
static void answer_apply(struct names *names, struct name_peer *peer, struct registry_peer *entry,
                         const struct registry_answer *answer, size_t length, uint64_t now)
{
        enum registry_result result;
        result = registry_apply(&names->registry, entry, answer, peer->records, length);
        peer->ask_at = result != REGISTRY_OK ? now + CALL_PAUSE : TIME_NEVER;
        if (result == REGISTRY_OK && has_news(peer, &entry->table)) {
                peer->ask_at = now;
                peer->news_instance = 0;
        }
        if (result == REGISTRY_INVALID)
                rt_log("%s sent no valid table of names", entry->node);
}

/* An answer that belongs to an earlier epoch of the peer is about another table: it is dropped, and
 * the peer asked again. */
void peer_answered(struct names *names, unsigned place, uint64_t now)
{
        struct name_peer *peer = &names->peers[place];
        struct registry_peer *entry = &names->registry.peers[place];
        struct registry_answer answer = {0};
        uint64_t complete = 0;
        size_t length = 0;
        outcome_t outcome = directory_changes_finish(
            peer->call, peer->records, sizeof peer->records, &answer.instance, &answer.version,
            &answer.digest, &complete, &length);
        peer->asking = false;
        answer.complete = complete != 0;
        if (peer->right == 0 || peer->stale)
                return;
        if (outcome == OUTCOME_OK)
                answer_apply(names, peer, entry, &answer, length, now);
        else
                peer->ask_at = now + CALL_PAUSE;
}

/* ---- what has changed here ------------------------------------------------------------------- */

void peer_was_told(struct names *names, unsigned place, uint64_t now)
{
        struct name_peer *peer = &names->peers[place];
        outcome_t outcome = directory_changed_finish(peer->tell);
        peer->telling = false;
        if (outcome_class(outcome) == OUTCOME_ANSWERED)
                peer->told = peer->telling_version;
        else
                peer->tell_at = now + CALL_PAUSE;
}

static void peer_tell(struct names *names, struct name_peer *peer, uint64_t now)
{
        const struct registry_table *own = &names->registry.own;
        outcome_t outcome = OUTCOME_OK;
        if (peer->tell == 0)
                outcome = rt_server_call(
                    &names->server, NAMES_KEY_TELL + (uint64_t)(peer - names->peers), &peer->tell);
        if (outcome == OUTCOME_OK)
                outcome = directory_changed_start(
                    peer->right, peer->tell, now + CALL_DEADLINE, names->registry.node,
                    strlen(names->registry.node), own->instance, own->version);
        peer->telling = outcome == OUTCOME_OK;
        peer->telling_version = own->version;
        if (!peer->telling)
                peer->tell_at = now + CALL_PAUSE;
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void peer_work(struct names *names, struct name_peer *peer, struct registry_peer *entry,
                      uint64_t now)
{
        if (peer->lost_at != 0)
                peer_give_up(names, peer, now);
        if (peer->right == 0)
                return;
        if (!peer->asking && now >= peer->ask_at)
                peer_ask(names, peer, &entry->table, now);
        if (!peer->asking)
                names_wake_at(names, peer->ask_at);
        if (peer->telling || peer->told == names->registry.own.version)
                return;
        if (now >= peer->tell_at)
                peer_tell(names, peer, now);
        if (!peer->telling)
                names_wake_at(names, peer->tell_at);
}

void peers_work(struct names *names, uint64_t now)
{
        for (unsigned i = 0; i < REGISTRY_PEERS; i++)
                peer_work(names, &names->peers[i], &names->registry.peers[i], now);
}
