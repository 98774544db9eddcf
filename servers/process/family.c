/* Processes that processes make. The parent fills its child's task by itself, since it alone knows
 * what is in its memory and which handles it has; the server gives the task, its account and its
 * rights, starts it, and tells the parent of its end.
 *
 *      parent                          server                        child
 *        │── fork ──────────────────────>│ account, task ─────────────> empty
 *        │── memory, handles ────────────┼──────────────────────────────> as the parent's
 *        │── forked ────────────────────>│ number, rights, thread ────> begins
 *        │<─ reap: number and status ────│<──────────────────── exit ─────┘
 *
 * A child counts as its parent does: for the same spawner, and for the same job. Invariant: a
 * parent's number is that of a process that has not ended. */
#include <assert.h>
#include <signal.h>
#include <string.h>

#include "servers/common/least.h"
#include "servers/process/process.h"
#include "servers/process/spawners.h"
#include "servers/rt/start/twin.h"
#include "servers/rt/task/memory.h"

enum {
        REAP_KNOWN = PROCESS_REAP_NOW | PROCESS_REAP_KEEP | PROCESS_REAP_STOPPED |
                     PROCESS_REAP_CONTINUED | PROCESS_REAP_GROUP | PROCESS_REAP_TURNED
};

/* ---- making one ------------------------------------------------------------------------------ */

/* What the caller wants more of than there is of all that it may have together. */
static outcome_t out_of(outcome_t outcome)
{
        return outcome_reason(outcome) == REASON_NO_MEMORY ? answered(REASON_OVERLOADED) : outcome;
}

/* The task and its account, of which the parent gets handles. */
static outcome_t task_make(const struct process *parent, struct process *child, uint64_t *account,
                           uint64_t *task)
{
        handle_t rights[OWN_RIGHTS];
        outcome_t outcome = rights_make(child, rights);
        if (outcome == OUTCOME_OK)
                outcome =
                    twin_begin(child->limit, rights[OWN_FAULT], &parent->spawned, &child->spawned);
        rights_close(rights);
        if (outcome == OUTCOME_OK)
                outcome = sys_handle_grant(parent->spawned.task, child->spawned.account,
                                           RIGHT_CONTROL, account);
        if (outcome == OUTCOME_OK)
                outcome = sys_handle_grant(parent->spawned.task, child->spawned.task,
                                           RIGHT_CONTROL | RIGHT_READ, task);
        return outcome;
}

/* What of the parent's memory the server knows, which grows. */
static void layout_take(struct spawned *child, const struct spawned *parent)
{
        child->displacement = parent->displacement;
        child->startup_page = parent->startup_page;
        child->stack_low = parent->stack_low;
        child->stack_end = parent->stack_end;
        child->stack_floor = parent->stack_floor;
}

/* What a child may use: as its parent uses now, and some more, but no more than that may. */
static uint64_t limit_of(const struct process *parent)
{
        uint64_t used = 0, limit = 0;
        sys_account_info(parent->spawned.account, &used, &limit);
        used = page_up(used + PROCESS_FORK_ROOM);
        return used < parent->limit ? used : parent->limit;
}

outcome_t family_fork(struct request *request, uint64_t *id, uint64_t *account, uint64_t *task)
{
        const struct process *parent = process_itself(request);
        uint64_t left;
        if (!parent)
                return answered(REASON_REFUSED);
        struct process *child = spawner_may_create(parent->spawner) ? process_new() : NULL;
        if (!child)
                return answered(REASON_OVERLOADED);
        child->spawner = parent->spawner;
        child->job = parent->job;
        child->parent = parent->id;
        child->group = parent->group;
        child->session = parent->session;
        child->memory = parent->memory;
        child->stack = parent->stack;
        child->priority = parent->priority;
        memcpy(child->name, parent->name, sizeof child->name);
        text_fork(child, parent);
        child->limit = limit_of(parent);
        child->shared = parent->shared;
        outcome_t outcome = answered(REASON_OVERLOADED);
        if (spawner_may_give(child, spawner_charge(child), &left))
                outcome = task_make(parent, child, account, task);
        if (outcome != OUTCOME_OK) {
                process_free(child);
                return out_of(outcome);
        }
        layout_take(&child->spawned, &parent->spawned);
        *id = child->id;
        return OUTCOME_OK;
}

