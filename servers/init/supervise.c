/* From a component's death to its next start, and the look for signs of life; see supervise.h. */
#include "servers/init/supervise.h"

#include <stdio.h>
#include <string.h>
#include "servers/init/admitters.h"
#include "servers/init/components.h"
#include "servers/init/fault.h"
#include "servers/init/fence.h"
#include "servers/init/installed.h"
#include "servers/init/kept.h"
#include "servers/init/together.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"

#define BACK_OFF_FIRST (50 * RT_MILLISECOND)
#define BACK_OFF_MOST  (10 * RT_SECOND)
/* A run of that length counts as no failure. */
#define RUN_GOOD (30 * RT_SECOND)

/* Looks in a row that may find no sign of life. The first sign may take longer: it comes when the
 * component has begun to serve. */
enum { HEARTBEATS_MISSED = 3, HEARTBEATS_MISSED_FIRST = 12 };

static uint64_t back_off(unsigned failures)
{
        uint64_t pause = BACK_OFF_FIRST;
        while (failures-- > 1 && pause < BACK_OFF_MOST)
                pause *= 2;
        return pause < BACK_OFF_MOST ? pause : BACK_OFF_MOST;
}

/* The bus server's memory is what devices access, so they must be silent first. Clients of drivers
 * have mapped some of it and do not know yet; it stays theirs until they let go. */
static void bus_drop(struct init *init, struct component *component)
{
        FOR_EACH_TOGETHER(init, component, member)
        if (member->spawned.thread != 0)
                sys_thread_control(member->spawned.thread, THREAD_STOP, 0);
        fence_devices(init->boot.info);
        together_drop(init, component, true);
}

static bool has_device(struct init *init, const struct component *component, enum device_kind kind)
{
        FOR_EACH_TOGETHER(init, component, member)
        if (component_has_device(member, kind))
                return true;
        return false;
}

/* Destroys what belongs to the run, whoever holds handles to it: with the task, if it runs. */
static void run_drop(struct init *init, struct component *component)
{
        kept_drop(init, component);
        if (component->spawned.task != 0 && has_device(init, component, DEVICE_HARDWARE))
                bus_drop(init, component);
        else if (component->spawned.task != 0)
                together_drop(init, component, false);
        if (has_device(init, component, DEVICE_LINE))
                sys_machine_control(init->boot.info->hardware, MACHINE_CONSOLE, true);
        admissions_drop(component);
}

/* Why others end whose task has ended with one of them. */
struct ended_with {
        char text[COMPONENT_NAME + 32];
};

static struct ended_with ended_with(const struct component *component)
{
        struct ended_with why;
        snprintf(why.text, sizeof why.text, "it shared a task with %s", component->name);
        return why;
}

/* Restarts at once, whatever the policy: the component itself has not failed. */
static void component_again(struct init *init, struct component *component, const char *why)
{
        rt_log("%s is started again: %s", component->name, why);
        run_drop(init, component);
        component->state = PROCESS_BACKING_OFF;
        component->wake_at = rt_now();
        FOR_EACH_TOGETHER(init, component, member)
        if (member->state == PROCESS_RUNNING)
                component_again(init, member, ended_with(component).text);
        init_work(init);
}

/* A component that the bus server admitted cannot go on: its right to the device has died. */
static void admitted_end(struct init *init, enum admission which)
{
        for (unsigned i = 0; i < init->count; i++) {
                struct component *other = &init->components[i];
                if (other->rights[which] == 0)
                        continue;
                if (other->state == PROCESS_RUNNING)
                        component_again(init, other, "its bus server is gone");
                else
                        admissions_drop(other);
        }
}

/* Other admitters have successors, which admit those who run. */
static void admitter_ended(struct init *init, const struct component *admitter)
{
        for (enum admission which = 0; which < ADMISSIONS; which++) {
                if (!component_admits(admitter, which))
                        continue;
                if (admission_takes_along(which))
                        admitted_end(init, which);
                else
                        admission_forget(init, which);
        }
}

/* The next run has the program that was there before. */
static void trial_end(struct init *init, struct component *component, uint64_t now)
{
        rt_log("%s: the program that was installed has failed: what ran before is back",
               component->name);
        installed_return(component);
        component->failures = 0;
        component->state = PROCESS_BACKING_OFF;
        component->wake_at = now;
        init_wake_at(init, now);
}

/* How a run has ended. DONE: it has left with status 0, so it has done what it was to do, unless it
 * is always to be there. REFUSED: others did not admit it, which is no failure of its own. */
enum run_result { RUN_FAILED, RUN_DONE, RUN_REFUSED };

static void state_after(struct init *init, struct component *component, enum run_result how,
                        uint64_t now)
{
        enum restart_policy policy = component_manifest(component)->restart;
        bool done = how == RUN_DONE && policy != RESTART_ALWAYS;
        unsigned trials = policy == RESTART_NEVER ? 1 : INSTALLED_FAILURES;
        if (component->state == PROCESS_RUNNING && now - component->started_at >= RUN_GOOD &&
            installed_has_served(component)) {
                component->failures = 0;
                installed_keep(component);
        }
        if (how == RUN_REFUSED)
                component->refusals++;
        else
                component->failures++;
        if (component->on_trial && !done && component->failures >= trials) {
                trial_end(init, component, now);
                return;
        }
        if (policy == RESTART_NEVER || done) {
                component->state = PROCESS_ENDED;
        } else if (policy == RESTART_BACKOFF && component->failures > RESTART_FAILURES) {
                component->state = PROCESS_GIVEN_UP;
                rt_log("%s is given up: it has failed %u times in a row", component->name,
                       component->failures);
        } else {
                component->state = PROCESS_BACKING_OFF;
                component->wake_at = now + back_off(component->failures + component->refusals);
                init_wake_at(init, component->wake_at);
        }
}

