/* The table of open files: badges, late ones, all places taken, leases. */
#include "servers/fs/opens.h"
#include "tests/unit/fs/test_fs.h"

enum { PLENTY = 1 << 20, NOW = 3 * FS_LEASE_MOST, STARTED = NOW - FS_LEASE_MOST };

static struct opens opens;
static struct tree *tree;
static struct node *node;

static void setup(void)
{
        tree = tree_of(PLENTY);
        node = file_put(tree, "f", "text");
        opens_init(&opens, tree, STARTED, 0);
}

static void teardown(void)
{
        tree_gone(tree);
}

START_TEST(a_badge_leads_to_its_file_until_it_is_closed)
{
        node_hold(node);
        uint64_t badge = open_add(&opens, node, FS_OPEN_READ);
        ck_assert_uint_ne(badge, 0);
        ck_assert_ptr_eq(open_find(&opens, badge)->node, node);
        ck_assert_uint_eq(open_find(&opens, badge)->flags, FS_OPEN_READ);
        open_close(&opens, badge);
        ck_assert_ptr_null(open_find(&opens, badge));
        ck_assert_uint_eq(node->holds, 0);
        open_close(&opens, badge);
}
END_TEST

START_TEST(a_late_badge_does_not_reach_the_next_file)
{
        node_hold(node);
        uint64_t first = open_add(&opens, node, FS_OPEN_READ);
        open_close(&opens, first);
        node_hold(node);
        uint64_t second = open_add(&opens, node, FS_OPEN_WRITE);
        ck_assert_uint_ne(first, second);
        ck_assert_ptr_null(open_find(&opens, first));
        open_close(&opens, first);
        ck_assert_ptr_nonnull(open_find(&opens, second));
        open_close(&opens, second);
}
END_TEST

START_TEST(made_up_badges_lead_nowhere)
{
        static const uint64_t badges[] = {0, 1, 1ull << 63, UINT64_MAX, 1ull << 63 | OPENS_MAX};
        for (size_t i = 0; i < sizeof badges / sizeof badges[0]; i++)
                ck_assert_ptr_null(open_find(&opens, badges[i]));
}
END_TEST

START_TEST(there_are_so_many_places_and_they_are_used_again)
{
        static uint64_t badges[OPENS_MAX];
        for (int round = 0; round < 3; round++) {
                for (int i = 0; i < OPENS_MAX; i++) {
                        ck_assert(opens_room(&opens));
                        node_hold(node);
                        badges[i] = open_add(&opens, node, FS_OPEN_READ);
                        ck_assert_uint_ne(badges[i], 0);
                }
                ck_assert(!opens_room(&opens));
                ck_assert_uint_eq(open_add(&opens, node, FS_OPEN_READ), 0);
                for (int i = 0; i < OPENS_MAX; i++)
                        open_close(&opens, badges[i]);
                ck_assert_uint_eq(node->holds, 0);
        }
}
END_TEST

START_TEST(an_offset_moves_within_what_an_off_t_says)
{
        node_hold(node);
        uint64_t badge = open_add(&opens, node, FS_OPEN_READ);
        struct open_file *file = open_find(&opens, badge);
        ck_assert_uint_eq(open_seek(file, 5, FILE_WHENCE_START), OUTCOME_OK);
        ck_assert_uint_eq(open_seek(file, (uint64_t)-3, FILE_WHENCE_CURRENT), OUTCOME_OK);
        ck_assert_uint_eq(file->offset, 2);
        ck_assert_uint_eq(open_seek(file, (uint64_t)-3, FILE_WHENCE_CURRENT),
                          answered(REASON_INVALID));
        ck_assert_uint_eq(file->offset, 2);
        ck_assert_uint_eq(open_seek(file, (uint64_t)-1, FILE_WHENCE_END), OUTCOME_OK);
        ck_assert_uint_eq(file->offset, 3);
        ck_assert_uint_eq(open_seek(file, INT64_MAX, FILE_WHENCE_START), OUTCOME_OK);
        ck_assert_uint_eq(open_seek(file, 1, FILE_WHENCE_CURRENT), answered(REASON_INVALID));
        open_close(&opens, badge);
        node_hold(node);
        badge = open_add(&opens, node, FS_OPEN_READ);
        ck_assert_uint_eq(open_find(&opens, badge)->offset, 0);
        open_close(&opens, badge);
}
END_TEST

