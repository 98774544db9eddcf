/* Signals between processes: who may send whom one, what is pending then, and which processes are
 * a group or a session. */
#include "tests/unit/process/suites.h"

#include <signal.h>
#include <string.h>
#include "servers/process/process.h"
#include "servers/proto/process.h"
#include "servers/proto/programs.h"

enum { LAYER = 1 }; /* an address: the program has the layer */

static const struct sent sent = {.code = SI_USER, .sender = 7};
static unsigned told;    /* that a process has stopped */
static unsigned told_on; /* … that one goes on */
static unsigned begun;

void ends_stopped(struct process *process)
{
        ck_assert_uint_ne(process->stopped, 0);
        told++;
}

void ends_continued(struct process *process)
{
        ck_assert_uint_eq(process->stopped, 0);
        told_on++;
}

outcome_t spawn_start(const struct spawned *spawned)
{
        (void)spawned;
        begun++;
        return OUTCOME_OK;
}

static void setup(void)
{
        memset(&processes, 0, sizeof processes);
        told = told_on = begun = 0;
}

/* One that runs, in a session of its own. */
static struct process *process_of(uint64_t id, uint64_t spawner)
{
        struct process *process = &processes.list[id];
        *process = (struct process){.id = id,
                                    .job = id,
                                    .spawner = spawner,
                                    .stage = PROCESS_STAGE_RUNNING,
                                    .group = id,
                                    .session = id};
        process->spawned.stack_end = LAYER;
        return process;
}

/* The same in the session of another. */
static struct process *beside(uint64_t id, const struct process *leader)
{
        struct process *process = process_of(id, leader->spawner);
        process->group = process->session = process->parent = leader->id;
        return process;
}

static bool is_pending(const struct process *process, unsigned signal)
{
        return process->pending >> (signal - 1) & 1;
}

static outcome_t send_to(const struct process *asker, int64_t target, unsigned signal)
{
        bool own;
        return signal_send_to(asker, target, signal, &sent, &own);
}

START_TEST(a_signal_is_taken_once_with_what_was_sent)
{
        struct process *process = process_of(1, 5);
        struct sent got = {0};
        process_signal(process, SIGTERM, &sent);
        process_signal(process, SIGINT, &sent);
        ck_assert_uint_eq(process_signal_take(process, false, &got), SIGINT);
        ck_assert_int_eq(got.sender, 7);
        ck_assert_uint_eq(process_signal_take(process, false, &got), SIGTERM);
        ck_assert_uint_eq(process_signal_take(process, false, &got), 0);
}
END_TEST

START_TEST(those_of_real_time_are_taken_in_their_order)
{
        const unsigned low = PROCESS_SIGNAL_REAL_TIME, high = PROCESS_SIGNAL_LAST;
        struct process *process = process_of(1, 5);
        struct sent got = {0};
        for (uint64_t i = 0; i < 6; i++)
                process_signal(process, i % 2 ? low : high, &(struct sent){.value = i});
        process_signal(process, SIGTERM, &sent);
        ck_assert_uint_eq(process_signal_take(process, true, &got), SIGTERM);
        ck_assert_uint_eq(process_signal_take(process, true, &got), 0);
        for (uint64_t i = 0; i < 6; i++) {
                ck_assert_uint_eq(process_signal_take(process, false, &got), i < 3 ? low : high);
                ck_assert_uint_eq(got.value, i < 3 ? 2 * i + 1 : 2 * (i - 3));
        }
        ck_assert_uint_eq(process_signal_take(process, false, &got), 0);
}
END_TEST

