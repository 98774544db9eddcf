/* What the outside may see of the core's state: figures for people, and a check of its
 * invariants. */
#include "netipc/core/state.h"
#include "netipc/core/imports.h"
#include "netipc/core/message.h"
#include "netipc/core/queues.h"
#include "netipc/core/session.h"

unsigned core_peer_slots(const struct core *core)
{
        return core->config.peers;
}

static void session_figures(const struct core *core, const struct session *session, uint64_t now,
                            struct core_peer_info *info)
{
        bool silent = now > session->last_heard + core->config.dead_after / 2;
        info->state = silent ? CORE_PEER_SUSPECT : CORE_PEER_UP;
        info->root = import_handle(session, WIRE_ROOT_EXPORT);
        info->exports = session->exports_used;
        info->imports = session->imports_used;
        info->calls_out = session->calls_used;
        info->calls_in = session->served_used;
        info->rtt = session->sent.srtt;
        info->sent = session->sent.next - 1;
        info->received = session->received.count;
        info->lost = session->sent.lost_count;
}

bool core_peer(const struct core *core, unsigned index, uint64_t now, struct core_peer_info *info)
{
        if (index >= core->config.peers || !core->peers[index].used)
                return false;
        const struct peer *peer = &core->peers[index];
        memset(info, 0, sizeof(*info));
        info->node = peer->node;
        info->slot = peer->slot;
        info->address = peer->address;
        memcpy(info->epoch, peer->epoch, sizeof(info->epoch));
        memcpy(info->name, peer->name, sizeof(info->name));
        if (peer->session) {
                session_figures(core, peer->session, now, info);
        } else if (peer->was_up) {
                info->state = CORE_PEER_DOWN;
                info->reason = (enum reason)peer->reason;
        }
        return true;
}

/* Counts *index down over a session's references; true when it has found the one. */
static bool session_reference(const struct session *session, uint32_t *index,
                              struct core_reference *reference)
{
        for (unsigned id = WIRE_ROOT_EXPORT + 1; id < session->export_count; id++) {
                const struct exported *export = &session->exports[id];
                const struct imported *import = &session->imports[id];
                reference->id = id;
                if (export->count && (*index)-- == 0) {
                        reference->is_export = true;
                        reference->generation = export->generation;
                        reference->count = export->count;
                        return true;
                }
                if (import->count && (*index)-- == 0) {
                        reference->is_export = false;
                        reference->generation = import->generation;
                        reference->count = import->count;
                        return true;
                }
        }
        return false;
}

bool core_reference(const struct core *core, uint32_t index, struct core_reference *reference)
{
        for (unsigned i = 0; i < core->peers_seen; i++) {
                const struct peer *peer = &core->peers[i];
                if (!peer->used || !peer->session ||
                    !session_reference(peer->session, &index, reference))
                        continue;
                memcpy(reference->peer, peer->name, sizeof(reference->peer));
                return true;
        }
        return false;
}

static const char *exports_check(const struct session *session)
{
        unsigned used = 0, held = 0;
        for (unsigned id = WIRE_ROOT_EXPORT; id < session->export_count; id++) {
                const struct exported *export = &session->exports[id];
                for (const struct held *node = export->held; node; node = node->next)
                        held++;
                if (id == WIRE_ROOT_EXPORT)
                        continue;
                used += export->state != EXPORT_FREE || export->dead_queued;
                if (export->state == EXPORT_FREE && export->count)
                        return "a free export has references";
                if (export->state == EXPORT_LIVE && export->count == 0 && !export->held)
                        return "a live export has no reference";
        }
        if (held != session->held_count)
                return "held messages are miscounted";
        return used == session->exports_used ? NULL : "exports are miscounted";
}

static const char *imports_check(const struct session *session)
{
        unsigned used = 0;
        for (unsigned id = WIRE_ROOT_EXPORT + 1; id < session->export_count; id++) {
                const struct imported *import = &session->imports[id];
                used += import->count != 0;
                if (import->live && (import->count == 0 || import->serial == 0 || import->reason))
                        return "a live import has no reference";
                bool kept = import->live || import->pins || import->release_queued;
                if (import->count && !kept && !break_leak())
                        return "an import is neither wanted nor given back";
        }
        return used == session->imports_used ? NULL : "imports are miscounted";
}

static const char *slots_check(const struct session *session)
{
        unsigned calls = 0, served = 0;
        for (unsigned slot = 0; slot < session->call_count; slot++) {
                calls += session->calls[slot].state != CALL_FREE;
                served += session->served[slot].state != SERVED_IDLE;
                if (session->calls[slot].state == CALL_FREE && session->calls[slot].out.active)
                        return "a free call slot is still sending";
        }
        if (calls != session->calls_used)
                return "calls are miscounted";
        return served == session->served_used ? NULL : "served slots are miscounted";
}

static uint32_t kept_in(const struct incoming *in)
{
        return in->content ? in->charged : 0;
}

static uint32_t kept_out(const struct outgoing *out)
{
        return out->active && out->content != out->small ? out->header.total : 0;
}

static const char *content_check(const struct session *session)
{
        uint32_t in = 0, out = 0;
        for (unsigned slot = 0; slot < session->call_count; slot++) {
                in += kept_in(&session->calls[slot].in) + kept_in(&session->served[slot].in);
                out += kept_out(&session->calls[slot].out) + kept_out(&session->served[slot].out);
        }
        for (unsigned id = WIRE_ROOT_EXPORT; id < session->export_count; id++)
                for (const struct held *node = session->exports[id].held; node; node = node->next)
                        in += kept_in(&node->message);
        bool right = in == session->content_in && out == session->content_out;
        return right ? NULL : "the content of messages is miscounted";
}

static bool sets_agree(const struct outgoing *out)
{
        const struct unsettled *sets = outgoing_unsettled(out);
        unsigned all = out->granules;
        for (unsigned i = 0; i < GRANULES_WORDS; i++)
                if (sets->again.word[i] & sets->acked.word[i])
                        return false;
        return granules_in(&sets->again, 0, all) == out->again &&
               granules_in(&sets->acked, 0, all) + out->unacked == all &&
               (out->fresh == all ||
                granules_in(&sets->again, out->fresh, all - out->fresh) +
                        granules_in(&sets->acked, out->fresh, all - out->fresh) ==
                    0);
}

static bool is_consistent(const struct outgoing *out)
{
        if (!out->active)
                return true;
        return out->granules == granules_of(out->header.total) && out->fresh <= out->granules &&
               out->again <= out->fresh && out->unacked && (out->granules == 1 || sets_agree(out));
}

static const char *granules_check(const struct session *session)
{
        for (unsigned slot = 0; slot < session->call_count; slot++)
                if (!is_consistent(&session->calls[slot].out) ||
                    !is_consistent(&session->served[slot].out))
                        return "what is known of a message's granules contradicts itself";
        return NULL;
}

const char *core_check(const struct core *core)
{
        for (unsigned i = 0; i < core->peers_seen; i++) {
                const struct session *session = core->peers[i].session;
                if (!session)
                        continue;
                const char *wrong = exports_check(session);
                wrong = wrong ? wrong : imports_check(session);
                wrong = wrong ? wrong : slots_check(session);
                wrong = wrong ? wrong : content_check(session);
                wrong = wrong ? wrong : granules_check(session);
                if (!wrong && queues_parked(session) && session->resume == CORE_NEVER)
                        wrong = "a message waits for room and never asks";
                if (!wrong && !session_deadline_is_true(session))
                        wrong = "a session was changed and not touched";
                if (wrong)
                        return wrong;
        }
        return NULL;
}
