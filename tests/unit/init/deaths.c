/* Deaths of the name service at the moments at which they are hard to see. */
#include <string.h>
#include "servers/init/admitters.h"
#include "servers/init/kept.h"
#include "servers/init/launch.h"
#include "tests/unit/init/world.h"
#include "tests/unit/suites.h"

enum { NAMES, USER, COMPONENTS };

static struct init init;
static struct component *const names = &init.components[NAMES];
static struct component *const user = &init.components[USER];

static void setup(void)
{
        world_begin();
        memset(&init, 0, sizeof init);
        init.count = COMPONENTS;
        for (unsigned i = 0; i < COMPONENTS; i++)
                init.components[i].home = &init.components[i];
        names->manifests[0].admits = 1 << ADMISSION_NAME;
        names->state = PROCESS_RUNNING;
        names->admission = handle_new();
        names->without = user->without = 1 << ADMISSION_LOG;
}

/* As supervise.c does after a death. */
static void names_end(void)
{
        handle_die(names->admission);
        sys_handle_close(names->admission);
        names->admission = 0;
        admission_forget(&init, ADMISSION_NAME);
}

static void names_return(void)
{
        names->admission = handle_new();
}

/* The user's call is answered, and the answer collected. */
static void answered_by(outcome_t outcome, handle_t right)
{
        world.answer = outcome;
        world.right = right;
        launch_advance(&init, user, 0);
        world.answer = not_executed(REASON_BUSY);
}

static void step(void)
{
        launch_advance(&init, user, 0);
}

static unsigned open_handles(void)
{
        unsigned count = 0;
        for (handle_t i = 1; i < WORLD_HANDLES; i++)
                count += handle_open(i);
        return count;
}

static void user_waits(void)
{
        user->state = PROCESS_WAITING;
        step();
        ck_assert_int_eq(user->step, LAUNCH_ADMIT);
}

/* It runs, has registered a name and watches another, and has lost its name service. */
static void user_has_lost_names(void)
{
        user->state = PROCESS_RUNNING;
        user->rights[ADMISSION_NAME] = handle_new();
        ck_assert_int_eq(kept_add(&init, user, (struct text){"one", 3}, 0, handle_new()),
                         OUTCOME_OK);
        ck_assert_int_eq(kept_add(&init, user, (struct text){"two", 3}, 1, handle_new()),
                         OUTCOME_OK);
        names_end();
        names_return();
        ck_assert_int_eq(user->names, NAME_LOST);
        step();
        ck_assert_int_eq(user->step, LAUNCH_ADMIT);
}

START_TEST(a_right_of_an_admitter_that_has_died_since_is_none)
{
        handle_t right = handle_new();
        user_waits();
        handle_die(right);
        names_end();
        answered_by(OUTCOME_OK, right);
        ck_assert_uint_eq(user->rights[ADMISSION_NAME], 0);
        ck_assert_int_eq(user->state, PROCESS_WAITING);
        names_return();
        step();
        ck_assert_int_eq(user->step, LAUNCH_ADMIT);
        answered_by(OUTCOME_OK, handle_new());
        step();
        ck_assert_int_eq(user->state, PROCESS_RUNNING);
        ck_assert_uint_eq(world.ended, 0);
        ck_assert_uint_eq(open_handles(), 3); /* its call, its right, the admission */
}
END_TEST

START_TEST(who_waits_for_an_admitter_that_dies_waits_for_its_successor)
{
        user_waits();
        handle_die(names->admission);
        answered_by(not_executed(REASON_RECEIVER_DIED), 0);
        step(); /* nobody knows of the death yet: it asks in vain */
        names_end();
        step();
        ck_assert_int_eq(user->state, PROCESS_WAITING);
        ck_assert_int_eq(user->step, LAUNCH_NONE);
        names_return();
        step();
        ck_assert_int_eq(user->step, LAUNCH_ADMIT);
        ck_assert_uint_eq(world.ended, 0);
}
END_TEST

START_TEST(who_is_refused_ends_and_has_not_failed)
{
        user_waits();
        answered_by(answered(REASON_INVALID), 0);
        ck_assert_uint_eq(world.refused, 1);
        ck_assert_uint_eq(world.ended, 0);
}
END_TEST

/* Tells a successor what is kept; how much that was. */
static unsigned told_to_a_successor(void)
{
        answered_by(OUTCOME_OK, handle_new());
        world.told = 0;
        while (user->names == NAME_TELLING) {
                step();
                if (user->step == LAUNCH_TELL)
                        answered_by(OUTCOME_OK, 0);
        }
        ck_assert_int_eq(user->names, NAME_TOLD);
        return world.told;
}

START_TEST(a_successor_is_told_what_is_kept)
{
        user_has_lost_names();
        ck_assert_uint_eq(told_to_a_successor(), 2);
        ck_assert_uint_eq(open_handles(), 5); /* two kept, call, right, admission */
}
END_TEST

START_TEST(what_is_kept_survives_a_successor_that_dies_before_it_is_told)
{
        user_has_lost_names();
        answered_by(OUTCOME_OK, handle_new());
        ck_assert_int_eq(user->names, NAME_TELLING);
        handle_die(user->rights[ADMISSION_NAME]);
        step();
        ck_assert_int_eq(user->names, NAME_TELLING);
        names_end();
        names_return();
        step();
        ck_assert_uint_eq(told_to_a_successor(), 2);
}
END_TEST

START_TEST(a_dead_right_of_a_successor_is_told_nothing)
{
        handle_t right = handle_new();
        user_has_lost_names();
        handle_die(right);
        names_end();
        answered_by(OUTCOME_OK, right);
        ck_assert_int_eq(user->names, NAME_LOST);
        ck_assert(!handle_open(right));
        names_return();
        step();
        ck_assert_uint_eq(told_to_a_successor(), 2);
}
END_TEST

START_TEST(a_kept_right_that_has_died_is_told_to_nobody)
{
        user_has_lost_names();
        handle_die(init.kept[0].what);
        ck_assert_uint_eq(told_to_a_successor(), 1);
        ck_assert_uint_eq(init.kept[0].what, 0);
        ck_assert_uint_eq(open_handles(), 4);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("init");
        TCase *tcase = tcase_create("deaths");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, a_right_of_an_admitter_that_has_died_since_is_none);
        tcase_add_test(tcase, who_waits_for_an_admitter_that_dies_waits_for_its_successor);
        tcase_add_test(tcase, who_is_refused_ends_and_has_not_failed);
        tcase_add_test(tcase, a_successor_is_told_what_is_kept);
        tcase_add_test(tcase, what_is_kept_survives_a_successor_that_dies_before_it_is_told);
        tcase_add_test(tcase, a_dead_right_of_a_successor_is_told_nothing);
        tcase_add_test(tcase, a_kept_right_that_has_died_is_told_to_nobody);
        suite_add_tcase(suite, tcase);
        suite_add_tcase(suite, trials_tests());
        return suites_run(suite, NULL);
}