/* ---- leases ---- */

static uint64_t opened(uint64_t flags)
{
        node_hold(node);
        return open_add(&opens, node, flags);
}

START_TEST(a_lease_ends_at_its_time_also_when_the_file_is_closed_before)
{
        uint64_t a = opened(FS_OPEN_READ), b = opened(FS_OPEN_READ);
        ck_assert_uint_eq(opens_leased_until(&opens, node, NOW), NOW);
        ck_assert_uint_eq(open_lease(open_find(&opens, a), 50, NOW), 50);
        ck_assert_uint_eq(open_lease(open_find(&opens, b), UINT64_MAX, NOW), FS_LEASE_MOST);
        ck_assert_uint_eq(opens_leased_until(&opens, node, NOW), NOW + FS_LEASE_MOST);
        open_close(&opens, b);
        open_close(&opens, a);
        ck_assert_uint_eq(opens_leased_until(&opens, node, NOW), NOW + FS_LEASE_MOST);
        ck_assert_uint_eq(opens_leased_until(&opens, node, NOW + FS_LEASE_MOST),
                          NOW + FS_LEASE_MOST);
}
END_TEST

START_TEST(a_lease_is_prolonged_and_never_made_shorter)
{
        uint64_t a = opened(FS_OPEN_READ);
        open_lease(open_find(&opens, a), 500, NOW);
        open_lease(open_find(&opens, a), 20, NOW + 10);
        ck_assert_uint_eq(opens_leased_until(&opens, node, NOW), NOW + 500);
        open_lease(open_find(&opens, a), 500, NOW + 10);
        ck_assert_uint_eq(opens_leased_until(&opens, node, NOW), NOW + 510);
        open_close(&opens, a);
}
END_TEST

START_TEST(a_lease_is_of_one_file)
{
        struct node *other = file_put(tree, "g", "text");
        uint64_t a = opened(FS_OPEN_READ);
        open_lease(open_find(&opens, a), 50, NOW);
        ck_assert_uint_eq(opens_leased_until(&opens, other, NOW), NOW);
        open_close(&opens, a);
}
END_TEST

START_TEST(who_may_write_and_who_lists_a_folder_gets_no_lease)
{
        uint64_t a = opened(FS_OPEN_READ | FS_OPEN_WRITE);
        ck_assert_uint_eq(open_lease(open_find(&opens, a), 50, NOW), 0);
        open_close(&opens, a);
        node_hold(tree->root);
        uint64_t b = open_add(&opens, tree->root, FS_OPEN_READ);
        ck_assert_uint_eq(open_lease(open_find(&opens, b), 50, NOW), 0);
        open_close(&opens, b);
        ck_assert_uint_eq(node->leased_until, 0);
        ck_assert_uint_eq(tree->root->leased_until, 0);
}
END_TEST

START_TEST(a_file_is_not_leased_before_its_time)
{
        uint64_t a = opened(FS_OPEN_READ);
        node->lease_from = NOW + 1;
        ck_assert_uint_eq(open_lease(open_find(&opens, a), 50, NOW), 0);
        ck_assert_uint_eq(open_lease(open_find(&opens, a), 50, NOW + 1), 50);
        open_close(&opens, a);
}
END_TEST

/* Whoever has read a file of the server before this may rely on that; a new one nobody has read. */
START_TEST(at_the_start_files_are_leased_as_long_as_they_may_have_been_before)
{
        const struct node *new = file_put(tree, "g", "text");
        ck_assert_uint_eq(opens_leased_until(&opens, node, STARTED), STARTED + FS_LEASE_MOST);
        ck_assert_uint_eq(opens_leased_until(&opens, node, NOW - 1), NOW);
        ck_assert_uint_eq(opens_leased_until(&opens, node, NOW), NOW);
        ck_assert_uint_eq(opens_leased_until(&opens, new, STARTED), STARTED);
        uint64_t a = opened(FS_OPEN_READ);
        open_lease(open_find(&opens, a), FS_LEASE_MOST, NOW - 1);
        ck_assert_uint_eq(opens_leased_until(&opens, node, NOW - 1), NOW - 1 + FS_LEASE_MOST);
        open_close(&opens, a);
}
END_TEST

