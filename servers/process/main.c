/* The process server: starts, and hands each notice to the part that it is for. process.h has the
 * map. */
#include <stdlib.h>
#include <string.h>

#include "servers/common/least.h"
#include "servers/process/memory_locks.h"
#include "servers/process/memory_service.h"
#include "servers/process/process.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"

static void on_event(struct server *server, uint64_t key, uint64_t bits)
{
        (void)server;
        (void)key;
        if (bits & EVENT_TASK_DIED)
                ends_look();
}

static void on_completed(struct server *server, uint64_t key)
{
        (void)server;
        struct process *process = process_find(key >> KEY_CALL_BITS);
        if (key >> KEY_LOOKUP_SHIFT == KEY_FAR)
                far_completed((unsigned)key);
        else if (key >> KEY_LOOKUP_SHIFT == KEY_LOOKUP)
                queries_completed(&processes.queries, key);
        else if (process) /* one that was freed meanwhile is not missed */
                load_completed(process, key & ((1 << KEY_CALL_BITS) - 1));
}

/* An owner that is gone wants no process, nor anything that it has started. */
static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        (void)server;
        if (badge_kind(badge) == BADGE_MEMORY)
                memory_no_senders(badge, issues);
        else if (badge_kind(badge) == BADGE_OWNER)
                family_hang_up(badge_id(badge));
}

static void on_idle(struct server *server)
{
        const uint64_t now = rt_now(), hangs = family_hangs(now);
        family_sweep();
        server->deadline = least(hangs, queries_work(&processes.queries, now));
}

/* Whoever no longer waits for the start of a process gets its answer all the same, soon. */
static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        (void)server;
        struct process *process = process_find(badge_id(badge));
        if (process && badge_kind(badge) == BADGE_CHILD)
                process = replace_find(process);
        if (ends_forget(reply) || family_forget(reply))
                rt_reply_outcome(reply, answered(REASON_CANCELLED));
        else if (!queries_cancel(&processes.queries, reply) && !far_cancel(reply) &&
                 !memory_locks_cancel(reply) && process && process->starter == reply)
                process_refuse(process, REASON_CANCELLED, "its start was cancelled");
}

static const char *nodes_argument(int count, char **arguments)
{
        for (int i = 1; i < count; i++)
                if (strncmp(arguments[i], "nodes=", 6) == 0)
                        return arguments[i] + 6;
        return NULL;
}

/* The place of this node among all, from 1. */
static uint64_t node_number(void)
{
        const char *node = rt_node(), *name;
        size_t length;
        for (uint64_t number = 1; (name = node_name(number, &length)); number++)
                if (strlen(node) == length && memcmp(node, name, length) == 0)
                        return number;
        return 1;
}

static outcome_t processes_start(void)
{
        handle_t right;
        outcome_t outcome = rt_server_init(&processes.server);
        processes.server.on_event = on_event;
        processes.server.on_completed = on_completed;
        processes.server.on_no_senders = on_no_senders;
        processes.server.on_cancel = on_cancel;
        processes.server.on_idle = on_idle;
        processes.server.on_fault = ends_fault;
        if (outcome == OUTCOME_OK)
                outcome = rt_server_event(&processes.server, &processes.event);
        if (outcome == OUTCOME_OK)
                outcome = child_init();
        if (outcome == OUTCOME_OK)
                outcome = control_init();
        if (outcome == OUTCOME_OK)
                outcome = memory_service_init();
        if (outcome == OUTCOME_OK)
                outcome = rt_server_right(&processes.server, badge_of(BADGE_SPAWN, 0), &right);
        return outcome == OUTCOME_OK ? rt_register("process", right) : outcome;
}

int main(int count, char **arguments)
{
        processes.nodes = nodes_argument(count, arguments);
        processes.node = node_number();
        outcome_t outcome = processes_start();
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&processes.server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return EXIT_FAILURE;
}
