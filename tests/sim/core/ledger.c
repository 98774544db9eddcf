/* The checker. Each call has an entry, written by its caller and by the port that executes it, so
 * both ends of every claim are known here:
 *
 *      at most once    no entry is executed twice, on any node or in any life of a node
 *      truth           what was reported as not executed never is; an answer is the one given
 *      order           what is executed through one right keeps the order in which it was sent
 *      identity        a capability leads to the port that was meant, and comes home as itself
 *      an end          each call ends once, in time
 *      no leak         once nothing is held, no table has an entry and no right a reference */
#include <string.h>
#include "tests/sim/core/app.h"

static struct entry *entry_of(struct sim *sim, uint64_t uid)
{
        if (uid == 0 || uid > sim->entry_count) {
                sim_fail(sim, "call #%llu was never made", (unsigned long long)uid);
                return NULL;
        }
        return &sim->entries[uid - 1];
}

uint64_t ledger_begin(struct sim *sim, struct node *issuer, const struct entry *entry)
{
        sim->entries =
            sim_grow(sim->entries, sim->entry_count, &sim->entry_room, sizeof(*sim->entries));
        struct entry *made = &sim->entries[sim->entry_count++];
        *made = *entry;
        made->issuer = issuer->number;
        made->life = issuer->life;
        made->ended = entry->oneway;
        return sim->entry_count;
}

/* The bytes that belong to a call, so that any mix-up or damage shows. */
void ledger_bytes(uint64_t uid, uint8_t *bytes, uint32_t length)
{
        uint64_t x = uid * 0x9e3779b97f4a7c15ull + length;
        for (uint32_t i = 0; i < length; i++) {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                bytes[i] = (uint8_t)x;
        }
}

static bool bytes_right(uint64_t uid, const struct core_message *message, uint32_t length)
{
        static uint8_t expected[WIRE_BYTES_MAX];
        if (message->length != length)
                return false;
        ledger_bytes(uid, expected, length);
        return length == 0 || memcmp(expected, message->bytes, length) == 0;
}

static void caps_check(struct sim *sim, struct node *node, uint64_t uid,
                       const struct core_message *message, const uint64_t *expected, unsigned count)
{
        if (message->caps != count) {
                sim_fail(sim, "#%llu: %u capabilities came of %u", (unsigned long long)uid,
                         message->caps, count);
                return;
        }
        for (unsigned i = 0; i < count; i++)
                if (message->cap[i].kind != CORE_CAP_NONE &&
                    app_real(node, &message->cap[i], expected[i]) != expected[i])
                        sim_fail(sim, "#%llu: capability %u leads to another port",
                                 (unsigned long long)uid, i);
}

static void order_check(struct sim *sim, uint64_t uid, const struct entry *entry)
{
        if (entry->unordered)
                return;
        while (sim->stream_count <= entry->stream) {
                sim->streams = sim_grow(sim->streams, sim->stream_count, &sim->stream_room,
                                        sizeof(*sim->streams));
                sim->streams[sim->stream_count++] = 0;
        }
        uint64_t *latest = &sim->streams[entry->stream];
        if (entry->sequence <= *latest)
                sim_fail(sim, "#%llu: executed after a later one through the same right",
                         (unsigned long long)uid);
        *latest = entry->sequence;
}

void ledger_executed(struct sim *sim, struct node *node, uint64_t token, uint64_t call,
                     const struct core_message *message)
{
        uint64_t uid = message->words ? message->word[0] : 0;
        struct entry *entry = entry_of(sim, uid);
        if (!entry)
                return;
        sim_digest(sim, uid);
        sim_trace(sim, node, "executes #%llu%s", (unsigned long long)uid, call ? "" : ", one-way");
        if (entry->executed++)
                sim_fail(sim, "#%llu: executed twice", (unsigned long long)uid);
        if (entry->denied)
                sim_fail(sim, "#%llu: executed after it was reported as not executed",
                         (unsigned long long)uid);
        if (entry->target && entry->target != token)
                sim_fail(sim, "#%llu: arrived at another port", (unsigned long long)uid);
        if (entry->oneway == (call != 0))
                sim_fail(sim, "#%llu: a send arrived as a call, or a call as a send",
                         (unsigned long long)uid);
        if (!bytes_right(uid, message, entry->length))
                sim_fail(sim, "#%llu: arrived with other bytes", (unsigned long long)uid);
        caps_check(sim, node, uid, message, entry->cap, entry->caps);
        order_check(sim, uid, entry);
}