START_TEST(who_sends_too_many_is_told)
{
        struct process *own = process_of(1, 5), *friend = beside(2, own);
        struct sent got = {0};
        for (unsigned i = 0; i < PROCESS_QUEUED; i++)
                ck_assert_uint_eq(send_to(own, 2, PROCESS_SIGNAL_LAST), OUTCOME_OK);
        ck_assert_uint_eq(send_to(own, 2, PROCESS_SIGNAL_LAST), answered(REASON_OVERLOADED));
        ck_assert_uint_eq(send_to(own, 2, SIGTERM), OUTCOME_OK);
        ck_assert_uint_eq(send_to(own, -1, PROCESS_SIGNAL_LAST), answered(REASON_OVERLOADED));
        beside(3, own);
        ck_assert_uint_eq(send_to(own, -1, PROCESS_SIGNAL_LAST), OUTCOME_OK);
        ck_assert_uint_eq(process_signal_take(friend, false, &got), SIGTERM);
        ck_assert_uint_eq(process_signal_take(friend, false, &got), PROCESS_SIGNAL_LAST);
        ck_assert_uint_eq(send_to(own, 2, PROCESS_SIGNAL_LAST), OUTCOME_OK);
}
END_TEST

START_TEST(kill_always_ends_it)
{
        struct process *process = process_of(1, 5);
        process_signal(process, SIGKILL, &sent);
        ck_assert_int_eq(process->stage, PROCESS_STAGE_ENDED);
        ck_assert_uint_eq(process->status, PROCESS_SIGNALLED + SIGKILL);
        process_signal(process, SIGTERM, &sent); /* there is nobody to have it */
        ck_assert_uint_eq(process->pending, 0);
}
END_TEST

START_TEST(without_a_layer_the_default_is_done)
{
        struct process *process = process_of(1, 5);
        process->spawned.stack_end = 0;
        process_signal(process, SIGCHLD, &sent);
        process_signal(process, SIGTSTP, &sent);
        ck_assert_int_eq(process->stage, PROCESS_STAGE_RUNNING);
        process_signal(process, SIGTERM, &sent);
        ck_assert_uint_eq(process->status, PROCESS_SIGNALLED + SIGTERM);
}
END_TEST

START_TEST(stopping_and_going_on_take_each_other_back)
{
        struct process *process = process_of(1, 5);
        process_signal(process, SIGTSTP, &sent);
        process_signal(process, SIGCONT, &sent);
        ck_assert(is_pending(process, SIGCONT) && !is_pending(process, SIGTSTP));
        process_stopped_by(process, SIGTSTP); /* said late */
        ck_assert_uint_eq(process->stopped, 0);
        process_signal(process, SIGSTOP, &sent);
        ck_assert(!is_pending(process, SIGCONT) && is_pending(process, SIGSTOP));
        process_stopped_by(process, SIGSTOP);
        ck_assert_uint_eq(process->stopped, SIGSTOP);
        ck_assert_uint_eq(told, 1);
        ck_assert_uint_eq(process->news, PROCESS_STOPPED | SIGSTOP);
        process_signal(process, SIGCONT, &sent);
        ck_assert_uint_eq(process->stopped, 0);
        ck_assert_uint_eq(process->news, PROCESS_CONTINUED);
        ck_assert_uint_eq(told_on, 1);
}
END_TEST

START_TEST(a_program_begins_in_a_stopped_process_when_that_goes_on)
{
        struct process *process = process_of(1, 5);
        process->spawned.task = 1;
        process_stopped_by(process, SIGSTOP);
        process_begin_next(process);
        ck_assert_uint_eq(begun, 0);
        process_signal(process, SIGCONT, &sent);
        ck_assert_uint_eq(begun, 1);
        process_signal(process, SIGCONT, &sent);
        ck_assert_uint_eq(begun, 1);
}
END_TEST

