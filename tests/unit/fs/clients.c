/* Clients and their shares. */
#include "servers/fs/clients.h"
#include "servers/rt/pure/share.h"
#include "tests/unit/fs/test_fs.h"

static struct clients clients;

static void setup(void)
{
        clients = (struct clients){0};
}

START_TEST(a_client_is_found_by_its_badge_until_it_has_nothing_more)
{
        uint64_t badge = client_add(&clients);
        struct client *client = client_find(&clients, badge);
        ck_assert_ptr_nonnull(client);
        client_opened(client);
        client_gone(client);
        ck_assert_ptr_eq(client_find(&clients, badge), client);
        client_closed(client);
        ck_assert_ptr_null(client_find(&clients, badge));
        ck_assert_uint_ne(client_add(&clients), badge);
}
END_TEST

START_TEST(made_up_badges_are_nobodys)
{
        static const uint64_t badges[] = {0, 1, 1ull << 62, 1ull << 63 | 1, UINT64_MAX};
        client_add(&clients);
        for (size_t i = 0; i < sizeof badges / sizeof badges[0]; i++)
                ck_assert_ptr_null(client_find(&clients, badges[i]));
}
END_TEST

START_TEST(there_are_so_many_clients)
{
        uint64_t last = 0;
        for (int i = 1; i < CLIENTS; i++)
                ck_assert_uint_ne(last = client_add(&clients), 0);
        ck_assert_uint_eq(client_add(&clients), 0);
        client_gone(client_find(&clients, last));
        ck_assert_uint_ne(client_add(&clients), 0);
}
END_TEST

/* However many take all that they are given, the next one still gets something. */
START_TEST(greedy_clients_leave_something_to_the_next)
{
        enum { ALL = 1024, GREEDY = 20 };
        uint64_t has[GREEDY] = {0}, left = ALL;
        for (int i = 0; i < GREEDY; i++) {
                ck_assert(share_allows(0, left));
                while (share_allows(has[i], left)) {
                        has[i]++;
                        left--;
                }
        }
        ck_assert_uint_ge(has[0], ALL / 5);
        ck_assert_uint_gt(left, 0);
        ck_assert(!share_allows(0, 0));
}
END_TEST

Suite *clients_suite(void)
{
        Suite *suite = suite_create("fs/clients");
        TCase *tcase = tcase_create("clients");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, a_client_is_found_by_its_badge_until_it_has_nothing_more);
        tcase_add_test(tcase, made_up_badges_are_nobodys);
        tcase_add_test(tcase, there_are_so_many_clients);
        tcase_add_test(tcase, greedy_clients_leave_something_to_the_next);
        suite_add_tcase(suite, tcase);
        return suite;
}
