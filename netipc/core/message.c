/* Content, fragments, reassembly; see message.h. */
#include "netipc/core/message.h"
#include "netipc/core/exports.h"
#include "netipc/core/imports.h"
#include "netipc/core/queues.h"
#include "netipc/core/session.h"

/* --- out ------------------------------------------------------------------------------------- */

static bool import_is_home(const struct session *session, const struct core_cap *cap)
{
        return cap->kind == CORE_CAP_IMPORT && (cap->id >> 16 & 0xff) == session->peer->slot;
}

/* Validation, before anything is changed. */
static outcome_t message_check(const struct session *session, const struct core_message *message)
{
        if (message->words > WIRE_WORDS_MAX || message->caps > WIRE_CAPS_MAX ||
            message->length > WIRE_BYTES_MAX)
                return not_executed(REASON_MALFORMED);
        unsigned exports = 0;
        for (unsigned i = 0; i < message->caps; i++) {
                const struct core_cap *cap = &message->cap[i];
                bool local = cap->kind == CORE_CAP_LOCAL;
                if (cap->kind > CORE_CAP_IMPORT)
                        return not_executed(REASON_MALFORMED);
                bool right = cap->type >= CAPABILITY_SEND && cap->type <= CAPABILITY_REPLY;
                bool memory = cap->type == CAPABILITY_MEMORY && cap->length != 0;
                if (local && !right && !memory)
                        return not_executed(REASON_REFUSED);
                exports += local || (cap->kind == CORE_CAP_IMPORT && !import_is_home(session, cap));
        }
        return exports > session->exports_left ? not_executed(REASON_OVERLOADED) : OUTCOME_OK;
}

static void local_describe(struct session *session, const struct core_cap *cap, uint64_t token,
                           struct wire_capability *descriptor)
{
        const struct core_environment *environment = &session->core->environment;
        unsigned death = environment->right_death(environment->context, token);
        if (death) {
                descriptor->detail = death;
                environment->right_drop(environment->context, token);
                return;
        }
        uint16_t id = export_reference(session, token, cap->type);
        descriptor->kind = session->exports[id].type;
        descriptor->export_id = id;
        descriptor->generation = session->exports[id].generation;
        descriptor->length = cap->type == CAPABILITY_MEMORY ? cap->length : 0;
}

static void import_describe(struct session *session, const struct core_cap *cap,
                            struct wire_capability *descriptor)
{
        struct core *core = session->core;
        struct session *owner;
        uint16_t id;
        outcome_t found = import_find(core, cap->id, &owner, &id);
        const struct imported *import = found ? NULL : &owner->imports[id];
        if (found || import->reason) {
                descriptor->detail = found ? outcome_reason(found) : import->reason;
                return;
        }
        if (owner == session) {
                descriptor->kind = CAPABILITY_HOME;
                descriptor->export_id = id;
                descriptor->generation = import->generation;
                import_pin(session, id);
                return;
        }
        uint64_t token = core->environment.import_right(core->environment.context, cap->id);
        struct core_cap passed = {.type = import->type};
        /* What the token stands for will be dropped once more, also if the import was dropped just
         * now, before this message was begun. */
        if (token)
                import_handed(owner, id);
        if (token)
                local_describe(session, &passed, token, descriptor);
        else
                descriptor->detail = REASON_REVOKED;
}

static void cap_describe(struct session *session, const struct core_cap *cap,
                         struct wire_capability *descriptor)
{
        *descriptor = (struct wire_capability){.detail = cap->rights};
        if (cap->kind == CORE_CAP_LOCAL)
                local_describe(session, cap, cap->id, descriptor);
        else if (cap->kind == CORE_CAP_IMPORT)
                import_describe(session, cap, descriptor);
        else
                descriptor->detail = cap->reason;
}

