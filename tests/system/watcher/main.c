/* Watches the nodes of the cluster as the transport of another node knows them, and says in the log
 * what changes:
 *
 *      watcher of=n2                 holds the watch; when that dies, it begins anew
 *      watcher of=n2 keeper=n3       gives the watch to the courier of n3, and holds nothing of it
 *
 *      watcher: watching
 *      watcher: NODE up EPOCH
 *      watcher: NODE dead REASON
 *      watcher: begins anew: REASON
 *
 * A watch that somebody else holds ends with him, of which this program is not told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "servers/proto/courier.h"
#include "servers/proto/node.h"
#include "servers/proto/nodes.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"

enum { CHANGED = 1 };

#define PAUSE (100 * RT_MILLISECOND)

static struct {
        char net[32], keeper[32]; /* names of services; keeper: "" if there is none */
        handle_t event, watch;    /* watch: 0 if it is not held, or not begun */
        bool begun;
        uint64_t version;
        struct node_record known[NODE_TABLE_MAX];
        size_t known_count;
} watcher;

/* ---- the table ------------------------------------------------------------------------------- */

static const struct node_record *known(const char *name)
{
        for (size_t i = 0; i < watcher.known_count; i++)
                if (strcmp(watcher.known[i].name, name) == 0)
                        return &watcher.known[i];
        return NULL;
}

static bool is_same(const struct node_record *a, const struct node_record *b)
{
        return a && a->state == b->state && a->reason == b->reason &&
               a->epoch_high == b->epoch_high && a->epoch_low == b->epoch_low;
}

static void tell(const struct node_record *node)
{
        if (node->state == NODE_STATE_SELF || node->state == NODE_STATE_UP)
                rt_log("%s up %016llx%016llx", node->name, (unsigned long long)node->epoch_high,
                       (unsigned long long)node->epoch_low);
        else if (node->state == NODE_STATE_DEAD)
                rt_log("%s dead %s", node->name, reason_text(node->reason));
}

static outcome_t table_read(handle_t net)
{
        static struct node_record nodes[NODE_TABLE_MAX];
        size_t length = 0;
        outcome_t outcome =
            node_table(net, RT_DEADLINE, &watcher.version, nodes, sizeof nodes, &length);
        if (outcome != OUTCOME_OK)
                return outcome;
        for (size_t i = 0; i < length / sizeof *nodes; i++)
                if (!is_same(known(nodes[i].name), &nodes[i]))
                        tell(&nodes[i]);
        memcpy(watcher.known, nodes, length);
        watcher.known_count = length / sizeof *nodes;
        return OUTCOME_OK;
}

/* ---- the watch ------------------------------------------------------------------------------- */

static outcome_t watch_give(handle_t watch)
{
        handle_t keeper;
        outcome_t outcome = rt_lookup(watcher.keeper, RT_DEADLINE, &keeper);
        if (outcome != OUTCOME_OK) {
                sys_handle_close(watch);
                return outcome;
        }
        outcome = courier_take(keeper, RT_DEADLINE, watch);
        sys_handle_close(keeper);
        return outcome;
}

static outcome_t watch_begin(handle_t net)
{
        handle_t watch;
        outcome_t outcome =
            node_watch(net, RT_DEADLINE, watcher.version, CHANGED, cap_copy(watcher.event), &watch);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (watcher.keeper[0]) {
                outcome = watch_give(watch);
        } else {
                watcher.watch = watch;
                outcome = sys_watch(watch, watcher.event, CHANGED);
        }
        watcher.begun = outcome == OUTCOME_OK;
        return outcome;
}

static outcome_t watch_state(void)
{
        enum object_kind kind;
        uint32_t rights;
        uint64_t identity;
        return watcher.watch ? sys_handle_info(watcher.watch, &kind, &rights, &identity)
                             : OUTCOME_OK;
}

static void begin_anew(outcome_t why)
{
        rt_log("begins anew: %s", reason_text(outcome_reason(why)));
        if (watcher.watch)
                sys_handle_close(watcher.watch);
        watcher.watch = 0;
        watcher.begun = false;
}

/* The right to the transport is given back at once: what is held between two looks is the watch. */
static outcome_t look(void)
{
        handle_t net;
        outcome_t outcome = watch_state();
        if (outcome == OUTCOME_OK)
                outcome = rt_lookup(watcher.net, RT_DEADLINE, &net);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = table_read(net);
        if (outcome == OUTCOME_OK && !watcher.begun) {
                outcome = watch_begin(net);
                if (outcome == OUTCOME_OK)
                        rt_log("watching");
        }
        sys_handle_close(net);
        return outcome;
}

static void arguments_read(int count, char **arguments)
{
        snprintf(watcher.net, sizeof watcher.net, "n2/net");
        for (int i = 1; i < count; i++) {
                if (strncmp(arguments[i], "of=", 3) == 0)
                        snprintf(watcher.net, sizeof watcher.net, "%s/net", arguments[i] + 3);
                if (strncmp(arguments[i], "keeper=", 7) == 0)
                        snprintf(watcher.keeper, sizeof watcher.keeper, "%s/courier",
                                 arguments[i] + 7);
        }
}

int main(int count, char **arguments)
{
        uint64_t bits;
        arguments_read(count, arguments);
        if (sys_event_create(&watcher.event) != OUTCOME_OK)
                return EXIT_FAILURE;
        for (;;) {
                outcome_t outcome = look();
                if (outcome == OUTCOME_OK) {
                        sys_event_wait(watcher.event, CHANGED, TIME_NEVER, &bits);
                } else {
                        begin_anew(outcome);
                        sys_sleep(rt_after(PAUSE));
                }
        }
}
