/* What changes form is either held in the table of rights, with a reference that the core gets, or
 * has a proxy here that stands for a live import. Every handle that comes in is kept in one of the
 * two, or closed. */
#include "netipc/server/capabilities.h"
#include <string.h>
#include "netipc/server/bridge.h"
#include "netipc/server/fetches.h"
#include "netipc/server/transport.h"
#include "servers/rt/task/memory.h"

/* What a right must allow to cross: the copy is what comes home. */
enum { RIGHTS_NEEDED = RIGHT_SEND | RIGHT_TRAVEL | RIGHT_COPY };

/* ---- from the kernel to the core ------------------------------------------------------------- */

/* A right of our own port: a proxy, or our own service. */
static outcome_t own_to_core(const struct received_cap *cap, struct core_cap *out)
{
        if (!(cap->badge & BADGE_OTHER)) {
                *out = (struct core_cap){
                    .kind = CORE_CAP_IMPORT, .rights = cap->rights, .id = cap->badge};
                return OUTCOME_OK;
        }
        handle_t handle;
        uint64_t issues;
        outcome_t outcome =
            sys_right_issue(transport.server.port, cap->badge, cap->rights, &handle, &issues);
        if (outcome != OUTCOME_OK)
                return outcome;
        *out = (struct core_cap){
            .kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .rights = cap->rights};
        return right_hold(&transport.rights, handle, CAPABILITY_SEND, &out->id);
}

/* It is moved: here is nothing left that could answer. */
static outcome_t reply_to_core(struct received_cap *cap, struct core_cap *out)
{
        *out = (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_REPLY};
        return right_hold(&transport.rights, cap_take(cap), CAPABILITY_REPLY, &out->id);
}

/* What crosses of an event is that it can be signalled. */
static outcome_t event_to_core(struct received_cap *cap, struct core_cap *out)
{
        enum { NEEDED = RIGHT_SIGNAL | RIGHT_TRAVEL | RIGHT_COPY };
        enum object_kind kind;
        uint32_t all;
        uint64_t identity;
        *out = (struct core_cap){
            .kind = CORE_CAP_LOCAL, .type = CAPABILITY_EVENT, .rights = cap->rights};
        if ((cap->rights & NEEDED) != NEEDED)
                return not_executed(REASON_REFUSED);
        handle_t handle = cap_take(cap);
        outcome_t outcome = sys_handle_info(handle, &kind, &all, &identity);
        core_import_t import = outcome == OUTCOME_OK ? event_of(&transport.events, identity) : 0;
        if (!import)
                return right_hold(&transport.rights, handle, CAPABILITY_EVENT, &out->id);
        sys_handle_close(handle);
        out->kind = CORE_CAP_IMPORT;
        out->id = import;
        return OUTCOME_OK;
}

/* It stays here, mapped, until the other node has read it. */
static outcome_t memory_to_core(struct received_cap *cap, struct core_cap *out)
{
        enum { NEEDED = RIGHT_READ | RIGHT_TRAVEL };
        uint64_t length = cap->badge;
        void *bytes;
        *out = (struct core_cap){
            .kind = CORE_CAP_LOCAL, .type = CAPABILITY_MEMORY, .rights = cap->rights};
        if (!cap->snapshot || (cap->rights & NEEDED) != NEEDED)
                return not_executed(REASON_REFUSED);
        if (length > FETCH_MOST)
                return not_executed(REASON_TOO_LONG);
        handle_t handle = cap_take(cap);
        if (rt_memory_map(handle, 0, length, MAP_READ, &bytes) != OUTCOME_OK) {
                sys_handle_close(handle);
                return not_executed(REASON_OVERLOADED);
        }
        outcome_t outcome = right_hold(&transport.rights, handle, CAPABILITY_MEMORY, &out->id);
        if (outcome != OUTCOME_OK) {
                rt_memory_free(bytes, length);
                return outcome;
        }
        struct local_right *right = right_by_token(&transport.rights, out->id);
        right->bytes = bytes;
        right->length = out->length = (uint32_t)length;
        return OUTCOME_OK;
}

