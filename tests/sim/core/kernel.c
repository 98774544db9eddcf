/* The callbacks of the core, as the kernel and an adapter would answer them. A call to a right that
 * stands for an import is relayed, as a proxy port would.
 *
 * Callbacks only take notes (struct deferred); app_after_core() acts on them when the core has
 * returned. */
#include <stdlib.h>
#include <string.h>
#include "tests/sim/core/app.h"

/* --- notes ----------------------------------------------------------------------------------- */

struct deferred *defer(struct node *node, enum deferred_kind kind, uint64_t id)
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

/* --- calls in progress ----------------------------------------------------------------------- */

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

/* An adapter's pool of call objects is full at times. */
static bool on_room(void *context, uint64_t token, uint8_t peer, uint32_t bytes)
{
        struct node *node = context;
        (void)token;
        (void)peer;
        (void)bytes;
        return node->sim->calm || !sim_chance(node->sim, 100);
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

/* Sometimes an adapter has no memory for the capabilities of an answer. */
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
                   const char *what, uint64_t value)
{
        struct node *node = context;
        sim_trace(node->sim, node, "log: %s: %s (%s %llx)", peer, text, what,
                  (unsigned long long)value);
        bool expected = !strcmp(text, "nothing heard: it counts as dead") ||
                        !strcmp(text, "no memory for a session");
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
                                         .room = on_room,
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

/* --- what callbacks noted -------------------------------------------------------------------- */

static void do_drop(struct node *node, core_import_t import)
{
        struct far_right *far = *far_link(node, import);
        if (!far || far->holders)
                return; /* it has come again meanwhile */
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
        if (node->sim->calm || sim_chance(node->sim, 200))
                core_resume(node->core, node->sim->now);
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
