/* Reads the transport's list; see nodes.h. */
#include "servers/shell/nodes.h"

#include <stdlib.h>
#include <string.h>

#include "servers/proto/node.h"
#include "servers/shell/binding.h"

static int compare(const void *a, const void *b)
{
        return strverscmp(((const struct node_entry *)a)->name,
                          ((const struct node_entry *)b)->name);
}

static outcome_t node_read(handle_t net, uint64_t index, struct node_entry *node)
{
        size_t length = 0;
        *node = (struct node_entry){0};
        return node_list(net, RT_DEADLINE, index, node->name, sizeof node->name - 1, &length,
                         &node->state, &node->epoch_high, &node->epoch_low, &node->reason,
                         &node->rtt);
}

/* Room for one more than the `count` that there are, a power of two at a time. */
static bool room_make(struct node_entry **nodes, size_t count)
{
        if (count & (count - 1))
                return true;
        struct node_entry *larger = realloc(*nodes, (count ? 2 * count : 1) * sizeof **nodes);
        if (!larger)
                return false;
        *nodes = larger;
        return true;
}

outcome_t nodes_read(struct node_entry **nodes, size_t *count)
{
        handle_t net;
        *nodes = NULL;
        *count = 0;
        outcome_t outcome = bind_service("./net", &net);
        if (outcome != OUTCOME_OK)
                return outcome;
        for (;;) {
                outcome = room_make(nodes, *count) ? node_read(net, *count, *nodes + *count)
                                                   : not_executed(REASON_NO_MEMORY);
                if (outcome != OUTCOME_OK)
                        break;
                ++*count;
        }
        sys_handle_close(net);
        if (outcome_reason(outcome) != REASON_NOT_FOUND)
                return outcome;
        qsort(*nodes, *count, sizeof **nodes, compare);
        return OUTCOME_OK;
}
