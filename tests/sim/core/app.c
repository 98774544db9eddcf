/* What runs on the nodes. Each holds a bag of rights, its own and far ones, and at random calls
 * them, passes them on, drops them, revokes them, cancels. */
#include <stdlib.h>
#include <string.h>
#include "tests/sim/core/app.h"

static uint32_t some_length(struct sim *sim)
{
        if (sim_chance(sim, 500))
                return 0;
        if (sim_chance(sim, sim->bulk))
                return (uint32_t)sim_below(sim, WIRE_BYTES_MAX + 1);
        return (uint32_t)sim_below(sim, sim_chance(sim, 200) ? 5000 : 200);
}

/* Puts up to `most` capabilities into a message: old ones from the bag and new ones. */
static void some_caps(struct node *node, struct core_message *message, unsigned most,
                      uint64_t *real)
{
        struct sim *sim = node->sim;
        message->caps = sim_chance(sim, 400) ? (uint8_t)sim_below(sim, most + 1) : 0;
        for (unsigned i = 0; i < message->caps; i++) {
                struct core_cap *cap = &message->cap[i];
                unsigned at = (unsigned)sim_below(sim, BAG_MAX);
                if (at < node->bag_count && !bag_dead(node, at)) {
                        bool far = node->bag_far[at];
                        *cap = (struct core_cap){.kind = far ? CORE_CAP_IMPORT : CORE_CAP_LOCAL,
                                                 .id = node->bag[at]};
                        if (!far)
                                cap->type = sim->objects[cap->id - 1].type;
                } else {
                        uint8_t type = sim_chance(sim, 200)   ? CAPABILITY_REPLY
                                       : sim_chance(sim, 100) ? CAPABILITY_EVENT
                                                              : CAPABILITY_SEND;
                        uint64_t token = object_make(node, type, 0, 0);
                        *cap = (struct core_cap){.kind = CORE_CAP_LOCAL, .type = type, .id = token};
                        if (sim_chance(sim, 500)) {
                                sim->objects[token - 1].locals++;
                                bag_add(node, false, token);
                        }
                }
                real[i] = app_real(node, cap, 0);
        }
}

static struct far_right *some_target(struct node *node)
{
        unsigned at = (unsigned)sim_below(node->sim, BAG_MAX);
        if (at < node->bag_count && node->bag_far[at])
                return *far_link(node, node->bag[at]);
        struct core_peer_info peer;
        unsigned slot = (unsigned)sim_below(node->sim, node->sim->options.nodes);
        if (!core_peer(node->core, slot, node->sim->now, &peer) || !peer.root)
                return NULL;
        return *far_link(node, peer.root);
}

static uint64_t some_deadline(struct sim *sim)
{
        if (sim_chance(sim, 100))
                return CORE_NEVER;
        return sim->now + 1 + sim_below(sim, sim_chance(sim, 200) ? 20 * SIM_MS : 4 * SIM_S);
}

static bool call_begin(struct node *node, struct far_right *far, struct core_message *message,
                       bool oneway, uint64_t uid)
{
        struct sim *sim = node->sim;
        if (oneway)
                return core_send(node->core, far->import, message, sim->now) == OUTCOME_OK;
        struct open *open = open_take(node, OPEN_CALL);
        if (!open)
                return false;
        open->uid = uid;
        if (core_call(node->core, far->import, message, cookie_of(node, open), &open->handle,
                      sim->now) == OUTCOME_OK)
                return true;
        open->state = OPEN_FREE;
        return false;
}

static void act_call(struct node *node, bool oneway, uint64_t latest)
{
        struct sim *sim = node->sim;
        struct far_right *far = some_target(node);
        if (!far || far->dead)
                return;
        static uint8_t bytes[WIRE_BYTES_MAX];
        struct core_message message = {.interface = 7,
                                       .method = oneway ? 2 : 1,
                                       .unordered = sim_chance(sim, 50),
                                       .priority = (uint8_t)sim_below(sim, 8),
                                       .length = some_length(sim),
                                       .bytes = bytes,
                                       .trace = sim_random(sim),
                                       .deadline = CORE_NEVER};
        oneway = oneway || far->type == CAPABILITY_REPLY;
        if (!oneway)
                message.deadline = some_deadline(sim);
        if (message.deadline > latest)
                message.deadline = latest;
        if (message.deadline <= sim->now)
                return;
        struct entry entry = {.oneway = oneway,
                              .unordered = message.unordered,
                              .stream = far->stream,
                              .sequence = ++far->sequence,
                              .deadline = oneway ? CORE_NEVER : message.deadline,
                              .target = far->real,
                              .length = message.length};
        some_caps(node, &message, 4, entry.cap);
        entry.caps = message.caps;
        uint64_t uid = ledger_begin(sim, node, &entry);
        ledger_bytes(uid, bytes, message.length);
        message.words = (uint8_t)(1 + sim_below(sim, WIRE_WORDS_MAX));
        for (unsigned i = 0; i < message.words; i++)
                message.word[i] = uid;
        caps_refer(node, &message, 1);
        if (call_begin(node, far, &message, oneway, uid)) {
                sim->calls++;
                sim_trace(sim, node, "%s #%llu, %u bytes, %u capabilities",
                          oneway ? "sends" : "calls", (unsigned long long)uid, message.length,
                          message.caps);
                return;
        }
        caps_refer(node, &message, -1);
        sim->entries[uid - 1].ended = true;
}

