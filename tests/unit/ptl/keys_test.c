/* Key files on the host: what is written, for whom, and what is refused. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/ptl/suites.h"
#include "tools/ptl/keys.h"
#include "tools/ptl/verbs.h"

static char folder[] = "/tmp/ptl-keys-XXXXXX";

/* Each test has a folder of its own, and says nothing. */
static void enter(void)
{
        ck_assert_ptr_nonnull(mkdtemp(folder));
        ck_assert_int_eq(chdir(folder), 0);
        ck_assert_ptr_nonnull(freopen("out", "w", stdout));
        ck_assert_ptr_nonnull(freopen("err", "w", stderr));
}

static void leave(void)
{
        char command[100];
        snprintf(command, sizeof command, "rm -rf %s", folder);
        ck_assert_int_eq(system(command), 0);
}

static struct keys file(const char *path)
{
        struct keys keys;
        struct stat info;
        ck_assert_msg(key_file_read(path, &keys), "%s", path);
        ck_assert_int_eq(stat(path, &info), 0);
        ck_assert_uint_eq(info.st_mode & 0777, 0600);
        return keys;
}

static int keys_verb(char *what, char *first, char *second)
{
        char *argv[] = {(char[]){"keys"}, what, first, second, NULL};
        int status = verb_keys(second ? 4 : 3, argv);
        fflush(stdout);
        return status;
}

/* Whether the verb's output so far holds a key. */
static bool shown(const uint8_t key[NOISE_KEY])
{
        static char text[20000];
        char digits[2 * NOISE_KEY + 1] = "";
        int out = open("out", O_RDONLY);
        ssize_t length = read(out, text, sizeof text - 1);
        close(out);
        text[length > 0 ? length : 0] = 0;
        for (unsigned i = 0; i < NOISE_KEY; i++)
                snprintf(digits + 2 * i, 3, "%02x", key[i]);
        return strstr(text, digits);
}

START_TEST(a_testbed_has_a_file_for_each_node_that_only_its_owner_reads)
{
        umask(0);
        for (unsigned n = 1; n <= 3; n++) {
                char name[NODE_NAME];
                node_name(n, name);
                ck_assert_int_eq(mkdir(name, 0777), 0);
        }
        ck_assert(keys_make(3, 77));
        struct keys first = file("n1/keys"), third = file("n3/keys");
        ck_assert_uint_eq(first.cluster, 77);
        ck_assert_uint_eq(first.count, 3);
        ck_assert_str_eq(first.nodes[first.self].name, "n1");
        ck_assert_str_eq(third.nodes[third.self].name, "n3");
        ck_assert_mem_eq(first.nodes, third.nodes, sizeof first.nodes);
        ck_assert_mem_eq(first.psk, third.psk, sizeof first.psk);
        ck_assert_mem_ne(first.pair.secret, third.pair.secret, NOISE_KEY);
        ck_assert(keys_make(3, 77));
        struct keys again = file("n1/keys");
        ck_assert_mem_ne(first.psk, again.psk, sizeof first.psk);
}
END_TEST

START_TEST(each_start_has_a_seed_of_its_own)
{
        uint8_t seeds[2][SEED_BYTES + 1];
        struct stat info;
        ck_assert_int_eq(mkdir("n1", 0777), 0);
        for (unsigned i = 0; i < 2; i++) {
                ck_assert(seed_make(1));
                int seed = open("n1/seed", O_RDONLY);
                ck_assert_int_eq(read(seed, seeds[i], sizeof seeds[i]), SEED_BYTES);
                close(seed);
        }
        ck_assert_mem_ne(seeds[0], seeds[1], SEED_BYTES);
        ck_assert_int_eq(stat("n1/seed", &info), 0);
        ck_assert_uint_eq(info.st_mode & 0777, 0600);
}
END_TEST

