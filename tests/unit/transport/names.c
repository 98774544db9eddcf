/* What the name service is told of peers: to a name service that records it, and refuses what a
 * test says. */
#include <string.h>
#include "tests/unit/transport/kernel.h"
#include "netipc/server/names.h"
#include "servers/proto/name.h"
#include "servers/rt/start/startup.h"

/* The core's only peer, but where a test has others. */
static struct core_peer_info *const peer = &kernel.peer[0];

static struct {
        unsigned up, down;
        unsigned tries;      /* calls about `refused` */
        const char *refused; /* a node; NULL: none */
        bool about_refused;  /* the call in progress */
        enum reason reason;
        uint64_t root; /* identity of the right that it got last */
} told;

handle_t rt_handle(const char *name)
{
        return strcmp(name, "keys") ? 1 : kernel.keys;
}

static void note_refused(const char *node, size_t length)
{
        told.about_refused = told.refused && strlen(told.refused) == length &&
                             memcmp(node, told.refused, length) == 0;
        told.tries += told.about_refused;
}

outcome_t name_peer_up_start(handle_t to, handle_t call, uint64_t deadline, const void *node,
                             size_t node_length, uint64_t epoch_high, uint64_t epoch_low,
                             handle_t right)
{
        (void)to, (void)call, (void)deadline;
        (void)epoch_high, (void)epoch_low;
        note_refused(node, node_length);
        if (told.about_refused)
                return OUTCOME_OK;
        told.up++;
        told.root = kernel.handle[right].identity;
        return OUTCOME_OK;
}

outcome_t name_peer_down_start(handle_t to, handle_t call, uint64_t deadline, const void *node,
                               size_t node_length, uint64_t epoch_high, uint64_t epoch_low,
                               uint64_t reason)
{
        (void)to, (void)call, (void)deadline;
        (void)epoch_high, (void)epoch_low;
        note_refused(node, node_length);
        told.down++;
        told.reason = (enum reason)reason;
        return OUTCOME_OK;
}

outcome_t name_peer_down_finish(handle_t call)
{
        (void)call;
        return told.about_refused ? answered(REASON_INVALID) : OUTCOME_OK;
}

static void work(void)
{
        names_changed();
        for (unsigned i = 0; i < 4; i++) {
                names_work(NULL, i);
                names_done(i);
        }
}

/* The loop for so long: it is called when it asks for that, and ten times a second. */
static void work_until(uint64_t end)
{
        for (uint64_t now = 0; now < end;) {
                uint64_t due = names_work(NULL, now);
                names_done(now);
                if (due > now + RT_SECOND / 10)
                        due = now + RT_SECOND / 10;
                now = due > now ? due : now + 1;
        }
}

/* A new session, as core_peer() shows it while it lasts. */
static void meet(uint8_t epoch, core_import_t root)
{
        *peer = (struct core_peer_info){
            .node = 5, .epoch = {epoch}, .name = "n5", .state = CORE_PEER_UP, .root = root};
}

static void lose(enum reason reason)
{
        peer->state = CORE_PEER_DOWN;
        peer->reason = reason;
        peer->root = 0;
}

static void names_reset(void)
{
        kernel_reset();
        memset(&told, 0, sizeof(told));
        lose(REASON_NODE_DIED);
        work();
        memset(&told, 0, sizeof(told));
}

START_TEST(node_that_comes_and_goes_is_told)
{
        meet(1, 100);
        work();
        ck_assert_uint_eq(told.up, 1);
        work();
        ck_assert_uint_eq(told.up, 1);
        lose(REASON_NODE_DIED);
        work();
        ck_assert_uint_eq(told.down, 1);
        ck_assert_int_eq(told.reason, REASON_NODE_DIED);
}
END_TEST

/* Between two looks a session was lost and another begun: the old root is dead. */
START_TEST(new_session_with_the_same_life_brings_its_root)
{
        meet(1, 100);
        work();
        meet(1, 200);
        work();
        ck_assert_uint_eq(told.down, 1);
        ck_assert_int_eq(told.reason, REASON_LINK_LOST);
        ck_assert_uint_eq(told.up, 2);
        ck_assert_uint_eq(kernel.right[told.root].badge, 200);
}
END_TEST

