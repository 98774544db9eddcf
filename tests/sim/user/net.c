/* In the transport's image: the core's environment passes through here, so that the judge learns of
 * peers when the core does, and can look at the core's tables. */
#include "netipc/core/core.h"

#include <stddef.h>
#include <string.h>
#include "tests/sim/user/ledger.h"

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

static void peer_up(void *context, const struct core_peer_info *peer)
{
        tell(peer, true);
        environment.peer_up(context, peer);
}

static void peer_down(void *context, const struct core_peer_info *peer)
{
        tell(peer, false);
        environment.peer_down(context, peer);
}

struct core *__wrap_core_create(const struct core_environment *own,
                                const struct core_config *config, uint64_t now)
{
        struct core_environment watched = *own;
        environment = *own;
        watched.peer_up = peer_up;
        watched.peer_down = peer_down;
        core = __real_core_create(&watched, config, now);
        return core;
}

/* What is wrong when nobody holds a right of another node any more; NULL: nothing. */
__attribute__((visibility("default"))) const char *image_check(void);
const char *image_check(void)
{
        static struct core_reference reference;
        if (!core)
                return "the transport has no core";
        if (core_reference(core, 0, &reference))
                return reference.is_export ? "an export is left" : "an import is left";
        return core_check(core);
}