static void header_fill(struct outgoing *out, const struct core_message *message)
{
        out->header = (struct wire_msg){
            .type = FRAME_MSG,
            .priority = message->priority,
            .words = message->words,
            .caps = message->caps,
            .interface = message->interface,
            .method = message->method,
            .user_flags = message->flags,
            .total = message->words * 8u + message->caps * 16u + message->length,
            .trace = message->trace,
        };
        if (message->idempotent)
                out->header.flags |= MSG_FLAG_IDEMPOTENT;
        out->deadline = message->deadline;
}

static uint32_t content_length(const struct core_message *message)
{
        return message->words * 8u + message->caps * 16u + message->length;
}

bool outgoing_has_room(const struct session *session, const struct core_message *message)
{
        uint32_t total = content_length(message);
        return total <= OUTGOING_SMALL || total > WIRE_CONTENT_MAX ||
               total <= session->core->config.content - session->content_out;
}

outcome_t outgoing_fill(struct session *session, struct outgoing *out,
                        const struct core_message *message)
{
        static const struct core_message empty = {.deadline = CORE_NEVER};
        core_assert(!out->active && out->content == out->small);
        if (!message)
                message = &empty;
        outcome_t check = message_check(session, message);
        if (check)
                return check;
        uint32_t total = content_length(message);
        bool small = total <= OUTGOING_SMALL;
        if (!small && total > session->core->config.content - session->content_out)
                return not_executed(REASON_OVERLOADED);
        size_t size = granules_behind(total) + sizeof(struct unsettled);
        uint8_t *content = small ? out->small : core_allocate(session->core, size);
        if (!content)
                return not_executed(REASON_NO_MEMORY);
        session->content_out += small ? 0 : total;
        /* From here on nothing fails. */
        header_fill(out, message);
        out->content = content;
        content = wire_put(content, message->word, message->words * 8u);
        for (unsigned i = 0; i < message->caps; i++) {
                struct wire_capability descriptor;
                cap_describe(session, &message->cap[i], &descriptor);
                content = wire_put(content, &descriptor, sizeof(descriptor));
        }
        if (message->length)
                content = wire_put(content, message->bytes, message->length);
        core_assert(content == out->content + total);
        core_assert(session->content_out <= session->core->config.content);
        return OUTCOME_OK;
}

void outgoing_start(struct session *session, uint16_t reference)
{
        struct outgoing *out = outgoing_at(session, reference);
        core_assert(!out->active && wire_call_sequence(out->header.call));
        out->granules = (uint8_t)granules_of(out->header.total);
        out->fresh = 0;
        out->again = 0;
        out->unacked = out->granules;
        if (out->granules > 1)
                *outgoing_unsettled(out) = (struct unsettled){0};
        out->active = true;
        /* While others find no room, a large message asks before all of it goes. */
        bool ask = queues_parked(session) && out->granules > WIRE_SHORT;
        out->room = ask ? ROOM_ASKED : ROOM_FOUND;
        out->age = session->started++;
        out->asked = ++session->asks;
        if (out->header.export_id)
                import_pin(session, (uint16_t)out->header.export_id);
        queue_push_message(session, reference);
        core_assert(out->queued);
}

static void descriptor_at(const struct outgoing *out, unsigned index,
                          struct wire_capability *descriptor)
{
        memcpy(descriptor, out->content + out->header.words * 8u + index * sizeof(*descriptor),
               sizeof(*descriptor));
}

static void content_end(struct session *session, struct outgoing *out, bool withdrawn)
{
        for (unsigned i = 0; i < out->header.caps; i++) {
                struct wire_capability descriptor;
                descriptor_at(out, i, &descriptor);
                if (descriptor.kind == CAPABILITY_HOME)
                        import_unpin(session, (uint16_t)descriptor.export_id);
                else if (descriptor.kind != CAPABILITY_NONE && withdrawn)
                        export_release(session, descriptor.export_id, descriptor.generation, 1);
        }
        if (out->content != out->small) {
                core_assert(session->content_out >= out->header.total);
                session->content_out -= out->header.total;
                core_release(session->core, out->content);
        }
        out->content = out->small;
        out->header.caps = 0;
}

