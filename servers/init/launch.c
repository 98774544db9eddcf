/* See launch.h. The admissions come first, one after the other; the task is made when all are
 * there, also those of the components that share it. */
#include "servers/init/launch.h"

#include <stdio.h>
#include <string.h>
#include "servers/init/admitters.h"
#include "servers/init/components.h"
#include "servers/init/kept.h"
#include "servers/init/start.h"
#include "servers/init/supervise.h"
#include "servers/init/together.h"
#include "servers/proto/name.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"

/* ---- admissions ---------------------------------------------------------------------------- */

static void admission_failed(struct init *init, struct component *component, enum admission which,
                             outcome_t outcome)
{
        if (outcome_reason(outcome) == REASON_RECEIVER_DIED)
                return; /* its successor is asked */
        if (which == ADMISSION_PCI && outcome == answered(REASON_NOT_FOUND)) {
                component_give_up(init, component, "its device is not there");
                return;
        }
        rt_log("%s waits: %s: %s", component->name, admission_name(which),
               reason_text(outcome_reason(outcome)));
        component_refused(init, component);
}

/* Nobody can be asked, and nobody will come. */
static void admitter_missing(struct init *init, struct component *component, enum admission which)
{
        if (admission_optional(which)) {
                component->without |= 1u << which;
                init_work(init);
                return;
        }
        rt_log("no component of this node has `admits %s` in its manifest", admission_name(which));
        component_give_up(init, component, "nobody is there to admit it");
}

static void admission_begin(struct init *init, struct component *component, enum admission which,
                            uint64_t now)
{
        const struct component *admitter = admitter_of(init, which);
        outcome_t outcome;
        if (!admitter || !admitter_will_come(admitter)) {
                admitter_missing(init, component, which);
                return;
        }
        if (admitter->admission == 0)
                return; /* when it has introduced itself, this goes on (control.c) */
        outcome = admission_ask(init, component, which, admitter->admission, now + RT_DEFAULT_WAIT);
        if (outcome != OUTCOME_OK)
                admission_failed(init, component, which, outcome);
}

/* For a component that runs: it goes on even if the admitter is not there. */
static void admission_again(struct init *init, struct component *component, enum admission which,
                            uint64_t now)
{
        const struct component *admitter = admitter_of(init, which);
        if (admitter && admitter->admission != 0)
                admission_ask(init, component, which, admitter->admission, now + RT_DEFAULT_WAIT);
}

/* ---- the way --------------------------------------------------------------------------------- */

static void launch_failed(struct init *init, struct component *component, outcome_t outcome)
{
        uint64_t used = 0, limit = 0, wanted = together_memory(init, component);
        bool alone = wanted == component_memory(init, component);
        char why[96];
        sys_account_info(init->boot.info->account, &used, &limit);
        if (outcome_reason(outcome) == REASON_NO_MEMORY && limit - used < wanted)
                snprintf(why, sizeof why, "%s %lu KiB, and this node has %lu left",
                         alone ? "its manifest wants" : "the manifests of its task want",
                         wanted >> 10, (limit - used) >> 10);
        else
                snprintf(why, sizeof why, "%s", reason_text(outcome_reason(outcome)));
        FOR_EACH_TOGETHER(init, component, member)
        if (member->state == PROCESS_WAITING)
                component_end(init, member, why);
}

static void running_begin(struct component *component, uint64_t now)
{
        component->state = PROCESS_RUNNING;
        component->started_at = component->heard_at = now;
        component->look_at = now + component_manifest(component)->heartbeat * RT_SECOND;
        component->missed = component->refusals = 0;
        component->names = NAME_HELD;
}

/* Whether it may be started: it waits, and everybody has admitted it. */
static bool is_ready(const struct component *component)
{
        for (enum admission which = 0; which < ADMISSIONS; which++)
                if (admission_wanted(component, which))
                        return false;
        return component->state == PROCESS_WAITING && component->step == LAUNCH_NONE;
}

/* Whether those are ready that will share its task, as far as they will come at all. */
static bool are_ready(struct init *init, struct component *component)
{
        FOR_EACH_TOGETHER(init, component, member)
        {
                if ((member->state == PROCESS_WAITING || member->state == PROCESS_BACKING_OFF) &&
                    !is_ready(member))
                        return false;
                if (member->state == PROCESS_WAITING && !component_find_program(init, member)) {
                        component_give_up(init, member, "its program is not in boot.cpio");
                        return false;
                }
        }
        return true;
}