START_TEST(a_client_may_have_as_many_as_are_left_for_all)
{
        static uint64_t badges[OPENS_MAX];
        unsigned count = 0;
        struct client *client = client_find(&opens.clients, client_add(&opens.clients));
        struct client *other = client_find(&opens.clients, client_add(&opens.clients));
        while (opens_room_for(&opens, client)) {
                node_hold(node);
                badges[count] = open_add(&opens, node, FS_OPEN_READ);
                open_charge(open_find(&opens, badges[count++]), client);
        }
        ck_assert_uint_ge(count, OPENS_MAX / 5);
        ck_assert(opens_room(&opens) && opens_room_for(&opens, other));
        open_close(&opens, badges[--count]);
        ck_assert(opens_room_for(&opens, client));
        while (count > 0)
                open_close(&opens, badges[--count]);
        ck_assert_uint_eq(client->opens, 0);
}
END_TEST

/* By who has seen the content up to a version; no two servers give the same numbers. */
START_TEST(a_file_is_known_again_if_nothing_that_was_seen_of_it_is_lost)
{
        const uint64_t identity = node->identity, begun = node->version;
        uint64_t lost = tree->next_number;
        opens_init(&opens, tree, STARTED, lost + 100);
        ck_assert_ptr_eq(opens_known(&opens, identity, 0), node);
        ck_assert_ptr_eq(opens_known(&opens, identity, begun), node);
        ck_assert_ptr_null(opens_known(&opens, identity, lost));
        ck_assert_ptr_null(opens_known(&opens, identity, lost + 99));
        ck_assert_ptr_null(opens_known(&opens, lost + 5, begun));
        node_changed(tree, node, 0);
        ck_assert_uint_ge(node->version, lost + 100);
        ck_assert_ptr_eq(opens_known(&opens, identity, node->version), node);
        ck_assert_ptr_null(opens_known(&opens, identity, node->version + 1));
}
END_TEST

START_TEST(each_node_is_found_by_its_number_wherever_it_is)
{
        struct node *inner, *other = file_put(tree, "a", "text");
        ck_assert_uint_eq(tree_mkdir(tree, PATH("b"), 0755, 0), OUTCOME_OK);
        ck_assert_uint_eq(tree_mkdir(tree, PATH("b/empty"), 0755, 0), OUTCOME_OK);
        inner = file_put(tree, "b/inner", "text");
        ck_assert_ptr_eq(tree_find(tree, tree->root->identity), tree->root);
        ck_assert_ptr_eq(tree_find(tree, node->identity), node);
        ck_assert_ptr_eq(tree_find(tree, other->identity), other);
        ck_assert_ptr_eq(tree_find(tree, inner->identity), inner);
        ck_assert_uint_eq(tree_unlink(tree, PATH("b/inner"), 0), OUTCOME_OK);
        ck_assert_ptr_null(tree_find(tree, tree->next_number));
}
END_TEST

Suite *opens_suite(void)
{
        Suite *suite = suite_create("fs/opens");
        TCase *tcase = tcase_create("opens");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, a_badge_leads_to_its_file_until_it_is_closed);
        tcase_add_test(tcase, a_late_badge_does_not_reach_the_next_file);
        tcase_add_test(tcase, made_up_badges_lead_nowhere);
        tcase_add_test(tcase, there_are_so_many_places_and_they_are_used_again);
        tcase_add_test(tcase, an_offset_moves_within_what_an_off_t_says);
        tcase_add_test(tcase, a_lease_ends_at_its_time_also_when_the_file_is_closed_before);
        tcase_add_test(tcase, a_lease_is_prolonged_and_never_made_shorter);
        tcase_add_test(tcase, a_lease_is_of_one_file);
        tcase_add_test(tcase, who_may_write_and_who_lists_a_folder_gets_no_lease);
        tcase_add_test(tcase, a_file_is_not_leased_before_its_time);
        tcase_add_test(tcase, a_client_may_have_as_many_as_are_left_for_all);
        tcase_add_test(tcase, a_file_is_known_again_if_nothing_that_was_seen_of_it_is_lost);
        tcase_add_test(tcase, each_node_is_found_by_its_number_wherever_it_is);
        tcase_add_test(tcase, at_the_start_files_are_leased_as_long_as_they_may_have_been_before);
        suite_add_tcase(suite, tcase);
        return suite;
}
