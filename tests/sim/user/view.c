/* One call at a time:
 *
 *      NONE ──lookup──► FOUND ──table──► READ ──watch──► WATCHING ──signalled──► FOUND, watching
 *        ▲                │ a call fails: after a pause        │
 *        └────────────────┴───────── the watch is dead ────────┘
 */
#include "tests/sim/user/view.h"

#include <stdio.h>
#include <string.h>
#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/proto/node.h"
#include "servers/proto/nodes.h"
#include "servers/rt/serve/service.h"
#include "tests/sim/user/ledger.h"

#define VIEW_PAUSE (100 * RT_MILLISECOND)
#define VIEW_BITS  1

enum view_state { VIEW_NONE, VIEW_FOUND, VIEW_READ, VIEW_WATCHING };

static struct {
        enum view_state state;
        bool busy, signalled, dropped;
        handle_t call, event;
        handle_t net, watch;
        uint64_t retry_at, version;
        const char *node; /* whose transport is asked */
        struct node_record table[NODE_TABLE_MAX];
} view;

bool view_init(struct server *server, uint64_t key)
{
        view.node = sim_some_node();
        return rt_server_event(server, &view.event) == OUTCOME_OK &&
               rt_server_call(server, key, &view.call) == OUTCOME_OK;
}

static void begin_anew(void)
{
        if (view.net)
                sys_handle_close(view.net);
        if (view.watch)
                sys_handle_close(view.watch);
        view.net = view.watch = 0;
        view.state = VIEW_NONE;
}

static bool is_dead(handle_t right)
{
        enum object_kind kind;
        uint32_t rights;
        uint64_t identity;
        return sys_handle_info(right, &kind, &rights, &identity) != OUTCOME_OK;
}

static outcome_t step(void)
{
        char name[24];
        const uint64_t deadline = rt_after(2 * RT_SECOND);
        switch (view.state) {
        case VIEW_NONE:
                snprintf(name, sizeof name, "%s/net", view.node);
                return name_lookup_start(rt_names(), view.call, deadline, name, strlen(name),
                                         NAME_WAIT_ALWAYS);
        case VIEW_FOUND:
                return node_table_start(view.net, view.call, deadline, view.table,
                                        sizeof view.table);
        default:
                return node_watch_start(view.net, view.call, deadline, view.version, VIEW_BITS,
                                        cap_copy(view.event));
        }
}

static void failed(outcome_t outcome, uint64_t now)
{
        sim_told("cannot watch the nodes: %s", reason_text(outcome_reason(outcome)));
        begin_anew();
        view.retry_at = now + VIEW_PAUSE;
}

uint64_t view_work(uint64_t now)
{
        if (view.dropped || view.busy)
                return TIME_NEVER;
        if (view.state == VIEW_WATCHING && view.signalled) {
                view.signalled = false;
                if (is_dead(view.watch))
                        begin_anew();
                else
                        view.state = VIEW_FOUND;
        }
        if (view.state == VIEW_WATCHING)
                return TIME_NEVER;
        if (now < view.retry_at)
                return view.retry_at;
        outcome_t outcome = step();
        view.busy = outcome == OUTCOME_OK;
        if (view.busy)
                return TIME_NEVER;
        failed(outcome, now);
        return view.retry_at;
}

static outcome_t table_take(void)
{
        size_t bytes;
        outcome_t outcome =
            node_table_finish(view.call, view.table, sizeof view.table, &view.version, &bytes);
        if (outcome == OUTCOME_OK)
                ledger_view(view.node, view.table, bytes / sizeof *view.table);
        return outcome;
}

static outcome_t watch_take(void)
{
        outcome_t outcome = node_watch_finish(view.call, &view.watch);
        if (outcome != OUTCOME_OK)
                ledger_unwatched(view.node, outcome);
        else
                outcome = sys_watch(view.watch, view.event, VIEW_BITS);
        return outcome;
}

void view_completed(void)
{
        outcome_t outcome;
        enum view_state next = VIEW_WATCHING;
        switch (view.state) {
        case VIEW_NONE:
                outcome = name_lookup_finish(view.call, &view.net);
                next = VIEW_FOUND;
                break;
        case VIEW_FOUND:
                outcome = table_take();
                next = view.watch ? VIEW_WATCHING : VIEW_READ;
                break;
        default:
                outcome = watch_take();
                break;
        }
        if (outcome == not_executed(REASON_BUSY))
                return;
        view.busy = false;
        view.state = next;
        if (outcome != OUTCOME_OK)
                failed(outcome, rt_now());
        if (view.dropped)
                begin_anew();
}

void view_signalled(void)
{
        view.signalled = true;
}

void view_drop(void)
{
        view.dropped = true;
        if (!view.busy)
                begin_anew();
}