static void run_end(struct init *init, struct component *component, const char *why,
                    enum run_result how)
{
        bool admits = component->admission != 0;
        rt_log("%s ended: %s", component->name, why);
        run_drop(init, component);
        state_after(init, component, how, rt_now());
        FOR_EACH_TOGETHER(init, component, member)
        if (member->state == PROCESS_RUNNING && member->spawned.task == 0)
                run_end(init, member, ended_with(component).text, how);
        if (admits)
                admitter_ended(init, component);
        init_work(init);
}

void component_end(struct init *init, struct component *component, const char *why)
{
        run_end(init, component, why, RUN_FAILED);
}

void component_refused(struct init *init, struct component *component)
{
        run_end(init, component, "it was not admitted", RUN_REFUSED);
}

void component_give_up(struct init *init, struct component *component, const char *why)
{
        rt_log("%s cannot run: %s", component->name, why);
        run_drop(init, component);
        component->state = PROCESS_GIVEN_UP;
        init_work(init);
}

bool component_start(struct init *init, struct component *component, uint64_t now)
{
        if (component->state == PROCESS_RUNNING || component->state == PROCESS_WAITING)
                return false;
        component->failures = 0;
        component->state = PROCESS_BACKING_OFF;
        component->wake_at = now;
        FOR_EACH_TOGETHER(init, component, member)
        if (member->state == PROCESS_RUNNING)
                component_again(init, member, "another one is to share its task");
        init_work(init);
        return true;
}

void component_renew(struct init *init, struct component *component, uint64_t now)
{
        if (component->state == PROCESS_RUNNING)
                component_again(init, component, "another program was installed");
        else if (component->state != PROCESS_WAITING)
                component_start(init, component, now);
        component->failures = 0;
}

void supervise_deaths(struct init *init)
{
        for (unsigned i = 0; i < init->count; i++) {
                struct component *component = &init->components[i];
                uint64_t alive, status;
                char why[48];
                if (component->state != PROCESS_RUNNING ||
                    sys_task_status(component->spawned.task, &alive, &status) != OUTCOME_OK ||
                    alive)
                        continue;
                snprintf(why, sizeof why, "%s has left with status %lu",
                         together_now(init, component) ? "its task" : "it", status);
                run_end(init, component, why, status == 0 ? RUN_DONE : RUN_FAILED);
        }
}

/* Whether it is ready to run and has had no processor since the last look: that is not its fault.
 * How much it has had can be read of a thread that stands still. */
static bool is_starved(struct component *component)
{
        struct registers registers;
        const handle_t thread = component->spawned.thread;
        const uint64_t before = component->cpu_time;
        if (sys_thread_registers(thread, &registers, &component->cpu_time) !=
            not_executed(REASON_BUSY))
                return false;
        sys_thread_control(thread, THREAD_STOP, 0);
        sys_thread_registers(thread, &registers, &component->cpu_time);
        sys_thread_control(thread, THREAD_START, 0);
        return component->cpu_time == before;
}

static void hang_end(struct init *init, struct component *component, uint64_t now)
{
        rt_log("%s: no sign of life for %lu s", component->name,
               (uint64_t)((now - component->heard_at) / RT_SECOND));
        stop_report(component);
        component_end(init, component, "it gave no sign of life");
}

/* Silence is counted in looks, not by the clock: after a pause of the whole machine there is one
 * look, and all have time until the next. */
static void heartbeat_look(struct init *init, struct component *component, uint64_t now)
{
        unsigned most = component->heard_at > component->started_at ? HEARTBEATS_MISSED
                                                                    : HEARTBEATS_MISSED_FIRST;
        uint64_t bits;
        if (sys_event_wait(component->heartbeat, ~0ull, now, &bits) == OUTCOME_OK) {
                component->missed = 0;
                component->heard_at = now;
        } else if (!is_starved(component)) {
                component->missed++;
        }
        if (component->missed >= most)
                hang_end(init, component, now);
}

static void heartbeat_check(struct init *init, struct component *component, uint64_t now)
{
        uint64_t period = component_manifest(component)->heartbeat * RT_SECOND;
        if (component->state != PROCESS_RUNNING || period == 0)
                return;
        if (now >= component->look_at) {
                component->look_at = now + period;
                heartbeat_look(init, component, now);
        }
        if (component->state == PROCESS_RUNNING)
                init_wake_at(init, component->look_at);
}

void supervise_work(struct init *init, uint64_t now)
{
        for (unsigned i = 0; i < init->count; i++) {
                struct component *component = &init->components[i];
                heartbeat_check(init, component, now);
                if (component->state != PROCESS_BACKING_OFF)
                        continue;
                if (now < component->wake_at || component->step != LAUNCH_NONE) {
                        init_wake_at(init, component->wake_at);
                        continue;
                }
                component->state = PROCESS_WAITING;
                component->restarts++;
                init_work(init);
        }
}