static void act_cancel(struct node *node)
{
        struct open *open = &node->open[sim_below(node->sim, OPEN_MAX)];
        if (open->state != OPEN_CALL)
                return;
        sim_trace(node->sim, node, "cancels #%llu", (unsigned long long)open->uid);
        core_cancel(node->core, open->handle, node->sim->now);
}

static void act_revoke(struct node *node)
{
        unsigned at = (unsigned)sim_below(node->sim, BAG_MAX);
        if (at >= node->bag_count || node->bag_far[at])
                return;
        struct object *object = &node->sim->objects[node->bag[at] - 1];
        if (!object->alive || object->proxy || node->bag[at] == node->root)
                return;
        sim_trace(node->sim, node, "revokes right %llu", (unsigned long long)node->bag[at]);
        object->alive = false;
        core_export_dead(node->core, node->bag[at], REASON_REVOKED);
        bag_drop(node, at);
}

void app_act(struct node *node)
{
        uint64_t what = sim_below(node->sim, 100);
        if (what < 60)
                act_call(node, false, CORE_NEVER);
        else if (what < 80)
                act_call(node, true, CORE_NEVER);
        else if (what < 86)
                act_cancel(node);
        else if (what < 90)
                act_revoke(node);
        else if (node->bag_count)
                bag_drop(node, (unsigned)sim_below(node->sim, node->bag_count));
}

void app_answer(struct node *node, unsigned index, uint32_t use)
{
        struct sim *sim = node->sim;
        struct open *open = &node->open[index];
        if (open->state != OPEN_SERVE || open->use != use)
                return;
        if (!sim->calm && sim_chance(sim, 150)) { /* it needs another call for its answer */
                act_call(node, false, open->deadline);
                answer_later(node, open, serving_time(sim));
                return;
        }
        static uint8_t bytes[WIRE_BYTES_MAX];
        struct core_message message = {
            .words = 1, .word = {~open->uid}, .length = some_length(sim), .bytes = bytes};
        struct entry answer = {0};
        some_caps(node, &message, 2, answer.reply_cap);
        struct entry *entry = &sim->entries[open->uid - 1];
        entry->reply_length = message.length;
        entry->reply_caps = message.caps;
        memcpy(entry->reply_cap, answer.reply_cap, sizeof(entry->reply_cap));
        ledger_bytes(~open->uid, bytes, message.length);
        caps_refer(node, &message, 1);
        outcome_t outcome = core_reply(node->core, open->call, OUTCOME_OK, &message, sim->now);
        if (outcome)
                caps_refer(node, &message, -1);
        if (outcome && outcome_reason(outcome) != REASON_BAD_HANDLE) {
                entry->reply_length = NO_CONTENT;
                outcome = core_reply(node->core, open->call, OUTCOME_OK, NULL, sim->now);
        }
        if (outcome)
                sim_fail(sim, "n%u: an answer is refused: %s", node->number + 1,
                         reason_text(outcome_reason(outcome)));
        open->state = OPEN_FREE;
        open->use++;
}

void app_start(struct node *node)
{
        node->bag_count = 0;
        node->deferred = NULL;
        node->deferred_end = &node->deferred;
        node->root = object_make(node, CAPABILITY_SEND, 0, 0);
        node->sim->objects[node->root - 1].refs++;
        core_set_root(node->core, node->root);
}

void app_stop(struct node *node)
{
        struct core *core = node->core;
        node->core = NULL;
        core_destroy(core);
        for (unsigned i = 0; i < OPEN_MAX; i++)
                node->open[i] = (struct open){.use = node->open[i].use + 1};
        for (unsigned i = 0; i < 256; i++) {
                struct far_right *far;
                while ((far = node->far[i])) {
                        node->far[i] = far->next;
                        free(far);
                }
        }
        struct deferred *note;
        while ((note = node->deferred)) {
                node->deferred = note->next;
                note_free(note);
        }
}

void app_drop_all(struct node *node)
{
        while (node->bag_count)
                bag_drop(node, 0);
}

bool app_idle(const struct node *node)
{
        for (unsigned i = 0; i < OPEN_MAX; i++)
                if (node->open[i].state != OPEN_FREE)
                        return false;
        return true;
}
