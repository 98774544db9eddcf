/* What the subjects share, and the order in which they are looked at. */
#include "tests/init/probe.h"
#include <stdio.h>
#include <string.h>
#include "servers/proto/directory.h"
#include "servers/proto/name.h"
#include "servers/proto/proc.h"
#include "servers/rt/start/startup.h"

enum { NAME_BYTES = 32 };

static void console(const char *line)
{
        sys_log_write(rt_handle("hardware"), line, strlen(line));
}

void check(const char *name, bool good)
{
        char line[128];
        snprintf(line, sizeof line, "%s %s\n", good ? "ok" : "FAILED", name);
        console(line);
}

outcome_t look_up(const char *name, uint64_t wait, uint64_t deadline, handle_t *right)
{
        outcome_t outcome;
        *right = 0;
        do
                outcome = name_lookup(rt_names(), deadline, name, strlen(name), wait, right);
        while (rt_names_died(outcome, deadline));
        return outcome;
}

handle_t must_find(const char *name)
{
        handle_t right;
        outcome_t outcome = look_up(name, 1, rt_after(PATIENCE), &right);
        if (outcome != OUTCOME_OK) {
                check(name, false);
                console(reason_text(outcome_reason(outcome)));
                console("\n");
        }
        return right;
}

bool process_find(const char *wanted, struct process *process)
{
        handle_t proc = must_find("proc");
        bool found = false;
        char space[2 * NAME_BYTES];
        const void *name, *home;
        size_t length, home_length;
        for (uint64_t i = 0; !found; i++) {
                if (proc_list(proc, RT_DEADLINE, i, space, sizeof space, &name, &length, &home,
                              &home_length, &process->state, &process->id, &process->priority,
                              &process->cpu, &process->memory, &process->restarts) != OUTCOME_OK)
                        break;
                found = length == strlen(wanted) && memcmp(name, wanted, length) == 0;
        }
        if (found)
                snprintf(process->home, sizeof process->home, "%.*s", (int)home_length,
                         (const char *)home);
        sys_handle_close(proc);
        return found;
}

/* The clock goes on in steps, since nothing signals this. */
bool process_reaches(const char *name, uint64_t state, struct process *process)
{
        uint64_t end = rt_after(PATIENCE);
        while (rt_now() < end) {
                if (process_find(name, process) && process->state == state)
                        return true;
                sys_sleep(rt_after(20 * RT_MILLISECOND));
        }
        return false;
}

outcome_t actor_ask(handle_t actor, const char *what, uint64_t deadline)
{
        handle_t nothing;
        return directory_lookup(actor, deadline, what, strlen(what), &nothing);
}

static bool hanger_is_bare(void)
{
        handle_t hanger = must_find("hanger");
        outcome_t outcome = actor_ask(hanger, "bare", RT_DEADLINE);
        sys_handle_close(hanger);
        return outcome == OUTCOME_OK;
}

int main(int count, char **arguments)
{
        check_lookups();
        check_register();
        check_kill();
        check_policies();
        check_hang();
        check_together();
        check("what a component was given it can use, and no more", hanger_is_bare());
        check_log();
        check_fence(count, arguments);
        check_peer();
        check_name();
        check("components of a task find each other by it", they_meet());
        check("the same with a new name service and a new log", hanger_is_bare());
        console("probe: done\n");
        sys_machine_control(rt_handle("hardware"), MACHINE_EXIT, 0);
        return 1;
}
