/* Questions for clients, against a name service that is played: a hostile client leaves the others
 * their share, and no question is lost with the name service or answered for another. */
#include <string.h>
#include "servers/proto/name.h"
#include "servers/rt/serve/queries.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/time.h"
#include "tests/unit/suites.h"

enum { PLACES = 4, KEY = 100, REPLIES = 100, RIGHT = 77, HOSTILE = 1, HONEST = 2 };

#define AT_ONCE not_executed(REASON_RECEIVER_DIED)

static struct query list[PLACES];
static struct queries queries;

static struct {
        uint64_t now;
        outcome_t start; /* what a start says */
        struct call {
                bool under_way, cancelled;
                const char *name; /* where the call has it */
                char asked[2 * STARTUP_NAME];
                outcome_t outcome;
        } calls[PLACES + 1];
        unsigned made, closed;
        outcome_t answers[REPLIES]; /* RT_DEFERRED: none yet */
        handle_t given[REPLIES];
} world;

/* ---- what the questions are asked with ---------------------------------------------------------
 */

uint64_t rt_now(void)
{
        return world.now;
}

handle_t rt_names(void)
{
        return 1;
}

outcome_t sys_registers(uint64_t number, struct syscall_registers *registers)
{
        if (number == SYSCALL_call_create_keyed)
                registers->rdi = ++world.made;
        else if (number == SYSCALL_handle_close)
                world.closed++;
        else if (number == SYSCALL_call_cancel)
                world.calls[registers->rdi].cancelled = true;
        else
                ck_abort_msg("system call %lu", number);
        return OUTCOME_OK;
}

outcome_t name_lookup_start(handle_t to, handle_t call, uint64_t deadline, const void *name,
                            size_t length, uint64_t wait)
{
        struct call *started = &world.calls[call];
        (void)to, (void)wait;
        ck_assert(!started->under_way);
        ck_assert_uint_gt(deadline, world.now);
        if (world.start != OUTCOME_OK)
                return world.start;
        *started = (struct call){.under_way = true, .name = name};
        memcpy(started->asked, name, length);
        return OUTCOME_OK;
}

outcome_t name_lookup_finish(handle_t call, handle_t *right)
{
        struct call *done = &world.calls[call];
        if (done->under_way)
                return not_executed(REASON_BUSY);
        ck_assert_mem_eq(done->name, done->asked, strlen(done->asked));
        *right = done->outcome == OUTCOME_OK ? RIGHT : 0;
        return done->outcome;
}

static void answer(handle_t reply, outcome_t outcome)
{
        ck_assert_uint_eq(world.answers[reply], RT_DEFERRED);
        world.answers[reply] = outcome;
}

outcome_t rt_reply_outcome(handle_t reply, outcome_t outcome)
{
        answer(reply, outcome);
        return OUTCOME_OK;
}

outcome_t name_lookup_reply(handle_t reply, struct send_cap right)
{
        answer(reply, OUTCOME_OK);
        world.given[reply] = right.handle;
        return OUTCOME_OK;
}

/* ---- what happens ------------------------------------------------------------------------------
 */

static void setup(void)
{
        static const struct query none;
        for (unsigned i = 0; i < PLACES; i++)
                list[i] = none;
        queries = (struct queries){.key = KEY, .count = PLACES, .list = list};
        memset(&world, 0, sizeof world);
        world.now = RT_SECOND;
        for (unsigned i = 0; i < REPLIES; i++)
                world.answers[i] = RT_DEFERRED;
}

static outcome_t ask(handle_t reply, uint64_t client, const char *name)
{
        static struct server server;
        const struct request request = {.reply = reply, .deadline = world.now + RT_SECOND};
        queries.server = &server;
        return queries_begin(&queries, &request, client, name, strlen(name), NAME_WAIT_ALWAYS);
}

/* The call for that name; 0: none is under way. */
static handle_t call_for(const char *name)
{
        for (handle_t call = 1; call <= PLACES; call++)
                if (world.calls[call].under_way && strcmp(world.calls[call].asked, name) == 0)
                        return call;
        return 0;
}

