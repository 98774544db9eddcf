/* Commands about the cluster: nodes, names, ping, exports. */
#include <stdlib.h>
#include <string.h>

#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/proto/node.h"
#include "servers/proto/nodes.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "servers/shell/commands/binding.h"
#include "servers/shell/commands/command.h"
#include "servers/shell/commands/nodes.h"

static bool is_not_found(outcome_t outcome)
{
        return outcome_reason(outcome) == REASON_NOT_FOUND;
}

/* ---- nodes ---- */

static void print_milliseconds(struct job *job, uint64_t ns)
{
        job_print(job, "%llu.%03llu ms", (unsigned long long)(ns / RT_MILLISECOND),
                  (unsigned long long)(ns % RT_MILLISECOND / RT_MICROSECOND));
}

static void print_epoch(struct job *job, const struct node_record *node)
{
        job_print(job, " epoch %016llx%016llx", (unsigned long long)node->epoch_high,
                  (unsigned long long)node->epoch_low);
}

static void print_node(struct job *job, const struct node_record *node)
{
        job_print(job, "%s ", node->name);
        switch (node->state) {
        case NODE_STATE_SELF:
                job_print(job, "up");
                print_epoch(job, node);
                job_print(job, " (this node)");
                break;
        case NODE_STATE_UP:
                job_print(job, "up");
                print_epoch(job, node);
                if (node->rtt > 0) {
                        job_print(job, " rtt ");
                        print_milliseconds(job, node->rtt);
                }
                break;
        case NODE_STATE_JOINING:
                job_print(job, "joining");
                break;
        default:
                job_print(job, "dead %s", reason_text((unsigned)(node->reason & 0xff)));
                break;
        }
        job_print(job, "\n");
}

/* What one should know of the network: a node that could have a link, and has none; and who can
 * read it. */
static void print_link(struct job *job, bool alone)
{
        handle_t net;
        uint64_t mac, mtu, least, sealed;
        if (bind_service("./net", &net) != OUTCOME_OK)
                return;
        outcome_t outcome = node_link(net, RT_DEADLINE, &mac, &mtu, &least, &sealed);
        sys_handle_close(net);
        if (outcome == OUTCOME_OK && mtu > 0 && mtu < least)
                job_print(job,
                          "no link: the card %012llx has an MTU of %llu; give it, or its "
                          "network, at least %llu\n",
                          (unsigned long long)mac, (unsigned long long)mtu,
                          (unsigned long long)least);
        if (outcome == OUTCOME_OK && sealed == NODE_SEALING_CLEAR && !alone)
                job_print(job, "clear text: whoever is on the network reads and forges what nodes "
                               "say\n");
        if (outcome == OUTCOME_OK && sealed == NODE_SEALING_LOGGED)
                job_print(job, "key log: who has it reads and forges what nodes say\n");
}

static void print_nodes(struct job *job, const struct nodes *nodes)
{
        for (size_t i = 0; i < nodes->count; i++)
                print_node(job, &nodes->node[i]);
        print_link(job, nodes->count < 2);
}

static bool is_same(const struct node_record *a, const struct node_record *b)
{
        return a->state == b->state && a->reason == b->reason && a->epoch_high == b->epoch_high &&
               a->epoch_low == b->epoch_low;
}

/* Those that are not as they were. One that is gone was dead, and is of no interest. */
static void print_changes(struct job *job, const struct nodes *before, const struct nodes *nodes)
{
        for (size_t i = 0, j = 0; i < nodes->count; i++) {
                while (j < before->count &&
                       strverscmp(before->node[j].name, nodes->node[i].name) < 0)
                        j++;
                if (j == before->count || strcmp(before->node[j].name, nodes->node[i].name) != 0 ||
                    !is_same(&before->node[j], &nodes->node[i]))
                        print_node(job, &nodes->node[i]);
        }
}

/* From `nodes` on; *nodes are the last ones then. */
static outcome_t print_what_comes(struct job *job, struct nodes **nodes)
{
        handle_t watch = 0;
        outcome_t outcome;
        while ((outcome = nodes_wait((*nodes)->version, &watch)) == OUTCOME_OK) {
                struct nodes *now;
                if ((outcome = nodes_read(&now)) != OUTCOME_OK)
                        break;
                print_changes(job, *nodes, now);
                free(*nodes);
                *nodes = now;
        }
        if (watch)
                sys_handle_close(watch);
        return outcome;
}

static int nodes(struct job *job, int count, char **arguments)
{
        struct nodes *nodes;
        bool watch = count > 1;
        if (watch && strcmp(arguments[1], "-w") != 0)
                return job_complain(job, "%s: no such option; -w is the only one", arguments[1]);
        outcome_t outcome = nodes_read(&nodes);
        if (outcome == OUTCOME_OK) {
                print_nodes(job, nodes);
                if (watch)
                        outcome = print_what_comes(job, &nodes);
                free(nodes);
        } else if (is_not_found(outcome) && !watch) {
                /* Without a transport this node is all there is. */
                job_print(job, "%s up\n", rt_node());
                return STATUS_OK;
        }
        return outcome == OUTCOME_OK ? STATUS_OK : job_fail(job, "net", outcome);
}

