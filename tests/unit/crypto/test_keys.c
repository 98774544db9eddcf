/* Key files: written and read, and every way in which one can be wrong. */
#include <stdio.h>
#include <string.h>

#include "netipc/crypto/keys.h"
#include "tests/unit/crypto/bench.h"
#include "tests/unit/crypto/crypto.h"

static struct keys keys, again;
static struct keys_error error;
static char text[KEYS_TEXT];

/* A cluster of so many nodes with long names; this node is the last but one, or the only one. */
static void cluster_make(unsigned count)
{
        memset(&keys, 0, sizeof(keys));
        keys.cluster = 0x0123456789abcdef;
        keys.count = count;
        keys.self = count > 1 ? count - 2 : 0;
        bench_fill(keys.psk, sizeof(keys.psk), 1);
        for (unsigned i = 0; i < count; i++) {
                struct noise_pair pair;
                uint8_t random[NOISE_KEY];
                bench_fill(random, sizeof(random), 100 + i);
                noise_pair_make(&pair, random);
                snprintf(keys.nodes[i].name, KEYS_NAME, "node-number-%03u", i % 1000);
                memcpy(keys.nodes[i].public_key, pair.public_key, NOISE_KEY);
                if (i == keys.self)
                        keys.pair = pair;
        }
}

START_TEST(what_is_written_is_read)
{
        static const unsigned counts[] = {1, 3, KEYS_NODES};
        for (unsigned i = 0; i < 3; i++) {
                cluster_make(counts[i]);
                size_t length = keys_write(&keys, text);
                ck_assert_uint_eq(length, strlen(text));
                ck_assert(keys_read(text, length, &again, &error));
                ck_assert_mem_eq(&keys, &again, sizeof(keys));
        }
}
END_TEST

START_TEST(a_file_looks_as_it_is_described)
{
        char expected[400] = "portolan-keys 1\ncluster 0123456789abcdef\npsk ";
        cluster_make(1);
        keys_write(&keys, text);
        ck_assert_int_eq(strncmp(text, expected, strlen(expected)), 0);
        ck_assert_ptr_nonnull(strstr(text, "\nnode node-number-000 "));
        ck_assert_ptr_nonnull(strstr(text, "\nself node-number-000 "));
        ck_assert_int_eq(text[strlen(text) - 1], '\n');
}
END_TEST

START_TEST(nodes_are_found_by_id_and_name)
{
        cluster_make(3);
        uint64_t id = identity_short(keys.nodes[2].public_key);
        ck_assert_ptr_eq(keys_of_id(&keys, id), &keys.nodes[2]);
        ck_assert_ptr_null(keys_of_id(&keys, id + 1));
        ck_assert_ptr_eq(keys_of_name(&keys, "node-number-001"), &keys.nodes[1]);
        ck_assert_ptr_null(keys_of_name(&keys, "node-number-00"));
}
END_TEST

/* Whether a file of three nodes is refused in that line once `from` in it is `to`. */
static void refused(const char *from, const char *to, unsigned line)
{
        char changed[2 * KEYS_TEXT];
        cluster_make(3);
        keys_write(&keys, text);
        char *at = strstr(text, from);
        ck_assert_ptr_nonnull(at);
        snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text, to,
                 at + strlen(from));
        ck_assert_msg(!keys_read(changed, strlen(changed), &again, &error), "%s: %s", from, to);
        ck_assert_msg(error.line == line, "%s: %s: line %u: %s", from, to, error.line, error.what);
        ck_assert_uint_gt(strlen(error.what), 5);
}

START_TEST(a_wrong_line_is_named)
{
        char key[2 * NOISE_KEY + 1];
        refused("portolan-keys 1", "portolan-keys 2", 1);
        refused("cluster 0123", "cluster 123", 2);
        refused("cluster 0123456789abcdef", "cluster 0000000000000000", 2);
        refused("cluster", "klaster", 2);
        refused("psk ", "psk  ", 3);
        refused("psk", "sk", 3);
        refused("node node-number-000", "node Node", 4);
        refused("node node-number-000", "node ", 4);
        refused("node node-number-000", "node node-number-0000", 4);
        refused("node node-number-000", "nude node-number-000", 4);
        refused("node node-number-001", "node node-number-000", 5);
        refused("self node-number-001", "self node-number-002", 7);
        refused("self node-number-001", "self node-number-003", 7);
        refused("self", "selfish", 7);
        memcpy(key, strstr(text, "001 ") + 4, 2 * NOISE_KEY);
        key[2 * NOISE_KEY] = 0;
        char other[2 * NOISE_KEY + 1];
        memcpy(other, strstr(text, "000 ") + 4, 2 * NOISE_KEY);
        other[2 * NOISE_KEY] = 0;
        refused(key, other, 5);
}
END_TEST

START_TEST(more_nodes_than_a_cluster_has_are_refused)
{
        static char long_text[2 * KEYS_TEXT];
        cluster_make(KEYS_NODES);
        keys_write(&keys, text);
        char *self = strstr(text, "self ");
        struct noise_pair pair;
        uint8_t random[NOISE_KEY] = {3};
        char digits[2 * NOISE_KEY + 1] = "";
        noise_pair_make(&pair, random);
        for (unsigned i = 0; i < NOISE_KEY; i++)
                snprintf(digits + 2 * i, 3, "%02x", pair.public_key[i]);
        snprintf(long_text, sizeof(long_text), "%.*snode n33 %s\n%s", (int)(self - text), text,
                 digits, self);
        ck_assert(!keys_read(long_text, strlen(long_text), &again, &error));
        ck_assert_uint_eq(error.line, 4 + KEYS_NODES);
}
END_TEST

START_TEST(a_cut_file_is_refused)
{
        cluster_make(3);
        size_t length = keys_write(&keys, text);
        for (size_t cut = 0; cut < length - 1; cut++)
                ck_assert(!keys_read(text, cut, &again, &error));
        /* Only the last line feed may be missing. */
        ck_assert(keys_read(text, length - 1, &again, &error));
        text[length] = '\n';
        ck_assert(!keys_read(text, length + 1, &again, &error));
}
END_TEST

Suite *keys_suite(void)
{
        Suite *suite = suite_create("keys");
        TCase *tests = tcase_create("keys");
        tcase_add_test(tests, what_is_written_is_read);
        tcase_add_test(tests, a_file_looks_as_it_is_described);
        tcase_add_test(tests, nodes_are_found_by_id_and_name);
        tcase_add_test(tests, a_wrong_line_is_named);
        tcase_add_test(tests, more_nodes_than_a_cluster_has_are_refused);
        tcase_add_test(tests, a_cut_file_is_refused);
        suite_add_tcase(suite, tests);
        return suite;
}
