#include "netipc/server/names.h"
#include <string.h>
#include "netipc/server/bridge.h"
#include "servers/proto/name.h"
#include "servers/rt/log.h"
#include "servers/rt/startup.h"

enum { NEWS_MAX = 256 }; /* a power of two */

struct news {
        bool up;
        char node[16];
        uint64_t epoch_high, epoch_low;
        core_import_t root;
        enum reason reason;
};

static struct {
        handle_t call;
        bool busy;
        uint32_t first, end; /* run freely */
        struct news news[NEWS_MAX];
} names;

outcome_t names_init(handle_t event, uint64_t bit)
{
        return sys_call_create(event, bit, &names.call);
}

static outcome_t start(const struct news *news)
{
        handle_t service = rt_handle("name");
        size_t length = strlen(news->node);
        if (!news->up)
                return name_peer_down_start(service, names.call, RT_DEADLINE, news->node, length,
                                            news->epoch_high, news->epoch_low, news->reason);
        handle_t root = bridge_proxy(news->root);
        if (!root)
                return not_executed(REASON_NO_MEMORY);
        return name_peer_up_start(service, names.call, RT_DEADLINE, news->node, length,
                                  news->epoch_high, news->epoch_low, root);
}

static void next(void)
{
        while (!names.busy && names.first != names.end) {
                const struct news *news = &names.news[names.first++ % NEWS_MAX];
                outcome_t outcome = start(news);
                names.busy = outcome == OUTCOME_OK;
                if (!names.busy)
                        rt_log("name service: %s: %s", news->node,
                               reason_text(outcome_reason(outcome)));
        }
}

void names_done(void)
{
        names.busy = false;
        outcome_t outcome = name_peer_down_finish(names.call);
        if (outcome != OUTCOME_OK)
                rt_log("name service: %s%s", outcome_prefix(outcome),
                       reason_text(outcome_reason(outcome)));
        next();
}

static uint64_t big_endian(const uint8_t *bytes)
{
        uint64_t value = 0;
        for (unsigned i = 0; i < 8; i++)
                value = value << 8 | bytes[i];
        return value;
}

static void tell(const struct core_peer_info *peer, bool up)
{
        if (names.end - names.first == NEWS_MAX) {
                rt_log("name service: it takes no news; %s is left out", peer->name);
                return;
        }
        struct news *news = &names.news[names.end++ % NEWS_MAX];
        *news = (struct news){.up = up,
                              .epoch_high = big_endian(peer->epoch),
                              .epoch_low = big_endian(peer->epoch + 8),
                              .root = peer->root,
                              .reason = peer->reason};
        memcpy(news->node, peer->name, sizeof(news->node));
}

void names_peer_up(const struct core_peer_info *peer)
{
        tell(peer, true);
        next();
}

void names_peer_down(const struct core_peer_info *peer)
{
        tell(peer, false);
        next();
}
