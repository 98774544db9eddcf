/* See peers.h. Each peer is asked every second, and at once when it reports a change. So no single
 * message is needed for the tables to become equal, and no call stays open. */
#include "servers/name/peers.h"

#include <string.h>
#include "servers/proto/directory.h"
#include "servers/rt/log.h"
#include "servers/rt/time.h"

#define ASK_DEADLINE RT_DEFAULT_WAIT
#define ASK_PAUSE    RT_SECOND

/* The call object is kept: a call in progress ends on its own. */
static void peer_close(struct name_peer *peer)
{
        if (peer->right != 0)
                sys_handle_close(peer->right);
        peer->right = 0;
        if (peer->asking)
                rt_call_cancel(peer->call);
        if (peer->telling)
                rt_call_cancel(peer->tell);
}

outcome_t peer_up(struct names *names, struct text node, uint64_t epoch_high, uint64_t epoch_low,
                  handle_t right)
{
        struct registry_peer *entry = NULL;
        struct name_peer *peer;
        char name[REGISTRY_NAME];
        bool valid = right != 0 && name_copy(name, node);
        if (valid)
                entry = registry_peer_up(&names->registry, name, epoch_high, epoch_low);
        if (!entry) {
                if (right != 0)
                        sys_handle_close(right);
                return answered(valid ? REASON_OVERLOADED : REASON_INVALID);
        }
        peer = &names->peers[entry - names->registry.peers];
        peer_close(peer);
        peer->right = right;
        peer->ask_at = 0;
        peer->told = names->registry.own.version;
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
                peer_close(&names->peers[entry - names->registry.peers]);
        names_work(names);
        return OUTCOME_OK;
}

/* ---- what has changed ------------------------------------------------------------------------ */

static void peer_ask(struct names *names, struct name_peer *peer,
                     const struct registry_table *table, uint64_t now)
{
        outcome_t outcome = OUTCOME_OK;
        if (peer->call == 0)
                outcome = rt_server_call(
                    &names->server, NAMES_KEY_ASK + (uint64_t)(peer - names->peers), &peer->call);
        if (outcome == OUTCOME_OK)
                outcome = directory_changes_start(peer->right, peer->call, now + ASK_DEADLINE,
                                                  table->instance, table->version, peer->records,
                                                  sizeof peer->records);
        peer->asking = outcome == OUTCOME_OK;
        if (!peer->asking)
                peer->ask_at = now + ASK_PAUSE;
}

static void answer_apply(struct names *names, struct name_peer *peer, struct registry_peer *entry,
                         const struct registry_answer *answer, size_t length, uint64_t now)
{
        enum registry_result result;
        result = registry_apply(&names->registry, entry, answer, peer->records, length);
        /* After news there may be more. */
        peer->ask_at = result == REGISTRY_OK && length > 0 ? now : now + ASK_PAUSE;
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
        if (peer->right == 0 || !entry->up)
                return;
        if (outcome == OUTCOME_OK)
                answer_apply(names, peer, entry, &answer, length, now);
        else
                peer->ask_at = now + ASK_PAUSE;
}

/* A peer that cannot be told now asks within a second anyway. */
static void peer_tell(struct names *names, struct name_peer *peer, uint64_t now)
{
        if (peer->telling || peer->right == 0 || peer->told == names->registry.own.version)
                return;
        peer->told = names->registry.own.version;
        if (peer->tell == 0 &&
            rt_server_call(&names->server, NAMES_KEY_TELL + (uint64_t)(peer - names->peers),
                           &peer->tell) != OUTCOME_OK)
                return;
        peer->telling =
            directory_changed_start(peer->right, peer->tell, now + ASK_DEADLINE) == OUTCOME_OK;
}

void peer_was_told(struct names *names, unsigned place)
{
        struct name_peer *peer = &names->peers[place];
        directory_changed_finish(peer->tell);
        peer->telling = false;
}

void peers_ask_soon(struct names *names)
{
        for (unsigned i = 0; i < REGISTRY_PEERS; i++)
                names->peers[i].ask_at = 0;
        names_work(names);
}

void peers_work(struct names *names, uint64_t now)
{
        for (unsigned i = 0; i < REGISTRY_PEERS; i++) {
                struct name_peer *peer = &names->peers[i];
                peer_tell(names, peer, now);
                if (peer->right == 0 || peer->asking)
                        continue;
                if (now >= peer->ask_at)
                        peer_ask(names, peer, &names->registry.peers[i].table, now);
                if (!peer->asking)
                        names_wake_at(names, peer->ask_at);
        }
}
