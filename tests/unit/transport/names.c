/* What the name service is told of peers: by a core that has one peer, to a name service that
 * records it. */
#include <string.h>
#include "tests/unit/transport/kernel.h"
#include "netipc/server/names.h"
#include "servers/proto/name.h"
#include "servers/rt/startup.h"

static struct core_peer_info peer; /* the core's only one */

static struct {
        unsigned up, down;
        enum reason reason;
        uint64_t root; /* identity of the right that it got last */
} told;

bool core_peer(const struct core *core, unsigned index, uint64_t now, struct core_peer_info *info)
{
        (void)core;
        (void)now;
        *info = peer;
        return index == 0 && peer.node;
}

unsigned core_peer_slots(const struct core *core)
{
        (void)core;
        return 4;
}

handle_t rt_handle(const char *name)
{
        (void)name;
        return 1;
}

outcome_t name_peer_up_start(handle_t to, handle_t call, uint64_t deadline, const void *node,
                             size_t node_length, uint64_t epoch_high, uint64_t epoch_low,
                             handle_t right)
{
        (void)to, (void)call, (void)deadline, (void)node, (void)node_length;
        (void)epoch_high, (void)epoch_low;
        told.up++;
        told.root = kernel.handle[right].identity;
        return OUTCOME_OK;
}

outcome_t name_peer_down_start(handle_t to, handle_t call, uint64_t deadline, const void *node,
                               size_t node_length, uint64_t epoch_high, uint64_t epoch_low,
                               uint64_t reason)
{
        (void)to, (void)call, (void)deadline, (void)node, (void)node_length;
        (void)epoch_high, (void)epoch_low;
        told.down++;
        told.reason = (enum reason)reason;
        return OUTCOME_OK;
}

outcome_t name_peer_down_finish(handle_t call)
{
        (void)call;
        return OUTCOME_OK;
}

static void work(void)
{
        names_changed();
        for (unsigned i = 0; i < 4; i++) {
                names_work(NULL, i);
                names_done(i);
        }
}

/* A new session, as core_peer() shows it while it lasts. */
static void meet(uint8_t epoch, core_import_t root)
{
        peer = (struct core_peer_info){
            .node = 5, .epoch = {epoch}, .name = "n5", .state = CORE_PEER_UP, .root = root};
}

static void lose(enum reason reason)
{
        peer.state = CORE_PEER_DOWN;
        peer.reason = reason;
        peer.root = 0;
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

Suite *names_suite(void)
{
        Suite *suite = suite_create("names");
        TCase *tests = tcase_create("names");
        tcase_add_checked_fixture(tests, names_reset, NULL);
        tcase_add_test(tests, node_that_comes_and_goes_is_told);
        tcase_add_test(tests, new_session_with_the_same_life_brings_its_root);
        tcase_add_test(tests, new_life_is_a_restart);
        tcase_add_test(tests, new_name_service_is_told_of_the_living_and_the_dead);
        suite_add_tcase(suite, tests);
        return suite;
}
