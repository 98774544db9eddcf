/* What comes of a process's end for those whom it leaves: parents that are told, groups of which
 * nobody is left who could let them go on. */
#include <signal.h>
#include <string.h>
#include "servers/process/process.h"
#include "servers/rt/start/twin.h"
#include "tests/unit/process/suites.h"

/* The clock stands still. */
uint64_t rt_now(void)
{
        return 0;
}

static unsigned ending; /* calls of process_end() that are under way */

/* What family.c, processes.c and the others tell of an end; the task is the kernel's. */
void process_end(struct process *process, uint64_t status)
{
        if (process->stage == PROCESS_STAGE_ENDED)
                return;
        ck_assert_uint_eq(ending++, 0); /* the server's stack is small */
        process->stage = PROCESS_STAGE_ENDED;
        process->status = status;
        process->stopped = 0;
        family_ended(process);
        ending--;
}

static uint64_t given_up; /* whose successor was dropped last */

void replace_drop(const struct process *process)
{
        given_up = process->id;
}

outcome_t rights_make(struct process *process, handle_t rights[OWN_RIGHTS])
{
        (void)process;
        (void)rights;
        return OUTCOME_OK;
}

void text_fork(struct process *child, const struct process *parent)
{
        (void)child;
        (void)parent;
}

void rights_close(const handle_t rights[OWN_RIGHTS])
{
        (void)rights;
}

outcome_t twin_begin(uint64_t memory, handle_t fault_right, const struct spawned *parent,
                     struct spawned *child)
{
        (void)memory;
        (void)fault_right;
        (void)parent;
        (void)child;
        return OUTCOME_OK;
}

outcome_t twin_finish(struct spawned *spawned, uint64_t process, const struct twin_own *own,
                      const struct twin_thread *thread)
{
        (void)spawned;
        (void)process;
        (void)own;
        (void)thread;
        return OUTCOME_OK;
}

outcome_t process_reap_reply(handle_t reply, uint64_t id, uint64_t status, uint64_t cpu)
{
        (void)reply;
        (void)id;
        (void)status;
        (void)cpu;
        return OUTCOME_OK;
}

outcome_t rt_reply_outcome(handle_t reply, outcome_t outcome)
{
        (void)reply;
        (void)outcome;
        return OUTCOME_OK;
}

static void setup(void)
{
        memset(&processes, 0, sizeof processes);
        ending = 0;
}

/* One that runs without the layer, in a group of its own in the first one's session. */
static struct process *process_of(uint64_t id, uint64_t parent)
{
        struct process *process = &processes.list[id - 1];
        *process = (struct process){.id = id,
                                    .job = 1,
                                    .parent = parent,
                                    .stage = PROCESS_STAGE_RUNNING,
                                    .group = id,
                                    .session = 1};
        return process;
}

START_TEST(generations_that_are_stopped_end_one_after_the_other)
{
        for (uint64_t id = 1; id <= PROCESSES; id++)
                process_of(id, id - 1)->stopped = SIGSTOP;
        process_end(&processes.list[0], 0);
        family_sweep();
        ck_assert_int_eq(processes.list[0].stage, PROCESS_STAGE_ENDED);
        for (unsigned i = 1; i < PROCESSES; i++)
                ck_assert_int_eq(processes.list[i].stage, 0);
}
END_TEST

START_TEST(who_goes_at_once_leaves_its_group_released)
{
        process_of(1, 0);
        struct process *process = process_of(2, 1), *member = process_of(3, 2);
        member->group = process->group;
        member->stopped = SIGSTOP;
        process_end(process, 0);
        process_free(process);
        ck_assert_int_eq(member->stage, PROCESS_STAGE_ENDED);
        ck_assert_uint_eq(member->status, PROCESS_SIGNALLED + SIGHUP);
}
END_TEST

START_TEST(who_runs_or_is_kept_stays)
{
        process_of(1, 0);
        struct process *process = process_of(2, 1), *runs = process_of(3, 2),
                       *kept = process_of(4, 2), *keeper = process_of(5, 1);
        kept->stopped = SIGSTOP;
        kept->group = keeper->group;
        process_end(process, 0);
        family_sweep();
        ck_assert_int_eq(runs->stage, PROCESS_STAGE_RUNNING);
        ck_assert_int_eq(kept->stage, PROCESS_STAGE_RUNNING);
}
END_TEST

static bool is_pending(const struct process *process, unsigned signal)
{
        return process->pending >> (signal - 1) & 1;
}

/* One that has the layer, which takes signals when it likes. */
static struct process *layered(uint64_t id, uint64_t parent)
{
        struct process *process = process_of(id, parent);
        process->spawned.stack_end = 1;
        return process;
}