START_TEST(a_sites_keys_are_made_once_and_their_secrets_are_not_shown)
{
        ck_assert_int_eq(keys_verb("make", "site", (char[]){"front,back"}), EXIT_OK);
        struct keys front = file("site/front.keys"), back = file("site/back.keys");
        ck_assert_mem_eq(front.nodes, back.nodes, sizeof front.nodes);
        ck_assert_int_eq(keys_verb("make", "site", (char[]){"front"}), EXIT_FAILED);
        ck_assert_int_eq(keys_verb("show", "site", NULL), EXIT_OK);
        ck_assert(shown(front.pair.public_key) && shown(back.pair.public_key));
        ck_assert(!shown(front.pair.secret) && !shown(back.pair.secret) && !shown(front.psk));
        ck_assert_int_eq(keys_verb("make", "other", (char[]){"a,b,a"}), EXIT_FAILED);
        ck_assert_int_eq(keys_verb("make", "other", (char[]){"No"}), EXIT_FAILED);
}
END_TEST

START_TEST(keys_of_one_node_or_of_all_are_rotated)
{
        ck_assert_int_eq(keys_verb("make", "site", (char[]){"a,b"}), EXIT_OK);
        struct keys before = file("site/a.keys");
        ck_assert_int_eq(keys_verb("rotate", "site", "b"), EXIT_OK);
        struct keys a = file("site/a.keys"), b = file("site/b.keys");
        ck_assert_mem_eq(a.nodes, b.nodes, sizeof a.nodes);
        ck_assert_mem_eq(a.psk, before.psk, sizeof a.psk);
        ck_assert_mem_eq(a.pair.secret, before.pair.secret, NOISE_KEY);
        ck_assert_mem_ne(a.nodes[1].public_key, before.nodes[1].public_key, NOISE_KEY);
        ck_assert_int_eq(keys_verb("rotate", "site", NULL), EXIT_OK);
        a = file("site/a.keys");
        ck_assert_uint_eq(a.cluster, before.cluster);
        ck_assert_mem_ne(a.psk, before.psk, sizeof a.psk);
        ck_assert_mem_ne(a.pair.secret, before.pair.secret, NOISE_KEY);
        ck_assert_int_eq(keys_verb("rotate", "site", "c"), EXIT_FAILED);
}
END_TEST

START_TEST(files_that_do_not_fit_are_refused)
{
        ck_assert_int_eq(keys_verb("show", "nowhere", NULL), EXIT_FAILED);
        ck_assert_int_eq(keys_verb("make", "one", (char[]){"a,b"}), EXIT_OK);
        ck_assert_int_eq(keys_verb("make", "two", (char[]){"a,b"}), EXIT_OK);
        ck_assert_int_eq(rename("two/b.keys", "one/b.keys"), 0);
        ck_assert_int_eq(keys_verb("show", "one", NULL), EXIT_FAILED);
        ck_assert_int_eq(unlink("one/b.keys"), 0);
        ck_assert_int_eq(keys_verb("rotate", "one", NULL), EXIT_FAILED);
        ck_assert_int_eq(rename("one/a.keys", "one/b.keys"), 0);
        ck_assert_int_eq(keys_verb("show", "one", NULL), EXIT_FAILED);
}
END_TEST

Suite *keys_suite(void)
{
        Suite *suite = suite_create("keys");
        TCase *tests = tcase_create("keys");
        tcase_add_checked_fixture(tests, enter, leave);
        tcase_add_test(tests, a_testbed_has_a_file_for_each_node_that_only_its_owner_reads);
        tcase_add_test(tests, each_start_has_a_seed_of_its_own);
        tcase_add_test(tests, a_sites_keys_are_made_once_and_their_secrets_are_not_shown);
        tcase_add_test(tests, keys_of_one_node_or_of_all_are_rotated);
        tcase_add_test(tests, files_that_do_not_fit_are_refused);
        suite_add_tcase(suite, tests);
        return suite;
}