START_TEST(who_was_started_by_another_is_refused)
{
        struct process *own = process_of(1, 5), *friend = process_of(2, 5),
                       *stranger = process_of(3, 6);
        ck_assert_uint_eq(send_to(own, 2, SIGTERM), OUTCOME_OK);
        ck_assert(is_pending(friend, SIGTERM));
        ck_assert_uint_eq(send_to(own, 3, SIGKILL), answered(REASON_REFUSED));
        ck_assert_uint_eq(send_to(own, 3, 0), answered(REASON_REFUSED));
        ck_assert_uint_eq(send_to(own, 4, SIGTERM), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(send_to(own, -1, SIGINT), OUTCOME_OK);
        ck_assert(is_pending(friend, SIGINT) && !is_pending(own, SIGINT));
        ck_assert_int_eq(stranger->stage, PROCESS_STAGE_RUNNING);
        ck_assert_uint_eq(stranger->pending, 0);
}
END_TEST

START_TEST(a_successor_has_no_number_for_others)
{
        struct process *own = process_of(1, 5), *successor = process_of(2, 5);
        successor->replaces = 1;
        ck_assert_uint_eq(send_to(own, 2, SIGKILL), answered(REASON_NOT_FOUND));
        ck_assert_int_eq(successor->stage, PROCESS_STAGE_RUNNING);
        successor->replaces = 0;
        successor->over = true;
        ck_assert_uint_eq(send_to(own, 2, 0), answered(REASON_NOT_FOUND));
}
END_TEST

START_TEST(a_group_gets_it_but_for_the_sender_who_is_told)
{
        struct process *leader = process_of(1, 5), *member = beside(2, leader),
                       *other = process_of(3, 5);
        bool own = false;
        ck_assert_uint_eq(signal_send_to(member, 0, SIGTERM, &sent, &own), OUTCOME_OK);
        ck_assert(own && is_pending(leader, SIGTERM) && !is_pending(member, SIGTERM));
        ck_assert(!is_pending(other, SIGTERM));
        ck_assert_uint_eq(signal_send_to(other, -1000, SIGTERM, &sent, &own),
                          answered(REASON_NOT_FOUND));
        ck_assert(!own);
        ck_assert_uint_eq(signal_send_to(other, INT64_MIN, SIGTERM, &sent, &own),
                          answered(REASON_NOT_FOUND));
}
END_TEST

START_TEST(groups_are_within_a_session)
{
        struct process *leader = process_of(1, 5), *member = beside(2, leader),
                       *other = process_of(3, 5);
        ck_assert_uint_eq(group_join(leader, 0, 0), answered(REASON_REFUSED));
        ck_assert_uint_eq(group_join(leader, 2, 77), answered(REASON_REFUSED));
        ck_assert_uint_eq(group_join(leader, 3, 1), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(group_join(member, 1, 1), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(group_join(leader, 9, 1), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(group_join(member, 0, 0), OUTCOME_OK);
        ck_assert_uint_eq(member->group, 2);
        ck_assert_uint_eq(group_join(leader, 2, 1), OUTCOME_OK);
        ck_assert_uint_eq(member->group, 1);
        ck_assert_uint_eq(other->group, 3);
}
END_TEST

START_TEST(who_leads_no_group_can_lead_a_session)
{
        struct process *leader = process_of(1, 5), *member = beside(2, leader);
        ck_assert_uint_eq(session_lead(leader), answered(REASON_REFUSED));
        ck_assert_uint_eq(session_lead(member), OUTCOME_OK);
        ck_assert_uint_eq(member->session, 2);
        ck_assert_uint_eq(member->group, 2);
        ck_assert_uint_eq(session_lead(member), answered(REASON_REFUSED));
}
END_TEST

TCase *group_tests(void)
{
        TCase *tests = tcase_create("groups");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, a_signal_is_taken_once_with_what_was_sent);
        tcase_add_test(tests, those_of_real_time_are_taken_in_their_order);
        tcase_add_test(tests, who_sends_too_many_is_told);
        tcase_add_test(tests, kill_always_ends_it);
        tcase_add_test(tests, without_a_layer_the_default_is_done);
        tcase_add_test(tests, stopping_and_going_on_take_each_other_back);
        tcase_add_test(tests, a_program_begins_in_a_stopped_process_when_that_goes_on);
        tcase_add_test(tests, who_was_started_by_another_is_refused);
        tcase_add_test(tests, a_successor_has_no_number_for_others);
        tcase_add_test(tests, a_group_gets_it_but_for_the_sender_who_is_told);
        tcase_add_test(tests, groups_are_within_a_session);
        tcase_add_test(tests, who_leads_no_group_can_lead_a_session);
        return tests;
}
