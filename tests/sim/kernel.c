/* The kernel's part, as far as the core can see it: local rights and the references that the core
 * has of them, imports and what stands for them, and the callbacks. A call to a right that stands
 * for an import is relayed, as a proxy port would.
 *
 * Callbacks only take notes (struct deferred); app_after_core() acts on them when the core has
 * returned. */
#include <stdlib.h>
#include <string.h>
#include "app.h"

/* --- notes ----------------------------------------------------------------------------------- */

static struct deferred *defer(struct node *node, enum deferred_kind kind, uint64_t id)
{
        struct deferred *note = calloc(1, sizeof(*note));
        note->kind = kind;
        note->id = id;
        *node->deferred_end = note;
        node->deferred_end = &note->next;
        return note;
}

static void message_copy(struct core_message *to, const struct core_message *from)
{
        *to = *from;
        if (from->length == 0)
                return;
        void *bytes = malloc(from->length);
        memcpy(bytes, from->bytes, from->length);
        to->bytes = bytes;
}

void note_free(struct deferred *note)
{
        if (note->message.length)
                free((void *)(uintptr_t)note->message.bytes);
        free(note);
}

/* --- rights ---------------------------------------------------------------------------------- */

static struct object *object_at(struct node *node, uint64_t token)
{
        struct sim *sim = node->sim;
        if (token == 0 || token > sim->object_count ||
            sim->objects[token - 1].node != node->number ||
            sim->objects[token - 1].life != node->life) {
                sim_fail(sim, "n%u: right %llu is none of this node's", node->number + 1,
                         (unsigned long long)token);
                return NULL;
        }
        return &sim->objects[token - 1];
}

uint64_t object_make(struct node *node, uint8_t type, uint64_t proxy, uint64_t real)
{
        struct sim *sim = node->sim;
        sim->objects =
            sim_grow(sim->objects, sim->object_count, &sim->object_room, sizeof(*sim->objects));
        uint64_t token = ++sim->object_count;
        sim->objects[token - 1] = (struct object){.node = node->number,
                                                  .type = type,
                                                  .alive = true,
                                                  .life = node->life,
                                                  .proxy = proxy,
                                                  .real = proxy ? real : token};
        return token;
}

struct far_right **far_link(struct node *node, core_import_t import)
{
        struct far_right **link = &node->far[(import >> 32 ^ import) % 256];
        while (*link && (*link)->import != import)
                link = &(*link)->next;
        return link;
}

static struct far_right *far_get(struct node *node, core_import_t import, uint64_t real,
                                 uint8_t type)
{
        struct far_right **link = far_link(node, import);
        struct far_right *far = *link;
        if (far)
                return far;
        far = calloc(1, sizeof(*far));
        far->import = import;
        far->real = real;
        far->type = type;
        far->stream = node->sim->stream_count;
        node->sim->streams = sim_grow(node->sim->streams, node->sim->stream_count,
                                      &node->sim->stream_room, sizeof(uint64_t));
        node->sim->streams[node->sim->stream_count++] = 0;
        *link = far;
        return far;
}

static void far_release(struct node *node, struct far_right *far)
{
        if (--far->holders == 0)
                defer(node, DEFER_DROP, far->import);
}

static void far_forget(struct node *node, core_import_t import)
{
        struct far_right **link = far_link(node, import), *far = *link;
        *link = far->next;
        free(far);
}

uint64_t app_real(struct node *node, const struct core_cap *cap, uint64_t expected)
{
        if (cap->kind == CORE_CAP_IMPORT)
                return far_get(node, cap->id, expected, cap->type)->real;
        const struct object *object = object_at(node, cap->id);
        return object ? object->real : 0;
}

/* What a cap that came leads to. A relay learns of new imports only from the call that they are in.
 */
static uint64_t real_in(struct node *node, const struct core_message *message, unsigned index,
                        bool answer)
{
        uint64_t uid = message->words ? message->word[0] : 0;
        uid = answer ? ~uid : uid;
        if (uid == 0 || uid > node->sim->entry_count)
                return 0;
        const struct entry *entry = &node->sim->entries[uid - 1];
        return answer ? entry->reply_cap[index] : entry->cap[index];
}

static void object_check_end(struct node *node, struct object *object)
{
        if (object->refs || object->locals || !object->proxy || !object->alive)
                return;
        object->alive = false;
        struct far_right *far = *far_link(node, object->proxy);
        far->proxy = 0;
        far_release(node, far);
}

static void local_release(struct node *node, uint64_t token)
{
        struct object *object = &node->sim->objects[token - 1];
        object->locals--;
        object_check_end(node, object);
}