START_TEST(new_life_is_a_restart)
{
        meet(1, 100);
        work();
        meet(2, 200);
        work();
        ck_assert_int_eq(told.reason, REASON_NODE_RESTARTED);
        ck_assert_uint_eq(kernel.right[told.root].badge, 200);
}
END_TEST

START_TEST(new_name_service_is_told_of_the_living_and_the_dead)
{
        meet(1, 100);
        work();
        names_begin_anew();
        work();
        ck_assert_uint_eq(told.up, 2);
        ck_assert_uint_eq(told.down, 0);
        lose(REASON_LINK_LOST);
        work();
        work();
        ck_assert_uint_eq(told.down, 1);
        names_begin_anew();
        work();
        work();
        ck_assert_uint_eq(told.down, 2);
        ck_assert_int_eq(told.reason, REASON_LINK_LOST);
        lose(REASON_NODE_DIED);
        work();
        ck_assert_uint_eq(told.down, 3);
        ck_assert_int_eq(told.reason, REASON_NODE_DIED);
}
END_TEST

/* Whatever the name service has against one of them. */
START_TEST(peer_that_is_refused_hides_no_other)
{
        meet(1, 100);
        kernel.peer[1] = *peer;
        memcpy(kernel.peer[1].name, "n6", 3);
        kernel.peer[1].root = 200;
        told.refused = "n5";
        names_changed();
        work_until(60 * RT_SECOND);
        ck_assert_uint_eq(told.up, 1);
        kernel.peer[2] = kernel.peer[1];
        memcpy(kernel.peer[2].name, "n7", 3);
        kernel.peer[2].root = 300;
        names_changed();
        work_until(RT_SECOND);
        ck_assert_uint_eq(told.up, 2);
}
END_TEST

START_TEST(new_name_service_is_told_at_once_what_the_old_one_refused)
{
        meet(1, 100);
        told.refused = "n5";
        work();
        ck_assert_uint_eq(told.tries, 1);
        names_begin_anew();
        work();
        ck_assert_uint_eq(told.tries, 2);
}
END_TEST

START_TEST(refused_peer_is_tried_seldom_and_logged_once)
{
        meet(1, 100);
        told.refused = "n5";
        names_changed();
        work_until(60 * RT_SECOND);
        ck_assert_uint_ge(told.tries, 5);
        ck_assert_uint_le(told.tries, 15);
        ck_assert_uint_eq(kernel.lines, 1);
        ck_assert_str_eq(kernel.line, "name service: n5: invalid argument");
        told.refused = NULL;
        work_until(70 * RT_SECOND);
        ck_assert_uint_eq(told.up, 1);
}
END_TEST

/* An outsider may come with one name after the other. */
START_TEST(refusals_are_logged_once_a_second)
{
        for (unsigned i = 0; i < 100; i++) {
                meet(1, 100 + i);
                told.refused = "n5";
                names_changed();
                names_work(NULL, 0);
                names_done(0);
        }
        ck_assert_uint_eq(told.tries, 100);
        ck_assert_uint_eq(kernel.lines, 1);
}
END_TEST

Suite *names_suite(void)
{
        Suite *suite = suite_create("names");
        TCase *tests = tcase_create("names");
        tcase_add_checked_fixture(tests, names_reset, NULL);
        tcase_add_test(tests, node_that_comes_and_goes_is_told);
        tcase_add_test(tests, new_session_with_the_same_life_brings_its_root);
        tcase_add_test(tests, new_life_is_a_restart);
        tcase_add_test(tests, new_name_service_is_told_of_the_living_and_the_dead);
        tcase_add_test(tests, peer_that_is_refused_hides_no_other);
        tcase_add_test(tests, new_name_service_is_told_at_once_what_the_old_one_refused);
        tcase_add_test(tests, refused_peer_is_tried_seldom_and_logged_once);
        tcase_add_test(tests, refusals_are_logged_once_a_second);
        suite_add_tcase(suite, tests);
        return suite;
}