void outgoing_end(struct session *session, struct outgoing *out)
{
        if (!out->active)
                return;
        out->active = false;
        content_end(session, out, false);
        core_assert(out->content == out->small);
        if (out->header.export_id)
                import_unpin(session, (uint16_t)out->header.export_id);
}

/* What was lost before what was never sent, and on into that where they meet. */
static struct run unsent_run(const struct outgoing *out)
{
        struct run run = {out->fresh, (unsigned)out->granules - out->fresh, 0};
        if (!out->again)
                return run;
        const struct granules *again = &outgoing_unsettled(out)->again;
        run.first = granules_first(again);
        run.count = granules_run(again, run.first, out->fresh);
        if (run.first + run.count == out->fresh)
                run.count = out->granules - run.first;
        return run;
}

struct run outgoing_next(const struct outgoing *out, size_t room)
{
        struct run run = unsent_run(out);
        core_assert(out->active && run.count && run.first + run.count <= out->granules);
        uint32_t left = out->header.total - run.first * WIRE_GRANULE;
        run.length = run.first + run.count == out->granules ? left : run.count * WIRE_GRANULE;
        if (run.length <= room)
                return run;
        run.count = out->granules > WIRE_SHORT ? (unsigned)(room / WIRE_GRANULE) : 0;
        run.length = run.count * WIRE_GRANULE;
        return run;
}

void outgoing_sent_run(struct outgoing *out, const struct run *run)
{
        unsigned end = run->first + run->count;
        core_assert(run->count && end <= out->granules && run->first <= out->fresh);
        if (out->again)
                out->again -= (uint8_t)granules_remove(&outgoing_unsettled(out)->again, run->first,
                                                       run->count);
        if (end > out->fresh)
                out->fresh = (uint8_t)end;
}

bool outgoing_acked(struct session *session, struct outgoing *out, const struct item *item)
{
        core_assert(out->active && item->count && item->first + item->count <= out->fresh);
        bool whole = item->count == out->granules;
        struct unsettled *sets = whole ? NULL : outgoing_unsettled(out);
        if (!whole) {
                out->unacked -= (uint8_t)granules_add(&sets->acked, NULL, item->first, item->count);
                out->again -= (uint8_t)granules_remove(&sets->again, item->first, item->count);
        }
        if (out->room != ROOM_FOUND)
                queue_room_found(session, item->index);
        if (!whole && out->unacked)
                return false;
        if (out->content != out->small)
                queue_ask(session, true); /* the peer has its memory back */
        outgoing_end(session, out);
        return true;
}

/* What of the fragment was not acknowledged is to go again; false: nothing. */
static bool unsettle(struct outgoing *out, const struct item *item)
{
        if (out->granules == 1) {
                out->again = 1;
                return true;
        }
        struct unsettled *sets = outgoing_unsettled(out);
        unsigned count = item->count - (break_border() && item->count > 1);
        if (granules_in(&sets->acked, item->first, count) == count)
                return false;
        out->again += (uint8_t)granules_add(&sets->again, &sets->acked, item->first, count);
        return true;
}

void outgoing_lost(struct session *session, struct outgoing *out, const struct item *item,
                   bool refused)
{
        core_assert(out->active && item->count && item->first + item->count <= out->fresh);
        if (!unsettle(out, item))
                return;
        if (refused)
                out->room = ROOM_NONE;
        if (out->room == ROOM_NONE)
                queue_park_message(session, item->index);
        else
                queue_push_message(session, item->index);
}

void outgoing_withdraw(struct session *session, struct outgoing *out)
{
        core_assert(out->active && !outgoing_was_sent(out));
        content_end(session, out, true);
        out->header.words = 0;
        out->header.total = 0;
        out->header.flags |= MSG_FLAG_VOID;
        out->granules = 1;
        out->fresh = 0;
        out->again = 0;
        out->unacked = 1;
        out->room = ROOM_FOUND; /* it needs none */
}