/* Keeps the rights of a message while it is relayed. */
static void caps_hold(struct node *node, const struct core_message *message, bool answer)
{
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind == CORE_CAP_LOCAL)
                        node->sim->objects[message->cap[i].id - 1].locals++;
                else if (message->cap[i].kind == CORE_CAP_IMPORT)
                        far_get(node, message->cap[i].id, real_in(node, message, i, answer),
                                message->cap[i].type)
                            ->holders++;
}

static void caps_release(struct node *node, const struct core_message *message)
{
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind == CORE_CAP_LOCAL)
                        local_release(node, message->cap[i].id);
                else if (message->cap[i].kind == CORE_CAP_IMPORT)
                        far_release(node, *far_link(node, message->cap[i].id));
}

/* Gives the core a reference of each local right in a message, or takes it back. */
void caps_refer(struct node *node, const struct core_message *message, int by)
{
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind == CORE_CAP_LOCAL)
                        node->sim->objects[message->cap[i].id - 1].refs += (uint32_t)by;
}

static void bag_remove(struct node *node, unsigned at)
{
        unsigned last = --node->bag_count;
        node->bag[at] = node->bag[last];
        node->bag_far[at] = node->bag_far[last];
}

void bag_drop(struct node *node, unsigned at)
{
        if (node->bag_far[at])
                far_release(node, *far_link(node, node->bag[at]));
        else
                local_release(node, node->bag[at]);
        bag_remove(node, at);
}

void bag_add(struct node *node, bool far, uint64_t id)
{
        if (node->bag_count == BAG_MAX)
                bag_drop(node, (unsigned)sim_below(node->sim, BAG_MAX));
        node->bag[node->bag_count] = id;
        node->bag_far[node->bag_count++] = far;
}

/* The application takes the capabilities of a message into its bag. */
static void caps_take(struct node *node, const struct core_message *message, bool answer)
{
        caps_hold(node, message, answer);
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind != CORE_CAP_NONE)
                        bag_add(node, message->cap[i].kind == CORE_CAP_IMPORT, message->cap[i].id);
}

bool bag_dead(struct node *node, unsigned at)
{
        if (node->bag_far[at])
                return (*far_link(node, node->bag[at]))->dead;
        return !node->sim->objects[node->bag[at] - 1].alive;
}

/* --- calls under way ------------------------------------------------------------------------- */

struct open *open_take(struct node *node, enum open_state state)
{
        for (unsigned i = 0; i < OPEN_MAX; i++) {
                struct open *open = &node->open[i];
                if (open->state != OPEN_FREE)
                        continue;
                *open = (struct open){.state = state, .use = open->use + 1};
                return open;
        }
        return NULL;
}

static struct open *open_of_call(struct node *node, core_call_t call)
{
        for (unsigned i = 0; i < OPEN_MAX; i++)
                if (node->open[i].call == call && node->open[i].state != OPEN_FREE)
                        return &node->open[i];
        return NULL;
}

uint64_t cookie_of(const struct node *node, const struct open *open)
{
        return (uint64_t)open->use << 16 | (uint64_t)(open - node->open);
}

void answer_later(struct node *node, const struct open *open, uint64_t delay)
{
        sim_event(node->sim, (struct event){.time = node->sim->now + delay,
                                            .kind = EVENT_ANSWER,
                                            .node = node->number,
                                            .index = (uint32_t)(open - node->open),
                                            .use = open->use});
}

/* --- callbacks ------------------------------------------------------------------------------- */

static void on_transmit(void *context, struct core_address to, const void *packet, size_t length)
{
        network_send(context, to, packet, length);
}

static void on_random(void *context, void *bytes, size_t length)
{
        struct node *node = context;
        for (size_t i = 0; i < length; i++)
                ((uint8_t *)bytes)[i] = (uint8_t)(sim_random(node->sim) >> 16);
}

static void *on_allocate(void *context, size_t size)
{
        struct node *node = context;
        if (node->core && !node->sim->calm && sim_chance(node->sim, 2))
                return NULL;
        node->memory++;
        return malloc(size);
}

static void on_release(void *context, void *memory)
{
        ((struct node *)context)->memory--;
        free(memory);
}

static outcome_t relay_later(struct node *node, uint64_t import, core_call_t call,
                             const struct core_message *message)
{
        struct open *open = call ? open_take(node, OPEN_RELAY) : NULL;
        if (call && !open)
                return not_executed(REASON_OVERLOADED);
        caps_hold(node, message, false);
        struct deferred *note = defer(node, DEFER_RELAY, import);
        message_copy(&note->message, message);
        if (call) {
                open->call = call;
                note->open = (unsigned)(open - node->open);
        }
        note->call = call;
        return OUTCOME_OK;
}

