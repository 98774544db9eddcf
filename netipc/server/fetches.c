/* One list, in the order of arrival; see fetches.h. Callbacks of the core only take notes; the work
 * is done before the next flush. */
#include "netipc/server/fetches.h"
#include <stdlib.h>
#include <string.h>
#include "netipc/server/capabilities.h"
#include "netipc/server/transport.h"
#include "servers/rt/task/memory.h"

#define READ_PATIENCE (10 * RT_SECOND)

static bool is_memory(const struct core_cap *cap)
{
        return cap->kind == CORE_CAP_IMPORT && cap->type == CAPABILITY_MEMORY;
}

bool fetch_needed(const struct core_message *message)
{
        for (unsigned i = 0; i < message->caps; i++)
                if (is_memory(&message->cap[i]))
                        return true;
        return false;
}

/* A longer one could wait for ever. */
static bool is_too_long(const struct core_message *message)
{
        uint64_t memory = 0;
        for (unsigned i = 0; i < message->caps; i++)
                if (is_memory(&message->cap[i]))
                        memory += message->cap[i].length;
        return memory > FETCH_MOST;
}

struct fetch *fetch_new(struct fetches *fetches, enum fetch_kind kind,
                        const struct core_message *message)
{
        struct fetch *fetch = calloc(1, sizeof(*fetch) + message->length);
        struct fetch **end = &fetches->first;
        if (!fetch)
                return NULL;
        while (*end)
                end = &(*end)->next;
        *end = fetch;
        fetch->kind = kind;
        fetch->message = *message;
        fetch->message.bytes = fetch->content;
        if (message->length)
                memcpy(fetch->content, message->bytes, message->length);
        fetch->reason = is_too_long(message) ? REASON_TOO_LONG : 0;
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind == CORE_CAP_LOCAL)
                        right_keep(&transport.rights, message->cap[i].id);
        return fetch;
}

bool fetch_before(const struct fetches *fetches, uint64_t token)
{
        const struct fetch *fetch = fetches->first;
        while (fetch && (fetch->kind != FETCH_REQUEST || fetch->token != token))
                fetch = fetch->next;
        return fetch;
}

void fetch_call_gone(struct fetches *fetches, const struct far_call *call)
{
        for (struct fetch *fetch = fetches->first; fetch; fetch = fetch->next)
                if (fetch->kind == FETCH_REQUEST && fetch->call == call) {
                        fetch->call = NULL;
                        fetch->reason = REASON_CANCELLED;
                }
}

void fetch_import_lost(struct fetches *fetches, core_import_t import, enum reason reason)
{
        for (struct fetch *fetch = fetches->first; fetch; fetch = fetch->next)
                for (unsigned i = 0; i < fetch->message.caps; i++) {
                        struct core_cap *cap = &fetch->message.cap[i];
                        if (cap->kind != CORE_CAP_IMPORT || cap->id != import)
                                continue;
                        if (is_memory(cap))
                                fetch->reason = reason;
                        else
                                *cap = (struct core_cap){.kind = CORE_CAP_NONE, .reason = reason};
                }
}

bool fetch_brings(const struct fetches *fetches, core_import_t import)
{
        for (const struct fetch *fetch = fetches->first; fetch; fetch = fetch->next)
                for (unsigned i = 0; i < fetch->message.caps; i++) {
                        const struct core_cap *cap = &fetch->message.cap[i];
                        if (cap->kind == CORE_CAP_IMPORT && !is_memory(cap) && cap->id == import)
                                return true;
                }
        return false;
}

void fetch_arrived(struct fetch *fetch, outcome_t outcome, const struct core_message *message)
{
        uint32_t left = fetch->message.cap[fetch->at].length - fetch->done;
        uint32_t wanted = left < WIRE_BYTES_MAX ? left : WIRE_BYTES_MAX;
        fetch->asking = false;
        if (outcome != OUTCOME_OK || !message || message->length != wanted) {
                if (!fetch->reason)
                        fetch->reason =
                            outcome_reason(outcome) ? outcome_reason(outcome) : REASON_MALFORMED;
                return;
        }
        memcpy(fetch->bytes + fetch->done, message->bytes, wanted);
        fetch->done += wanted;
}

