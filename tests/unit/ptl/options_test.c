/* Options: what each may be, and that anything else is refused. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ptl/suites.h"
#include "tools/ptl/names.h"
#include "tools/ptl/options.h"

/* The environment of a test: name, value, name, value, …, NULL. */
static const char *const *environment;

static const char *lookup(const char *name)
{
        for (const char *const *at = environment; *at; at += 2)
                if (!strcmp(at[0], name))
                        return at[1];
        return NULL;
}

#define READ(options, ...)                                                                         \
        (environment = (const char *const[]){__VA_ARGS__, NULL}, options_read(options, lookup))

START_TEST(defaults_are_three_virtio_nodes_by_pxe)
{
        struct options options;
        ck_assert(READ(&options, "N", ""));
        ck_assert_uint_eq(options.nodes, 3);
        ck_assert_uint_eq(options.memory, 128);
        ck_assert(!options.direct && !options.gdb_node && !options.loss && !options.mtu);
        ck_assert_str_eq(option_nic(&options, 2)->name, "virtio");
        ck_assert_str_eq(options.machine, "q35");
}
END_TEST

START_TEST(every_option_is_read)
{
        struct options options;
        ck_assert(READ(&options, "N", "5", "MEM", "128", "NIC", "mixed", "PLACE", "fs:n3", "FILES",
                       "/x", "CAPTURE", "c", "LOSS", "0.5", "SEED", "7", "BOOT", "direct", "GDB",
                       "n2:1234", "ACCEL", "tcg", "PTL_TIMEOUT", "9", "MACHINE", "pc", "KEYLOG",
                       "k", "MTU", "9000"));
        ck_assert_uint_eq(options.nodes, 5);
        ck_assert_uint_eq(options.memory, 128);
        ck_assert_str_eq(option_nic(&options, 1)->name, "virtio");
        ck_assert_str_eq(option_nic(&options, 2)->name, "e1000");
        ck_assert_str_eq(option_nic_choice(&options), "mixed");
        ck_assert_str_eq(options.place, "fs:n3");
        ck_assert_str_eq(options.files, "/x");
        ck_assert_str_eq(options.capture, "c");
        ck_assert_str_eq(options.keylog, "k");
        ck_assert_str_eq(options.loss, "0.5");
        ck_assert_uint_eq(options.mtu, 9000);
        ck_assert_uint_eq(options.seed, 7);
        ck_assert(options.direct);
        ck_assert_uint_eq(options.gdb_node, 2);
        ck_assert_uint_eq(options.gdb_port, 1234);
        ck_assert_str_eq(options.accel, "tcg");
        ck_assert_str_eq(options.machine, "pc");
        ck_assert_uint_eq(options.timeout, 9);
}
END_TEST

static const char *const wrong[][2] = {
    {"N", "0"},           {"N", "17"},
    {"N", "3x"},          {"N", "-1"},
    {"N", " 3"},          {"MEM", "16"},
    {"MEM", "64M"},       {"NIC", "rtl8139"},
    {"LOSS", "101"},      {"LOSS", "5%"},
    {"LOSS", "1.2.3"},    {"LOSS", "nan"},
    {"SEED", "x"},        {"SEED", "-1"},
    {"BOOT", "usb"},      {"GDB", "n4"},
    {"GDB", "n0"},        {"GDB", "n2:70000"},
    {"GDB", "n2:"},       {"GDB", "nnnnnnn"},
    {"ACCEL", "hvf"},     {"MACHINE", "microvm"},
    {"PTL_TIMEOUT", "0"}, {"MTU", "1279"},
    {"MTU", "9001"},      {"MTU", "1499"},
    {"GDB", "n02"},       {"SEED", "18446744073709551616"},
    {"PORTS", "n2"},      {"PORTS", "n1,n4"},
    {"PORTS", "n1,,n2"},  {"PORTS", "n1 n2"},
    {"SERIAL", "two"},
};

START_TEST(wrong_values_are_refused)
{
        struct options options;
        ck_assert(!READ(&options, wrong[_i][0], wrong[_i][1]));
}
END_TEST

START_TEST(a_small_mtu_is_for_machines_that_boot_without_the_network)
{
        struct options options;
        ck_assert(READ(&options, "MTU", "1280", "BOOT", "direct") && options.mtu == 1280);
        ck_assert(READ(&options, "MTU", "1500") && options.mtu == 1500);
}
END_TEST

START_TEST(nodes_have_ports_unless_others_are_named)
{
        struct options options;
        ck_assert(READ(&options, "N", "3"));
        ck_assert(option_has_ports(&options, 1) && option_has_ports(&options, 3));
        ck_assert(READ(&options, "PORTS", "n3,n1"));
        ck_assert(option_has_ports(&options, 1) && option_has_ports(&options, 3));
        ck_assert(!option_has_ports(&options, 2));
}
END_TEST

START_TEST(in_clear_text_there_are_no_keys_to_log)
{
        struct options options;
        ck_assert(!READ(&options, "KEYLOG", "k", "PLAINTEXT", "yes"));
        ck_assert(READ(&options, "KEYLOG", "k", "PLAINTEXT", "no"));
}
END_TEST

START_TEST(node_names_are_n_and_a_number)
{
        static const char *const no_names[] = {"",    "n",  "n0",  "n17",  "n01",
                                               "n1x", "m1", "n-1", "../n1"};
        ck_assert_uint_eq(node_number("n1"), 1);
        ck_assert_uint_eq(node_number("n16"), 16);
        for (size_t i = 0; i < sizeof no_names / sizeof *no_names; i++)
                ck_assert_uint_eq(node_number(no_names[i]), 0);
}
END_TEST

START_TEST(identities_differ_by_cluster_and_node_and_stay_the_same)
{
        uint64_t n1 = identity("/a", "n1");
        ck_assert(n1 == identity("/a", "n1"));
        ck_assert(n1 != identity("/a", "n2"));
        ck_assert(n1 != identity("/b", "n1"));
        ck_assert(n1 != identity("/a", NULL));
        ck_assert(n1 && identity("/a", NULL));
}
END_TEST

Suite *options_suite(void)
{
        Suite *suite = suite_create("options");
        TCase *tests = tcase_create("options");
        tcase_add_test(tests, defaults_are_three_virtio_nodes_by_pxe);
        tcase_add_test(tests, every_option_is_read);
        tcase_add_loop_test(tests, wrong_values_are_refused, 0, sizeof wrong / sizeof *wrong);
        tcase_add_test(tests, a_small_mtu_is_for_machines_that_boot_without_the_network);
        tcase_add_test(tests, nodes_have_ports_unless_others_are_named);
        tcase_add_test(tests, in_clear_text_there_are_no_keys_to_log);
        tcase_add_test(tests, node_names_are_n_and_a_number);
        tcase_add_test(tests, identities_differ_by_cluster_and_node_and_stay_the_same);
        suite_add_tcase(suite, tests);
        return suite;
}