/* --- in -------------------------------------------------------------------------------------- */

static void header_take(struct incoming *in, const struct wire_msg *header, uint64_t now)
{
        in->header = *header;
        in->deadline = header->deadline == WIRE_NO_DEADLINE
                           ? CORE_NEVER
                           : now + header->deadline * (uint64_t)MICROSECOND;
}

enum incoming_result incoming_bad(struct session *session, const char *what)
{
        session_fail(session, what);
        return INCOMING_BAD;
}

/* Whether a message waits for no other that has not come: those that do may not keep it out. */
static bool is_next(struct session *session, const struct wire_msg *header)
{
        const struct exported *export =
            export_named(session, header->export_id, header->generation);
        return !export || header->order == 0 || !order_before(export->next_order, header->order);
}

/* How many bytes of messages from the peer may be kept, with this one. What others wait for has a
 * reserve: answers before requests, and requests whose turn it is before later ones. */
static uint32_t share_of(struct session *session, const struct wire_msg *header)
{
        uint32_t all = session->core->config.content, spare = all - WIRE_CONTENT_MAX;
        uint32_t reserve = spare / 2 < WIRE_CONTENT_MAX ? spare / 2 : WIRE_CONTENT_MAX;
        if (header->flags & MSG_FLAG_REPLY)
                return all;
        return is_next(session, header) ? all - reserve : spare - reserve;
}

/* Memory for the content, and for the set of what has come. What is short is bounded by the slots
 * and not charged. */
static bool incoming_allocate(struct session *session, struct incoming *in)
{
        const struct wire_msg *header = &in->header;
        struct received *received = &session->received;
        core_assert(!in->content);
        uint32_t charge = header->total <= WIRE_SHORT_BYTES ? 0 : header->total;
        if (charge && session->content_in + charge > share_of(session, header))
                return false;
        in->content =
            core_allocate(session->core, granules_behind(header->total) + sizeof(struct granules));
        in->charged = in->content ? charge : 0;
        session->content_in += in->charged;
        /* Its sender may have asked for it. */
        received->ack_now |= in->charged && received->largest_time < received->asked_until;
        core_assert(session->content_in <= session->core->config.content);
        return in->content;
}

static struct granules *incoming_taken(const struct incoming *in)
{
        return (struct granules *)(void *)(in->content + granules_behind(in->header.total));
}

/* Takes of a fragment what has not come before. */
static enum incoming_result fragment_store(struct incoming *in, const struct wire_frame *frame)
{
        struct granules *taken = incoming_taken(in);
        unsigned first = frame->msg.offset / WIRE_GRANULE;
        unsigned count = granules_of(frame->msg.fragment_length);
        core_assert(in->content); /* it may be whole, and come again since there was no room */
        unsigned known = granules_in(taken, first, count);
        if (known == 0)
                memcpy(in->content + frame->msg.offset, frame->payload, frame->payload_length);
        for (unsigned i = 0; known && i < count; i++) {
                size_t at = i * (size_t)WIRE_GRANULE, left = frame->payload_length - at;
                if (!granules_has(taken, first + i))
                        memcpy(in->content + frame->msg.offset + at, frame->payload + at,
                               left < WIRE_GRANULE ? left : WIRE_GRANULE);
        }
        in->missing -= granules_add(taken, NULL, first, count) + (break_overlap() ? known : 0);
        return in->missing ? INCOMING_MORE : INCOMING_COMPLETE;
}

enum incoming_result incoming_add(struct session *session, struct incoming *in,
                                  const struct wire_frame *frame, uint64_t now,
                                  const uint8_t **content)
{
        const struct wire_msg *header = &frame->msg;
        if (!in->content) {
                header_take(in, header, now);
                if (header->offset == 0 && header->flags & MSG_FLAG_LAST) {
                        *content = frame->payload;
                        return INCOMING_COMPLETE;
                }
                if (!incoming_allocate(session, in))
                        return INCOMING_RETRY;
                *incoming_taken(in) = (struct granules){0};
                in->missing = granules_of(header->total);
        } else if (!wire_same_message(&in->header, header)) {
                return incoming_bad(session, "fragments of one message contradict each other");
        }
        *content = in->content;
        return fragment_store(in, frame);
}

