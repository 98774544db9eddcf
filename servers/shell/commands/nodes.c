/* Reads the transport's table, and waits for its changes; see nodes.h. */
#include "servers/shell/commands/nodes.h"

#include <stdlib.h>
#include <string.h>

#include "servers/proto/node.h"
#include "servers/shell/commands/binding.h"

static int compare(const void *a, const void *b)
{
        return strverscmp(((const struct node_record *)a)->name,
                          ((const struct node_record *)b)->name);
}

static outcome_t table_read(handle_t net, struct nodes *nodes)
{
        size_t length;
        outcome_t outcome =
            node_table(net, RT_DEADLINE, &nodes->version, nodes->node, sizeof nodes->node, &length);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (length % sizeof *nodes->node)
                return perhaps_executed(REASON_MALFORMED);
        nodes->count = length / sizeof *nodes->node;
        for (size_t i = 0; i < nodes->count; i++)
                nodes->node[i].name[sizeof nodes->node[i].name - 1] = 0;
        qsort(nodes->node, nodes->count, sizeof *nodes->node, compare);
        return OUTCOME_OK;
}

outcome_t nodes_read(struct nodes **nodes)
{
        handle_t net;
        outcome_t outcome = bind_service("./net", &net);
        *nodes = NULL;
        if (outcome != OUTCOME_OK)
                return outcome;
        *nodes = malloc(sizeof **nodes);
        outcome = *nodes ? table_read(net, *nodes) : not_executed(REASON_NO_MEMORY);
        sys_handle_close(net);
        if (outcome != OUTCOME_OK) {
                free(*nodes);
                *nodes = NULL;
        }
        return outcome;
}

enum { NEWS = 1 };

static handle_t news; /* the event of the watch; 0: not made */

/* The watch is told, too, when the transport dies. */
static outcome_t watch_begin(uint64_t version, handle_t *watch)
{
        handle_t net;
        outcome_t outcome = news ? OUTCOME_OK : sys_event_create(&news);
        if (outcome == OUTCOME_OK)
                outcome = bind_service("./net", &net);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = node_watch(net, RT_DEADLINE, version, NEWS, cap_copy(news), watch);
        sys_handle_close(net);
        return outcome == OUTCOME_OK ? sys_watch(*watch, news, NEWS) : outcome;
}

static bool is_dead(handle_t watch)
{
        enum object_kind kind;
        uint32_t rights;
        uint64_t identity;
        return sys_handle_info(watch, &kind, &rights, &identity) != OUTCOME_OK;
}

outcome_t nodes_wait(uint64_t version, handle_t *watch)
{
        uint64_t bits;
        if (*watch && is_dead(*watch)) {
                sys_handle_close(*watch);
                *watch = 0;
        }
        outcome_t outcome = *watch ? OUTCOME_OK : watch_begin(version, watch);
        return outcome == OUTCOME_OK ? sys_event_wait(news, NEWS, TIME_NEVER, &bits) : outcome;
}