static outcome_t cap_to_core(struct received_cap *cap, struct core_cap *out)
{
        const uint16_t rights = cap->rights;
        if (cap->type == OBJECT_NONE) {
                *out = (struct core_cap){.kind = CORE_CAP_NONE, .reason = REASON_RECEIVER_DIED};
                return OUTCOME_OK;
        }
        if (cap->type == OBJECT_REPLY)
                return reply_to_core(cap, out);
        if (cap->type == OBJECT_EVENT)
                return event_to_core(cap, out);
        if (cap->type == OBJECT_MEMORY)
                return memory_to_core(cap, out);
        if ((rights & RIGHTS_NEEDED) != RIGHTS_NEEDED)
                return not_executed(REASON_REFUSED);
        if (cap->type == OBJECT_PORT && cap->own)
                return own_to_core(cap, out);
        if (cap->type != OBJECT_RIGHT)
                return not_executed(REASON_REFUSED);
        handle_t handle = cap_take(cap);
        if (!handle)
                return not_executed(REASON_NO_MEMORY);
        *out = (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .rights = rights};
        outcome_t outcome = right_hold(&transport.rights, handle, CAPABILITY_SEND, &out->id);
        /* A dead right arrives at the far end as one that says why. */
        if (outcome != OUTCOME_OK && outcome_reason(outcome) != REASON_NO_MEMORY) {
                *out = (struct core_cap){.kind = CORE_CAP_NONE,
                                         .reason = (uint16_t)outcome_reason(outcome)};
                return OUTCOME_OK;
        }
        return outcome;
}

void caps_release(const struct core_message *message)
{
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind == CORE_CAP_LOCAL)
                        right_release(&transport.rights, message->cap[i].id);
}

outcome_t caps_to_core(struct received_cap *caps, unsigned count, struct core_message *message)
{
        uint32_t memory = 0;
        for (message->caps = 0; message->caps < count; message->caps++) {
                struct core_cap *cap = &message->cap[message->caps];
                outcome_t outcome = cap_to_core(&caps[message->caps], cap);
                memory += cap->length;
                if (outcome == OUTCOME_OK && memory > FETCH_MOST) {
                        right_release(&transport.rights, cap->id);
                        outcome = not_executed(REASON_TOO_LONG);
                }
                if (outcome != OUTCOME_OK) {
                        caps_release(message);
                        return outcome;
                }
        }
        return OUTCOME_OK;
}

outcome_t answer_to_core(struct core_message *message, outcome_t outcome, struct arrival *arrival)
{
        *message = (struct core_message){.interface = arrival->interface,
                                         .method = arrival->method,
                                         .words = arrival->word_count,
                                         .length = (uint32_t)arrival->bytes,
                                         .bytes = arrival->buffer,
                                         .deadline = CORE_NEVER};
        memcpy(message->word, arrival->words, arrival->word_count * sizeof(message->word[0]));
        outcome_t carried = caps_to_core(arrival->caps, arrival->cap_count, message);
        if (carried == OUTCOME_OK)
                return outcome;
        *message = (struct core_message){.deadline = CORE_NEVER};
        return perhaps_executed(outcome_reason(carried));
}

/* ---- from the core to the kernel ------------------------------------------------------------- */

handle_t bridge_proxy(core_import_t import, uint32_t rights)
{
        handle_t handle, port = transport.server.port;
        uint64_t issues;
        struct waiting_line *line = waiting_line(&transport.waiting, import);
        outcome_t outcome = sys_right_issue(port, import, rights, &handle, &issues);
        if (outcome_reason(outcome) == REASON_NOT_FOUND)
                outcome = sys_right_mint(port, import, rights | RIGHT_PROXY, &handle);
        if (outcome != OUTCOME_OK)
                return 0;
        if (line)
                line->unheld = false;
        return handle;
}

handle_t import_stand_in(core_import_t import)
{
        return event_stands_for(&transport.events, import)
                   ? event_proxy(&transport.events, import, RIGHTS_ALL)
                   : bridge_proxy(import, RIGHTS_ALL);
}

