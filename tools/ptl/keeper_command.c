/* A command is answered at once, or, where it waits for nodes, by waits_settle. */
#include "tools/ptl/keeper_command.h"

#include <string.h>

#include "tools/ptl/copies.h"
#include "tools/ptl/keeper_client.h"
#include "tools/ptl/keeper_node.h"
#include "tools/ptl/logs.h"

/* Whether a wait for this node is over, and badly. */
static bool over(const struct node *node, bool *bad)
{
        *bad = node->failed || !node->machine;
        return node->up || *bad;
}

static void client_settle(struct keeper *keeper, struct client *client)
{
        unsigned first = client->starts ? client->starts : 1;
        unsigned last = client->starts ? client->starts : keeper->setup.options->nodes;
        unsigned bad_node = 0;
        for (unsigned n = first; n <= last; n++) {
                bool bad;
                if (!over(&keeper->nodes[n], &bad))
                        return;
                if (bad && !bad_node)
                        bad_node = n;
        }
        if (!bad_node && client->waits)
                logs_came_up();
        client->waits = false;
        client->starts = 0;
        if (bad_node)
                client_send(keeper, client, "error: n%u did not come up", bad_node);
        else
                client_send(keeper, client, "ok");
}

void waits_settle(struct keeper *keeper)
{
        for (unsigned i = 0; i < CLIENTS_MAX; i++) {
                struct client *client = &keeper->clients[i];
                if (client->fd >= 0 && (client->waits || client->starts))
                        client_settle(keeper, client);
        }
}

/* The node of a command, or 0 after an answer that says what is wrong. */
static unsigned command_node(struct keeper *keeper, struct client *client, const char *name)
{
        unsigned number = node_number(name);
        if (number && number <= keeper->setup.options->nodes)
                return number;
        client_send(keeper, client, "error: %.20s: no such node; this cluster has n1 to n%u", name,
                    keeper->setup.options->nodes);
        return 0;
}

/* What was built or described anew is not what the cluster runs. It would be a surprise either way:
 * so `start` says so, and the user chooses. */
static bool start_current(struct keeper *keeper, struct client *client, unsigned number)
{
        const struct keeper_setup *setup = &keeper->setup;
        char path[PATH_MAX];
        if (!copies_changed(setup->layout, setup->options, path))
                return true;
        client_send(keeper, client,
                    "error: n%u: %.300s has changed since the cluster was started; `ptl down` and "
                    "`ptl up` boot the new one, `ptl start --old n%u` the cluster's own",
                    number, layout_shown(setup->layout, path), number);
        return false;
}

static void start(struct keeper *keeper, struct client *client, const char *name, bool old)
{
        char reason[NODE_REASON];
        unsigned number = command_node(keeper, client, name);
        if (!number)
                return;
        if (keeper->nodes[number].machine) {
                client_send(keeper, client,
                            "error: n%u has power already; `ptl stop n%u` pulls its plug", number,
                            number);
                return;
        }
        if (!old && !start_current(keeper, client, number))
                return;
        client->starts = number;
        if (!node_power_on(keeper, number, reason)) {
                client->starts = 0;
                client_send(keeper, client, "error: %s", reason);
        }
}

static void stop(struct keeper *keeper, struct client *client, const char *name)
{
        unsigned number = command_node(keeper, client, name);
        if (!number)
                return;
        if (!keeper->nodes[number].machine) {
                client_send(keeper, client,
                            "error: n%u has no power already; `ptl start n%u` powers it on", number,
                            number);
                return;
        }
        node_power_off(keeper, number);
        client_send(keeper, client, "ok");
}

static void list(struct keeper *keeper, struct client *client)
{
        for (unsigned n = 1; n <= keeper->setup.options->nodes; n++) {
                const struct node *node = &keeper->nodes[n];
                if (node->machine)
                        client_send(keeper, client, "= n%u on %s %d", n,
                                    node->failed ? "failed" : stage_name(node->stage),
                                    (int)node->machine);
                else
                        client_send(keeper, client, "= n%u off", n);
        }
        client_send(keeper, client, "ok");
}

void command_obey(struct keeper *keeper, struct client *client, char *line)
{
        if (!strcmp(line, "wait")) {
                client->waits = true;
        } else if (!strcmp(line, "release")) {
                client->bound = false;
                client_send(keeper, client, "ok");
        } else if (!strncmp(line, "start ", 6)) {
                start(keeper, client, line + 6, false);
        } else if (!strncmp(line, "start-old ", 10)) {
                start(keeper, client, line + 10, true);
        } else if (!strncmp(line, "stop ", 5)) {
                stop(keeper, client, line + 5);
        } else if (!strcmp(line, "nodes")) {
                list(keeper, client);
        } else if (!strcmp(line, "down")) {
                keeper->ending = true;
                keeper->ender = client;
        } else {
                client_send(keeper, client, "error: %.40s: no such command", line);
        }
}