static void launch_run(struct init *init, struct component *component, uint64_t now)
{
        FOR_EACH_TOGETHER(init, component, member)
        if (member->state == PROCESS_WAITING)
                member->run = init->next_run++;
        outcome_t outcome = task_run(init, component);
        if (outcome != OUTCOME_OK) {
                launch_failed(init, component, outcome);
                return;
        }
        FOR_EACH_TOGETHER(init, component, member)
        if (member->state == PROCESS_WAITING)
                running_begin(member, now);
        FOR_EACH_TOGETHER(init, component, member)
        if (member != member->home && together_now(init, member))
                rt_log("%s shares the task of %s: what either may do, both can", member->name,
                       member->home->name);
}

/* Gives a running component its right to the successor of an admitter that has died. */
static void hand_over(struct component *component, enum admission which, outcome_t outcome)
{
        const char *name = admission_name(which);
        const struct spawn_grant grant = {name, component->rights[which], RIGHT_SEND};
        if (outcome == OUTCOME_OK)
                outcome = spawn_regrant(&component->spawned, &grant);
        if (outcome != OUTCOME_OK)
                rt_log("%s does without %s: %s", component->name, name,
                       reason_text(outcome_reason(outcome)));
}

/* If the name service has died again, its next successor is awaited; a component that is not
 * admitted cannot go on. */
static void name_admitted(struct init *init, struct component *component, outcome_t outcome)
{
        if (outcome == OUTCOME_OK) {
                component->names = NAME_TELLING;
                component->told = 0;
        } else if (outcome_reason(outcome) != REASON_RECEIVER_DIED) {
                component_refused(init, component);
        }
}

static void admission_end(struct init *init, struct component *component)
{
        enum admission which = component->asked;
        outcome_t outcome = admission_collect(component);
        if (outcome == not_executed(REASON_BUSY))
                return;
        component->step = LAUNCH_NONE;
        if (component->state == PROCESS_RUNNING && which == ADMISSION_NAME)
                name_admitted(init, component, outcome);
        else if (component->state == PROCESS_RUNNING)
                hand_over(component, which, outcome);
        else if (component->state != PROCESS_WAITING)
                admissions_drop(component);
        else if (outcome != OUTCOME_OK)
                admission_failed(init, component, which, outcome);
        init_work(init);
}

/* An entry that the name service does not take has died. A watch is answered like a
 * registration. */
static void tell_end(struct init *init, struct component *component)
{
        if (name_register_finish(component->call) == not_executed(REASON_BUSY))
                return;
        component->step = LAUNCH_NONE;
        init_work(init);
}

static void waiting_advance(struct init *init, struct component *component, uint64_t now)
{
        for (enum admission which = 0; which < ADMISSIONS; which++)
                if (admission_wanted(component, which)) {
                        admission_begin(init, component, which, now);
                        return;
                }
        if (are_ready(init, component))
                launch_run(init, component, now);
}

static void running_advance(struct init *init, struct component *component, uint64_t now)
{
        for (enum admission which = 0; which < ADMISSIONS; which++)
                if (component->renewed & 1u << which) {
                        component->renewed &= ~(1u << which);
                        admission_again(init, component, which, now);
                        return;
                }
        if (component->names == NAME_LOST) {
                admission_again(init, component, ADMISSION_NAME, now);
        } else if (component->names == NAME_TELLING) {
                outcome_t outcome = kept_tell(init, component, &component->told, now);
                component->step = outcome == OUTCOME_OK ? LAUNCH_TELL : LAUNCH_NONE;
                if (outcome == answered(REASON_NOT_FOUND))
                        component->names = NAME_TOLD;
        }
}

void launch_advance(struct init *init, struct component *component, uint64_t now)
{
        if (component->step == LAUNCH_ADMIT)
                admission_end(init, component);
        else if (component->step == LAUNCH_TELL)
                tell_end(init, component);
        else if (component->state == PROCESS_WAITING)
                waiting_advance(init, component, now);
        else if (component->state == PROCESS_RUNNING)
                running_advance(init, component, now);
}

void launch_hand_over_names(struct init *init)
{
        for (unsigned i = 0; i < init->count; i++)
                if (init->components[i].names == NAME_LOST ||
                    init->components[i].names == NAME_TELLING)
                        return;
        for (unsigned i = 0; i < init->count; i++) {
                struct component *component = &init->components[i];
                if (component->names != NAME_TOLD)
                        continue;
                component->names = NAME_HELD;
                hand_over(component, ADMISSION_NAME, OUTCOME_OK);
        }
}
