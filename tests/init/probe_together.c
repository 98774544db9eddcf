/* Components that share a task: duet, and second with it; and keeper, whose guest has no device. */
#include <string.h>
#include "servers/proto/directory.h"
#include "servers/proto/proc.h"
#include "tests/init/probe.h"

struct pair {
        struct process duet, second;
};

static bool pair_runs(struct pair *pair)
{
        return process_reaches("duet", PROCESS_RUNNING, &pair->duet) &&
               process_reaches("second", PROCESS_RUNNING, &pair->second);
}

/* Both have ended once, and run again. */
static bool pair_comes_back(const struct pair *before)
{
        handle_t duet = must_find("duet"), second = must_find("second");
        struct pair after;
        sys_handle_close(duet);
        sys_handle_close(second);
        return pair_runs(&after) && after.duet.id != before->duet.id &&
               after.second.id != before->second.id &&
               after.duet.restarts == before->duet.restarts + 1 &&
               after.second.restarts == before->second.restarts + 1;
}

static bool second_says_yes(const char *what)
{
        handle_t second = must_find("second");
        outcome_t outcome = actor_ask(second, what, rt_after(PATIENCE));
        sys_handle_close(second);
        return outcome == OUTCOME_OK;
}

/* Whether asking one of them ends it with the call. */
static bool dies_of(const char *name, const char *what)
{
        handle_t actor = must_find(name);
        outcome_t outcome = actor_ask(actor, what, rt_after(PATIENCE));
        sys_handle_close(actor);
        return outcome == perhaps_executed(REASON_RECEIVER_DIED);
}

bool they_meet(void)
{
        return second_says_yes("meet");
}

void check_together(void)
{
        handle_t control = must_find("control");
        struct process keeper, lost;
        struct pair pair;
        check("two components of a task run", pair_runs(&pair));
        check("in the task of one of them",
              strcmp(pair.duet.home, "duet") == 0 && strcmp(pair.second.home, "duet") == 0);
        check("by numbers and priorities of their own",
              pair.duet.id != pair.second.id && pair.duet.priority != pair.second.priority);
        check("they call each other, and rights arrive as between tasks", they_meet());
        check("each is given what its own manifest says", second_says_yes("bare"));
        check("kill of one of them", proc_kill(control, RT_DEADLINE, "duet", 4) == OUTCOME_OK);
        check("is the end of both, and both come back", pair_comes_back(&pair));
        pair_runs(&pair);
        check("a fault of the other one", dies_of("second", "fault"));
        check("likewise", pair_comes_back(&pair));
        pair_runs(&pair);
        check("who hangs", dies_of("second", "stall"));
        check("takes the other along", pair_comes_back(&pair));
        check("they meet again", they_meet());
        check("who has no device is given up", process_reaches("lost", PROCESS_GIVEN_UP, &lost));
        check("and leaves the task to who has it", process_find("keeper", &keeper) &&
                                                       keeper.state == PROCESS_RUNNING &&
                                                       strcmp(keeper.home, "keeper") == 0);
        check("it may be tried again", proc_start(control, RT_DEADLINE, "lost", 4) == OUTCOME_OK &&
                                           process_reaches("lost", PROCESS_GIVEN_UP, &lost) &&
                                           process_reaches("keeper", PROCESS_RUNNING, &keeper));
        sys_handle_close(control);
}
