/* Why a name is not there, as n1 sees it. The description has fs on n2, log on all of n1 to n4,
 * both on n3 and n4: mirror. */
#include "tests/unit/registry/absence.h"
#include <stdio.h>
#include <string.h>
#include "cluster/core/absence.h"
#include "cluster/core/expected.h"
#include "kernel/abi/outcome.h"

static struct registry registry;
static struct expected expected;

static void setup(void)
{
        static const char *const lines[][2] = {{"fs", "n2"},    {"log", "n1"}, {"log", "n2"},
                                               {"log", "n3"},   {"log", "n4"}, {"mirror", "n3"},
                                               {"mirror", "n4"}};
        memset(&expected, 0, sizeof expected);
        registry_init(&registry, "n1", 100);
        registry.expected = &expected;
        for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
                ck_assert_int_eq(expected_add(&expected, lines[i][0], lines[i][1]), REGISTRY_OK);
}

static void teardown(void)
{
        ck_assert_msg(!registry_check(&registry), "%s", registry_check(&registry));
}

static void up(const char *node)
{
        ck_assert_ptr_nonnull(registry_peer_up(&registry, node, 7, 7));
}

static void has(const char *node, const char *records)
{
        static uint64_t version;
        struct registry_answer answer = {7, ++version, 0, false};
        struct registry_peer *peer = registry_peer(&registry, node);
        answer.complete = peer->table.version == 0;
        ck_assert_int_ne(registry_apply(&registry, peer, &answer, records, strlen(records)),
                         REGISTRY_INVALID);
        peer->table.instance = 7; /* the digest is not what this is about */
}

static void down(const char *node, unsigned reason)
{
        registry_peer_down(&registry, node, 7, 7, reason);
}

static void ck_absent(const char *node, const char *name, unsigned reason)
{
        unsigned said = registry_absence(&registry, node, name);
        ck_assert_msg(said == reason, "%s/%s: %s, where %s was expected", node, name,
                      reason_text(said), reason_text(reason));
}

START_TEST(what_no_description_has_is_not_found)
{
        ck_absent("", "nope", REASON_NOT_FOUND);
        ck_absent("n1", "nope", REASON_NOT_FOUND);
        ck_absent("n1", "fs", REASON_NOT_FOUND);
        ck_absent("n9", "fs", REASON_NOT_FOUND);
        up("n2");
        has("n2", "+fs\n");
        down("n2", REASON_NODE_DIED);
        ck_absent("", "nope", REASON_NOT_FOUND);
}
END_TEST

START_TEST(what_is_not_up_so_far_is_not_running)
{
        ck_absent("", "fs", REASON_NOT_RUNNING);
        ck_absent("n2", "fs", REASON_NOT_RUNNING);
        ck_absent("n1", "log", REASON_NOT_RUNNING);
        ck_absent("n2", "nope", REASON_NOT_RUNNING); /* nobody can say */
        up("n2");
        ck_absent("n2", "nope", REASON_NOT_RUNNING);
        has("n2", "+log\n");
        ck_absent("n2", "nope", REASON_NOT_FOUND);
        ck_absent("n2", "fs", REASON_NOT_RUNNING);
        ck_absent("", "fs", REASON_NOT_RUNNING);
}
END_TEST

START_TEST(what_went_with_its_node_says_why)
{
        up("n2");
        down("n2", REASON_NODE_DIED); /* before it has told anything */
        ck_absent("", "fs", REASON_NODE_DIED);
        up("n2");
        has("n2", "+fs\n+log\n");
        down("n2", REASON_LINK_LOST);
        ck_absent("", "fs", REASON_LINK_LOST);
        ck_absent("n2", "fs", REASON_LINK_LOST);
        ck_absent("n2", "nope", REASON_LINK_LOST);
        down("n2", REASON_NODE_DIED);
        ck_absent("", "fs", REASON_NODE_DIED);
        up("n2");
        ck_absent("", "fs", REASON_NOT_RUNNING);
}
END_TEST

START_TEST(a_name_service_that_begins_anew_is_told_of_the_dead)
{
        down("n2", REASON_NODE_DIED);
        ck_absent("", "fs", REASON_NODE_DIED);
        ck_assert_ptr_null(registry_peer(&registry, "n2"));
        up("n2");
        ck_assert_ptr_nonnull(registry_peer(&registry, "n2"));
}
END_TEST

