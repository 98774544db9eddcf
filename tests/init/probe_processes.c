/* Deaths, policies of restarting, and hanging. */
#include "servers/proto/proc.h"
#include "tests/init/probe.h"

/* It may be back by itself before it is asked for. */
static bool is_started(outcome_t outcome)
{
        return outcome == OUTCOME_OK || outcome == answered(REASON_RUNNING);
}

static bool kill_often(handle_t control, unsigned times)
{
        struct process process;
        for (unsigned i = 0; i < times; i++)
                if (proc_kill(control, RT_DEADLINE, "server", 6) != OUTCOME_OK ||
                    !is_started(proc_start(control, RT_DEADLINE, "server", 6)) ||
                    !process_reaches("server", PROCESS_RUNNING, &process))
                        return false;
        return true;
}

void check_kill(void)
{
        handle_t control = must_find("control"), proc = must_find("proc"), old, again, event = 0;
        struct process before, after;
        uint64_t bits = 0;
        check("process is listed", process_find("server", &before));
        check("process runs", before.state == PROCESS_RUNNING && before.memory > 0);
        check("kill without control",
              proc_kill(proc, RT_DEADLINE, "server", 6) == answered(REASON_REFUSED));
        check("kill of nobody",
              proc_kill(control, RT_DEADLINE, "nobody", 6) == answered(REASON_NOT_FOUND));
        old = must_find("server");
        sys_event_create(&event);
        sys_watch(old, event, 1);
        check("kill", proc_kill(control, RT_DEADLINE, "server", 6) == OUTCOME_OK);
        check("its right dies", sys_event_wait(event, 1, RT_DEADLINE, &bits) == OUTCOME_OK);
        again = must_find("server");
        check("it comes back with its name", again != 0);
        check("it is another run", process_find("server", &after) && after.id != before.id &&
                                       after.restarts == before.restarts + 1);
        check("it comes back a hundred times, with its memory", kill_often(control, 100));
        again = must_find("server");
        check("crash", proc_crash(control, RT_DEADLINE, "server", 6) == OUTCOME_OK);
        check("it comes back from a crash",
              sys_watch(again, event, 2) == OUTCOME_OK &&
                  sys_event_wait(event, 2, RT_DEADLINE, &bits) == OUTCOME_OK &&
                  must_find("server") != 0);
}

void check_policies(void)
{
        handle_t control = must_find("control");
        struct process process, again;
        check("who leaves and is not to be restarted has ended",
              process_reaches("leaver", PROCESS_ENDED, &process) && process.restarts == 0);
        check("who leaves with status 0 has ended",
              process_reaches("finisher", PROCESS_ENDED, &process) && process.restarts == 0);
        check("start of what has ended",
              proc_start(control, RT_DEADLINE, "leaver", 6) == OUTCOME_OK);
        check("start of what runs",
              proc_start(control, RT_DEADLINE, "server", 6) == answered(REASON_RUNNING));
        check("it ran once more",
              process_reaches("leaver", PROCESS_ENDED, &again) && again.id != process.id);
        check("who faults again and again is given up",
              process_reaches("faulty", PROCESS_GIVEN_UP, &process) && process.restarts > 3);
        check("kill of what does not run",
              proc_kill(control, RT_DEADLINE, "faulty", 6) == answered(REASON_NOT_RUNNING));
        check("who is silent is restarted",
              process_find("silent", &process) && process.restarts > 0);
        check("a component without its program",
              process_reaches("missing", PROCESS_GIVEN_UP, &process));
        check("a component without its device",
              process_reaches("deviceless", PROCESS_GIVEN_UP, &process));
}

static bool hangs_and_comes_back(const char *how)
{
        handle_t hanger = must_find("hanger");
        struct process before, after;
        outcome_t outcome;
        process_find("hanger", &before);
        /* Ended by its death, which comes long before the deadline. */
        outcome = actor_ask(hanger, how, rt_after(PATIENCE));
        sys_handle_close(hanger);
        return outcome == perhaps_executed(REASON_RECEIVER_DIED) && must_find("hanger") != 0 &&
               process_find("hanger", &after) && after.restarts == before.restarts + 1;
}

/* The probe takes the processor for itself: it has the higher priority. */
static bool starved_is_not_hanging(void)
{
        struct process before, after;
        handle_t hanger = must_find("hanger");
        uint64_t end;
        actor_ask(hanger, "nothing", RT_DEADLINE); /* it serves, so it has given its first sign */
        process_find("hanger", &before);
        end = rt_after(6 * RT_SECOND);
        while (rt_now() < end)
                __asm__ volatile("" ::: "memory");
        return process_find("hanger", &after) && after.id == before.id;
}

void check_hang(void)
{
        check("who computes for ever is restarted", hangs_and_comes_back("hang"));
        check("who waits for ever is restarted", hangs_and_comes_back("stall"));
        check("who only lacks the processor is not", starved_is_not_hanging());
}
