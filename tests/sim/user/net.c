/* In the transport's image: the core's environment passes through here, so that the judge learns of
 * peers when the core does, and can look at the core's tables. In some runs all counters of a
 * session begin shortly before they wrap, or before they need more than 32 bits, at both ends
 * alike: those of the session when it begins, those of a right when it is first sent. */
#include "netipc/core/exports.h"
#include "netipc/core/imports.h"
#include "netipc/crypto/protect.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "tests/sim/user/ledger.h"
#include "tests/sim/user/machine.h"

static struct core_environment environment;
static struct core *core;

struct core *__real_core_create(const struct core_environment *own,
                                const struct core_config *config, uint64_t now);
struct core *__wrap_core_create(const struct core_environment *own,
                                const struct core_config *config, uint64_t now);

static void tell(const struct core_peer_info *peer, bool up)
{
        uint64_t epoch;
        memcpy(&epoch, peer->epoch, sizeof epoch);
        ledger_peer(peer->name, up, up ? 0 : peer->reason, epoch);
}

/* ---- counters -------------------------------------------------------------------------------- */

/* Nothing was sent yet. */
static void counters_set(struct session *session, uint32_t first)
{
        if (!session->core->secure) /* else what seals counts, too */
                session->sent.next = session->sent.lowest = first;
        session->releases.next = first;
        session->releases.seen = first - 1;
        session->exports[WIRE_ROOT_EXPORT].next_order = first;
        session->imports[WIRE_ROOT_EXPORT].next_order = first;
        for (unsigned id = WIRE_ROOT_EXPORT + 1; id < session->export_count; id++)
                session->exports[id].generation = session->imports[id].generation = first;
        for (unsigned slot = 0; slot < session->call_count; slot++)
                session->calls[slot].sequence = session->served[slot].sequence = first;
}

uint16_t __real_export_reference(struct session *session, uint64_t token, uint8_t type);
uint16_t __wrap_export_reference(struct session *session, uint64_t token, uint8_t type);

uint16_t __wrap_export_reference(struct session *session, uint64_t token, uint8_t type)
{
        bool fresh = export_find(session, token) == NO_INDEX;
        uint16_t id = __real_export_reference(session, token, type);
        if (fresh)
                session->exports[id].next_order = sim_first_number();
        return id;
}

struct imported *__real_import_accept(struct session *session,
                                      const struct wire_capability *capability);
struct imported *__wrap_import_accept(struct session *session,
                                      const struct wire_capability *capability);

struct imported *__wrap_import_accept(struct session *session,
                                      const struct wire_capability *capability)
{
        bool known = capability->export_id < session->export_count &&
                     session->imports[capability->export_id].generation == capability->generation;
        struct imported *import = __real_import_accept(session, capability);
        if (import && !known)
                import->next_order = sim_first_number();
        return import;
}

/* ---- the environment ------------------------------------------------------------------------- */

static void peer_up(void *context, const struct core_peer_info *peer)
{
        tell(peer, true);
        if (sim_first_number() != 1)
                counters_set(core->peers[peer->slot].session, sim_first_number());
        environment.peer_up(context, peer);
}

static void peer_down(void *context, const struct core_peer_info *peer)
{
        tell(peer, false);
        environment.peer_down(context, peer);
}

static void key_log(void *context, const char *line, size_t length)
{
        (void)context;
        sim_key_log(line, length);
}

struct core *__wrap_core_create(const struct core_environment *own,
                                const struct core_config *config, uint64_t now)
{
        struct core_environment watched = *own;
        environment = *own;
        watched.peer_up = peer_up;
        watched.peer_down = peer_down;
        watched.key_log = key_log;
        struct core_config told = *config;
        uint32_t *costs = told.cipher_costs; /* equal, by the node's clock */
        if (sim_aes())
                costs[CIPHER_CHACHA20_POLY1305] += costs[CIPHER_AES_256_GCM];
        core = __real_core_create(&watched, &told, now);
        return core;
}

/* ---- what seals ------------------------------------------------------------------------------ */

void __real_protect_sender_init(struct protect_sender *sender, enum cipher cipher,
                                const uint8_t secret[PROTECT_SECRET], uint64_t now);
void __wrap_protect_sender_init(struct protect_sender *sender, enum cipher cipher,
                                const uint8_t secret[PROTECT_SECRET], uint64_t now);

void __wrap_protect_sender_init(struct protect_sender *sender, enum cipher cipher,
                                const uint8_t secret[PROTECT_SECRET], uint64_t now)
{
        sim_told("a session is sealed by %s", cipher_name(cipher));
        __real_protect_sender_init(sender, cipher, secret, now);
}

int __wrap_crypto_scalarmult_curve25519(uint8_t *out, const uint8_t *secret, const uint8_t *point);
int __wrap_crypto_scalarmult_curve25519_base(uint8_t *point, const uint8_t *secret);

int __wrap_crypto_scalarmult_curve25519(uint8_t *out, const uint8_t *secret, const uint8_t *point)
{
        return sim_curve(out, secret, point);
}

int __wrap_crypto_scalarmult_curve25519_base(uint8_t *point, const uint8_t *secret)
{
        return sim_curve_base(point, secret);
}

/* ---- at the end ------------------------------------------------------------------------------ */

static void import_describe(const struct core_reference *reference, char *text, size_t size)
{
        unsigned slot = 0;
        while (strcmp(core->peers[slot].name, reference->peer) != 0)
                slot++;
        const struct imported *import = &core->peers[slot].session->imports[reference->id];
        snprintf(text, size, "import %u of generation %u from %s is left: kind %u%s, %u pins",
                 reference->id, reference->generation, reference->peer, import->type,
                 import->live ? ", live" : "", import->pins);
}

/* What is wrong when nobody holds a right of another node any more; NULL: nothing. */
__attribute__((visibility("default"))) const char *image_check(void);
const char *image_check(void)
{
        static struct core_reference reference;
        static char text[160];
        if (!core)
                return "the transport has no core";
        if (!core_reference(core, 0, &reference))
                return core_check(core);
        if (reference.is_export)
                snprintf(text, sizeof text, "export %u of generation %u is left: %s holds it",
                         reference.id, reference.generation, reference.peer);
        else
                import_describe(&reference, text, sizeof text);
        return text;
}