START_TEST(a_job_that_nobody_has_is_told_and_ends_in_time)
{
        const struct process *first = layered(1, 0), *child = layered(2, 1);
        struct process *other = layered(3, 1), *elsewhere = layered(4, 0);
        other->session = 3;
        elsewhere->job = elsewhere->session = 4;
        family_hang_up(1);
        ck_assert(is_pending(first, SIGHUP) && is_pending(first, SIGCONT));
        ck_assert(is_pending(child, SIGHUP) && !is_pending(other, SIGHUP));
        ck_assert(!is_pending(elsewhere, SIGHUP));
        const uint64_t until = family_hangs(0);
        ck_assert_uint_ge(until, PROCESS_HANG_UP);
        ck_assert_uint_eq(family_hangs(until - 1), until);
        ck_assert_int_eq(other->stage, PROCESS_STAGE_RUNNING);
        ck_assert_uint_eq(family_hangs(until), TIME_NEVER);
        ck_assert(!first->stage && !child->stage && !other->stage && elsewhere->stage);
}
END_TEST

START_TEST(a_job_that_nobody_has_is_free_when_all_have_ended)
{
        struct process *first = layered(1, 0), *child = layered(2, 1);
        family_hang_up(1);
        process_end(first, PROCESS_SIGNALLED + SIGHUP);
        family_sweep();
        ck_assert_uint_ne(family_hangs(0), TIME_NEVER);
        process_end(child, 0);
        ck_assert_uint_eq(family_hangs(0), TIME_NEVER);
        ck_assert(!first->stage && !child->stage);
}
END_TEST

START_TEST(who_asked_for_it_hears_of_its_parents_end)
{
        process_of(1, 0);
        struct process *parent = process_of(2, 1), *child = layered(3, 2),
                       *plain = process_of(4, 2), *grandchild = process_of(5, 4),
                       *without = layered(6, 2);
        child->death_signal = SIGUSR1;
        plain->death_signal = grandchild->death_signal = SIGTERM;
        process_end(parent, 0);
        family_sweep();
        ck_assert(is_pending(child, SIGUSR1) && !without->pending);
        ck_assert(!plain->stage && !grandchild->stage); /* they have no layer */
}
END_TEST

START_TEST(what_children_have_spent_is_their_parents_when_it_asks)
{
        struct process *parent = process_of(1, 0), *child = process_of(2, 1);
        const struct request request = {.badge = badge_of(BADGE_CHILD, 1)};
        struct request asked = request;
        uint64_t id, status, spent;
        child->spent = 5;
        child->children_spent = 7;
        process_end(child, 3);
        ck_assert_uint_eq(
            family_reap(&asked, 2, PROCESS_REAP_NOW | PROCESS_REAP_TURNED, &id, &status, &spent),
            OUTCOME_OK);
        ck_assert_uint_eq(id, 0); /* only of a stop it was to be told */
        ck_assert_uint_eq(
            family_reap(&asked, 2, PROCESS_REAP_NOW | PROCESS_REAP_KEEP, &id, &status, &spent),
            OUTCOME_OK);
        ck_assert(spent == 12 && parent->children_spent == 0);
        ck_assert_uint_eq(family_reap(&asked, 2, PROCESS_REAP_NOW, &id, &status, &spent),
                          OUTCOME_OK);
        ck_assert(id == 2 && status == 3 && parent->children_spent == 12);
}
END_TEST

START_TEST(who_gives_another_program_up_is_who_asks)
{
        struct request asked = {.badge = badge_of(BADGE_CHILD, 2)};
        process_of(2, 0);
        given_up = 0;
        ck_assert_uint_eq(family_unfork(&asked, 0), OUTCOME_OK);
        ck_assert_uint_eq(given_up, 2);
        asked.badge = badge_of(BADGE_OWNER, 2);
        given_up = 0;
        ck_assert_uint_eq(family_unfork(&asked, 0), answered(REASON_REFUSED));
        ck_assert_uint_eq(given_up, 0);
}
END_TEST

TCase *family_tests(void)
{
        TCase *tests = tcase_create("family");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, generations_that_are_stopped_end_one_after_the_other);
        tcase_add_test(tests, who_goes_at_once_leaves_its_group_released);
        tcase_add_test(tests, who_runs_or_is_kept_stays);
        tcase_add_test(tests, a_job_that_nobody_has_is_told_and_ends_in_time);
        tcase_add_test(tests, a_job_that_nobody_has_is_free_when_all_have_ended);
        tcase_add_test(tests, who_asked_for_it_hears_of_its_parents_end);
        tcase_add_test(tests, who_gives_another_program_up_is_who_asks);
        tcase_add_test(tests, what_children_have_spent_is_their_parents_when_it_asks);
        return tests;
}