unsigned caps_hold(const struct core_message *message, handle_t held[])
{
        unsigned count = 0;
        for (unsigned i = 0; i < message->caps; i++) {
                const struct core_cap *cap = &message->cap[i];
                handle_t handle = cap->kind == CORE_CAP_IMPORT ? import_stand_in(cap->id) : 0;
                if (handle)
                        held[count++] = handle;
        }
        return count;
}

/* Whether programs have handles to the proxy of an import, of which the kernel will tell when there
 * are none left. */
static bool is_held(core_import_t import)
{
        handle_t handle;
        uint64_t issues;
        outcome_t outcome =
            sys_right_issue(transport.server.port, import, RIGHTS_ALL, &handle, &issues);
        if (outcome == OUTCOME_OK)
                sys_handle_close(handle);
        return outcome_reason(outcome) != REASON_NOT_FOUND;
}

void cap_return(const struct core_cap *cap, handle_t memory)
{
        if (memory)
                sys_handle_close(memory);
        else if (cap->kind == CORE_CAP_IMPORT && cap->type != CAPABILITY_MEMORY &&
                 !event_stands_for(&transport.events, cap->id) && !is_held(cap->id))
                bridge_no_senders(cap->id);
}

/* A right that is already dead and says why to whoever uses it. */
static handle_t dead_right(unsigned reason)
{
        handle_t handle;
        uint64_t badge = BADGE_DEAD | ++transport.last_dead;
        if (sys_right_mint(transport.server.port, badge, RIGHTS_ALL, &handle) != OUTCOME_OK)
                return 0;
        sys_right_revoke(transport.server.port, badge,
                         wire_reason_valid(reason) ? (enum reason)reason : REASON_REVOKED);
        return handle;
}

static handle_t cap_from_core(const struct core_cap *cap, handle_t memory)
{
        const struct local_right *right;
        handle_t copy;
        switch (cap->kind) {
        case CORE_CAP_IMPORT:
                if (cap->type == CAPABILITY_MEMORY)
                        return memory;
                if (cap->type == CAPABILITY_REPLY)
                        return reply_proxy(&transport.replies, cap->id);
                if (cap->type == CAPABILITY_EVENT)
                        return event_proxy(&transport.events, cap->id, cap->rights);
                return bridge_proxy(cap->id, cap->rights);
        case CORE_CAP_LOCAL:
                right = right_by_token(&transport.rights, cap->id);
                if (right && sys_handle_copy(right->handle, cap->rights, &copy) == OUTCOME_OK)
                        return copy;
                return dead_right(REASON_RECEIVER_DIED);
        default:
                return dead_right(cap->reason);
        }
}

bool message_from_core(const struct core_message *from, const handle_t *memory, struct message *to)
{
        message_clear(to);
        to->interface = from->interface;
        to->method = from->method;
        to->word_count = from->words;
        to->flags = from->idempotent ? MESSAGE_IDEMPOTENT : 0;
        to->set_priority = 1;
        to->priority = from->priority;
        to->trace = from->trace;
        memcpy(to->words, from->word, from->words * sizeof(to->words[0]));
        if (from->length) {
                to->buffers[0] = (struct message_buffer){(uint64_t)from->bytes, from->length};
                to->buffer_count = 1;
        }
        for (; to->cap_count < from->caps; to->cap_count++) {
                const struct core_cap *cap = &from->cap[to->cap_count];
                handle_t handle = cap_from_core(cap, memory ? memory[to->cap_count] : 0);
                if (!handle)
                        break;
                to->caps[to->cap_count] = cap_move(handle);
                if (cap->type == CAPABILITY_MEMORY)
                        to->caps[to->cap_count].rights = cap->rights;
        }
        if (to->cap_count == from->caps)
                return true;
        for (unsigned i = to->cap_count; memory && i < from->caps; i++)
                cap_return(&from->cap[i], memory[i]);
        while (to->cap_count)
                sys_handle_close(to->caps[--to->cap_count].handle);
        return false;
}
