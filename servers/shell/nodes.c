/* Reads the transport's table, and waits for its changes; see nodes.h. */
#include "servers/shell/nodes.h"

#include <stdlib.h>
#include <string.h>

#include "servers/proto/node.h"
#include "servers/shell/binding.h"
#include "servers/shell/calls.h"

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

/* The watch is told, too, when the transport dies. */
static outcome_t watch_begin(uint64_t version, handle_t *watch)
{
        handle_t net;
        outcome_t outcome = bind_service("./net", &net);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = node_watch(net, RT_DEADLINE, version, CALLS_NEWS, cap_copy(calls_event()), watch);
        sys_handle_close(net);
        if (outcome == OUTCOME_OK)
                outcome = sys_watch(*watch, calls_event(), CALLS_NEWS);
        return outcome;
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
        if (*watch && is_dead(*watch)) {
                sys_handle_close(*watch);
                *watch = 0;
        }
        if (!*watch) {
                outcome_t outcome = watch_begin(version, watch);
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        if (!calls_cancelled())
                fiber_wait(FIBER_NEVER);
        return calls_cancelled() ? not_executed(REASON_CANCELLED) : OUTCOME_OK;
}