/* The child that the caller is making, which may have been killed meanwhile; NULL: it makes none.
 */
static struct process *child_unborn(const struct request *request, uint64_t id)
{
        const struct process *parent = process_itself(request);
        struct process *child = process_find(id);
        return parent && child && child->parent == parent->id &&
                       child->stage != PROCESS_STAGE_RUNNING
                   ? child
                   : NULL;
}

static outcome_t task_start(struct process *child, const struct twin_thread *thread)
{
        handle_t rights[OWN_RIGHTS];
        outcome_t outcome = rights_make(child, rights);
        const struct twin_own own = {rights[OWN_CHILD], child->signals};
        if (outcome == OUTCOME_OK)
                outcome = twin_finish(&child->spawned, child->id, &own, thread);
        rights_close(rights);
        if (outcome == OUTCOME_OK)
                outcome = sys_watch(child->spawned.task, processes.event, EVENT_TASK_DIED);
        return outcome == OUTCOME_OK ? spawn_start(&child->spawned) : outcome;
}

outcome_t family_forked(struct request *request, uint64_t id, uint64_t entry, uint64_t stack,
                        uint64_t argument, uint64_t wait)
{
        struct process *child = child_unborn(request, id);
        if (!child)
                return answered(REASON_REFUSED);
        if (entry < LAYER_START || entry >= LAYER_END)
                return answered(REASON_INVALID);
        const struct process *parent = process_find(child->parent);
        const struct twin_thread thread = {entry, stack, argument, child->priority};
        if (child->stage == PROCESS_STAGE_ENDED)
                return OUTCOME_OK;
        layout_take(&child->spawned, &parent->spawned);
        child->fault_entry = parent->fault_entry;
        child->fault_place = parent->fault_place;
        child->probe = parent->probe;
        child->probe_end = parent->probe_end;
        outcome_t outcome = task_start(child, &thread);
        if (outcome != OUTCOME_OK) {
                process_free(child);
                return out_of(outcome);
        }
        child->stage = PROCESS_STAGE_RUNNING;
        child->maker = wait ? request->reply : 0;
        return wait ? RT_DEFERRED : OUTCOME_OK;
}

outcome_t family_unfork(struct request *request, uint64_t id)
{
        const struct process *itself = process_itself(request);
        struct process *child = child_unborn(request, id);
        if (itself && !id) {
                replace_drop(itself);
                return OUTCOME_OK;
        }
        if (!child)
                return answered(REASON_REFUSED);
        process_free(child);
        return OUTCOME_OK;
}

void family_release(struct process *process)
{
        if (process->maker)
                rt_reply_outcome(process->maker, OUTCOME_OK);
        process->maker = 0;
}

outcome_t family_parent(struct request *request, uint64_t *id)
{
        const struct process *process = process_itself(request);
        if (!process)
                return answered(REASON_REFUSED);
        *id = process->parent;
        return OUTCOME_OK;
}

outcome_t family_usage(struct request *request, uint64_t *children)
{
        const struct process *process = process_itself(request);
        if (!process)
                return answered(REASON_REFUSED);
        *children = process->children_spent;
        return OUTCOME_OK;
}

outcome_t family_death_signal(struct request *request, struct optional_word set, uint64_t *signal)
{
        struct process *process = process_itself(request);
        if (!process)
                return answered(REASON_REFUSED);
        if (set.given && set.word > PROCESS_SIGNAL_LAST)
                return answered(REASON_INVALID);
        if (set.given)
                process->death_signal = (unsigned)set.word;
        *signal = process->death_signal;
        return OUTCOME_OK;
}

/* ---- ends, stops ----------------------------------------------------------------------------- */

static bool is_child(const struct process *process, const struct process *parent)
{
        return process->stage && !process->over && process->parent == parent->id;
}

/* Whether it is one of those that are asked for. */
static bool is_meant(const struct process *child, const struct process *parent, uint64_t which,
                     uint64_t flags)
{
        if (flags & PROCESS_REAP_GROUP)
                return child->group == (which ? which : parent->group);
        return !which || child->id == which;
}