/* ---- names ---- */

/* Finds the last of several lines, without its newline: the next answer continues after it. */
static size_t last_line(const char *lines, size_t length, const char **line)
{
        if (length > 0 && lines[length - 1] == '\n')
                length--;
        size_t begin = length;
        while (begin > 0 && lines[begin - 1] != '\n')
                begin--;
        *line = lines + begin;
        return length - begin;
}

static int names(struct job *job, int count, char **arguments)
{
        (void)count;
        (void)arguments;
        char lines[NAME_LIST_MAX], after[NAME_LINE_MAX];
        size_t after_length = 0, length = 0;
        outcome_t outcome;
        do {
                const char *last;
                uint64_t deadline = RT_DEADLINE;
                do
                        outcome = name_list(rt_names(), deadline, after, after_length, lines,
                                            sizeof lines, &length);
                while (rt_names_died(outcome, deadline));
                if (outcome != OUTCOME_OK)
                        break;
                job_write(job, lines, length);
                after_length = last_line(lines, length, &last);
                if (after_length > sizeof after)
                        outcome = perhaps_executed(REASON_MALFORMED);
                else
                        memcpy(after, last, after_length);
        } while (outcome == OUTCOME_OK && !name_list_ended(length));
        return outcome == OUTCOME_OK ? STATUS_OK : job_fail(job, "name", outcome);
}

/* ---- ping ---- */

#define PING_INTERVAL (200 * RT_MILLISECOND)

static int ping(struct job *job, int count, char **arguments)
{
        uint64_t times = 3;
        handle_t net;
        const char *node = arguments[1];
        if (count > 2 && (!number_parse(arguments[2], 1000000, &times) || times == 0))
                return job_complain(job, "%s: not a count from 1 to 1000000", arguments[2]);
        outcome_t outcome = bind_on_node(NULL, "net", &net);
        for (uint64_t i = 0; outcome == OUTCOME_OK && i < times; i++) {
                uint64_t rtt;
                if (i > 0)
                        sys_sleep(rt_after(PING_INTERVAL));
                outcome = node_ping(net, RT_DEADLINE, node, strlen(node), &rtt);
                if (outcome != OUTCOME_OK)
                        break;
                job_print(job, "%s ", node);
                print_milliseconds(job, rtt);
                job_print(job, "\n");
        }
        if (net)
                sys_handle_close(net);
        return outcome == OUTCOME_OK ? STATUS_OK : job_fail(job, node, outcome);
}

/* ---- exports ---- */

static int exports(struct job *job, int count, char **arguments)
{
        handle_t net;
        const char *node = count > 1 ? arguments[1] : NULL;
        outcome_t outcome = bind_on_node(node, "net", &net);
        if (is_not_found(outcome))
                return node ? job_fail(job, node, outcome) : STATUS_OK;
        for (uint64_t i = 0; outcome == OUTCOME_OK; i++) {
                char space[2 * STARTUP_NAME];
                const void *peer, *what;
                size_t peer_length = 0, what_length = 0;
                uint64_t direction, id, generation, references;
                outcome =
                    node_exports(net, RT_DEADLINE, i, space, sizeof space, &peer, &peer_length,
                                 &what, &what_length, &direction, &id, &generation, &references);
                if (outcome != OUTCOME_OK)
                        break;
                job_print(job, "%s %.*s id %llu generation %llu count %llu%s%.*s\n",
                          direction == NODE_REFERENCE_IMPORT ? "import from" : "export to",
                          (int)peer_length, (const char *)peer, (unsigned long long)id,
                          (unsigned long long)generation, (unsigned long long)references,
                          what_length > 0 ? " " : "", (int)what_length, (const char *)what);
        }
        if (net)
                sys_handle_close(net);
        return is_not_found(outcome) ? STATUS_OK : job_fail(job, node ? node : "net", outcome);
}

const struct command cluster_commands[] = {
    {"nodes", "[-w]",
     "lists the nodes of the cluster; -w: and from then on each that changes\n"
     "Each line: name, `up` with its epoch and the last round trip, or `dead` and why.",
     0, 1, nodes},
    {"names", "", "lists the services that can be looked up, as NODE/NAME", 0, 0, names},
    {"ping", "NODE [COUNT]", "measures the time to a node and back (3 times)", 1, 2, ping},
    {"exports", "[NODE]",
     "lists the rights that a node has given to others and holds of theirs\n"
     "Each line: direction and peer, id and generation, how many references, and to what.",
     0, 1, exports},
    {0},
};
