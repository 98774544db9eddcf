/* The registry of cluster/core: own names, what changed, a peer's copy, and that copies become
 * equal whatever is lost in between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cluster/core/registry.h"
#include "cluster/core/registry_table.h"
#include "kernel/abi/outcome.h"
#include "tests/unit/registry/absence.h"
#include "tests/unit/suites.h"

static struct registry here, there; /* n1 and n2 */
static char told[8192];

static void tell(void *context, const char *node, const char *name, bool present)
{
        (void)context;
        size_t length = strlen(told);
        snprintf(told + length, sizeof told - length, "%c%s/%s ", present ? '+' : '-', node, name);
}

static void setup(void)
{
        registry_init(&here, "n1", 100);
        registry_init(&there, "n2", 200);
        here.changed = tell;
        told[0] = 0;
        ck_assert_ptr_nonnull(registry_peer_up(&here, "n2", 1, 2));
}

static void teardown(void)
{
        ck_assert_msg(!registry_check(&here), "%s", registry_check(&here));
        ck_assert_msg(!registry_check(&there), "%s", registry_check(&there));
}

static struct registry_peer *n2(void)
{
        return registry_peer(&here, "n2");
}

/* n1 asks n2 once, and applies the answer. */
static enum registry_result ask(void)
{
        char records[REGISTRY_RECORDS];
        struct registry_answer answer;
        struct registry_peer *peer = n2();
        size_t length =
            registry_changes(&there, peer->table.instance, peer->table.version, records, &answer);
        return registry_apply(&here, peer, &answer, records, length);
}

static void apply(const char *records, struct registry_answer answer, enum registry_result expected)
{
        ck_assert_int_eq(registry_apply(&here, n2(), &answer, records, strlen(records)), expected);
}

static void ck_list(const char *expected)
{
        char lines[4096];
        size_t length = registry_list(&here, "", "", lines, sizeof lines);
        ck_assert_uint_eq(length, strlen(expected));
        ck_assert(memcmp(lines, expected, length) == 0);
}

START_TEST(own_names_come_and_go)
{
        ck_assert_int_eq(registry_add(&here, "fs"), REGISTRY_OK);
        ck_assert_int_eq(registry_add(&here, "fs"), REGISTRY_EXISTS);
        ck_assert(table_has(&here.own, "fs"));
        ck_assert_int_eq(registry_remove(&here, "fs"), REGISTRY_OK);
        ck_assert_int_eq(registry_remove(&here, "fs"), REGISTRY_MISSING);
        ck_assert_int_eq(registry_remove(&here, "gs"), REGISTRY_MISSING);
        ck_assert(!table_has(&here.own, "fs"));
        ck_assert_str_eq(told, "+n1/fs -n1/fs ");
}
END_TEST

START_TEST(invalid_names_are_refused)
{
        static const char *const names[] = {"",    "Fs",  "1fs", "-fs",
                                            "f/s", "f s", "f\n", "abcdefghijklmnopqrstuvwx"};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
                ck_assert_int_eq(registry_add(&here, names[i]), REGISTRY_INVALID);
        ck_assert_int_eq(registry_add(&here, "abcdefghijklmnopqrstuvw"), REGISTRY_OK);
}
END_TEST

START_TEST(names_are_bounded_and_removed_ones_make_room)
{
        char name[REGISTRY_NAME];
        for (int i = 0; i < REGISTRY_NAMES; i++) {
                snprintf(name, sizeof name, "a%d", i);
                ck_assert_int_eq(registry_add(&here, name), REGISTRY_OK);
        }
        ck_assert_int_eq(registry_add(&here, "more"), REGISTRY_FULL);
        ck_assert_int_eq(registry_remove(&here, "a7"), REGISTRY_OK);
        ck_assert_int_eq(registry_add(&here, "more"), REGISTRY_OK);
        ck_assert(table_has(&here.own, "more") && !table_has(&here.own, "a7"));
}
END_TEST

