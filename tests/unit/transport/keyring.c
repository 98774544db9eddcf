/* Whose keys are taken: this node's, of its cluster, and nobody else's; and that a line says why
 * others are not. */
#include "netipc/server/keyring.h"
#include <stdio.h>
#include <string.h>
#include "servers/rt/task/fw_cfg_ports.h"
#include "servers/rt/task/log.h"
#include "tests/unit/transport/kernel.h"

enum { CLUSTER = 7 };

static char given[KEYS_TEXT + 1];
static size_t given_length;

/* ---- what stands for the runtime's own ---- */

outcome_t fw_cfg_read_ports(handle_t ports, const char *name, void *to, size_t room, size_t *length)
{
        (void)ports;
        ck_assert_str_eq(name, FW_CFG_KEYS);
        if (!given_length)
                return not_executed(REASON_NOT_FOUND);
        if (given_length > room)
                return not_executed(REASON_TOO_LONG);
        memcpy(to, given, given_length);
        *length = given_length;
        return OUTCOME_OK;
}

/* ---- */

/* QEMU gives the keys of n1, in a cluster of two. */
static void give(void)
{
        struct keys keys = {.cluster = CLUSTER, .count = 2};
        for (unsigned i = 0; i < keys.count; i++) {
                struct noise_pair pair;
                const uint8_t random[NOISE_KEY] = {1, (uint8_t)i};
                noise_pair_make(&pair, random);
                snprintf(keys.nodes[i].name, KEYS_NAME, "n%u", i + 1);
                memcpy(keys.nodes[i].public_key, pair.public_key, NOISE_KEY);
                keys.pair = i == 0 ? pair : keys.pair;
        }
        kernel.line[0] = 0;
        given_length = keys_write(&keys, given);
}

START_TEST(its_own_keys_are_taken)
{
        kernel_reset();
        give();
        const struct keys *keys = keyring_read(1, "n1", CLUSTER);
        ck_assert_ptr_nonnull(keys);
        ck_assert_str_eq(keys->nodes[keys->self].name, "n1");
        ck_assert_ptr_nonnull(strstr(kernel.line, FW_CFG_KEYS));
}
END_TEST

/* What QEMU would give comes as a boot module, in a page. */
static void by_module(void)
{
        static char page[4096];
        memset(page, 0, sizeof(page));
        memcpy(page, given, given_length);
        given_length = 0;
        kernel_reset();
        kernel.keys = kernel_right(RIGHT_READ);
        kernel.content = page;
}

START_TEST(a_boot_modules_keys_are_taken_where_qemu_gives_none)
{
        give();
        by_module();
        ck_assert_ptr_nonnull(keyring_read(1, "n1", CLUSTER));
        ck_assert_ptr_nonnull(strstr(kernel.line, "the boot module"));
        ck_assert_uint_eq(kernel.handle[kernel.keys].identity, 0);
        ck_assert_uint_eq(kernel.mapped, 0);
        give();
        by_module();
        give();
        ck_assert_ptr_nonnull(keyring_read(1, "n1", CLUSTER));
        ck_assert_ptr_nonnull(strstr(kernel.line, FW_CFG_KEYS));
}
END_TEST

static void ck_refused(const char *node, uint64_t cluster, const char *why)
{
        ck_assert_ptr_null(keyring_read(1, node, cluster));
        ck_assert_msg(strstr(kernel.line, why), "%s", kernel.line);
}

START_TEST(another_nodes_are_not)
{
        give();
        ck_refused("n2", CLUSTER, "they are another node's");
}
END_TEST

START_TEST(another_clusters_are_not)
{
        give();
        ck_refused("n1", CLUSTER + 1, "they are of another cluster than cluster= says");
}
END_TEST

START_TEST(damaged_ones_are_not)
{
        give();
        given[given_length - 2] ^= 1;
        ck_refused("n1", CLUSTER, "line 6");
        give();
        memset(given + given_length, '\n', sizeof(given) - given_length);
        given_length = sizeof(given);
        ck_refused("n1", CLUSTER, "cannot be read");
        give();
        memset(given + given_length, '\n', KEYS_TEXT - given_length);
        given_length = KEYS_TEXT;
        by_module();
        ck_refused("n1", CLUSTER, "the boot module `keys` cannot be read");
        give();
        given[given_length - 2] ^= 1;
        by_module();
        ck_refused("n1", CLUSTER, "the boot module `keys`, line 6");
}
END_TEST

START_TEST(none_are_none)
{
        given_length = 0;
        kernel_reset();
        ck_refused("n1", CLUSTER, "keys: none");
}
END_TEST

START_TEST(refused_keys_are_not_left_in_memory)
{
        give();
        const struct keys *keys = keyring_read(1, "n1", CLUSTER);
        const struct keys none = {0};
        give();
        ck_refused("n2", CLUSTER, "another node's");
        ck_assert_mem_eq(keys, &none, sizeof(none));
}
END_TEST

Suite *keyring_suite(void)
{
        Suite *suite = suite_create("keyring");
        TCase *tests = tcase_create("keyring");
        tcase_add_test(tests, its_own_keys_are_taken);
        tcase_add_test(tests, a_boot_modules_keys_are_taken_where_qemu_gives_none);
        tcase_add_test(tests, another_nodes_are_not);
        tcase_add_test(tests, another_clusters_are_not);
        tcase_add_test(tests, damaged_ones_are_not);
        tcase_add_test(tests, none_are_none);
        tcase_add_test(tests, refused_keys_are_not_left_in_memory);
        suite_add_tcase(suite, tests);
        return suite;
}