START_TEST(what_is_in_no_description_but_was_there_is_remembered)
{
        up("n2");
        has("n2", "+tool\n");
        has("n2", "-tool\n");
        ck_absent("", "tool", REASON_NOT_RUNNING);
        ck_absent("n2", "tool", REASON_NOT_RUNNING);
        down("n2", REASON_NODE_DIED);
        ck_absent("", "tool", REASON_NODE_DIED);
        registry_add(&registry, "own");
        registry_remove(&registry, "own");
        ck_absent("", "own", REASON_NOT_RUNNING);
        ck_absent("n1", "own", REASON_NOT_RUNNING);
}
END_TEST

START_TEST(of_several_nodes_the_one_that_may_come_is_told)
{
        up("n3");
        up("n4");
        down("n4", REASON_LINK_LOST);
        ck_absent("", "mirror", REASON_NOT_RUNNING);
        down("n3", REASON_NODE_DIED);
        ck_absent("", "mirror", REASON_NODE_DIED);
        up("n4");
        ck_absent("", "mirror", REASON_NOT_RUNNING);
        ck_absent("n3", "mirror", REASON_NODE_DIED);
}
END_TEST

START_TEST(without_a_description_only_what_was_there_counts)
{
        registry.expected = NULL;
        ck_absent("", "fs", REASON_NOT_FOUND);
        ck_absent("n2", "fs", REASON_NOT_FOUND);
        up("n2");
        has("n2", "+fs\n");
        down("n2", REASON_NODE_DIED);
        ck_absent("", "fs", REASON_NODE_DIED);
}
END_TEST

/* More nodes than there is room for: who is up is never forgotten for one that is not. */
START_TEST(places_of_the_dead_are_used_again)
{
        char node[REGISTRY_NAME];
        for (int i = 0; i < 3 * REGISTRY_PEERS; i++) {
                snprintf(node, sizeof node, "m%d", i);
                up(node);
                if (i > 0)
                        down(node, REASON_NODE_DIED);
        }
        ck_assert_ptr_nonnull(registry_peer(&registry, "m0"));
        ck_absent(node, "tool", REASON_NODE_DIED);
}
END_TEST

START_TEST(expectations_are_bounded)
{
        char name[REGISTRY_NAME];
        ck_assert_int_eq(expected_add(&expected, "Fs", "n1"), REGISTRY_INVALID);
        ck_assert_int_eq(expected_add(&expected, "fs", ""), REGISTRY_INVALID);
        for (unsigned i = expected.name_count; i < EXPECTED_NAMES; i++) {
                snprintf(name, sizeof name, "name%u", i);
                ck_assert_int_eq(expected_add(&expected, name, "n1"), REGISTRY_OK);
        }
        ck_assert_int_eq(expected_add(&expected, "more", "n1"), REGISTRY_FULL);
        for (unsigned i = expected.node_count; i < EXPECTED_NODES; i++) {
                snprintf(name, sizeof name, "m%u", i);
                ck_assert_int_eq(expected_add(&expected, "fs", name), REGISTRY_OK);
        }
        ck_assert_int_eq(expected_add(&expected, "fs", "more"), REGISTRY_FULL);
        ck_assert(expected_has(&expected, "fs", name) && !expected_has(&expected, "log", name));
        ck_assert_int_eq(expected_add(&expected, "fs", "n2"), REGISTRY_OK);
}
END_TEST

TCase *absence_tests(void)
{
        TCase *tests = tcase_create("absence");
        tcase_add_checked_fixture(tests, setup, teardown);
        tcase_add_test(tests, what_no_description_has_is_not_found);
        tcase_add_test(tests, what_is_not_up_so_far_is_not_running);
        tcase_add_test(tests, what_went_with_its_node_says_why);
        tcase_add_test(tests, a_name_service_that_begins_anew_is_told_of_the_dead);
        tcase_add_test(tests, what_is_in_no_description_but_was_there_is_remembered);
        tcase_add_test(tests, of_several_nodes_the_one_that_may_come_is_told);
        tcase_add_test(tests, without_a_description_only_what_was_there_counts);
        tcase_add_test(tests, places_of_the_dead_are_used_again);
        tcase_add_test(tests, expectations_are_bounded);
        return tests;
}