static void answer_check(struct sim *sim, struct node *node, uint64_t uid,
                         const struct entry *entry, const struct core_message *message)
{
        if (entry->executed != 1) {
                sim_fail(sim, "#%llu: answered, but executed %u times", (unsigned long long)uid,
                         entry->executed);
                return;
        }
        bool empty = !message || message->words == 0;
        if (empty != (entry->reply_length == NO_CONTENT)) {
                sim_fail(sim, "#%llu: another answer than was given", (unsigned long long)uid);
                return;
        }
        if (empty)
                return;
        if (message->word[0] != ~uid || !bytes_right(~uid, message, entry->reply_length))
                sim_fail(sim, "#%llu: the answer has other bytes", (unsigned long long)uid);
        caps_check(sim, node, uid, message, entry->reply_cap, entry->reply_caps);
}

void ledger_ended(struct sim *sim, struct node *node, uint64_t uid, outcome_t outcome,
                  const struct core_message *message)
{
        struct entry *entry = entry_of(sim, uid);
        if (!entry)
                return;
        sim_digest(sim, uid << 16 | outcome);
        sim_trace(sim, node, "#%llu ends: %s%s", (unsigned long long)uid, outcome_prefix(outcome),
                  reason_text(outcome_reason(outcome)));
        if (entry->ended)
                sim_fail(sim, "#%llu: ended twice", (unsigned long long)uid);
        entry->ended = true;
        if (entry->deadline != CORE_NEVER && sim->now > entry->deadline + SIM_MS)
                sim_fail(sim, "#%llu: ended after its deadline", (unsigned long long)uid);
        if (outcome_reason(outcome) == REASON_DEADLINE && sim->now < entry->deadline)
                sim_fail(sim, "#%llu: its deadline was not yet reached", (unsigned long long)uid);
        if (outcome_class(outcome) == OUTCOME_ANSWERED)
                answer_check(sim, node, uid, entry, message);
        if (outcome_class(outcome) != OUTCOME_NOT_EXECUTED)
                return;
        entry->denied = true;
        if (entry->executed)
                sim_fail(sim, "#%llu: reported as not executed, but it was",
                         (unsigned long long)uid);
}

void ledger_node_lost(struct sim *sim, const struct node *node)
{
        for (size_t i = 0; i < sim->entry_count; i++)
                if (sim->entries[i].issuer == node->number && sim->entries[i].life == node->life)
                        sim->entries[i].ended = true;
}

static void node_drained(struct sim *sim, const struct node *node)
{
        for (unsigned i = 0; i < core_peer_slots(node->core); i++) {
                struct core_peer_info peer;
                if (!core_peer(node->core, i, sim->now, &peer))
                        continue;
                if (peer.state != CORE_PEER_UP)
                        sim_fail(sim, "n%u: has not met %s again", node->number + 1, peer.name);
                if (peer.exports || peer.imports || peer.calls_out || peer.calls_in)
                        sim_fail(
                            sim,
                            "n%u: %u exports, %u imports, %u calls out, %u in are left with %s",
                            node->number + 1, peer.exports, peer.imports, peer.calls_out,
                            peer.calls_in, peer.name);
        }
        const char *wrong = core_check(node->core);
        if (wrong)
                sim_fail(sim, "n%u: %s", node->number + 1, wrong);
}

void ledger_drained(struct sim *sim)
{
        for (unsigned i = 0; i < sim->options.nodes; i++)
                node_drained(sim, &sim->node[i]);
        for (size_t i = 0; i < sim->object_count; i++) {
                const struct object *object = &sim->objects[i];
                const struct node *node = &sim->node[object->node];
                if (object->life == node->life && object->refs != (i + 1 == node->root))
                        sim_fail(sim, "n%u: the core keeps %u references of right %zu",
                                 object->node + 1, object->refs, i + 1);
        }
        for (size_t i = 0; i < sim->entry_count; i++)
                if (!sim->entries[i].ended)
                        sim_fail(sim, "#%zu: never ended", i + 1);
}