/* It ends, and what follows from that is done. */
static void call_ends(handle_t call, outcome_t outcome)
{
        ck_assert_uint_ne(call, 0);
        world.calls[call].under_way = false;
        world.calls[call].outcome = outcome;
        for (unsigned i = 0; i < PLACES; i++)
                if (list[i].call == call)
                        queries_completed(&queries, KEY + i);
        queries_work(&queries, world.now);
}

static void fill(uint64_t client)
{
        for (handle_t reply = 1; reply <= PLACES; reply++)
                ck_assert_uint_eq(ask(reply, client, "n9/fs"), RT_DEFERRED);
}

START_TEST(who_asks_gets_the_right)
{
        ck_assert_uint_eq(ask(9, HONEST, "fs"), RT_DEFERRED);
        call_ends(call_for("fs"), OUTCOME_OK);
        ck_assert_uint_eq(world.answers[9], OUTCOME_OK);
        ck_assert_uint_eq(world.given[9], RIGHT);
        ck_assert_uint_eq(ask(8, HONEST, "no"), RT_DEFERRED);
        call_ends(call_for("no"), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(world.answers[8], answered(REASON_NOT_FOUND));
        queries_completed(&queries, KEY - 1);
        queries_completed(&queries, KEY + PLACES);
}
END_TEST

START_TEST(a_client_that_waits_for_ever_makes_room_for_others)
{
        fill(HOSTILE);
        ck_assert_uint_eq(ask(9, HONEST, "fs"), RT_DEFERRED);
        ck_assert_uint_eq(world.answers[1], answered(REASON_OVERLOADED));
        /* The place is asked for anew when the call that it had is done, and not before. */
        queries_work(&queries, world.now);
        ck_assert_uint_eq(call_for("fs"), 0);
        handle_t call = 0;
        while (!world.calls[++call].cancelled)
                ck_assert_uint_lt(call, PLACES);
        call_ends(call, OUTCOME_OK);
        ck_assert_uint_eq(world.closed, 1);
        call_ends(call_for("fs"), OUTCOME_OK);
        ck_assert_uint_eq(world.answers[9], OUTCOME_OK);
}
END_TEST

START_TEST(each_client_has_a_place_where_there_are_as_many)
{
        fill(HOSTILE);
        ck_assert_uint_eq(ask(9, HOSTILE, "fs"), answered(REASON_OVERLOADED));
        for (uint64_t client = HONEST; client < HOSTILE + PLACES; client++)
                ck_assert_uint_eq(ask((handle_t)(10 + client), client, "fs"), RT_DEFERRED);
        ck_assert_uint_eq(ask(9, HOSTILE, "fs"), answered(REASON_OVERLOADED));
        ck_assert_uint_eq(ask(8, HOSTILE + PLACES, "fs"), answered(REASON_OVERLOADED));
        for (handle_t reply = 1; reply < PLACES; reply++)
                ck_assert_uint_eq(world.answers[reply], answered(REASON_OVERLOADED));
        ck_assert_uint_eq(world.answers[PLACES], RT_DEFERRED);
        for (uint64_t client = HONEST; client < HOSTILE + PLACES; client++)
                ck_assert_uint_eq(world.answers[10 + client], RT_DEFERRED);
}
END_TEST

START_TEST(a_question_that_dies_with_the_name_service_is_asked_again)
{
        ck_assert_uint_eq(ask(9, HONEST, "fs"), RT_DEFERRED);
        call_ends(call_for("fs"), AT_ONCE);
        ck_assert_uint_eq(call_for("fs"), 0);
        /* Its successor is not there at once, either. */
        world.start = AT_ONCE;
        uint64_t until = queries_work(&queries, world.now);
        ck_assert_uint_gt(until, world.now);
        world.now = until;
        until = queries_work(&queries, world.now);
        ck_assert_uint_gt(until, world.now);
        world.start = OUTCOME_OK;
        world.now = until;
        ck_assert_uint_eq(queries_work(&queries, world.now), TIME_NEVER);
        call_ends(call_for("fs"), OUTCOME_OK);
        ck_assert_uint_eq(world.answers[9], OUTCOME_OK);
}
END_TEST

START_TEST(a_question_that_never_began_is_asked_again)
{
        world.start = AT_ONCE;
        ck_assert_uint_eq(ask(9, HONEST, "fs"), RT_DEFERRED);
        world.start = OUTCOME_OK;
        world.now += RT_SECOND / 2;
        queries_work(&queries, world.now);
        call_ends(call_for("fs"), OUTCOME_OK);
        ck_assert_uint_eq(world.answers[9], OUTCOME_OK);
}
END_TEST

START_TEST(its_deadline_ends_that)
{
        ck_assert_uint_eq(ask(9, HONEST, "fs"), RT_DEFERRED);
        world.now += RT_SECOND - RT_MILLISECOND;
        call_ends(call_for("fs"), AT_ONCE);
        ck_assert_uint_eq(world.answers[9], answered(REASON_RECEIVER_DIED));
        ck_assert_uint_eq(queries_work(&queries, world.now), TIME_NEVER);
}
END_TEST

/* The bytes of a name are the call's until it is done: another question has other bytes. */
START_TEST(who_waits_no_longer_leaves_the_place_to_others)
{
        fill(HONEST);
        ck_assert(!queries_cancel(&queries, 9));
        ck_assert(queries_cancel(&queries, 2));
        ck_assert_uint_eq(world.answers[2], answered(REASON_CANCELLED));
        ck_assert(!queries_cancel(&queries, 2));
        ck_assert(!queries_cancel(&queries, 0));
        ck_assert_uint_eq(ask(9, HONEST, "stream"), RT_DEFERRED);
        ck_assert(queries_cancel(&queries, 9));
        ck_assert_uint_eq(ask(10, HONEST, "fs"), RT_DEFERRED);
        handle_t call = 0;
        while (!world.calls[++call].cancelled)
                ck_assert_uint_lt(call, PLACES);
        call_ends(call, not_executed(REASON_CANCELLED));
        call_ends(call_for("fs"), OUTCOME_OK);
        ck_assert_uint_eq(world.answers[10], OUTCOME_OK);
        ck_assert_uint_eq(world.closed, 0);
}
END_TEST

/* It need not wait for the end of a call that nobody wants, where another place has none. */
START_TEST(a_question_takes_a_place_whose_call_is_done)
{
        ck_assert_uint_eq(ask(9, HONEST, "n9/fs"), RT_DEFERRED);
        ck_assert(queries_cancel(&queries, 9));
        ck_assert_uint_eq(ask(10, HONEST, "fs"), RT_DEFERRED);
        ck_assert_uint_ne(call_for("fs"), 0);
}
END_TEST

START_TEST(a_name_that_nobody_can_have_takes_no_place)
{
        char name[2 * STARTUP_NAME + 2];
        memset(name, 'x', sizeof name);
        name[sizeof name - 1] = 0;
        ck_assert_uint_eq(ask(9, HONEST, name), answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(world.made, 0);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("queries");
        TCase *tests = tcase_create("all");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, who_asks_gets_the_right);
        tcase_add_test(tests, a_client_that_waits_for_ever_makes_room_for_others);
        tcase_add_test(tests, each_client_has_a_place_where_there_are_as_many);
        tcase_add_test(tests, a_question_that_dies_with_the_name_service_is_asked_again);
        tcase_add_test(tests, a_question_that_never_began_is_asked_again);
        tcase_add_test(tests, its_deadline_ends_that);
        tcase_add_test(tests, who_waits_no_longer_leaves_the_place_to_others);
        tcase_add_test(tests, a_question_takes_a_place_whose_call_is_done);
        tcase_add_test(tests, a_name_that_nobody_can_have_takes_no_place);
        suite_add_tcase(suite, tests);
        return suites_run(suite, NULL);
}