/* What there is to be told of a child, of what is asked for; 0 is a status, too. */
static bool has_news(const struct process *child, uint64_t flags, uint64_t *status)
{
        const uint64_t turned = child->news & PROCESS_STOPPED     ? flags & PROCESS_REAP_STOPPED
                                : child->news & PROCESS_CONTINUED ? flags & PROCESS_REAP_CONTINUED
                                                                  : 0;
        const bool ended = child->stage == PROCESS_STAGE_ENDED;
        *status = ended ? child->status : child->news;
        return ended ? !(flags & PROCESS_REAP_TURNED) : turned;
}

/* What is told of a child's use of the processor: with that of its own children. */
static uint64_t spent_of(const struct process *child)
{
        return child->stage == PROCESS_STAGE_ENDED ? child->spent + child->children_spent : 0;
}

/* The parent has it, if it was to be told once. */
static void news_take(struct process *parent, struct process *child, uint64_t flags)
{
        if (flags & PROCESS_REAP_KEEP)
                return;
        child->news = 0;
        child->over = child->stage == PROCESS_STAGE_ENDED;
        parent->children_spent += spent_of(child);
}

/* A child with news; NULL: there is none. *any: there are such children. */
static struct process *news_find(const struct process *parent, uint64_t which, uint64_t flags,
                                 bool *any, uint64_t *status)
{
        *any = false;
        for (unsigned i = 0; i < PROCESSES; i++) {
                struct process *process = &processes.list[i];
                if (!is_child(process, parent) || !is_meant(process, parent, which, flags))
                        continue;
                *any = true;
                if (has_news(process, flags, status))
                        return process;
        }
        return NULL;
}

outcome_t family_reap(struct request *request, uint64_t which, uint64_t flags, uint64_t *id,
                      uint64_t *status, uint64_t *cpu)
{
        struct process *parent = process_itself(request);
        uint64_t news = 0;
        bool any;
        if (!parent)
                return answered(REASON_REFUSED);
        if (flags & ~(uint64_t)REAP_KNOWN)
                return answered(REASON_INVALID);
        struct process *child = news_find(parent, which, flags, &any, &news);
        if (!any)
                return answered(REASON_NOT_FOUND);
        *id = child ? child->id : 0;
        *status = child ? news : 0;
        *cpu = child ? spent_of(child) : 0;
        if (child)
                news_take(parent, child, flags);
        if (child || flags & PROCESS_REAP_NOW)
                return OUTCOME_OK;
        for (unsigned i = 0; i < REAPERS; i++) {
                if (parent->reapers[i].reply)
                        continue;
                parent->reapers[i] = (struct reaper){request->reply, which, flags};
                return RT_DEFERRED;
        }
        return answered(REASON_OVERLOADED);
}

/* Answers those of the parent who wait for this child, up to the first that takes its status. */
static void parent_tell(struct process *parent, struct process *child)
{
        for (unsigned i = 0; i < REAPERS && !child->over; i++) {
                struct reaper *reaper = &parent->reapers[i];
                uint64_t status;
                if (!reaper->reply || !is_meant(child, parent, reaper->child, reaper->flags) ||
                    !has_news(child, reaper->flags, &status))
                        continue;
                if (process_reap_reply(reaper->reply, child->id, status, spent_of(child)) ==
                    OUTCOME_OK)
                        news_take(parent, child, reaper->flags);
                *reaper = (struct reaper){0};
        }
}

static bool ended_by_signal(const struct process *process)
{
        return process->status >= PROCESS_SIGNALLED;
}

/* Whether the process keeps the other's group from being an orphan, as long as it lives. */
static bool keeps_group(const struct process *parent, const struct process *child)
{
        return parent->session == child->session && parent->group != child->group;
}