START_TEST(peer_gets_whole_table_then_changes)
{
        registry_add(&there, "fs");
        registry_add(&there, "echo");
        ck_assert_int_eq(ask(), REGISTRY_OK);
        ck_assert_str_eq(told, "+n2/echo +n2/fs ");
        ck_assert_uint_eq(n2()->table.version, there.own.version);

        char records[REGISTRY_RECORDS];
        struct registry_answer answer;
        registry_remove(&there, "fs");
        ck_assert_uint_ne(n2()->table.version, there.own.version);
        size_t length =
            registry_changes(&there, n2()->table.instance, n2()->table.version, records, &answer);
        ck_assert(!answer.complete);
        ck_assert_uint_eq(length, 4);
        ck_assert(memcmp(records, "-fs\n", 4) == 0);
        ck_assert_int_eq(ask(), REGISTRY_OK);
        ck_list("n2/echo\n");
        /* Who knows the newest version is told nothing. */
        length =
            registry_changes(&there, n2()->table.instance, there.own.version, records, &answer);
        ck_assert(!answer.complete);
        ck_assert_uint_eq(length, 0);
}
END_TEST

START_TEST(new_name_is_told_without_all_others)
{
        registry_add(&there, "fs");
        ck_assert_int_eq(ask(), REGISTRY_OK);
        told[0] = 0;
        registry_add(&there, "gs");
        ck_assert_int_eq(ask(), REGISTRY_OK);
        ck_assert_str_eq(told, "+n2/gs ");
}
END_TEST

START_TEST(restarted_name_service_is_asked_for_everything)
{
        registry_add(&there, "fs");
        registry_add(&there, "old");
        registry_add(&there, "a");
        ck_assert_int_eq(ask(), REGISTRY_OK);
        registry_init(&there, "n2", 201);
        registry_add(&there, "fs");
        registry_add(&there, "new");
        told[0] = 0;
        ck_assert_int_eq(ask(), REGISTRY_OK);
        ck_assert_str_eq(told, "-n2/a -n2/old +n2/new ");
}
END_TEST

START_TEST(who_missed_a_dropped_removal_gets_everything)
{
        char name[REGISTRY_NAME];
        registry_add(&there, "gone");
        ck_assert_int_eq(ask(), REGISTRY_OK);
        registry_remove(&there, "gone");
        for (int i = 0; i < REGISTRY_NAMES; i++) {
                snprintf(name, sizeof name, "a%d", i);
                ck_assert_int_eq(registry_add(&there, name), REGISTRY_OK);
        }
        ck_assert_int_eq(ask(), REGISTRY_OK);
        ck_assert(!registry_peer_has(n2(), "gone"));
        ck_assert(registry_peer_has(n2(), "a127"));
}
END_TEST

/* Two names make room for one: behind the last entry stands what was there before. */
START_TEST(what_stands_behind_the_last_entry_is_neither_sent_nor_told)
{
        char name[REGISTRY_NAME], records[REGISTRY_RECORDS];
        struct registry_answer answer;
        unsigned count = 0;
        for (int i = 0; i < REGISTRY_NAMES; i++) {
                snprintf(name, sizeof name, "a%d", i);
                registry_add(&there, name);
        }
        ck_assert_int_eq(ask(), REGISTRY_OK);
        registry_remove(&there, "a0");
        registry_remove(&there, "a1");
        registry_add(&there, "b");
        ck_assert_int_eq(ask(), REGISTRY_OK);
        ck_assert_uint_eq(n2()->table.count, REGISTRY_NAMES - 1);
        registry_remove(&there, "b");
        size_t length = registry_changes(&there, 0, 0, records, &answer);
        for (size_t i = 0; i < length; i++)
                count += records[i] == '\n';
        ck_assert_uint_eq(count, REGISTRY_NAMES - 2);
        told[0] = 0;
        ck_assert_int_eq(registry_apply(&here, n2(), &answer, records, length), REGISTRY_OK);
        ck_assert_str_eq(told, "-n2/b ");
}
END_TEST

START_TEST(full_table_can_be_replaced_by_another_full_one)
{
        char name[REGISTRY_NAME];
        for (int run = 0; run < 2; run++) {
                registry_init(&there, "n2", 300 + run);
                for (int i = 0; i < REGISTRY_NAMES; i++) {
                        snprintf(name, sizeof name, "%c%d", 'a' + run, i);
                        ck_assert_int_eq(registry_add(&there, name), REGISTRY_OK);
                }
                ck_assert_int_eq(ask(), REGISTRY_OK);
        }
        ck_assert(registry_peer_has(n2(), "b0") && !registry_peer_has(n2(), "a0"));
}
END_TEST