uint64_t serving_time(struct sim *sim)
{
        if (sim_chance(sim, 30))
                return sim_below(sim, 1500 * SIM_MS);
        return sim_below(sim, sim_chance(sim, 300) ? 30 * SIM_MS : SIM_MS / 5);
}

static outcome_t on_deliver(void *context, uint64_t token, enum wire_capability_kind type,
                            core_call_t call, const struct core_message *message)
{
        struct node *node = context;
        struct object *object = object_at(node, token);
        if (!object)
                return not_executed(REASON_FAULT);
        if (!object->alive)
                return not_executed(REASON_REVOKED);
        if (object->proxy)
                return relay_later(node, object->proxy, call, message);
        if (call && type == CAPABILITY_REPLY)
                return not_executed(REASON_REFUSED);
        if (sim_chance(node->sim, 20))
                return not_executed(REASON_OVERLOADED);
        struct open *open = call ? open_take(node, OPEN_SERVE) : NULL;
        if (call && !open)
                return not_executed(REASON_OVERLOADED);
        ledger_executed(node->sim, node, token, call, message);
        caps_take(node, message, false);
        if (type == CAPABILITY_REPLY)
                node->sim->objects[token - 1].alive = false;
        if (call) {
                open->call = call;
                open->uid = message->word[0];
                open->deadline = message->deadline;
                answer_later(node, open, serving_time(node->sim));
        }
        return OUTCOME_OK;
}

static void on_cancel(void *context, core_call_t call, enum reason reason)
{
        struct node *node = context;
        struct open *open = open_of_call(node, call);
        bool gone = reason != REASON_DEADLINE && reason != REASON_CANCELLED;
        if (!open)
                return; /* being answered */
        if (open->state == OPEN_RELAY) {
                open->call = gone ? 0 : open->call;
                defer(node, DEFER_CANCEL, 0)->open = (unsigned)(open - node->open);
        } else if (gone) {
                open->state = OPEN_FREE;
                open->use++;
        } else if (sim_chance(node->sim, 700)) {
                answer_later(node, open, sim_below(node->sim, SIM_MS));
        }
}

/* Now and then an adapter has no memory for the capabilities of an answer. */
static bool on_complete(void *context, uint64_t cookie, outcome_t outcome,
                        const struct core_message *message)
{
        struct node *node = context;
        struct open *open = &node->open[cookie & 0xffff];
        bool taken = true;
        if (open->use != cookie >> 16 || (open->state != OPEN_CALL && open->state != OPEN_RELAY)) {
                sim_fail(node->sim, "n%u: a call was completed twice", node->number + 1);
                return false;
        }
        if (open->state == OPEN_CALL) {
                ledger_ended(node->sim, node, open->uid, outcome, message);
                taken = !sim_chance(node->sim, 50);
                if (message && taken)
                        caps_take(node, message, true);
        } else {
                struct deferred *note = defer(node, DEFER_RELAY_REPLY, 0);
                note->call = open->call;
                note->outcome = outcome;
                if (message) {
                        caps_hold(node, message, true);
                        message_copy(&note->message, message);
                }
        }
        open->state = OPEN_FREE;
        open->use++;
        return taken;
}

static void on_right_drop(void *context, uint64_t token)
{
        struct node *node = context;
        struct object *object = object_at(node, token);
        if (!object)
                return;
        if (object->refs == 0)
                sim_fail(node->sim, "n%u: right %llu is given back too often", node->number + 1,
                         (unsigned long long)token);
        object->refs--;
        object_check_end(node, object);
}

static uint64_t on_import_right(void *context, core_import_t import)
{
        struct node *node = context;
        struct far_right *far = *far_link(node, import);
        if (!far || far->dead)
                return 0;
        if (!far->proxy) {
                far->holders++;
                far->proxy = object_make(node, far->type, import, far->real);
        }
        node->sim->objects[far->proxy - 1].refs++;
        return far->proxy;
}

static void on_import_dead(void *context, core_import_t import, enum reason reason)
{
        struct node *node = context;
        struct far_right *far = *far_link(node, import);
        if (!far) {
                sim_fail(node->sim, "n%u: an import died that was not live", node->number + 1);
                return;
        }
        far->dead = true;
        if (far->proxy)
                defer(node, DEFER_DEAD, far->proxy)->reason = reason;
        if (far->root)
                far_release(node, far);
}

