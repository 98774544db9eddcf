/* Asks init for one component after the other; see described.h. It waits for each answer, as it may
 * while nobody is served. */
#include "servers/name/described.h"

#include "servers/name/names.h"
#include "servers/proto/supervisor.h"
#include "servers/rt/task/log.h"
#include "servers/rt/start/startup.h"

/* Bytes of one answer: names and nodes of one component. */
enum { ANSWER_BYTES = 4096 };

static void name_expect(struct expected *expected, struct text name, struct text nodes)
{
        char name_is[REGISTRY_NAME], node_is[REGISTRY_NAME];
        struct text node;
        while (text_next(&nodes, ',', &node))
                if (!name_copy(name_is, name) || !name_copy(node_is, node) ||
                    expected_add(expected, name_is, node_is) != REGISTRY_OK)
                        rt_log("%.*s on %.*s is not known to be described: too many names or nodes",
                               (int)name.length, name.at, (int)node.length, node.at);
}

outcome_t described_read(struct expected *expected)
{
        static char space[ANSWER_BYTES];
        struct text names, nodes, name;
        outcome_t outcome;
        for (uint64_t index = 0;; index++) {
                const void *names_at, *nodes_at;
                outcome = supervisor_described(rt_handle("supervisor"), RT_DEADLINE, index, space,
                                               sizeof space, &names_at, &names.length, &nodes_at,
                                               &nodes.length);
                if (outcome != OUTCOME_OK)
                        break;
                names.at = names_at;
                nodes.at = nodes_at;
                while (text_next(&names, ' ', &name))
                        name_expect(expected, name, nodes);
        }
        return outcome == answered(REASON_NOT_FOUND) ? OUTCOME_OK : outcome;
}