void family_ended(struct process *process)
{
        assert(process->stage == PROCESS_STAGE_ENDED);
        for (unsigned i = 0; i < REAPERS; i++)
                if (process->reapers[i].reply)
                        rt_reply_outcome(process->reapers[i].reply, answered(REASON_CANCELLED));
        memset(process->reapers, 0, sizeof process->reapers);
        for (unsigned i = 0; i < PROCESSES; i++) {
                struct process *child = &processes.list[i];
                if (!is_child(child, process))
                        continue;
                child->parent = 0;
                child->over =
                    child->stage == PROCESS_STAGE_ENDED || child->stage == PROCESS_STAGE_CREATED;
                child->release |= !child->over && keeps_group(process, child);
                child->bereaved |= !child->over && child->death_signal;
        }
        struct process *parent = process->parent ? process_find(process->parent) : NULL;
        const struct sent sent = {ended_by_signal(process) ? CLD_KILLED : CLD_EXITED,
                                  (int32_t)process->id, process->status % PROCESS_SIGNALLED};
        process->release |= parent && keeps_group(parent, process);
        if (parent)
                parent_tell(parent, process);
        if (parent)
                process_signal(parent, SIGCHLD, &sent);
        else if (process->job != process->id)
                process->over = true;
}

void family_turned(struct process *process, uint64_t news)
{
        struct process *parent = process->parent ? process_find(process->parent) : NULL;
        const bool stops = news & PROCESS_STOPPED;
        const struct sent sent = {stops ? CLD_STOPPED : CLD_CONTINUED, (int32_t)process->id,
                                  stops ? news % PROCESS_SIGNALLED : SIGCONT};
        assert(process->stage == PROCESS_STAGE_RUNNING);
        process->news = news;
        if (!parent)
                return;
        parent_tell(parent, process);
        process_signal(parent, SIGCHLD, &sent);
}

void family_replaced(const struct process *parent)
{
        for (unsigned i = 0; i < PROCESSES; i++) {
                struct process *child = &processes.list[i];
                if (is_child(child, parent) && child->stage == PROCESS_STAGE_CREATED)
                        child->over = true;
        }
}

bool family_forget(handle_t reply)
{
        for (unsigned i = 0; i < PROCESSES; i++) {
                struct process *process = &processes.list[i];
                if (process->maker == reply) {
                        process->maker = 0;
                        return true;
                }
                for (unsigned j = 0; j < REAPERS; j++)
                        if (process->reapers[j].reply == reply) {
                                process->reapers[j] = (struct reaper){0};
                                return true;
                        }
        }
        return false;
}

static void family_free(uint64_t job)
{
        for (unsigned i = 0; i < PROCESSES; i++)
                if (processes.list[i].stage && processes.list[i].job == job)
                        process_free(&processes.list[i]);
}

/* Whether any of the job runs. */
static bool family_runs(uint64_t job)
{
        for (unsigned i = 0; i < PROCESSES; i++) {
                const struct process *process = &processes.list[i];
                if (process->stage == PROCESS_STAGE_RUNNING && process->job == job)
                        return true;
        }
        return false;
}

/* Those that are stopped go on, to hear of it. */
void family_hang_up(uint64_t job)
{
        static const struct sent sent;
        struct process *first = process_find(job);
        if (!first)
                return;
        for (unsigned i = 0; i < PROCESSES; i++) {
                struct process *process = &processes.list[i];
                if (process->stage != PROCESS_STAGE_RUNNING || process->job != job ||
                    process->session != first->session)
                        continue;
                process_signal(process, SIGHUP, &sent);
                process_signal(process, SIGCONT, &sent);
        }
        first->hangs_until = rt_after(PROCESS_HANG_UP);
}

uint64_t family_hangs(uint64_t now)
{
        uint64_t next = TIME_NEVER;
        for (unsigned i = 0; i < PROCESSES; i++) {
                const struct process *first = &processes.list[i];
                if (!first->hangs_until)
                        continue;
                if (now >= first->hangs_until || !family_runs(first->id))
                        family_free(first->id);
                else
                        next = least(next, first->hangs_until);
        }
        return next;
}

/* A release, and the signal for a parent's end, end those that cannot stop, which may leave groups
 * of others to be released. */
static bool any_released(void)
{
        static const struct sent sent;
        bool any = false;
        for (unsigned i = 0; i < PROCESSES; i++) {
                struct process *process = &processes.list[i];
                if (process->bereaved) {
                        process->bereaved = false;
                        process_signal(process, process->death_signal, &sent);
                        any = true;
                }
                if (!process->release)
                        continue;
                process->release = false;
                group_release(process);
                any = true;
        }
        return any;
}

void family_sweep(void)
{
        while (any_released())
                ;
        for (unsigned i = 0; i < PROCESSES; i++)
                if (processes.list[i].over)
                        process_free(&processes.list[i]);
}