static void on_peer_up(void *context, const struct core_peer_info *peer)
{
        struct node *node = context;
        sim_trace(node->sim, node, "meets %s", peer->name);
        struct far_right *far = far_get(node, peer->root, 0, CAPABILITY_SEND);
        far->real = node->sim->node[peer->node - 100].root;
        far->root = true;
        far->holders++;
}

static void on_peer_down(void *context, const struct core_peer_info *peer)
{
        struct node *node = context;
        sim_trace(node->sim, node, "loses %s: %s", peer->name, reason_text(peer->reason));
        sim_digest(node->sim, peer->reason);
}

static void on_log(void *context, enum core_log level, const char *peer, const char *text,
                   uint64_t value)
{
        struct node *node = context;
        sim_trace(node->sim, node, "log: %s: %s (%llx)", peer, text, (unsigned long long)value);
        bool expected = !strcmp(text, "silent: dead") || !strcmp(text, "no memory for a session");
        if (level == CORE_LOG_WARNING && !expected)
                sim_fail(node->sim, "n%u: %s: %s", node->number + 1, peer, text);
}

struct core_environment app_environment(struct node *node)
{
        return (struct core_environment){.context = node,
                                         .transmit = on_transmit,
                                         .random = on_random,
                                         .allocate = on_allocate,
                                         .release = on_release,
                                         .deliver = on_deliver,
                                         .cancel = on_cancel,
                                         .complete = on_complete,
                                         .right_drop = on_right_drop,
                                         .import_right = on_import_right,
                                         .import_dead = on_import_dead,
                                         .peer_up = on_peer_up,
                                         .peer_down = on_peer_down,
                                         .log = on_log};
}

/* --- what callbacks left to do --------------------------------------------------------------- */

static void do_drop(struct node *node, core_import_t import)
{
        struct far_right *far = *far_link(node, import);
        if (!far || far->holders)
                return; /* it came again meanwhile */
        if (!far->dead)
                core_import_drop(node->core, import);
        far_forget(node, import);
}

static void do_relay(struct node *node, struct deferred *note)
{
        struct open *open = note->call ? &node->open[note->open] : NULL;
        outcome_t outcome = OUTCOME_OK;
        caps_refer(node, &note->message, 1);
        if (!open)
                outcome = core_send(node->core, note->id, &note->message, node->sim->now);
        else if (open->call == 0)
                outcome = not_executed(REASON_CANCELLED);
        else
                outcome = core_call(node->core, note->id, &note->message, cookie_of(node, open),
                                    &open->handle, node->sim->now);
        if (outcome)
                caps_refer(node, &note->message, -1);
        if (outcome && open) {
                core_reply(node->core, open->call, outcome, NULL, node->sim->now);
                open->state = OPEN_FREE;
                open->use++;
        }
        caps_release(node, &note->message);
}

static void do_relay_reply(struct node *node, struct deferred *note)
{
        bool content = outcome_class(note->outcome) == OUTCOME_ANSWERED && note->message.words;
        if (note->call) {
                caps_refer(node, &note->message, 1);
                outcome_t outcome = core_reply(node->core, note->call, note->outcome,
                                               content ? &note->message : NULL, node->sim->now);
                if (outcome)
                        caps_refer(node, &note->message, -1);
                if (outcome && outcome_reason(outcome) != REASON_BAD_HANDLE)
                        core_reply(node->core, note->call, perhaps_executed(REASON_OVERLOADED),
                                   NULL, node->sim->now);
        }
        caps_release(node, &note->message);
}

static void deferred_do(struct node *node, struct deferred *note)
{
        switch (note->kind) {
        case DEFER_DROP:
                do_drop(node, note->id);
                break;
        case DEFER_DEAD:
                core_export_dead(node->core, note->id, note->reason);
                break;
        case DEFER_RELAY:
                do_relay(node, note);
                break;
        case DEFER_RELAY_REPLY:
                do_relay_reply(node, note);
                break;
        case DEFER_CANCEL:
                if (node->open[note->open].state == OPEN_RELAY)
                        core_cancel(node->core, node->open[note->open].handle, node->sim->now);
                break;
        }
}

static void deferred_all(struct node *node)
{
        struct deferred *note;
        while ((note = node->deferred)) {
                node->deferred = note->next;
                if (!node->deferred)
                        node->deferred_end = &node->deferred;
                deferred_do(node, note);
                note_free(note);
        }
}

void app_after_core(struct node *node)
{
        do {
                deferred_all(node);
                core_flush(node->core, node->sim->now);
        } while (node->deferred);
        if (sim_chance(node->sim, 5)) {
                const char *wrong = core_check(node->core);
                if (wrong)
                        sim_fail(node->sim, "n%u: %s", node->number + 1, wrong);
        }
}