/* ---- the end --------------------------------------------------------------------------------- */

static void bytes_unmap(struct fetch *fetch)
{
        if (fetch->bytes)
                rt_memory_free(fetch->bytes, page_up(fetch->message.cap[fetch->at].length));
        fetch->bytes = NULL;
}

static void caps_return(struct fetch *fetch)
{
        for (unsigned i = 0; i < fetch->message.caps; i++)
                cap_return(&fetch->message.cap[i], fetch->memory[i]);
}

static void fetch_free(struct fetch *fetch)
{
        for (unsigned i = 0; i < fetch->message.caps; i++) {
                const struct core_cap *cap = &fetch->message.cap[i];
                if (cap->kind == CORE_CAP_LOCAL)
                        right_release(&transport.rights, cap->id);
                else if (is_memory(cap))
                        core_import_drop(transport.core, cap->id);
        }
        pending_forget(&transport.pending, fetch);
        free(fetch);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Memory for the capability at hand; false: there is too little left now. */
static bool memory_make(struct fetch *fetch)
{
        uint64_t used = 0, limit = 0, size = page_up(fetch->message.cap[fetch->at].length);
        handle_t *memory = &fetch->memory[fetch->at];
        sys_account_info(0, &used, &limit);
        if (limit - used < FETCH_SPARE + size ||
            sys_memory_create(0, size, MEMORY_ANONYMOUS, 0, memory) != OUTCOME_OK)
                return false;
        if (rt_memory_map(*memory, 0, size, MAP_WRITE, (void **)&fetch->bytes) == OUTCOME_OK)
                return true;
        sys_handle_close(*memory);
        *memory = 0;
        return false;
}

static void read_begin(struct fetch *fetch)
{
        const struct core_cap *cap = &fetch->message.cap[fetch->at];
        uint32_t left = cap->length - fetch->done;
        const struct core_message message = {
            .words = 2,
            .word = {fetch->done, left < WIRE_BYTES_MAX ? left : WIRE_BYTES_MAX},
            .priority = fetch->message.priority,
            .deadline = transport.now + READ_PATIENCE};
        if (!core_ready(transport.core, cap->id, &message))
                return;
        struct pending_call *call = pending_add(&transport.pending, PENDING_READ, 0);
        if (!call)
                return;
        call->fetch = fetch;
        outcome_t outcome =
            core_call(transport.core, cap->id, &message, pending_cookie(&transport.pending, call),
                      &call->core_handle, transport.now);
        if (outcome == OUTCOME_OK) {
                fetch->asking = true;
                return;
        }
        pending_remove(&transport.pending, call);
        fetch->reason = outcome_reason(outcome);
}

/* True: all is there, or nothing more will come. */
static bool fetch_step(struct fetch *fetch)
{
        while (!fetch->reason && !fetch->asking && fetch->at < fetch->message.caps) {
                const struct core_cap *cap = &fetch->message.cap[fetch->at];
                if (!is_memory(cap) || (fetch->bytes && fetch->done == cap->length)) {
                        bytes_unmap(fetch);
                        fetch->done = 0;
                        fetch->at++;
                } else if (!fetch->bytes && !memory_make(fetch)) {
                        return false;
                } else {
                        read_begin(fetch);
                        return fetch->reason;
                }
        }
        return fetch->reason || fetch->at == fetch->message.caps;
}

void fetches_work(struct fetches *fetches)
{
        for (struct fetch **link = &fetches->first, *fetch; (fetch = *link);) {
                if (!fetch_step(fetch)) {
                        link = &fetch->next;
                        continue;
                }
                *link = fetch->next;
                bytes_unmap(fetch);
                if (fetch->reason) {
                        caps_return(fetch);
                        fetch_failed(fetch);
                } else {
                        fetch_complete(fetch);
                }
                fetch_free(fetch);
        }
}