START_TEST(wrong_digest_asks_for_everything)
{
        registry_add(&there, "fs");
        ck_assert_int_eq(ask(), REGISTRY_OK);
        struct registry_answer answer = {.instance = 200, .version = 9, .digest = 1};
        apply("+ghost\n", answer, REGISTRY_DIFFERS);
        ck_assert_int_eq(ask(), REGISTRY_OK);
        ck_list("n2/fs\n");
}
END_TEST

START_TEST(malformed_records_change_nothing)
{
        static const char *const records[] = {"fs\n",  "+fs",     "+\n",      "+Fs\n",
                                              "*fs\n", "+fs\n\n", "+fs\n+gs", "+fs\r\n"};
        registry_add(&there, "fs");
        ck_assert_int_eq(ask(), REGISTRY_OK);
        told[0] = 0;
        for (size_t i = 0; i < sizeof records / sizeof records[0]; i++)
                apply(records[i], (struct registry_answer){200, 9, 0, false}, REGISTRY_INVALID);
        apply("-fs\n", (struct registry_answer){200, 9, 0, true}, REGISTRY_INVALID);
        apply("-fs\n", (struct registry_answer){201, 9, 0, false}, REGISTRY_INVALID);
        apply("-fs\n", (struct registry_answer){200, 1, 0, false}, REGISTRY_INVALID);
        apply("-fs\n", (struct registry_answer){0, 9, 0, true}, REGISTRY_INVALID);
        ck_assert_str_eq(told, "");
        ck_list("n2/fs\n");
}
END_TEST

START_TEST(too_many_records_are_refused)
{
        char records[8 * (REGISTRY_NAMES + 2)];
        size_t length = 0;
        for (int i = 0; i <= REGISTRY_NAMES; i++)
                length += sprintf(records + length, "+a%d\n", i);
        apply(records, (struct registry_answer){200, 9, 0, true}, REGISTRY_INVALID);
}
END_TEST

START_TEST(peer_that_goes_takes_its_names_along)
{
        registry_add(&there, "fs");
        ask();
        registry_peer_down(&here, "n2", 1, 3, REASON_NODE_DIED);
        ck_assert_ptr_nonnull(n2());
        told[0] = 0;
        registry_peer_down(&here, "n2", 1, 2, REASON_NODE_DIED);
        ck_assert_ptr_null(n2());
        ck_assert_str_eq(told, "-n2/fs ");
        ck_list("");
        registry_peer_down(&here, "n9", 1, 2, REASON_NODE_DIED);
}
END_TEST

START_TEST(new_epoch_of_a_peer_forgets_the_old_one)
{
        registry_add(&there, "fs");
        ask();
        told[0] = 0;
        struct registry_peer *peer = registry_peer_up(&here, "n2", 1, 9);
        ck_assert_ptr_nonnull(peer);
        ck_assert_str_eq(told, "-n2/fs ");
        ck_assert_uint_eq(peer->table.version, 0);
        registry_peer_down(&here, "n2", 1, 2, REASON_NODE_DIED);
        ck_assert_ptr_eq(n2(), peer);
}
END_TEST

START_TEST(peers_are_bounded_and_named)
{
        char name[REGISTRY_NAME];
        ck_assert_ptr_null(registry_peer_up(&here, "n1", 1, 1));
        ck_assert_ptr_null(registry_peer_up(&here, "N2", 1, 1));
        /* A service may have such a name; no hello has room for it. */
        ck_assert_ptr_null(registry_peer_up(&here, "abcdefghijklmnop", 1, 1));
        for (int i = 1; i < REGISTRY_PEERS; i++) {
                snprintf(name, sizeof name, "m%d", i);
                ck_assert_ptr_nonnull(registry_peer_up(&here, name, 1, 1));
        }
        ck_assert_ptr_null(registry_peer_up(&here, "more", 1, 1));
        registry_peer_down(&here, "m5", 1, 1, REASON_NODE_DIED);
        ck_assert_ptr_nonnull(registry_peer_up(&here, "more", 1, 1));
}
END_TEST

static void peer_with(const char *node, const char *records)
{
        struct registry_peer *peer = registry_peer_up(&here, node, 7, 7);
        struct registry_answer answer = {7, 7, 0, true};
        registry_apply(&here, peer, &answer, records, strlen(records));
}