bool incoming_keep(struct session *session, struct incoming *in, const uint8_t *content)
{
        if (in->content || in->header.total == 0)
                return true;
        if (!incoming_allocate(session, in))
                return false;
        memcpy(in->content, content, in->header.total);
        return true;
}

void incoming_free(struct session *session, struct incoming *in)
{
        if (!in->content)
                return;
        core_assert(session->content_in >= in->charged);
        session->content_in -= in->charged;
        core_release(session->core, in->content);
        in->content = NULL;
}

static bool home_read(struct session *session, const struct wire_capability *descriptor,
                      struct core_cap *cap)
{
        const struct exported *export =
            export_named(session, descriptor->export_id, descriptor->generation);
        if (!export) {
                session_fail(session, "passes home a right that it does not hold");
                return false;
        }
        bool root = descriptor->export_id == WIRE_ROOT_EXPORT;
        cap->id = root ? session->core->root : export->token;
        cap->type = export->type;
        cap->kind = CORE_CAP_LOCAL;
        if (export->state != EXPORT_DEAD && cap->id != 0)
                return true;
        cap->kind = CORE_CAP_NONE;
        cap->reason = export->reason ? export->reason : REASON_RECEIVER_DIED;
        return true;
}

static bool cap_read(struct session *session, const uint8_t *bytes, struct core_cap *cap)
{
        struct wire_capability descriptor;
        if (wire_capability_decode(bytes, &descriptor)) {
                session_fail(session, "a malformed capability");
                return false;
        }
        *cap = (struct core_cap){.rights = descriptor.detail, .length = descriptor.length};
        if (descriptor.kind == CAPABILITY_NONE) {
                cap->reason = wire_reason_valid(descriptor.detail) ? descriptor.detail : 0;
                return true;
        }
        if (descriptor.kind == CAPABILITY_HOME)
                return home_read(session, &descriptor, cap);
        const struct imported *import = import_accept(session, &descriptor);
        if (!import) {
                session_fail(session, "passes a right under an impossible name");
                return false;
        }
        cap->kind = import->reason ? CORE_CAP_NONE : CORE_CAP_IMPORT;
        cap->type = import->type;
        cap->reason = import->reason;
        cap->id = import_handle(session, (uint16_t)descriptor.export_id);
        return true;
}

bool message_read(struct session *session, const struct incoming *in, const uint8_t *content,
                  struct core_message *message)
{
        const struct wire_msg *header = &in->header;
        message->interface = header->interface;
        message->method = header->method;
        message->flags = header->user_flags;
        message->words = header->words;
        message->caps = header->caps;
        message->priority = header->priority;
        message->idempotent = header->flags & MSG_FLAG_IDEMPOTENT;
        message->unordered = header->order == 0;
        message->outcome = header->outcome;
        message->peer = session->peer->slot;
        message->trace = header->trace;
        message->deadline = in->deadline;
        if (header->words)
                memcpy(message->word, content, header->words * 8u);
        const uint8_t *at = content + header->words * 8u;
        for (unsigned i = 0; i < header->caps; i++, at += sizeof(struct wire_capability))
                if (!cap_read(session, at, &message->cap[i]))
                        return false;
        message->bytes = at;
        message->length = header->total - (header->words * 8u + header->caps * 16u);
        return true;
}

void message_handed(struct session *session, const struct core_message *message)
{
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind == CORE_CAP_IMPORT)
                        import_handed(session, (uint16_t)message->cap[i].id);
}

void message_unwanted(struct session *session, const struct core_message *message)
{
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind == CORE_CAP_IMPORT)
                        import_release_unused(session, (uint16_t)message->cap[i].id);
}