START_TEST(first_node_by_name_is_found)
{
        peer_with("n9", "+fs\n");
        peer_with("n5", "+fs\n+gs\n");
        ck_assert_str_eq(registry_find(&here, "fs", "")->node, "n5");
        ck_assert_str_eq(registry_find(&here, "fs", "n5")->node, "n9");
        ck_assert_ptr_null(registry_find(&here, "fs", "n9"));
        ck_assert_ptr_null(registry_find(&here, "hs", ""));
        registry_peer_down(&here, "n5", 7, 7, REASON_NODE_DIED);
        ck_assert_str_eq(registry_find(&here, "fs", "")->node, "n9");
}
END_TEST

START_TEST(list_is_sorted_and_can_be_continued_anywhere)
{
        peer_with("n9", "+fs\n");
        peer_with("a", "+z\n+b\n");
        registry_add(&here, "log");
        registry_add(&here, "gone");
        registry_remove(&here, "gone");
        ck_list("a/b\na/z\nn1/log\nn9/fs\n");

        char lines[64];
        ck_assert_uint_eq(registry_list(&here, "a", "b", lines, sizeof lines), 4 + 7 + 6);
        ck_assert_uint_eq(registry_list(&here, "b", "x", lines, sizeof lines), 7 + 6);
        ck_assert_uint_eq(registry_list(&here, "", "", lines, 9), 8);
        ck_assert_uint_eq(registry_list(&here, "", "", lines, 3), 0);
        ck_assert_uint_eq(registry_list(&here, "n9", "fs", lines, sizeof lines), 0);
}
END_TEST

/* A random life of n2's names, of which n1 hears only now and then, and one answer in four is not
 * what n2 sent; after one more question or two, n1 knows exactly n2's names. */
START_TEST(copies_become_equal_whatever_is_lost)
{
        srandom(_i);
        for (int step = 0; step < 4000; step++) {
                char name[REGISTRY_NAME];
                snprintf(name, sizeof name, "s%ld", random() % 160);
                if (random() % 2 == 0)
                        registry_add(&there, name);
                else
                        registry_remove(&there, name);
                if (random() % 300 == 0)
                        registry_init(&there, "n2", 1000 + step);
                if (random() % 16 == 0)
                        ask();
                if (random() % 64 == 0) {
                        struct registry_answer forged = {n2()->table.instance, n2()->table.version,
                                                         1, random() % 2};
                        registry_apply(&here, n2(), &forged, "+forged\n", 8);
                }
                if (random() % 100 != 0)
                        continue;
                if (ask() != REGISTRY_OK)
                        ck_assert_int_eq(ask(), REGISTRY_OK);
                ck_assert_msg(!registry_check(&here), "%s", registry_check(&here));
                for (int i = 0; i < 160; i++) {
                        snprintf(name, sizeof name, "s%d", i);
                        ck_assert(registry_peer_has(n2(), name) == table_has(&there.own, name));
                }
                ck_assert(!registry_peer_has(n2(), "forged"));
        }
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("registry");
        TCase *tests = tcase_create("registry");
        tcase_add_checked_fixture(tests, setup, teardown);
        tcase_add_test(tests, own_names_come_and_go);
        tcase_add_test(tests, invalid_names_are_refused);
        tcase_add_test(tests, names_are_bounded_and_removed_ones_make_room);
        tcase_add_test(tests, peer_gets_whole_table_then_changes);
        tcase_add_test(tests, new_name_is_told_without_all_others);
        tcase_add_test(tests, restarted_name_service_is_asked_for_everything);
        tcase_add_test(tests, who_missed_a_dropped_removal_gets_everything);
        tcase_add_test(tests, what_stands_behind_the_last_entry_is_neither_sent_nor_told);
        tcase_add_test(tests, full_table_can_be_replaced_by_another_full_one);
        tcase_add_test(tests, wrong_digest_asks_for_everything);
        tcase_add_test(tests, malformed_records_change_nothing);
        tcase_add_test(tests, too_many_records_are_refused);
        tcase_add_test(tests, peer_that_goes_takes_its_names_along);
        tcase_add_test(tests, new_epoch_of_a_peer_forgets_the_old_one);
        tcase_add_test(tests, peers_are_bounded_and_named);
        tcase_add_test(tests, first_node_by_name_is_found);
        tcase_add_test(tests, list_is_sorted_and_can_be_continued_anywhere);
        tcase_add_loop_test(tests, copies_become_equal_whatever_is_lost, 1, 21);
        suite_add_tcase(suite, tests);
        suite_add_tcase(suite, absence_tests());
        return suites_run(suite, NULL);
}
